"""A package: the documents of one report, and where their bytes lie. Pure, and picklable into another process."""

from __future__ import annotations

import os
import zipfile
import zlib
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

MOST_DOCUMENT_BYTES = 16 * 1024 * 1024
"""A larger document is kept sealed and unread; the largest seen in use stay below 1 MB."""

_LOCAL_HEADER = 30
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

    @property
    def in_archive(self) -> bool:
        return self.offset >= 0

    def read(self) -> bytes:
        """All bytes. Raises DamagedMember and OSError; call it only where `size` is within bounds."""
        if not self.in_archive:
            return Path(self.path).read_bytes()
        descriptor = _descriptor(self.path)
        header = os.pread(descriptor, _LOCAL_HEADER, self.offset)
        if len(header) < _LOCAL_HEADER or header[:4] != b"PK\x03\x04":
            raise DamagedMember("The entry's local header is damaged.")
        start = self.offset + _LOCAL_HEADER + int.from_bytes(header[26:28], "little")
        start += int.from_bytes(header[28:30], "little")
        raw = os.pread(descriptor, self.compressed, start)
        if len(raw) < self.compressed:
            raise DamagedMember("The archive ends within the entry.")
        if self.method == DEFLATED:
            raw = self._inflate(raw)
        if len(raw) != self.size or zlib.crc32(raw) != self.crc:
            raise DamagedMember("The entry's bytes do not match the archive's checksum.")
        return raw

    def stream(self) -> AbstractContextManager[IO[bytes]]:
        """All bytes, in flat memory; for what is too large for `read`."""
        if not self.in_archive:
            return Path(self.path).open("rb")
        archive = zipfile.ZipFile(self.path)
        entry = next(e for e in archive.infolist() if e.header_offset == self.offset)
        return archive.open(entry)

    def _inflate(self, raw: bytes) -> bytes:
        stream = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            # Never more than the directory promised and one byte: a bomb that lies about its size stops here.
            return stream.decompress(raw, self.size + 1)
        except zlib.error as error:
            raise DamagedMember(f"The entry cannot be decompressed: {error}.") from error


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
