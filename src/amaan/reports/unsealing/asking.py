"""Asking, answering, reading: three acts of two people, each in the ledger."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, may
from amaan.keyring.services import new_sealer
from amaan.ledger.services import Act, append
from amaan.reports.domain.searching import LedTo
from amaan.reports.domain.unsealings import (
    LONGEST,
    SHORTEST_REASON,
    Answer,
    NoSuchPart,
    Part,
    State,
    state_of,
)
from amaan.reports.models import UnsealedReading, Unsealing, Version
from amaan.reports.selectors import access_report
from amaan.reports.services import note_what_followed, note_withdrawn
from amaan.reports.unsealing.listing import (
    UnsealingNotFound,
    access_unsealing,
    answer_place,
    part_of,
    parts_of,
    reason_place,
)
from amaan.reports.unsealing.opening import Opened, open_part
from amaan.store.rows import allocate_ids, durable

ASKED: Final = "unsealing.asked"
GRANTED: Final = "unsealing.granted"
REFUSED: Final = "unsealing.refused"
WITHDRAWN: Final = "unsealing.withdrawn"
READ: Final = "unsealed.read"


class ReasonTooShort(ValueError):
    """Nobody can weigh a reason of a few letters."""


class HoursOutOfRange(ValueError):
    """A part is opened for 1 to 24 hours."""


class AlreadyWaiting(Exception):
    """This person's request for this part waits already."""


class AlreadyAnswered(Exception):
    """The request was granted, refused or withdrawn before; nobody answers it a second time."""


class OwnRequest(Exception):
    """Whoever asked never answers, whatever other roles they hold."""


class NotOpen(Exception):
    """The part is not open: not granted, or its time is over. `state` says which."""

    def __init__(self, number: int, state: State) -> None:
        super().__init__(f"Request {number} is {state}, so nothing is open.")
        self.state = state


@transaction.atomic
def ask_unsealing(actor: Actor, *, reference: str, part: Part, reason: str) -> int:
    """Ask for one sealed part of a report's newest telling; the request's number.

    Raises ReportNotFound, NoSuchPart, ReasonTooShort, AlreadyWaiting.
    """
    report = access_report(actor, reference, Action.REQUEST_UNSEALING)
    reason = _weighable(reason)
    version = Version.objects.get(report=report, number=report.version)
    if part not in parts_of(version):
        raise NoSuchPart(f"{report.reference} has no sealed part {part}.")
    (number,) = allocate_ids(Unsealing, 1)
    sealer = new_sealer()
    row = Unsealing(
        pk=number,
        report=report,
        telling=version.number,
        part=str(part.kind),
        party=part.party,
        asked_by=actor.key,
        asked_at=timezone.now(),
        reason=sealer.seal(reason_place(number), reason),
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as twice:
        raise AlreadyWaiting(f"Your request for {part} of {report.reference} waits already.") from twice
    body = {"unsealing": number, "part": str(part), "telling": version.number, "reason": reason}
    append(actor, [Act(ASKED, report.reference, report.unit.code, body)], sealer=sealer)
    note_what_followed(actor, [report.reference], LedTo.UNSEALING)
    return number


@transaction.atomic
def grant_unsealing(actor: Actor, *, number: int, hours: int, reason: str) -> None:
    """Open the part to whoever asked, from now for some hours.

    Raises UnsealingNotFound, OwnRequest, HoursOutOfRange, ReasonTooShort, AlreadyAnswered.
    """
    if not 1 <= hours <= LONGEST // timedelta(hours=1):
        raise HoursOutOfRange("A part is opened for 1 to 24 hours.")
    _answer(actor, number, Answer.GRANTED, reason, hours)


@transaction.atomic
def refuse_unsealing(actor: Actor, *, number: int, reason: str) -> None:
    """Leave the part sealed. Raises UnsealingNotFound, OwnRequest, ReasonTooShort, AlreadyAnswered."""
    _answer(actor, number, Answer.REFUSED, reason, 0)


@transaction.atomic
def withdraw_unsealing(actor: Actor, *, number: int) -> None:
    """The asker needs it no longer; no look-up led to it then. Raises UnsealingNotFound, AlreadyAnswered."""
    row = access_unsealing(actor, number)
    if row.asked_by != actor.key:
        raise UnsealingNotFound(f"There is no request {number} of yours.")
    _settle(row, answer=str(Answer.WITHDRAWN), answered_by=actor.key, answered_at=timezone.now())
    note_withdrawn(row)
    append(actor, [Act(WITHDRAWN, row.report.reference, row.report.unit.code, {"unsealing": number})])


def read_unsealed(actor: Actor, *, number: int) -> Opened:
    """What lies under the seal: for the asker alone, while it is open and they still may ask for it.

    The reading is in the ledger, committed, before a seal is opened. Outside a transaction only. Raises
    UnsealingNotFound, NotOpen.
    """
    with durable(), transaction.atomic(durable=True):
        row = access_unsealing(actor, number)
        unit = row.report.unit.code
        if row.asked_by != actor.key or not may(actor, Action.REQUEST_UNSEALING, unit):
            raise UnsealingNotFound(f"There is no request {number} of yours.")
        now = timezone.now()
        state = state_of(row.answer, row.open_until, now)
        if state is not State.OPEN or row.open_until is None:
            raise NotOpen(number, state)
        UnsealedReading.objects.create(unsealing=row, at=now)
        body = {"unsealing": number, "part": str(part_of(row)), "telling": row.telling}
        append(actor, [Act(READ, row.report.reference, unit, body)])
    version = Version.objects.select_related("report").get(report=row.report, number=row.telling)
    return open_part(version, part_of(row), number=number, open_until=row.open_until)


def _weighable(reason: str) -> str:
    reason = reason.strip()
    if len(reason) < SHORTEST_REASON:
        raise ReasonTooShort(f"Give a reason of at least {SHORTEST_REASON} characters.")
    return reason


def _answer(actor: Actor, number: int, answer: Answer, reason: str, hours: int) -> None:
    row = access_unsealing(actor, number)
    unit = row.report.unit.code
    if not may(actor, Action.UNSEAL, unit):
        raise UnsealingNotFound(f"There is no request {number} that you may answer.")
    if row.asked_by == actor.key:
        raise OwnRequest("You asked for this yourself; another custodian must answer.")
    reason = _weighable(reason)
    now = timezone.now()
    until = now + timedelta(hours=hours) if answer is Answer.GRANTED else None
    sealer = new_sealer()
    _settle(
        row,
        answer=str(answer),
        answered_by=actor.key,
        answered_at=now,
        answer_reason=sealer.seal(answer_place(number), reason),
        open_until=until,
    )
    body = {"unsealing": number, "part": str(part_of(row)), "hours": hours, "reason": reason}
    act = GRANTED if answer is Answer.GRANTED else REFUSED
    append(actor, [Act(act, row.report.reference, unit, body)], sealer=sealer)


def _settle(row: Unsealing, **columns: object) -> None:
    """The one answer; of two at once the second finds nothing that waits."""
    if not Unsealing.objects.filter(pk=row.pk, answer=str(Answer.WAITING)).update(**columns):
        raise AlreadyAnswered(f"Request {row.pk} is answered already.")
