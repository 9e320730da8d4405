"""What a search costs, before it is made: bytes, seconds to build, time a query. docs/index.md holds it to figures.

Everything follows from counting: how many cells are asked, how many lines they have, how many entries pass. What one of
each takes is a property of the machine (`Machine`; `signalmatch bench index` measures its limits). The defaults are
those of one core of a 2022 server with AVX-512; they decide between layouts, never about what is found.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import comb, log2

LINE = 32
SKETCH_BITS = 16


@dataclass(frozen=True)
class Machine:
    """Nanoseconds of one core."""

    compare: float = 0.14
    """One hash with one query, of many: brute force from the cache."""
    probe: float = 14.0
    """One cell: where it is, and turning to it."""
    far_probe: float = 90.0
    """The same, besides, where the cells' beginnings lie in memory, far apart."""
    near: float = 64e6
    """Bytes of beginnings from which on none is found in a cache; of fewer, as many are as there are fewer."""
    line: float = 13.0
    """One line of 32 sketches, from anywhere in memory, asked for ahead."""
    passing: float = 100.0
    """One entry that passes: its tail, the beginning of its hash."""
    query: float = 500.0
    """What a query costs besides."""
    placing: float = 45.0
    """Building: one hash into one table."""
    laying: float = 90.0
    """Building: one hash into blocks."""


@dataclass(frozen=True)
class Layout:
    """Tables of one kind: the lengths of the chunks of 256 bits, how many bits address a cell, bytes of a tail."""

    mode: str
    chunks: tuple[int, ...]
    bits: int
    tail: int

    def bytes_for(self, count: int) -> int:
        """Everything: hashes, ids, tables."""
        tables = len(self.chunks)
        return 40 * count + tables * (count * (2 + self.tail) + 4 * ((1 << self.bits) + 1))


def fast_layout(_count: int) -> Layout:
    """16 tables, one a 16-bit chunk: at radius 31 a chunk differs by at most one bit, so 17 cells a table."""
    return Layout("fast", (16,) * 16, 16, 6)


def lean_layout(count: int) -> Layout:
    """11 tables of 23 and 24 bits, addressed by fewer, so that a cell holds about 40 entries."""
    bits = min(23, max(10, round(log2(max(count, 1) / 40))))
    return Layout("lean", (24,) * 3 + (23,) * 8, bits, 3)


LAYOUTS = {"fast": fast_layout, "lean": lean_layout}


@dataclass(frozen=True)
class Limits:
    """How far tables look at one radius. Of each table: reach (bits an address may differ by; -1: it isn't asked), and
    the most bits that may differ in address and sketch (whole), in address and the rest of the chunk (part, the rest
    being the first part_bits of the sketch), in address, sketch and the 16 bits after it (far)."""

    reach: tuple[int, ...]
    whole: tuple[int, ...]
    part: tuple[int, ...]
    part_bits: tuple[int, ...]
    far: tuple[int, ...]


@lru_cache(maxsize=256)
def limits(layout: Layout, radius: int) -> Limits:
    """Each chunk gets a share t so that the shares' (t + 1) sum to radius + 1. Then some chunk begins a run in which
    every prefix of l chunks differs by at most its shares' sum + l - 1 (docs/index.md has the proof)."""
    tables = len(layout.chunks)
    share = [(radius + 1) // tables + (i < (radius + 1) % tables) for i in range(tables)]

    def run(first: int, seen_most: int) -> tuple[int, int]:
        """(bits seen, bits that may differ) of the chunks from `first` until seen_most bits after its address."""
        seen, allowed, chunk = layout.chunks[first] - layout.bits, share[first] - 1, first
        while seen < seen_most:
            chunk = (chunk + 1) % tables
            seen += layout.chunks[chunk]
            allowed += share[chunk]
        return seen, allowed

    rest = [min(SKETCH_BITS, chunk - layout.bits) for chunk in layout.chunks]
    return Limits(
        reach=tuple(s - 1 for s in share),
        whole=tuple(run(i, SKETCH_BITS)[1] for i in range(tables)),
        part=tuple(run(i, 0)[1] for i in range(tables)),
        part_bits=tuple(rest),
        far=tuple(run(i, 2 * SKETCH_BITS)[1] for i in range(tables)),
    )


@dataclass(frozen=True)
class Work:
    """Of one query, on average over uniform hashes: cells, lines, entries that pass the sketch."""

    probes: float
    lines: float
    passing: float
    beginnings: float
    """Bytes in which the cells' beginnings are written."""

    def nanoseconds(self, machine: Machine) -> float:
        return (
            machine.query
            + self.probes * (machine.probe + machine.far_probe * min(1.0, self.beginnings / machine.near))
            + self.lines * machine.line
            + self.passing * machine.passing
        )


@lru_cache(maxsize=256)
def work(layout: Layout, count: int, radius: int) -> Work:
    """What a query has to read."""
    told = limits(layout, radius)
    cell = count / (1 << layout.bits)
    probes = lines = passing = 0.0
    for reach, whole, part, rest in zip(told.reach, told.whole, told.part, told.part_bits, strict=True):
        for x in range(reach + 1):
            cells = comb(layout.bits, x)
            probes += cells
            lines += cells * (cell / LINE + 1)
            passing += cells * cell * _chance(rest, part - x, whole - x)
    return Work(probes, lines, passing, 4.0 * len(layout.chunks) * (1 << layout.bits))


def tables_nanoseconds(layout: Layout, count: int, radius: int, machine: Machine | None = None) -> float:
    """Of one query on one core."""
    return work(layout, count, radius).nanoseconds(machine or Machine())


def plain_nanoseconds(count: int, machine: Machine | None = None) -> float:
    """Of one query on one core, of several at once."""
    machine = machine or Machine()
    return machine.query + machine.compare * count


def build_seconds(layout: Layout | None, count: int, machine: Machine | None = None) -> float:
    """On one core."""
    machine = machine or Machine()
    tables = len(layout.chunks) if layout else 0
    return count * (machine.laying + tables * machine.placing) / 1e9


def _chance(rest: int, part: int, whole: int) -> float:
    """That a sketch of random bits passes: at most `part` of its first `rest` bits differ, `whole` of all."""
    ways = sum(
        comb(rest, a) * comb(SKETCH_BITS - rest, b)
        for a in range(min(rest, max(part, -1)) + 1)
        for b in range(min(SKETCH_BITS - rest, whole - a) + 1)
    )
    return float(ways / (1 << SKETCH_BITS))
