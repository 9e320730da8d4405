"""A ring's picture, its time line and its map, from what its page tells already."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import cos, hypot, radians, sqrt
from typing import Final, NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from amaan.linking.domain.drawing import BOX, Spot, drawing_of
from amaan.linking.domain.kinds import KINDS
from amaan.linking.domain.periods import Step, periods_of
from amaan.linking.domain.sharing import Thing, needed
from amaan.linking.panels.values import (
    Bar,
    Box,
    Card,
    District,
    Dot,
    Line,
    Map,
    Picture,
    ThingShown,
    TimeLine,
)
from amaan.linking.words import LETTERS, STEPS
from amaan.reports.words import district_word
from amaan.vocabulary.domain import places

MOST_DRAWN: Final = 300
"""Reports in a picture; of more, those that share most stand in it."""
_HEFTS: Final = (14.0, 23.0)
"""Bits from which a line is thicker."""
_HIGH, _BASE = 120.0, 150.0
_THICK: Final = 8.0
_FILLED: Final = 0.78
"""A bar fills so much of its period's room, and no more percent of the time line than that."""
_FEW: Final = 5
_DIGITS: Final = 36
"""So few periods have room for a label each; a telephone has room for so many digits on the bars."""
_MAP: Final = (380, 350)
_EDGE: Final = 26.0
_LABELS: Final = 6
_LETTER, _LINE, _LOOSE = 8.0, 24.0, 3.0
"""Labels of districts: so many, those that most reports tell of; what a letter and a line take at most in the map, and
how far they stay from what is not theirs."""


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
    others = {
        thing.key: [one for one in things if one.key != thing.key and one.reports & here == thing.reports]
        for thing in boxed
    }
    boxes = tuple(
        Box(
            mark=shown[thing.key].mark,
            x=spot.x,
            y=spot.y,
            left=spot.x - BOX[0] / 2,
            top=spot.y - BOX[1] / 2,
            name=_box_name(shown[thing.key], [shown[one.key] for one in others[thing.key]]),
            links=thing.links,
            more=len(others[thing.key]),
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
        cards=_cards(things, shown, others),
        lines=tuple(lines),
        letters=tuple(
            (letter, str(words)) for family, (letter, words) in LETTERS.items() if family in families
        ),
        left_out=left_out,
    )


def _box_name(thing: ThingShown, others: Sequence[ThingShown]) -> str:
    name = f"{thing.mark}: {thing.kind}"
    if not others:
        return name
    too = " · ".join(f"{one.mark}: {one.kind}" for one in others)
    return _("%(what)s; told by the same reports, in the same box: %(others)s") % {
        "what": name,
        "others": too,
    }


def _cards(
    things: Sequence[Thing], shown: Mapping[int, ThingShown], others: Mapping[int, Sequence[Thing]]
) -> tuple[Card, ...]:
    within = {one.key: shown[key].mark for key, too in others.items() for one in too}
    return tuple(
        Card(
            shown[thing.key],
            tuple((shown[one.key].mark, shown[one.key].kind) for one in others.get(thing.key, ())),
            within.get(thing.key, ""),
        )
        for thing in things
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
    """It fits whatever width it is given: the oldest and the newest period are always seen, and labelled."""
    step, periods = periods_of(days)
    most = max((period.count for period in periods), default=1)
    room = 100 / max(1, len(periods))
    thick = round(min(_FILLED * room, _THICK), 2)
    places = _places(len(periods))
    bars: list[Bar] = []
    for n, period in enumerate(periods):
        middle = (n + 0.5) * room
        height = round(_HIGH * period.count / most, 1)
        place = places.get(n)
        at = {"first": middle - thick / 2, "last": middle + thick / 2}.get(place or "", middle)
        bars.append(
            Bar(
                begin=period.begin,
                count=period.count,
                x=round(middle - thick / 2, 2),
                middle=round(middle, 2),
                y=_BASE - height,
                height=height,
                label="" if place is None else _label(period.begin, step),
                place=place or "",
                at=round(at, 2),
            )
        )
    return TimeLine(str(STEPS[step]), tuple(bars), thick, many=len(periods) * len(str(most)) > _DIGITS)


def _places(periods: int) -> dict[int, str]:
    """Which of so many periods are labelled, and where; "between" gives way where there is less room."""
    if periods <= _FEW:
        stays = {0, periods - 1, *([periods // 2] if periods % 2 else [])}
        return {n: "" if n in stays else "between" for n in range(periods)}
    labels = 5 if periods > 8 else 3
    at = [round(n * (periods - 1) / (labels - 1)) for n in range(labels)]
    words = {3: ["first", "", "last"], 5: ["first", "between", "", "between", "last"]}[labels]
    return dict(zip(at, words, strict=True))


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
    told = [
        District(
            name=district_word(one.pcode),
            count=counts.get(one.pcode, 0),
            x=round(_EDGE + (one.lon - west) * narrow * scale, 1),
            y=round(_EDGE + (north - one.lat) * scale, 1),
            radius=round(4 + 10 * sqrt(counts[one.pcode] / most), 1) if counts.get(one.pcode) else 0.0,
            label=None,
        )
        for one in sorted(known, key=lambda one: (-counts.get(one.pcode, 0), one.pcode))
    ]
    named = _named([one for one in told if one.count])
    return Map(
        _MAP[0],
        _MAP[1],
        shape=tuple(one for one in told if not one.count),
        told=tuple(sorted(named, key=lambda one: (-one.count, one.name))),
    )


class _Area(NamedTuple):
    """What a name covers: its middle and half of its width and height."""

    x: float
    y: float
    aside: float
    above: float

    def meets(self, other: _Area) -> bool:
        apart = abs(self.x - other.x) >= self.aside + other.aside
        return not (apart or abs(self.y - other.y) >= self.above + other.above)

    def covers(self, one: District) -> bool:
        aside = max(abs(self.x - one.x) - self.aside, 0.0)
        above = max(abs(self.y - one.y) - self.above, 0.0)
        return hypot(aside, above) < one.radius + _LOOSE

    def inside(self) -> bool:
        across = self.aside <= self.x <= _MAP[0] - self.aside
        return across and self.above <= self.y <= _MAP[1] - self.above


def _named(told: Sequence[District]) -> Iterator[District]:
    """The first of them with a place for their names: beside their circles, upon none and upon no other name."""
    taken: list[_Area] = []
    for one in told:
        found = next((area for area in _beside(one) if _free(area, told, taken)), None)
        if found is None or len(taken) == _LABELS:
            yield one
        else:
            taken.append(found)
            yield replace(one, label=Spot(round(found.x, 1), round(found.y, 1)))


def _beside(one: District) -> Iterator[_Area]:
    aside, above = _LETTER * len(f"{one.name} {one.count}") / 2, _LINE / 2
    far = one.radius + _LOOSE + 0.1
    for across, down in ((0, -1), (0, 1), (1, 0), (-1, 0)):
        yield _Area(one.x + across * (far + aside), one.y + down * (far + above), aside, above)


def _free(area: _Area, told: Sequence[District], taken: Collection[_Area]) -> bool:
    met = any(area.covers(one) for one in told) or any(area.meets(one) for one in taken)
    return area.inside() and not met
