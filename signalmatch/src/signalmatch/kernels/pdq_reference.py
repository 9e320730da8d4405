"""The plain twins of the compiled PDQ: numpy, a line for a step. Tests hold the kernels to them, bit for bit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from signalmatch.kernels.photo import Float32, Uint8

Float64 = NDArray[np.float64]


def luminance_reference(rows: Uint8, channels: int) -> Float32:
    """uint8[height, width × channels] → float32[height, width]: summed in float64, rounded once."""
    pixels = rows.reshape(rows.shape[0], -1, channels)
    if channels == 1:
        return pixels[:, :, 0].astype(np.float32)
    grey: Float64 = pixels[:, :, 0] * 0.299 + pixels[:, :, 1] * 0.587 + pixels[:, :, 2] * 0.114
    return grey.astype(np.float32)


def box_reference(lines: Float32, window: int) -> Float32:
    """The running mean down each column, clipped at both ends: add what enters, subtract what leaves, divide."""
    length = len(lines)
    half = (window + 2) // 2
    total = np.zeros(lines.shape[1], np.float32)
    out = np.empty_like(lines)
    count = 0
    for right in range(length + half - 1):
        at, left = right - half + 1, right - window
        if right < length:
            total = total + lines[right]
            count += 1
        if left >= 0:
            total = total - lines[left]
            count -= 1
        if at >= 0:
            out[at] = total / np.float32(count)
    return out


def samples_reference(rows: Uint8, channels: int) -> Float32:
    """Twin of `samples`: along the rows, down the columns, both again, then the middle of each of 64 × 64 cells."""
    image = luminance_reference(rows, channels)
    height, width = image.shape
    if (height, width) == (64, 64):
        return image
    for _ in range(2):
        image = box_reference(np.ascontiguousarray(image.T), (width + 127) // 128).T
        image = box_reference(np.ascontiguousarray(image), (height + 127) // 128)
    return image[_middles(height)][:, _middles(width)]


def _middles(length: int) -> list[int]:
    return [int((k + 0.5) * length / 64) for k in range(64)]


def _operator(length: int) -> Float64:
    """float64[64, length]: two box passes and the decimation as one matrix, most of it zero."""
    window = (length + 127) // 128
    half = (window + 2) // 2
    box = np.zeros((length, length))
    for at in range(length):
        box[at, max(0, at + half - window) : at + half] = 1
    box /= box.sum(1, keepdims=True)
    return (box @ box)[_middles(length)]


def smooth_samples_reference(rows: Uint8, channels: int) -> Float64:
    """Twin of `smooth_samples`: two dense matrices around the luminance."""
    image = luminance_reference(rows, channels).astype(np.float64)
    return _operator(image.shape[0]) @ image @ _operator(image.shape[1]).T


def add_rows_reference(
    pixels: Uint8, starts: tuple[int, ...], wide: int, weights: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Twin of `add_rows`, begun anew: eight rows, each times its weight, one on the other."""
    rows = np.stack([pixels[start : start + wide] for start in starts]).astype(np.int64)
    return np.asarray((rows * weights[:, None]).sum(axis=0))


def coefficients_reference(image: Float32, dct: Float32) -> Float32:
    """Twin of `coefficients`: `dct @ image @ dct.T` with every sum in float32, from the first term to the last."""
    half = np.zeros((16, 64), np.float32)
    for k in range(64):
        half = half + dct[:, k : k + 1] * image[k]
    out = np.zeros((16, 16), np.float32)
    for k in range(64):
        out = out + half[:, k : k + 1] * dct[:, k]
    return out


def quality_reference(image: Float32) -> int:
    """Twin of `quality_of`: steps between neighbours in hundredths of 255, each cut to a whole number; 90 count one."""
    total = 0
    for axis in (0, 1):
        steps = -np.diff(image, axis=axis) * np.float32(100) / np.float32(255)
        total += int(np.abs(np.trunc(steps)).sum())
    return min(100, total // 90)
