"""A ring's picture: nothing overlaps, all of it lies in the view box, and it is the same each time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from itertools import combinations, product
from math import hypot
from random import Random

import pytest

from amaan.linking.domain.breaking import Bridge, bridges_of, parts_of
from amaan.linking.domain.drawing import BOX, REPORT, SMALL, Drawing, Spot, drawing_of
from amaan.linking.domain.periods import MOST, Step, periods_of

pytestmark = pytest.mark.pure
Shape = tuple[dict[int, frozenset[int]], list[tuple[int, int]]]


def _star(reports: int) -> Shape:
    return {1: frozenset(range(reports))}, []


def _chain(reports: int) -> Shape:
    return {}, [(n, n + 1) for n in range(reports - 1)]


def _mixed(reports: int) -> Shape:
    """Things told by few and by many, as they come, and some lines."""
    lot = Random(5)
    things = {n: frozenset(lot.sample(range(reports), lot.choice([3, 3, 5, 9, 40]))) for n in range(60)}
    return things, [(n, n + 1) for n in range(0, reports - 1, 9)]


def _alone(_reports: int) -> Shape:
    return {}, []


def _overlap(drawing: Drawing) -> list[tuple[Spot, Spot]]:
    """Coordinates are rounded to a tenth."""
    circles, boxes = list(drawing.reports.values()), list(drawing.things.values())
    over = [(a, b) for a, b in combinations(circles, 2) if hypot(a.x - b.x, a.y - b.y) < REPORT - 0.2]
    over += [
        (a, b)
        for a, b in combinations(boxes, 2)
        if abs(a.x - b.x) < BOX[0] - 0.2 and abs(a.y - b.y) < BOX[1] - 0.2
    ]
    for a, b in product(circles, boxes):
        aside = max(abs(a.x - b.x) - BOX[0] / 2, 0.0)
        above = max(abs(a.y - b.y) - BOX[1] / 2, 0.0)
        if hypot(aside, above) < REPORT / 2 - 0.2:
            over.append((a, b))
    return over


@pytest.mark.parametrize("shape", [_star, _chain, _mixed, _alone])
def test_three_hundred_reports_stand_apart_and_inside(shape: Callable[[int], Shape]) -> None:
    things, lines = shape(300)
    drawing = drawing_of(range(300), things, lines)
    assert set(drawing.reports) == set(range(300))
    assert set(drawing.things) == set(things)
    assert _overlap(drawing) == []
    for spots, width, height in ((drawing.reports, REPORT, REPORT), (drawing.things, *BOX)):
        assert all(width / 2 <= spot.x <= drawing.width - width / 2 for spot in spots.values())
        assert all(height / 2 <= spot.y <= drawing.height - height / 2 for spot in spots.values())
    assert drawing.width * drawing.height < 3_000_000


TEN = {1: frozenset(range(1, 9)), 2: frozenset({1, 2, 3, 5})}
TEN_LINES = [(4, 9), (7, 10), (1, 3)]


@pytest.mark.parametrize("reports", [1, 2, 3, 10, SMALL - 1])
@pytest.mark.parametrize("shape", [_star, _chain, _alone])
def test_a_small_ring_stands_apart_and_inside(shape: Callable[[int], Shape], reports: int) -> None:
    things, lines = shape(reports)
    drawing = drawing_of(range(reports), things, lines)
    assert set(drawing.reports) == set(range(reports))
    assert _overlap(drawing) == []
    for spots, width, height in ((drawing.reports, REPORT, REPORT), (drawing.things, *BOX)):
        assert all(width / 2 <= spot.x <= drawing.width - width / 2 for spot in spots.values())
        assert all(height / 2 <= spot.y <= drawing.height - height / 2 for spot in spots.values())
    assert drawing.width <= 860 or reports > 10, "a node's card has its place beside it"


def test_ten_reports_use_the_room_and_no_line_runs_over_a_node_that_is_not_its_own() -> None:
    drawing = drawing_of(range(1, 11), TEN, TEN_LINES)
    assert drawing.width > 500
    circles = {("report", n): spot for n, spot in drawing.reports.items()}
    nodes = circles | {("box", n): spot for n, spot in drawing.things.items()}
    lines = [(("box", n), ("report", one)) for n, told in TEN.items() for one in told]
    lines += [(("report", low), ("report", high)) for low, high in TEN_LINES]
    far = {a: min(hypot(p.x - q.x, p.y - q.y) for b, q in nodes.items() if b != a) for a, p in nodes.items()}
    assert min(far.values()) > 1.4 * REPORT
    over = [
        (line, node)
        for line in lines
        for node in nodes.keys() - set(line)
        if _from_line(nodes[node], nodes[line[0]], nodes[line[1]]) < REPORT / 2
    ]
    assert over == []


def _from_line(spot: Spot, begin: Spot, end: Spot) -> float:
    x, y = end.x - begin.x, end.y - begin.y
    share = ((spot.x - begin.x) * x + (spot.y - begin.y) * y) / (x * x + y * y)
    share = min(1.0, max(0.0, share))
    return hypot(spot.x - begin.x - share * x, spot.y - begin.y - share * y)


def test_the_same_ring_is_drawn_the_same() -> None:
    things, lines = _mixed(60)
    assert drawing_of(range(60), things, lines) == drawing_of(reversed(range(60)), things, lines)
    assert drawing_of(range(1, 11), TEN, TEN_LINES) == drawing_of(reversed(range(1, 11)), TEN, TEN_LINES)


def test_the_search_for_what_overlaps_can_fail() -> None:
    near = Drawing(100, 100, {1: Spot(20, 20), 2: Spot(40, 20)}, {1: Spot(40, 50), 2: Spot(80, 60)})
    assert len(_overlap(near)) == 2


def test_what_a_ring_rests_on() -> None:
    links = [(1, 2), (2, 3), (1, 3), (3, 4), (4, 5), (5, 6), (4, 6), (6, 7)]
    assert parts_of(range(1, 9), links) == (7, 1)
    assert parts_of(range(1, 8), [pair for pair in links if pair != (3, 4)]) == (4, 3)
    assert bridges_of(range(1, 8), links) == [Bridge(3, 4, 3)]
    assert bridges_of(range(1, 8), links, least=1) == [Bridge(3, 4, 3), Bridge(6, 7, 1)]


@pytest.mark.parametrize(
    ("span", "step"),
    [(0, Step.WEEK), (200, Step.WEEK), (400, Step.MONTH), (2000, Step.QUARTER), (9000, Step.YEAR)],
)
def test_days_are_counted_once_in_as_many_periods_as_can_be_shown(span: int, step: Step) -> None:
    days = [date(2024, 2, 29) + timedelta(days=n) for n in range(0, span + 1, 7)]
    chosen, periods = periods_of(days)
    assert chosen is step
    assert sum(period.count for period in periods) == len(days)
    assert len(periods) <= MOST or step is Step.YEAR
    assert [p.begin for p in periods] == sorted({p.begin for p in periods})
    assert periods_of([]) == (Step.WEEK, ())
