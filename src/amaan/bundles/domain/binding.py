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
    """`count`: how many reports told it; `other` as in `FileKey`."""

    pile: int
    count: int
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

    `merged`: the bundle that ends and the one that it joined, in order. `joined`: piles that got a further report.
    """

    placed: list[Placed] = field(default_factory=list)
    piles: int = 0
    keys: dict[int, HeldKey] = field(default_factory=dict)
    counted: dict[int, int] = field(default_factory=dict)
    merged: list[tuple[int, int]] = field(default_factory=list)
    joined: set[int] = field(default_factory=set)


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
        files = [keys for keys in one.files if keys]
        units = self._units(one, files)
        hits = [self._pile_of(unit, one.ignored) for unit in units]
        whole = self._whole(one, files)
        pile = own if own is not None else self._pile(hits, whole, one)
        # A file without a hash may be anything; the report still stands with those that share the rest.
        why = list(self._merge(pile, one, files, whole))
        self._register(pile, one, files, whole, again=own is not None)
        if own is None:
            if pile in self.held.root or any(p.pile == pile for p in self.bound.placed):
                self.bound.joined.add(pile)
            home = self.bundle(pile)
            self.size[home] = self.size.get(home, 0) + 1
        self.bound.placed.append(Placed(one.report, pile, tuple(dict.fromkeys(why)), own is None))

    def _units(self, one: Evidence, files: Sequence[tuple[FileKey, ...]]) -> list[tuple[FileKey, ...]]:
        """What the report is about, each thing with its keys: files, or addresses, or whatever there is."""
        if files:
            return list(files)
        if one.urls and not one.unhashed:
            return [(FileKey(key, Kind.URL),) for key in one.urls]
        if one.batch:
            return [(FileKey(one.batch, Kind.BATCH),)]
        return [(FileKey(one.bare, Kind.BARE),)] if one.bare else []

    def _whole(self, one: Evidence, files: Sequence[tuple[FileKey, ...]]) -> int:
        """The key of all its things together, where there are several."""
        if len(files) > 1:
            return together(files)
        return key_of_all(Kind.FILES, one.urls) if not files and len(one.urls) > 1 and not one.unhashed else 0

    def _pile_of(self, unit: Iterable[FileKey], ignored: frozenset[int]) -> int | None:
        for one in unit:
            if (found := self._hit(one, ignored, capped=False)) is not None:
                return found
        return None

    def _hit(self, one: FileKey, ignored: frozenset[int], *, capped: bool) -> int | None:
        held = self.keys.get(one.key)
        if held is None and one.kind is Kind.PDQ and one.other:
            held = self.keys.get(one.other)
        elif held is not None and one.kind in {Kind.MD5, Kind.SHA1} and belied(one.other, held.other):
            return None
        if held is None or one.key in ignored or (capped and held.count >= HUB):
            return None
        return held.pile

    def _pile(self, hits: Sequence[int | None], whole: int, one: Evidence) -> int:
        if hits and None not in hits and len(set(hits)) == 1:
            found = hits[0]
            assert found is not None
            return found
        if whole and whole in self.keys and whole not in one.ignored:
            return self.keys[whole].pile
        self.bound.piles += 1
        return -self.bound.piles

    def _merge(
        self, pile: int, one: Evidence, files: Sequence[tuple[FileKey, ...]], whole: int
    ) -> Iterator[Kind]:
        """Join the bundles of what it shares; the kinds that did."""
        same = [key for keys in files for key in keys]
        if whole:
            same.append(FileKey(whole, Kind.FILES))
        addresses = [FileKey(key, Kind.URL) for key in one.urls]
        if not files:
            # Of a report without files the address is what it is about.
            same += addresses
            same += [FileKey(one.batch, Kind.BATCH)] if one.batch else []
            same += [FileKey(one.bare, Kind.BARE)] if one.bare else []
        alike = [*(addresses if files else ()), *(FileKey(key, Kind.ACCOUNT) for key in one.accounts)]
        # What is capped comes last: what is the same stands together first.
        for capped, keys in ((False, same), (True, alike)):
            for key in keys:
                found = self._hit(key, one.ignored, capped=capped)
                if found is not None and self._join(pile, found, capped=capped):
                    yield Kind.NEAR if key.kind is Kind.PDQ and key.key not in self.keys else key.kind

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

    def _register(
        self,
        pile: int,
        one: Evidence,
        files: Sequence[tuple[FileKey, ...]],
        whole: int,
        *,
        again: bool,
    ) -> None:
        told: dict[int, int] = {key.key: key.other for keys in files for key in keys}
        told |= dict.fromkeys([*one.urls, *one.accounts], 0)
        told |= dict.fromkeys([key for key in (whole, one.batch, one.bare) if key], 0)
        for key, other in told.items():
            held = self.keys.get(key)
            if held is None:
                self.keys[key] = self.bound.keys[key] = HeldKey(pile, 1, other)
            elif not again:
                self.keys[key] = held._replace(count=held.count + 1)
                if key in self.bound.keys:
                    self.bound.keys[key] = self.keys[key]
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
    several = [keys for keys in one.files if keys]
    if len(several) > 1:
        found.add(together(several))
    if len(one.urls) > 1:
        found.add(key_of_all(Kind.FILES, one.urls))
    return found | {key for key in (one.batch, one.bare) if key}


__all__ = ["Bound", "Evidence", "Held", "HeldKey", "Placed", "bind", "key_numbers"]
