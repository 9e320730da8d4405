"""Loops that do nothing but read, to measure what the machine allows."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from signalmatch.kernels.compiling import njit
from signalmatch.kernels.hamming_bits import prefetch

Memory = npt.NDArray[np.uint64]
_AHEAD = 32


@njit(cache=True, nogil=True)
def read_all(memory: Memory) -> np.uint64:
    """The exclusive or of everything, read in order."""
    whole = np.uint64(0)
    for at in range(memory.shape[0]):
        whole ^= memory[at]
    return whole


def read_all_reference(memory: Memory) -> int:
    """The plain twin of `read_all`."""
    whole = 0
    for value in memory.tolist():
        whole ^= value
    return whole


@njit(cache=True, nogil=True)
def read_lines(memory: Memory, places: npt.NDArray[np.int64]) -> np.uint64:
    """The exclusive or of memory at the places, each asked for ahead."""
    whole = np.uint64(0)
    count = places.shape[0]
    for p in range(count):
        if p + _AHEAD < count:
            prefetch(memory, places[p + _AHEAD])
        whole ^= memory[places[p]]
    return whole


def read_lines_reference(memory: Memory, places: npt.NDArray[np.int64]) -> int:
    """The plain twin of `read_lines`."""
    return read_all_reference(memory[places])
