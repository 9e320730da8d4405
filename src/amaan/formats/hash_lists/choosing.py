"""Which format a list has, by its first bytes; and the reader for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final, Literal

from amaan.formats.hash_lists.entries import TYPE_WORDS, Invalid, ListEntry, plain_word
from amaan.formats.hash_lists.headers import Columns, columns_of
from amaan.formats.hash_lists.json_list import read_json
from amaan.formats.hash_lists.lines import encoding_of, line_blocks
from amaan.formats.hash_lists.ncmec_xml import read_xml
from amaan.formats.hash_lists.plain import LINE, read_plain
from amaan.formats.hash_lists.tables import Blocks, header_of, read_table, rows
from amaan.formats.reading import Unreadable

Format = Literal["plain", "csv", "vics", "ncmec"]
HEAD: Final = 64 * 1024
"""Bytes by which a format is known."""
_CONTAINERS: Final = {
    b"PK\x03\x04": "a ZIP archive or an Excel workbook",
    b"\x1f\x8b": "packed by gzip",
    b"7z\xbc\xaf": "a 7z archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook or an encrypted Office file",
    b"%PDF": "a PDF",
    b"SQLite format 3": "a SQLite database",
}
_SAID: Final = re.compile(r"(?<![a-z0-9])(pdq|sha-?256)(?![a-z0-9])")


@dataclass(frozen=True)
class Found:
    """What a list is: its format and, of a table, the delimiter and which columns are used and which are not."""

    format: Format
    encoding: str
    bare: str = ""  # what 64 bare digits are, where the list's name or the caller says it
    delimiter: str = ""
    skip: int = 0  # lines up to and with the header
    columns: Columns | None = None


def sniff(head: bytes, filename: str = "", *, bare: str = "") -> Found:
    """What the list is whose first bytes (up to `HEAD`) these are. The same bytes and name give the same answer.

    `bare` (`pdq` or `sha256`) says what a hash of 64 digits is where nothing beside it says so; without it, the
    file's name may (`hashes-pdq.txt`). Raises UnknownHeader, and Unreadable `empty`, `container`.
    """
    for magic, what in _CONTAINERS.items():
        if head.startswith(magic):
            raise Unreadable(
                "container", f"This is {what}. Unpack or export it as text, CSV, JSON or XML first."
            )
    encoding = encoding_of(head)
    text = head[:HEAD].decode(encoding, "replace").lstrip("\ufeff")
    start = text.lstrip()
    if not start:
        raise Unreadable("empty", "The file holds nothing.")
    if start[0] == "<":
        return Found("ncmec", encoding)
    if start[0] in "{[":
        return Found("vics", encoding)
    said = _SAID.search(filename.casefold())
    bare = bare or (said[1].replace("-", "") if said else "")
    lines = [line.replace("\r", " ").rstrip() for line in text.split("\n" if "\n" in text else "\r")]
    skip = next(number for number, line in enumerate(lines) if line.strip())
    first = lines[skip]
    if _is_plain(lines):
        return Found("plain", encoding, bare)
    if first.strip().casefold().startswith("sep=") and len(first.strip()) <= 5 and len(lines) > skip + 1:
        skip += 1  # Excel's own line
        first = lines[skip]
    delimiter, names = header_of(first)
    return Found("csv", encoding, bare, delimiter, skip + 1, columns_of(names))


def _is_plain(lines: list[str]) -> bool:
    """Whether the first line that says anything is a hash, alone or behind its type."""
    for line in lines:
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = LINE.match(line)
        if found is None:
            return False
        return not found["word"] or plain_word(found["word"]) in TYPE_WORDS
    return True


def read(file: BinaryIO, filename: str = "", *, bare: str = "") -> Iterator[ListEntry | Invalid]:
    """Everything in a list, one after the other, whatever its length; `filename` and `bare` as for `sniff`.

    Nothing in a line ends the reading. Raises UnknownHeader at once, and Unreadable, also after entries were given:
    `empty`, `container`, `malformed`, `dtd`, `not_a_list`, `too_deep`, `broken_off`. What was given before it is
    sound in itself, but nobody knows what is missing.
    """
    head = _head(file)
    found = sniff(head, filename, bare=bare)
    if found.format == "ncmec":
        return read_xml(file, head)
    if found.format == "vics":
        return read_json(file, head)
    if found.format == "plain":
        return read_plain(line_blocks(file, head), found.bare)
    assert found.columns is not None
    blocks = _behind(line_blocks(file, head), found.skip)
    return read_table(rows(blocks, found.delimiter, found.columns.width), found.columns, found.bare)


def _head(file: BinaryIO) -> bytes:
    parts: list[bytes] = []
    while (length := sum(map(len, parts))) < HEAD and (part := file.read(HEAD - length)):
        parts.append(part)
    return b"".join(parts)


def _behind(blocks: Blocks, skip: int) -> Blocks:
    """The blocks without their first `skip` lines."""
    for block in blocks:
        if isinstance(block, Invalid):
            yield block
            continue
        number, lines = block
        gone = min(max(0, skip + 1 - number), len(lines))
        if gone < len(lines):
            yield number + gone, lines[gone:]
