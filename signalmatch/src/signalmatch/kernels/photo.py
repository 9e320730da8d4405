"""What a photo's hash needs of the compiled loops, called without numba. Each makes the rooms that its loop writes to.

The loops themselves, and what they do: `kernels.jpeg`, `kernels.pdq`, `kernels.pdq_smooth`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from signalmatch.kernels.machine_code import Kernel, Rooms

Uint8 = npt.NDArray[np.uint8]
Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

TOGETHER = 16
"""Rows whose running sums advance side by side: they don't wait for each other."""

SLACK = 96
"""Bytes that a JPEG's output has behind its last row: pixels are written 32 at a time."""
ZEROS_BEHIND = 512
"""Behind a scan: more than the longest block's bits."""
LOOK = 10
"""Bits that a table of Huffman codes is asked with."""
RING = 64
"""Rows of luma that are kept, of colours half as many."""
ZIGZAG = np.array([
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5,
    12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
    35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
    58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
])  # fmt: skip

_KEPT_MOST, _KEPT_STEP = 4 << 20, 1 << 17
"""Bytes of a file up to which its rooms are kept for the thread's next one, and in which steps they grow."""
_COEFFICIENT_ROOMS = (
    ((16, 64), np.float64),
    ((16, 64), np.float64),
    ((64, 16), np.float64),
    ((3, 16), np.float64),
    ((2, 16, 16), np.float64),
    ((3,), np.float64),
)

_samples = Kernel("signalmatch.kernels.pdq", "samples")
_coefficients = Kernel("signalmatch.kernels.pdq", "coefficients")
_quality_of = Kernel("signalmatch.kernels.pdq", "quality_of")
_smooth_samples = Kernel("signalmatch.kernels.pdq_smooth", "smooth_samples")
_smooth_coefficients = Kernel("signalmatch.kernels.pdq_smooth", "smooth_coefficients")
decode_usual = Kernel("signalmatch.kernels.jpeg", "decode_usual")
"""`jpeg.decode_usual`, with the rooms of `rooms_for`."""


ALL = (_samples, _coefficients, _quality_of, _smooth_samples, _smooth_coefficients, decode_usual)


def load() -> None:
    """Have all of them now. For a process that is about to lose its files."""
    for one in ALL:
        one.load()


def samples(rows: Uint8, channels: int) -> Float32:
    """uint8[height, width × channels] → float32[64, 64], every rounding as the reference's."""
    height, width = len(rows), rows.shape[1] // channels
    # Lines are a little longer than the width: sixteen of a power of two would fight for one set of the cache.
    down, pitch = (height + 127) // 128, width + 24
    tables = [(down + TOGETHER + 1, pitch), *[(TOGETHER, pitch)] * 3, (height, 64)]
    lines = [(length,) for length in (width, height, TOGETHER, width, 64)]
    rooms = Rooms.of(*((shape, np.float32) for shape in (*tables, *lines)))
    for room in rooms:
        room[:] = 0
    out = np.empty((64, 64), np.float32)
    _samples(rows, channels, rooms, out)
    return out


def coefficients(image: Float32, dct: Float32) -> Float32:
    """float32[64, 64] → float32[16, 16], both products summed from the first term to the last in float32."""
    out = np.empty((16, 16), np.float32)
    _coefficients(image, dct, np.zeros((16, 64), np.float32), out)
    return out


def quality_of(image: Float32) -> int:
    """0 to 100, of the same 64 × 64 samples."""
    return _quality_of(image)


def smooth_samples(rows: Uint8, channels: int) -> tuple[Float64, float]:
    """uint8[height, width × channels] → float64[64, 64], what `samples` gives, had it no rounding; and the share
    of 4,096 pixels that equal their neighbour: to the right or below, whichever is more."""
    height, wide = rows.shape
    down, across = (height + 127) // 128, (wide // channels + 127) // 128
    out = np.empty((64, 64), np.float64)
    rooms = _rooms_again(
        "samples",
        ((5, 64), np.int64),
        ((wide + 64,), np.int32),
        ((wide,), np.float64),
        ((4 * max(down, across) + 16,), np.float64),
        ((64, 4 * across * channels + 16), np.float64),
    )
    equal = _smooth_samples(rows.reshape(-1), wide, channels, rooms, out)
    return out, equal / 4096


def smooth_coefficients(
    image: Float64,
    height: int,
    width: int,
    equal: float,
    dct: Float32 | Rooms,
    usual: float,
    synthetic: float,
) -> tuple[Float64, int, int, float]:
    """float64[2, 16, 16] (coefficients; standard deviations of the reference's noise), least and greatest quality,
    and how many deviations to allow: `usual`, or `synthetic` where neighbours are often equal."""
    rooms = _rooms_again("coefficients", *_COEFFICIENT_ROOMS)
    _smooth_coefficients(image, height, width, equal, dct, usual, synthetic, rooms)
    *_, out, judged = rooms
    return out.copy(), int(judged[0]), int(judged[1]), float(judged[2])


def rooms_for(size: int, width: int, empty: Callable[..., Any] | None = None) -> Rooms:
    """What `decode_usual` writes to on its way, for a file of `size` bytes and a picture of that width.

    The scan without stuffing; the tables of single and of paired symbols; the longer codes' greatest and their shifts;
    rings of rows (luma, then both colours); two lines of colours; a block; the last first values. empty: as np.empty.
    """
    if not empty:  # files of nearly one length share a room
        size += -size % _KEPT_STEP
    across = (width + 15) // 16
    pitch, half_pitch = across * 16 + 64, across * 8 + 64
    wanted: list[tuple[tuple[int, ...], Any]] = [
        ((size + ZEROS_BEHIND,), np.uint8),
        ((2, 8 << LOOK), np.uint64),
        ((2, 8, 17), np.int64),
        ((RING * pitch + RING * half_pitch,), np.uint8),
        ((2, half_pitch), np.uint16),
        ((65,), np.int16),
        ((3,), np.int64),
    ]
    if empty:
        return Rooms(empty(*one) for one in wanted)
    return _rooms_again("jpeg", *wanted) if size <= _KEPT_MOST else Rooms.of(*wanted)


_last = threading.local()


def _rooms_again(name: str, *wanted: tuple[tuple[int, ...], Any]) -> Rooms:
    """This thread's rooms of that name, the last ones again if they fit: photos often come in one size."""
    known: tuple[Any, Rooms] | None = getattr(_last, name, None)
    if known is None or known[0] != wanted:
        known = wanted, Rooms.of(*wanted)
        setattr(_last, name, known)
    return known[1]
