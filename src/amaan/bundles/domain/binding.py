"""Which reports stand together. Pure: what the database holds comes in, what is to be written goes out.

A **pile** is the reports that tell of the very same files (or of the same addresses, or account, where there is none).
A **bundle** is piles that share something. Piles never change hands; bundles merge, the smaller into the larger. The
same material always merges, however many reports hold it, so that the order of arrival never shows; accounts and
addresses merge while they are rare and while what comes of it is small (`keys.HUB`, `keys.MOST_BY_ACCOUNT`), because
one account that passed on a viral file would tie all that ever had that file to all else that the account did.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from amaan.bundles.domain.keys import (
    HUB,
    MOST_BY_ACCOUNT,
    FileKey,
    Kind,
    belied,
    key_of_all,
    together,
)


class Evidence(NamedTuple):
    """What one report tells that others may tell too. `files`: the keys of each file with a hash, the strongest first.

    `near`: of a file's PDQ hash that nobody told before, the picture's key that it is near to. `unhashed` counts files
    without a hash. `ignored` are keys that an analyst split it from.
    """

    report: int
    files: tuple[tuple[FileKey, ...], ...] = ()
    urls: tuple[int, ...] = ()
    accounts: tuple[int, ...] = ()
    batch: int = 0
    unhashed: int = 0
    bare: int = 0
    ignored: frozenset[int] = frozenset()


class HeldKey(NamedTuple):
    """`reports`: how many told it; `other` as in `FileKey`."""

    pile: int
    reports: int
    other: int = 0


@dataclass
class Held:
    """What the database knows of these reports' keys.

    `root`: of each pile named here the bundle it stands in, which is a pile's number too. `size`: of each bundle how
    many reports. `piles`: of each report that was bundled before, its pile. `apart`: bundles that stay two.
    """

    keys: dict[int, HeldKey] = field(default_factory=dict)
    root: dict[int, int] = field(default_factory=dict)
    size: dict[int, int] = field(default_factory=dict)
    piles: dict[int, int] = field(default_factory=dict)
    apart: set[frozenset[int]] = field(default_factory=set)


class Placed(NamedTuple):
    """A report's pile, and by which kinds of evidence it joined others; `new` where it was never bundled before."""

    report: int
    pile: int
    why: tuple[Kind, ...]
    new: bool


@dataclass
class Bound:
    """What is to be written. New piles have negative numbers, -1, -2, … in the order in which they were made.

    `merged`: the bundle that ends and the one that it joined, in order.
    """

    placed: list[Placed] = field(default_factory=list)
    piles: int = 0
    keys: dict[int, HeldKey] = field(default_factory=dict)
    counted: dict[int, int] = field(default_factory=dict)
    merged: list[tuple[int, int]] = field(default_factory=list)


class _Binding:
    def __init__(self, held: Held) -> None:
        self.held, self.bound = held, Bound()
        self.root, self.size, self.keys = dict(held.root), dict(held.size), dict(held.keys)
        self.into: dict[int, int] = {}
        self.apart = set(held.apart)

    def bundle(self, pile: int) -> int:
        found = self.root.get(pile, pile)
        while found in self.into:
            found = self.into[found]
        return found

    def place(self, one: Evidence) -> None:
        own = self.held.piles.get(one.report)
        hits: list[int | None] = []
        same: list[tuple[int, Kind]] = []
        for file in one.files:
            found = [(pile, kind) for pile, kind in map(self._hit, file) if pile is not None]
            hits.append(found[0][0] if found else None)
            same += found
        others = () if one.files else self._instead(one)
        for key, kind in others:
            held = self.keys.get(key)
            hits.append(held.pile if held else None)
            same += [(held.pile, kind)] if held else []
        whole = self._whole(one)
        if whole and whole in self.keys:
            same.append((self.keys[whole].pile, Kind.FILES))
        if one.ignored:
            hits, same = self._but_ignored(one, hits, same)
        pile = own if own is not None else self._pile(hits, same)
        # What relates comes last: what is the same stands together first.
        why = [kind for found, kind in dict.fromkeys(same) if self._join(pile, found, capped=False)]
        why += self._relate(pile, one)
        self._register(pile, one, [key for key, _ in others], whole, again=own is not None)
        if own is None:
            home = self.bundle(pile)
            self.size[home] = self.size.get(home, 0) + 1
        self.bound.placed.append(Placed(one.report, pile, tuple(dict.fromkeys(why)), own is None))

    def _hit(self, one: FileKey) -> tuple[int | None, Kind]:
        held = self.keys.get(one.key)
        if held is None:
            if one.kind is Kind.PDQ and one.other and (held := self.keys.get(one.other)):
                return held.pile, Kind.NEAR
            return None, one.kind
        if one.other and held.other and one.kind is not Kind.PDQ and belied(one.other, held.other):
            return None, one.kind
        return held.pile, one.kind

    def _instead(self, one: Evidence) -> tuple[tuple[int, Kind], ...]:
        """What a report without files is about: addresses, or whatever there is."""
        if one.urls and not one.unhashed:
            return tuple((key, Kind.URL) for key in one.urls)
        if one.batch:
            return ((one.batch, Kind.BATCH),)
        return ((one.bare, Kind.BARE),) if one.bare else ()

    def _whole(self, one: Evidence) -> int:
        """The key of all its things together, where there are several."""
        if one.files:
            return together(one.files) if len(one.files) > 1 else 0
        return key_of_all(Kind.FILES, one.urls) if len(one.urls) > 1 and not one.unhashed else 0

    def _but_ignored(
        self, one: Evidence, hits: list[int | None], same: list[tuple[int, Kind]]
    ) -> tuple[list[int | None], list[tuple[int, Kind]]]:
        """Without where the evidence leads that an analyst split it from."""
        left = {self.keys[key].pile for key in one.ignored if key in self.keys}
        return [None if hit in left else hit for hit in hits], [it for it in same if it[0] not in left]

    def _pile(self, hits: Sequence[int | None], same: Sequence[tuple[int, Kind]]) -> int:
        if hits and None not in hits and len(set(hits)) == 1:
            found = hits[0]
            assert found is not None
            return found
        if same and same[-1][1] is Kind.FILES:
            return same[-1][0]
        self.bound.piles += 1
        return -self.bound.piles

    def _relate(self, pile: int, one: Evidence) -> Iterator[Kind]:
        """Join the bundles of its accounts, and of its addresses where it has files, while these are rare."""
        for kind, keys in ((Kind.URL, one.urls if one.files else ()), (Kind.ACCOUNT, one.accounts)):
            for key in keys:
                held = self.keys.get(key)
                if held is None or held.reports >= HUB or key in one.ignored:
                    continue
                if self._join(pile, held.pile, capped=True):
                    yield kind

    def _join(self, one: int, other: int, *, capped: bool) -> bool:
        """Whether they stand in one bundle now."""
        ours, theirs = self.bundle(one), self.bundle(other)
        if ours == theirs:
            return True
        sizes = self.size.get(ours, 0), self.size.get(theirs, 0)
        if capped and sum(sizes) >= MOST_BY_ACCOUNT:
            return False
        if frozenset((ours, theirs)) in self.apart:
            return False
        # The smaller joins the larger; of two of one size the later joins the earlier.
        ours_goes = _later(ours, theirs) if sizes[0] == sizes[1] else sizes[0] < sizes[1]
        small, large = (ours, theirs) if ours_goes else (theirs, ours)
        self.into[small] = large
        self.size[large] = sum(sizes)
        self.size.pop(small, None)
        self.apart = {frozenset(large if r == small else r for r in pair) for pair in self.apart}
        self.bound.merged.append((small, large))
        return True

    def _register(self, pile: int, one: Evidence, others: Sequence[int], whole: int, *, again: bool) -> None:
        told: dict[int, int] = {key: other for keys in one.files for key, _, other in keys}
        for key in (*one.urls, *one.accounts, *others, whole):
            told[key] = 0
        told.pop(0, None)
        keys, new = self.keys, self.bound.keys
        for key, other in told.items():
            held = keys.get(key)
            if held is None:
                keys[key] = new[key] = HeldKey(pile, 1, other)
            elif not again:
                keys[key] = held = HeldKey(held.pile, held.reports + 1, held.other)
                if key in new:
                    new[key] = held
                else:
                    self.bound.counted[key] = self.bound.counted.get(key, 0) + 1


def _later(one: int, other: int) -> bool:
    if (one < 0) != (other < 0):
        return one < 0
    return abs(one) > abs(other)


def bind(evidence: Iterable[Evidence], held: Held) -> Bound:
    """Place reports one after another, in the order given."""
    binding = _Binding(held)
    for one in evidence:
        binding.place(one)
    return binding.bound


def key_numbers(one: Evidence) -> set[int]:
    """Every key that `bind` may ask for."""
    found = {key.key for keys in one.files for key in keys}
    found |= {key.other for keys in one.files for key in keys if key.kind is Kind.PDQ and key.other}
    found |= {*one.urls, *one.accounts}
    if len(one.files) > 1:
        found.add(together(one.files))
    if len(one.urls) > 1:
        found.add(key_of_all(Kind.FILES, one.urls))
    return found | {key for key in (one.batch, one.bare) if key}


__all__ = ["Bound", "Evidence", "Held", "HeldKey", "Placed", "bind", "key_numbers"]
