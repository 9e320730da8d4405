"""What two reports may share, each as one number of 64 bits. Pure.

A key is a digest of its kind and its value, so that one narrow index holds them all and tells nothing to who reads it.
That two values of ten million fall together by chance happens once in 300,000 installations; whoever makes it happen
needs 2^32 reports of their own, and gains that these stand together.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Sequence
from enum import IntEnum
from hashlib import blake2b
from typing import Final, NamedTuple

HUB: Final = 50
"""An account in so many reports, or an address beside files, binds no more: half the world shares it."""
MOST_BY_ACCOUNT: Final = 200
"""What only relates (accounts, addresses beside files) grows no bundle past as many reports."""
_BELOW: Final = re.compile(r"[/?#]")
_BALANCED: Final = range(96, 161)
"""Bits set in the PDQ hash of a picture: half of 256, by the way it is made. A plain surface has few or nearly all."""


class Kind(IntEnum):
    """Never renumbered: keys stand in the database."""

    SHA256 = 1
    SHA1 = 2
    MD5 = 3
    PDQ = 4
    URL = 5
    BATCH = 6
    ACCOUNT = 7
    FILES = 8  # several files together
    BARE = 9  # all that a report without files tells of
    NEAR = 10  # only a reason: a PDQ hash near another one


_PERSONS: Final = {kind: bytes([kind]) for kind in Kind}
_EMPTY: Final = {
    Kind.MD5: bytes.fromhex("d41d8cd98f00b204e9800998ecf8427e"),
    Kind.SHA1: bytes.fromhex("da39a3ee5e6b4b0d3255bfef95601890afd80709"),
    Kind.SHA256: bytes.fromhex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
}


class FileKey(NamedTuple):
    """`other`: of an MD5 or SHA-1, the key of a stronger digest that was told of the same file; of a PDQ hash, that of
    the picture that it is near to. 0: none."""

    key: int
    kind: Kind
    other: int = 0


def key_of(kind: Kind, value: bytes) -> int:
    """Between -2^63 and 2^63, never 0."""
    digest = blake2b(value, digest_size=8, person=_PERSONS[kind]).digest()
    return int.from_bytes(digest, "big", signed=True) or 1


def key_of_id(kind: Kind, number: int) -> int:
    return key_of(kind, number.to_bytes(8, "big"))


def key_of_all(kind: Kind, keys: Iterable[int]) -> int:
    """Of several keys together, whatever their order."""
    return key_of(kind, b"".join(struct.pack(">q", key) for key in sorted(set(keys))))


def tells_of_a_file(kind: Kind, value: bytes | None) -> bool:
    """False for what stands for nothing: no value, all zeros or ones, the digest of no bytes."""
    return bool(value and value.strip(b"\0") and value.strip(b"\xff")) and value != _EMPTY.get(kind)


def tells_of_a_picture(value: bytes | None, quality: int | None, *, least: int) -> bool:
    """Whether a PDQ hash is good enough to bind. `quality` is 0 to 100, None where nobody said it.

    Where nobody said it (platforms tell the hash alone) the hash must look like a picture's.
    """
    if not value or len(value) != 32:
        return False
    if int.from_bytes(value, "big").bit_count() not in _BALANCED:
        return False
    return quality is None or quality >= least


def file_keys(
    *,
    sha256: bytes | None,
    sha1: bytes | None,
    md5: bytes | None,
    pdq: bytes | None,
    quality: int | None,
    least: int,
) -> tuple[FileKey, ...]:
    """The keys of one file, the strongest first. Empty where nothing was told that could be compared."""
    found: list[FileKey] = []
    for kind, value in ((Kind.SHA256, sha256), (Kind.SHA1, sha1), (Kind.MD5, md5)):
        if value and tells_of_a_file(kind, value):
            stronger = _marked(found[0]) if found else 0
            found.append(FileKey(key_of(kind, value), kind, stronger))
    if pdq and tells_of_a_picture(pdq, quality, least=least):
        found.append(FileKey(key_of(Kind.PDQ, pdq), Kind.PDQ))
    return tuple(found)


def _marked(one: FileKey) -> int:
    """A digest's key with its kind in the last bit, so that digests of two kinds are never compared."""
    marked = (one.key & ~1) | (one.kind is Kind.SHA256)
    return marked or 2


def belied(ours: int, theirs: int) -> bool:
    """Whether two equal weak digests come with two strong ones of one kind that differ: made so on purpose."""
    return bool(ours and theirs) and (ours ^ theirs) & 1 == 0 and ours != theirs


def names_a_page(url: str | None) -> bool:
    """Whether an address says more than whose site it is. One that is sealed (None) is taken at its word."""
    if url is None:
        return True
    rest = url.partition("://")[2] or url
    return bool(_BELOW.search(rest.rstrip("/")))


def together(files: Sequence[tuple[FileKey, ...]]) -> int:
    """The key of several files told together, by the strongest that was told of each."""
    return key_of_all(Kind.FILES, (keys[0].key for keys in files))
