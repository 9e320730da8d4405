"""Pictures for tests: noise, shapes, stripes and gradients, made here, in every format that is decoded."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Pixels = NDArray[np.uint8]


def clouds(height: int, width: int, seed: int = 0) -> Pixels:
    """Soft patches of several sizes with grain: it behaves as a photo does."""
    rng = np.random.default_rng(seed)
    field = np.zeros((height, width))
    for cells in (3, 8, 20, 60):
        patch = rng.normal(size=(cells, cells)) * 100 / np.sqrt(cells)
        field += patch[np.arange(height) * cells // height][:, np.arange(width) * cells // width]
    grain = rng.normal(0, 6, (height, width, 3))
    return np.clip(field[:, :, None] * [1.0, 0.8, 0.9] + 128 + grain, 0, 255).astype(np.uint8)


def shapes(height: int, width: int, seed: int = 0) -> Pixels:
    """Flat rectangles on a flat ground."""
    rng = np.random.default_rng(seed)
    image = Image.new("RGB", (width, height), tuple(int(v) for v in rng.integers(0, 256, 3)))
    draw = ImageDraw.Draw(image)
    for _ in range(12):
        x, y = np.sort(rng.integers(0, width, 2)), np.sort(rng.integers(0, height, 2))
        draw.rectangle(
            (int(x[0]), int(y[0]), int(x[1]), int(y[1])), fill=tuple(int(v) for v in rng.integers(0, 256, 3))
        )
    return np.asarray(image)


def gradient(height: int, width: int, seed: int = 0) -> Pixels:
    """A plane in each colour: most coefficients are nothing but rounding."""
    rng = np.random.default_rng(seed)
    down, across = np.linspace(0, 1, height)[:, None, None], np.linspace(0, 1, width)[None, :, None]
    plane = rng.uniform(0, 255, 3) + down * rng.uniform(-200, 200, 3) + across * rng.uniform(-200, 200, 3)
    return np.clip(plane, 0, 255).astype(np.uint8)


def noise(height: int, width: int, seed: int = 0) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


KINDS = (clouds, shapes, gradient, noise)


def written(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def a_jpeg(height: int = 200, width: int = 240, seed: int = 0, **options: Any) -> bytes:
    return written(Image.fromarray(clouds(height, width, seed)), "JPEG", quality=90, **options)


def in_every_format(side: int = 40) -> dict[str, bytes]:
    """name → bytes: each format, and the odd kinds of it that are met."""
    rgb = Image.fromarray(clouds(side, side + 8))
    other = Image.fromarray(shapes(side, side + 8, 1))
    grey16 = Image.fromarray(np.asarray(rgb.convert("L")).astype(np.uint16) * 257)
    alpha = rgb.copy()
    alpha.putalpha(other.convert("L"))
    return {
        "jpeg": written(rgb, "JPEG", quality=90),
        "jpeg progressive": written(rgb, "JPEG", progressive=True),
        "jpeg grey": written(rgb.convert("L"), "JPEG"),
        "jpeg cmyk": written(rgb.convert("CMYK"), "JPEG"),
        "jpeg 4:4:4": written(rgb, "JPEG", subsampling=0),
        "png": written(rgb, "PNG"),
        "png 16 bit": written(grey16, "PNG"),
        "png palette": written(rgb.convert("P"), "PNG", transparency=3),
        "png alpha": written(alpha, "PNG"),
        "png grey alpha": written(alpha.convert("LA"), "PNG"),
        "png one bit": written(rgb.convert("1"), "PNG"),
        "png animated": written(rgb, "PNG", save_all=True, append_images=[other]),
        "gif": written(rgb.convert("P"), "GIF"),
        "gif animated": written(rgb.convert("P"), "GIF", save_all=True, append_images=[other.convert("P")]),
        "webp": written(rgb, "WEBP", quality=80),
        "webp lossless alpha": written(alpha, "WEBP", lossless=True),
        "webp animated": written(rgb, "WEBP", save_all=True, append_images=[other]),
        "avif": written(rgb, "AVIF", speed=10),
        "tiff": written(rgb, "TIFF"),
        "tiff deflate": written(rgb, "TIFF", compression="tiff_deflate"),
        "tiff cmyk": written(rgb.convert("CMYK"), "TIFF"),
        "tiff 16 bit": written(grey16, "TIFF"),
        "bmp": written(rgb, "BMP"),
        "bmp palette": written(rgb.convert("P"), "BMP"),
    }
