"""What people decided, as far as it counts, and what the machine proposes beside it: set-based, many pairs at once.

Nothing here asks who reads: whoever shows it leaves out reports that the reader may not see (`reports_among`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from amaan.linking.domain.decisions import (
    Decided,
    DecisionKind,
    Pair,
    PairState,
    State,
    more_since,
    pair_of,
    replay,
    standing,
)
from amaan.linking.domain.strength import Strength, strength_of
from amaan.linking.models import Decision
from amaan.store.rows import select_in, slices

REASON_PLACE: Final = "linking_decision/{}/reason"
"""Where a decision's reason lies sealed, by its number."""
_AT_ONCE: Final = 5_000
"""Decisions that one statement names."""


class LinkTold(NamedTuple):
    """A pair as it counts now. `weight` in bits, None where the machine proposes nothing any more.

    `decision`: the number of the decision that holds, with what the machine proposed then; `newest`: the number of the
    newest decision about the pair, whether it counts or not (0: none), which a page hands back when somebody decides.
    `split`: the number of the split that keeps the two apart. `more_since`: it was rejected, and weighs more since.
    """

    low: int
    high: int
    weight: float | None
    strength: Strength | None
    kinds: int
    snapshot: int | None
    state: PairState
    decision: int | None
    weight_then: float | None
    newest: int
    split: int | None
    more_since: bool


def links_of(report_ids: Collection[int]) -> list[LinkTold]:
    """Every link of these reports, and every pair that somebody decided about: the heaviest first."""
    wanted = sorted(set(report_ids))
    proposed = {(low, high): row for low, high, *row in _links(wanted)}
    about = decisions_about(wanted)
    pairs = proposed.keys() | {one.pair for one in about if one.pair is not None}
    return _told(pairs, proposed, about)


def links_among(report_ids: Collection[int]) -> list[LinkTold]:
    """Those of `links_of` whose two reports are both among these."""
    among = set(report_ids)
    return [one for one in links_of(among) if one.low in among and one.high in among]


def state_of_pairs(pairs: Iterable[Pair]) -> dict[Pair, LinkTold]:
    """Every one of these pairs as it counts now, in whichever order it names the two; by the lower id first."""
    wanted = {pair_of(*pair) for pair in pairs}
    ends = sorted({end for pair in wanted for end in pair})
    rows = select_in(
        "SELECT low_id, high_id, weight, kinds, snapshot FROM linking_link WHERE low_id IN {values}",
        sorted({low for low, _ in wanted}),
    )
    proposed = {(low, high): row for low, high, *row in rows if (low, high) in wanted}
    return {(one.low, one.high): one for one in _told(wanted, proposed, decisions_about(ends))}


def decisions_about(report_ids: Sequence[int]) -> list[Decided]:
    """Every decision about a pair of these reports or a split that they stand in, with the undos, in order."""
    ends = list(report_ids)
    columns = "SELECT id, kind, low_id, high_id, weight FROM linking_decision WHERE "
    rows = {
        row[0]: row
        for end in ("low_id", "high_id")
        for row in select_in(f"{columns}{end} IN {{values}}", ends)
    }
    splits = [
        row[0]
        for row in select_in(
            "SELECT DISTINCT decision_id FROM linking_side WHERE report_id IN {values}", ends
        )
    ]
    sides = _sides(splits)
    found = [
        Decided(number, DecisionKind(kind), (low, high), weight=weight)
        for number, kind, low, high, weight in rows.values()
    ]
    found += [
        Decided(number, DecisionKind.SPLIT, apart=sides[number, True], others=sides[number, False])
        for number in splits
    ]
    undone_by = undone([one.number for one in found])
    found += [Decided(by, DecisionKind.UNDO, undoes=number) for number, by in undone_by.items()]
    return sorted(found, key=lambda one: one.number)


def state_around(report_ids: Sequence[int]) -> State:
    """What counts of the pairs and splits of these reports."""
    return replay(decisions_about(report_ids))


def undone(numbers: Sequence[int]) -> dict[int, int]:
    """Decision → the undo that names it, for these and for the undos themselves."""
    found: dict[int, int] = {}
    todo: Sequence[int] = numbers
    while todo:
        rows = select_in("SELECT undoes_id, id FROM linking_decision WHERE undoes_id IN {values}", list(todo))
        found.update(rows)
        todo = [row[1] for row in rows]
    return found


class DecisionTold(NamedTuple):
    """A decision as a page lists it. `counts`: nothing undid it. `reason` is sealed, at `REASON_PLACE`. `together`: the
    first of those taken in one act, None of one taken alone."""

    number: int
    kind: DecisionKind
    low: int | None
    high: int | None
    apart: frozenset[int]
    others: frozenset[int]
    undoes: int | None
    ring: int | None
    weight: float | None
    by: str
    at: datetime
    counts: bool
    reason: bytes
    together: int | None


def decisions_told(
    report_ids: Collection[int] = (), *, ring: int | None = None, numbers: Collection[int] = ()
) -> list[DecisionTold]:
    """The decisions about these reports, or made on this ring, or of these numbers, with their undos: newest first."""
    about = [one.number for one in decisions_about(sorted(set(report_ids)))]
    about += numbers
    if ring is not None:
        about += Decision.objects.filter(ring_id=ring).values_list("pk", flat=True)
    undone_by = undone(about)
    wanted = sorted({*about, *undone_by.values()}, reverse=True)
    count = standing(undone_by, wanted)
    sides = _sides(wanted)
    return [
        DecisionTold(
            row.pk,
            DecisionKind(row.kind),
            row.low_id,
            row.high_id,
            sides[row.pk, True],
            sides[row.pk, False],
            row.undoes_id,
            row.ring_id,
            row.weight,
            row.by,
            row.at,
            row.pk in count,
            bytes(row.reason),
            row.together,
        )
        for part in slices(wanted, _AT_ONCE)
        for row in Decision.objects.filter(pk__in=part).order_by("-pk")
    ]


def taken_together(act: int) -> list[int]:
    """The decisions of one act, in their order; none where no act bears this number."""
    return list(Decision.objects.filter(together=act).order_by("pk").values_list("pk", flat=True))


class First(NamedTuple):
    """What somebody decided first where undo upon undo followed: `pair`, None of a split; and the ring it was about."""

    number: int
    pair: Pair | None
    ring: int | None


def firsts_of(numbers: Collection[int]) -> dict[int, First]:
    """Of each decision, what it undoes in the end: itself where it undoes nothing."""
    above: dict[int, int] = {}
    first: dict[int, First] = {}
    todo = sorted(set(numbers))
    while todo:
        for number, undoes, low, high, ring in select_in(
            "SELECT id, undoes_id, low_id, high_id, ring_id FROM linking_decision WHERE id IN {values}", todo
        ):
            if undoes is None:
                first[number] = First(number, None if low is None else (low, high), ring)
            else:
                above[number] = undoes
        todo = sorted({above[number] for number in todo if number in above} - above.keys() - first.keys())
    found = {}
    for number in numbers:
        at = number
        while at in above:
            at = above[at]
        if at in first:
            found[number] = first[at]
    return found


# ---------------------------------------------------------------- reading


def _links(report_ids: Sequence[int]) -> list[tuple[int, int, float, int, int]]:
    columns = "SELECT low_id, high_id, weight, kinds, snapshot FROM linking_link WHERE "
    rows = {
        (row[0], row[1]): row
        for end in ("low_id", "high_id")
        for row in select_in(f"{columns}{end} IN {{values}}", list(report_ids))
    }
    return [(row[0], row[1], row[2], row[3], row[4]) for row in rows.values()]


def _sides(splits: Sequence[int]) -> dict[tuple[int, bool], frozenset[int]]:
    found: dict[tuple[int, bool], set[int]] = defaultdict(set)
    for number, report, apart in select_in(
        "SELECT decision_id, report_id, apart FROM linking_side WHERE decision_id IN {values}", list(splits)
    ):
        found[number, bool(apart)].add(report)
    return {(number, apart): frozenset(found[number, apart]) for number in splits for apart in (True, False)}


def _told(
    pairs: Iterable[Pair], proposed: Mapping[Pair, Sequence[float]], about: Sequence[Decided]
) -> list[LinkTold]:
    state = replay(about)
    newest: dict[Pair, int] = {}
    of = {one.number: one.pair for one in about if one.pair is not None}
    for one in about:
        pair = one.pair
        if one.undoes is not None:
            pair = of[one.number] = of.get(one.undoes)  # type: ignore[assignment]
        if pair is not None:
            newest[pair] = one.number
    found = []
    for pair in pairs:
        row = proposed.get(pair)
        weight = None if row is None else row[0]
        held = state.pairs.get(pair)
        split = state.split_between(*pair)
        found.append(
            LinkTold(
                *pair,
                weight=weight,
                strength=None if weight is None else strength_of(weight),
                kinds=0 if row is None else int(row[1]),
                snapshot=None if row is None else int(row[2]),
                state=state.of(*pair),
                decision=None if held is None else held.number,
                weight_then=None if held is None else held.weight,
                newest=newest.get(pair, 0),
                split=None if split is None else split.number,
                more_since=held is not None and more_since(held, weight),
            )
        )
    return sorted(found, key=lambda one: (-(one.weight or 0.0), one.low, one.high))
