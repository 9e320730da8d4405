"""A conversation as the report's page shows it: covered where it would name somebody protected.

Whoever shows it has recorded the reading. Hashes are counted and never shown.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from amaan.accounts.selectors import names_of
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, may
from amaan.correspondence.domain import places
from amaan.correspondence.domain.merging import merged
from amaan.correspondence.domain.opening import telling_in
from amaan.correspondence.domain.words import ArrivalState, Channel, Direction, FlagKind, MessageKind
from amaan.correspondence.models import Arrival, Conversation, Flag, Message, Note, OfferedHash, Outgoing
from amaan.correspondence.selectors import HiddenText, hash_of, hidden_text
from amaan.evidence.services import open_exhibit
from amaan.keyring.services import Opener, opener
from amaan.portal.domain.envelopes import Kind, Telling
from amaan.portal.domain.letters import LetterKind
from amaan.portal.domain.questions import FIELDS, WAYS, FieldKind
from amaan.reports.domain.drafts import PartyRole
from amaan.reports.domain.veil import HELD, Told, Veil
from amaan.reports.panels import shield_of
from amaan.reports.selectors import access_report, parties_of_role

if TYPE_CHECKING:
    from amaan.reports.models import Report

_MOST_MESSAGES: Final = 200
_MOST_NOTES: Final = 200
_MOST_HASHES: Final = 60
_MOST_TEXT: Final = 6_000
_MOST_TELLINGS: Final = 50
_HELD: Final = frozenset({"contact_to", "contact_when", "contact_care", "find_child"})
"""Answers that say who or where a protected person is: the custodian opens them."""
_WAY: Final = "way"
"""It is asked by four doors and not by a field."""
_CHOSEN: Final = frozenset({FieldKind.CHOICE, FieldKind.CHOICES, FieldKind.DISTRICT})


@dataclass(frozen=True)
class LetterShown:
    """The letter that was taken down: kind of office (`words.Sender`), its name, the letter's number and date."""

    sender: str
    name: str
    number: str
    dated: str


@dataclass(frozen=True)
class MessageShown:
    """`became` is a closing's sentence. `by` is a name, empty for the reporter. `waits`: not at the door yet."""

    number: int
    direction: str
    kind: str
    safe: str
    became: str
    text: Told
    by: str
    at: datetime
    waits: bool


@dataclass(frozen=True)
class NoteShown:
    text: Told
    by: str
    at: datetime


@dataclass(frozen=True)
class FlagShown:
    """`about`: the reference of the earlier report, where it tells the same story; `reports`: how many, else 0."""

    kind: FlagKind
    about: str
    reports: int
    at: datetime


@dataclass(frozen=True)
class HashShown:
    number: int
    file: str
    status: str
    at: datetime


@dataclass(frozen=True)
class AnswerShown:
    """An answer under its question's key: `chosen` are codes of its options, `told` texts. `held`: it is sealed."""

    key: str
    chosen: tuple[str, ...]
    told: tuple[Told, ...]
    held: bool = False


@dataclass(frozen=True)
class ConversationPanel:
    """`contact_party` is the number of the party whose opening shows how the reporter may be reached."""

    reference: str
    submission: str
    channel: str
    language: str
    reachable: bool
    contact: str
    contact_party: int | None
    public_status: str
    letter: LetterShown | None
    waits_since: datetime | None
    messages: tuple[MessageShown, ...]
    more_messages: int
    notes: tuple[NoteShown, ...]
    flags: tuple[FlagShown, ...]
    hidden: HiddenText | None
    hashes: tuple[HashShown, ...]
    answers: tuple[AnswerShown, ...]
    may_write: bool
    may_note: bool
    may_hide: bool


def conversation_of(actor: Actor, reference: str) -> ConversationPanel | None:
    """None where nobody stands behind the report whom one could ask.

    Raises ReportNotFound, SealBroken, KeyMissing.
    """
    report = access_report(actor, reference)
    found = Conversation.objects.filter(report=report).first()
    if found is None:
        return None
    veil, open_, unit = shield_of(actor, reference).veil, opener(), report.unit.code
    reporters = parties_of_role(report, PartyRole.REPORTER)
    return ConversationPanel(
        reference=report.reference,
        submission=found.submission,
        channel=found.channel,
        language=found.language,
        reachable=found.address is not None,
        contact=found.contact,
        contact_party=reporters[0] if reporters else None,
        public_status=report.public_status,
        letter=_letter(found, open_),
        waits_since=found.waits_since,
        messages=tuple(_messages(found, veil, open_)),
        more_messages=max(0, found.last_number - _MOST_MESSAGES),
        notes=_notes(report, veil, open_),
        flags=tuple(_flags(report, open_)),
        hidden=hidden_text(actor, reference),
        hashes=tuple(_hashes(found, open_)),
        answers=tuple(_answers(found, veil)),
        may_write=may(actor, Action.WRITE_TO_REPORTER, unit) and found.address is not None,
        may_note=may(actor, Action.NOTE_REPORT, unit),
        may_hide=may(actor, Action.HIDE_TEXT, unit),
    )


def notes_of(actor: Actor, reference: str) -> tuple[NoteShown, ...]:
    """What colleagues wrote about any report, the oldest first. Raises ReportNotFound, SealBroken, KeyMissing."""
    report = access_report(actor, reference)
    if not Note.objects.filter(report=report).exists():
        return ()
    return _notes(report, shield_of(actor, reference).veil, opener())


def _letter(found: Conversation, open_: Opener) -> LetterShown | None:
    if found.channel != Channel.LETTER or found.letter is None:
        return None
    return LetterShown(**json.loads(open_.open(places.letter_taken(found.submission), bytes(found.letter))))


def _messages(found: Conversation, veil: Veil, open_: Opener) -> Iterator[MessageShown]:
    """The newest that there is room for, the oldest of them first."""
    rows = list(Message.objects.filter(conversation=found).order_by("-number")[:_MOST_MESSAGES])[::-1]
    names = names_of(row.by for row in rows)
    kinds = [LetterKind.MESSAGE, LetterKind.CLOSING]
    waiting = Outgoing.objects.filter(conversation=found, left_at=None, kind__in=map(str, kinds)).count()
    ours = [row.number for row in rows if row.direction == Direction.OUT]
    waits = set(ours[len(ours) - min(waiting, len(ours)) :])
    for row in rows:
        place = places.message(found.submission, row.number)
        body: dict[str, Any] = json.loads(open_.open(place, bytes(row.body)))
        out = row.direction == Direction.OUT
        yield MessageShown(
            number=row.number,
            direction=row.direction,
            kind=row.kind,
            safe=row.safe if row.kind == MessageKind.WITHDRAW else "",
            became=body.get("became", ""),
            text=veil.over(body.get("text", ""), _MOST_TEXT),
            by=names.get(row.by, row.by) if out else "",
            at=row.at,
            waits=row.number in waits,
        )


def _notes(report: Report, veil: Veil, open_: Opener) -> tuple[NoteShown, ...]:
    rows = list(Note.objects.filter(report=report).order_by("-id")[:_MOST_NOTES])[::-1]
    names, place = names_of(row.by for row in rows), places.note(report.reference)
    return tuple(
        NoteShown(
            veil.over(open_.open(place, bytes(row.body)).decode(), _MOST_TEXT),
            names.get(row.by, row.by),
            row.at,
        )
        for row in rows
    )


def _flags(report: Report, open_: Opener) -> Iterator[FlagShown]:
    for row in Flag.objects.filter(report=report).order_by("id"):
        place = places.flag(report.reference, row.kind)
        detail = json.loads(open_.open(place, bytes(row.detail))) if row.detail is not None else {}
        yield FlagShown(FlagKind(row.kind), detail.get("report", ""), detail.get("reports", 0), row.at)


def _hashes(found: Conversation, open_: Opener) -> Iterator[HashShown]:
    for row in OfferedHash.objects.filter(conversation=found).order_by("id")[:_MOST_HASHES]:
        one = hash_of(row, open_)
        yield HashShown(row.pk, str(one.kind) if one else "", row.status, row.changed_at)


def way_told(actor: Actor, reference: str) -> str | None:
    """By which of the door's ways it was told; None where nobody stands behind the report.

    Raises ReportNotFound, SealBroken, KeyMissing.
    """
    report = access_report(actor, reference)
    found = Conversation.objects.filter(report=report).first()
    if found is None:
        return None
    way = merged(_tellings(found)).get(_WAY, "")
    return way if isinstance(way, str) else ""


def _answers(found: Conversation, veil: Veil) -> Iterator[AnswerShown]:
    """What was asked and answered, in the questions' order; what no question of ours asked comes last."""
    answers = merged(_tellings(found))
    known = [key for key in (_WAY, *FIELDS) if key in answers]
    for key in [*known, *sorted(key for key in answers if key not in known)]:
        name = key.split("#")[0]
        texts = _texts(answers[key])
        if name in _HELD:
            yield AnswerShown(key, (), (HELD,), held=True)
        elif name == _WAY:
            yield AnswerShown(key, tuple(text for text in texts if text in set(WAYS)), ())
        elif name in FIELDS and FIELDS[name].kind in _CHOSEN:
            options = set(FIELDS[name].options)
            codes = tuple(t for t in texts if t in options or FIELDS[name].kind is FieldKind.DISTRICT)
            rest = tuple(veil.over(t, _MOST_TEXT) for t in texts if t not in codes)
            yield AnswerShown(key, codes, rest)
        else:
            yield AnswerShown(key, (), tuple(veil.over(text, _MOST_TEXT) for text in texts))


def _tellings(found: Conversation) -> list[Telling]:
    """What was asked and answered, opened, in the order in which it came."""
    rows = Arrival.objects.filter(
        conversation=found,
        kind=Kind.REPORT,
        state__in=[str(ArrivalState.CARRIED), str(ArrivalState.RESOLVED)],
    ).order_by("id")[:_MOST_TELLINGS]
    return [telling_in(json.loads(open_exhibit(json.loads(row.exhibits)[0]))) for row in rows]


def _texts(value: object) -> Sequence[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list | tuple):
        return [str(one) for one in value]
    return [json.dumps(value, ensure_ascii=False)]
