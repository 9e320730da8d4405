"""Video bytes to frames, by FFmpeg's libraries through PyAV. Only this file knows PyAV, and only when it is called.

It is meant to run in `video_process`, a process of its own; `video.open_video(..., in_process=True)` runs it here.

What is handed on is the luma plane as it was coded, without a conversion: PDQ looks at luminance only, and the
published tool's way, from Y to RGB and back to Y, gives the same plane but for rounding. Formats that have no luma
plane (RGB, palette) are converted to RGB and handed on as such.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import IO, TYPE_CHECKING, Any, Literal

from signalmatch.errors import NoVideoStream, UndecodableVideo, VideoSupportMissing, VideoTooLarge

if TYPE_CHECKING:
    import av.container
    import av.packet
    import av.stream
    import av.video.stream

Mode = Literal["seconds", "keyframes", "every"]
MODES: tuple[Mode, ...] = ("seconds", "keyframes", "every")

ALLOWED_FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,m4v,h264,hevc,h263,flv,asf,ogg,rm,ivf,obu,"
    "dv,mxf,nut,gif,apng,mjpeg,av1,yuv4mpegpipe"
)
"""Containers that are opened. Left out on purpose: playlists and everything else that names further files or addresses
(hls, dash, concat, image2, sdp, rtsp, lavfi, ffmetadata): by them a hostile file reads other files of the machine."""

MOST_FRAMES_A_SECOND = 240
"""A file may claim any frame rate. One that claims more than this doesn't get its frames hashed less often for it."""

EXACT_SKIPPING = frozenset({"h264", "hevc"})
"""Codecs whose non-reference frames can be left undecoded one by one. No other frame is predicted from such a frame, so
that what is decoded is the same to the last bit."""

MOST_BROKEN_PACKETS = 10_000
_LUMA_FIRST = re.compile(r"^(?:yuv[aj]?4\d\dp|gray|nv\d\d)(?:(9|10|12|14|16)(le|be))?$")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which frames: one in `seconds_per_hash` seconds; those that stand alone in the stream, but no more than one in
    so many seconds; or every one."""

    mode: Mode = "seconds"
    seconds_per_hash: float = 1.0
    max_pixels: int = 8192 * 8192
    skip_unneeded: bool = True
    threads: int = 1


@dataclass(frozen=True, slots=True)
class StreamFacts:
    """What the container says of its video. None of it is checked; `duration` in seconds, 0.0 where it isn't said."""

    codec: str
    width: int
    height: int
    frame_rate: float
    duration: float
    video_streams: int


@dataclass(frozen=True, slots=True)
class RawFrame:
    """`height * width * channels` bytes, rows without padding. `timestamp` in seconds from the start; `rotation` in
    degrees, counter-clockwise, by which a player would turn it; `full_range`: luma 0 to 255 and not 16 to 235."""

    number: int
    timestamp: float
    width: int
    height: int
    channels: int
    full_range: bool
    rotation: int
    pixels: bytes


@dataclass(frozen=True, slots=True)
class Ending:
    """How it ended: frames decoded, packets that no frame could be made of, and what went wrong ("" if nothing)."""

    decoded: int
    broken: int
    problem: str


Event = StreamFacts | RawFrame | Ending


def decoded(source: IO[bytes], wanted: Wanted) -> Iterator[Event]:
    """`StreamFacts`, the wanted frames in the order in which they are shown, and an `Ending`.

    A file that breaks off gives the frames before the break, and an Ending that says so: a cut-off end is no way to
    hide the beginning. Raises `UndecodableVideo`, `NoVideoStream`, `VideoTooLarge`, `VideoSupportMissing` before that.
    """
    av = load_av()
    try:
        container = av.open(
            source,
            mode="r",
            buffer_size=1 << 18,
            container_options={
                "format_whitelist": ALLOWED_FORMATS,
                "protocol_whitelist": "",
                "max_streams": "64",
            },
            metadata_errors="replace",
        )
    except (av.error.FFmpegError, ValueError, UnicodeError) as error:
        raise UndecodableVideo(f"not a video that can be opened here: {_reason(error)}") from None
    with container:
        yield from _frames_of(av, container, wanted)


def load_av() -> Any:
    """The module `av`, silenced. Raises `VideoSupportMissing` where it isn't installed."""
    try:
        import av
        import av.error
        import av.logging
        import av.subtitles.stream  # PyAV loads it when it opens a container: too late where no file may be opened
    except ImportError as error:
        raise VideoSupportMissing(
            f"video needs PyAV: pip install signalmatch[video] ({type(error).__name__}: {error})"
        ) from None
    av.logging.set_level(None)
    return av


def _frames_of(av: Any, container: av.container.InputContainer, wanted: Wanted) -> Iterator[Event]:
    cover = av.stream.Disposition.attached_pic
    streams = [stream for stream in container.streams.video if not stream.disposition & cover]
    if not streams:
        raise NoVideoStream("there is no video in this file")
    stream = streams[0]
    context = stream.codec_context
    if context is None:
        raise UndecodableVideo("no decoder here knows this video's codec")
    if context.width * context.height > wanted.max_pixels:
        raise VideoTooLarge(f"frames of {context.width} x {context.height} pixels are over the limit")
    context.thread_count = wanted.threads
    context.thread_type = "AUTO" if wanted.threads > 1 else "NONE"
    context.options = {**context.options, "max_pixels": str(wanted.max_pixels)}
    clock = _Clock(stream, wanted)
    duration = _duration(container, stream)
    yield StreamFacts(
        codec=context.name,
        width=context.width,
        height=context.height,
        frame_rate=float(clock.rate),
        duration=duration,
        video_streams=len(streams),
    )
    trouble = _Trouble()
    count = 0
    for frame in _pictures(av, container, stream, clock, trouble):
        if frame.width * frame.height > wanted.max_pixels:
            raise VideoTooLarge(f"frames of {frame.width} x {frame.height} pixels are over the limit")
        number = clock.wants(frame, count)
        count += 1
        if number is not None:
            yield _raw(frame, number, clock.timestamp(frame, number))
    if not count:
        raise UndecodableVideo(trouble.problem or "no frame of this video could be decoded")
    seconds = clock.latest
    if seconds is not None and seconds + 1 < 0.95 * duration:
        trouble.problem = trouble.problem or f"the file breaks off at {seconds:.1f} of {duration:.1f} seconds"
    yield Ending(count, trouble.broken, trouble.problem)


@dataclass(slots=True)
class _Trouble:
    broken: int = 0
    problem: str = ""


def _pictures(
    av: Any,
    container: av.container.InputContainer,
    stream: av.video.stream.VideoStream,
    clock: _Clock,
    trouble: _Trouble,
) -> Iterator[av.VideoFrame]:
    """Decoded frames in the order in which they are shown. What is broken is counted and left out."""
    packets = iter(container.demux(stream))
    while trouble.broken < MOST_BROKEN_PACKETS:
        try:
            packet = next(packets)
        except StopIteration:
            return
        except av.error.FFmpegError as error:
            trouble.problem = f"the file can't be read to its end: {_reason(error)}"
            return
        if not clock.admits(packet):
            continue
        try:
            yield from stream.codec_context.decode(packet if packet.size else None)
        except av.error.FFmpegError as error:
            trouble.broken += 1
            trouble.problem = f"parts of the video are broken: {_reason(error)}"


class _Clock:
    """Which frames are due, and what their numbers are.

    The published rule is: frame n is hashed when n is a multiple of int(seconds * rate). With a constant frame rate,
    n is what the timestamp says it is, so that a packet is known to be due before it is decoded. Two more rules
    hold where timestamps lie or jump: a frame is due when time has moved on by that much since the last, and when that
    many frames have been decoded since the last.
    """

    def __init__(self, stream: av.video.stream.VideoStream, wanted: Wanted) -> None:
        self.mode = wanted.mode
        rate = stream.average_rate or stream.guessed_rate or stream.base_rate
        self.rate = Fraction(rate) if rate and 0 < rate < 100_000 else Fraction(25)
        self.base = Fraction(stream.time_base) if stream.time_base else None
        self.start = stream.start_time
        self.context = stream.codec_context
        self.step = max(1, int(wanted.seconds_per_hash * float(self.rate)))
        self.patience = max(1, min(self.step, int(wanted.seconds_per_hash * MOST_FRAMES_A_SECOND)))
        if wanted.mode == "seconds" and wanted.seconds_per_hash <= 0:
            self.mode = "every"
        self.last_pts: int | None = None
        self.bucket: int | None = None
        self.since = 0
        self.skips = wanted.skip_unneeded and self.mode == "seconds" and self.context.name in EXACT_SKIPPING
        self.skipping: Literal["DEFAULT", "NONREF"] = "DEFAULT"
        if self.mode == "keyframes":
            self.context.skip_frame = "NONKEY"

    def number(self, pts: int | None) -> int | None:
        """The number of the frame shown at `pts`; None where the file doesn't say."""
        if pts is None or self.base is None:
            return None
        if self.start is None:
            self.start = pts
        return max(0, round((pts - self.start) * self.base * self.rate))

    def admits(self, packet: av.packet.Packet[Any]) -> bool:
        """Whether to send `packet` to the decoder; sets it to leave out what nobody needs."""
        if packet.pts is not None:
            self.last_pts = max(packet.pts, self.last_pts if self.last_pts is not None else packet.pts)
        if self.mode == "keyframes":
            if not packet.size or not packet.is_keyframe:
                return not packet.size
            number = self.number(packet.pts if packet.pts is not None else packet.dts)
            return number is None or self._moved_on(number)
        if self.skips:
            number = self.number(packet.pts) if packet.size else 0
            due = number is None or number % self.step == 0
            skipping: Literal["DEFAULT", "NONREF"] = "DEFAULT" if due else "NONREF"
            if skipping != self.skipping:
                self.context.skip_frame = self.skipping = skipping
        return True

    def wants(self, frame: av.VideoFrame, count: int) -> int | None:
        """The frame's number if it is to be hashed; `count` frames were decoded before it."""
        number = self.number(frame.pts)
        if self.mode == "every":
            return count
        if self.mode == "keyframes":
            return number if number is not None else count
        number = count if number is None else number
        return number if self._moved_on(number) else None

    def _moved_on(self, number: int) -> bool:
        """Whether time, or the count of frames seen, says that another one is due; then counting begins again."""
        self.since += 1
        bucket = number // self.step
        if self.bucket is None or bucket != self.bucket or self.since >= self.patience:
            self.bucket, self.since = bucket, 0
            return True
        return False

    @property
    def latest(self) -> float | None:
        """Seconds from the start to the latest packet; None where the file doesn't say."""
        if self.last_pts is None or self.base is None or self.start is None:
            return None
        return float((self.last_pts - self.start) * self.base)

    def timestamp(self, frame: av.VideoFrame, number: int) -> float:
        if frame.pts is None or self.base is None or self.start is None:
            return float(number / self.rate)
        return max(0.0, float((frame.pts - self.start) * self.base))


def _raw(frame: av.VideoFrame, number: int, timestamp: float) -> RawFrame:
    name = frame.format.name
    luma = _LUMA_FIRST.match(name)
    if luma is None:
        frame = frame.reformat(format="rgb24", threads=1)
        pixels = _rows(frame, 3)
    else:
        pixels = _rows(frame, 2 if luma[1] else 1)
        if luma[1]:
            pixels = _eight_bits(pixels, int(luma[1]), luma[2])
    # AVCOL_RANGE_JPEG is 2. Where nothing is said, yuv is limited and grey is full, as FFmpeg's own converter takes it.
    full = name.startswith(("yuvj", "gray")) or frame.color_range == 2
    return RawFrame(
        number=number,
        timestamp=timestamp,
        width=frame.width,
        height=frame.height,
        channels=1 if luma else 3,
        full_range=full or luma is None,
        rotation=int(frame.rotation or 0) % 360,
        pixels=pixels,
    )


def _rows(frame: av.VideoFrame, width_of_sample: int) -> bytes:
    """The first plane without the padding at the end of its rows."""
    plane = frame.planes[0]
    stride, row = plane.line_size, frame.width * width_of_sample
    view = memoryview(plane).cast("B")
    if stride == row:
        return bytes(view[: row * frame.height])
    return b"".join([view[at : at + row] for at in range(0, stride * frame.height, stride)])


def _eight_bits(samples: bytes, depth: int, order: str) -> bytes:
    """The highest eight bits of each two-byte sample of `depth` bits. One shift of the whole plane as one number."""
    moved = int.from_bytes(samples, "little" if order == "le" else "big") >> (depth - 8)
    return (
        moved.to_bytes(len(samples), "little")[0::2]
        if order == "le"
        else moved.to_bytes(len(samples), "big")[1::2]
    )


def _duration(container: av.container.InputContainer, stream: av.stream.Stream) -> float:
    if stream.duration and stream.time_base:
        return max(0.0, float(stream.duration * stream.time_base))
    return max(0.0, (container.duration or 0) / 1_000_000)


def _reason(error: Exception) -> str:
    """FFmpeg's own words for an error number, without what was being read."""
    return str(getattr(error, "strerror", None) or type(error).__name__)[:200]
