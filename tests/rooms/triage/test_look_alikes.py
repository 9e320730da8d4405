"""Past reports that are like one: by facts alone, only what the reader may see, and honest where there is nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rooms.triage.conftest import Lay, tell

from amaan.authority.actors import Actor, ActorKind, Grant, Role
from amaan.reports.domain.outcomes import Decision
from amaan.reports.models import Outcome, Report
from amaan.reports.selectors import ReportNotFound, standing_outcomes
from amaan.reports.services import settle_with
from amaan.triage.domain.facts import FACTS, Kind
from amaan.triage.domain.likeness import COMPARED, Grade, differences, features, grade_of, likeness, told
from amaan.triage.selectors.look_alikes import LEAST, Became, look_alikes_of

LURED: dict[str, Any] = {
    "source": "cybertipline_xml",
    "incident.type": "enticement",
    "incident.annotations": ["csam_solicitation"],
    "victim.count": 1,
    "victim.age_bands": ["11-13"],
    "reported.count": 1,
    "reported.contact_verified": True,
    "reported.access_to_victim": "not_said",
    "content.count": 0,
    "reported.districts": ["PK617"],
}
VIRAL = {
    "incident.type": "csam",
    "incident.batched": True,
    "content.annotations": ["viral"],
    "content.count": 1,
}


def _facts() -> st.SearchStrategy[dict[str, Any]]:
    """Any telling of the facts that are compared; what is left out was not said."""
    values: dict[str, st.SearchStrategy[Any]] = {}
    for name in COMPARED:
        spec = FACTS[name]
        words = st.sampled_from(sorted(spec.words) or ["a", "b"])
        values[name] = {
            Kind.FLAG: st.booleans(),
            Kind.NUMBER: st.integers(0, 30),
            Kind.WORD: words,
            Kind.WORDS: st.lists(words, max_size=4, unique=True),
        }[spec.kind]
    return st.fixed_dictionaries({}, optional=values)


@pytest.mark.pure
@settings(deadline=None, max_examples=50)
@given(one=_facts(), other=_facts(), data=st.data())
def test_nothing_is_nearer_than_itself_and_no_order_matters(
    one: dict[str, Any], other: dict[str, Any], data: st.DataObject
) -> None:
    mine, theirs = features(one), features(other)
    assert likeness(mine, mine) == (1 if mine else 0)
    assert not differences(one, one)
    assert likeness(mine, theirs) == likeness(theirs, mine) <= 1
    shuffled = {
        name: value[::-1] if isinstance(value, list) else value
        for name, value in data.draw(st.permutations(list(one.items())))
    }
    assert features(shuffled) == mine
    assert bool(differences(one, other)) is (mine != theirs)


@pytest.mark.pure
@settings(deadline=None, max_examples=50)
@given(one=_facts(), other=_facts())
def test_what_neither_says_is_no_agreement(one: dict[str, Any], other: dict[str, Any]) -> None:
    silent: dict[str, Any] = {}
    for name in COMPARED:
        if told(one, name) is None and told(other, name) is None:
            kind = FACTS[name].kind
            silent[name] = {Kind.FLAG: False, Kind.NUMBER: 0, Kind.WORD: "not_said", Kind.WORDS: []}[kind]
    assert likeness(features(one | silent), features(other | silent)) == likeness(
        features(one), features(other)
    )


@pytest.mark.pure
def test_two_that_say_nothing_are_not_alike() -> None:
    assert likeness(features({}), features({"reported.minor": "not_said"})) == 0
    assert grade_of(0) is None


@pytest.mark.pure
def test_no_and_not_said_are_two_things_and_danger_is_named_first() -> None:
    denied, quiet = LURED | {"reported.access_to_victim": "no"}, LURED | {"content.count": 2}
    (one,) = differences(LURED, denied)
    assert (one.fact, one.here, one.there) == ("reported.access_to_victim", None, "no")
    assert [one.fact for one in differences(denied, quiet)] == ["reported.access_to_victim", "content.count"]


@pytest.mark.pure
def test_where_people_live_and_how_it_came_play_no_part() -> None:
    elsewhere = LURED | {"reported.districts": ["PK721"], "source": "portal", "text.length": 9000}
    assert likeness(features(LURED), features(elsewhere)) == 1
    assert not [name for name in COMPARED if name.endswith("districts") or name in {"source", "text.length"}]


def _staff(role: Role, *units: str) -> Actor:
    return Actor(ActorKind.STAFF, "staff:7", frozenset(Grant(role, unit) for unit in units))


def _decide(report: Report, decision: Decision, stage: str = "") -> None:
    Outcome.objects.create(
        report=report,
        decision=decision,
        stage=stage,
        reason=b"",
        case_reference="C-1" if decision in {Decision.CASE_OPENED, Decision.CASE_LEFT} else "",
        version=report.version,
        by="staff:1",
        at=timezone.now(),
    )


@pytest.mark.django_db
def test_the_nearest_come_with_what_became_of_them_and_what_differs(lay: Lay) -> None:
    asked = lay(LURED)
    near, nearer, viral, waiting = (
        lay(LURED | {"victim.age_bands": ["14-15"]}),
        lay(LURED),
        lay(VIRAL),
        lay(LURED),
    )
    _decide(near, Decision.CASE_OPENED)
    _decide(nearer, Decision.CLOSED, "too_little")
    _decide(viral, Decision.CLOSED, "shared_widely")
    found = look_alikes_of(_staff(Role.ANALYST, "lahore"), asked.reference)
    assert [one.reference for one in found.nearest] == [nearer.reference, near.reference]
    assert waiting.reference not in {one.reference for one in found.nearest}
    assert found.nearest[0].grade is Grade.NEARLY_SAME
    assert (found.nearest[0].decision, found.nearest[0].code) == ("closed", "too_little")
    assert [(one.fact, one.here, one.there) for one in found.nearest[1].differ] == [
        ("victim.age_bands", ["11-13"], ["14-15"])
    ]
    assert (found.alike, found.cases, found.became[Became.CLOSED], found.compared) == (2, 1, 1, 3)
    assert found.codes == {"too_little": 1}


@pytest.mark.django_db
def test_a_decision_upon_something_else_or_undone_tells_nothing(lay: Lay) -> None:
    """Told again after its decision; taken out of its only case; and the report itself."""
    asked, again, undone = lay(LURED), lay(VIRAL), lay(LURED)
    _decide(asked, Decision.CLOSED, "too_little")
    _decide(again, Decision.CLOSED, "shared_widely")
    tell(again, LURED)
    _decide(undone, Decision.CASE_OPENED)
    _decide(undone, Decision.CASE_LEFT)
    found = look_alikes_of(_staff(Role.ANALYST, "lahore"), asked.reference)
    assert (found.nearest, found.alike, found.compared) == ((), 0, 0)


@pytest.mark.django_db
def test_what_was_settled_with_another_is_no_past(lay: Lay) -> None:
    asked, copy = lay(LURED), lay(LURED)
    _decide(copy, Decision.CLOSED, "told_already")
    found = look_alikes_of(_staff(Role.ANALYST, "lahore"), asked.reference)
    assert found.compared == 1, "a person said so"
    other = lay(LURED)
    settle_with(Actor.system("bundles"), behind={other.pk: copy.pk})
    assert standing_outcomes([other.pk])[other.pk].followed
    assert look_alikes_of(_staff(Role.ANALYST, "lahore"), asked.reference).compared == 1


@pytest.mark.django_db
def test_of_other_offices_a_count_and_no_reference(lay: Lay) -> None:
    asked, here, there = lay(LURED), lay(LURED), lay(LURED, unit="karachi")
    _decide(here, Decision.REFERRED)
    _decide(there, Decision.CASE_OPENED)
    found = look_alikes_of(_staff(Role.ANALYST, "lahore"), asked.reference)
    assert [one.reference for one in found.nearest] == [here.reference]
    assert (found.alike, found.cases) == (1, 0), "of so few elsewhere not even a number"
    both = look_alikes_of(_staff(Role.SUPERVISOR, "lahore", "karachi"), asked.reference)
    assert {one.reference for one in both.nearest} == {here.reference, there.reference}
    for _ in range(LEAST - 1):
        _decide(lay(LURED, unit="karachi"), Decision.CASE_OPENED)
    found = look_alikes_of(_staff(Role.ANALYST, "lahore"), asked.reference)
    assert [one.reference for one in found.nearest] == [here.reference]
    assert (found.alike, found.cases) == (1 + LEAST, LEAST)
    for stranger in (
        _staff(Role.ANALYST, "karachi"),
        _staff(Role.CUSTODIAN, "lahore"),
        _staff(Role.AUDITOR, "lahore"),
    ):
        with pytest.raises(ReportNotFound):
            look_alikes_of(stranger, asked.reference)
