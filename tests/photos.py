"""Photos of nothing: coloured noise, in formats that keep every pixel or lose some."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from amaan.evidence.services import photos


def decoder_ready() -> None:
    """A first start compiles, and writes what it compiled: nobody waits for that in a test's few seconds."""
    photos.decoder()
    photos._starting()[1].join()


def noise(side: int = 64, *, seed: int = 1, kind: str = "PNG") -> bytes:
    """`side` × `side` pixels in blocks of eight, so that the hash has something to hold on to."""
    random = np.random.default_rng(seed)
    blocks = random.integers(0, 256, (max(1, side // 8), max(1, side // 8), 3), dtype=np.uint8)
    pixels = blocks.repeat(8, axis=0).repeat(8, axis=1)[:side, :side]
    return _written(pixels, kind)


def grain(side: int, *, seed: int = 1, kind: str = "BMP") -> bytes:
    """Noise in every pixel: a BMP of it holds 3 × `side` × `side` bytes that stand nowhere else."""
    random = np.random.default_rng(seed)
    return _written(random.integers(0, 256, (side, side, 3), dtype=np.uint8), kind)


def _written(pixels: np.ndarray, kind: str) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind)
    return file.getvalue()
