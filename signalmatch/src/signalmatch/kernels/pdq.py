"""PDQ's arithmetic: from pixels to 64 × 64 samples, 256 coefficients, a hash and a quality.

Every rounding is the reference's (`pdqhash`, which is Meta's C++ behind numpy): float32 running sums in its order, no
fused multiply-add. docs/pdq.md writes the arithmetic out, for whoever carries it into another language.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
Uint8 = NDArray[np.uint8]

SIDE = 64
BITS = 16


def _dct_matrix() -> Float32:
    """The 16 × 64 rows 1 to 16 of the discrete cosine transform, each product rounded once to float32."""
    scale = float(np.float32(math.sqrt(2.0 / SIDE)))
    step = math.pi / 2.0 / SIDE
    return np.array(
        [[scale * math.cos(step * (i + 1) * (2 * j + 1)) for j in range(SIDE)] for i in range(BITS)],
        np.float32,
    )


DCT = _dct_matrix()


@njit(cache=True, nogil=True)
def _box(source: Float32, target: Float32, length: int, window: int) -> None:
    """One running mean of `window` samples along a line, clipped at both ends: the reference's four phases."""
    half = (window + 2) // 2
    total = np.float32(0)
    count = 0
    left = 0
    right = 0
    out = 0
    for _ in range(half - 1):
        total += source[right]
        count += 1
        right += 1
    for _ in range(window - half + 1):
        total += source[right]
        count += 1
        target[out] = total / np.float32(count)
        right += 1
        out += 1
    for _ in range(length - window):
        total += source[right]
        total -= source[left]
        target[out] = total / np.float32(count)
        left += 1
        right += 1
        out += 1
    for _ in range(half - 1):
        total -= source[left]
        count -= 1
        target[out] = total / np.float32(count)
        left += 1
        out += 1


@njit(cache=True, nogil=True)
def samples(luma: Float32) -> Float32:
    """float32[rows, columns] luminance → float32[64, 64]: two box passes along rows and columns, then decimation."""
    rows, columns = luma.shape
    out = np.empty((64, 64), np.float32)
    if rows == 64 and columns == 64:
        out[:] = luma
        return out
    wide = (columns + 127) // 128
    tall = (rows + 127) // 128
    a = luma.copy()
    b = np.empty_like(a)
    for _ in range(2):
        for i in range(rows):
            _box(a[i], b[i], columns, wide)
        for j in range(columns):
            _box(b[:, j], a[:, j], rows, tall)
    for i in range(64):
        for j in range(64):
            out[i, j] = a[int((i + 0.5) * rows / 64), int((j + 0.5) * columns / 64)]
    return out


@njit(cache=True, nogil=True)
def luminance(pixels: Uint8) -> Float32:
    """uint8[rows, columns, 3] RGB → float32[rows, columns], summed in float64 and rounded once."""
    rows, columns, _ = pixels.shape
    out = np.empty((rows, columns), np.float32)
    for i in range(rows):
        for j in range(columns):
            out[i, j] = np.float32(
                pixels[i, j, 0] * 0.299 + pixels[i, j, 1] * 0.587 + pixels[i, j, 2] * 0.114
            )
    return out


@njit(cache=True, nogil=True)
def coefficients(image: Float32, dct: Float32) -> Float32:
    """float32[64, 64] → float32[16, 16], both products summed from the first term to the last in float32."""
    half = np.zeros((16, 64), np.float32)
    for i in range(16):
        for k in range(64):
            for j in range(64):
                half[i, j] += dct[i, k] * image[k, j]
    out = np.zeros((16, 16), np.float32)
    for i in range(16):
        for j in range(16):
            total = np.float32(0)
            for k in range(64):
                total += half[i, k] * dct[j, k]
            out[i, j] = total
    return out


@njit(cache=True, nogil=True)
def quality_of(image: Float32) -> int:
    """0 to 100: how much goes on in the 64 × 64 samples. Each step is truncated before it is counted."""
    total = 0
    for i in range(64):
        for j in range(64):
            here = image[i, j]
            if i < 63:
                total += abs(int((here - image[i + 1, j]) * np.float32(100) / np.float32(255)))
            if j < 63:
                total += abs(int((here - image[i, j + 1]) * np.float32(100) / np.float32(255)))
    return min(100, total // 90)
