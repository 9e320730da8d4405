"""PDQ: 256 bits of a picture's coarse shape, and how much the picture had to say (its quality)."""

from __future__ import annotations

import numpy as np

from signalmatch.errors import PictureTooSmall
from signalmatch.kernels import pdq as kernels

ALGORITHM = "pdq"
SMALLEST_SIDE = 5


def pdq_of_pixels(pixels: kernels.Uint8) -> tuple[bytes, int]:
    """The 32 bytes of the hash, most significant first, and the quality from 0 to 100.

    `pixels` are uint8[rows, columns, 3] in RGB or uint8[rows, columns] in grey. Raises PictureTooSmall under 5 pixels
    a side, where PDQ is not defined (the reference says 256 zero bits with quality 0).
    """
    rows, columns = pixels.shape[:2]
    if rows < SMALLEST_SIDE or columns < SMALLEST_SIDE:
        raise PictureTooSmall(f"{columns} × {rows} pixels; PDQ begins at {SMALLEST_SIDE} × {SMALLEST_SIDE}")
    luma = kernels.luminance(pixels) if pixels.ndim == 3 else pixels.astype(np.float32)
    image = kernels.samples(luma)
    return _hash(kernels.coefficients(image, kernels.DCT)), int(kernels.quality_of(image))


def _hash(coefficients: kernels.Float32) -> bytes:
    """Bit i × 16 + j (the least significant is 0) says that coefficient i, j is over the lower median."""
    flat = coefficients.ravel()
    median = np.partition(flat, 127)[127]
    return np.packbits((flat > median)[::-1]).tobytes()
