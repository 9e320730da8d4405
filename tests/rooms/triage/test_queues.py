"""Named queues filter inside a unit, hide nothing, give nobody a right, and keep nobody from what is urgent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from tests.rooms.accounts.people import a_person
from tests.rooms.triage.conftest import Lay, tell
from tests.rooms.triage.stories import MODEL_REPORT_OF_KNOWN_MATERIAL

from amaan.accounts.models import Membership, User
from amaan.accounts.selectors import actor_of
from amaan.authority.actors import Actor, Role
from amaan.authority.matrix import NotAllowed
from amaan.reports.models import Report
from amaan.triage.domain.queues import NO_QUEUE, BadTerms, Catching, Terms, facets_of, first_fit
from amaan.triage.models import Assessment, Claim
from amaan.triage.selectors import (
    Change,
    Choice,
    caught_by_none,
    changed_for,
    claim_panel,
    queue_for,
    queues_for,
)
from amaan.triage.selectors.counts import waiting_in
from amaan.triage.services import (
    NameTaken,
    claim_report,
    keep_queue,
    note_seen,
    prefer_queues,
    pull_next,
    retire_queue,
    route_some,
    triage_reports,
)

SYSTEM = Actor.system("test")
URGENT = {"incident.annotations": ["sextortion"]}
LAHORE, KARACHI = "PK603", "PK711"


def somebody(*roles: Role, unit: str = "north") -> Actor:
    found = actor_of(a_person(*roles, unit=unit))
    assert found is not None
    return found


def banded(lay: Lay, facts: dict[str, object], unit: str = "north") -> Report:
    report = lay(facts, unit=unit, received_at=timezone.now() - timedelta(hours=1))
    triage_reports(SYSTEM, report_ids=[report.pk])
    return report


def settled() -> None:
    while route_some(SYSTEM):
        continue


def shown(actor: Actor, **choice: object) -> list[str]:
    page = queue_for(actor, Choice(**choice), now=timezone.now())  # type: ignore[arg-type]
    return [line.reference for line in page.lines]


def queue(actor: Actor, name: str = "Grooming", unit: str = "north", **terms: list[str]) -> int:
    return keep_queue(actor, unit=unit, name=name, terms=terms or {"incident_types": ["enticement"]})


@pytest.mark.pure
def test_every_list_is_met_by_any_of_its_words_and_silence_meets_none() -> None:
    both = Terms.of({"districts": [LAHORE, KARACHI], "incident_types": ["enticement"]})
    facts = {"incident.type": "enticement", "victim.districts": [KARACHI]}
    assert both.fit(facets_of(facts))
    assert not both.fit(facets_of({**facts, "victim.districts": []}))
    assert not both.fit(facets_of({**facts, "incident.type": "not_said"}))
    assert Terms.of({"languages": ["ps"]}).fit(facets_of({}, "ps"))
    assert Terms.of({"sections": ["peca-21"]}).fit(facets_of({}, sections=["peca-21", "peca-22"]))
    assert not Terms.of({"sections": ["peca-22b"]}).fit(facets_of({}, sections=["peca-21"]))
    assert (
        first_fit([Catching(7, both), Catching(8, Terms.of({"districts": [KARACHI]}))], facets_of(facts)) == 7
    )


@pytest.mark.pure
@pytest.mark.parametrize("terms", [{}, {"districts": []}, {"districts": ["XX1"]}, {"colour": ["red"]}])
def test_terms_that_ask_for_nothing_or_for_what_nobody_knows_are_refused(terms: dict[str, list[str]]) -> None:
    with pytest.raises(BadTerms):
        Terms.of(terms)


def test_a_report_finds_its_queue_when_it_is_banded_and_anew_when_queues_change(lay: Lay) -> None:
    supervisor = somebody(Role.SUPERVISOR)
    before = banded(lay, {"incident.type": "enticement"})
    number = queue(supervisor)
    after = banded(lay, {"incident.type": "enticement"})
    other = banded(lay, MODEL_REPORT_OF_KNOWN_MATERIAL)
    settled()
    assert set(shown(supervisor, queue=number)) == {before.reference, after.reference}
    assert shown(supervisor, queue=NO_QUEUE) == [other.reference]
    assert caught_by_none(supervisor) == {"north": 1}
    assert sum(waiting_in(supervisor, queue=number).values()) == 2
    assert {one.name: one.waiting for one in queues_for(supervisor, counted=True)} == {"Grooming": 2}
    with pytest.raises(NameTaken):
        queue(supervisor)
    retire_queue(supervisor, unit="north", number=number)
    settled()
    assert caught_by_none(supervisor) == {"north": 3}


def test_a_queue_for_a_section_catches_what_fits_it(lay: Lay) -> None:
    supervisor = somebody(Role.SUPERVISOR)
    number = queue(supervisor, sections=["peca-22a"])
    fits = banded(lay, {"incident.type": "enticement"})
    banded(lay, MODEL_REPORT_OF_KNOWN_MATERIAL)
    assert shown(supervisor, queue=number) == [fits.reference]


def test_no_queue_hides_a_report_from_the_whole(lay: Lay) -> None:
    supervisor, analyst = somebody(Role.SUPERVISOR), somebody(Role.ANALYST)
    queue(supervisor)
    caught, loose = banded(lay, {"incident.type": "enticement"}), banded(lay, MODEL_REPORT_OF_KNOWN_MATERIAL)
    for actor in (supervisor, analyst):
        assert set(shown(actor)) == {caught.reference, loose.reference}


def test_changing_a_queue_or_its_members_widens_nobodys_view(lay: Lay) -> None:
    """Coop #1154, #504."""
    ours, theirs = somebody(Role.SUPERVISOR), somebody(Role.SUPERVISOR, unit="south")
    stranger = somebody(Role.ANALYST, unit="south")
    person = int(stranger.key.removeprefix("staff:"))
    report = banded(lay, {"incident.type": "enticement"})
    number = keep_queue(
        ours, unit="north", name="Grooming", terms={"incident_types": ["enticement"]}, members=[person]
    )
    settled()
    assert queues_for(stranger) == []
    assert shown(stranger, queue=number) == []
    prefer_queues(stranger, numbers=[number])
    assert pull_next(stranger, queue=number) is None
    assert pull_next(stranger) is None
    for act in (
        lambda: keep_queue(
            theirs, unit="north", name="Mine", terms={"incident_types": ["csam"]}, number=number
        ),
        lambda: retire_queue(theirs, unit="north", number=number),
        lambda: keep_queue(somebody(Role.ANALYST), unit="north", name="M", terms={"languages": ["ur"]}),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert shown(ours, queue=number) == [report.reference]


def test_who_loses_the_role_loses_the_queue_though_still_its_member(lay: Lay) -> None:
    supervisor, person = somebody(Role.SUPERVISOR), a_person(Role.ANALYST)
    number = keep_queue(
        supervisor, unit="north", name="Q", terms={"incident_types": ["enticement"]}, members=[person.pk]
    )
    banded(lay, {"incident.type": "enticement"})
    Membership.objects.filter(user=person).delete()
    left = actor_of(User.objects.get(pk=person.pk))
    assert left is not None
    assert shown(left, queue=number) == []
    with pytest.raises(NotAllowed):
        pull_next(left)


def test_ones_own_queue_comes_first_in_a_band_and_never_before_a_sooner_one(lay: Lay) -> None:
    supervisor, analyst = somebody(Role.SUPERVISOR), somebody(Role.ANALYST)
    number = queue(supervisor, districts=[KARACHI])
    prefer_queues(analyst, numbers=[number])
    earlier = banded(lay, {**MODEL_REPORT_OF_KNOWN_MATERIAL})
    mine = banded(lay, {**MODEL_REPORT_OF_KNOWN_MATERIAL, "reported.districts": [KARACHI]})
    urgent = banded(lay, URGENT)
    assert [pull_next(analyst) for _ in range(4)] == [
        urgent.reference,
        mine.reference,
        earlier.reference,
        None,
    ]


def test_what_is_near_due_comes_before_ones_own_queue_though_no_queue_catches_it(lay: Lay) -> None:
    supervisor, analyst = somebody(Role.SUPERVISOR), somebody(Role.ANALYST)
    mine, nobodys = queue(supervisor, districts=[KARACHI]), queue(supervisor, "Left", districts=[LAHORE])
    prefer_queues(analyst, numbers=[mine])
    own, loose, unpeopled = (
        banded(lay, {**URGENT, "reported.districts": districts}) for districts in ([KARACHI], [], [LAHORE])
    )
    assert Assessment.objects.get(report=unpeopled, current=True).queue_id == nobodys
    late = timezone.now() + timedelta(
        hours=5
    )  # near, not overdue: of a day's span more than three quarters are gone
    for report in (loose, unpeopled):
        Assessment.objects.filter(report=report).update(turn_at=late, due_at=late)
    assert [pull_next(analyst) for _ in range(3)] == [loose.reference, unpeopled.reference, own.reference]


def test_a_report_that_moves_keeps_its_page_and_its_holder(lay: Lay) -> None:
    """Coop #469."""
    supervisor, analyst = somebody(Role.SUPERVISOR), somebody(Role.ANALYST)
    first = queue(supervisor)
    report = banded(lay, {"incident.type": "enticement"})
    claim_report(analyst, report.reference)
    tell(report, {"incident.type": "csam", "victim.districts": [KARACHI]})
    second = queue(supervisor, name="Karachi", districts=[KARACHI])
    triage_reports(SYSTEM, report_ids=[report.pk])
    assert shown(analyst, queue=first) == []
    assert shown(analyst, queue=second) == [report.reference]
    assert claim_panel(analyst, report.reference, now=timezone.now()).mine
    assert Claim.objects.get(report=report).released_at is None


def test_routing_goes_on_where_a_killed_worker_stopped(lay: Lay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("amaan.triage.services.queueing._SLICE", 2)
    supervisor = somebody(Role.SUPERVISOR)
    for _ in range(3):
        banded(lay, {"incident.type": "enticement"})
    number = queue(supervisor)
    assert route_some(SYSTEM) == 2
    assert Assessment.objects.filter(queue_id=number).count() == 2
    settled()
    assert Assessment.objects.filter(queue_id=number).count() == 3


def test_what_is_new_since_somebody_read_it_is_marked_for_them_alone(lay: Lay) -> None:
    reader, other = somebody(Role.ANALYST), somebody(Role.ANALYST)
    report = banded(lay, MODEL_REPORT_OF_KNOWN_MATERIAL)
    unread: Callable[[Actor], list[frozenset[Change]]] = lambda actor: [  # noqa: E731
        line.changed for line in queue_for(actor, now=timezone.now()).lines
    ]
    note_seen(reader, report_id=report.pk, now=timezone.now())
    assert unread(reader) == [frozenset()]
    tell(report, URGENT)
    triage_reports(SYSTEM, report_ids=[report.pk])
    assert unread(reader) == [{Change.TOLD_AGAIN, Change.RAISED}]
    assert changed_for(reader) == {report.reference: {Change.TOLD_AGAIN, Change.RAISED}}
    assert unread(other) == [frozenset()]
    note_seen(reader, report_id=report.pk, now=timezone.now())
    assert changed_for(reader) == {}
