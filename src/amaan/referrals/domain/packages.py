"""A package: the documents of one report, and where their bytes lie. Pure, and picklable into another process."""

from __future__ import annotations

import io
import os
import zipfile
import zlib
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields, replace
from operator import attrgetter
from pathlib import Path
from typing import IO, Any

MOST_DOCUMENT_BYTES = 16 * 1024 * 1024
"""A larger document is kept sealed and unread; the largest seen in use stay below 1 MB."""

_LOCAL_HEADER = 30
_MARGIN = 64
"""Bytes of a local header beyond its name that a first read takes in: archivers put times and owners there."""
STORED, DEFLATED = 0, 8


class DamagedMember(Exception):
    """A ZIP entry whose bytes are not what the archive's directory promises."""


@dataclass(frozen=True, slots=True)
class Member:
    """One document. A ZIP entry is read by its offset, so that no process but one parses the directory."""

    name: str
    path: str
    size: int
    offset: int = -1
    compressed: int = 0
    method: int = STORED
    crc: int = 0
    raw: bool = False  # a ZIP entry as it lies in the archive: encrypted, damaged or packed in an unknown way

    def __reduce__(self) -> tuple[type[Member], tuple[Any, ...]]:
        return Member, _FIELDS_OF_MEMBER(self)

    @property
    def in_archive(self) -> bool:
        return self.offset >= 0

    def read(self) -> bytes:
        """All bytes. Raises DamagedMember and OSError; call it only where `size` is within bounds."""
        if not self.in_archive:
            return Path(self.path).read_bytes()
        if self.raw:
            return os.pread(_descriptor(self.path), self.compressed, self._start())
        raw = self._packed()
        if len(raw) < self.compressed:
            raise DamagedMember("The archive ends within the entry.")
        if self.method == DEFLATED:
            raw = self._inflate(raw)
        if len(raw) != self.size or zlib.crc32(raw) != self.crc:
            raise DamagedMember("The entry's bytes do not match the archive's checksum.")
        return raw

    def as_it_lies(self) -> Member:
        """The same entry as its packed bytes, for what cannot be unpacked; a plain file is what it is."""
        return replace(self, raw=True) if self.in_archive else self

    def stream(self) -> AbstractContextManager[IO[bytes]]:
        """All bytes, in flat memory; for what is too large for `read`. Reading raises zipfile.BadZipFile, zlib.error,
        EOFError and OSError where the entry is damaged."""
        if not self.in_archive:
            return Path(self.path).open("rb")
        if self.raw:
            return io.BufferedReader(_Window(self.path, self._start(), self.compressed))
        archive = zipfile.ZipFile(self.path)
        entry = next(e for e in archive.infolist() if e.header_offset == self.offset)
        return archive.open(entry)

    def _packed(self) -> bytes:
        """The entry's packed bytes: mostly in one read with the header, whose length only the header says."""
        file, beyond = _descriptor(self.path), len(self.name) + _MARGIN
        near = os.pread(file, _LOCAL_HEADER + beyond + self.compressed, self.offset)
        start = self._start(near) - self.offset
        end = start + self.compressed
        return near[start:end] if end <= len(near) else os.pread(file, self.compressed, self.offset + start)

    def _start(self, near: bytes | None = None) -> int:
        """Where the entry's bytes begin. Raises DamagedMember, but for a raw entry, which then begins at its header.

        `near`: what was read at the entry's offset already."""
        header = near or os.pread(_descriptor(self.path), _LOCAL_HEADER, self.offset)
        if len(header) < _LOCAL_HEADER or header[:4] != b"PK\x03\x04":
            if self.raw:
                return self.offset
            raise DamagedMember("The entry's local header is damaged.")
        start = self.offset + _LOCAL_HEADER + int.from_bytes(header[26:28], "little")
        return start + int.from_bytes(header[28:30], "little")

    def _inflate(self, raw: bytes) -> bytes:
        stream = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            # Never more than the directory promised and one byte: a bomb that lies about its size stops here.
            return stream.decompress(raw, self.size + 1)
        except zlib.error as error:
            raise DamagedMember(f"The entry cannot be decompressed: {error}.") from error


# What pickling asks for. A frozen class with slots would be taken apart and put together field by field, in Python.
_FIELDS_OF_MEMBER = attrgetter(*(one.name for one in fields(Member)))


class _Window(io.RawIOBase):
    """A stretch of a file, read from its start to its end."""

    def __init__(self, path: str, start: int, length: int) -> None:
        super().__init__()
        self._path, self._at, self._end = path, start, start + length

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        held = os.pread(_descriptor(self._path), min(len(buffer), self._end - self._at), self._at)
        buffer[: len(held)] = held
        self._at += len(held)
        return len(held)


_open: dict[str, int] = {}


def _descriptor(path: str) -> int:
    """One descriptor a process for each archive, a few at most."""
    held = _open.get(path)
    if held is None:
        while len(_open) >= 4:
            os.close(_open.pop(next(iter(_open))))
        held = _open[path] = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    return held


@dataclass(frozen=True, slots=True)
class Package:
    """`entity` and `number` as the folder names say (perhaps empty). `refused`: why it must not be read."""

    entity: str
    number: str
    members: tuple[Member, ...]
    refused: tuple[str, str] | None = None
    row: str = ""  # one row of a table, as JSON of its cells
    wire: bool = False  # it came over the platforms' wire, and its last document is ours (`domain.received`)

    def __reduce__(self) -> tuple[type[Package], tuple[Any, ...]]:
        return Package, _FIELDS_OF_PACKAGE(self)


_FIELDS_OF_PACKAGE = attrgetter(*(one.name for one in fields(Package)))
