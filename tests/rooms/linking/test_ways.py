"""By which other links two reports hold together."""

from __future__ import annotations

import pytest
from tests.rooms.linking.rung import ANALYST, BOTH, chain, link, reports, ring

from amaan.linking.domain.ways import Weighed, ways_between
from amaan.linking.models import Link
from amaan.linking.selectors.showing import joined_by
from amaan.linking.services import reject_link
from amaan.reports.models import Report


def test_the_way_over_a_third_report_whose_weaker_link_is_heaviest_comes_first() -> None:
    links = [Weighed(1, 2, 30), Weighed(1, 3, 9), Weighed(2, 3, 5), Weighed(1, 4, 6), Weighed(2, 4, 6)]
    assert ways_between(links, 1, 2) == [(1, 4, 2), (1, 3, 2)]
    assert ways_between(links[:1], 1, 2) == [], "the link between the two is no other link"


def test_without_a_third_report_it_is_a_shortest_way() -> None:
    round_about = [Weighed(1, 3, 9), Weighed(3, 4, 9), Weighed(4, 2, 9), Weighed(3, 5, 9), Weighed(5, 6, 9)]
    assert ways_between([*round_about, Weighed(6, 2, 9)], 1, 2) == [(1, 3, 4, 2)]
    assert ways_between(round_about[:2], 1, 2) == []


@pytest.mark.django_db
def test_what_holds_two_in_one_ring_is_told_as_far_as_its_reports_are_open() -> None:
    held = [*reports(3), *reports(1, "quetta")]
    names = dict(Report.objects.filter(pk__in=held).values_list("pk", "reference"))
    one, two, three, theirs = held
    link((one, two), (one, three), (two, three), (one, theirs), (two, theirs))
    ring(*held)
    by_three = ((names[one], names[three]), (names[three], names[two]))
    by_theirs = ((names[one], names[theirs]), (names[theirs], names[two]))
    found = joined_by(ANALYST, (one, two))
    assert found is not None
    assert found.ways == (by_three,)
    everything = joined_by(BOTH, (one, two))
    assert everything is not None
    assert set(everything.ways) == {by_three, by_theirs}
    reject_link(ANALYST, low=two, high=three, reason="a shop's number")
    hidden = joined_by(ANALYST, (one, two))
    assert hidden is not None
    assert (hidden.ways, hidden.more) == ((), 0), "a rejected link is no way, and theirs is not told"


@pytest.mark.django_db
def test_two_that_stand_in_no_ring_together_are_joined_by_nothing() -> None:
    held = reports(3)
    chain(held)
    ring(*held)
    assert joined_by(ANALYST, (held[0], held[2])) is not None
    Link.objects.all().delete()
    ring(*held)
    assert joined_by(ANALYST, (held[0], held[2])) is None
