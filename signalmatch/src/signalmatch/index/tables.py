"""The tables of the fast and the lean layout (`kernels.hamming_cells`), and how they are asked."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import accumulate, combinations

import numpy as np
import numpy.typing as npt

from signalmatch.errors import BadIndexFile
from signalmatch.index.cost import (
    LAYOUTS,
    LINE,
    Layout,
    Machine,
    Work,
    limits,
    plain_nanoseconds,
    tables_nanoseconds,
    work,
)
from signalmatch.index.files import Arrays
from signalmatch.index.rows import Hashes, Pairs, Rows, aligned, joined
from signalmatch.kernels.search import TAIL_LEAN

Words = npt.NDArray[np.uint32]
_PROBES_AT_ONCE = 1 << 21
_QUERIES_AT_ONCE = 2048
_TOGETHER = 4096
"""Probes that are worked on at once where queries are few."""
_READ_MOST = 0.05
"""A query goes over to brute force when reading cells took this share of its time ..."""
_PASSING_MOST = 0.5
"""... or when confirming what passed would take this (it is given up before it is begun)."""
_PASSING_LEAST = 256
"""Where cells are shorter than lines, an entry is seen, and passes, several times."""
_STREAMED = 2.5
"""Nanoseconds of a line of a long cell, which memory delivers in order."""
_BY_CELL = 1.2
"""Probes of a batch into each cell, times the lines of a cell, from which on the probes are sorted by cell."""


@dataclass(frozen=True)
class Tables:
    """Sorted entries of every row, once a chunk. longest: entries of the longest cell; crowd: what a row meets, on
    average, in its own cell (count / 2**bits where hashes are uniform)."""

    layout: Layout
    count: int
    starts: Words
    sketches: npt.NDArray[np.uint16]
    tails: npt.NDArray[np.uint8]
    longest: int
    crowd: float
    _asked_at: dict[int, _Asked] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, hashes: Hashes, layout: Layout, threads: int = 1) -> Tables:
        from signalmatch.kernels.hamming_cells import fill_table  # where numba is, which takes its time

        count, tables = len(hashes), len(layout.chunks)
        cells = (1 << layout.bits) + 1
        entries = _entries(count)
        starts = aligned(tables * cells, np.uint32)
        sketches = aligned(tables * entries, np.uint16)
        tails = aligned(tables * entries * layout.tail, np.uint8)
        group = _group(layout, count)

        def fill(table: int) -> tuple[int, int]:
            tail = tails[table * entries * layout.tail : (table + 1) * entries * layout.tail]
            tail[count * layout.tail :] = 0xFF
            told: tuple[int, int] = fill_table(
                hashes,
                _places(layout)[table],
                layout.bits,
                group,
                starts[table * cells : (table + 1) * cells],
                sketches[table * entries : (table + 1) * entries],
                tail,
                layout.tail,
            )
            return told

        if threads > 1:
            with ThreadPoolExecutor(threads) as pool:
                told = list(pool.map(fill, range(tables)))
        else:
            told = [fill(table) for table in range(tables)]
        crowd = sum(crowd for _, crowd in told) / max(1, count * tables)
        return cls(layout, count, starts, sketches, tails, max(longest for longest, _ in told), crowd)

    @property
    def nbytes(self) -> int:
        return self.starts.nbytes + self.sketches.nbytes + self.tails.nbytes

    def pays(self, radius: int) -> bool:
        """Whether asking tables costs less than comparing everything at this radius."""
        return tables_nanoseconds(self.layout, self.count, radius) < plain_nanoseconds(self.count)

    @property
    def too_crowded(self) -> bool:
        """Whether half of the hashes share a cell or so: queries like them would all go over to brute force."""
        return self.crowd > self.count / 4

    def search(self, rows: Rows, queries: Hashes, words: Words, radius: int) -> Pairs:
        """(query, row, distance) of every pair within the radius, in no order."""
        asked = self._asked_at.get(radius)
        if asked is None:
            asked = self._asked_at[radius] = _ask(self, radius)
        if not asked.pays:
            return rows.compare_all(words, radius)
        size = max(1, min(_QUERIES_AT_ONCE, _PROBES_AT_ONCE // asked.a_table))
        if len(queries) <= size:
            return self._search(rows, queries, words, radius, asked)
        parts = []
        for start in range(0, len(queries), size):
            end = start + size
            query, row, distance = self._search(rows, queries[start:end], words[start:end], radius, asked)
            parts.append((query + start, row, distance))
        return joined(parts)

    def _search(self, rows: Rows, queries: Hashes, words: Words, radius: int, asked: _Asked) -> Pairs:
        from signalmatch.kernels.hamming_tables import search_tables

        hard = np.zeros(len(queries), np.uint8)
        found, written = search_tables(
            queries,
            words,
            rows.front.reshape(-1),
            rows.back.reshape(-1),
            self.count,
            radius,
            asked.places,
            self.layout.bits,
            asked.group,
            self.starts,
            self.sketches,
            self.tails,
            self.layout.tail,
            asked.flips,
            asked.flips_end,
            asked.reach,
            asked.whole,
            asked.part_mask,
            asked.part,
            asked.far,
            asked.a_table * len(queries) * asked.lines_a_cell >= _BY_CELL * (1 << self.layout.bits),
            max(1, _TOGETHER // asked.a_query),
            asked.lines_most,
            asked.passing_most,
            hard,
        )
        query, row, distance = found[0, :written], found[1, :written], found[2, :written]
        if not hard.any():
            return query, row, distance
        if hard.all():
            return rows.compare_all(words, radius)
        left = np.flatnonzero(hard)
        kept = hard[query] == 0
        again, row_again, distance_again = rows.compare_all(words[left], radius)
        return joined([
            (query[kept], row[kept], distance[kept]),
            (left[again], row_again, distance_again),
        ])  # fmt: skip

    def written(self) -> tuple[dict[str, int | float | str], Arrays]:
        facts: dict[str, int | float | str] = {
            "tables": self.layout.mode,
            "bits": self.layout.bits,
            "longest": self.longest,
            "crowd": self.crowd,
        }
        return facts, {"starts": self.starts, "sketches": self.sketches, "tails": self.tails}

    @classmethod
    def read(cls, facts: dict[str, int | float | str], arrays: Arrays, count: int) -> Tables:
        """What `written` told. The kernels read where `starts` says, so that is checked."""
        made = LAYOUTS[str(facts["tables"])](count)
        layout = Layout(made.mode, made.chunks, int(facts["bits"]), made.tail)
        if not 8 <= layout.bits <= 23 or any(chunk < layout.bits for chunk in layout.chunks):
            raise BadIndexFile("the tables have an unknown number of address bits")
        tables, entries, cells = len(layout.chunks), _entries(count), (1 << layout.bits) + 1
        starts, sketches, tails = arrays["starts"], arrays["sketches"], arrays["tails"]
        shapes = (starts.shape, sketches.shape, tails.shape)
        kinds = (starts.dtype.str, sketches.dtype.str, tails.dtype.str)
        if shapes != ((tables * cells,), (tables * entries,), (tables * entries * layout.tail,)):
            raise BadIndexFile("the tables have a wrong shape")
        if kinds != ("<u4", "<u2", "|u1"):
            raise BadIndexFile("the tables are of a wrong kind")
        by_table = starts.reshape(tables, cells)
        if (
            (by_table[:, 0] != 0).any()
            or (by_table[:, -1] != count).any()
            or (by_table[:, 1:] < by_table[:, :-1]).any()
        ):
            raise BadIndexFile("the cells of the tables don't follow each other")
        return cls(layout, count, starts, sketches, tails, int(facts["longest"]), float(facts["crowd"]))


@dataclass(frozen=True)
class _Asked:
    """What the kernel is told of a radius. a_query: probes of a query; a_table: at most, into one table."""

    pays: bool
    group: int
    places: npt.NDArray[np.int64]
    flips: Words
    flips_end: npt.NDArray[np.int64]
    reach: npt.NDArray[np.int64]
    whole: npt.NDArray[np.int64]
    part_mask: Words
    part: npt.NDArray[np.int64]
    far: npt.NDArray[np.int64]
    a_query: int
    a_table: int
    lines_a_cell: float
    lines_most: int
    passing_most: int


def _ask(tables: Tables, radius: int) -> _Asked:
    layout = tables.layout
    told = limits(layout, radius)
    pays = tables.pays(radius)
    flips: list[int] = []
    ends: list[int] = []
    for x in range(max(told.reach) + 1 if pays else 1):
        flips += [sum(1 << bit for bit in chosen) for chosen in combinations(range(layout.bits), x)]
        ends.append(len(flips))
    counts = [ends[min(reach, len(ends) - 1)] for reach in told.reach if reach >= 0]
    usual = work(layout, tables.count, radius)
    lines_most, passing_most = _budget(tables.count, usual)
    return _Asked(
        pays=pays,
        group=_group(layout, tables.count),
        places=np.array(_places(layout), np.int64),
        flips=np.array(flips, np.uint32),
        flips_end=np.array(ends, np.int64),
        reach=np.array(told.reach, np.int64),
        whole=np.array(told.whole, np.int64),
        part_mask=np.array([((1 << rest) - 1) << (16 - rest) for rest in told.part_bits], np.uint32),
        part=np.array(told.part, np.int64),
        far=np.array(told.far, np.int64),
        a_query=sum(counts),
        a_table=max(counts),
        lines_a_cell=usual.lines / usual.probes,
        lines_most=lines_most,
        passing_most=passing_most,
    )


def _budget(count: int, usual: Work) -> tuple[int, int]:
    """(lines, passing entries) of one query, beyond which it goes over to brute force."""
    plain = plain_nanoseconds(count)
    return (
        int(max(_READ_MOST * plain / _STREAMED, 4 * usual.lines)),
        int(max(_PASSING_MOST * plain / Machine().passing, 4 * usual.passing, _PASSING_LEAST)),
    )


def _places(layout: Layout) -> list[int]:
    return [0, *accumulate(layout.chunks[:-1])]


def _entries(count: int) -> int:
    return -(-count // LINE) * LINE


def _group(layout: Layout, count: int) -> int:
    """Rows are numbered in groups of 2**this, so that a lean tail's three bytes are enough."""
    group = 0
    while layout.tail == TAIL_LEAN and count >> group >= 0xFFFFFF:
        group += 1
    return group
