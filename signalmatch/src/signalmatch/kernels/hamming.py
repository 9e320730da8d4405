"""Every hash compared with every query: the plain search, and the measure of all others.

Hashes lie in blocks of 64, word by word: `front` holds the first 96 bits (three 32-bit words) of each, `back` the
other 160. Of two unrelated hashes 96 bits already differ in 48 places, so that 3 in 10,000 pass the front at radius 31;
the other words are read only of the few rows that pass. What comes out of a block is a bit a row.
"""

# mypy: disable-error-code="no-untyped-call,assignment,return-value,arg-type,no-any-return"
from __future__ import annotations

import numpy as np

from signalmatch.kernels.compiling import kept, types
from signalmatch.kernels.hamming_bits import (
    add_distance,
    any_within_front,
    lowest,
    prefetch,
    rows_within,
    rows_within_front,
)
from signalmatch.kernels.search import BACK_WORDS, BLOCK, FRONT_WORDS, TILE, Numbers, Words

FEW = 6
"""Rows of a block that pass the front, up to which each is looked at by itself."""

SHARED_AMONG = 16
"""Queries from which on they ask for the next tile in turn; the processor itself does well for fewer."""
RADIUS_OF_FRONT = 40
"""From here on so many pass the front that looking at it first is a waste."""

_WORDS = types.Array(types.uint32, 1, "C", readonly=True)
_QUERIES = types.Array(types.uint32, 2, "C", readonly=True)
_ROOMS = types.Tuple([types.Array(types.uint32, 1, "C"), *[types.Array(types.int64, 1, "C")] * 4])


@kept(_WORDS, _WORDS, types.intp, _QUERIES, types.intp, types.intp, _ROOMS)
def scan(
    front: Words,
    back: Words,
    count: int,
    queries: Words,
    radius: int,
    step: int,
    rooms: tuple[Words, Numbers, Numbers, Numbers, Numbers],
) -> int:
    """All pairs within the radius, as far as the output has room.

    front uint32[blocks * 3 * 64], back uint32[blocks * 5 * 64], queries uint32[q, 8]. rooms: uint32[8], the step to go
    on with int64[1], then query, row and distance of what was found, at least TILE * BLOCK of each. A step is one tile
    against one query. Gives the pairs written; the work is done when the step is tiles * q. Order: tile, then query,
    then row.
    """
    wanted, on, found_query, found_row, found_distance = rooms
    blocks = (count + BLOCK - 1) // BLOCK
    total = queries.shape[0]
    steps = ((blocks + TILE - 1) // TILE) * total
    room = found_query.shape[0] - TILE * BLOCK
    limit = np.uint32(radius)
    wide = radius >= RADIUS_OF_FRONT
    written = 0
    while step < steps and written <= room:
        tile = step // total
        query = step - tile * total
        for w in range(8):
            wanted[w] = queries[query, w]
        if total >= SHARED_AMONG:
            # Each query asks for its part of the next tile, so that the first one doesn't wait for all of it.
            for block in range((tile + 1) * TILE + query, min(blocks, (tile + 2) * TILE), total):
                for line in range(FRONT_WORDS * BLOCK // 16):
                    prefetch(front, block * (FRONT_WORDS * BLOCK) + line * 16)
        for block in range(tile * TILE, min(blocks, tile * TILE + TILE)):
            at = block * (FRONT_WORDS * BLOCK)
            behind = block * (BACK_WORDS * BLOCK)
            if wide:
                near = rows_within(front, at, back, behind, wanted, limit)
            else:
                if any_within_front(front, at, wanted, limit) == 0:
                    continue
                near = rows_within_front(front, at, back, behind, wanted, limit)
                # What lies behind is not in the cache: of a few rows one line each is read, and most end there.
                many = near
                for _ in range(FEW):
                    many &= many - np.uint64(1)
                    if many == 0:
                        break
                if many:
                    near = rows_within(front, at, back, behind, wanted, limit)
            while near:
                row = np.int64(lowest(near))
                near &= near - np.uint64(1)
                if block * BLOCK + row >= count:
                    break
                d = np.uint32(0)
                for w in range(FRONT_WORDS):
                    d = add_distance(d, front[at + w * BLOCK + row], wanted[w])
                for w in range(BACK_WORDS):
                    d = add_distance(d, back[behind + w * BLOCK + row], wanted[FRONT_WORDS + w])
                    if d > limit:
                        break
                if d <= limit:
                    found_query[written] = query
                    found_row[written] = block * BLOCK + row
                    found_distance[written] = d
                    written += 1
        step += 1
    on[0] = step
    return written


def scan_reference(
    front: Words, back: Words, count: int, queries: Words, radius: int
) -> list[tuple[int, int, int]]:
    """The plain twin of `scan`: (query, row, distance) of all pairs within the radius, in no order."""
    words = np.concatenate([front.reshape(-1, 3, 64), back.reshape(-1, 5, 64)], axis=1)
    words = words.transpose(0, 2, 1).reshape(-1, 8)[:count]
    pairs = []
    for query, wanted in enumerate(queries):
        distances = np.bitwise_count(words ^ wanted).sum(axis=1, dtype=np.int64)
        pairs += [(query, int(row), int(distances[row])) for row in np.flatnonzero(distances <= radius)]
    return pairs
