"""Every hash compared with every query: the plain search, and the measure of all others.

Hashes lie in blocks of 64, word by word: `front` holds the first 96 bits (three 32-bit words) of each, `back` the
other 160. Of two unrelated hashes 96 bits already differ in 48 places, so that 3 in 10,000 pass the front at radius 31;
the other words are touched only for a block in which one passes.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from signalmatch.kernels.hamming_bits import add_distance, add_if_within

BLOCK = 64
"""Hashes a block."""
FRONT_WORDS = 3
BACK_WORDS = 5
TILE = 32
"""Blocks that are compared with every query before the next ones are: 24 KB of fronts stay in the first cache."""

Words = npt.NDArray[np.uint32]
Numbers = npt.NDArray[np.int64]


@njit(cache=True, nogil=True)
def scan(
    front: Words,
    back: Words,
    count: int,
    queries: Words,
    radius: int,
    step: int,
    found_query: Numbers,
    found_row: Numbers,
    found_distance: Numbers,
) -> tuple[int, int]:
    """All pairs within the radius, as far as the output has room.

    front uint32[blocks, 3, 64], back uint32[blocks, 5, 64], queries uint32[q, 8]; the outputs hold at least
    TILE * BLOCK pairs. A step is one tile against one query. Gives (the step to go on with, pairs written); the work
    is done when that is tiles * q. Order: tile, then query, then row.
    """
    blocks = front.shape[0]
    total = queries.shape[0]
    steps = ((blocks + TILE - 1) // TILE) * total
    room = found_query.shape[0] - TILE * BLOCK
    limit = np.uint32(radius)
    written = 0
    while step < steps and written <= room:
        tile = step // total
        query = step - tile * total
        q0, q1, q2 = queries[query, 0], queries[query, 1], queries[query, 2]
        q3, q4, q5 = queries[query, 3], queries[query, 4], queries[query, 5]
        q6, q7 = queries[query, 6], queries[query, 7]
        for block in range(tile * TILE, min(blocks, tile * TILE + TILE)):
            hits = np.uint32(0)
            for j in range(BLOCK):
                d = add_distance(np.uint32(0), front[block, 0, j], q0)
                d = add_distance(d, front[block, 1, j], q1)
                d = add_distance(d, front[block, 2, j], q2)
                hits = add_if_within(hits, d, limit)
            if hits == 0:
                continue
            hits = np.uint32(0)
            for j in range(BLOCK):
                d = add_distance(np.uint32(0), front[block, 0, j], q0)
                d = add_distance(d, front[block, 1, j], q1)
                d = add_distance(d, front[block, 2, j], q2)
                d = add_distance(d, back[block, 0, j], q3)
                d = add_distance(d, back[block, 1, j], q4)
                d = add_distance(d, back[block, 2, j], q5)
                hits = add_if_within(hits, d, limit)
            if hits == 0:
                continue
            for j in range(min(BLOCK, count - block * BLOCK)):
                d = add_distance(np.uint32(0), front[block, 0, j], q0)
                d = add_distance(d, front[block, 1, j], q1)
                d = add_distance(d, front[block, 2, j], q2)
                d = add_distance(d, back[block, 0, j], q3)
                d = add_distance(d, back[block, 1, j], q4)
                d = add_distance(d, back[block, 2, j], q5)
                d = add_distance(d, back[block, 3, j], q6)
                d = add_distance(d, back[block, 4, j], q7)
                if d <= limit:
                    found_query[written] = query
                    found_row[written] = block * BLOCK + j
                    found_distance[written] = d
                    written += 1
        step += 1
    return step, written


def scan_reference(
    front: Words, back: Words, count: int, queries: Words, radius: int
) -> list[tuple[int, int, int]]:
    """The plain twin of `scan`: (query, row, distance) of all pairs within the radius, in no order."""
    words = np.concatenate([front, back], axis=1).transpose(0, 2, 1).reshape(-1, 8)[:count]
    pairs = []
    for query, wanted in enumerate(queries):
        distances = np.bitwise_count(words ^ wanted).sum(axis=1, dtype=np.int64)
        pairs += [(query, int(row), int(distances[row])) for row in np.flatnonzero(distances <= radius)]
    return pairs
