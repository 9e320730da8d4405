"""Opening, joining, assigning, handing over, noting: what each does, who may, and what can never happen."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from tests.rooms.accounts.people import a_person, a_unit
from tests.rooms.cases.conftest import Officer, actor, number_of
from tests.rooms.triage.conftest import Lay, tell

from amaan.accounts.models import User
from amaan.authority.actors import Actor, ActorKind, Grant, Role
from amaan.authority.matrix import Action
from amaan.cases import services
from amaan.cases.domain import AlreadyAtWork, CaseError, Kind, NotAtWork, NothingWritten, NotToOneself
from amaan.cases.models import Assignment, Case, CaseEvent, CaseReport
from amaan.cases.permissions import cases_where, may_on
from amaan.cases.selectors import (
    CaseNotFound,
    access_case,
    cases_for,
    cases_of_report,
    people_at_work,
    reports_in,
    timeline_of,
    title_of,
)
from amaan.cases.services import AlreadyInACase, AlreadyInThisCase, NoSuchColleague, NotInThisCase
from amaan.keyring.services import opener
from amaan.ledger.domain.merkle import leaf_hash
from amaan.ledger.models import Body, Entry
from amaan.ledger.sealing import place
from amaan.outbox.models import Delivery
from amaan.reports.domain.outcomes import Decision, PublicStatus
from amaan.reports.models import Outcome, Report
from amaan.reports.selectors import ReportNotFound, decided_reports
from amaan.reports.services import ToldAgain

pytestmark = pytest.mark.django_db
WHY = "Quillwen asked for help"


def opened(who: Actor, report: Report, **how: Any) -> Case:
    reference = services.open_case(who, report_reference=report.reference, version=1, reason=WHY, **how)
    return access_case(who, reference)


def _join(case: Case, report: Report) -> dict[str, Any]:
    return {
        "case_reference": case.reference,
        "report_reference": report.reference,
        "version": 1,
        "reason": WHY,
    }


def refused(error: type[Exception], work: Callable[[], object]) -> str:
    """The refusal's message; nothing may have changed."""
    before = CaseEvent.objects.count(), Entry.objects.count(), Outcome.objects.count()
    with pytest.raises(error) as refusal, transaction.atomic():
        work()
    assert before == (CaseEvent.objects.count(), Entry.objects.count(), Outcome.objects.count())
    return str(refusal.value)


def told() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Leaf and body of every entry about cases, oldest first."""
    found = []
    for entry in Entry.objects.order_by("id"):
        leaf = bytes(entry.leaf_bytes)
        text = json.loads(leaf)
        if text["act"].startswith("case."):
            sealed = bytes(Body.objects.get(entry=entry).ciphertext)
            found.append((text, json.loads(opener().open(place(entry.pk, leaf_hash(leaf)), sealed))))
    return found


def test_a_case_is_opened_whole(officer: Officer, lay: Lay) -> None:
    analyst, report = officer(Role.ANALYST), lay()
    case = opened(analyst, report, title=" The garden gate ")
    assert case.unit.code == "lahore"
    assert title_of(case) == "The garden gate"
    (only,) = people_at_work(case)
    assert (only.person, only.lead) == (number_of(analyst), True)
    (line,) = timeline_of(analyst, case).lines
    assert (line.kind, line.number, line.words, line.reports) == (Kind.OPENED, 1, WHY, (report.reference,))
    outcome = Outcome.objects.get()
    assert (outcome.decision, outcome.case_reference) == (Decision.CASE_OPENED, case.reference)
    report.refresh_from_db()
    assert report.public_status == PublicStatus.ACTED_ON
    assert any(report.pk in json.loads(d.ids) for d in Delivery.objects.filter(event="report.decided"))
    ((leaf, body),) = told()
    assert (leaf["act"], leaf["on"], leaf["unit"]) == ("case.opened", case.reference, "lahore")
    assert body == {"event": 1, "reason": WHY, "report": report.reference}


def test_nothing_that_was_written_lies_in_clear(officer: Officer, lay: Lay) -> None:
    analyst = officer()
    case = opened(analyst, lay(), title="Quillwen and the gate")
    services.write_note(analyst, case_reference=case.reference, text="Quillwen was seen")
    with connection.cursor() as cursor:
        for table in ("cases_case", "cases_caseevent", "ledger_entry", "ledger_body", "reports_outcome"):
            cursor.execute(f"SELECT * FROM {table}")
            rows = b"".join(
                bytes(v) for row in cursor.fetchall() for v in row if isinstance(v, (bytes, memoryview))
            )
            assert b"Quillwen" not in rows, table
            cursor.execute(f"SELECT * FROM {table}")
            assert "Quillwen" not in str(cursor.fetchall()), table


def test_an_empty_reason_opens_nothing(officer: Officer, lay: Lay) -> None:
    report, analyst = lay(), officer()
    refused(
        NothingWritten,
        lambda: services.open_case(analyst, report_reference=report.reference, version=1, reason="  "),
    )
    assert not Case.objects.exists()


def test_a_machine_opens_no_case(lay: Lay) -> None:
    report = lay()
    refused(
        services.OnlyAPersonWorks,
        lambda: services.open_case(
            Actor.system("x"), report_reference=report.reference, version=1, reason=WHY
        ),
    )


@pytest.mark.parametrize("role", [Role.INTAKE_OFFICER, Role.CUSTODIAN, Role.ADMINISTRATOR, Role.AUDITOR])
def test_who_may_not_open_does_not_learn_of_the_report(officer: Officer, lay: Lay, role: Role) -> None:
    report, other = lay(), officer(role)
    refused(ReportNotFound, lambda: opened(other, report))


def test_a_report_is_in_one_case_unless_somebody_means_otherwise(officer: Officer, lay: Lay) -> None:
    analyst, report, second = officer(), lay(), lay()
    one = opened(analyst, report)
    refused(AlreadyInACase, lambda: opened(analyst, report))
    two = opened(analyst, second)
    join = _join(two, report)
    refused(AlreadyInACase, lambda: services.join_report(analyst, **join))
    services.join_report(analyst, **join, also=True)
    refused(AlreadyInThisCase, lambda: services.join_report(analyst, **join, also=True))
    found = cases_of_report(analyst, report.reference)
    assert [line.reference for line in found.lines] == [one.reference, two.reference]
    assert [line.reference for line in reports_in(analyst, two).lines] == [
        report.reference,
        second.reference,
    ]


def test_a_report_taken_out_waits_to_be_decided_again(officer: Officer, lay: Lay) -> None:
    analyst, report = officer(), lay()
    case = opened(analyst, report)
    assert decided_reports([report.pk]) == {report.pk: True}
    out = {"case_reference": case.reference, "report_reference": report.reference, "reason": "a mistake"}
    services.take_out_report(analyst, **out)
    assert decided_reports([report.pk]) == {}
    assert reports_in(analyst, case).total == 0
    assert cases_of_report(analyst, report.reference).lines == ()
    newest = timeline_of(analyst, case).lines[0]
    assert (newest.kind, newest.words, newest.reports) == (
        Kind.REPORT_TAKEN_OUT,
        "a mistake",
        (report.reference,),
    )
    assert list(Outcome.objects.order_by("id").values_list("decision", "case_reference")) == [
        (Decision.CASE_OPENED, case.reference),
        (Decision.CASE_LEFT, case.reference),
    ]
    refused(NotInThisCase, lambda: services.take_out_report(analyst, **out))
    services.join_report(analyst, **out, version=1)
    assert decided_reports([report.pk]) == {report.pk: True}
    assert reports_in(analyst, case).total == 1


def test_taken_out_of_one_of_two_cases_it_stays_decided(officer: Officer, lay: Lay) -> None:
    analyst, report = officer(), lay()
    one, two = opened(analyst, report), opened(analyst, report, also=True)
    for case, decided in ((one, {report.pk: True}), (two, {})):
        services.take_out_report(
            analyst, case_reference=case.reference, report_reference=report.reference, reason=WHY
        )
        assert decided_reports([report.pk]) == decided


@pytest.mark.parametrize("version", [0, 1, 3])
def test_only_the_newest_telling_is_opened_or_joined(officer: Officer, lay: Lay, version: int) -> None:
    analyst, report = officer(), lay()
    case = opened(analyst, lay())
    tell(report, {})
    join = {**_join(case, report), "version": version}
    opening = {"report_reference": report.reference, "version": version, "reason": WHY}
    assert "telling 2 counts" in refused(ToldAgain, lambda: services.join_report(analyst, **join))
    refused(ToldAgain, lambda: services.open_case(analyst, **opening))
    assert Case.objects.count() == 1
    services.join_report(analyst, **join | {"version": 2})
    services.open_case(analyst, **opening | {"version": 2}, also=True)
    assert {outcome.version for outcome in Outcome.objects.filter(report=report)} == {2}


def test_joining_needs_a_right_in_both_units(officer: Officer, lay: Lay) -> None:
    here, there = officer(unit="lahore"), officer(unit="quetta")
    case, report = opened(here, lay(unit="lahore")), lay(unit="quetta")
    join = _join(case, report)
    refused(ReportNotFound, lambda: services.join_report(here, **join))
    refused(CaseNotFound, lambda: services.join_report(there, **join))
    both = Actor(here.kind, here.key, here.grants | there.grants)
    services.join_report(both, **join)
    seen = reports_in(here, case)
    assert (seen.total, seen.lines[0].reference, seen.lines[0].entity) == (2, None, "")
    assert timeline_of(here, case).lines[0].reports == (None,)
    assert reports_in(both, case).lines[0].reference == report.reference
    assert (
        cases_of_report(there, report.reference).lines,
        cases_of_report(there, report.reference).others,
    ) == (
        (),
        1,
    )
    out = {name: said for name, said in join.items() if name != "version"}
    refused(ReportNotFound, lambda: services.take_out_report(here, **out))


def test_only_a_supervisor_assigns_and_only_who_can_work(officer: Officer, lay: Lay) -> None:
    lead, colleague, boss = officer(), officer(Role.ANALYST), officer(Role.SUPERVISOR)
    elsewhere, custodian = officer(unit="quetta"), officer(Role.CUSTODIAN)
    case = opened(lead, lay()).reference
    refused(CaseNotFound, lambda: services.assign(lead, case_reference=case, person=number_of(colleague)))
    for stranger in (number_of(elsewhere), number_of(custodian), 0):
        refused(
            NoSuchColleague,
            lambda stranger=stranger: services.assign(boss, case_reference=case, person=stranger),
        )
    services.assign(boss, case_reference=case, person=number_of(colleague), note="knows the district")
    refused(AlreadyAtWork, lambda: services.assign(boss, case_reference=case, person=number_of(colleague)))
    services.assign(boss, case_reference=case, person=number_of(colleague), lead=True)
    found = access_case(boss, case)
    assert [(p.person, p.lead) for p in people_at_work(found)] == [
        (number_of(colleague), True),
        (number_of(lead), False),
    ]
    newest, earlier, *_ = timeline_of(boss, found).lines
    assert (newest.kind, newest.leads, earlier.leads, earlier.words) == (
        Kind.ASSIGNED,
        True,
        False,
        "knows the district",
    )
    services.end_assignment(boss, case_reference=case, person=number_of(colleague), reason="on leave")
    assert [(p.person, p.lead) for p in people_at_work(found)] == [(number_of(lead), False)]
    refused(
        NotAtWork,
        lambda: services.end_assignment(
            boss, case_reference=case, person=number_of(colleague), reason="on leave"
        ),
    )


def test_nobody_who_left_is_given_work(officer: Officer, lay: Lay) -> None:
    lead, colleague = officer(), officer()
    case = opened(lead, lay()).reference
    User.objects.filter(pk=number_of(colleague)).update(is_active=False)
    refused(
        NoSuchColleague,
        lambda: services.hand_over(lead, case_reference=case, to=number_of(colleague), note=WHY),
    )


def test_who_hands_over_gives_the_lead_and_is_gone(officer: Officer, lay: Lay) -> None:
    lead, colleague, third = officer(), officer(Role.ANALYST), officer()
    case = opened(lead, lay())
    give = {"case_reference": case.reference, "note": "the letters are in the file"}
    refused(NothingWritten, lambda: services.hand_over(lead, **{**give, "note": ""}, to=number_of(colleague)))  # type: ignore[arg-type]
    refused(NotToOneself, lambda: services.hand_over(lead, **give, to=number_of(lead)))  # type: ignore[arg-type]
    refused(NotAtWork, lambda: services.hand_over(third, **give, to=number_of(colleague)))  # type: ignore[arg-type]
    services.hand_over(lead, **give, to=number_of(colleague))  # type: ignore[arg-type]
    assert [(p.person, p.lead) for p in people_at_work(case)] == [(number_of(colleague), True)]
    newest = timeline_of(third, case).lines[0]
    assert (newest.kind, newest.leads, newest.words) == (Kind.HANDED_OVER, True, give["note"])
    assert [line.reference for line in cases_for(colleague, mine=True).lines] == [case.reference]
    assert cases_for(lead, mine=True).lines == ()


def test_a_note_stands_and_the_ledger_can_prove_it(officer: Officer, lay: Lay) -> None:
    writer, reader = officer(Role.ANALYST), officer(Role.CUSTODIAN)
    case = opened(writer, lay())
    assert services.write_note(writer, case_reference=case.reference, text=" first \r\n second ") == 2
    assert timeline_of(reader, case).lines[0].words == "first \r\n second"
    leaf, body = told()[-1]
    assert leaf["act"] == "case.noted"
    assert set(body) == {"event", "sha256"}
    refused(CaseNotFound, lambda: services.write_note(reader, case_reference=case.reference, text="me too"))


def test_what_happened_is_neither_changed_nor_removed(officer: Officer, lay: Lay) -> None:
    analyst, colleague = officer(), officer()
    case = opened(analyst, lay())
    services.hand_over(analyst, case_reference=case.reference, to=number_of(colleague), note=WHY)
    event = CaseEvent.objects.earliest("id")
    attempts: list[Callable[[], object]] = [
        lambda: CaseEvent.objects.filter(pk=event.pk).update(kind=Kind.NOTED),
        lambda: CaseEvent.objects.all()._raw_delete("default"),  # type: ignore[attr-defined]
        lambda: CaseReport.objects.update(also=True),
        lambda: CaseReport.objects.update(left=event, also=True),
        lambda: CaseReport.objects.all().delete(),
        lambda: Assignment.objects.filter(ended=None).update(lead=False),
        lambda: Assignment.objects.exclude(ended=None).update(ended=None),
        lambda: Assignment.objects.exclude(ended=None).update(ended=event),
        lambda: Assignment.objects.filter(ended=None).update(ended=event, person_id=number_of(analyst)),
        lambda: Assignment.objects.all().delete(),
    ]
    for attempt in attempts:
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            attempt()
    assert Assignment.objects.filter(ended=None).update(ended=event) == 1


def test_the_database_itself_allows_one_lead_and_one_case(officer: Officer, lay: Lay) -> None:
    analyst, colleague, report = officer(), officer(), lay()
    case = opened(analyst, report)
    event = CaseEvent.objects.get()
    attempts: list[Callable[[], object]] = [
        lambda: Assignment.objects.create(case=case, person_id=number_of(colleague), lead=True, begun=event),
        lambda: Assignment.objects.create(case=case, person_id=number_of(analyst), lead=False, begun=event),
        lambda: CaseReport.objects.create(case=case, report=report, also=True, joined=event),
        lambda: CaseEvent.objects.create(case=case, number=1, kind=Kind.NOTED, by="x", at=event.at),
        lambda: CaseEvent.objects.create(case=case, number=2, kind="invented", by="x", at=event.at),
    ]
    for attempt in attempts:
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()


_grants = st.frozensets(
    st.builds(Grant, st.sampled_from(list(Role)), st.sampled_from(("lahore", "quetta", "north"))), max_size=4
)
calm = hypothesis_settings(deadline=None, suppress_health_check=list(HealthCheck))


@hypothesis_settings(calm, max_examples=40)
@given(grants=_grants, action=st.sampled_from(list(Action)))
def test_the_two_forms_of_permission_agree(
    officer: Officer, lay: Lay, grants: frozenset[Grant], action: Action
) -> None:
    if not Case.objects.exists():
        for unit in ("lahore", "quetta"):
            for _ in range(2):
                opened(officer(unit=unit), lay(unit=unit))
    who = Actor(ActorKind.STAFF, "staff:7", grants)
    one_by_one = {case.pk for case in Case.objects.select_related("unit") if may_on(who, action, case)}
    assert set(cases_where(who, action).values_list("pk", flat=True)) == one_by_one
    reached = set()
    for case in Case.objects.all():
        try:
            reached.add(access_case(who, case.reference, action).pk)
        except CaseNotFound:
            continue
    assert reached == one_by_one


def test_what_is_absent_and_what_is_forbidden_sound_alike(officer: Officer, lay: Lay) -> None:
    case, stranger = opened(officer(), lay()), officer(unit="quetta")
    absent = services.domain.new_reference(12345)
    answers = {
        refused(CaseNotFound, lambda asked=asked: access_case(stranger, asked)).replace(asked, "…")
        for asked in (case.reference, absent)
    }
    assert len(answers) == 1
    assert cases_for(stranger).lines == ()


moves = st.lists(
    st.tuples(
        st.sampled_from(("assign", "lead", "hand", "end", "note")), st.integers(0, 3), st.integers(0, 3)
    ),
    max_size=12,
)


@hypothesis_settings(calm, max_examples=25)
@given(moves=moves)
def test_the_timeline_only_grows_and_one_leads(
    officer: Officer, lay: Lay, moves: list[tuple[str, int, int]]
) -> None:
    if User.objects.count() < 5:
        for _ in range(4):
            officer()
        officer(Role.SUPERVISOR)
    *people, boss = [actor(person) for person in User.objects.order_by("pk")[:5]]
    case = opened(people[0], lay())
    seen = timeline_of(boss, case, limit=99).lines
    for verb, who, whom in moves:
        at = {"case_reference": case.reference}
        try:
            with transaction.atomic():
                if verb in {"assign", "lead"}:
                    services.assign(boss, **at, person=number_of(people[whom]), lead=verb == "lead")  # type: ignore[arg-type]
                elif verb == "hand":
                    services.hand_over(people[who], **at, to=number_of(people[whom]), note=WHY)  # type: ignore[arg-type]
                elif verb == "end":
                    services.end_assignment(boss, **at, person=number_of(people[whom]), reason=WHY)  # type: ignore[arg-type]
                else:
                    services.write_note(people[who], **at, text=WHY)
            added = 1
        except CaseError:
            added = 0
        now = timeline_of(boss, case, limit=99).lines
        assert now[added:] == seen
        assert [line.number for line in now] == list(range(len(now), 0, -1))
        work = people_at_work(case)
        assert sum(p.lead for p in work) <= 1
        assert len({p.person for p in work}) == len(work)
        seen = now


def test_lists_go_on_where_they_stopped(officer: Officer, lay: Lay) -> None:
    analyst = officer()
    cases = [opened(analyst, lay()).reference for _ in range(5)]
    services.write_note(analyst, case_reference=cases[1], text="moved")
    order = [cases[1], *[c for c in reversed(cases) if c != cases[1]]]
    for mine in (True, False):
        found: list[str] = []
        page = cases_for(analyst, mine=mine, limit=2)
        found += [line.reference for line in page.lines]
        while page.after:
            page = cases_for(analyst, mine=mine, after=page.after, limit=2)
            found += [line.reference for line in page.lines]
        assert found == order
    first = cases_for(analyst).lines[0]
    assert (first.newest, first.reports, first.lead) == (Kind.NOTED, 1, "Sample Person")
    case = access_case(analyst, cases[0])
    for n in range(4):
        services.write_note(analyst, case_reference=case.reference, text=f"note {n}")
    numbers: list[int] = []
    line = timeline_of(analyst, case, limit=2)
    while True:
        numbers += [event.number for event in line.lines]
        if line.before is None:
            break
        line = timeline_of(analyst, case, before=line.before, limit=2)
    assert numbers == [5, 4, 3, 2, 1]


def test_a_list_shows_the_cases_of_all_ones_units_together(officer: Officer, lay: Lay) -> None:
    here, there = officer(unit="lahore"), officer(unit="quetta")
    order = []
    for n in range(4):
        who, unit = ((here, "lahore"), (there, "quetta"))[n % 2]
        order.insert(0, opened(who, lay(unit=unit)).reference)
    both = Actor(here.kind, here.key, here.grants | there.grants)
    assert [line.reference for line in cases_for(both).lines] == order
    assert {line.unit for line in cases_for(here).lines} == {"lahore"}


def raced(*work: Callable[[], object]) -> list[object]:
    """Run all at once, each on a connection of its own; results or refusals in order."""
    barrier = threading.Barrier(len(work))
    results: list[object] = [None] * len(work)

    def run(place: int) -> None:
        barrier.wait()
        try:
            results[place] = work[place]()
        except CaseError as refusal:
            results[place] = refusal
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(work))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


@pytest.mark.django_db(transaction=True)
def test_of_two_who_join_at_once_one_joins(lay: Lay) -> None:
    a_unit("lahore")
    one, other = (actor(a_person(Role.INVESTIGATOR, unit="lahore")) for _ in range(2))
    first, second, report = opened(one, lay()), opened(other, lay()), lay()

    def join(who: Actor, case: Case) -> Callable[[], object]:
        return lambda: services.join_report(
            who, case_reference=case.reference, report_reference=report.reference, version=1, reason=WHY
        )

    results = raced(join(one, first), join(other, second))
    assert sorted(type(r).__name__ for r in results) == ["AlreadyInACase", "str"], results
    assert CaseReport.objects.filter(report=report).count() == 1
    assert Outcome.objects.filter(report=report).count() == 1
    results = raced(*(join(one, first) for _ in range(3)))
    assert all(isinstance(result, CaseError) for result in results), results


@pytest.mark.django_db(transaction=True)
def test_notes_written_at_once_are_numbered_without_a_gap(lay: Lay) -> None:
    a_unit("lahore")
    one, other = (actor(a_person(Role.INVESTIGATOR, unit="lahore")) for _ in range(2))
    case = opened(one, lay())

    def note(who: Actor) -> Callable[[], object]:
        return lambda: services.write_note(who, case_reference=case.reference, text="seen")

    assert sorted(raced(note(one), note(other), note(one), note(other))) == [2, 3, 4, 5]  # type: ignore[type-var]
    case.refresh_from_db()
    assert case.last_number == 5
