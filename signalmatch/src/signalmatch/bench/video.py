"""Video: what hashing adds to decoding, and how soon key frames give a first verdict. All beside plain decoding.

The video is made here (a drifting texture with grain and shapes, H.264 with B-frames), so that anybody can repeat it.
"""

from __future__ import annotations

import io
import json
import os
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
UNIT = 10
"""Seconds."""
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
    """Interleaved rounds, decoding on one thread. `cpu`: processor seconds, of the decoder's process too, which a busy
    machine disturbs least: ratios and `x_real_time` (seconds of video a second) are of them. `clock`: the medians that
    a waiting person has."""
    av = load_av()
    data, codec = made(av, seconds)
    video_signals(data, "keyframes", in_process=True)  # compiles what is compiled
    ways: dict[str, Callable[[], Any]] = {
        "decoding_alone": lambda: _decode_everything(av, data),
        "hashing_all_decoded": lambda: _hashed_here(data, skip_unneeded=False),
        "hashing": lambda: _hashed_here(data, skip_unneeded=True),
        "hashing_in_its_process": lambda: video_signals(data),
        "keyframes": lambda: video_signals(data, "keyframes", in_process=True),
        "keyframes_in_its_process": lambda: video_signals(data, "keyframes"),
        "first_frame_in_its_process": lambda: next(video_frames(data)),
    }
    cpu: dict[str, list[float]] = {name: [] for name in ways}
    clock: dict[str, list[float]] = {name: [] for name in ways}
    gave: dict[str, Any] = {}
    for _ in range(rounds):
        for name, way in ways.items():
            began, worked = time.perf_counter(), _worked()
            gave[name] = way()
            clock[name].append(time.perf_counter() - began)
            cpu[name].append(_worked() - worked)
    every, skipped = gave["hashing_all_decoded"], gave["hashing"]
    figures: dict[str, Any] = {
        "video": f"{seconds} s, {WIDTH} x {HEIGHT}, {RATE} frames/s, {codec}",
        "megabits_a_second": round(len(data) * 8 / seconds / 1e6, 1),
        "rounds": rounds,
        "frames_hashed": len(every),
        "key_frames_hashed": len(gave["keyframes"].frames),
        "frames_that_skipping_changes": sum(a != b for a, b in zip(every, skipped, strict=True)),
        "least_quality": min(frame.quality for frame in every),
        "hashing_a_frame_cpu_ms": round(_milliseconds_a_frame(data), 2),
    }
    for name in ways:
        figures[f"{name}_clock"] = round(median(clock[name]), 3)
        figures[f"{name}_cpu"] = round(median(cpu[name]), 3)
        figures[f"{name}_x_real_time"] = round(seconds / median(cpu[name]), 1)
        if name.startswith("hashing"):
            ratios = [a / b for a, b in zip(cpu[name], cpu["decoding_alone"], strict=True)]
            figures[f"{name}_to_decoding_alone"] = round(median(ratios), 3)
    return figures


def _worked() -> float:
    """Processor seconds of this process and of those that it has waited for."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def _milliseconds_a_frame(data: bytes) -> float:
    frame = next(event for event in decoded(io.BytesIO(data), Wanted()) if isinstance(event, RawFrame))
    began = time.process_time()
    for _ in range(50):
        hashed(frame)
    return (time.process_time() - began) * 20


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
    """The bytes of the video and the encoder's name. Ten seconds are encoded, and repeated as often as it takes."""
    encoder = next(name for name in ENCODERS if name in av.codecs_available)
    options = {"preset": "veryfast"} if encoder == "libx264" else {}
    unit = io.BytesIO()
    with av.open(unit, "w", format="mp4") as file:
        stream = file.add_stream(encoder, rate=RATE, options=options)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.bit_rate, stream.time_base = BITS_A_SECOND, Fraction(1, RATE)
        for at, planes in enumerate(_pictures(min(seconds, UNIT) * RATE, width, height)):
            frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            frame.pts = at
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as file:
        stream = None
        for again in range(-(-seconds // UNIT)):
            unit.seek(0)
            with av.open(unit) as source:
                stream = stream or file.add_stream_from_template(source.streams.video[0])
                for packet in source.demux(video=0):
                    if packet.size:
                        later = round(again * UNIT / packet.time_base)
                        packet.pts, packet.dts, packet.stream = packet.pts + later, packet.dts + later, stream
                        file.mux(packet)
    return out.getvalue(), encoder


def _pictures(count: int, width: int, height: int) -> Iterator[np.ndarray[Any, np.dtype[np.uint8]]]:
    """uint8[height * 3 / 2, width]: planes of a texture that drifts under grain, and a bar that walks over it."""
    rng = np.random.default_rng(7)
    rows, columns = np.mgrid[0 : height + 256, 0 : width + 256].astype(np.float32)
    scene = (
        118 + 40 * np.sin(0.011 * columns + 0.007 * rows) + 35 * np.cos(0.017 * rows - 2e-5 * columns * rows)
    )
    scene = np.clip(scene + 20 * np.sign(np.sin(0.023 * (columns + rows))), 20, 230).astype(np.int16)
    grain = rng.normal(0, 2.5, (height + 64, width + 64)).astype(np.int16)
    colour = np.full((height // 2, width), 124, np.uint8)
    for number in range(count):
        down, right = int(64 + 60 * np.sin(number / 40)), int(128 + 120 * np.sin(number / 90))
        up, left = rng.integers(0, 64, 2)
        light = (
            scene[down : down + height, right : right + width] + grain[up : up + height, left : left + width]
        )
        bar = number * 5 % (width - 160)
        light[height // 3 : height // 2, bar : bar + 160] = 225
        yield np.concatenate([np.clip(light, 16, 235).astype(np.uint8), colour])
