"""PDQ without the reference's rounding: a quick way to the same bits, with a measure of when it is not.

Two box passes and the decimation are one linear operator of which only 64 × 64 outputs are wanted. It collapses into
two sparse 64 × N operators; the vertical one goes first, over bytes, in integers, so that each byte is touched once.
The result is what the reference would compute had it no rounding, and `smooth_coefficients` says how far the
reference's rounding noise can reach. Where a bit or the quality lies within that reach, `signals.pdq` asks the
reference's own order (`kernels.pdq`) instead. docs/pdq.md derives both.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit, types
from numpy.typing import NDArray

from signalmatch.kernels.pdq import FLOAT32_TABLE, ROWS, Float32, Uint8

Float64 = NDArray[np.float64]
Uint16 = NDArray[np.uint16]
Uint32 = NDArray[np.uint32]

_FLOAT64_TABLE = types.Array(types.float64, 2, "C", readonly=True)
# 255 × 257 is the largest sum that sixteen bits hold: so much weight eight rows may have together.
_FITS = 257


@njit(nogil=True)
def _window(at: int, length: int, window: int) -> tuple[int, int]:
    """The first and last sample of the clipped window around a position."""
    half = (window + 2) // 2
    return max(0, at + half - window), min(length - 1, at + half - 1)


@njit(nogil=True)
def _weights(k: int, length: int, window: int, out: Float64) -> tuple[int, int, float]:
    """Two box passes and the decimation, for sample `k` of 64: (first sample, how many, divisor); weights in `out`.

    Away from the edges the weights are the whole numbers 1, 2, …, window, …, 2, 1; the divisor is window².
    """
    half = (window + 2) // 2
    low, high = _window(int((k + 0.5) * length / 64), length, window)
    first, last = _window(low, length, window)[0], _window(high, length, window)[1]
    out[:] = 0
    inside = low + half - window >= 0 and high + half - 1 < length and high - low + 1 == window
    for at in range(low, high + 1):
        left, right = _window(at, length, window)
        weight = 1.0 if inside else 1.0 / (right - left + 1)
        for i in range(left, right + 1):
            out[i - first] += weight
    return first, last - first + 1, float(window * window) if inside else float(high - low + 1)


@njit(nogil=True)
def _add(
    total: Uint32, a: Uint8, b: Uint8, c: Uint8, d: Uint8, e: Uint8, f: Uint8, g: Uint8, h: Uint8, k: Uint16
) -> None:
    """Eight rows, each times its weight, onto `total`. The weights' sum is at most 257: sixteen bits hold theirs."""
    k0, k1, k2, k3, k4, k5, k6, k7 = k[0], k[1], k[2], k[3], k[4], k[5], k[6], k[7]
    for i in range(total.size):
        total[i] += np.uint16(
            (np.uint16(a[i]) * k0 + np.uint16(b[i]) * k1 + np.uint16(c[i]) * k2 + np.uint16(d[i]) * k3)
            + (np.uint16(e[i]) * k4 + np.uint16(f[i]) * k5 + np.uint16(g[i]) * k6 + np.uint16(h[i]) * k7)
        )


@njit(nogil=True, fastmath={"reassoc", "contract", "nsz"})
def _dot(values: Uint32 | Float64, weights: Float64) -> float:
    total = 0.0
    for i in range(weights.size):
        total += values[i] * weights[i]
    return total


@njit(types.Array(types.float64, 2, "C")(ROWS, types.intp), cache=True, nogil=True)
def smooth_samples(rows: Uint8, channels: int) -> Float64:
    """uint8[height, width × channels] → float64[64, 64]: what the reference computes, had it no rounding.

    Its twin is `smooth_samples_reference`.
    """
    height, wide = rows.shape
    width = wide // channels
    down, across = (height + 127) // 128, (width + 127) // 128
    out = np.empty((64, 64), np.float64)
    weights = np.empty(4 * max(down, across) + 16, np.float64)
    # The operator along a row, with luminance's three factors folded in.
    factors = (1.0, 1.0, 1.0) if channels == 1 else (0.299, 0.587, 0.114)
    begins, ends = np.empty(64, np.int64), np.empty(64, np.int64)
    folded = np.empty((64, 4 * across * channels + 16), np.float64)
    for j in range(64):
        first, count, divisor = _weights(j, width, across, weights)
        begins[j], ends[j] = first * channels, (first + count) * channels
        for i in range(count):
            for channel in range(channels):
                folded[j, channels * i + channel] = weights[i] / divisor * factors[channel]
    total = np.zeros(wide, np.uint32)
    real = np.empty(wide, np.float64)
    # How many rows of the greatest weight sixteen bits hold at once, up to eight; 0: none, add in float64.
    step = 8
    while step * down > _FITS:
        step //= 2
    now = np.zeros(8, np.uint16)
    last = height - 1
    for k in range(64):
        first, count, divisor = _weights(k, height, down, weights)
        if step > 0 and divisor == down * down:
            total[:] = 0
            for i in range(0, count, step):
                for n in range(step):
                    now[n] = np.uint16(weights[i + n])
                at = first + i
                _add(
                    total,
                    rows[at],
                    rows[min(at + 1, last)],
                    rows[min(at + 2, last)],
                    rows[min(at + 3, last)],
                    rows[min(at + 4, last)],
                    rows[min(at + 5, last)],
                    rows[min(at + 6, last)],
                    rows[min(at + 7, last)],
                    now,
                )
            for j in range(64):
                out[k, j] = _dot(total[begins[j] : ends[j]], folded[j, : ends[j] - begins[j]]) / divisor
        else:
            real[:] = 0
            for i in range(count):
                row = rows[first + i]
                for c in range(wide):
                    real[c] += row[c] * weights[i]
            for j in range(64):
                out[k, j] = _dot(real[begins[j] : ends[j]], folded[j, : ends[j] - begins[j]]) / divisor
    return out


@njit(nogil=True)
def _last_place(value: float) -> float:
    """What the last bit of a float32 of this size is worth."""
    return 2.0 ** (math.floor(math.log2(value)) - 23)


@njit(nogil=True)
def _step(length: int, window: int, passes: float) -> float:
    """Variance that the running sums' rounding gathers from one of the 64 samples to the next."""
    rounding = (_last_place(255.0 * window) / window) ** 2 / 12.0
    return rounding * 2.0 * length / 64.0 * passes


@njit(nogil=True)
def _equal_neighbours(rows: Uint8, channels: int) -> float:
    """Of 4,096 pixels, the share that equals its neighbour: to the right or below, whichever is more."""
    height, wide = rows.shape
    right, below = 0, 0
    for k in range(64):
        y = min(int((k + 0.5) * height / 64), height - 2)
        for j in range(64):
            x = min(int((j + 0.5) * (wide // channels) / 64), wide // channels - 2) * channels
            same_right, same_below = True, True
            for channel in range(channels):
                here = rows[y, x + channel]
                same_right &= here == rows[y, x + channels + channel]
                same_below &= here == rows[y + 1, x + channel]
            right += same_right
            below += same_below
    return max(right, below) / 4096.0


_JUDGED = types.Tuple((types.Array(types.float64, 3, "C"), types.intp, types.intp, types.float64))  # type: ignore[no-untyped-call]


@njit(
    _JUDGED(_FLOAT64_TABLE, ROWS, types.intp, FLOAT32_TABLE, types.float64, types.float64),
    cache=True,
    nogil=True,
)
def smooth_coefficients(
    image: Float64, rows: Uint8, channels: int, dct: Float32, usual: float, synthetic: float
) -> tuple[Float64, int, int, float]:
    """float64[2, 16, 16] (coefficients; standard deviations of the reference's noise), least and greatest quality,
    and how many deviations to allow: `usual`, or `synthetic` where neighbours are often equal.

    Rounding in running sums is a random walk: its variance grows with the distance, the last pass along each direction
    counts in full, the earlier ones are averaged by the passes that follow. The cosine transform's own float32 sums
    add to it. Where many neighbours are equal, columns round alike and nothing averages out.
    """
    height, wide = rows.shape
    width = wide // channels
    down, across = (height + 127) // 128, (width + 127) // 128
    vertical = _step(height, down, 1.0 + 1.0 / across)
    horizontal = _step(width, across, 2.0 / down)
    out = np.zeros((2, 16, 16), np.float64)
    half, noise = np.zeros((16, 64)), np.zeros((16, 64))
    tiny = 2.0**-46 / 12.0
    for i in range(16):
        for k in range(64):
            factor = np.float64(dct[i, k])
            for j in range(64):
                term = factor * image[k, j]
                half[i, j] += term
                noise[i, j] += half[i, j] * half[i, j] + term * term
    for i in range(16):
        for j in range(16):
            total, here, before = 0.0, 0.0, 0.0
            for k in range(64):
                term = half[i, k] * dct[j, k]
                total += term
                here += total * total + term * term
                before += noise[i, k] * dct[j, k] * dct[j, k]
            walk = (64 / (math.pi * (i + 1))) ** 2 * vertical + (64 / (math.pi * (j + 1))) ** 2 * horizontal
            out[0, i, j] = total
            out[1, i, j] = math.sqrt(walk + (here + before) * tiny + 1e-10)
    allowed = usual if _equal_neighbours(rows, channels) < 0.3 else synthetic
    along_columns = allowed * math.sqrt(vertical + 64 * horizontal) + 1e-5
    along_rows = allowed * math.sqrt(64 * vertical + horizontal) + 1e-5
    least, greatest = 0, 0
    for i in range(64):
        for j in range(64):
            if i < 63:
                change = abs(image[i, j] - image[i + 1, j])
                least += int(max(0.0, change - along_columns) * 100 / 255)
                greatest += int((change + along_columns) * 100 / 255)
            if j < 63:
                change = abs(image[i, j] - image[i, j + 1])
                least += int(max(0.0, change - along_rows) * 100 / 255)
                greatest += int((change + along_rows) * 100 / 255)
    return out, min(100, least // 90), min(100, greatest // 90), allowed
