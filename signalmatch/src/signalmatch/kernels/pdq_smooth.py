"""PDQ without the reference's rounding: a quick way to the same bits, with a measure of when it is not.

Two box passes and the decimation are one linear operator of which only 64 × 64 outputs are wanted. It collapses into
two sparse 64 × N operators; the vertical one goes first, over bytes, in integers, so that each byte is touched once.
The result is what the reference would compute had it no rounding, and `smooth_coefficients` says how far the
reference's rounding noise can reach. Where a bit or the quality lies within that reach, `signals.pdq` asks the
reference's own order (`kernels.pdq`) instead. docs/pdq.md derives both.
"""

# mypy: disable-error-code="no-untyped-call"
from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from signalmatch.kernels.compiling import kept, njit, types
from signalmatch.kernels.pdq import FLOAT32_TABLE
from signalmatch.kernels.pdq_rows import add_rows, address
from signalmatch.kernels.photo import Float32, Float64, Numbers, Uint8

Int32 = NDArray[np.int32]

_BYTES = types.Array(types.uint8, 1, "C", readonly=True)
_FLOAT64_TABLE = types.Array(types.float64, 2, "C", readonly=True)
# 255 × 257 is the largest sum that sixteen bits hold: so much weight eight rows may have together.
_FITS = 257
# What a row may weigh, and each of two neighbours, so that sixteen bits with a sign hold them (8,192 rows of pixels):
# heavier ones (up to 16,256) stand apart, with nothing for a neighbour.
_ROW_FITS, _NEIGHBOURS_FIT = 127, 64


@njit(nogil=True)
def _window(at: int, length: int, window: int) -> tuple[int, int]:
    """The first and last sample of the clipped window around a position."""
    half = (window + 2) // 2
    return max(0, at + half - window), min(length - 1, at + half - 1)


@njit(nogil=True)
def _weights(k: int, length: int, window: int, out: Float64) -> tuple[int, int, float]:
    """Two box passes and the decimation, for sample `k` of 64: (first sample, how many, divisor); weights in `out`,
    and eight zeros behind them.

    Away from the edges the weights are the whole numbers 1, 2, …, window, …, 2, 1; the divisor is window².
    """
    half = (window + 2) // 2
    low, high = _window(int((k + 0.5) * length / 64), length, window)
    first, last = _window(low, length, window)[0], _window(high, length, window)[1]
    count = last - first + 1
    if low + half - window >= 0 and high + half - 1 < length and high - low + 1 == window:
        for i in range(count):
            out[i] = min(i + 1, count - i)
        for i in range(count, count + 8):
            out[i] = 0
        return first, count, float(window * window)
    out[:] = 0
    for at in range(low, high + 1):
        left, right = _window(at, length, window)
        for i in range(left, right + 1):
            out[i - first] += 1.0 / (right - left + 1)
    return first, count, float(high - low + 1)


@njit(nogil=True, fastmath={"reassoc", "contract", "nsz"})
def _dot(values: Int32 | Float64, weights: Float64) -> float:
    total = 0.0
    for i in range(weights.size):
        total += values[i] * weights[i]
    return total


@njit(nogil=True)
def _equal_neighbours(pixels: Uint8, y: int, wide: int, channels: int, places: Numbers) -> tuple[int, int]:
    """Of 64 pixels of a row, how many equal their neighbour to the right, and below."""
    here, under = pixels[y * wide : (y + 1) * wide], pixels[(y + 1) * wide : (y + 2) * wide]
    right, below = 0, 0
    # One channel is as good as three where there is one: it is compared three times.
    second, third = channels // 2, channels // 2 * 2
    for j in range(64):
        x = np.uint64(places[j])
        a, b, c = here[x], here[x + np.uint64(second)], here[x + np.uint64(third)]
        beside = x + np.uint64(channels)
        right += (
            (a == here[beside])
            & (b == here[beside + np.uint64(second)])
            & (c == here[beside + np.uint64(third)])
        )
        below += (a == under[x]) & (b == under[x + np.uint64(second)]) & (c == under[x + np.uint64(third)])
    return right, below


_SAMPLE_ROOMS = types.Tuple(
    [types.Array(types.int64, 2, "C"), types.Array(types.int32, 1, "C")]
    + [types.Array(types.float64, dimensions, "C") for dimensions in (1, 1, 2)]
)


@kept(_BYTES, types.intp, types.intp, _SAMPLE_ROOMS, types.Array(types.float64, 2, "C"))
def smooth_samples(
    pixels: Uint8,
    wide: int,
    channels: int,
    rooms: tuple[Numbers, Int32, Float64, Float64, Float64],
    out: Float64,
) -> int:
    """uint8[height * wide] → float64[64, 64]: what the reference computes, had it no rounding. rooms: with anything in
    them, see `photo.smooth_samples`. Gives of how many of 4,096 pixels the neighbour is equal: to the right or below,
    whichever is more. They are looked at here, while their row is in the cache.

    Its twin is `smooth_samples_reference`.
    """
    height = pixels.size // wide
    width = wide // channels
    down, across = (height + 127) // 128, (width + 127) // 128
    whole, total, real, weights, folded = rooms
    begins, ends, which, now, places = whole[0], whole[1], whole[2], whole[3], whole[4]
    to_right, to_below = 0, 0
    # The operator along a row, with luminance's three factors folded in. Away from the edges all samples share one:
    # it stays in the first cache.
    factors = (1.0, 1.0, 1.0) if channels == 1 else (0.299, 0.587, 0.114)
    usual = -1
    for j in range(64):
        places[j] = min(int((j + 0.5) * width / 64), width - 2) * channels
        first, count, divisor = _weights(j, width, across, weights)
        begins[j], ends[j] = first * channels, (first + count) * channels
        inside = divisor == across * across
        which[j] = usual if inside and usual >= 0 else j
        if which[j] != j:
            continue
        usual = j if inside else usual
        for i in range(count):
            for channel in range(channels):
                folded[j, channels * i + channel] = weights[i] / divisor * factors[channel]
    # How many rows of the greatest weight sixteen bits hold at once, up to eight; 0: none, add in float64.
    step = 8
    while step * down > _FITS:
        step //= 2
    apart = 1 if down <= _NEIGHBOURS_FIT else 2
    now[:] = 0
    last = height - 1
    # Where all rows begin alike, vectors are read where none lies across two cache lines.
    lead = -address(pixels) % 32 if wide % 32 == 0 else 0
    for k in range(64):
        first, count, divisor = _weights(k, height, down, weights)
        if down <= _ROW_FITS and divisor == down * down:
            for i in range(0, count, step):
                for n in range(step):
                    now[n * apart] = np.int64(weights[i + n])
                at = first + i
                starts = (
                    at * wide,
                    min(at + 1 // apart, last) * wide,
                    min(at + 2 // apart, last) * wide,
                    min(at + 3 // apart, last) * wide,
                    min(at + 4 // apart, last) * wide,
                    min(at + 5 // apart, last) * wide,
                    min(at + 6 // apart, last) * wide,
                    min(at + 7 // apart, last) * wide,
                )
                add_rows(pixels, starts, lead, wide, now, total, -1 if i else 0, i + step >= count)
            for j in range(64):
                begin, end = begins[j], ends[j]
                out[k, j] = _dot(total[begin:end], folded[which[j], : end - begin]) / divisor
        else:
            real[:] = 0
            for i in range(0, count, 4):
                at = first + i
                one = pixels[at * wide : (at + 1) * wide]
                two = pixels[min(at + 1, last) * wide :][:wide]
                three = pixels[min(at + 2, last) * wide :][:wide]
                four = pixels[min(at + 3, last) * wide :][:wide]
                for c in range(wide):
                    real[c] += (
                        one[c] * weights[i]
                        + two[c] * weights[i + 1]
                        + three[c] * weights[i + 2]
                        + four[c] * weights[i + 3]
                    )
            for j in range(64):
                begin, end = begins[j], ends[j]
                out[k, j] = _dot(real[begin:end], folded[which[j], : end - begin]) / divisor
        middle = min(int((k + 0.5) * height / 64), height - 2)
        right, below = _equal_neighbours(pixels, middle, wide, channels, places)
        to_right, to_below = to_right + right, to_below + below
    return max(to_right, to_below)


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
def _walk(factor: float, values: Float64, totals: Float64, squares: Float64) -> None:
    """Add `factor * values` to running sums, and to `squares` those of the terms and of the sums."""
    for j in range(totals.size):
        term = factor * values[j]
        totals[j] += term
        squares[j] += totals[j] * totals[j] + term * term


@njit(nogil=True)
def _steps(these: Float64, those: Float64, doubt: float) -> tuple[int, int]:
    """The least and the greatest sum of steps between neighbours, in hundredths of 255, each cut to a whole number."""
    least, greatest = np.int32(0), np.int32(0)
    for i in range(these.shape[0]):
        for j in range(these.shape[1]):
            change = abs(these[i, j] - those[i, j])
            least += np.int32(max(0.0, change - doubt) * 100 / 255)
            greatest += np.int32((change + doubt) * 100 / 255)
    return int(least), int(greatest)


_JUDGING_ROOMS = types.Tuple(
    [types.Array(types.float64, 2, "C")] * 4
    + [types.Array(types.float64, dimensions, "C") for dimensions in (3, 1)]
)


@kept(
    _FLOAT64_TABLE,
    types.intp,
    types.intp,
    types.float64,
    FLOAT32_TABLE,
    types.float64,
    types.float64,
    _JUDGING_ROOMS,
)
def smooth_coefficients(
    image: Float64,
    height: int,
    width: int,
    equal: float,
    dct: Float32,
    usual: float,
    synthetic: float,
    rooms: tuple[Float64, Float64, Float64, Float64, Float64, Float64],
) -> int:
    """Into the last but one of the rooms float64[2, 16, 16]: coefficients, and standard deviations of the reference's
    noise. Into the last: least and greatest quality, and how many deviations to allow: `usual`, or `synthetic` where
    neighbours are often equal. equal: their share. rooms: with anything in them, see `photo.smooth_coefficients`.

    Rounding in running sums is a random walk: its variance grows with the distance, the last pass along each direction
    counts in full, the earlier ones are averaged by the passes that follow. The cosine transform's own float32 sums
    add to it. Where many neighbours are equal, columns round alike and nothing averages out.
    """
    down, across = (height + 127) // 128, (width + 127) // 128
    vertical = _step(height, down, 1.0 + 1.0 / across)
    horizontal = _step(width, across, 2.0 / down)
    half, noise, turned, lines, out, judged = rooms
    half[:], noise[:] = 0, 0
    tiny = 2.0**-46 / 12.0
    for i in range(16):
        for k in range(64):
            _walk(np.float64(dct[i, k]), image[k], half[i], noise[i])
    # Sixteen columns side by side: their sums don't wait for each other.
    for j in range(16):
        for k in range(64):
            turned[k, j] = dct[j, k]
    total, here, before = lines[0], lines[1], lines[2]
    for i in range(16):
        total[:], here[:], before[:] = 0, 0, 0
        for k in range(64):
            _walk(half[i, k], turned[k], total, here)
            for j in range(16):
                before[j] += noise[i, k] * turned[k, j] * turned[k, j]
        for j in range(16):
            walk = (64 / (math.pi * (i + 1))) ** 2 * vertical + (64 / (math.pi * (j + 1))) ** 2 * horizontal
            out[0, i, j] = total[j]
            out[1, i, j] = math.sqrt(walk + (here[j] + before[j]) * tiny + 1e-10)
    allowed = usual if equal < 0.3 else synthetic
    along_columns = allowed * math.sqrt(vertical + 64 * horizontal) + 1e-5
    along_rows = allowed * math.sqrt(64 * vertical + horizontal) + 1e-5
    down_least, down_greatest = _steps(image[:63], image[1:], along_columns)
    across_least, across_greatest = _steps(image[:, :63], image[:, 1:], along_rows)
    least, greatest = down_least + across_least, down_greatest + across_greatest
    judged[0], judged[1], judged[2] = min(100, least // 90), min(100, greatest // 90), allowed
    return 0
