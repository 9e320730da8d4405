"""PDQ's arithmetic, compiled, every rounding as the reference's (`pdqhash`, which is Meta's C++ behind numpy).

float32 running sums in its order, no fused multiply-add: what these give is the result by definition. `pdq_smooth` is
the quick way to the same bits. docs/pdq.md writes the arithmetic out, for whoever carries it into another language.
"""

# mypy: disable-error-code="no-untyped-call"
from __future__ import annotations

import numpy as np

from signalmatch.kernels.compiling import kept, njit, types
from signalmatch.kernels.photo import TOGETHER, Float32, Uint8

# One specialisation each, of read-only arrays: numpy makes some of a decoder's, and writable ones fit too.
ROWS = types.Array(types.uint8, 2, "C", readonly=True)
FLOAT32_TABLE = types.Array(types.float32, 2, "C", readonly=True)


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
def _middle(k: int, length: int) -> int:
    """Which sample stands for part k of 64."""
    return int((k + 0.5) * length / 64)


@njit(nogil=True)
def _running(lines: Float32, length: int, window: int, out: Float32, totals: Float32) -> None:
    """The sums (not yet means) of a moving window along each line: add the right sample, subtract the left one."""
    half = (window + 2) // 2
    totals[:] = 0
    for right in range(half - 1):
        for i in range(TOGETHER):
            totals[i] += lines[i, right]
    for at in range(length):
        right, left = at + half - 1, at + half - 1 - window
        if right < length and left >= 0:
            for i in range(TOGETHER):
                totals[i] += lines[i, right]
                totals[i] -= lines[i, left]
                out[i, at] = totals[i]
        elif right < length:
            for i in range(TOGETHER):
                totals[i] += lines[i, right]
                out[i, at] = totals[i]
        else:
            for i in range(TOGETHER):
                totals[i] -= lines[i, left]
                out[i, at] = totals[i]


@njit(nogil=True)
def _counts(length: int, window: int, out: Float32) -> None:
    """How many samples each position's clipped window has."""
    half = (window + 2) // 2
    for at in range(length):
        out[at] = min(length - 1, at + half - 1) - max(0, at + half - window) + 1


_TABLE = types.Array(types.float32, 2, "C")
_LINE = types.Array(types.float32, 1, "C")


@kept(ROWS, types.intp, types.Tuple([_TABLE] * 5 + [_LINE] * 5), _TABLE)
def samples(rows: Uint8, channels: int, rooms: tuple[Float32, ...], out: Float32) -> int:
    """uint8[height, width × channels] → float32[64, 64], every rounding as the reference's. rooms: zeros, see
    `photo.samples`.

    Rows are streamed: only about a window of them is held, so that memory grows with the width alone.
    """
    height, wide = rows.shape
    width = wide // channels
    if height == 64 and width == 64:
        for i in range(64):
            _luminance(rows[i], out[i], channels)
        return 0
    across, down = (width + 127) // 128, (height + 127) // 128
    half = (down + 2) // 2
    ring = down + TOGETHER + 1
    # First pass along rows; a ring of its results, because the pass down needs the row that leaves the window.
    first, block, result, second, narrow, across_counts, down_counts, totals, column, final = rooms
    _counts(width, across, across_counts)
    _counts(height, down, down_counts)
    done, given = 0, 0
    for start in range(0, height + half - 1, TOGETHER):
        if start < height:
            here = min(TOGETHER, height - start)
            for i in range(here):
                _luminance(rows[start + i], block[i, :width], channels)
            _running(block, width, across, result, totals)
            for i in range(here):
                slot = first[(start + i) % ring]
                for c in range(width):
                    slot[c] = result[i, c] / across_counts[c]
        for right in range(start, min(start + TOGETHER, height + half - 1)):
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
                if given == TOGETHER or at == height - 1:
                    _running(second, width, across, result, totals)
                    for i in range(given):
                        for j in range(64):
                            narrow[done, j] = result[i, _middle(j, width)] / across_counts[_middle(j, width)]
                        done += 1
                    given = 0
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
    return 0


@kept(FLOAT32_TABLE, FLOAT32_TABLE, _TABLE, _TABLE)
def coefficients(image: Float32, dct: Float32, half: Float32, out: Float32) -> int:
    """float32[64, 64] → float32[16, 16], both products summed from the first term to the last in float32. half: room
    of float32[16, 64] zeros."""
    for i in range(16):
        for k in range(64):
            for j in range(64):
                half[i, j] += dct[i, k] * image[k, j]
    for i in range(16):
        for j in range(16):
            total = np.float32(0)
            for k in range(64):
                total += half[i, k] * dct[j, k]
            out[i, j] = total
    return 0


@kept(FLOAT32_TABLE)
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
