"""Conversations with reporters, and what came across from the door. What a person said stands sealed."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from django.db import models
from django.db.models import Q

from amaan.correspondence.domain.words import (
    ArrivalState,
    Channel,
    Contact,
    Direction,
    Fault,
    FlagKind,
    LeafState,
    MessageKind,
    Safe,
)
from amaan.portal.domain.letters import HashStatus, LetterKind


def _one_of(field: str, words: type[StrEnum], name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(**{f"{field}__in": [str(word) for word in words]}), name=name)


class Conversation(models.Model):
    """What stands between a reporter and the offices. It belongs to a report and to nobody on the staff.

    Without a report while somebody only offered hashes. `waits_since`: the reporter wrote, and nobody has looked.
    """

    report = models.OneToOneField("reports.Report", on_delete=models.PROTECT, related_name="+", null=True)
    submission = models.CharField(max_length=20, unique=True)  # S-…: the number of the report at the door
    # The reporter's box at the door: its address and X25519 public key; null where no code could be made.
    address = models.BinaryField(max_length=16, unique=True, null=True)
    public = models.BinaryField(max_length=32, null=True)
    language = models.CharField(max_length=8)
    channel = models.CharField(max_length=12)
    sender = models.CharField(max_length=16, blank=True)  # what kind of office wrote the letter
    letter = models.BinaryField(null=True)  # sealed JSON: the sender, number and date of a letter taken down
    letter_key = models.BinaryField(
        max_length=16, null=True, db_index=True
    )  # keyed digest: the same letter again
    contact = models.CharField(max_length=8, default=str(Contact.CODE))
    # Accuses somebody, and no link, hash, chat or child stands behind it.
    unsupported = models.BooleanField(default=False)
    began_at = models.DateTimeField()
    last_number = models.PositiveIntegerField(default=0)
    waits_since = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            _one_of("channel", Channel, "conversation_channel"),
            _one_of("contact", Contact, "conversation_contact"),
            models.CheckConstraint(
                condition=Q(address__isnull=True, public__isnull=True)
                | Q(address__isnull=False, public__isnull=False),
                name="conversation_box",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["waits_since"], name="conversation_waits", condition=Q(waits_since__isnull=False)
            ),
            models.Index(fields=["began_at"], name="conversation_unsupported", condition=Q(unsupported=True)),
        ]

    def __str__(self) -> str:
        return self.submission


class Arrival(models.Model):
    """An envelope that came across, once for each number. What could not be read is kept sealed and tried again."""

    number = models.BinaryField(max_length=16, unique=True)  # the door's name for it
    kind = models.CharField(max_length=16, blank=True)  # empty while nobody could read it
    state = models.CharField(max_length=12)
    fault = models.CharField(max_length=20, blank=True)
    leaf = models.CharField(max_length=8, blank=True)
    exhibits = models.TextField()  # JSON list of exhibit ids: what was opened, or the sealed envelope
    many = models.BooleanField(default=False)  # it came among very many
    conversation = models.ForeignKey(
        Conversation, on_delete=models.PROTECT, related_name="arrivals", null=True
    )
    received_at = models.DateTimeField()
    carried_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            _one_of("state", ArrivalState, "arrival_state"),
            _one_of("fault", Fault, "arrival_fault"),
            _one_of("leaf", LeafState, "arrival_leaf"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["id"], name="arrival_unreadable", condition=Q(state=str(ArrivalState.UNREADABLE))
            ),
        ]

    def __str__(self) -> str:
        return f"envelope/{self.pk}"


class Message(models.Model):
    """One message, numbered within its conversation; append-only."""

    conversation = models.ForeignKey(
        Conversation, on_delete=models.PROTECT, related_name="messages", db_index=False
    )
    number = models.PositiveIntegerField()
    direction = models.CharField(max_length=4)
    kind = models.CharField(max_length=12)
    safe = models.CharField(max_length=8, default=str(Safe.NOT_SAID))  # of a request to withdraw
    body = models.BinaryField()  # sealed JSON: text, and what else was said
    by = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["conversation", "number"], name="message_number"),
            _one_of("direction", Direction, "message_direction"),
            _one_of("kind", MessageKind, "message_kind"),
            _one_of("safe", Safe, "message_safe"),
        ]

    def __str__(self) -> str:
        return f"{self.conversation_id}/{self.number}"


class Note(models.Model):
    """What staff write for each other; append-only. Nothing reads it but the desk: no letter is made of it."""

    report = models.ForeignKey("reports.Report", on_delete=models.PROTECT, related_name="+")
    body = models.BinaryField()  # sealed
    by = models.CharField(max_length=40)
    at = models.DateTimeField()


class Flag(models.Model):
    """A mark for the analyst; append-only. `detail` (sealed) names the earlier report, or the account."""

    report = models.ForeignKey("reports.Report", on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=20)
    detail = models.BinaryField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["report", "kind"], name="flag_once"),
            _one_of("kind", FlagKind, "flag_kind"),
        ]


class TextMark(models.Model):
    """That somebody hid a report's texts from staff, or showed them again, and why; append-only, the newest counts."""

    report = models.ForeignKey("reports.Report", on_delete=models.PROTECT, related_name="+")
    hidden = models.BooleanField()
    reason = models.BinaryField()  # sealed
    by = models.CharField(max_length=40)
    at = models.DateTimeField()


class Story(models.Model):
    """By what a story is known again: keyed digests of how it is written, never its words."""

    report = models.OneToOneField("reports.Report", on_delete=models.PROTECT, related_name="+")
    signature = models.BinaryField()  # domain.flooding: MIN_HASHES of four bytes each
    at = models.DateTimeField()


class StoryBand(models.Model):
    """One of a story's bands: two stories that are alike share one, mostly."""

    story = models.ForeignKey(Story, on_delete=models.PROTECT, related_name="bands")
    digest = models.BinaryField(max_length=16, db_index=True)


class OfferedHash(models.Model):
    """A hash that somebody made of their own picture and wants looked for, until they take it back.

    The values stand sealed; `key` is a keyed digest, by which its own box alone finds it again.
    """

    conversation = models.ForeignKey(
        Conversation, on_delete=models.PROTECT, related_name="hashes", db_index=False
    )
    key = models.BinaryField(max_length=16)
    sealed = models.BinaryField(null=True)  # JSON of portal.domain.hashes.OfferedHash; null once taken back
    references = models.BinaryField(null=True)  # sealed JSON: with what the bank takes it back
    status = models.CharField(max_length=12, default=str(HashStatus.WAITING))
    at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["conversation", "key"], name="offered_once"),
            _one_of("status", HashStatus, "offered_status"),
        ]

    def __str__(self) -> str:
        return f"offered/{self.pk}"


class Outgoing(models.Model):
    """A letter on its way to the door. Once it lies there its words are gone from here."""

    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="outgoing")
    number = models.BinaryField(max_length=16, unique=True)  # the letter's name on both sides
    kind = models.CharField(max_length=12)
    sealed = models.BinaryField(null=True)  # JSON of portal.domain.letters
    made_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            _one_of("kind", LetterKind, "outgoing_kind"),
            models.CheckConstraint(
                condition=Q(left_at__isnull=True, sealed__isnull=False)
                | Q(left_at__isnull=False, sealed__isnull=True),
                name="outgoing_left",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["id"], name="outgoing_waits", condition=Q(left_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"letter/{self.pk}"
