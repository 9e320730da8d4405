"""Who works on what: one holder a report, nobody waits for ever, and what is decided leaves the queue."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from tests.rooms.accounts.people import a_person, a_unit
from tests.rooms.triage.conftest import ARRIVED, Lay, tell
from tests.rooms.triage.stories import MODEL_REPORT_OF_KNOWN_MATERIAL
from tests.rooms.triage.test_services import OTHER_RULES

from amaan.accounts.selectors import actor_of
from amaan.authority.actors import Actor, ActorKind, Grant, Role
from amaan.authority.matrix import MATRIX, Action, NotAllowed, Scope
from amaan.ledger.models import Entry
from amaan.outbox.services import deliver
from amaan.reports.domain.outcomes import Decision
from amaan.reports.models import Report
from amaan.reports.selectors import ReportNotFound, decided_reports
from amaan.reports.services import record_outcome
from amaan.triage.domain.claims import CLAIM_HOLDS, Ending, abandoned
from amaan.triage.domain.ruleset import Band
from amaan.triage.models import Assessment, Claim, QueueTally
from amaan.triage.permissions import OnlyTheSystemBands
from amaan.triage.selectors import Choice, HeldBy, claim_panel, held_for, queue_for
from amaan.triage.services import (
    ClaimedBySomebody,
    NotClaimed,
    NotWaiting,
    ReasonMissing,
    adopt_ruleset,
    claim_report,
    pull_next,
    release_report,
    settle,
)
from amaan.triage.tasks import band_reports, settle_reports

pytestmark = pytest.mark.django_db

WORKER = Actor.system("triage")
URGENT = {"incident.annotations": ["sextortion"], "reported.contact_verified": True}


def staff(number: int, *units: str, role: Role = Role.ANALYST) -> Actor:
    return Actor(
        ActorKind.STAFF, f"staff:{number}", frozenset(Grant(role, unit) for unit in units or ("lahore",))
    )


ANA, BEN = staff(1), staff(2)
CHIEF = staff(3, role=Role.SUPERVISOR)


def waits(lay: Lay, *facts: dict[str, object], **more: object) -> list[Report]:
    reports = [lay(fact, **more) for fact in facts]  # type: ignore[arg-type]
    band_reports([report.pk for report in reports])
    return reports


def acts(name: str) -> list[dict[str, str]]:
    leaves = [json.loads(bytes(entry.leaf_bytes)) for entry in Entry.objects.order_by("id")]
    return [leaf for leaf in leaves if leaf["act"] == name]


def decide(actor: Actor, report: Report) -> None:
    record_outcome(actor, reference=report.reference, decision=Decision.CLOSED, reason="seen before")


def tally_is_true() -> bool:
    counted = Counter(Assessment.objects.filter(waiting=True).values_list("unit_id", "band"))
    return dict(counted) == {(t.unit_id, t.band): t.count for t in QueueTally.objects.all() if t.count}


def grow_old(report: Report) -> None:
    Claim.objects.filter(report=report, released_at__isnull=True).update(
        claimed_at=timezone.now() - CLAIM_HOLDS - timedelta(minutes=1)
    )


def test_a_claim_is_kept_with_its_times_and_recorded(lay: Lay) -> None:
    (report,) = waits(lay, URGENT)
    assert claim_report(ANA, report.reference.lower()) == report.reference
    assert claim_report(ANA, report.reference) == report.reference  # once more changes nothing
    claim = Claim.objects.get()
    assert (claim.by, claim.released_at, claim.ending) == ("staff:1", None, "")
    (act,) = acts("report.claimed")
    assert (act["who"], act["on"], act["unit"]) == ("staff:1", report.reference, "lahore")
    release_report(ANA, report.reference)
    claim.refresh_from_db()
    assert claim.released_at is not None
    assert claim.released_at >= claim.claimed_at
    assert (claim.ending, claim.ended_by) == (Ending.RELEASED, "staff:1")
    assert [act["on"] for act in acts("report.released")] == [report.reference]
    with pytest.raises(NotClaimed):
        release_report(ANA, report.reference)


def test_nobody_claims_what_a_colleague_holds(lay: Lay) -> None:
    (report,) = waits(lay, URGENT)
    claim_report(ANA, report.reference)
    with pytest.raises(ClaimedBySomebody) as refused:
        claim_report(BEN, report.reference)
    assert refused.value.by == "staff:1"
    assert Claim.objects.count() == 1


def test_only_a_supervisor_frees_a_colleagues_report_and_says_why(lay: Lay) -> None:
    (report,) = waits(lay, URGENT)
    claim_report(ANA, report.reference)
    with pytest.raises(NotAllowed):
        release_report(BEN, report.reference, reason="I want it")
    with pytest.raises(ReasonMissing):
        release_report(CHIEF, report.reference, reason="  ")
    release_report(CHIEF, report.reference, reason="went home ill")
    assert Claim.objects.get().ended_by == "staff:3"
    (act,) = acts("report.released")
    assert "ill" not in json.dumps(act)


def test_an_abandoned_claim_can_be_taken_over_and_that_is_recorded(lay: Lay) -> None:
    (report,) = waits(lay, URGENT)
    claim_report(ANA, report.reference)
    grow_old(report)
    claim_report(BEN, report.reference)
    old, new = Claim.objects.order_by("id")
    assert (old.by, old.ending, old.ended_by) == ("staff:1", Ending.TAKEN_OVER, "staff:2")
    assert (new.by, new.released_at) == ("staff:2", None)
    assert len(acts("report.released")) == 1
    grow_old(report)
    claim_report(BEN, report.reference)
    assert Claim.objects.get(ending=Ending.EXPIRED).by == "staff:2"


def test_a_claim_holds_for_a_shift() -> None:
    assert not abandoned(ARRIVED, ARRIVED + CLAIM_HOLDS)
    assert abandoned(ARRIVED, ARRIVED + CLAIM_HOLDS + timedelta(seconds=1))


@pytest.mark.parametrize("role", list(Role))
def test_claiming_needs_the_right_to_decide(lay: Lay, role: Role) -> None:
    (report,) = waits(lay, URGENT)
    actor = staff(9, role=role)
    if MATRIX[Action.DECIDE_REPORT][role] is Scope.NONE:
        with pytest.raises(ReportNotFound):
            claim_report(actor, report.reference)
        with pytest.raises(NotAllowed):
            pull_next(actor)
        assert not Claim.objects.exists()
    else:
        assert pull_next(actor) == report.reference


def test_another_units_reports_do_not_exist(lay: Lay) -> None:
    (report,) = waits(lay, URGENT, unit="karachi")
    for attempt in (claim_report, release_report):
        with pytest.raises(ReportNotFound):
            attempt(ANA, report.reference)
    assert pull_next(ANA) is None
    with pytest.raises(NotAllowed):
        pull_next(ANA, unit="karachi")
    with pytest.raises(ReportNotFound):
        claim_panel(ANA, report.reference, now=timezone.now())


def test_pulling_gives_the_most_urgent_that_nobody_holds(lay: Lay) -> None:
    mild, urgent = waits(lay, MODEL_REPORT_OF_KNOWN_MATERIAL, URGENT)
    assert pull_next(ANA, band=Band.THIRTY_DAYS) == mild.reference
    release_report(ANA, mild.reference)
    assert [pull_next(ANA), pull_next(BEN), pull_next(CHIEF)] == [urgent.reference, mild.reference, None]
    grow_old(urgent)
    assert pull_next(CHIEF) == urgent.reference


def test_what_is_decided_leaves_the_queue_and_ends_its_claim(lay: Lay) -> None:
    report, other = waits(lay, URGENT, MODEL_REPORT_OF_KNOWN_MATERIAL)
    claim_report(ANA, report.reference)
    decide(ANA, report)
    # Between the decision and its delivery nobody sees it, claims it or pulls it.
    assert [line.reference for line in queue_for(ANA, now=timezone.now()).lines] == [other.reference]
    assert held_for(ANA, now=timezone.now()) == ()
    with pytest.raises(NotWaiting):
        claim_report(BEN, report.reference)
    while deliver():
        continue
    row = Assessment.objects.get(report=report)
    assert (row.current, row.waiting) == (True, False)
    assert row.settled_at is not None
    assert Claim.objects.get().ending == Ending.DECIDED
    assert len(acts("report.released")) == 1
    assert tally_is_true()
    assert settle(WORKER, report_ids=[report.pk]) == 0  # once more changes nothing
    assert pull_next(BEN) == other.reference


def test_a_stage_of_a_case_decides_nothing(lay: Lay) -> None:
    (report,) = waits(lay, URGENT)
    record_outcome(ANA, reference=report.reference, decision=Decision.STAGE_REACHED, reason="", stage="fir")
    assert decided_reports([report.pk]) == {}
    assert settle(WORKER, report_ids=[report.pk]) == 0
    assert pull_next(ANA) == report.reference


def test_told_again_after_its_decision_it_waits_again_and_says_so(lay: Lay) -> None:
    (report,) = waits(lay, MODEL_REPORT_OF_KNOWN_MATERIAL)
    decide(ANA, report)
    settle_reports([report.pk])
    assert queue_for(ANA, now=timezone.now()).lines == ()
    report.refresh_from_db()
    tell(report, URGENT)
    band_reports([report.pk])
    (line,) = queue_for(ANA, now=timezone.now()).lines
    assert (line.reference, line.told_again, line.band) == (report.reference, True, Band.ONE_DAY)
    assert tally_is_true()


def test_told_again_before_the_decision_was_delivered_it_still_waits(lay: Lay) -> None:
    """The new telling came after the decision and was banded before the worker heard of it."""
    (report,) = waits(lay, MODEL_REPORT_OF_KNOWN_MATERIAL)
    claim_report(ANA, report.reference)
    decide(ANA, report)
    report.refresh_from_db()
    tell(report, URGENT)
    band_reports([report.pk])
    settle_reports([report.pk])
    (line,) = queue_for(ANA, now=timezone.now()).lines
    assert line.told_again
    assert line.holder is not None
    assert line.holder.by == "staff:1"
    assert tally_is_true()


def test_a_decision_that_comes_before_the_band_settles_too(lay: Lay) -> None:
    report = lay(URGENT)
    decide(ANA, report)
    settle_reports([report.pk])
    band_reports([report.pk])
    assert not Assessment.objects.get().waiting
    assert tally_is_true()


def test_new_rules_do_not_bring_back_what_was_decided(lay: Lay) -> None:
    report, other = waits(lay, URGENT, URGENT)
    decide(ANA, report)
    settle_reports([report.pk])
    settled_at = Assessment.objects.get(report=report).settled_at
    adopt_ruleset(WORKER, data=OTHER_RULES)
    band_reports([report.pk, other.pk])
    again = Assessment.objects.get(report=report, current=True)
    assert (again.waiting, again.settled_at) == (False, settled_at)
    assert Assessment.objects.get(report=other, current=True).waiting
    assert tally_is_true()


def test_a_newer_decision_that_is_undone_brings_back_what_was_told_again(lay: Lay) -> None:
    """Closed, told again, joined to a case, taken out: nobody has decided upon what was told since."""
    (report,) = waits(lay, MODEL_REPORT_OF_KNOWN_MATERIAL)
    decide(ANA, report)
    report.refresh_from_db()
    tell(report, URGENT)
    band_reports([report.pk])
    for decision, waiting in ((Decision.CASE_JOINED, False), (Decision.CASE_LEFT, True)):
        record_outcome(
            ANA, reference=report.reference, decision=decision, reason="one ring", case_reference="C-1"
        )
        settle_reports([report.pk])
        row = Assessment.objects.get(report=report, current=True)
        assert (row.waiting, row.settled_at is None) == (waiting, waiting)
        assert tally_is_true()
    assert row.told_again
    assert pull_next(BEN) == report.reference


def test_people_do_not_settle(lay: Lay) -> None:
    with pytest.raises(OnlyTheSystemBands):
        settle(ANA, report_ids=[])


def test_the_panel_says_who_holds_it_and_what_one_may_do(lay: Lay) -> None:
    person = a_person(Role.ANALYST, unit="lahore")
    holder = actor_of(person)
    assert holder
    (report,) = waits(lay, URGENT)
    now = timezone.now()
    ben = staff(90_002)
    free = claim_panel(ben, report.reference, now=now)
    assert (free.holder, free.may_claim, free.may_release) == (None, True, False)
    claim_report(holder, report.reference)
    mine = claim_panel(holder, report.reference, now=now)
    assert (mine.mine, mine.name, mine.may_release, mine.needs_reason) == (True, "Sample Person", True, False)
    theirs = claim_panel(ben, report.reference, now=now)
    assert (theirs.mine, theirs.may_claim, theirs.may_release) == (False, False, False)
    boss = staff(90_003, role=Role.SUPERVISOR)  # a number that no person of this test has
    chief = claim_panel(boss, report.reference, now=now)
    assert (chief.may_release, chief.needs_reason) == (True, True)
    intake = claim_panel(staff(8, role=Role.INTAKE_OFFICER), report.reference, now=now)
    assert (intake.may_claim, intake.may_release) == (False, False)
    decide(holder, report)
    assert not claim_panel(BEN, report.reference, now=now).waiting


def test_the_database_holds_one_open_claim_a_report(lay: Lay) -> None:
    (report,) = waits(lay, URGENT)
    claim_report(ANA, report.reference)
    with pytest.raises(IntegrityError), transaction.atomic():
        Claim.objects.create(report=report, unit=report.unit, by="staff:2", claimed_at=timezone.now())


MOVES = ("claim", "release", "pull", "decide", "tell", "deliver", "grow_old", "chief")


@given(
    st.lists(st.tuples(st.sampled_from(MOVES), st.integers(0, 1), st.integers(0, 2)), min_size=3, max_size=14)
)
@examples(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_happens_one_holds_it_and_nothing_waits_unseen(
    lay: Lay, moves: list[tuple[str, int, int]]
) -> None:
    """Any sequence: one open claim a report at most; what waits is in the queue; pulling reaches all that is free."""
    with transaction.atomic():
        reports = waits(lay, URGENT, MODEL_REPORT_OF_KNOWN_MATERIAL, {})
        people = (ANA, BEN)
        for move, who, which in moves:
            actor, report = people[who], reports[which]
            try:
                _do(move, actor, report)
            except (ClaimedBySomebody, NotClaimed, NotWaiting, NotAllowed):
                continue
        while deliver():
            continue
        _holds(reports)
        transaction.set_rollback(True)


def _do(move: str, actor: Actor, report: Report) -> None:
    if move == "claim":
        claim_report(actor, report.reference)
    elif move == "release":
        release_report(actor, report.reference)
    elif move == "chief":
        release_report(CHIEF, report.reference, reason="moved")
    elif move == "pull":
        pull_next(actor)
    elif move == "decide":
        decide(actor, report)
    elif move == "tell":
        report.refresh_from_db()
        tell(report, URGENT)
        band_reports([report.pk])
    elif move == "grow_old":
        grow_old(report)
    else:
        deliver()


def _holds(reports: list[Report]) -> None:
    now = timezone.now()
    open_claims = Claim.objects.filter(released_at__isnull=True)
    assert max(Counter(open_claims.values_list("report_id", flat=True)).values(), default=0) <= 1
    done = decided_reports([report.pk for report in reports])
    waiting = {report.reference for report in reports if not done.get(report.pk)}
    assert {line.reference for line in queue_for(ANA, now=now).lines} == waiting
    free = {line.reference for line in queue_for(ANA, Choice(held_by=HeldBy.NOBODY), now=now).lines}
    held = {
        claim.report.reference
        for claim in open_claims.select_related("report")
        if not abandoned(claim.claimed_at, now)
    }
    assert free == waiting - held
    assert tally_is_true()
    pulled = []
    while reference := pull_next(BEN):
        pulled.append(reference)
    assert sorted(pulled) == sorted(free)


def at_once(count: int, work: Callable[[int], object]) -> list[object]:
    """`work` in threads that all begin together, each with a connection of its own."""
    barrier = Barrier(count)

    def run(n: int) -> object:
        barrier.wait()
        try:
            return work(n)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


@pytest.mark.django_db(transaction=True)
def test_two_who_pull_at_once_never_get_the_same(lay: Lay) -> None:
    a_unit("lahore")
    waits(lay, *[URGENT] * 12)
    pulled = at_once(6, lambda n: [pull_next(staff(10 + n)), pull_next(staff(10 + n))])
    references = [one for both in pulled for one in both]  # type: ignore[attr-defined]
    assert None not in references
    assert len(set(references)) == 12
    assert Claim.objects.filter(released_at__isnull=True).count() == 12


@pytest.mark.django_db(transaction=True)
def test_of_all_who_claim_one_report_at_once_one_gets_it(lay: Lay) -> None:
    (report,) = waits(lay, URGENT)

    def attempt(n: int) -> object:
        try:
            return claim_report(staff(20 + n), report.reference)
        except ClaimedBySomebody:
            return None

    assert sorted(map(str, at_once(6, attempt))) == ["None"] * 5 + [report.reference]
    assert len(acts("report.claimed")) == 1


@pytest.mark.django_db(transaction=True)
def test_claiming_while_it_is_settled_leaves_no_claim_behind(lay: Lay) -> None:
    reports = waits(lay, *[URGENT] * 6)
    for report in reports:
        decide(CHIEF, report)

    def attempt(n: int) -> object:
        if n == 0:
            return settle(WORKER, report_ids=[report.pk for report in reports])
        try:
            return claim_report(staff(30 + n), reports[n].reference)
        except NotWaiting:
            return None

    assert at_once(6, attempt)[0] == 6
    assert not Claim.objects.filter(released_at__isnull=True).exists()
    assert tally_is_true()
