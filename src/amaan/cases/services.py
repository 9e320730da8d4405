"""Work on a case. Each verb: permission, change, ledger; one numbered event, atomic.

Whoever changes a case holds its row until the transaction ends, so that its events are numbered without a gap and
what is checked here still holds when it is written. The database's constraints hold it once more.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from hashlib import sha256
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils import timezone

from amaan.accounts.selectors import colleagues
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action
from amaan.cases import domain
from amaan.cases.domain import CaseError, Kind, Work
from amaan.cases.models import Assignment, Case, CaseEvent, CaseReport
from amaan.cases.selectors import access_case, in_a_case, title_place, words_place, work_on
from amaan.keyring.services import new_sealer
from amaan.ledger.services import Act, append
from amaan.reports.domain.outcomes import MOVES, Decision, PublicStatus
from amaan.reports.domain.references import BITS
from amaan.reports.selectors import access_report
from amaan.reports.services import hold_to_telling, record_outcome, set_public_status

if TYPE_CHECKING:
    from amaan.reports.models import Report

_ACTS: Mapping[Kind, str] = {
    Kind.OPENED: "case.opened",
    Kind.REPORT_JOINED: "case.joined",
    Kind.REPORT_TAKEN_OUT: "case.taken_out",
    Kind.ASSIGNED: "case.assigned",
    Kind.HANDED_OVER: "case.handed_over",
    Kind.ASSIGNMENT_ENDED: "case.assignment_ended",
    Kind.NOTED: "case.noted",
}


class AlreadyInThisCase(CaseError):
    """The report is in this case already."""


class AlreadyInACase(CaseError):
    """The report is in another case. Who means it to be in both says so (`also`)."""


class NotInThisCase(CaseError):
    """The report is not in this case, or was taken out before."""


class NoSuchColleague(CaseError):
    """Nobody with this id may work on cases in the case's unit."""


class OnlyAPersonWorks(CaseError):
    """A case is opened and worked by people; a process of the installation is none."""


@transaction.atomic
def open_case(
    actor: Actor, *, report_reference: str, version: int, reason: str, title: str = "", also: bool = False
) -> str:
    """Open a case from a report, in the report's unit; whoever opens it leads. The case's reference.

    `version` is the telling that the actor has read; `also` says that the report is meant to be in this case beside
    the one that it is in. Raises ReportNotFound, ToldAgain, AlreadyInACase, NothingWritten, TooLong,
    OnlyAPersonWorks.
    """
    report = access_report(actor, report_reference, Action.OPEN_CASE)
    hold_to_telling(report, version)
    reason = domain.checked(reason, domain.REASON)
    title = domain.checked(title, domain.TITLE, needed=False)
    person = domain.person_of(actor.key)
    if person is None:
        raise OnlyAPersonWorks("A case is opened by a person who then leads it.")
    reference = domain.new_reference(secrets.randbits(BITS))
    sealed = new_sealer().seal(title_place(reference), title) if title else None
    now = timezone.now()
    case = Case.objects.create(
        reference=reference,
        unit=report.unit,
        title=sealed,
        opened_at=now,
        opened_by=actor.key,
        last_number=0,
        changed_at=now,
    )
    event = _happened(actor, case, Kind.OPENED, words=reason, body={"report": report.reference})
    _let_in(case, report, event, also=also)
    Assignment.objects.create(case=case, person_id=person, lead=True, begun=event)
    _tell_report(actor, report, case, Decision.CASE_OPENED, reason)
    return case.reference


@transaction.atomic
def join_report(
    actor: Actor,
    *,
    case_reference: str,
    report_reference: str,
    version: int,
    reason: str,
    also: bool = False,
) -> str:
    """Join a report to a case; the actor may open cases in the units of both. The case's reference, as written.

    `version` is the telling that the actor has read. Raises CaseNotFound, ReportNotFound, ToldAgain,
    AlreadyInThisCase, AlreadyInACase, NothingWritten, TooLong.
    """
    case = _held(actor, case_reference, Action.OPEN_CASE)
    report = access_report(actor, report_reference, Action.OPEN_CASE)
    hold_to_telling(report, version)
    reason = domain.checked(reason, domain.REASON)
    event = _happened(actor, case, Kind.REPORT_JOINED, words=reason, body={"report": report.reference})
    _let_in(case, report, event, also=also)
    _tell_report(actor, report, case, Decision.CASE_JOINED, reason)
    return case.reference


@transaction.atomic
def take_out_report(actor: Actor, *, case_reference: str, report_reference: str, reason: str) -> None:
    """Take out a report that does not belong here. What was done with it stays in the timeline and in its outcomes.

    In no case any more, it waits to be decided again. Raises CaseNotFound, ReportNotFound, NotInThisCase,
    NothingWritten, TooLong.
    """
    case = _held(actor, case_reference, Action.OPEN_CASE)
    report = access_report(actor, report_reference, Action.OPEN_CASE)
    reason = domain.checked(reason, domain.REASON)
    membership = CaseReport.objects.filter(case=case, report_id=report.pk, left=None).first()
    if membership is None:
        raise NotInThisCase(f"The report {report.reference} is not in the case {case.reference}.")
    membership.left = _happened(
        actor, case, Kind.REPORT_TAKEN_OUT, words=reason, body={"report": report.reference}
    )
    membership.save(update_fields=["left"])
    record_outcome(
        actor,
        reference=report.reference,
        decision=Decision.CASE_LEFT,
        reason=reason,
        case_reference=case.reference,
    )


@transaction.atomic
def assign(actor: Actor, *, case_reference: str, person: int, lead: bool = False, note: str = "") -> None:
    """Say that somebody of the unit works on a case. A new lead leaves the earlier one at work, without the lead.

    Raises CaseNotFound, NoSuchColleague, AlreadyAtWork, TooLong.
    """
    case = _held(actor, case_reference, Action.ASSIGN_CASE)
    note = domain.checked(note, domain.REASON, needed=False)
    _colleague(case, person)
    before = work_on(case)
    after = domain.assigned(before, person, lead=lead)
    body = {"person": person, "lead": lead}
    event = _happened(actor, case, Kind.ASSIGNED, person=person, words=note, body=body)
    _staff(case, event, before, after)


@transaction.atomic
def hand_over(actor: Actor, *, case_reference: str, to: int, note: str) -> None:
    """Give one's own work on a case, and the lead with it, to a colleague of the unit. `note` says what is given.

    Raises CaseNotFound, NoSuchColleague, NotAtWork, NotToOneself, NothingWritten, TooLong.
    """
    case = _held(actor, case_reference, Action.WORK_CASE)
    note = domain.checked(note, domain.REASON)
    giver = domain.person_of(actor.key)
    if giver is None:
        raise OnlyAPersonWorks("Who hands a case over is a person who works on it.")
    before = work_on(case)
    after = domain.handed_over(before, giver, to)
    _colleague(case, to)
    event = _happened(actor, case, Kind.HANDED_OVER, person=to, words=note, body={"person": to})
    _staff(case, event, before, after)


@transaction.atomic
def end_assignment(actor: Actor, *, case_reference: str, person: int, reason: str) -> None:
    """Say that somebody works on a case no more. Raises CaseNotFound, NotAtWork, NothingWritten, TooLong."""
    case = _held(actor, case_reference, Action.ASSIGN_CASE)
    reason = domain.checked(reason, domain.REASON)
    before = work_on(case)
    after = domain.ended(before, person)
    event = _happened(
        actor, case, Kind.ASSIGNMENT_ENDED, person=person, words=reason, body={"person": person}
    )
    _staff(case, event, before, after)


@transaction.atomic
def reassign(actor: Actor, *, case_reference: str, person: int, to: int, note: str) -> None:
    """Put a colleague of the unit where somebody stands who left, with the lead if they led; two events.

    Raises CaseNotFound, NoSuchColleague, NotAtWork, NotToOneself, NothingWritten, TooLong.
    """
    case = _held(actor, case_reference, Action.ASSIGN_CASE)
    before = work_on(case)
    domain.handed_over(before, person, to)
    end_assignment(actor, case_reference=case.reference, person=person, reason=note)
    if to not in before or (before[person] and not before[to]):
        assign(actor, case_reference=case.reference, person=to, lead=before[person], note=note)


@transaction.atomic
def write_note(actor: Actor, *, case_reference: str, text: str) -> int:
    """Add a note; its number in the case. It is never changed: a later one corrects it.

    The ledger keeps the note's digest, not a second copy. Raises CaseNotFound, NothingWritten, TooLong.
    """
    case = _held(actor, case_reference, Action.WORK_CASE)
    text = domain.checked(text, domain.NOTE)
    digest = {"sha256": sha256(text.encode()).hexdigest()}
    return _happened(actor, case, Kind.NOTED, words=text, body=digest).number


def _held(actor: Actor, reference: str, action: Action) -> Case:
    """The case, its row held until the transaction ends. Raises CaseNotFound."""
    found = access_case(actor, reference, action)
    return Case.objects.select_for_update(of=("self",)).select_related("unit").get(pk=found.pk)


def _happened(
    actor: Actor,
    case: Case,
    kind: Kind,
    *,
    body: Mapping[str, object],
    person: int | None = None,
    words: str = "",
) -> CaseEvent:
    """Write the next event of a case that is held, and its entry in the ledger."""
    number, now = case.last_number + 1, timezone.now()
    sealer = new_sealer()
    event = CaseEvent.objects.create(
        case=case,
        number=number,
        kind=kind,
        person_id=person,
        words=sealer.seal(words_place(case.reference, number), words) if words else None,
        by=actor.key,
        at=now,
    )
    case.last_number, case.changed_at = number, now
    case.save(update_fields=["last_number", "changed_at"])
    reason = {} if kind is Kind.NOTED else {"reason": words}
    act = Act(_ACTS[kind], case.reference, case.unit.code, {"event": number, **reason, **body})
    append(actor, [act], sealer=sealer)
    return event


def _let_in(case: Case, report: Report, event: CaseEvent, *, also: bool) -> None:
    """Raises AlreadyInThisCase, AlreadyInACase, also where somebody else was quicker by a moment."""
    if CaseReport.objects.filter(case=case, report_id=report.pk, left=None).exists():
        raise AlreadyInThisCase(f"The report {report.reference} is in the case {case.reference} already.")
    elsewhere = in_a_case(report.pk)
    if elsewhere and not also:
        raise AlreadyInACase(f"The report {report.reference} is in another case.")
    try:
        with transaction.atomic():
            CaseReport.objects.create(case=case, report_id=report.pk, also=elsewhere, joined=event)
    except IntegrityError as quicker:
        raise AlreadyInACase(f"The report {report.reference} has just come into another case.") from quicker


def _tell_report(actor: Actor, report: Report, case: Case, decision: Decision, reason: str) -> None:
    record_outcome(
        actor,
        reference=report.reference,
        decision=decision,
        reason=reason,
        case_reference=case.reference,
    )
    if PublicStatus.ACTED_ON in MOVES[PublicStatus(report.public_status)]:
        set_public_status(actor, reference=report.reference, status=PublicStatus.ACTED_ON)


def _staff(case: Case, event: CaseEvent, before: Work, after: Work) -> None:
    """End and begin assignments so that those of `after` work. Ends come first: a case has one lead at a time."""
    for person, lead in before.items():
        if after.get(person) is not lead:
            Assignment.objects.filter(case=case, person_id=person, ended=None).update(ended=event)
    for person, lead in after.items():
        if before.get(person) is not lead:
            Assignment.objects.create(case=case, person_id=person, lead=lead, begun=event)


def _colleague(case: Case, person: int) -> None:
    if person not in {colleague.id for colleague in colleagues(Action.WORK_CASE, case.unit.code)}:
        raise NoSuchColleague("Nobody with this number works on cases in this unit.")
