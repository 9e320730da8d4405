"""PDQ's arithmetic, compiled, every rounding as the reference's (`pdqhash`, which is Meta's C++ behind numpy).

float32 running sums in its order, no fused multiply-add: what these give is the result by definition. `pdq_smooth` is
the quick way to the same bits. docs/pdq.md writes the arithmetic out, for whoever carries it into another language.
"""

from __future__ import annotations

import numpy as np
from numba import njit, types
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
Uint8 = NDArray[np.uint8]

# One specialisation each, of read-only arrays: numpy makes some of a decoder's, and writable ones fit too.
ROWS = types.Array(types.uint8, 2, "C", readonly=True)
FLOAT32_TABLE = types.Array(types.float32, 2, "C", readonly=True)

_TOGETHER = 16  # rows whose running sums advance side by side: they don't wait for each other


@njit(nogil=True)
def _luminance(row: Uint8, out: Float32, channels: int) -> None:
    """One row of bytes to float32: the three products summed in float64 and rounded once."""
    if channels == 1:
        for c in range(out.size):
            out[c] = row[c]
    else:
        for c in range(out.size):
            out[c] = np.float32(row[3 * c] * 0.299 + row[3 * c + 1] * 0.587 + row[3 * c + 2] * 0.114)


@njit(nogil=True)
def _running(lines: Float32, length: int, window: int, out: Float32, totals: Float32) -> None:
    """The sums (not yet means) of a moving window along each line: add the right sample, subtract the left one."""
    half = (window + 2) // 2
    totals[:] = 0
    for right in range(half - 1):
        for i in range(_TOGETHER):
            totals[i] += lines[i, right]
    for at in range(length):
        right, left = at + half - 1, at + half - 1 - window
        if right < length and left >= 0:
            for i in range(_TOGETHER):
                totals[i] += lines[i, right]
                totals[i] -= lines[i, left]
                out[i, at] = totals[i]
        elif right < length:
            for i in range(_TOGETHER):
                totals[i] += lines[i, right]
                out[i, at] = totals[i]
        else:
            for i in range(_TOGETHER):
                totals[i] -= lines[i, left]
                out[i, at] = totals[i]


@njit(nogil=True)
def _counts(length: int, window: int) -> Float32:
    """How many samples each position's clipped window has."""
    half = (window + 2) // 2
    out = np.empty(length, np.float32)
    for at in range(length):
        out[at] = min(length - 1, at + half - 1) - max(0, at + half - window) + 1
    return out


@njit(types.Array(types.float32, 2, "C")(ROWS, types.intp), cache=True, nogil=True)
def samples(rows: Uint8, channels: int) -> Float32:
    """uint8[height, width × channels] → float32[64, 64], every rounding as the reference's.

    Rows are streamed: only about a window of them is held, so that memory grows with the width alone.
    """
    height, wide = rows.shape
    width = wide // channels
    out = np.empty((64, 64), np.float32)
    if height == 64 and width == 64:
        for i in range(64):
            _luminance(rows[i], out[i], channels)
        return out
    across, down = (width + 127) // 128, (height + 127) // 128
    across_counts, down_counts = _counts(width, across), _counts(height, down)
    half = (down + 2) // 2
    ring = down + _TOGETHER + 1
    # First pass along rows; a ring of its results, because the pass down needs the row that leaves the window.
    # Lines are a little longer than the width: sixteen of a power of two would fight for one set of the cache.
    pitch = width + 24
    first = np.zeros((ring, pitch), np.float32)
    block = np.zeros((_TOGETHER, pitch), np.float32)
    result = np.zeros((_TOGETHER, pitch), np.float32)
    totals = np.zeros(_TOGETHER, np.float32)
    column = np.zeros(width, np.float32)
    second = np.zeros((_TOGETHER, pitch), np.float32)
    narrow = np.empty((height, 64), np.float32)
    picked = np.empty(64, np.int64)
    for j in range(64):
        picked[j] = int((j + 0.5) * width / 64)
    done, given = 0, 0
    for start in range(0, height + half - 1, _TOGETHER):
        if start < height:
            here = min(_TOGETHER, height - start)
            for i in range(here):
                _luminance(rows[start + i], block[i, :width], channels)
            _running(block, width, across, result, totals)
            for i in range(here):
                slot = first[(start + i) % ring]
                for c in range(width):
                    slot[c] = result[i, c] / across_counts[c]
        for right in range(start, min(start + _TOGETHER, height + half - 1)):
            at, left = right - half + 1, right - down
            if right < height:
                new = first[right % ring]
                for c in range(width):
                    column[c] += new[c]
            if left >= 0:
                old = first[left % ring]
                for c in range(width):
                    column[c] -= old[c]
            if at >= 0:
                line = second[given]
                count = down_counts[at]
                for c in range(width):
                    line[c] = column[c] / count
                given += 1
                if given == _TOGETHER or at == height - 1:
                    _running(second, width, across, result, totals)
                    for i in range(given):
                        for j in range(64):
                            narrow[done, j] = result[i, picked[j]] / across_counts[picked[j]]
                        done += 1
                    given = 0
    final = np.zeros(64, np.float32)
    k = 0
    for right in range(height + half - 1):
        at, left = right - half + 1, right - down
        if right < height:
            for j in range(64):
                final[j] += narrow[right, j]
        if left >= 0:
            for j in range(64):
                final[j] -= narrow[left, j]
        while k < 64 and at == int((k + 0.5) * height / 64):
            for j in range(64):
                out[k, j] = final[j] / down_counts[at]
            k += 1
    return out


@njit(types.Array(types.float32, 2, "C")(FLOAT32_TABLE, FLOAT32_TABLE), cache=True, nogil=True)
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


@njit(types.intp(FLOAT32_TABLE), cache=True, nogil=True)
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
