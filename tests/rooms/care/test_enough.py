"""How much is enough: no open tab counts hours, no midnight begins anew, one's own caps only lower."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amaan.care.domain.categories import CHOOSABLE, HEAVY, Category, categories_of, each
from amaan.care.domain.enough import (
    HEAVY_TOGETHER,
    MOST_OF_ONE,
    Caps,
    Read,
    Reading,
    State,
    Why,
    read_of,
    seconds_between,
    standing_of,
)
from amaan.care.domain.wishes import UNCAPPED, Wishes

pytestmark = pytest.mark.pure
NOW = datetime(2026, 3, 2, 19, 30, tzinfo=UTC)  # half past midnight in Pakistan


def reading(minutes_ago: int, seconds: int | None, report: int = 1, of: Category = Category.NONE) -> Reading:
    return Reading(report, NOW - timedelta(minutes=minutes_ago), seconds, of)


def test_categories_come_from_facts_and_silence_makes_none() -> None:
    assert categories_of({}) is Category.NONE
    assert categories_of({"victim.age_bands": ["not_said"], "content.count": 0}) is Category.NONE
    told = {"victim.age_bands": ["6-10"], "incident.annotations": ["sextortion"], "content.count": 2}
    assert set(each(categories_of(told))) == {Category.YOUNG_CHILD, Category.SEXTORTION, Category.FILES}
    assert categories_of({"text.indicators": ["self_harm_risk"]}) is Category.SELF_HARM
    assert categories_of({"reported.relationship": "relative"}) is Category.FAMILY


def test_an_open_tab_counts_no_hours_and_midnight_begins_nothing_anew() -> None:
    assert seconds_between(NOW - timedelta(hours=9), NOW) == MOST_OF_ONE.total_seconds()
    assert seconds_between(NOW, NOW - timedelta(seconds=5)) == 0
    read = read_of([reading(600, None, 1), reading(120, 600, 2), reading(60, 300, 2)], NOW)
    assert (read.reports_day, read.minutes_day) == (2, 20 + 10 + 5)
    assert read_of([reading(24 * 60 + 1, 600)], NOW) == Read(minutes_week=10)
    assert read_of([reading(8 * 24 * 60, 600)], NOW) == Read()


def test_after_several_heavy_ones_lighter_work_comes_and_at_a_cap_it_is_enough() -> None:
    caps = Caps(60, 300, HEAVY_TOGETHER + 1, 20)
    heavy = [reading(10, 300, 10 + number, Category.VIOLENCE) for number in range(HEAVY_TOGETHER)]
    assert standing_of(read_of(heavy[1:], NOW), caps, Category.NONE, NOW).state is State.OPEN
    standing = standing_of(read_of(heavy, NOW), caps, Category.FAMILY, NOW)
    assert (standing.state, standing.why) == (State.LIGHTER, Why.HEAVY_JUST_NOW)
    assert standing.avoid == HEAVY | Category.FAMILY
    assert standing.until == NOW + timedelta(minutes=15)
    later = NOW + timedelta(minutes=16)
    assert standing_of(read_of(heavy, later), caps, Category.FAMILY, later).avoid is Category.FAMILY
    more = [*heavy, reading(5, 60, 2, Category.LIVE)]
    assert standing_of(read_of(more, later), caps, Category.NONE, later).why is Why.HEAVY_DAY
    much = [reading(60, 1200, number) for number in range(3)]
    assert standing_of(read_of(much, NOW), caps, Category.NONE, NOW).why is Why.MINUTES_DAY
    assert standing_of(Read(minutes_week=300), caps, Category.NONE, NOW).state is State.ENOUGH


_CAPS = st.builds(Caps, *[st.integers(0, 2000)] * 4)


@given(_CAPS, _CAPS)
def test_ones_own_caps_only_lower_the_offices(office: Caps, own: Caps) -> None:
    both = office.lowered(own)
    assert both.minutes_day <= office.minutes_day
    assert both.minutes_week <= office.minutes_week
    assert both.heavy_day <= office.heavy_day
    assert both.cooling_minutes >= office.cooling_minutes


@given(st.sets(st.sampled_from(CHOOSABLE)))
def test_wishes_are_read_as_they_were_written_and_their_size_tells_nothing(out: set[Category]) -> None:
    wishes = Wishes(Category(sum(out)), UNCAPPED, 7)
    assert Wishes.read(wishes.written()) == wishes
    assert len(wishes.written()) == len(Wishes().written())
