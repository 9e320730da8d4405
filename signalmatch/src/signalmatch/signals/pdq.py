"""PDQ: 256 bits of a picture's coarse shape, and how much the picture had to say (its quality)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from signalmatch.errors import PictureTooSmall
from signalmatch.kernels import photo as kernels
from signalmatch.kernels.machine_code import Rooms

SMALLEST_SIDE = 5
# Under this the reference's own order takes less than 0.2 ms, and the noise of few samples is no random walk.
_QUICK_SIDE = 128
# Standard deviations of the reference's rounding noise within which nothing is taken for sure (docs/pdq.md).
_USUAL, _SYNTHETIC = 12.0, 200.0


def _dct_matrix() -> kernels.Float32:
    """Rows 1 to 16 of the cosine transform of 64: float32[16, 64], each entry a float64 product rounded once."""
    scale = float(np.float32(math.sqrt(2.0 / 64)))
    step = math.pi / 2.0 / 64
    return np.array(
        [[scale * math.cos(step * (i + 1) * (2 * j + 1)) for j in range(64)] for i in range(16)], np.float32
    )


DCT = _dct_matrix()
_DCT_ROOM = Rooms((DCT,))


def pdq_of_pixels(pixels: kernels.Uint8) -> tuple[bytes, int]:
    """The 32 bytes of the hash, most significant first, and the quality from 0 to 100.

    `pixels` are uint8[rows, columns, 3] in RGB or uint8[rows, columns] in grey. Raises PictureTooSmall under 5 pixels
    a side, where PDQ is not defined (the reference says 256 zero bits with quality 0).
    """
    rows, channels = _rows(pixels)
    return _quickly(rows, channels) or _as_the_reference(rows, channels)


def _quickly(rows: kernels.Uint8, channels: int) -> tuple[bytes, int] | None:
    """The hash and quality by the smooth operator, or None where the reference's rounding could change them."""
    if min(rows.shape[0], rows.shape[1] // channels) < _QUICK_SIDE:
        return None
    height, width = rows.shape[0], rows.shape[1] // channels
    image, equal = kernels.smooth_samples(rows, channels)
    judged, least, greatest, allowed = kernels.smooth_coefficients(
        image, height, width, equal, _DCT_ROOM, _USUAL, _SYNTHETIC
    )
    flat, noise = judged[0].ravel(), judged[1].ravel()
    at = int(flat.argpartition(127)[127])
    distance = flat - flat[at]
    # One is near in any case: the median itself.
    if least != greatest or np.count_nonzero(np.abs(distance) <= allowed * (noise + noise[at])) > 1:
        return None
    return _bits(distance > 0), int(least)


def _as_the_reference(rows: kernels.Uint8, channels: int) -> tuple[bytes, int]:
    image = kernels.samples(rows, channels)
    return _hash(kernels.coefficients(image, DCT)), int(kernels.quality_of(image))


@dataclass(frozen=True)
class DihedralHashes:
    """The hashes of a picture and of its seven turned and mirrored forms, 32 bytes each; angles counter-clockwise."""

    original: bytes
    rotate90: bytes
    rotate180: bytes
    rotate270: bytes
    flip_x: bytes
    flip_y: bytes
    flip_plus1: bytes
    flip_minus1: bytes


def dihedral_hashes(pixels: kernels.Uint8) -> tuple[DihedralHashes, int]:
    """The eight hashes and the quality, from one transform: turning a picture only swaps and negates coefficients.

    The hash of a picture that really was turned may differ from it by a few bits: decimation is not symmetric.
    """
    rows, channels = _rows(pixels)
    image = kernels.samples(rows, channels)
    plain = kernels.coefficients(image, DCT)
    odd = np.arange(16) % 2 == 1
    rows_odd, columns_odd = odd[:, None], odd[None, :]
    mixed = rows_odd != columns_odd
    return (
        DihedralHashes(
            original=_hash(plain),
            rotate90=_hash(np.where(columns_odd, plain, -plain).T),
            rotate180=_hash(np.where(mixed, -plain, plain)),
            rotate270=_hash(np.where(rows_odd, plain, -plain).T),
            flip_x=_hash(np.where(rows_odd, plain, -plain)),
            flip_y=_hash(np.where(columns_odd, plain, -plain)),
            flip_plus1=_hash(plain.T),
            flip_minus1=_hash(np.where(mixed, -plain, plain).T),
        ),
        int(kernels.quality_of(image)),
    )


def quick_samples_of_pixels(pixels: kernels.Uint8) -> NDArray[np.floating]:
    """The 64 × 64 luminances (0 to 255) that hash and quality are made of, but for the reference's rounding."""
    rows, channels = _rows(pixels)
    if min(pixels.shape[:2]) < _QUICK_SIDE:
        return kernels.samples(rows, channels)
    return kernels.smooth_samples(rows, channels)[0]


def quality_of_samples(samples: NDArray[np.floating]) -> int:
    """The quality from 0 to 100 of [64, 64] luminances from 0 to 255."""
    return int(kernels.quality_of(np.ascontiguousarray(samples, np.float32)))


def _rows(pixels: kernels.Uint8) -> tuple[kernels.Uint8, int]:
    """uint8[height, width × channels], contiguous, and the channels: 1 or 3."""
    if pixels.dtype != np.uint8 or pixels.ndim not in (2, 3) or (pixels.ndim == 3 and pixels.shape[2] != 3):
        raise TypeError(
            f"pixels are uint8[rows, columns, 3] or uint8[rows, columns], not {pixels.dtype}{pixels.shape}"
        )
    height, width = pixels.shape[:2]
    if height < SMALLEST_SIDE or width < SMALLEST_SIDE:
        raise PictureTooSmall(f"{width} × {height} pixels; PDQ begins at {SMALLEST_SIDE} × {SMALLEST_SIDE}")
    return np.ascontiguousarray(pixels).reshape(height, -1), 1 if pixels.ndim == 2 else 3


def _hash(coefficients: kernels.Float32) -> bytes:
    """Bit i × 16 + j (the least significant is 0) says that coefficient i, j is over the lower median."""
    flat = coefficients.ravel()
    return _bits(flat > np.partition(flat, 127)[127])


def _bits(over: NDArray[np.bool_]) -> bytes:
    return np.packbits(over[::-1]).tobytes()
