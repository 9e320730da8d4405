"""One moment of an index: the base in its layout, what was added since, and which rows are gone. Never changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from signalmatch.errors import BadIndexFile
from signalmatch.index.cost import work
from signalmatch.index.files import Arrays
from signalmatch.index.plan import Plan, choose
from signalmatch.index.rows import Hashes, Numbers, Pairs, Rows, joined
from signalmatch.index.tables import Tables

_ADDED_MOST = 1 << 16
"""A rebuild pays when more rows were added (and more than a tenth): brute force over them costs 10 µs a query."""


@dataclass(frozen=True)
class State:
    mode: str
    radius: int
    base: Rows
    tables: Tables | None
    added: Rows
    gone: npt.NDArray[np.uint8]
    """A bit a row, base first, then added; empty while nothing was removed."""
    gone_count: int
    plan: Plan

    @classmethod
    def of(cls, hashes: Hashes, ids: Numbers, mode: str, radius: int, threads: int) -> State:
        layout, why = choose(mode, len(hashes), radius)
        base = Rows.of(hashes, ids)
        tables = Tables.of(hashes, layout, threads) if layout else None
        if tables and mode == "auto" and tables.too_crowded:
            why = (
                f"the hashes crowd into few cells ({tables.crowd:,.0f} in that of one, "
                f"{len(hashes) / (1 << tables.layout.bits):,.0f} if they were spread), so that every hash is compared"
            )
            tables = None
        plan = Plan(
            tables.layout.mode if tables else "plain",
            len(hashes),
            base.nbytes + (tables.nbytes if tables else 0),
            why,
        )
        return cls(mode, radius, base, tables, _no_rows(), _no_bits(), 0, plan)

    @property
    def count(self) -> int:
        return self.base.count + self.added.count - self.gone_count

    @property
    def nbytes(self) -> int:
        return self.plan.bytes + self.added.nbytes + self.gone.nbytes

    @property
    def wants_rebuilding(self) -> bool:
        return self.added.count > max(_ADDED_MOST, self.base.count // 10)

    def explain(self, radius: int) -> str:
        how = "every hash is compared"
        if self.tables and not self.tables.pays(radius):
            how += ": tables would read more"
        elif self.tables:
            layout = self.tables.layout
            takes = work(layout, self.base.count, radius)
            how = (
                f"{takes.probes:,.0f} cells in {len(layout.chunks)} tables are read ({takes.lines:,.0f} lines); "
                f"a query that meets far more goes over to comparing every hash"
            )
        return (
            f"{self.plan}. Radius {radius}: {how}. "
            f"Added since, and compared one by one: {self.added.count:,}; removed since: {self.gone_count:,}."
        )

    def search(self, queries: Hashes, words: npt.NDArray[np.uint32], radius: int) -> Pairs:
        """(query, id, distance), in no order."""
        if self.tables:
            query, row, distance = self.tables.search(self.base, queries, words, radius)
        else:
            query, row, distance = self.base.compare_all(words, radius)
        parts = [self._living(query, row, distance, self.base.ids, 0)]
        if self.added.count:
            found = self.added.compare_all(words, radius)
            parts.append(self._living(*found, self.added.ids, self.base.count))
        return joined(parts)

    def _living(self, query: Numbers, row: Numbers, distance: Numbers, ids: Numbers, first: int) -> Pairs:
        if len(self.gone) and len(row):
            at = row + first
            kept = (self.gone[at >> 3] >> (at & 7).astype(np.uint8)) & 1 == 0
            query, row, distance = query[kept], row[kept], distance[kept]
        return query, ids[row], distance

    def with_added(self, hashes: Hashes, ids: Numbers) -> State:
        if not len(hashes):
            return self
        added = Rows.of(np.concatenate([self.added.hashes(), hashes]), np.concatenate([self.added.ids, ids]))
        gone = self.gone
        if len(gone):
            gone = np.zeros(-(-(self.base.count + added.count) // 8), np.uint8)
            gone[: len(self.gone)] = self.gone
        return replace(self, added=added, gone=gone)

    def without(self, ids: Numbers) -> State:
        rows = np.concatenate([_rows_of(self.base.ids, ids), _rows_of(self.added.ids, ids) + self.base.count])
        if not len(rows):
            return self
        gone = self.gone.copy()
        if not len(gone):
            gone = np.zeros(-(-(self.base.count + self.added.count) // 8), np.uint8)
        np.bitwise_or.at(gone, rows >> 3, np.uint8(1) << (rows & 7).astype(np.uint8))
        return replace(self, gone=gone, gone_count=int(np.bitwise_count(gone).sum(dtype=np.int64)))

    def rows(self) -> tuple[Hashes, Numbers]:
        hashes = np.concatenate([self.base.hashes(), self.added.hashes()])
        ids = np.concatenate([self.base.ids, self.added.ids])
        if self.gone_count:
            kept = np.unpackbits(self.gone, bitorder="little")[: len(ids)] == 0
            return hashes[kept], ids[kept]
        return hashes, ids

    def rebuilt(self, mode: str | None = None, threads: int = 1) -> State:
        return State.of(*self.rows(), mode or self.mode, self.radius, threads)

    def written(self) -> tuple[dict[str, Any], Arrays]:
        facts = {
            "mode": self.mode,
            "radius": self.radius,
            "layout": self.plan.mode,
            "why": self.plan.why,
            "count": self.base.count,
            "added": self.added.count,
        }
        arrays: Arrays = {"gone": self.gone}
        for name, rows in (("base", self.base), ("added", self.added)):
            arrays |= {f"{name}.front": rows.front, f"{name}.back": rows.back, f"{name}.ids": rows.ids}
        if self.tables:
            told, more = self.tables.written()
            facts |= told
            arrays |= more
        return facts, arrays

    @classmethod
    def read(cls, facts: dict[str, Any], arrays: Arrays) -> State:
        """The state that `written` told; BadIndexFile where it doesn't hold together."""
        try:
            base = _rows_from(arrays, "base", int(facts["count"]))
            added = _rows_from(arrays, "added", int(facts["added"]))
            gone = arrays["gone"]
            if len(gone) and gone.shape != (-(-(base.count + added.count) // 8),):
                raise BadIndexFile("the removed rows don't fit the index")
            tables = Tables.read(facts, arrays, base.count) if "tables" in facts else None
            size = base.nbytes + (tables.nbytes if tables else 0)
            plan = Plan(str(facts["layout"]), base.count, size, str(facts["why"]))
            gone_count = int(np.bitwise_count(gone).sum(dtype=np.int64))
            return cls(str(facts["mode"]), int(facts["radius"]), base, tables, added, gone, gone_count, plan)
        except (KeyError, ValueError, TypeError) as wrong:
            raise BadIndexFile(f"an array or a fact of the index is missing: {wrong}") from wrong


def _rows_from(arrays: Arrays, name: str, count: int) -> Rows:
    rows = Rows(count, arrays[f"{name}.front"], arrays[f"{name}.back"], arrays[f"{name}.ids"])
    blocks = -(-count // 64)
    shapes = (rows.front.shape, rows.back.shape, rows.ids.shape)
    kinds = (rows.front.dtype.str, rows.back.dtype.str, rows.ids.dtype.str)
    if shapes != ((blocks, 3, 64), (blocks, 5, 64), (count,)) or kinds != ("<u4", "<u4", "<i8"):
        raise BadIndexFile(f"the rows called {name} have a wrong shape")
    return rows


def _rows_of(ids: Numbers, wanted: Numbers) -> Numbers:
    """Row numbers of the ids wanted."""
    if not len(ids) or not len(wanted):
        return np.empty(0, np.int64)
    wanted = np.unique(wanted)
    at = np.minimum(np.searchsorted(wanted, ids), len(wanted) - 1)
    return np.flatnonzero(wanted[at] == ids)


def _no_rows() -> Rows:
    return Rows.of(np.zeros((0, 4), np.uint64), np.zeros(0, np.int64))


def _no_bits() -> npt.NDArray[np.uint8]:
    return np.zeros(0, np.uint8)
