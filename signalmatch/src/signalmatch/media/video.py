"""Frames of a video, from a decoder in a process of its own that can be killed.

FFmpeg's demuxers and decoders are half a million lines of C that read what an offender made. Nothing of them is
loaded into the calling process: it opens the file, hands it to `video_process` as standard input, and reads frames from
a pipe, with a limit to everything. Bytes that are given stay in memory (an anonymous file of the kernel, or a pipe); no
file is ever written.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import math
import os
import selectors
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from signalmatch import errors
from signalmatch.errors import UndecodableVideo, VideoDecoderDied, VideoError, VideoTookTooLong, VideoTooLarge
from signalmatch.media.confinement import code_of, end_group
from signalmatch.media.video_decoding import Ending, Event, Mode, RawFrame, StreamFacts, Wanted, decoded

__all__ = [
    "Ending",
    "Event",
    "Mode",
    "RawFrame",
    "StreamFacts",
    "VideoLimits",
    "VideoSource",
    "Wanted",
    "open_video",
]

VideoSource = str | os.PathLike[str] | bytes | bytearray | memoryview | IO[bytes]

LONGEST_HEADER = 4096
PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class VideoLimits:
    """What one video may cost. `seconds` of the clock (and of the processor), `memory` in bytes of address space of the
    decoder, `max_bytes` of the file, `max_pixels` of a frame, `max_frames` handed on."""

    seconds: float = 600.0
    memory: int = 2 << 30
    max_bytes: int = 4 << 30
    max_pixels: int = 8192 * 4608
    max_frames: int = 200_000


PHOTO_BRANDS = (b"avif", b"avis", b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
"""ISO files of these brands hold pictures."""

_BEGINNINGS = (
    b"\x1a\x45\xdf\xa3",  # Matroska, WebM
    b"\x30\x26\xb2\x75\x8e\x66\xcf\x11",  # ASF
    b"FLV\x01",
    b"OggS",
    b".RMF",
    b"\0\0\1\xba",  # MPEG program stream
    b"\0\0\1\xb3",  # MPEG video
)


def looks_like_video(head: bytes) -> bool:
    """Whether a file that begins so is worth opening as a video; 512 bytes are enough. Animated photos are photos."""
    box = head[4:8]
    if box == b"ftyp":
        return head[8:12] not in PHOTO_BRANDS
    return (
        box in (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
        or (head[:4] == b"RIFF" and head[8:11] == b"AVI")
        or head.startswith(_BEGINNINGS)
        or head[:1] == head[188:189] == head[376:377] == b"G"
        or head[4:5] == head[196:197] == head[388:389] == b"G"
    )


def open_video(
    source: VideoSource,
    wanted: Wanted | None = None,
    limits: VideoLimits | None = None,
    *,
    in_process: bool = False,
) -> Generator[Event, None, None]:
    """`StreamFacts`, then the wanted frames, then an `Ending`. Close the generator to stop early and kill the decoder.

    `in_process` decodes here: for measuring, and for files of one's own. Raises a `VideoError` when not one frame could
    be had; once one was, whatever goes wrong is told in the `Ending`.
    """
    limits = limits or VideoLimits()
    wanted = wanted or Wanted(max_pixels=limits.max_pixels)
    if in_process:
        with _opened(source, limits.max_bytes) as file:
            yield from _limited(decoded(file, wanted), limits)
    else:
        with contextlib.closing(_from_process(source, wanted, limits)) as events:
            yield from _limited(events, limits)


def _limited(events: Iterator[Event], limits: VideoLimits) -> Iterator[Event]:
    """At most `max_frames`, and an Ending in place of an error once there is a frame."""
    frames = 0
    try:
        for event in events:
            yield event
            if isinstance(event, RawFrame):
                frames += 1
                if frames >= limits.max_frames:
                    yield Ending(
                        frames, 0, f"stopped after {frames} frames, the most that are taken from one video"
                    )
                    return
    except VideoError as error:
        if not frames:
            raise
        yield Ending(frames, 0, str(error))


def _from_process(source: VideoSource, wanted: Wanted, limits: VideoLimits) -> Generator[Event, None, None]:
    deadline = time.monotonic() + limits.seconds
    order = {
        "wanted": asdict(wanted),
        "memory": limits.memory,
        "seconds": int(limits.seconds) + 1,
        "max_bytes": limits.max_bytes,
    }
    with _opened(source, limits.max_bytes) as file:
        regular = _is_a_file(file)
        child = subprocess.Popen(
            [sys.executable, "-P", "-m", "signalmatch.media.video_process", json.dumps(order)],
            stdin=file if regular else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            cwd="/",
            close_fds=True,
            start_new_session=True,  # a group to end as one; and Ctrl-C is the parent's to answer
        )
        try:
            if not regular:
                threading.Thread(target=_pour, args=(file, child.stdin), daemon=True).start()
            yield from _Reader(child, deadline, wanted.max_pixels).events()
        finally:
            end_group(child)
            for pipe in (child.stdin, child.stdout):
                if pipe is not None:
                    pipe.close()


class _Reader:
    """Records from the decoder, none of them believed: it may be under the command of the file it reads."""

    def __init__(self, child: subprocess.Popen[bytes], deadline: float, max_pixels: int) -> None:
        if child.stdout is None:
            raise VideoDecoderDied("the decoder has no output")
        self.child = child
        self.descriptor = child.stdout.fileno()
        self.deadline = deadline
        self.max_pixels = max_pixels
        if hasattr(fcntl, "F_SETPIPE_SZ"):
            with contextlib.suppress(OSError):  # a small pipe is slower, and nothing else
                fcntl.fcntl(self.descriptor, fcntl.F_SETPIPE_SZ, PIECE)
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.descriptor, selectors.EVENT_READ)

    def events(self) -> Iterator[Event]:
        with self.selector:
            while True:
                start = self.exactly(5)
                length = int.from_bytes(start[1:], "big")
                if length > LONGEST_HEADER:
                    raise VideoDecoderDied("the decoder wrote what it shouldn't")
                event = self.event(bytes(start[:1]), bytes(self.exactly(length)))
                yield event
                if isinstance(event, Ending):
                    return

    def event(self, kind: bytes, header: bytes) -> Event:
        try:
            told = json.loads(header)
            if kind == b"X":
                raise _named(_text(told["kind"], 100), _text(told["message"], 500))
            if kind == b"V":
                return StreamFacts(
                    codec=_text(told["codec"], 40),
                    width=int(told["width"]),
                    height=int(told["height"]),
                    frame_rate=_finite(told["frame_rate"]),
                    duration=_finite(told["duration"]),
                    video_streams=int(told["video_streams"]),
                )
            if kind == b"E":
                return Ending(int(told["decoded"]), int(told["broken"]), _text(told["problem"], 500))
            if kind == b"F":
                return self.frame(told)
        except (ValueError, LookupError, TypeError, OverflowError, RecursionError):
            pass  # falls through to the one answer for all of them
        raise VideoDecoderDied("the decoder wrote what it shouldn't")

    def frame(self, told: dict[str, Any]) -> RawFrame:
        width, height, channels = int(told["width"]), int(told["height"]), int(told["channels"])
        if width < 1 or height < 1 or width * height > self.max_pixels or channels not in (1, 3):
            raise VideoTooLarge(f"frames of {width} x {height} pixels are over the limit")
        return RawFrame(
            number=int(told["number"]),
            timestamp=_finite(told["timestamp"]),
            width=width,
            height=height,
            channels=channels,
            full_range=bool(told["full_range"]),
            rotation=int(told["rotation"]) % 360,
            pixels=bytes(self.exactly(width * height * channels)),
        )

    def exactly(self, length: int) -> memoryview:
        """`length` bytes, or the named reason why there are none."""
        taken = bytearray(length)
        rest = memoryview(taken)
        while rest:
            left = self.deadline - time.monotonic()
            if left <= 0 or not self.selector.select(left):
                raise VideoTookTooLong("the time allowed for this video was over")
            got = os.readv(self.descriptor, [rest[:PIECE]])
            if not got:
                how = _how_ended(self.child)
                if how == f"signal {signal.SIGXCPU.value}":
                    raise VideoTookTooLong("the processor time allowed for this video was over")
                raise VideoDecoderDied(f"the decoder ended before its answer ({how})")
            rest = rest[got:]
        return memoryview(taken)


def _how_ended(child: subprocess.Popen[bytes]) -> str:
    code = code_of(child, 5)
    if code is None:
        return "still running"
    return f"signal {-code}" if code < 0 else f"exit {code}"


def _named(kind: str, message: str) -> VideoError:
    """The error that the decoder named; only one of the library's own, whatever it wrote."""
    known = getattr(errors, kind, None)
    if isinstance(known, type) and issubclass(known, VideoError):
        return known(message)
    return UndecodableVideo(message)


def _text(told: object, length: int) -> str:
    """At most `length` characters that every terminal and database can write."""
    return str(told)[:length].encode("utf-8", "replace").decode()


def _finite(told: Any) -> float:
    value = float(told)
    if not math.isfinite(value):
        raise ValueError("no time and no rate")
    return value


def _environment() -> dict[str, str]:
    """Where Python and its libraries are, and nothing else: the decoder learns no secret of the caller's."""
    kept = {
        name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT") if name in os.environ
    }
    here = str(Path(__file__).resolve().parents[2])
    paths = [here, *(path for path in sys.path if path and path != here)]
    return kept | {"PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8"}


def _opened(source: VideoSource, max_bytes: int) -> IO[bytes]:
    """A file to read. Bytes become a file in the kernel's memory where there is such a thing, else a buffer here."""
    if isinstance(source, str | os.PathLike):
        file = Path(source).open("rb")  # noqa: SIM115 - the caller closes it
        if os.fstat(file.fileno()).st_size > max_bytes:
            file.close()
            raise VideoTooLarge(f"more than {max_bytes} bytes")
        return file
    memory = _in_memory()
    if isinstance(source, bytes | bytearray | memoryview):
        if len(source) > max_bytes:
            raise VideoTooLarge(f"more than {max_bytes} bytes")
        memory.write(source)
    else:
        _copy(source, memory, max_bytes)
    memory.seek(0)
    return memory


def _in_memory() -> IO[bytes]:
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("video", os.MFD_CLOEXEC), "w+b")
    import io

    return io.BytesIO()


def _copy(source: IO[bytes], target: IO[bytes], max_bytes: int) -> None:
    copied = 0
    while piece := source.read(PIECE):
        copied += len(piece)
        if copied > max_bytes:
            raise VideoTooLarge(f"more than {max_bytes} bytes")
        target.write(piece)


def _is_a_file(file: IO[bytes]) -> bool:
    try:
        file.fileno()
    except OSError:
        return False
    return True


def _pour(source: IO[bytes], pipe: IO[bytes]) -> None:
    """Feed a decoder that has no file; it may stop reading whenever it likes."""
    try:
        with pipe:
            shutil.copyfileobj(source, pipe, PIECE)
    except (BrokenPipeError, ValueError):
        return
