"""Pictures for tests: noise, shapes, stripes and gradients, made here, in every format that is decoded."""

from __future__ import annotations

import io
import struct
from typing import Any

import numpy as np
import pytest
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


def _hevc_clip(av: Any, side: int, seed: int) -> io.BytesIO:
    clip = io.BytesIO()
    with av.open(clip, "w", format="mp4") as out:
        stream = out.add_stream("libx265", rate=1, options={"x265-params": "log-level=none", "crf": "12"})
        stream.width = stream.height = side
        stream.pix_fmt = "yuv420p"
        frame = av.VideoFrame.from_ndarray(clouds(side, side, seed), format="rgb24")
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            packet.pts = packet.dts = 0  # of a single picture the encoder leaves them as they lay in memory
            out.mux(packet)
    clip.seek(0)
    return clip


def a_heic(side: int = 64, seed: int = 0) -> bytes:
    """One HEVC picture in the boxes that telephones write. Skips where no encoder is installed."""
    av = pytest.importorskip("av", reason="HEIC is written by way of PyAV's x265 encoder")
    if "libx265" not in av.codecs_available:
        pytest.skip("this PyAV has no HEVC encoder")
    clip = _hevc_clip(av, side, seed)
    with av.open(clip) as read:
        settings = bytes(read.streams.video[0].codec_context.extradata)
        coded = next(bytes(packet) for packet in read.demux(video=0) if packet.size)

    def box(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body) + 8) + kind + body

    def full(kind: bytes, body: bytes, version: int = 0) -> bytes:
        return box(kind, bytes([version, 0, 0, 0]) + body)

    brands = box(b"ftyp", b"heic\0\0\0\0mif1heic")

    def meta(offset: int) -> bytes:
        item = full(b"infe", struct.pack(">HH4s", 1, 0, b"hvc1") + b"\0", 2)
        size = full(b"ispe", struct.pack(">II", side, side))
        properties = box(b"ipco", box(b"hvcC", settings) + size)
        of_item = full(b"ipma", struct.pack(">IHBBB", 1, 1, 2, 0x81, 2))
        where = struct.pack(">BBHHHHII", 0x44, 0, 1, 1, 0, 1, offset, len(coded))
        return full(
            b"meta",
            full(b"hdlr", bytes(4) + b"pict" + bytes(13))
            + full(b"pitm", struct.pack(">H", 1))
            + full(b"iloc", where)
            + full(b"iinf", struct.pack(">H", 1) + item)
            + box(b"iprp", properties + of_item),
        )

    start = len(brands) + len(meta(0)) + 8
    return brands + meta(start) + box(b"mdat", coded)
