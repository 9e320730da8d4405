"""Imports, the platforms' credentials and what they hand in, and what could not be read."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Length
from django.db.models.lookups import Exact

from amaan.evidence.domain import NoPdq
from amaan.referrals.domain.wire import Arrived, State


class Platform(models.Model):
    """One credential of a platform at the wire. It is never deleted: reports and the ledger name it."""

    name = models.CharField(max_length=120, unique=True)
    entity = models.CharField(max_length=200)  # as reports show it
    unit = models.ForeignKey("accounts.Unit", on_delete=models.PROTECT, related_name="+")
    user = models.CharField(max_length=64, unique=True)
    secret = models.BinaryField(max_length=32)  # `domain.wire.secret_digest`
    may_look_up = models.BooleanField(default=False)  # whether it may ask if one signal is on a list
    made_at = models.DateTimeField()
    rotated_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Exact(Length("secret"), 32), name="platform_secret_whole"),
        )

    def __str__(self) -> str:
        return f"platform:{self.pk}"


class OpenReport(models.Model):
    """A report at the wire, from `submit` on. What it holds goes when it ends: the vault has it then.

    The rows of ended reports stay: they answer whoever asks again, and say until when a platform preserves.
    """

    number = models.BigIntegerField(unique=True)  # the reportId
    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10)
    opened_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    changes = models.PositiveIntegerField(default=0)  # how often it was changed: what was read is still so
    document = models.BinaryField(null=True)  # sealed, while it is open
    flags = models.TextField(default="[]")  # JSON: ids of the rules that its documents bend
    batched = models.BooleanField(default=False)
    ended_at = models.DateTimeField(null=True)
    preserve_until = models.DateTimeField(null=True)  # the platform's own duty, from `finish` on
    reference = models.CharField(max_length=20, blank=True)  # of the report that it became

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state__in=[str(state) for state in State]), name="openreport_state"
            ),
            models.CheckConstraint(
                condition=models.Q(state="open", document__isnull=False, ended_at__isnull=True)
                | (~models.Q(state="open") & models.Q(document__isnull=True, ended_at__isnull=False)),
                name="openreport_open_or_ended",
            ),
            models.CheckConstraint(
                condition=models.Q(state="finished", preserve_until__isnull=False)
                | (~models.Q(state="finished") & models.Q(preserve_until__isnull=True)),
                name="openreport_preserved_when_finished",
            ),
            models.CheckConstraint(
                condition=models.Q(reference="") | models.Q(state__in=["finished", "expired"]),
                name="openreport_reference",
            ),
            models.CheckConstraint(condition=models.Q(number__gt=0), name="openreport_number"),
        )
        indexes = (
            models.Index(fields=["opened_at"], name="openreport_open", condition=models.Q(state="open")),
            models.Index(fields=["platform"], name="openreport_open_of", condition=models.Q(state="open")),
            models.Index(
                fields=["reference"], name="openreport_reference_of", condition=~models.Q(reference="")
            ),
        )

    def __str__(self) -> str:
        return str(self.number)


class OpenFile(models.Model):
    """A file that came with a report at the wire: what we hashed, and whether it is kept."""

    report = models.ForeignKey(OpenReport, on_delete=models.PROTECT, related_name="files")
    file_id = models.CharField(max_length=32, unique=True)
    size = models.BigIntegerField()
    md5 = models.BinaryField(max_length=16)
    sha1 = models.BinaryField(max_length=20)
    sha256 = models.BinaryField(max_length=32)
    pdq = models.BinaryField(max_length=32, null=True)
    pdq_quality = models.PositiveSmallIntegerField(null=True)  # 0 to 100
    no_pdq = models.CharField(max_length=12, blank=True)  # why there is none; empty too where nobody looked
    exhibit_id = models.BigIntegerField(null=True)  # sealed to the examiner's key; null: discarded
    described = models.BinaryField(max_length=32, null=True)  # SHA-256 of its fileDetails
    details = models.BinaryField(null=True)  # sealed fileDetails, while the report is open
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Exact(Length("md5"), 16)
                & Exact(Length("sha1"), 20)
                & Exact(Length("sha256"), 32)
                & models.Q(size__gte=0),
                name="openfile_hashes_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(details__isnull=True) | models.Q(described__isnull=False),
                name="openfile_described",
            ),
            models.CheckConstraint(
                condition=(
                    Exact(Length("pdq"), 32)
                    & models.Q(pdq__isnull=False, pdq_quality__isnull=False)
                    & models.Q(pdq_quality__range=(0, 100), no_pdq="")
                )
                | models.Q(pdq__isnull=True, pdq_quality__isnull=True),
                name="openfile_pdq",
            ),
            models.CheckConstraint(
                condition=models.Q(no_pdq__in=["", *(str(why) for why in NoPdq)]), name="openfile_no_pdq"
            ),
        )

    def arrived(self) -> Arrived:
        return Arrived(
            file_id=self.file_id,
            size=self.size,
            md5=bytes(self.md5).hex(),
            sha1=bytes(self.sha1).hex(),
            sha256=bytes(self.sha256).hex(),
            exhibit=self.exhibit_id,
            pdq=bytes(self.pdq).hex() if self.pdq is not None else "",
            pdq_quality=self.pdq_quality,
            no_pdq=self.no_pdq,
        )

    def __str__(self) -> str:
        return self.file_id


class Batch(models.Model):
    """One run of an import, with its summary; or what one platform finished on one day."""

    platform = models.ForeignKey(Platform, null=True, on_delete=models.PROTECT, related_name="+")
    day = models.DateField(null=True)
    unit = models.ForeignKey("accounts.Unit", on_delete=models.PROTECT)
    by = models.CharField(max_length=40)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    sealed = models.BinaryField(null=True)  # the paths as given: file names may name people
    received = models.PositiveIntegerField(default=0)
    stored = models.PositiveIntegerField(default=0)
    versions = models.PositiveIntegerField(default=0)
    duplicates = models.PositiveIntegerField(default=0)
    quarantined = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["platform", "day"], name="batch_platform_day"),
            models.CheckConstraint(
                condition=models.Q(platform__isnull=True, day__isnull=True)
                | models.Q(platform__isnull=False, day__isnull=False),
                name="batch_import_or_day",
            ),
        )

    def __str__(self) -> str:
        return f"ispws:{self.platform_id}/{self.pk}" if self.platform_id else f"import:{self.pk}"


class Quarantined(models.Model):
    """A package that could not be read, as it came: exhibits, a reason, and its history of retries."""

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey("accounts.Unit", on_delete=models.PROTECT)
    digest = models.BinaryField(max_length=32)
    code = models.CharField(max_length=24)
    exhibits = models.TextField()  # JSON list of exhibit ids
    sealed = models.BinaryField()  # JSON: the reason in full, entity, number, names
    received_at = models.DateTimeField()
    retries = models.PositiveSmallIntegerField(default=0)
    resolved_at = models.DateTimeField(null=True)
    reference = models.CharField(max_length=20, blank=True)  # of the report that it became

    class Meta:
        constraints = (models.UniqueConstraint(fields=["unit", "digest"], name="quarantined_once"),)
        indexes = (
            models.Index(
                fields=["unit", "received_at"],
                name="quarantined_waiting",
                condition=models.Q(resolved_at__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.pk}"


class Shape(models.Model):
    """The list of paths that receipts of one digest speak of, kept for as long as such receipts exist."""

    digest = models.CharField(max_length=16, primary_key=True)
    kind = models.CharField(max_length=12)
    names = models.TextField()

    def __str__(self) -> str:
        return f"{self.kind} {self.digest}"
