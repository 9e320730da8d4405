"""MD5, SHA-1 and SHA-256 of the bytes as they came, in one pass over them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO

# A slice that stays in the second-level cache while three digests read it.
_SLICE = 1 << 17


@dataclass(frozen=True)
class Digests:
    """Lower-case hexadecimal: 32, 40 and 64 characters."""

    md5: str
    sha1: str
    sha256: str


def digests(data: bytes | bytearray | memoryview) -> Digests:
    """All three, reading `data` once. MD5 and SHA-1 are here because lists have them, not because they are strong."""
    view = memoryview(data)
    return _of_parts(view[start : start + _SLICE] for start in range(0, len(view), _SLICE))


def digests_of_file(file: BinaryIO) -> Digests:
    """The same of an open file from where it stands to its end, a part at a time."""
    return _of_parts(iter(lambda: file.read(_SLICE), b""))


def _of_parts(parts: Iterable[bytes | memoryview]) -> Digests:
    md5 = hashlib.md5(usedforsecurity=False)
    sha1 = hashlib.sha1(usedforsecurity=False)
    sha256 = hashlib.sha256()
    for part in parts:
        md5.update(part)
        sha1.update(part)
        sha256.update(part)
    return Digests(md5.hexdigest(), sha1.hexdigest(), sha256.hexdigest())
