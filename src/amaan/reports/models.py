"""The spine: what was told, by whom, about whom and what; and what became of it.

A report is told once and may be told again, changed: each telling is a version, and the rows below hang on it. What
identifies a child, a victim or a reporter is sealed; beside it stand facts that identify nobody.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from amaan.reports.domain.drafts import PartyRole, Said, Setting, Source, Venue
from amaan.reports.domain.outcomes import Decision, PublicStatus
from amaan.reports.domain.searching import DAILY_CAP, LedTo
from amaan.reports.domain.unsealings import Answer, PartKind


def _one_of(field: str, values: type, name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=models.Q(**{f"{field}__in": [str(v) for v in values]}), name=name)  # type: ignore[attr-defined]


class Entity(models.Model):
    """A reporting entity: the platform, hotline or police force that refers reports."""

    key = models.CharField(max_length=120, unique=True)  # the name, folded
    name = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.name


class Report(models.Model):
    """One report. Its reference never changes; `version` points to the telling that counts now."""

    reference = models.CharField(max_length=20, unique=True)
    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, db_index=False)
    number = models.CharField(max_length=120)
    unit = models.ForeignKey("accounts.Unit", on_delete=models.PROTECT, db_index=False)
    received_at = models.DateTimeField()
    version = models.PositiveIntegerField()
    public_status = models.CharField(max_length=16, default=PublicStatus.RECEIVED)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["entity", "number"], name="report_entity_number"),
            _one_of("public_status", PublicStatus, "report_public_status"),
        )

    def __str__(self) -> str:
        return self.reference


class Version(models.Model):
    """One telling of a report: the documents as they came (exhibits), and what reading them gave."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    digest = models.BinaryField(max_length=32)
    source = models.CharField(max_length=20)
    origin = models.CharField(max_length=40)  # e.g. `import:12`: a later room's row, named in text
    received_at = models.DateTimeField()
    exhibits = models.TextField()  # JSON list of exhibit ids: the raw documents, in order
    receipt = models.TextField()  # JSON, one entry a document: see referrals.domain.receipts
    facts = models.TextField()  # JSON: facts that identify nobody (docs/reference/facts.md)
    sealed = models.BinaryField()  # JSON: texts, details and what was not understood
    # The ledger's entry of its coming, which no list of the ledger finds (ledger.domain.leaf.UNLISTED).
    entry = models.BigIntegerField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["report", "number"], name="version_report_number"),
            models.UniqueConstraint(fields=["report", "digest"], name="version_report_digest"),
            _one_of("source", Source, "version_source"),
        )
        # Rows of one origin come together, so the index grows at its end and costs an import next to nothing.
        indexes = (models.Index(fields=["origin", "id"], name="version_origin"),)

    def __str__(self) -> str:
        return f"{self.report_id}/{self.number}"


class Incident(models.Model):
    """What happened through one technology: web, chat, game, …"""

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="incidents")
    type = models.CharField(max_length=20)
    channel = models.CharField(max_length=12)
    happened_at = models.DateTimeField(null=True)


class Party(models.Model):
    """Somebody in a report. One person may be several parties; nobody is merged here."""

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="parties", db_index=False)
    number = models.PositiveIntegerField()
    role = models.CharField(max_length=12)
    of_party = models.PositiveIntegerField(
        null=True
    )  # the number of the party that an associated account belongs to
    age_band = models.CharField(max_length=8)
    sex = models.CharField(max_length=8)
    relationship = models.CharField(max_length=12)
    possibly_coerced = models.CharField(max_length=8, default=Said.NOT_SAID)
    district = models.CharField(max_length=8, blank=True)
    setting = models.CharField(max_length=8, default=Setting.NOT_SAID)
    protected = models.BooleanField()
    sealed = models.BinaryField(null=True)  # JSON: names, exact birth date, school, addresses, texts, details

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["version", "number"], name="party_version_number"),
            _one_of("role", PartyRole, "party_role"),
            _one_of("possibly_coerced", Said, "party_possibly_coerced"),
            _one_of("setting", Setting, "party_setting"),
            models.CheckConstraint(
                condition=~models.Q(role__in=["victim", "recipient", "reporter"]) | models.Q(protected=True),
                name="party_protected",
            ),
        )


class Identifier(models.Model):
    """A value that identifies an account, device, person or place, once for all its mentions.

    `key` is a keyed digest of the normalised value. It stands in clear only while no protected party uses it.
    """

    key = models.BinaryField(max_length=16, unique=True)
    type = models.CharField(max_length=20)
    links = models.BooleanField()
    clear = models.TextField(null=True)
    sealed = models.BinaryField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(clear__isnull=True, sealed__isnull=False)
                | models.Q(clear__isnull=False, sealed__isnull=True),
                name="identifier_clear_or_sealed",
            ),
        )


class ContentItem(models.Model):
    """A file that a report speaks of: hashes and labels. Amaan does not hold it."""

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="contents", db_index=False)
    number = models.PositiveIntegerField()
    file_id = models.CharField(max_length=64, blank=True)
    md5 = models.BinaryField(max_length=16, null=True)
    sha1 = models.BinaryField(max_length=20, null=True)
    sha256 = models.BinaryField(max_length=32, null=True)
    pdq = models.BinaryField(max_length=32, null=True)
    pdq_quality = models.PositiveSmallIntegerField(null=True)  # 0 to 100; null where a platform told the PDQ
    photodna = models.BinaryField(null=True)  # opaque: licensed, only passed on
    classification = models.CharField(max_length=4, blank=True)
    annotations = models.TextField(blank=True)  # space-separated words
    viewed = models.CharField(max_length=8)
    public = models.CharField(max_length=8)
    relevance = models.CharField(max_length=24, blank=True)
    uploaded_at = models.DateTimeField(null=True)
    sealed = models.BinaryField(null=True)  # JSON: file names, texts, details

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["version", "number"], name="content_version_number"),
            _one_of("viewed", Said, "content_viewed"),
            _one_of("public", Said, "content_public"),
            models.CheckConstraint(
                condition=models.Q(pdq_quality__isnull=True)
                | models.Q(pdq__isnull=False, pdq_quality__range=(0, 100)),
                name="content_pdq_quality",
            ),
        )


class Mention(models.Model):
    """An identifier as one version of a report mentions it. Linking and search join these integers, never plaintext."""

    # The database holds the version only. Each further check a row, of which a report has twenty, costs a tenth of an
    # import on PostgreSQL. The report is a copy of the version's, for joins. An identifier is inserted or found in the
    # same transaction, and none is ever deleted.
    identifier = models.ForeignKey(Identifier, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    report = models.ForeignKey(Report, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="mentions")
    party = models.PositiveIntegerField(null=True)  # a party's number, or a content item's, or neither
    content = models.PositiveIntegerField(null=True)
    role = models.CharField(max_length=12)
    seen_at = models.DateTimeField(null=True)
    port = models.PositiveIntegerField(null=True)
    event = models.CharField(max_length=16, blank=True)
    verified = models.CharField(max_length=8)

    class Meta:
        indexes = (models.Index(fields=["identifier", "report"], name="mention_identifier_report"),)


class Place(models.Model):
    """A district, and below it perhaps a venue (sealed)."""

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="places")
    party = models.PositiveIntegerField(null=True)
    role = models.CharField(max_length=12)
    district = models.CharField(max_length=8, blank=True)
    country = models.CharField(max_length=2, blank=True)
    venue = models.CharField(max_length=12, blank=True)
    verified = models.CharField(max_length=8)
    sealed = models.BinaryField(null=True)

    class Meta:
        constraints: ClassVar = [
            _one_of("venue", Venue, "place_venue"),
            _one_of("verified", Said, "place_verified"),
        ]


class Outcome(models.Model):
    """What became of a report, written back by later rooms; append-only."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="outcomes")
    decision = models.CharField(max_length=16)
    stage = models.CharField(max_length=24, blank=True)
    reason = models.BinaryField()  # sealed
    case_reference = models.CharField(max_length=24, blank=True)
    # The telling that counted when it was written: what is told later was not decided upon. Null is the first.
    version = models.PositiveIntegerField(null=True)
    by = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        constraints = (_one_of("decision", Decision, "outcome_decision"),)


class LookUp(models.Model):
    """One search. What was typed stands sealed in the ledger's entry only; here stands what it led to.

    `ordinal` counts a person's searches of a day, so that the database itself holds the cap, and two tabs at once
    can't pass it. A value that is held counts as nothing found: `held` is all that tells of it.
    """

    by = models.CharField(max_length=40)
    day = models.DateField()  # in the installation's time zone
    ordinal = models.PositiveSmallIntegerField()
    purpose = models.CharField(max_length=24)  # a report's or case's reference
    unit = models.CharField(max_length=32)  # the purpose's unit
    at = models.DateTimeField()
    found = models.PositiveSmallIntegerField()  # reports that were shown and can be opened
    elsewhere = models.PositiveSmallIntegerField()  # other units that hold the value
    held = models.BooleanField()
    entry = models.PositiveBigIntegerField(null=True)  # the ledger's
    sealed = models.BinaryField()  # JSON list: the references that were shown
    led_at = models.DateTimeField(null=True)
    led_to = models.CharField(max_length=12, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["day", "by", "ordinal"], name="look_up_once"),
            models.CheckConstraint(
                condition=models.Q(ordinal__gte=1, ordinal__lte=DAILY_CAP), name="look_up_daily_cap"
            ),
            models.CheckConstraint(
                condition=models.Q(led_at__isnull=True, led_to="")
                | models.Q(led_at__isnull=False, led_to__in=[str(to) for to in LedTo]),
                name="look_up_led_to",
            ),
        )
        indexes = (
            models.Index(
                fields=["at", "by"], name="look_up_led_nowhere", condition=models.Q(led_at__isnull=True)
            ),
        )

    def __str__(self) -> str:
        return f"look-up {self.pk}"


class Unsealing(models.Model):
    """A request to read a sealed part, and its one answer; append-only but for that answer (`triggers`).

    Whoever answers is never whoever asked: the database refuses it, whatever the code above does.
    """

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="unsealings")
    telling = models.PositiveIntegerField()  # the version that was asked for
    part = models.CharField(max_length=12)
    party = models.PositiveIntegerField(null=True)  # a party's number, for the part `party`
    asked_by = models.CharField(max_length=40)
    asked_at = models.DateTimeField()
    reason = models.BinaryField()  # sealed
    answer = models.CharField(max_length=12, default=str(Answer.WAITING), blank=True)
    answered_by = models.CharField(max_length=40, blank=True)
    answered_at = models.DateTimeField(null=True)
    answer_reason = models.BinaryField(null=True)  # sealed
    open_until = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(part=str(PartKind.PARTY), party__isnull=False)
                | models.Q(part__in=[str(PartKind.TEXTS), str(PartKind.DOCUMENT)], party__isnull=True),
                name="unsealing_part",
            ),
            models.CheckConstraint(
                condition=models.Q(answer=str(Answer.WAITING), answered_by="", answered_at__isnull=True)
                | models.Q(
                    answer=str(Answer.WITHDRAWN), answered_by=models.F("asked_by"), answered_at__isnull=False
                )
                | (
                    models.Q(answer__in=[str(Answer.GRANTED), str(Answer.REFUSED)])
                    & models.Q(answered_at__isnull=False, answer_reason__isnull=False)
                    & ~models.Q(answered_by="")
                ),
                name="unsealing_answer",
            ),
            models.CheckConstraint(
                condition=~models.Q(answer__in=[str(Answer.GRANTED), str(Answer.REFUSED)])
                | ~models.Q(answered_by=models.F("asked_by")),
                name="unsealing_two_people",
            ),
            models.CheckConstraint(
                condition=models.Q(answer=str(Answer.GRANTED), open_until__gt=models.F("answered_at"))
                | (~models.Q(answer=str(Answer.GRANTED)) & models.Q(open_until__isnull=True)),
                name="unsealing_open_until",
            ),
            models.UniqueConstraint(
                fields=["report", "asked_by", "party"],
                condition=models.Q(answer=str(Answer.WAITING), party__isnull=False),
                name="unsealing_party_waits_once",
            ),
            models.UniqueConstraint(
                fields=["report", "asked_by", "part"],
                condition=models.Q(answer=str(Answer.WAITING), party__isnull=True),
                name="unsealing_part_waits_once",
            ),
        )
        indexes = (
            models.Index(fields=["asked_by", "asked_at"], name="unsealing_asked"),
            models.Index(
                fields=["asked_at"], name="unsealing_waiting", condition=models.Q(answer=str(Answer.WAITING))
            ),
        )

    def __str__(self) -> str:
        return f"unsealing {self.pk}"


class UnsealedReading(models.Model):
    """Each time that an opened part was read; append-only. Only the asker can read, so nobody is named again."""

    unsealing = models.ForeignKey(Unsealing, on_delete=models.PROTECT, related_name="readings")
    at = models.DateTimeField()
