"""The decoder's own process: a video on standard input, frames on standard output. Nothing else goes in or out.

`python -m signalmatch.media.video_process '{"mode": …}'`. Standard input is the open file (or memory that looks like
one), so that this process needs no path. Before the first byte is read it gives up what it doesn't need
(`media.confinement`). What a hostile file can win here is a process that can open nothing and writes frames.

A record is a kind (one byte), a header's length (4 bytes, big-endian), the header (JSON), and for a frame its pixels.
"""

from __future__ import annotations

import io
import json
import os
import stat
import sys
from dataclasses import asdict
from typing import IO, Any

from signalmatch.errors import VideoError, VideoTooLarge
from signalmatch.media.confinement import confine
from signalmatch.media.video_decoding import Ending, RawFrame, StreamFacts, Wanted, decoded, load_av

FACTS, FRAME, ENDING, FAILURE = b"V", b"F", b"E", b"X"
HEADER_LENGTH = 4


def record(kind: bytes, header: dict[str, Any]) -> bytes:
    """A record's beginning; a frame's pixels follow it."""
    written = json.dumps(header, separators=(",", ":")).encode()
    return kind + len(written).to_bytes(HEADER_LENGTH, "big") + written


def main(argument: str) -> int:
    order = json.loads(argument)
    out = os.fdopen(1, "wb", buffering=0)
    sys.stdout = sys.stderr
    try:
        load_av()
        source = _source(int(order["max_bytes"]))
        wanted = Wanted(**order["wanted"])
        confine(memory=int(order["memory"]), seconds=int(order["seconds"]), threads=wanted.threads)
        for event in decoded(source, wanted):
            _send(out, event)
    except VideoError as error:
        _write(out, record(FAILURE, {"kind": type(error).__name__, "message": str(error)[:500]}))
    except BrokenPipeError:
        return 1
    except MemoryError:
        _write(
            out,
            record(FAILURE, {"kind": "VideoDecoderDied", "message": "out of the memory that it is allowed"}),
        )
    return 0


def _send(out: io.FileIO, event: StreamFacts | RawFrame | Ending) -> None:
    if isinstance(event, RawFrame):
        header = {name: getattr(event, name) for name in RawFrame.__slots__ if name != "pixels"}
        _write(out, record(FRAME, header))
        _write(out, event.pixels)
    else:
        _write(out, record(FACTS if isinstance(event, StreamFacts) else ENDING, asdict(event)))


def _write(out: io.FileIO, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[out.write(rest) or 0 :]


def _source(max_bytes: int) -> IO[bytes]:
    """Standard input; read into memory first where it is a pipe, because a container is read back and forth."""
    given = os.fdopen(0, "rb", buffering=0)
    if stat.S_ISREG(os.fstat(0).st_mode):
        return given
    content = os.fdopen(os.dup(0), "rb").read(max_bytes + 1)
    if len(content) > max_bytes:
        raise VideoTooLarge(f"more than {max_bytes} bytes")
    return io.BytesIO(content)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
