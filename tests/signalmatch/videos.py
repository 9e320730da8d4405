"""Small videos made here: shapes that move over a texture, in whichever codec is asked for."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray


def picture(at: float, width: int, height: int, scene: int = 0) -> NDArray[np.uint8]:
    """uint8[height, width, 3]: a texture (each `scene` its own) over which a bright disc and a dark bar wander."""
    rows, columns = np.mgrid[0:height, 0:width]
    y, x = rows / height, columns / width
    patches = np.random.default_rng(scene).uniform(-60, 60, (14, 14))
    grey = 120 + patches[(14 * y).astype(int), (14 * x).astype(int)] + 40 * np.sin(9 * x + 3 * y + at)
    disc = (x - 0.5 - 0.3 * np.cos(at)) ** 2 + (y - 0.5 - 0.3 * np.sin(1.3 * at)) ** 2 < 0.03
    bar = abs(x - (0.1 * at) % 1) < 0.06
    grey = np.where(disc, 230, np.where(bar, 25, grey))
    tint = np.stack([grey, 0.9 * grey + 10, 255 - grey], axis=-1)
    return np.clip(tint, 0, 255).astype(np.uint8)


def a_video(
    seconds: float = 3,
    *,
    width: int = 160,
    height: int = 120,
    rate: int = 10,
    codec: str = "libx264",
    pixels: str = "yuv420p",
    container: str = "mp4",
    full_range: bool = False,
    rotation: int = 0,
    scene: int = 0,
    options: dict[str, str] | None = None,
) -> bytes:
    """The bytes of a video. A key frame every second with libx264, B-frames between them."""
    import av

    if codec == "libx264":
        options = {"g": str(rate), "bf": "2", "preset": "veryfast", "crf": "18", "sc_threshold": "0"} | (
            options or {}
        )
    out = io.BytesIO()
    with av.open(out, "w", format=container) as file:
        stream: Any = file.add_stream(codec, rate=rate, options=options or {})
        stream.width, stream.height, stream.pix_fmt = width, height, pixels
        stream.codec_context.color_range = 2 if full_range else 1
        if rotation:
            stream.set_display_rotation(rotation)
        for number in range(round(seconds * rate)):
            frame = av.VideoFrame.from_ndarray(picture(number / rate, width, height, scene), format="rgb24")
            frame = frame.reformat(format=pixels, dst_color_range="JPEG" if full_range else "MPEG", threads=1)
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return out.getvalue()
