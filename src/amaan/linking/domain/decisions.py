"""What people decided about links and rings, replayed. Pure.

A decision is never changed. An undo names an earlier decision, which counts no more while the undo counts; the undo of
an undo brings what it took out back. Of a pair the last decision that counts holds. A split keeps two sides apart for
good, whatever is linked or confirmed later: who wants them together undoes the split.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

Pair = tuple[int, int]
"""Two reports, the lower id first."""

MOST_REASON: Final = 2_000
"""Characters of why somebody decided so."""

MOST_AT_ONCE: Final = 2_000
"""Links that one act rejects: each is a decision of its own, and the page waits until the rings are found anew."""

MORE_BITS: Final = 1.0
"""From how many bits on what came since a rejection is worth another look."""


class DecisionKind(StrEnum):
    CONFIRM = "confirm"
    REJECT = "reject"
    SPLIT = "split"
    UNDO = "undo"


class PairState(StrEnum):
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"


class Decided(NamedTuple):
    """One decision. `number` orders them. Of a split, `apart` and `others`; of an undo, `undoes`. `together`: the first
    of those that were decided in one act, for one reason; each of them counts, and is undone, as any other."""

    number: int
    kind: DecisionKind
    pair: Pair | None = None
    apart: frozenset[int] = frozenset()
    others: frozenset[int] = frozenset()
    undoes: int | None = None
    weight: float | None = None  # what the machine proposed when it was decided
    together: int | None = None


class State(NamedTuple):
    """What counts now: the decision that holds for each pair, and the splits in their order."""

    pairs: Mapping[Pair, Decided]
    splits: tuple[Decided, ...]

    def of(self, low: int, high: int) -> PairState:
        held = self.pairs.get((low, high))
        if held is None:
            return PairState.PROPOSED
        return PairState.CONFIRMED if held.kind is DecisionKind.CONFIRM else PairState.REJECTED

    def split_between(self, low: int, high: int) -> Decided | None:
        """The first split that keeps these two apart."""
        return next((one for one in self.splits if keeps_apart(one, low, high)), None)


NOTHING_DECIDED: Final = State({}, ())


def pair_of(one: int, other: int) -> Pair:
    return (one, other) if one < other else (other, one)


def keeps_apart(split: Decided, one: int, other: int) -> bool:
    return (one in split.apart and other in split.others) or (one in split.others and other in split.apart)


def standing(undone_by: Mapping[int, int], numbers: Iterable[int]) -> set[int]:
    """Those of `numbers` that count. `undone_by`: decision → the undo that names it; each is named once at most."""
    return {number for number in numbers if (len(chain_of(undone_by, number)) - 1) % 2 == 0}


def chain_of(undone_by: Mapping[int, int], number: int) -> list[int]:
    """The decision, its undo, the undo of that, and so on to the last: whoever changes what counts undoes that one."""
    chain = [number]
    while (later := undone_by.get(chain[-1])) is not None:
        chain.append(later)
    return chain


def undoing(undone_by: Mapping[int, int], numbers: Collection[int]) -> list[int]:
    """What undos must name so that none of these decisions counts: of each that does, the last of its chain."""
    return [chain_of(undone_by, number)[-1] for number in sorted(standing(undone_by, numbers))]


def surviving(decisions: Sequence[Decided]) -> list[Decided]:
    """The decisions that count, in their order, without any undo."""
    undone_by = {one.undoes: one.number for one in decisions if one.undoes is not None}
    count = standing(undone_by, (one.number for one in decisions if one.kind is not DecisionKind.UNDO))
    return sorted((one for one in decisions if one.number in count), key=lambda one: one.number)


def replay(decisions: Sequence[Decided]) -> State:
    """What counts after these, in the order of their numbers."""
    pairs: dict[Pair, Decided] = {}
    splits = []
    for one in surviving(decisions):
        if one.kind is DecisionKind.SPLIT:
            splits.append(one)
        elif one.pair is not None:
            pairs[one.pair] = one
    return State(pairs, tuple(splits))


def more_since(rejected: Decided, weight: float | None) -> bool:
    """Whether a rejected link weighs more now than when it was rejected: shown, and nothing comes of it by itself."""
    if rejected.kind is not DecisionKind.REJECT or weight is None:
        return False
    return weight >= (rejected.weight or 0.0) + MORE_BITS
