"""What comparing every hash needs of the compiled loops, called without numba. The loop itself: `kernels.hamming`."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from signalmatch.kernels.machine_code import Kernel, Rooms

Words = npt.NDArray[np.uint32]
Numbers = npt.NDArray[np.int64]

BLOCK = 64
"""Hashes a block."""
FRONT_WORDS = 3
BACK_WORDS = 5
TILE = 32
"""Blocks that are compared with every query before the next ones are: 24 KB of fronts stay in the first cache."""
TAIL_FAST = 6
TAIL_LEAN = 3

_scan = Kernel("signalmatch.kernels.hamming", "scan")


def scan(
    front: Words, back: Words, count: int, queries: Words, radius: int, step: int, room: int
) -> tuple[int, tuple[Numbers, Numbers, Numbers]]:
    """(the step to go on with, (query, row, distance) of what was found) from one step on, as far as the room reaches:
    so many pairs, at least TILE * BLOCK."""
    on = np.array([step])
    found = (np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room, np.int64))
    rooms = Rooms((np.empty(8, np.uint32), on, *found))
    written = _scan(front, back, count, queries, radius, step, rooms)
    query, row, distance = (column[:written] for column in found)
    return int(on[0]), (query, row, distance)
