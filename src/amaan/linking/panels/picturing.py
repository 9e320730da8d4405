"""A ring's picture, its time line and its map, from what its page tells already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import cos, radians, sqrt
from typing import Final

from django.utils.formats import date_format

from amaan.linking.domain.drawing import BOX, drawing_of
from amaan.linking.domain.kinds import KINDS
from amaan.linking.domain.periods import Step, periods_of
from amaan.linking.domain.sharing import Thing, needed
from amaan.linking.panels.values import Bar, Box, District, Dot, Line, Map, Picture, ThingShown, TimeLine
from amaan.linking.words import LETTERS, STEPS
from amaan.reports.words import district_word
from amaan.vocabulary.domain import places

MOST_DRAWN: Final = 300
"""Reports in a picture; of more, those that share most stand in it."""
_HEFTS: Final = (14.0, 23.0)
"""Bits from which a line is thicker."""
_THICK, _HIGH, _BASE, _MARGIN = 22.0, 120.0, 150.0, 30.0
_MAP: Final = (520, 480)
_EDGE: Final = 40.0
_LABELS: Final = 6
_LABEL_ROOM: Final = (110.0, 26.0)
"""Labels of districts: so many, those that most reports tell of, and so far apart."""


@dataclass(frozen=True)
class Named:
    """What stands in the picture by its name: `numbers` of the reports that the reader may open, `reports` as each is
    called for those who listen, `things` by their keys as the page tells of them."""

    numbers: Mapping[int, int]
    reports: Mapping[int, str]
    things: Mapping[int, ThingShown]


def picture_of(
    reports: Sequence[int], things: Sequence[Thing], named: Named, confirmed: Sequence[tuple[int, int]]
) -> Picture:
    """`confirmed`: pairs that a person joined; they have a line of their own."""
    shown = named.things
    drawn, left_out = _chosen(reports, things)
    here = frozenset(drawn)
    kept = [
        thing._replace(reports=thing.reports & here)
        for thing in needed(things)
        if len(thing.reports & here) > 1
    ]
    boxed = [thing for thing in kept if len(thing.reports) > 2]
    lined = [thing for thing in kept if len(thing.reports) == 2]
    pairs = [pair for pair in confirmed if here.issuperset(pair)]
    drawing = drawing_of(
        drawn,
        {n: thing.reports for n, thing in enumerate(boxed)},
        [*((min(thing.reports), max(thing.reports)) for thing in lined), *pairs],
    )
    spots = drawing.reports
    lines = [
        Line(*drawing.things[n], *spots[report], _heft(thing.bits), not thing.links, confirmed=False)
        for n, thing in enumerate(boxed)
        for report in sorted(thing.reports)
    ]
    for thing in lined:
        one, other = sorted(thing.reports)
        lines.append(Line(*spots[one], *spots[other], _heft(thing.bits), not thing.links, confirmed=False))
    lines += [Line(*spots[one], *spots[other], 3, supports=False, confirmed=True) for one, other in pairs]
    same = {
        n: sum(1 for one in things if one.reports & here == thing.reports) - 1
        for n, thing in enumerate(boxed)
    }
    boxes = tuple(
        Box(
            mark=shown[thing.key].mark,
            x=spot.x,
            y=spot.y,
            left=spot.x - BOX[0] / 2,
            top=spot.y - BOX[1] / 2,
            name=f"{shown[thing.key].mark}: {shown[thing.key].kind}",
            links=thing.links,
            more=same[n],
        )
        for n, thing in enumerate(boxed)
        for spot in (drawing.things[n],)
    )
    families = {KINDS[thing.kind].family for thing in kept}
    return Picture(
        width=drawing.width,
        height=drawing.height,
        dots=tuple(
            Dot(named.numbers.get(report, 0), *spots[report], named.reports[report])
            for report in sorted(spots)
        ),
        boxes=boxes,
        lines=tuple(lines),
        letters=tuple(
            (letter, str(words)) for family, (letter, words) in LETTERS.items() if family in families
        ),
        left_out=left_out,
    )


def _chosen(reports: Sequence[int], things: Sequence[Thing]) -> tuple[list[int], int]:
    if len(reports) <= MOST_DRAWN:
        return list(reports), 0
    shares = dict.fromkeys(reports, 0.0)
    for thing in things:
        for report in thing.reports & shares.keys():
            shares[report] += thing.bits if thing.links else thing.bits / 4
    chosen = sorted(reports, key=lambda report: (-shares[report], report))[:MOST_DRAWN]
    return sorted(chosen), len(reports) - MOST_DRAWN


def _heft(bits: float) -> int:
    return 1 + sum(bits >= least for least in _HEFTS)


def time_line_of(days: Sequence[date]) -> TimeLine:
    step, periods = periods_of(days)
    most = max((period.count for period in periods), default=1)
    thick = _THICK if len(periods) > 12 else 2 * _THICK
    bars: list[Bar] = []
    free = -1.0
    for n, period in enumerate(periods):
        x = _MARGIN + n * (thick + 6)
        label = ""
        if x >= free:
            label, free = _label(period.begin, step), x + 92
        height = round(_HIGH * period.count / most, 1)
        bars.append(Bar(period.begin, period.count, x, _BASE - height, height, label))
    width = _MARGIN * 2 + max(len(periods) * (thick + 6), 110)
    return TimeLine(str(STEPS[step]), tuple(bars), round(width), most, thick)


def _label(begin: date, step: Step) -> str:
    form = {Step.WEEK: "j M y", Step.MONTH: "M Y", Step.QUARTER: "M Y", Step.YEAR: "Y"}[step]
    return str(date_format(begin, form))


def map_of(counts: Mapping[str, int]) -> Map:
    """Of district codes how many reports tell of them. Never below the district: a dot is its middle."""
    known = places.districts()
    west, east = min(one.lon for one in known), max(one.lon for one in known)
    south, north = min(one.lat for one in known), max(one.lat for one in known)
    # One degree east is shorter than one degree north, by the cosine of the latitude in the middle.
    narrow = cos(radians((south + north) / 2))
    scale = min((_MAP[0] - 2 * _EDGE) / ((east - west) * narrow), (_MAP[1] - 2 * _EDGE) / (north - south))
    most = max(counts.values(), default=1)
    told = []
    labelled: list[tuple[float, float]] = []
    for one in sorted(known, key=lambda one: (-counts.get(one.pcode, 0), one.pcode)):
        x = round(_EDGE + (one.lon - west) * narrow * scale, 1)
        y = round(_EDGE + (north - one.lat) * scale, 1)
        count = counts.get(one.pcode, 0)
        radius = round(4 + 14 * sqrt(count / most), 1) if count else 0.0
        label = (
            bool(count)
            and len(labelled) < _LABELS
            and not any(abs(x - a) < _LABEL_ROOM[0] and abs(y - b) < _LABEL_ROOM[1] for a, b in labelled)
        )
        if label:
            labelled.append((x, y))
        told.append(District(district_word(one.pcode), count, x, y, radius, label))
    return Map(
        _MAP[0],
        _MAP[1],
        shape=tuple(one for one in told if not one.count),
        told=tuple(sorted((one for one in told if one.count), key=lambda one: (-one.count, one.name))),
    )
