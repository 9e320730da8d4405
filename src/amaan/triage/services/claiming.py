"""Who works on which report. A claim is a courtesy with a time on it: it keeps two people off one report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, NotAllowed, Units, may, units_where
from amaan.care.domain.enough import Standing, State
from amaan.care.selectors import standing_for
from amaan.ledger.services import Act, append
from amaan.reports.domain.outcomes import PublicStatus
from amaan.reports.selectors import access_report, decided_reports
from amaan.reports.services import set_public_status
from amaan.store.rows import on_postgres
from amaan.triage.domain.claims import Ending, abandoned
from amaan.triage.domain.ruleset import Band
from amaan.triage.domain.turns import near_by
from amaan.triage.models import Assessment, Claim
from amaan.triage.rulebook import in_force
from amaan.triage.selectors.queue import Choice, HeldBy, Place, walk
from amaan.triage.selectors.queues import own_queues
from amaan.triage.services.folding import unfold

if TYPE_CHECKING:
    from amaan.reports.models import Report

_TRIES: Final = 5
_AT_ONCE: Final = 20
"""Candidates that one walk along the queue gives to a pull: as many as may be taken by others in that moment."""
MOST_REASON: Final = 2000


class NotWaiting(Exception):
    """The report does not wait: it was decided, or has no band yet."""

    def __init__(self, reference: str) -> None:
        super().__init__(f"{reference} does not wait for anybody: it was decided, or it has no band yet.")


class ClaimedBySomebody(Exception):
    """A colleague works on it. `by` is an actor's key, `since` when they began."""

    def __init__(self, reference: str, by: str, since: datetime) -> None:
        super().__init__(f"{by} works on {reference} since {since:%Y-%m-%d %H:%M} UTC.")
        self.reference, self.by, self.since = reference, by, since


class NotClaimed(Exception):
    """Nobody works on the report, so nothing can be released."""

    def __init__(self, reference: str) -> None:
        super().__init__(f"Nobody has claimed {reference}.")


class EnoughForNow(Exception):
    """The actor has read as much as their cap allows; only an emergency may be taken, knowingly."""

    def __init__(self, standing: Standing) -> None:
        super().__init__("That is enough for now: a cap on reading is reached.")
        self.standing = standing


class ReasonMissing(Exception):
    """Who takes a report out of a colleague's hands says why."""

    def __init__(self, reference: str) -> None:
        super().__init__(f"Give a reason for releasing {reference}, which a colleague has claimed.")


@transaction.atomic
def claim_report(actor: Actor, reference: str) -> str:
    """Say that `actor` works on this report; its reference as it is written. Claiming one's own again changes nothing.

    Raises ReportNotFound, NotWaiting, ClaimedBySomebody. What was claimed longer ago than `CLAIM_HOLDS` is taken over.
    """
    report = access_report(actor, reference, Action.DECIDE_REPORT)
    for _ in range(_TRIES):
        if not _lock(report.pk):
            # Banded again in this moment, or decided: look once more, since the new assessment is another row.
            if not Assessment.objects.filter(report=report, current=True, waiting=True).exists():
                break
            continue
        # Before the decision is asked about: whoever settles at this moment what folds is done then.
        unfold(report.pk)
        if decided_reports([report.pk]).get(report.pk):
            break
        _claim(actor, report, pulled=False)
        return report.reference
    raise NotWaiting(report.reference)


@transaction.atomic
def pull_next(
    actor: Actor,
    *,
    band: Band | None = None,
    unit: str | None = None,
    queue: int | None = None,
    knowingly: bool = False,
) -> str | None:
    """Claim the most urgent waiting report of the actor's units that nobody holds; its reference, or None.

    In each band what is overdue or whose turn is near comes first, in whichever queue or none; then the actor's own
    queues, and then everything: what no member serves is reached before its time is up. `queue` is a `Choice`'s. Two
    people who pull in one moment get two reports.

    What the actor opted out of, and for a while what is heavy, is left to others (`care`). Who has reached a cap gets
    nothing, unless `knowingly`: then only what a floor holds in the first band, whatever it is.
    Raises NotAllowed, EnoughForNow.
    """
    if not may(actor, Action.DECIDE_REPORT, unit):
        raise NotAllowed(actor, Action.DECIDE_REPORT, unit)
    units = units_where(actor, Action.DECIDE_REPORT)
    standing = standing_for(actor, now=timezone.now())
    if standing.state is State.ENOUGH and not knowingly:
        raise EnoughForNow(standing)
    avoid = 0 if knowingly else int(standing.avoid)
    choice = Choice(band, unit, HeldBy.NOBODY, queue=queue, avoid=avoid, floors=knowingly)
    own = (
        own_queues(actor, units if unit is None else Units(codes=frozenset({unit}))) if queue is None else []
    )
    if not own:
        return _pull(actor, units, choice, [])
    near = _near_by(timezone.now())
    for each in [band] if band else list(Band):
        here = replace(choice, band=each)
        for first, queues in ((replace(here, turn_by=near.get(each)), []), (here, own), (here, [])):
            if found := _pull(actor, units, first, queues):
                return found
    return None


def _near_by(now: datetime) -> dict[Band, datetime]:
    """Up to when a turn is near, by band; empty where nothing is banded yet."""
    adopted = in_force()
    spans = adopted[1].bands.items() if adopted else ()
    return {band: near_by(now, timedelta(hours=spec.hours)) for band, spec in spans}


def _pull(actor: Actor, units: Units, choice: Choice, queues: list[tuple[int, int]]) -> str | None:
    after: Place | None = None
    while found := walk(units, choice, now=timezone.now(), after=after, limit=_AT_ONCE, queues=queues):
        decided = decided_reports([place.report_id for place in found])
        for place in found:
            if decided.get(place.report_id) or not _lock(place.report_id, skip=True):
                continue
            report = _report_at(place.report_id)
            try:
                _claim(actor, report, pulled=True)
            except ClaimedBySomebody:
                continue  # somebody was quicker between our look and our lock
            return report.reference
        after = found[-1]
    return None


@transaction.atomic
def release_report(actor: Actor, reference: str, *, reason: str = "") -> str:
    """Let go of a report; its reference as it is written. A colleague's claim is released by those who assign work.

    Raises ReportNotFound, NotClaimed, NotAllowed, ReasonMissing.
    """
    report = access_report(actor, reference, Action.DECIDE_REPORT)
    claim = _open_claim(report.pk)
    if claim is None:
        raise NotClaimed(report.reference)
    reason = reason.strip()[:MOST_REASON]
    if claim.by != actor.key:
        if not may(actor, Action.ASSIGN_CASE, report.unit.code):
            raise NotAllowed(actor, Action.ASSIGN_CASE, report.unit.code)
        if not reason:
            raise ReasonMissing(report.reference)
    _end(actor, report, claim, Ending.RELEASED, reason)
    return report.reference


@transaction.atomic
def let_go_of_emergencies(actor: Actor) -> list[str]:
    """Give back what a floor holds in the first band and the actor has claimed and not decided; their references.

    Who leaves would keep it from everybody for the rest of `CLAIM_HOLDS`.
    """
    day = int(Band.ONE_DAY)
    held = Claim.objects.filter(by=actor.key, released_at__isnull=True).values("report_id")
    rows = Assessment.objects.filter(current=True, waiting=True, band=day, floor=day, report_id__in=held)
    reports = list(rows.values_list("report_id", flat=True))
    decided = decided_reports(reports)
    given = []
    for claim in claims_on([report for report in reports if not decided.get(report)]):
        if claim.by == actor.key:
            _end(actor, claim.report, claim, Ending.RELEASED, "")
            given.append(claim.report.reference)
    return given


def _lock(report_id: int, *, skip: bool = False) -> bool:
    """Whether the report waits, with its assessment locked: settling and banding wait until this commits.

    On SQLite the transaction itself is that lock. `skip` passes over what another transaction has locked.
    """
    rows = Assessment.objects.filter(report_id=report_id, current=True, waiting=True)
    if skip:
        rows = rows.filter(folded=False)  # it may have been folded since it was seen in the queue
    if on_postgres():
        rows = rows.select_for_update(skip_locked=skip)
    return bool(rows.values_list("pk"))


def _report_at(report_id: int) -> Report:
    """A report that the queue of the actor's own units named."""
    found = (
        Assessment.objects.select_related("report__unit")
        .only("report")
        .get(report_id=report_id, current=True, waiting=True)
    )
    report: Report = found.report
    return report


def _open_claim(report_id: int) -> Claim | None:
    rows = Claim.objects.filter(report_id=report_id, released_at__isnull=True)
    return (rows.select_for_update() if on_postgres() else rows).first()


def _claim(actor: Actor, report: Report, *, pulled: bool) -> None:
    """The caller holds the assessment's lock."""
    now = timezone.now()
    claim = _open_claim(report.pk)
    if claim is not None:
        if not abandoned(claim.claimed_at, now):
            if claim.by == actor.key and not pulled:
                return
            raise ClaimedBySomebody(report.reference, claim.by, claim.claimed_at)
        _end(actor, report, claim, Ending.EXPIRED if claim.by == actor.key else Ending.TAKEN_OVER, "")
    try:
        with transaction.atomic():
            Claim.objects.create(report=report, unit=report.unit, by=actor.key, claimed_at=now)
    except IntegrityError as taken:
        quicker = Claim.objects.filter(report=report, released_at__isnull=True).get()
        raise ClaimedBySomebody(report.reference, quicker.by, quicker.claimed_at) from taken
    body: dict[str, object] = {"pulled": pulled}
    append(actor, [Act("report.claimed", report.reference, report.unit.code, body)])
    if report.public_status == PublicStatus.RECEIVED:
        # Whoever told it learns that somebody reads it, and nothing of who that is.
        set_public_status(actor, reference=report.reference, status=PublicStatus.READ)


def _end(actor: Actor, report: Report, claim: Claim, ending: Ending, reason: str) -> None:
    claim.released_at = max(
        timezone.now(), claim.claimed_at
    )  # a clock set back must not make a claim last for ever
    claim.ending, claim.ended_by = ending, actor.key
    claim.save(update_fields=["released_at", "ending", "ended_by"])
    append(actor, [ending_act(report.reference, report.unit.code, claim, reason)])


def ending_act(reference: str, unit: str, claim: Claim, reason: str = "") -> Act:
    """The ledger's entry about a claim that ends. Whose it was stands in the sealed body."""
    body: dict[str, object] = {
        "claimed_by": claim.by,
        "claimed_at": claim.claimed_at.isoformat(),
        "ending": str(claim.ending),
    }
    if reason:
        body["reason"] = reason
    return Act("report.released", reference, unit, body)


def claims_on(report_ids: list[int]) -> Iterator[Claim]:
    """The open claims on these reports, locked, with their reports and units."""
    rows = Claim.objects.select_related("report", "unit").filter(
        report_id__in=report_ids, released_at__isnull=True
    )
    if on_postgres():
        rows = rows.select_for_update(of=("self",))
    yield from rows.order_by("report_id")
