"""Pairs, B-cubed and adjusted Rand of groups, by what was planted. Pure.

A grouping is one word a report: the name of its group, or "" for a report that stands alone. A group of fewer than
three is no ring, planted or found: its reports stand alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

LEAST: Final = 3
Grouping = Sequence[str]


@dataclass(frozen=True)
class Measured:
    """All between 0 and 1; `ari` may fall below 0."""

    precision: float
    recall: float
    bcubed_f1: float
    ari: float

    def as_json(self) -> dict[str, float]:
        return {name: round(value, 4) for name, value in vars(self).items()}


class NothingPlanted(ValueError):
    """Without a planted ring nothing can be measured."""

    def __init__(self) -> None:
        super().__init__("No ring of three is planted among these reports; ask for more of them.")


def rings_of(grouping: Grouping) -> list[str]:
    """The same, with groups of fewer than three dissolved."""
    sizes = Counter(grouping)
    return [name if sizes[name] >= LEAST else "" for name in grouping]


def measure(planted: Grouping, found: Grouping) -> Measured:
    """`planted` and `found` tell of the same reports in the same order. Raises NothingPlanted.

    Precision is 1 where nothing was found: nobody was joined wrongly.
    """
    truth, told = _alone(rings_of(planted)), _alone(rings_of(found))
    both = Counter(zip(truth, told, strict=True))
    in_truth, in_told = _pairs(Counter(truth).values()), _pairs(Counter(told).values())
    if not in_truth:
        raise NothingPlanted
    from sklearn.metrics import adjusted_rand_score  # only whoever measures waits for it

    right = _pairs(both.values())
    return Measured(
        precision=right / in_told if in_told else 1.0,
        recall=right / in_truth,
        bcubed_f1=_bcubed(truth, told, both),
        ari=float(adjusted_rand_score(truth, told)),
    )


def _alone(grouping: Grouping) -> list[str]:
    """A name of its own for each report that stands alone."""
    return [name or f"\0{place}" for place, name in enumerate(grouping)]


def _pairs(sizes: Iterable[int]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes)


def _bcubed(truth: Grouping, told: Grouping, both: Mapping[tuple[str, str], int]) -> float:
    """Amigó et al. 2009: of each report the right share of its found group, and the found share of its planted one."""
    of_truth, of_told = Counter(truth), Counter(told)
    precision = sum(n * n / of_told[group] for (_, group), n in both.items()) / len(truth)
    recall = sum(n * n / of_truth[ring] for (ring, _), n in both.items()) / len(truth)
    return 2 * precision * recall / (precision + recall)


@dataclass(frozen=True)
class OfShape:
    """Of one shape: its rings, the pairs of reports in them, those found in one ring, and the rings that were found.

    A ring counts as found where some ring of the others' shares more than half of what the two hold together.
    """

    shape: str
    rings: int
    found: int
    pairs: int
    together: int


def by_shape(planted: Grouping, found: Grouping, shapes: Sequence[str]) -> list[OfShape]:
    """`shapes`: of each report the shape that it belongs to. Sorted by name."""
    truth, told = rings_of(planted), rings_of(found)
    sizes = Counter(told)
    rings: dict[str, Counter[str]] = {}
    shape_of: dict[str, str] = {}
    for ring, group, shape in zip(truth, told, shapes, strict=True):
        if ring:
            rings.setdefault(ring, Counter())[group] += 1
            shape_of[ring] = shape
    told_of: dict[str, list[int]] = {}
    for ring, groups in rings.items():
        size = groups.total()
        together = _pairs(n for group, n in groups.items() if group)
        best = max((n / (size + sizes[group] - n) for group, n in groups.items() if group), default=0)
        line = told_of.setdefault(shape_of[ring], [0, 0, 0, 0])
        for place, more in enumerate((1, int(best > 0.5), _pairs([size]), together)):
            line[place] += more
    return [OfShape(shape, *told_of[shape]) for shape in sorted(told_of)]


def joined_wrongly(planted: Grouping, found: Grouping, beside: Sequence[str]) -> dict[str, int]:
    """By kind of innocents (`family`, `flood`, …): the reports that stand in a found ring with anybody else's.

    `beside`: the name of the innocents' group, `kind-0001`, or "". Their own reports about one account are one truth.
    """
    told = rings_of(found)
    truths: dict[str, set[str]] = {}
    for place, (ring, group) in enumerate(zip(planted, told, strict=True)):
        if group:
            truths.setdefault(group, set()).add(ring or f"\0{place}")
    wrong = dict.fromkeys(sorted({name.rpartition("-")[0] for name in beside if name}), 0)
    for group, innocent in zip(told, beside, strict=True):
        if group and innocent and len(truths[group]) > 1:
            wrong[innocent.rpartition("-")[0]] += 1
    return wrong


def rings_joined(planted: Grouping, found: Grouping) -> list[tuple[str, str]]:
    """Planted rings of which some found ring holds reports of both, in pairs."""
    truth, told = rings_of(planted), rings_of(found)
    held: dict[str, set[str]] = {}
    for ring, group in zip(truth, told, strict=True):
        if ring and group:
            held.setdefault(group, set()).add(ring)
    pairs = {(one, other) for rings in held.values() for one in rings for other in rings if one < other}
    return sorted(pairs)


@dataclass(frozen=True)
class OfLinks:
    """Of links between two reports: the share that is right; of planted pairs, those linked, and those that a path of
    links joins."""

    links: int
    precision: float
    recall_direct: float
    recall: float

    def as_json(self) -> dict[str, float]:
        return {name: round(value, 4) for name, value in vars(self).items()}


def measure_links(planted: Grouping, pairs: Iterable[tuple[int, int]], components: Grouping) -> OfLinks:
    """`pairs`: places in `planted`; `components`: what they join, by report. Two reports of one person are right, too,
    where that person has no more of them."""
    linked = list(pairs)
    right = sum(bool(planted[low]) and planted[low] == planted[high] for low, high in linked)
    rings = rings_of(planted)
    direct = sum(bool(rings[low]) and rings[low] == rings[high] for low, high in linked)
    whole = _pairs(size for ring, size in Counter(rings).items() if ring)
    if not whole:
        raise NothingPlanted
    joined = Counter((ring, group) for ring, group in zip(rings, components, strict=True) if ring and group)
    return OfLinks(
        len(linked), right / len(linked) if linked else 1.0, direct / whole, _pairs(joined.values()) / whole
    )
