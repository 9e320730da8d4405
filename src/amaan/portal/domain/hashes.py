"""Hashes that a browser made of somebody's own files: what may stand in a form's hidden fields `hash`. Pure.

One file is one JSON text:

    {"kind": "photo"|"video"|"other", "sha256": 64 hex digits, "pdq": 64 hex digits or "", "quality": 0…100 or null,
     "frames": [[number, quality, pdq, seconds], …]}        frames of videos only

A photo that couldn't be decoded, and any other file, has an empty `pdq` and no quality. Nothing here proves that a file
exists: whoever writes the form by hand can offer any number, which is why nobody is accused on the word of a hash.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any, Final

import orjson

MOST_FILES: Final = 20
MOST_FRAMES: Final = 300
"""Of one video."""
MOST_FRAMES_IN_ALL: Final = 900
"""Of all videos of one form: about 80 KB, which crosses a slow line in a minute."""
MOST_TEXT: Final = 40_000
"""Characters of one field: 300 frames are about 28,000."""
_LONGEST_VIDEO: Final = 7 * 24 * 3600.0
_MOST_FRAME_NUMBER: Final = 10**9
_HEX: Final = re.compile(r"[0-9a-f]{64}")
_EMPTY: Final = hashlib.sha256().hexdigest()
_KEYS: Final = frozenset({"kind", "sha256", "pdq", "quality", "frames"})


class BadHash(Exception):
    """A hidden field is not what the door's own script writes. `field` names what is wrong with it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class TooManyHashes(BadHash):
    """More files, or more frames, than are taken at once."""


class FileKind(StrEnum):
    """What the browser took the file for, by its first bytes."""

    PHOTO = "photo"
    VIDEO = "video"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class OfferedFrame:
    """A frame of a video: its number (0 first), quality 0 to 100, 32 bytes of PDQ, seconds from the start."""

    number: int
    quality: int
    pdq: bytes
    seconds: float


@dataclass(frozen=True, slots=True)
class OfferedHash:
    """One file: 32 bytes of SHA-256, 32 of PDQ with its quality 0 to 100 or neither; frames of a video or none."""

    kind: FileKind
    sha256: bytes
    pdq: bytes | None
    quality: int | None
    frames: tuple[OfferedFrame, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """What `read_hash` reads again, and what travels in an envelope."""
        return {
            "kind": str(self.kind),
            "sha256": self.sha256.hex(),
            "pdq": self.pdq.hex() if self.pdq is not None else "",
            "quality": self.quality,
            "frames": [[f.number, f.quality, f.pdq.hex(), f.seconds] for f in self.frames],
        }

    def as_text(self) -> str:
        """The hidden field again, as the browser wrote it."""
        return orjson.dumps(self.as_json()).decode()


def read_hashes(texts: Sequence[str]) -> list[OfferedHash]:
    """The form's fields `hash`, in their order; the same file offered twice is one. Raises BadHash, TooManyHashes."""
    if len(texts) > MOST_FILES:
        raise TooManyHashes("hash", f"{len(texts)} files; at most {MOST_FILES} are taken at once.")
    found: dict[bytes, OfferedHash] = {}
    for text in texts:
        one = _read_text(text)
        found.setdefault(one.sha256, one)
    frames = sum(len(one.frames) for one in found.values())
    if frames > MOST_FRAMES_IN_ALL:
        raise TooManyHashes("frames", f"{frames} frames; at most {MOST_FRAMES_IN_ALL} are taken at once.")
    return list(found.values())


def _read_text(text: str) -> OfferedHash:
    if len(text) > MOST_TEXT:
        raise BadHash("hash", f"A field of {len(text)} characters; at most {MOST_TEXT}.")
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as fault:
        raise BadHash("hash", "A field is not JSON.") from fault
    return read_hash(value)


def read_hash(value: object) -> OfferedHash:
    """One file, from JSON that was read already. Raises BadHash."""
    if not isinstance(value, Mapping) or set(value) != _KEYS:
        raise BadHash("hash", f"A field holds {', '.join(sorted(_KEYS))} and nothing else.")
    kind = _kind(value["kind"])
    sha256 = _digits("sha256", value["sha256"])
    if value["sha256"] == _EMPTY:
        raise BadHash("sha256", "This is the hash of an empty file.")
    pdq, quality = _pdq(value["pdq"], value["quality"])
    if pdq is not None and kind is not FileKind.PHOTO:
        raise BadHash("pdq", "Only a photo has a PDQ hash of its own.")
    frames = _frames(value["frames"])
    if frames and kind is not FileKind.VIDEO:
        raise BadHash("frames", "Only a video has frames.")
    return OfferedHash(kind, sha256, pdq, quality, frames)


def _kind(value: object) -> FileKind:
    try:
        return FileKind(value)  # type: ignore[arg-type]  # what is no text is no kind
    except ValueError as fault:
        raise BadHash("kind", "The kind is photo, video or other.") from fault


def _digits(field: str, value: object) -> bytes:
    if not isinstance(value, str) or not _HEX.fullmatch(value):
        raise BadHash(field, f"{field} is 64 of the digits 0-9 and a-f.")
    return bytes.fromhex(value)


def _pdq(pdq: object, quality: object) -> tuple[bytes | None, int | None]:
    if pdq == "" and quality is None:
        return None, None
    return _digits("pdq", pdq), _whole("quality", quality, 100)


def _whole(field: str, value: object, most: int) -> int:
    if type(value) is not int or not 0 <= value <= most:
        raise BadHash(field, f"{field} is a whole number from 0 to {most}.")
    return value


def _frames(value: object) -> tuple[OfferedFrame, ...]:
    if not isinstance(value, list):
        raise BadHash("frames", "The frames are a list.")
    if len(value) > MOST_FRAMES:
        raise TooManyHashes("frames", f"{len(value)} frames; a video has at most {MOST_FRAMES}.")
    return _in_order(_frame(one) for one in value)


def _frame(value: object) -> OfferedFrame:
    if not isinstance(value, list) or len(value) != 4:
        raise BadHash("frames", "A frame is [number, quality, pdq, seconds].")
    number, quality, pdq, seconds = value
    if type(seconds) not in {int, float} or not 0 <= seconds <= _LONGEST_VIDEO or not math.isfinite(seconds):
        raise BadHash("frames", "A frame's seconds are a number from 0 on.")
    return OfferedFrame(
        _whole("frames", number, _MOST_FRAME_NUMBER),
        _whole("frames", quality, 100),
        _digits("frames", pdq),
        float(seconds),
    )


def _in_order(frames: Iterable[OfferedFrame]) -> tuple[OfferedFrame, ...]:
    found = tuple(frames)
    numbers = [frame.number for frame in found]
    if any(later <= earlier for earlier, later in pairwise(numbers)):
        raise BadHash("frames", "The numbers of the frames rise.")
    return found


__all__ = [
    "MOST_FILES",
    "MOST_FRAMES",
    "MOST_FRAMES_IN_ALL",
    "BadHash",
    "FileKind",
    "OfferedFrame",
    "OfferedHash",
    "TooManyHashes",
    "read_hash",
    "read_hashes",
]
