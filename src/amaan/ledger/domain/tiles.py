"""Tiles and the frontier: how a tree of a million leaves grows and is read without being hashed again.

A tile holds 256 hashes of one level, as in C2SP tlog-tiles: level 0 holds leaf hashes, level L + 1 holds the
roots of level L's full tiles. Only full tiles are kept. The frontier is what isn't in a full tile yet: at
most 255 hashes a level, from which the root follows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from amaan.ledger.domain.merkle import EMPTY_ROOT, HASH_BYTES, node_hash, root_of, split

WIDTH: Final = 256
BITS: Final = 8
TILE_BYTES: Final = WIDTH * HASH_BYTES


@dataclass(frozen=True)
class FullTile:
    """`n` counts a level's tiles from 0; `hashes` is 8,192 bytes."""

    level: int
    n: int
    hashes: bytes

    @property
    def first_leaf(self) -> int:
        return self.n << BITS * (self.level + 1)

    def first_difference(self, stored: bytes) -> int:
        """The first leaf under the first hash in which `stored` differs from this tile."""
        for i in range(WIDTH):
            part = slice(i * HASH_BYTES, (i + 1) * HASH_BYTES)
            if self.hashes[part] != stored[part]:
                return (self.n << BITS | i) << BITS * self.level
        return self.first_leaf


class Frontier:
    """A growing tree's right edge. `append` costs one hash on average; `root` at most one a binary digit of
    the size.

    `peaks` are the roots of the perfect subtrees, the largest first (a compact range); `edges[level]` are the
    hashes of the level's tile that is not full; `full` collects tiles as they fill, for the caller to take
    and clear.
    """

    __slots__ = ("edges", "full", "peaks", "size")

    def __init__(self) -> None:
        self.size = 0
        self.peaks: list[bytes] = []
        self.edges: list[list[bytes]] = []
        self.full: list[FullTile] = []

    def append(self, leaf: bytes) -> None:
        """`leaf` is a leaf hash."""
        node, carry, height = leaf, self.size, 0
        self.size += 1
        self._put(0, leaf)
        while carry & 1:
            node = sha256(b"\x01" + self.peaks.pop() + node).digest()
            carry >>= 1
            height += 1
            if not height % BITS:
                self._put(height // BITS, node)
        self.peaks.append(node)

    def _put(self, level: int, value: bytes) -> None:
        if level == len(self.edges):
            self.edges.append([])
        edge = self.edges[level]
        edge.append(value)
        if len(edge) == WIDTH:
            n = (self.size >> BITS * (level + 1)) - 1
            self.full.append(FullTile(level, n, b"".join(edge)))
            edge.clear()

    def root(self) -> bytes:
        """RFC 9162, 2.1.1."""
        if not self.peaks:
            return EMPTY_ROOT
        found = self.peaks[-1]
        for peak in self.peaks[-2::-1]:
            found = node_hash(peak, found)
        return found

    def copy(self) -> Frontier:
        other = Frontier()
        other.size = self.size
        other.peaks = self.peaks.copy()
        other.edges = [edge.copy() for edge in self.edges]
        return other

    @classmethod
    def from_edges(cls, size: int, edges: Sequence[Sequence[bytes]]) -> Frontier:
        """From `edge_ranges(size)`'s hashes, level 0 first. Raises ValueError where their number does not
        fit."""
        frontier = cls()
        frontier.size = size
        if [len(edge) for edge in edges] != [end - start for start, end in edge_ranges(size)]:
            raise ValueError(f"These edges are not those of a tree of {size} leaves.")
        frontier.edges = [list(edge) for edge in edges]
        for edge in reversed(frontier.edges):
            start = 0
            for bit in reversed(range(BITS)):
                if len(edge) >> bit & 1:
                    frontier.peaks.append(root_of(edge[start : start + (1 << bit)]))
                    start += 1 << bit
        return frontier


def edge_ranges(size: int) -> list[tuple[int, int]]:
    """For each level the hashes (start, end) that stand in no full tile."""
    ranges = []
    while size:
        ranges.append((size - size % WIDTH, size))
        size //= WIDTH
    return ranges


def full_tiles(size: int) -> Iterator[tuple[int, int]]:
    """For each level that has full tiles: (level, how many)."""
    level, size = 0, size // WIDTH
    while size:
        yield level, size
        level, size = level + 1, size // WIDTH


HashesAt = Callable[[int, int, int], Sequence[bytes]]
"""`(level, start, end)` to a level's hashes, all from within one tile."""


def range_root(hashes_at: HashesAt) -> Callable[[int, int], bytes]:
    """The root of any range that proofs ask for, read from tiles. `hashes_at` answers for stored levels."""

    def root(start: int, end: int) -> bytes:
        size = end - start
        if size & (size - 1):
            middle = start + split(size)
            return node_hash(root(start, middle), root(middle, end))
        level = (size.bit_length() - 1) // BITS
        return root_of(hashes_at(level, start >> BITS * level, end >> BITS * level))

    return root
