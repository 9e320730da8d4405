"""The demo's tellings are what somebody could have typed at the door: asked, offered, read without a rest."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from amaan.demo.generator.told import Told, stories, tellings
from amaan.portal.domain.answers import read_question, typed_again
from amaan.portal.domain.questions import Way, is_enough, questions_of, standing


@pytest.mark.parametrize(
    "told", list(tellings(3, len(stories(hard=True)), hard=True)), ids=lambda told: told.kind
)
def test_each_is_asked_and_read_as_it_was_typed(told: Told) -> None:
    way = Way(told.answers["way"])
    read = {"way": way.value}
    for question in questions_of(way, told.answers):
        found = read_question(way, question, typed_again(question, told.answers), datetime.now(UTC).date())
        assert not found.faults
        read |= found.answers
    assert {
        key: list(value) if isinstance(value, tuple) else value for key, value in read.items()
    } == told.answers
    assert is_enough(standing(way, told.answers))


def test_every_way_in_is_told_in_both_languages_and_the_same_seed_tells_the_same() -> None:
    assert {told.answers["way"] for told in stories()} == {way.value for way in Way}
    assert {told.language for told in stories()} == {"en", "ur"}
    assert list(tellings(1, 20)) == list(tellings(1, 20)) != list(tellings(2, 20))


@pytest.mark.django_db(databases=["default", "portal"])
def test_they_come_in_by_the_door_and_an_office_asks_back() -> None:
    from amaan.authority.actors import Actor
    from amaan.demo import neighbours
    from amaan.demo.people import ANALYST, add_staff
    from amaan.reports.selectors import report_count

    add_staff(Actor.system("demo"))
    assert neighbours.take_told(tellings(1, 3), seed=1, analyst=ANALYST) == 3
    assert report_count() == 3
    assert neighbours.take_told(tellings(1, 3), seed=1, analyst=ANALYST) == 0
    assert report_count() == 3
