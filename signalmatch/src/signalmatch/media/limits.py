"""What a picture may be before any of it is decoded."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Past any of these: PictureTooLarge.

    size: bytes of the file. pixels: width × height (a 200-megapixel telephone fits; formats other than JPEG end at
    Pillow's own 178 million). side: pixels. scans: of one progressive JPEG, each of which is a pass over all pixels.
    """

    size: int = 256 * 1024 * 1024
    pixels: int = 201_000_000
    side: int = 65_535
    scans: int = 200


USUAL = Limits()
