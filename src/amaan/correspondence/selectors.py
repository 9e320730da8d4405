"""Reading: what waits for an answer, what could not be read, which hashes were offered."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, Max, OuterRef

from amaan.accounts.selectors import names_of
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, require, units_where
from amaan.correspondence.domain import places
from amaan.correspondence.domain.words import ArrivalState, Direction, MessageKind, Safe
from amaan.correspondence.models import Arrival, Conversation, Message, OfferedHash, TextMark
from amaan.keyring.services import Opener, opener
from amaan.portal.domain.hashes import OfferedHash as Offer
from amaan.portal.domain.hashes import read_hash
from amaan.reports.selectors import access_report


@dataclass(frozen=True)
class WaitingReply:
    """A reporter wrote, and nobody has looked yet. `not_safe`: who wants to withdraw says that they are not safe."""

    reference: str
    since: datetime
    unit: str
    asks_to_withdraw: bool
    not_safe: bool


@dataclass(frozen=True)
class UnreadableArrival:
    """An envelope that is kept as it came. `number` names it for a retry; `fault` is a `words.Fault`."""

    number: int
    received_at: datetime
    fault: str
    many: bool


@dataclass(frozen=True)
class HiddenText:
    """Why a report's texts are hidden, by whom (a name, or a process) and when."""

    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Offered:
    """An offered hash. `hash` is None once it was taken back; `references` are what the bank gave for it."""

    number: int
    hash: Offer | None
    status: str
    references: tuple[str, ...]


def conversations_waiting(actor: Actor, *, limit: int = 100) -> list[WaitingReply]:
    """In the actor's offices, who is not safe first, then the longest waiting."""
    require(actor, Action.VIEW_REPORT)
    units = units_where(actor, Action.VIEW_REPORT)
    asked = Message.objects.filter(
        conversation=OuterRef("pk"), kind=MessageKind.WITHDRAW, direction=Direction.IN
    )
    rows = Conversation.objects.filter(waits_since__isnull=False, report__isnull=False)
    if not units.all:
        rows = rows.filter(report__unit__code__in=units.codes)
    rows = rows.annotate(asked=Exists(asked), unsafe=Exists(asked.filter(safe=Safe.NO)))
    return [
        WaitingReply(row.report.reference, row.waits_since, row.report.unit.code, row.asked, row.unsafe)
        for row in rows.select_related("report__unit").order_by("-unsafe", "waits_since")[:limit]
        if row.report is not None and row.waits_since is not None
    ]


def unreadable_arrivals(actor: Actor, *, limit: int = 500) -> list[UnreadableArrival]:
    """The oldest first. Raises NotAllowed."""
    require(actor, Action.VIEW_IMPORT)
    rows = Arrival.objects.filter(state=ArrivalState.UNREADABLE).order_by("id")[:limit]
    return [UnreadableArrival(row.pk, row.received_at, row.fault, row.many) for row in rows]


def hidden_text(actor: Actor, reference: str) -> HiddenText | None:
    """Raises ReportNotFound."""
    report = access_report(actor, reference)
    row = TextMark.objects.filter(report=report).order_by("-id").first()
    if row is None or not row.hidden:
        return None
    reason = opener().open(places.text_mark(report.reference), bytes(row.reason)).decode()
    return HiddenText(reason, names_of([row.by]).get(row.by, row.by), row.at)


def reference_of(submission: str) -> str | None:
    """The report that a submission at the door became; None where there is none (yet), or it was hashes alone."""
    row = (
        Conversation.objects.filter(submission=submission, report__isnull=False)
        .select_related("report")
        .first()
    )
    return row.report.reference if row and row.report else None


def offered_hashes(ids: Sequence[int], *, for_update: bool = False) -> list[Offered]:
    """By row id, in its order; unknown ids are left out. For processes: values stand opened."""
    rows = OfferedHash.objects.filter(pk__in=list(ids)).order_by("pk")
    if for_update:
        rows = rows.select_for_update()
    found, open_ = list(rows), opener()
    return [Offered(row.pk, hash_of(row, open_), row.status, _references_of(row, open_)) for row in found]


def hash_of(row: OfferedHash, open_: Opener) -> Offer | None:
    if row.sealed is None:
        return None
    return read_hash(json.loads(open_.open(places.offered(bytes(row.key)), bytes(row.sealed))))


def _references_of(row: OfferedHash, open_: Opener) -> tuple[str, ...]:
    if row.references is None:
        return ()
    place = places.offered_references(bytes(row.key))
    return tuple(json.loads(open_.open(place, bytes(row.references))))


def languages_told(report_ids: Sequence[int]) -> dict[int, str]:
    """The language (ISO code) in which each report was told at the public's door; others are left out."""
    rows = Conversation.objects.filter(report_id__in=list(report_ids))
    return {report: language for report, language in rows.values_list("report_id", "language") if report}


def written_last(report_ids: Sequence[int]) -> dict[int, datetime]:
    """When the reporter of each report wrote last; reports whose reporter never wrote are left out."""
    rows = Message.objects.filter(conversation__report_id__in=list(report_ids), direction=Direction.IN)
    found = rows.values_list("conversation__report_id").annotate(last=Max("at"))
    return {report: last for report, last in found if report is not None}
