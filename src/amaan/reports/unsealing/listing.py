"""What can be asked for, and what became of each request. Nothing here opens an identity."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, may, require, units_where
from amaan.keyring.services import opener
from amaan.reports.domain.unsealings import Answer, Part, PartKind, State, state_of
from amaan.reports.models import Mention, Party, Place, Report, Unsealing, Version
from amaan.reports.selectors import access_report

_SHOWN: Final = 200


class UnsealingNotFound(Exception):
    """No such request, or none that this actor may see: the answer is the same."""


@dataclass(frozen=True, slots=True)
class SealedPart:
    """A sealed part in facts that identify nobody. For texts and documents only `part` is set.

    `number` counts the parties of one role from 1: «victim 2».
    """

    part: Part
    role: str = ""
    number: int = 0
    age_band: str = ""
    sex: str = ""
    district: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """A request as lists show it. The reasons are sealed and opened by `reason_of`."""

    number: int
    reference: str
    unit: str
    part: SealedPart
    asked_by: str
    asked_at: datetime
    state: State
    answered_by: str
    answered_at: datetime | None
    open_until: datetime | None
    readings: int


def sealed_parts(actor: Actor, reference: str) -> list[SealedPart]:
    """The sealed parts of a report's newest telling, parties first. Raises ReportNotFound."""
    report = access_report(actor, reference, Action.REQUEST_UNSEALING)
    version = Version.objects.get(report=report, number=report.version)
    return list(parts_of(version).values())


def parts_of(version: Version) -> dict[Part, SealedPart]:
    """By part, in the order in which a page lists them. Of whom nothing is told, there is nothing to open."""
    found: dict[Part, SealedPart] = {}
    counted: dict[str, int] = {}
    told = {
        number
        for table in (Mention, Place)
        for (number,) in table.objects.filter(version=version, party__isnull=False).values_list("party")
    }
    for party in Party.objects.filter(version=version).order_by("number"):
        counted[party.role] = counted.get(party.role, 0) + 1
        if party.protected and (party.sealed is not None or party.number in told):
            part = Part(PartKind.PARTY, party.number)
            found[part] = SealedPart(
                part, party.role, counted[party.role], party.age_band, party.sex, party.district
            )
    for kind in (PartKind.TEXTS, PartKind.DOCUMENT):
        found[Part(kind)] = SealedPart(Part(kind))
    return found


def access_unsealing(actor: Actor, number: int) -> Unsealing:
    """A request: for whoever asked while they still may ask there, and for that unit's custodians.

    Raises UnsealingNotFound.
    """
    row = Unsealing.objects.select_related("report__unit").filter(pk=number).first()
    if row is None or not may_see(actor, row):
        raise UnsealingNotFound(f"There is no request {number} that you may see.")
    return row


def may_see(actor: Actor, row: Unsealing) -> bool:
    unit = row.report.unit.code
    own = row.asked_by == actor.key and may(actor, Action.REQUEST_UNSEALING, unit)
    return own or may(actor, Action.UNSEAL, unit)


def unsealings_where(actor: Actor) -> QuerySet[Unsealing]:
    """The filter for many beside `may_see`; a test proves that the two agree."""
    asking, opening = units_where(actor, Action.REQUEST_UNSEALING), units_where(actor, Action.UNSEAL)
    mine = Q(asked_by=actor.key)
    if not asking.all:
        mine &= Q(report__unit__code__in=asking.codes)
    theirs = Q() if opening.all else Q(report__unit__code__in=opening.codes)
    return Unsealing.objects.filter(theirs if opening.all else mine | theirs)


def waiting_for(actor: Actor) -> list[Request]:
    """What waits for this custodian's answer, oldest first: never a request of their own. Raises NotAllowed."""
    require(actor, Action.UNSEAL)
    units = units_where(actor, Action.UNSEAL)
    rows = Unsealing.objects.filter(answer=str(Answer.WAITING)).exclude(asked_by=actor.key)
    if not units.all:
        rows = rows.filter(report__unit__code__in=units.codes)
    return _requests(rows.order_by("asked_at")[:_SHOWN])


def history_for(actor: Actor, *, limit: int = 100) -> list[Request]:
    """Newest first: a custodian sees all requests of their units, others their own."""
    return _requests(unsealings_where(actor).order_by("-id")[:limit])


def unsealings_of(actor: Actor, reference: str) -> list[Request]:
    """The requests on one report that the actor may see, newest first. Raises ReportNotFound."""
    report = access_report(actor, reference)
    return _requests(unsealings_where(actor).filter(report=report).order_by("-id")[:_SHOWN])


def unsealing_history(actor: Actor, *, since: datetime, limit: int = 100) -> list[Request]:
    """For the auditor: who asked, when, for what kind of part, and what became of it. Raises NotAllowed.

    Neither a reason nor a fact of a child is in it; reasons stand in the ledger's sealed bodies.
    """
    require(actor, Action.READ_LEDGER)
    rows = Unsealing.objects.filter(asked_at__gte=since).order_by("-id")[:limit]
    return [_request(row, _bare(row)) for row in _with_readings(rows)]


def request_of(row: Unsealing) -> Request:
    """One request that the caller was given by `access_unsealing`."""
    (found,) = _requests(Unsealing.objects.filter(pk=row.pk))
    return found


def reason_of(row: Unsealing) -> tuple[str, str]:
    """(why it was asked, why it was granted or refused) of a request given by `access_unsealing`."""
    seals = opener()
    asked = seals.open(reason_place(row.pk), bytes(row.reason)).decode()
    if row.answer_reason is None:
        return asked, ""
    return asked, seals.open(answer_place(row.pk), bytes(row.answer_reason)).decode()


def reason_place(number: int) -> str:
    return f"reports_unsealing/{number}/reason"


def answer_place(number: int) -> str:
    return f"reports_unsealing/{number}/answer_reason"


def part_of(row: Unsealing) -> Part:
    return Part(PartKind(row.part), row.party)


def _with_readings(rows: QuerySet[Unsealing]) -> list[Unsealing]:
    ids = [pk for (pk,) in rows.values_list("pk")]
    found = Unsealing.objects.filter(pk__in=ids).annotate(times=Count("readings"))
    held = {row.pk: row for row in found.select_related("report__unit")}
    return [held[pk] for pk in ids]


def _requests(rows: QuerySet[Unsealing]) -> list[Request]:
    found = _with_readings(rows)
    parts = _parts_for(found)
    return [_request(row, parts.get((row.report_id, row.telling, row.party)) or _bare(row)) for row in found]


def _parts_for(rows: Iterable[Unsealing]) -> dict[tuple[int, int, int | None], SealedPart]:
    """The parties that requests name, in a query for all of them."""
    named = [row for row in rows if row.party is not None]
    wanted = {(row.report_id, row.telling) for row in named}
    versions = Version.objects.filter(report_id__in={report for report, _ in wanted}).select_related("report")
    ids = {v.pk: (v.report_id, v.number) for v in versions.only("id", "report_id", "number")}
    ids = {pk: key for pk, key in ids.items() if key in wanted}
    counted: dict[tuple[int, str], int] = {}
    found: dict[tuple[int, int, int | None], SealedPart] = {}
    for party in Party.objects.filter(version_id__in=ids).order_by("version_id", "number"):
        key = (party.version_id, party.role)
        counted[key] = counted.get(key, 0) + 1
        part = Part(PartKind.PARTY, party.number)
        found[*ids[party.version_id], party.number] = SealedPart(
            part, party.role, counted[key], party.age_band, party.sex, party.district
        )
    return found


def _bare(row: Unsealing) -> SealedPart:
    return SealedPart(part_of(row))


def _request(row: Unsealing, part: SealedPart) -> Request:
    report: Report = row.report
    return Request(
        row.pk,
        report.reference,
        report.unit.code,
        part,
        row.asked_by,
        row.asked_at,
        state_of(row.answer, row.open_until, timezone.now()),
        row.answered_by,
        row.answered_at,
        row.open_until,
        row.times,  # type: ignore[attr-defined]
    )
