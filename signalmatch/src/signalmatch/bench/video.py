"""Video: what hashing adds to decoding, and how soon key frames give a first verdict. All beside plain decoding.

The video is made here (a drifting texture with grain and shapes, H.264 with B-frames), so that anybody can repeat it.
"""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from statistics import median
from typing import Any

import numpy as np

from signalmatch.media.video_decoding import RawFrame, Wanted, decoded, load_av
from signalmatch.signals.vpdq import VideoFrame, hashed, video_frames, video_signals

WIDTH, HEIGHT, RATE = 1920, 1080, 30
BITS_A_SECOND = 6_000_000
ENCODERS = ("libx264", "h264", "mpeg4")


def report(*, as_json: bool, seconds: int = 60, rounds: int = 3) -> None:
    """Print `measure`'s figures."""
    figures = measure(seconds, rounds)
    if as_json:
        print(json.dumps(figures, indent=1))  # noqa: T201 - the command's output
        return
    for name, value in figures.items():
        print(f"{name:46} {value}")  # noqa: T201


def measure(seconds: int = 60, rounds: int = 3) -> dict[str, Any]:
    """Medians of `rounds` interleaved rounds, decoding on one thread. `x_real_time`: seconds of video a second."""
    av = load_av()
    data, codec = made(av, seconds)
    first_hash = next(video_frames(data, "keyframes", in_process=True))  # compiles what is compiled
    ways: dict[str, Callable[[], Any]] = {
        "decoding_alone": lambda: _decode_everything(av, data),
        "hashing_every_due_frame": lambda: _hashed_here(data, skip_unneeded=False),
        "hashing_with_skipping": lambda: _hashed_here(data, skip_unneeded=True),
        "hashing_in_its_process": lambda: video_signals(data),
        "keyframes": lambda: video_signals(data, "keyframes", in_process=True),
        "keyframes_in_its_process": lambda: video_signals(data, "keyframes"),
        "first_frame_in_its_process": lambda: next(video_frames(data)),
    }
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            began = time.perf_counter()
            way()
            taken[name].append(time.perf_counter() - began)
    plain = median(taken["decoding_alone"])
    every, skipped = _hashed_here(data, skip_unneeded=False), _hashed_here(data, skip_unneeded=True)
    figures: dict[str, Any] = {
        "video": f"{seconds} s, {WIDTH} x {HEIGHT}, {RATE} frames/s, {codec}",
        "megabits_a_second": round(len(data) * 8 / seconds / 1e6, 1),
        "rounds": rounds,
        "frames_hashed": len(every),
        "key_frames": len(video_signals(data, "keyframes", in_process=True).frames),
        "skipping_changes_bits": sum(a != b for a, b in zip(every, skipped, strict=True)),
        "first_frame_quality": first_hash.quality,
    }
    for name, times in taken.items():
        figures[f"{name}_seconds"] = round(median(times), 3)
        figures[f"{name}_x_real_time"] = round(seconds / median(times), 1)
        if name.startswith("hashing"):
            ratios = [a / b for a, b in zip(times, taken["decoding_alone"], strict=True)]
            figures[f"{name}_to_decoding_alone"] = round(median(ratios), 3)
    figures["decoding_alone_frames_a_second"] = round(seconds * RATE / plain)
    return figures


def _hashed_here(data: bytes, *, skip_unneeded: bool) -> list[VideoFrame]:
    events = decoded(io.BytesIO(data), Wanted(skip_unneeded=skip_unneeded))
    return [hashed(event) for event in events if isinstance(event, RawFrame)]


def _decode_everything(av: Any, data: bytes) -> int:
    """The floor: PyAV, one thread, every frame decoded and looked at no further."""
    with av.open(io.BytesIO(data)) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        stream.codec_context.thread_type = "NONE"
        return sum(1 for _ in container.decode(stream))


def made(av: Any, seconds: int, width: int = WIDTH, height: int = HEIGHT) -> tuple[bytes, str]:
    """The bytes of the video and the encoder's name."""
    encoder = next(name for name in ENCODERS if name in av.codecs_available)
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as file:
        options = {"preset": "veryfast"} if encoder == "libx264" else {}
        stream = file.add_stream(encoder, rate=RATE, options=options)
        stream.bit_rate = BITS_A_SECOND
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.time_base = Fraction(1, RATE)
        for at, planes in enumerate(_pictures(seconds * RATE, width, height)):
            frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            frame.pts = at
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return out.getvalue(), encoder


def _pictures(count: int, width: int, height: int) -> Iterator[np.ndarray[Any, np.dtype[np.uint8]]]:
    """uint8[height * 3 / 2, width]: planes of a texture that drifts under grain, with bars and a scene every 15 s."""
    rng = np.random.default_rng(7)
    rows, columns = np.mgrid[0 : height + 256, 0 : width + 256].astype(np.float32)
    scenes = []
    for _ in range(4):
        a, b, c, d = rng.uniform(0.004, 0.05, 4)
        scene = 118 + 40 * np.sin(a * columns + b * rows) + 35 * np.cos(c * rows - 0.00002 * columns * rows)
        scene += 20 * np.sign(np.sin(d * (columns + rows)))
        scenes.append(np.clip(scene, 20, 230).astype(np.int16))
    grain = rng.normal(0, 5.0, (height + 64, width + 64)).astype(np.int16)
    colour = np.full((height // 2, width), 124, np.uint8)
    for number in range(count):
        scene = scenes[number // (15 * RATE) % len(scenes)]
        down, right = int(64 + 60 * np.sin(number / 40)), number * 2 % 256
        up, left = rng.integers(0, 64, 2)
        light = (
            scene[down : down + height, right : right + width] + grain[up : up + height, left : left + width]
        )
        bar = number * 9 % (width - 160)
        light[height // 3 : height // 2, bar : bar + 160] = 225
        yield np.concatenate([np.clip(light, 16, 235).astype(np.uint8), colour])
