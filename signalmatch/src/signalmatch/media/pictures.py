"""Bytes of a picture to pixels, within limits; anything else is a named error."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from signalmatch.errors import PictureError, PictureTooLarge, UndecodablePicture


@dataclass(frozen=True)
class Limits:
    """What a picture may be: bytes of the file, pixels in all, pixels a side."""

    size: int = 256 * 1024 * 1024
    pixels: int = 200_000_000
    side: int = 65_535


@dataclass(frozen=True)
class Picture:
    """Decoded: `pixels` are uint8[height, width, 3] in RGB, or uint8[height, width] in grey."""

    pixels: NDArray[np.uint8]
    width: int
    height: int
    format: str


def decode(data: bytes, limits: Limits = Limits()) -> Picture:
    """The picture, or a PictureError that names why there is none."""
    if len(data) > limits.size:
        raise PictureTooLarge(f"{len(data)} bytes; the limit is {limits.size}")
    try:
        with Image.open(io.BytesIO(data)) as image:
            width, height = image.size
            if width * height > limits.pixels or max(width, height) > limits.side:
                raise PictureTooLarge(f"{width} × {height} pixels; the limit is {limits.pixels}")
            kind = image.format or ""
            return Picture(np.asarray(image.convert("RGB")), width, height, kind)
    except PictureError:
        raise
    except Exception as error:
        raise UndecodablePicture(f"no decoder takes it: {type(error).__name__}") from error
