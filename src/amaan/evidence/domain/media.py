"""What becomes of the files that platforms upload: the policy's words, and hashing while bytes pass by."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class MediaPolicy(StrEnum):
    """The values are what AMAAN_MEDIA takes and what the ledger says."""

    HASH_ONLY = "hash-only"
    """Hashed in memory while the bytes arrive, and gone: nothing of them touches a disk."""
    SEALED = "sealed"
    """Encrypted while the bytes arrive, to a public key whose private half is not on the server."""


class NoPdq(StrEnum):
    """Why an uploaded file has no PDQ hash. The values stand in rows and documents."""

    NO_PHOTO = "no_photo"
    """It begins as no photo format that is known here: a video, a document, anything else."""
    TOO_LARGE = "too_large"
    """More bytes than are held for it, or more pixels than are decoded."""
    TOO_SMALL = "too_small"
    """A side under 5 pixels: PDQ is not defined."""
    NO_ROOM = "no_room"
    """Other uploads of the same moment held all the memory that there is for them."""
    UNDECODABLE = "undecodable"
    """It breaks the rules of its own format, or ends too early."""
    TOO_SLOW = "too_slow"
    """The time for it was over; its decoder was killed."""
    DIED = "died"
    """Its decoder ended before it answered: out of its memory, or a crash in a codec."""
    BUSY = "busy"
    """No decoder was free in time, or none could be started."""


@dataclass(frozen=True)
class ReceivedFile:
    """What is known of an uploaded file. `size` in bytes; hashes of the plaintext in lower-case hex.

    `exhibit_id` is None where the bytes were discarded (`hash-only`). `pdq` (64 hex characters) has a quality from 0
    to 100; without one `no_pdq` says why, or None where nobody looked.
    """

    size: int
    md5: str
    sha1: str
    sha256: str
    exhibit_id: int | None = None
    pdq: str | None = None
    pdq_quality: int | None = None
    no_pdq: NoPdq | None = None

    @property
    def policy(self) -> MediaPolicy:
        """By which policy it was taken; `policy.value` is the word for the ledger."""
        return MediaPolicy.HASH_ONLY if self.exhibit_id is None else MediaPolicy.SEALED


class MediaSink(Protocol):
    """Takes one file's bytes as they arrive, and ends with `finish` or `abort`.

    `finish` again repeats its answer, and `abort` after either does nothing. Whatever else comes after `abort` raises
    MediaAborted.
    """

    def write(self, data: bytes) -> None: ...

    def finish(self) -> ReceivedFile: ...

    def abort(self) -> None: ...


class MediaAborted(Exception):
    """The upload was given up, so there is no file to finish or to add to."""

    def __init__(self) -> None:
        super().__init__("This upload was given up; nothing of it was kept.")


class Digests:
    """Three hashes and the size of bytes that pass by once."""

    def __init__(self) -> None:
        self.size = 0
        # MD5 and SHA-1 find known files in lists that were made with them; they protect nothing here.
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._sha1 = hashlib.sha1(usedforsecurity=False)
        self._sha256 = hashlib.sha256()

    def update(self, data: bytes) -> None:
        self.size += len(data)
        self._md5.update(data)
        self._sha1.update(data)
        self._sha256.update(data)

    def sha256(self) -> bytes:
        return self._sha256.digest()

    def received(self, exhibit_id: int | None) -> ReceivedFile:
        return ReceivedFile(
            self.size,
            self._md5.hexdigest(),
            self._sha1.hexdigest(),
            self._sha256.hexdigest(),
            exhibit_id,
        )


class DiscardingSink:
    """The policy `hash-only`: a `MediaSink` that keeps three running hashes and a count, and no byte."""

    def __init__(self) -> None:
        self._digests = Digests()
        self._aborted = False

    def write(self, data: bytes) -> None:
        """Raises MediaAborted."""
        if self._aborted:
            raise MediaAborted
        self._digests.update(data)

    def finish(self) -> ReceivedFile:
        """Raises MediaAborted."""
        if self._aborted:
            raise MediaAborted
        return self._digests.received(None)

    def abort(self) -> None:
        self._aborted = True
