"""vPDQ: a video as the PDQ hashes of its frames, each with its number, quality and time.

The published definition is ThreatExchange's vpdq/README.md. Its hash files (`frame,quality,hash,seconds` a line)
are read and written; two videos are compared as bags of hashes, with the percentages that it defines.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from signalmatch.errors import BadFrameList, PictureTooSmall
from signalmatch.media.video import Mode, RawFrame, StreamFacts, VideoLimits, VideoSource, Wanted, open_video

DISTANCE, QUALITY = 31, 50
COMPARED_PERCENT, QUERY_PERCENT = 80.0, 0.0
SECONDS_PER_HASH: dict[Mode, float] = {"seconds": 1.0, "keyframes": 5.0, "every": 0.0}
PAIRS_AT_ONCE = 1 << 20
BLACK, STRETCH = 16.0, 255 / 219  # limited range: 16 to 235


@dataclass(frozen=True, slots=True)
class VideoFrame:
    """One hashed frame: its number in the video (from 0), quality 0 to 100, 32 bytes of PDQ, seconds from the start."""

    number: int
    quality: int
    pdq: bytes
    timestamp: float


@dataclass(frozen=True, slots=True)
class VideoSignals:
    """The frames of a video, and what was read to get them.

    `facts` is what the container says of itself; `decoded` frames were decoded, of which `frames` are hashed. `problem`
    is empty, or why the file wasn't read to its end: then the frames are those before the break. `rotation` in degrees,
    counter-clockwise, is how a player turns the first frame; hashes are of the frames as coded unless `upright`.
    """

    frames: tuple[VideoFrame, ...]
    facts: StreamFacts
    mode: Mode
    rotation: int
    decoded: int
    problem: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """How much of each video is in the other: distinct frames of good quality with a near one on the other side."""

    query_matched: int
    query_frames: int
    compared_matched: int
    compared_frames: int

    @property
    def query_percent(self) -> float:
        """Of the video that is asked about, 0 to 100."""
        return self.query_matched * 100 / self.query_frames if self.query_frames else 0.0

    @property
    def compared_percent(self) -> float:
        """Of the known video, 0 to 100."""
        return self.compared_matched * 100 / self.compared_frames if self.compared_frames else 0.0

    def is_match(
        self, compared_percent: float = COMPARED_PERCENT, query_percent: float = QUERY_PERCENT
    ) -> bool:
        """Whether both thresholds are reached. Where either side has no frame of good quality, nothing is known: no."""
        if not self.query_frames or not self.compared_frames:
            return False
        return self.compared_percent >= compared_percent and self.query_percent >= query_percent


def video_signals(
    source: VideoSource,
    mode: Mode = "seconds",
    seconds_per_hash: float | None = None,
    *,
    limits: VideoLimits | None = None,
    prune: int | None = None,
    upright: bool = False,
    in_process: bool = False,
) -> VideoSignals:
    """Hash a video: a path, bytes, or a file object, decoded in a process of its own.

    mode "seconds": one frame in `seconds_per_hash` (1) seconds, chosen as the published tool chooses (0: every frame);
    "keyframes": those that stand alone in the stream, at most one in `seconds_per_hash` (5) seconds (0: each of them),
    a first look at a fraction of the cost; "every": every frame.
    `prune`: leave out what is within that distance of the frame before (`pruned`). Raises a `VideoError` when not one
    frame could be had; a file that breaks off later gives what came before, and `problem`.
    """
    limits = limits or VideoLimits()
    wanted = _wanted(mode, seconds_per_hash, limits)
    frames: list[VideoFrame] = []
    facts, rotation, seen, problem = StreamFacts("", 0, 0, 0.0, 0.0, 0), 0, 0, ""
    for event in open_video(source, wanted, limits, in_process=in_process):
        if isinstance(event, RawFrame):
            rotation = event.rotation if not frames else rotation
            frames.append(hashed(event, upright=upright))
        elif isinstance(event, StreamFacts):
            facts = event
        else:
            seen, problem = event.decoded, event.problem
    kept = frames if prune is None else pruned(frames, prune)
    return VideoSignals(tuple(kept), facts, mode, rotation, seen, problem)


def video_frames(
    source: VideoSource,
    mode: Mode = "keyframes",
    seconds_per_hash: float | None = None,
    *,
    limits: VideoLimits | None = None,
    in_process: bool = False,
) -> Generator[VideoFrame, None, None]:
    """The same frames one by one, as they are decoded: stop at the first hit, and the decoder is killed."""
    limits = limits or VideoLimits()
    wanted = _wanted(mode, seconds_per_hash, limits)
    with closing(open_video(source, wanted, limits, in_process=in_process)) as events:
        for event in events:
            if isinstance(event, RawFrame):
                yield hashed(event)


def _wanted(mode: Mode, seconds_per_hash: float | None, limits: VideoLimits) -> Wanted:
    if mode not in SECONDS_PER_HASH:
        raise ValueError(f"mode is seconds, keyframes or every, not {mode!r}")
    seconds = SECONDS_PER_HASH[mode] if seconds_per_hash is None else seconds_per_hash
    if not 0 <= seconds < math.inf:
        raise ValueError("seconds_per_hash is a number from 0 on")
    return Wanted(mode, seconds, limits.max_pixels)


def hashed(frame: RawFrame, *, upright: bool = False) -> VideoFrame:
    """PDQ of a frame; a frame under 5 pixels a side has 256 zero bits and quality 0, as the reference says.

    The hash is of the luma as coded: to stretch 16…235 to 0…255 moves no coefficient over the median. Quality does
    depend on contrast, so it is taken of the stretched samples: the published figures, within a point.
    """
    from signalmatch.signals import pdq

    pixels: NDArray[np.uint8] = np.frombuffer(frame.pixels, np.uint8)
    shape = (frame.height, frame.width) if frame.channels == 1 else (frame.height, frame.width, 3)
    pixels = pixels.reshape(shape)
    if upright and frame.rotation % 90 == 0:
        pixels = np.ascontiguousarray(np.rot90(pixels, frame.rotation // 90))
    try:
        pdq_bytes, quality = pdq.pdq_of_pixels(pixels)
    except PictureTooSmall:
        return VideoFrame(frame.number, 0, bytes(32), frame.timestamp)
    if not frame.full_range:
        shown = np.clip((pdq.quick_samples_of_pixels(pixels) - BLACK) * STRETCH, 0, 255)
        quality = pdq.quality_of_samples(shown)
    return VideoFrame(frame.number, quality, pdq_bytes, frame.timestamp)


def pruned(frames: Iterable[VideoFrame], distance: int = 2, quality: int = QUALITY) -> list[VideoFrame]:
    """Without the frames that are within `distance` bits of the last one kept.

    A frame that counts (quality ≥ `quality`) is never left out for one that doesn't. What is left out lies within
    `distance` of a frame that stays, so what matched it at radius r matches that one at r + `distance`; percentages
    then weigh a still scene as one frame. To store and list fewer; `compare` needs it not.
    """
    kept: list[VideoFrame] = []
    for frame in frames:
        last = kept[-1] if kept else None
        if (
            last is None
            or (frame.quality >= quality > last.quality)
            or (int.from_bytes(frame.pdq, "big") ^ int.from_bytes(last.pdq, "big")).bit_count() > distance
        ):
            kept.append(frame)
    return kept


def distinct_hashes(frames: Iterable[VideoFrame], quality: int = QUALITY) -> NDArray[np.uint64]:
    """uint64[n, 4], most significant word first: each hash once, of the frames with at least that quality.

    The quality is looked at first, so that a bad frame never stands for a good one with the same hash.
    """
    good = sorted({frame.pdq for frame in frames if frame.quality >= quality})
    return np.frombuffer(b"".join(good), dtype=">u8").reshape(-1, 4).astype(np.uint64)


def compare(
    query: Iterable[VideoFrame],
    compared: Iterable[VideoFrame],
    distance: int = DISTANCE,
    quality: int = QUALITY,
) -> Comparison:
    """The published comparison: each distinct good frame of one side against each of the other, linearly.

    One against many: `signalmatch.ClipIndex`, which gives the same.
    """
    ours, theirs = distinct_hashes(query, quality), distinct_hashes(compared, quality)
    found = np.zeros(len(theirs), bool)
    matched = 0
    if len(ours) and len(theirs):
        rows = max(1, PAIRS_AT_ONCE // len(theirs))
        for at in range(0, len(ours), rows):
            near = _distances(ours[at : at + rows], theirs) <= distance
            matched += int(near.any(axis=1).sum())
            found |= near.any(axis=0)
    return Comparison(matched, len(ours), int(found.sum()), len(theirs))


def is_match(
    query: Iterable[VideoFrame],
    compared: Iterable[VideoFrame],
    *,
    distance: int = DISTANCE,
    quality: int = QUALITY,
    compared_percent: float = COMPARED_PERCENT,
    query_percent: float = QUERY_PERCENT,
) -> bool:
    """Whether the known video `compared` is in `query`, with the published thresholds."""
    return compare(query, compared, distance, quality).is_match(compared_percent, query_percent)


def _distances(left: NDArray[np.uint64], right: NDArray[np.uint64]) -> NDArray[np.uint16]:
    """uint16[a, b] Hamming distances of uint64[a, 4] and uint64[b, 4]."""
    total = np.zeros((len(left), len(right)), np.uint16)
    for word in range(4):
        total += np.bitwise_count(left[:, word, None] ^ right[None, :, word])
    return total


def read_frames(text: str) -> list[VideoFrame]:
    """Frames of a published hash file: `frame,quality,hash` and perhaps `,seconds` a line. Raises `BadFrameList`."""
    return [_frame_of(line, at) for at, line in enumerate(text.splitlines(), 1) if line.strip()]


def write_frames(frames: Sequence[VideoFrame]) -> str:
    """The published hash file: `frame,quality,hash,seconds`, seconds to the millisecond."""
    return "".join(f"{f.number},{f.quality},{f.pdq.hex()},{f.timestamp:.3f}\n" for f in frames)


def _frame_of(line: str, at: int) -> VideoFrame:
    parts = [part.strip() for part in line.split(",")]
    if len(parts) not in (3, 4):
        raise BadFrameList(f"line {at}: {len(parts)} fields; it is frame,quality,hash,seconds")
    number, quality, written = parts[:3]
    if not (number.isascii() and number.isdigit() and len(number) <= 15):
        raise BadFrameList(f"line {at}: the frame number is a whole number from 0 on")
    if not (quality.isascii() and quality.isdigit() and len(quality) <= 3 and int(quality) <= 100):
        raise BadFrameList(f"line {at}: quality is a whole number from 0 to 100")
    if len(written) != 64 or not set(written) <= set("0123456789abcdefABCDEF"):
        raise BadFrameList(f"line {at}: a PDQ hash is 64 hexadecimal digits")
    try:
        seconds = float(parts[3]) if len(parts) == 4 else 0.0
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise BadFrameList(f"line {at}: seconds are a number from 0 on")
    return VideoFrame(int(number), int(quality), bytes.fromhex(written), seconds)
