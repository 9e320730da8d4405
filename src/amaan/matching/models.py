"""Lists, what came into them in which batch, their members with signals, and matches as they were found."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from amaan.matching.domain.lists import (
    MOST_DISTANCE,
    OF_SURVIVORS,
    Answer,
    Category,
    ListKind,
    ListState,
    MemberState,
    SignalType,
)


def _one_of(
    field: str, words: type[ListKind | Category | ListState | MemberState | Answer], name: str
) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(**{f"{field}__in": [word.value for word in words]}), name=name)


class SignalList(models.Model):
    """A list of known signals, or a bank of our own: whose word it is, who stands for it, how near is near.

    `slug` names it in addresses, commands and the ledger. It is withdrawn, never deleted.
    """

    slug = models.CharField(max_length=40, unique=True)
    title = models.CharField(max_length=120)
    kind = models.CharField(max_length=12)
    category = models.CharField(max_length=20)
    source = models.CharField(max_length=200)  # whom it came from
    ground = models.TextField()  # on what ground it may be held and used
    exchange = models.CharField(max_length=12, blank=True)  # which client fills it
    categories = models.TextField(blank=True)  # JSON: the source's own classes → ours
    state = models.CharField(max_length=12, default=ListState.PROPOSED)
    enabled = models.BooleanField(default=True)
    distance = models.PositiveSmallIntegerField()
    quality = models.PositiveSmallIntegerField()
    revision = models.PositiveIntegerField(default=1)  # of what stands in this row
    # JSON: what somebody wants wider (`services.set_list`); it takes effect when a second person has approved it
    wanted = models.TextField(blank=True)
    wanted_by = models.CharField(max_length=40, blank=True)
    wanted_at = models.DateTimeField(null=True)
    proposed_by = models.CharField(max_length=40)
    proposed_at = models.DateTimeField()
    set_by = models.CharField(
        max_length=40, blank=True, db_default=""
    )  # whoever changed it last while proposed
    approved_by = models.CharField(max_length=40, blank=True)
    approved_at = models.DateTimeField(null=True)
    withdrawn_by = models.CharField(max_length=40, blank=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            _one_of("kind", ListKind, "list_kind"),
            _one_of("category", Category, "list_category"),
            _one_of("state", ListState, "list_state"),
            # Whatever fills it: what people sent of themselves never counts as a word of danger.
            models.CheckConstraint(
                condition=Q(category=Category.SURVIVOR)
                | (~Q(kind=ListKind.SURVIVOR) & ~Q(exchange__in=sorted(OF_SURVIVORS))),
                name="list_of_survivors",
            ),
            models.CheckConstraint(
                condition=Q(distance__lte=MOST_DISTANCE, quality__lte=100), name="list_threshold"
            ),
            models.CheckConstraint(
                condition=Q(approved_by="", approved_at__isnull=True)
                | (
                    Q(approved_at__isnull=False)
                    & ~Q(approved_by="")
                    & ~Q(approved_by=F("proposed_by"))
                    & ~Q(approved_by=F("set_by"))
                ),
                name="list_second_person",
            ),
            models.CheckConstraint(
                condition=~Q(state=ListState.APPROVED) | Q(approved_at__isnull=False), name="list_approved"
            ),
            models.CheckConstraint(
                condition=Q(state=ListState.WITHDRAWN) | Q(withdrawn_at__isnull=True), name="list_withdrawn"
            ),
            models.CheckConstraint(
                condition=Q(wanted="", wanted_by="", wanted_at__isnull=True)
                | (~Q(wanted="") & ~Q(wanted_by="") & Q(wanted_at__isnull=False)),
                name="list_wanted",
            ),
        ]

    def __str__(self) -> str:
        return self.slug


class Batch(models.Model):
    """What came into a list at one time: a file, an exchange's pages, a decision. Counts and no names.

    Its signals count from when it has ended, all at once. Index files name the batches that they hold.
    """

    list = models.ForeignKey(SignalList, on_delete=models.PROTECT, related_name="batches")
    origin = models.CharField(max_length=200)  # a file's name, an exchange's window; never a report
    digest = models.BinaryField(max_length=32, null=True)  # SHA-256 of the file
    by = models.CharField(max_length=40)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    read = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0)
    withdrawn = models.PositiveIntegerField(default=0)
    invalid = models.PositiveIntegerField(default=0)
    faults = models.TextField(
        blank=True
    )  # JSON: [[line, code, what stood there, cut], …], the first thousand

    def __str__(self) -> str:
        return f"{self.list_id}/{self.id}"


class Member(models.Model):
    """One thing that a list knows, by one or several signals. Withdrawn, never deleted: matches name it."""

    list = models.ForeignKey(SignalList, on_delete=models.PROTECT, related_name="members", db_index=False)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="members")
    name = models.CharField(max_length=120)  # the source's own number for it, or its first signal in hex
    category = models.CharField(max_length=20)
    tags = models.TextField(blank=True)  # space-separated words
    state = models.CharField(max_length=12, default=MemberState.ACTIVE)
    proposed_by = models.CharField(max_length=40, blank=True)
    confirmed_by = models.CharField(max_length=40, blank=True)
    withdrawn_at = models.DateTimeField(null=True)
    # A person here, and then for good; "" where the source took it back.
    withdrawn_by = models.CharField(max_length=40, blank=True, db_default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["list", "name"], name="member_name"),
            _one_of("category", Category, "member_category"),
            _one_of("state", MemberState, "member_state"),
            models.CheckConstraint(
                condition=Q(confirmed_by="") | ~Q(confirmed_by=F("proposed_by")), name="member_second_person"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.list_id}/{self.name}"


class Signal(models.Model):
    """One value of a member. `quality` is a PDQ hash's, 0 to 100, where the source says it.

    It counts when its own batch has ended and its member is active: a later batch may add signals to a known member.
    """

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="signals")
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="signals")
    type = models.PositiveSmallIntegerField()
    value = models.BinaryField(max_length=32)
    quality = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["type", "value", "member"], name="signal_once"),
            models.CheckConstraint(
                condition=Q(type__in=[type_.value for type_ in SignalType]), name="signal_type"
            ),
        ]

    def __str__(self) -> str:
        return f"{SignalType(self.type).name.lower()} of {self.member_id}"


class Proposal(models.Model):
    """That somebody wants a member known in the own list, and a second person's one answer.

    It rests on a decided report's content item, or on a survivor's own hash that was compared with a lawful copy.
    """

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="proposals")
    report = models.ForeignKey("reports.Report", on_delete=models.PROTECT, related_name="+", null=True)
    telling = models.PositiveIntegerField(null=True)
    content = models.PositiveIntegerField(null=True)  # the content item's number in that telling
    survivor = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", null=True)
    unit = models.CharField(max_length=32, blank=True)  # the report's; without a report: any
    reason = models.BinaryField()  # sealed
    by = models.CharField(max_length=40)
    at = models.DateTimeField()
    answer = models.CharField(max_length=12, default=Answer.WAITING, blank=True)
    answered_by = models.CharField(max_length=40, blank=True)
    answered_at = models.DateTimeField(null=True)
    answer_reason = models.BinaryField(null=True)  # sealed

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(report__isnull=False, content__isnull=False, survivor__isnull=True)
                | Q(report__isnull=True, content__isnull=True, survivor__isnull=False),
                name="proposal_rests_on_one",
            ),
            _one_of("answer", Answer, "proposal_answer"),
            models.CheckConstraint(
                condition=Q(answer=Answer.WAITING, answered_by="", answered_at__isnull=True)
                | (~Q(answer=Answer.WAITING) & ~Q(answered_by="") & Q(answered_at__isnull=False)),
                name="proposal_answered",
            ),
            models.CheckConstraint(
                condition=~Q(answer=Answer.CONFIRMED) | ~Q(answered_by=F("by")), name="proposal_second_person"
            ),
            models.UniqueConstraint(
                fields=["member"], condition=Q(answer=Answer.WAITING), name="proposal_waits_once"
            ),
        ]

    def __str__(self) -> str:
        return f"known/{self.pk}"


class Match(models.Model):
    """That a content item of a report is a member of a list, or near one: what was compared, how, and by what rule.

    Never changed. What became of its list and member since is read from them.
    """

    report = models.ForeignKey("reports.Report", on_delete=models.PROTECT, related_name="+")
    version_id = models.BigIntegerField()
    content = models.PositiveIntegerField()  # the content item's number in that version
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="matches")
    # The member's list once more, so that a list's matches are one walk along one index.
    list = models.ForeignKey(SignalList, on_delete=models.PROTECT, related_name="matches", db_index=False)
    type = models.PositiveSmallIntegerField()
    distance = models.PositiveSmallIntegerField()  # 0 where equal
    ours = models.BinaryField(max_length=32)
    theirs = models.BinaryField(max_length=32)
    quality = models.PositiveSmallIntegerField(null=True)  # ours, where it is known
    threshold = models.PositiveSmallIntegerField()  # the list's distance in force
    more = models.PositiveIntegerField(default=0)  # members of the list that were near too and have no row
    algorithm = models.CharField(max_length=40)  # e.g. `pdq, signalmatch 0.1.0`
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version_id", "content", "member", "type"], name="match_once"),
            models.CheckConstraint(condition=Q(distance__lte=F("threshold")), name="match_within_threshold"),
        ]
        indexes: ClassVar = [models.Index(fields=["list", "id"], name="match_of_list")]

    def __str__(self) -> str:
        return f"{self.report_id}/{self.content} ~ {self.member_id}"


class Rematch(models.Model):
    """How far past reports were matched again since a list changed. One row a list; what was begun goes on from here.

    Reports first (`after_report`), then the list's matches, whose reports are told (`after_match`): all of them where
    `whole`, else those of withdrawn members. `since` bounds the batches: what ended earlier was compared before. A
    change in the middle asks for one more round (`again`), so that a list that grows all day comes to an end too.
    """

    list = models.OneToOneField(SignalList, on_delete=models.PROTECT, related_name="rematch")
    revision = models.PositiveIntegerField(default=0)  # the list's, when it began
    whole = models.BooleanField(default=True)  # whether all its matches are told, or lost members' only
    after_report = models.BigIntegerField(default=0)
    after_match = models.BigIntegerField(default=0)
    since = models.DateTimeField(null=True)
    again = models.BooleanField(default=False)
    compared = models.PositiveIntegerField(default=0)
    matched = models.PositiveIntegerField(default=0)  # reports with a new match
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.list_id} after {self.after_report}"


class Exchange(models.Model):
    """How far a client has read, and how its last run went."""

    list = models.OneToOneField(SignalList, on_delete=models.PROTECT, related_name="reading")
    checkpoint = models.TextField(blank=True)  # JSON, the client's own
    ran_at = models.DateTimeField(null=True)
    fault = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return f"{self.list_id}: {self.checkpoint}"
