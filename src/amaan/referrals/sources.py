"""Finding packages in files, folders and ZIP archives, one after another, in flat memory and a fixed order.

ENTITY/NUMBER/report.xml with file-*.xml beside it     one report and its files
a flat folder of documents                             one report each; file details join the report that
                                                       their report number names, or the only one there is
one document
"""

from __future__ import annotations

import csv
import json
import os
import re
import stat
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from typing import TextIO

from amaan.formats.reading import Unreadable
from amaan.formats.table import ColumnMapping, read_rows
from amaan.referrals.domain.packages import MOST_DOCUMENT_BYTES, DamagedMember, Member, Package

MOST_ENTRIES = 2_000_000
MOST_RATIO = 200
"""DEFLATE cannot honestly shrink XML much further; what claims more is a bomb or a mistake."""

_DOCUMENT = re.compile(r"\.(xml|json)$", re.IGNORECASE)
_FILE_DETAILS = re.compile(rb"<(?:\w+:)?fileDetails[\s>/]")
_REPORT_NUMBER = re.compile(rb"<reportId>\s*(\d{1,20})\s*</reportId>")
_ENCRYPTED = 0x1
_PEEK = 4096
_LARGE = 8 * 1024 * 1024
_NOWHERE = frozenset({"", "."})


class NothingThere(Exception):
    """A path that does not exist or holds nothing to import; the message says what was expected."""


def packages_in(path: Path, *, mapping: ColumnMapping | None = None) -> Iterator[Package]:
    """All packages of one path. Raises NothingThere."""
    if path.is_dir():
        yield from _folder(path)
    elif not path.is_file():
        raise NothingThere(f"There is no file or folder {_clean(str(path))}.")
    elif path.suffix.lower() in {".csv", ".tsv"}:
        yield from _table(path, mapping)
    elif _is_archive(path):
        yield from _archive(path)
    else:
        yield Package("", "", (_file(path, path.name),), _refusal_of_size(path.stat().st_size))


def is_large(path: Path) -> bool:
    """Whether reading a path will pay for reading processes, before anything in it was looked at."""
    return path.is_file() and path.stat().st_size > _LARGE


def count_hint(path: Path) -> int | None:
    """About how many packages a path holds, for a progress bar; None where counting would cost a full pass."""
    if path.is_file() and zipfile.is_zipfile(path):
        with suppress(zipfile.BadZipFile, NotImplementedError), zipfile.ZipFile(path) as archive:
            return sum(n.endswith("report.xml") for n in archive.namelist()) or len(archive.namelist())
    return None


def _is_archive(path: Path) -> bool:
    """By its first bytes, so that a truncated archive is one too, and a document with an archive behind it none."""
    try:
        with path.open("rb") as file:
            head = file.read(4)
    except OSError:
        return False  # reading it again will say what is wrong
    # What is called a ZIP and cannot be opened may be a whole lost batch: it is said to be damaged, not strange.
    return head in {b"PK\x03\x04", b"PK\x05\x06"} or path.suffix.lower() == ".zip"


def _clean(name: str) -> str:
    """A file name as text: bytes that are no characters are spelled out, so that it can be sealed and shown."""
    return name.encode("utf-8", "backslashreplace").decode()


def _refusal_of_size(size: int) -> tuple[str, str] | None:
    if size <= MOST_DOCUMENT_BYTES:
        return None
    return (
        "too_large",
        f"The document has {size:,} bytes; documents up to {MOST_DOCUMENT_BYTES:,} are read. It is kept sealed.",
    )


def _file(path: Path, name: str) -> Member:
    return Member(name=_clean(name), path=str(path), size=path.stat().st_size)


def _folder(root: Path) -> Iterator[Package]:
    """Symbolic links are not followed: a folder's links could point anywhere on this machine."""
    closed: list[str] = []
    for place, folders, names in os.walk(root, onerror=lambda error: closed.append(str(error.filename))):
        folder = Path(place)
        folders.sort()
        members = []
        for name in sorted(names):
            path = folder / name
            if name.startswith("."):
                continue
            try:
                regular = stat.S_ISREG(path.lstat().st_mode)
                member = _file(path, str(path.relative_to(root))) if regular else None
            except OSError:  # it went away, or this user may not enter the folder: said by whoever reads it
                yield Package("", "", (Member(_clean(name), str(path), 0),))
                continue
            if member is not None and _is_archive(path):
                yield from _archive(path)
            elif member is not None:
                members.append(member)
        yield from _group(members, _clean(folder.name), _clean(folder.parent.name), at_root=folder == root)
    for place in closed:  # a folder that this user may not list is said, not skipped
        yield Package("", "", (Member(_clean(place), place, 0),))


def _archive(path: Path) -> Iterator[Package]:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if entry.file_size or not entry.is_dir()]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        yield Package(
            "", "", (_file(path, path.name),), ("damaged", f"The archive cannot be opened: {error}.")
        )
        return
    if len(entries) > MOST_ENTRIES:
        refusal = (
            "too_many",
            f"The archive holds {len(entries):,} entries; at most {MOST_ENTRIES:,} are read.",
        )
        yield Package("", "", (_file(path, path.name),), refusal)
        return
    entries.sort(key=lambda entry: _sort_key(entry.filename))
    whole = _file(path, path.name)
    if sum(entry.compress_size for entry in entries) > whole.size:
        refusal = (
            "bomb",
            "Entries of the archive overlap, so that it grows without end. It was not expanded.",
        )
        yield Package("", "", (whole,), refusal)
        return
    bombs: list[tuple[Member, tuple[str, str]]] = []
    for parent, inside in groupby(entries, key=lambda entry: entry.filename.rpartition("/")[0]):
        members: list[Member] = []
        for entry in inside:
            member, refused = _entry(path, entry)
            if refused is not None and refused[0] == "bomb":
                bombs.append((member, refused))
            elif refused is not None:
                yield Package("", "", (member,), refused)
            elif not entry.filename.rpartition("/")[2].startswith("."):
                members.append(member)
        above, here = ["", "", *(part for part in parent.split("/") if part not in _NOWHERE)][-2:]
        yield from _group(members, here, above, at_root=parent == "")
    if bombs:  # their bytes are kept as they came: compressed, inside the archive, and once for all of them
        yield Package("", "", (whole, *(member for member, _ in bombs)), bombs[0][1])


def _sort_key(name: str) -> tuple[str, str]:
    parent, _, last = name.rpartition("/")
    return parent, last


def _entry(path: Path, entry: zipfile.ZipInfo) -> tuple[Member, tuple[str, str] | None]:
    member = Member(
        name=_clean(entry.filename),
        path=str(path),
        size=entry.file_size,
        offset=entry.header_offset,
        compressed=entry.compress_size,
        method=entry.compress_type,
        crc=entry.CRC,
    )
    if entry.file_size > 1_000_000 and entry.file_size > MOST_RATIO * max(1, entry.compress_size):
        return member, (
            "bomb",
            f"The entry claims to grow from {entry.compress_size:,} to {entry.file_size:,} bytes. It was not expanded.",
        )
    if entry.flag_bits & _ENCRYPTED:
        return member, (
            "encrypted",
            "The entry is encrypted. Ask the sender for an open archive or the password.",
        )
    if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        return member, (
            "compression",
            "The entry's compression is not supported. Pack the archive with plain ZIP.",
        )
    name = entry.filename.replace("\\", "/")
    if name.startswith("/") or ".." in name.split("/") or ":" in name[:3]:
        return member, ("path", "The entry's name leads out of the archive.")
    return member, _refusal_of_size(max(entry.file_size, entry.compress_size))


def _group(members: list[Member], here: str, above: str, *, at_root: bool) -> Iterator[Package]:
    """Documents of one folder as packages."""
    documents: list[Member] = []
    for member in members:
        if refusal := _refusal_of_size(member.size):
            yield Package("", "", (member,), refusal)
        elif not _DOCUMENT.search(member.name):
            refusal = ("unknown_format", "Only .xml and .json documents are read here.")
            yield Package("", "", (member,), refusal)
        else:
            documents.append(member)
    report: Member | None = None
    files: list[Member] = []
    others: list[Member] = []
    for member in documents:
        name = member.name.rpartition("/")[2].lower()
        if name == "report.xml" and report is None:
            report = member
        elif name.startswith("file-"):
            files.append(member)
        else:
            others.append(member)
    if report is not None:
        entity, number = ("", "") if at_root else (above, here)
        yield Package(entity, number, (report, *files))
        yield from (Package("", "", (member,)) for member in others)
    elif documents:
        yield from _flat(documents)


def _flat(members: list[Member]) -> Iterator[Package]:
    """A folder without `report.xml`: file details look for their report by number."""
    reports: list[Member] = []
    files: list[tuple[Member, str]] = []
    for member in members:
        number = _number_of_details(member)
        if number is None:
            reports.append(member)
        else:
            files.append((member, number))
    owners: dict[str, int] = {}
    for place, report in enumerate(reports) if files else ():
        for number in re.findall(r"\d+", report.name.rpartition("/")[2]):
            owners.setdefault(number, place)
    joined: dict[int, list[Member]] = {}
    for member, number in files:
        owner = 0 if len(reports) == 1 else owners.get(number)
        if owner is None:
            yield Package("", "", (member,))
        else:
            joined.setdefault(owner, []).append(member)
    for place, report in enumerate(reports):
        yield Package("", "", (report, *joined.get(place, ())))


def _number_of_details(member: Member) -> str | None:
    """The report number in a `fileDetails` document, perhaps empty; None for any other document."""
    try:
        head = member.read()[:_PEEK]
    except (DamagedMember, OSError):
        return None  # reading it again will say what is wrong, and keep it
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        head = head.decode("utf-16", "ignore").encode()
    if not _FILE_DETAILS.search(head):
        return None
    found = _REPORT_NUMBER.search(head)
    return found.group(1).decode() if found else ""


def _table(path: Path, mapping: ColumnMapping | None) -> Iterator[Package]:
    member = _file(path, path.name)
    if mapping is None:
        yield Package("", "", (member,), ("mapping", "A table needs a mapping file: --mapping FILE.toml."))
        return
    try:
        with path.open(encoding=mapping.encoding, newline="") as file:
            yield from rows_of(file, path.name, mapping)
    except Unreadable as refusal:
        yield Package("", "", (member,), (refusal.code, refusal.detail))
    except (UnicodeError, LookupError) as error:
        yield Package("", "", (member,), ("malformed", f"The table is not {mapping.encoding} text: {error}."))
    except csv.Error as error:
        yield Package("", "", (member,), ("malformed", f"The table cannot be read further: {error}."))


def rows_of(file: TextIO, name: str, mapping: ColumnMapping) -> Iterator[Package]:
    """A package a row. A row that does not fit its header is refused by itself; the rows after it are read.

    Raises Unreadable for a header that does not fit, csv.Error and UnicodeError.
    """
    for number, row in read_rows(file, mapping):
        member = Member(_clean(f"{name}#{number}"), "", 0)
        text = json.dumps(row, ensure_ascii=False)
        refusal = ("drifted", f"Row {number} has {len(row)} cells, and the header does not.")
        yield Package("", "", (member,), None if isinstance(row, dict) else refusal, row=text)


def all_packages(paths: Iterable[Path], *, mapping: ColumnMapping | None = None) -> Iterator[Package]:
    for path in paths:
        yield from packages_in(path, mapping=mapping)
