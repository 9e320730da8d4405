"""Bytes at rest: pack files under AMAAN_HOME/vault. Only `evidence.services` comes here.

    vault/packs/ab/abcd....pack     "AMAANPCK", version 1, seven zero bytes, then records
    record                          length, 8 bytes big-endian | sealed exhibit
    vault/incoming/....part         a stream on its way in; becomes a pack of one record

Names are random: they tell nothing, not even an order. A process appends to a pack of its own and never to
one that was there before, so there is nothing to lock and a torn end is never built upon.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

PACK_HEAD: Final = b"AMAANPCK\x01" + bytes(7)
FRAME: Final = 8
ROLL_AT: Final = 256 * 1024 * 1024
_WRITE_AT_ONCE: Final = 4 * 1024 * 1024
_SETTLED: Final = 60.0
"""Seconds after which an unfinished stream without a writer is what somebody left behind."""


class ExhibitBytesMissing(Exception):
    """The file that holds an exhibit isn't there, or is too short."""


class Place(NamedTuple):
    """Where a sealed exhibit lies: pack name (32 hex digits), byte offset of the blob, its length."""

    pack: str
    offset: int
    length: int


@dataclass
class Costs:
    """What durability cost this process so far; `make bench` prints it."""

    blobs: int = 0
    bytes: int = 0
    syncs: int = 0
    sync_seconds: float = 0.0


costs = Costs()


def _sync(descriptor: int) -> None:
    started = time.perf_counter()
    os.fsync(descriptor)
    costs.syncs += 1
    costs.sync_seconds += time.perf_counter() - started


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _read_at(descriptor: int, position: int, count: int) -> bytes:
    """Less than `count` bytes only at the file's end."""
    data = os.pread(descriptor, count, position)
    while len(data) < count and (more := os.pread(descriptor, count - len(data), position + len(data))):
        data += more
    return data


def _made(folder: Path) -> Path:
    """The folder, its entry in its parent durable."""
    if not folder.is_dir():
        _made(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
        _sync_folder(folder.parent)
    return folder


class _OpenPack:
    """The pack that this process appends to."""

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self.process = os.getpid()
        self.descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        _write_all(self.descriptor, PACK_HEAD)
        _sync_folder(path.parent)
        self.end = len(PACK_HEAD)

    def append(self, blobs: Sequence[bytes]) -> list[Place]:
        places: list[Place] = []
        waiting: list[bytes] = []
        weight = 0
        for blob in blobs:
            length = len(blob)
            waiting += (length.to_bytes(FRAME, "big"), blob)
            places.append(Place(self.name, self.end + FRAME, length))
            self.end += FRAME + length
            weight += FRAME + length
            if weight >= _WRITE_AT_ONCE:
                _write_all(self.descriptor, b"".join(waiting))
                waiting, weight = [], 0
        _write_all(self.descriptor, b"".join(waiting))
        return places

    def close(self) -> None:
        os.close(self.descriptor)


class Vault:
    """One folder of packs. Safe for threads; a forked child opens a pack of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._lock = threading.Lock()
        self._pack: _OpenPack | None = None

    def path_of(self, pack: str) -> Path:
        return self.root / "packs" / pack[:2] / f"{pack}.pack"

    def append(self, blobs: Sequence[bytes]) -> list[Place]:
        """Sealed exhibits into the pack, durable on return: one fsync a call."""
        if not blobs:
            return []
        with self._lock:
            pack = self._writable()
            try:
                places = pack.append(blobs)
                _sync(pack.descriptor)
            except BaseException:
                # A short write or a failed fsync leaves an end of which nothing is known: never append to it.
                self._leave()
                raise
            costs.blobs += len(blobs)
            costs.bytes += sum(place.length for place in places)
            return places

    def _writable(self) -> _OpenPack:
        if self._pack and (self._pack.process != os.getpid() or self._pack.end >= ROLL_AT):
            self._leave()
        if self._pack is None:
            name = secrets.token_hex(16)
            path = self.path_of(name)
            _made(path.parent)
            self._pack = _OpenPack(name, path)
        return self._pack

    def _leave(self) -> None:
        pack, self._pack = self._pack, None
        if pack:
            pack.close()

    def close(self) -> None:
        """Let go of the pack; the next append begins another."""
        with self._lock:
            self._leave()

    def incoming(self) -> Incoming:
        return Incoming(self)

    def discard(self, place: Place) -> None:
        """Remove a stream's pack that no row names, because the same exhibit was there already."""
        self.path_of(place.pack).unlink(missing_ok=True)

    def blocks(self, place: Place, first: int, size: int) -> Iterator[bytes]:
        """The blob's first `first` bytes, then the rest in pieces of `size`. Raises ExhibitBytesMissing."""
        try:
            descriptor = os.open(self.path_of(place.pack), os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            raise ExhibitBytesMissing(f"The vault's pack {place.pack} isn't there.") from None
        try:
            position, end, step = place.offset, place.offset + place.length, first
            while position < end:
                wanted = min(step, end - position)
                piece = _read_at(descriptor, position, wanted)
                if len(piece) < wanted:
                    raise ExhibitBytesMissing(f"The vault's pack {place.pack} ends before byte {end}.")
                yield piece
                position, step = position + wanted, size
        finally:
            os.close(descriptor)

    def packs(self) -> Iterator[str]:
        """Names of the packs that are there, sorted."""
        for folder in sorted((self.root / "packs").glob("??")):
            yield from sorted(path.stem for path in folder.glob("*.pack"))

    def parts(self) -> list[Path]:
        """Streams that never became packs, and those on their way in."""
        return sorted((self.root / "incoming").glob("*.part"))

    def sweep(self) -> list[str]:
        """Remove streams whose writer is gone (a kill, a power cut). Returns their names. Whoever writes one holds a
        lock on it; it is taken right after the file is made, so a file of the last minute is left alone."""
        swept = []
        for path in self.parts():
            try:
                descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            except FileNotFoundError:  # it became a pack, or was given up
                continue
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if time.time() - os.fstat(descriptor).st_mtime > _SETTLED:
                    path.unlink(missing_ok=True)
                    swept.append(path.name)
            except BlockingIOError:
                continue
            finally:
                os.close(descriptor)
        return swept

    def records(self, pack: str) -> Iterator[Place]:
        """Each whole record of a pack; a torn end comes last, as a record that reaches to the file's end."""
        with self.path_of(pack).open("rb") as file:
            end = file.seek(0, os.SEEK_END)
            position = len(PACK_HEAD)
            while position < end:
                file.seek(position)
                frame = file.read(FRAME)
                offset = position + FRAME
                length = int.from_bytes(frame, "big")
                if len(frame) < FRAME or offset + length > end:
                    yield Place(pack, position, end - position)
                    return
                yield Place(pack, offset, length)
                position = offset + length


class Incoming:
    """A stream being written beside the packs. It goes away at the `with`'s end, or with `close`, unless it was
    kept."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._path = _made(vault.root / "incoming") / f"{secrets.token_hex(16)}.part"
        self._descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        self._length = 0
        self._kept = False
        self._closed = False
        _write_all(self._descriptor, PACK_HEAD + bytes(FRAME))

    def __enter__(self) -> Incoming:
        return self

    def write(self, data: bytes) -> None:
        _write_all(self._descriptor, data)
        self._length += len(data)

    def keep(self) -> Place:
        """The stream becomes a pack of its own, durable on return."""
        os.pwrite(self._descriptor, self._length.to_bytes(FRAME, "big"), len(PACK_HEAD))
        _sync(self._descriptor)
        name = secrets.token_hex(16)
        path = self._vault.path_of(name)
        _made(path.parent)
        self._path.rename(path)
        self._kept = True
        _sync_folder(path.parent)
        costs.blobs += 1
        costs.bytes += self._length
        return Place(name, len(PACK_HEAD) + FRAME, self._length)

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """May be called again."""
        if self._closed:
            return
        self._closed = True
        os.close(self._descriptor)
        if not self._kept:
            self._path.unlink(missing_ok=True)
