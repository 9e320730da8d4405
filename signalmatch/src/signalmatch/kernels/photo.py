"""What a photo's hash needs of the compiled loops, callable without numba: each makes the rooms that its loop writes to.

The loops themselves, and what they do: `kernels.jpeg`, `kernels.pdq`, `kernels.pdq_smooth`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from signalmatch.kernels.machine_code import Kernel

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
RING = 64
"""Rows of luma that are kept, of colours half as many."""
ZIGZAG = np.array([
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5,
    12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
    35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
    58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
])  # fmt: skip

_samples = Kernel("pdq", "samples")
_coefficients = Kernel("pdq", "coefficients")
_quality_of = Kernel("pdq", "quality_of")
_smooth_samples = Kernel("pdq_smooth", "smooth_samples")
_smooth_coefficients = Kernel("pdq_smooth", "smooth_coefficients")
decode_usual = Kernel("jpeg", "decode_usual")
"""`jpeg.decode_usual`, with the rooms of `rooms_for`."""


def load() -> None:
    """Have all of them now. For a process that is about to lose its files."""
    for one in (_samples, _coefficients, _quality_of, _smooth_samples, _smooth_coefficients, decode_usual):
        one.load()


def samples(rows: Uint8, channels: int) -> Float32:
    """uint8[height, width × channels] → float32[64, 64], every rounding as the reference's."""
    height, width = len(rows), rows.shape[1] // channels
    # Lines are a little longer than the width: sixteen of a power of two would fight for one set of the cache.
    down, pitch = (height + 127) // 128, width + 24
    tables = [(down + TOGETHER + 1, pitch), *[(TOGETHER, pitch)] * 3, (height, 64)]
    rooms = tuple(np.zeros(shape, np.float32) for shape in (*tables, width, height, TOGETHER, width, 64))
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


def smooth_samples(rows: Uint8, channels: int) -> Float64:
    """uint8[height, width × channels] → float64[64, 64]: what `samples` gives, had it no rounding."""
    height, wide = rows.shape
    down, across = (height + 127) // 128, (wide // channels + 127) // 128
    out = np.empty((64, 64), np.float64)
    rooms = (
        np.empty((4, 64), np.int64),
        np.empty(wide, np.int32),
        np.empty(wide, np.float64),
        np.empty(4 * max(down, across) + 16, np.float64),
        np.empty((64, 4 * across * channels + 16), np.float64),
    )
    _smooth_samples(rows.reshape(-1), wide, channels, rooms, out)
    return out


def smooth_coefficients(
    image: Float64, rows: Uint8, channels: int, dct: Float32, usual: float, synthetic: float
) -> tuple[Float64, int, int, float]:
    """float64[2, 16, 16] (coefficients; standard deviations of the reference's noise), least and greatest quality,
    and how many deviations to allow: `usual`, or `synthetic` where neighbours are often equal."""
    out, judged = np.zeros((2, 16, 16)), np.empty(3)
    rooms = tuple(np.zeros(shape) for shape in ((16, 64), (16, 64), (64, 16), (3, 16)))
    _smooth_coefficients(
        image, rows, channels, dct, usual, synthetic, rooms, np.empty(64, np.uint64), out, judged
    )
    return out, int(judged[0]), int(judged[1]), float(judged[2])


Rooms = tuple[
    Uint8,
    npt.NDArray[np.uint64],
    Numbers,
    Uint8,
    npt.NDArray[np.uint16],
    npt.NDArray[np.int16],
    Numbers,
]


def rooms_for(size: int, width: int, empty: Any = np.empty) -> Rooms:
    """What `decode_usual` writes to on its way, for a file of `size` bytes and a picture of that width.

    The scan without stuffing; the tables of single and of paired symbols; the longer codes' greatest and their shifts;
    rings of rows (luma, then both colours); two lines of colours; a block; the last first values. empty: as np.empty.
    """
    across = (width + 15) // 16
    pitch, half_pitch = across * 16 + 64, across * 8 + 64
    return (
        empty(size + ZEROS_BEHIND, np.uint8),
        empty((2, 8, 1 << LOOK), np.uint64),
        empty((2, 8, 17), np.int64),
        empty(RING * pitch + RING * half_pitch, np.uint8),
        empty((2, half_pitch), np.uint16),
        empty(65, np.int16),
        empty(3, np.int64),
    )


