"""Finding packages in files, folders and ZIP archives, one after another, in flat memory and a fixed order.

ENTITY/NUMBER/report.xml with file-*.xml beside it     one report and its files
a flat folder of documents                             one report each; file details join the report that
                                                       their report number names, or the only one there is
one document
"""

from __future__ import annotations

import json
import re
import stat
import zipfile
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path, PurePosixPath

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


class NothingThere(Exception):
    """A path that does not exist or holds nothing to import; the message says what was expected."""


def packages_in(path: Path, *, mapping: ColumnMapping | None = None) -> Iterator[Package]:
    """All packages of one path. Raises NothingThere, and Unreadable for a table whose header does not fit."""
    if path.is_dir():
        yield from _folder(path)
    elif not path.exists():
        raise NothingThere(f"There is no file or folder {path}.")
    elif path.suffix.lower() in {".csv", ".tsv"}:
        yield from _table(path, mapping)
    elif zipfile.is_zipfile(path):
        yield from _archive(path)
    else:
        yield Package("", "", (_file(path, path.name),), _refusal_of_size(path.stat().st_size))


def count_hint(path: Path) -> int | None:
    """About how many packages a path holds, for a progress bar; None where counting would cost a full pass."""
    if path.is_file() and zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return sum(n.endswith("report.xml") for n in archive.namelist()) or len(archive.namelist())
    return None


def _refusal_of_size(size: int) -> tuple[str, str] | None:
    if size <= MOST_DOCUMENT_BYTES:
        return None
    return (
        "too_large",
        f"The document has {size:,} bytes; documents up to {MOST_DOCUMENT_BYTES:,} are read. It is kept sealed.",
    )


def _file(path: Path, name: str) -> Member:
    return Member(name=name, path=str(path), size=path.stat().st_size)


def _folder(root: Path) -> Iterator[Package]:
    """Symbolic links are not followed: a folder's links could point anywhere on this machine."""
    for folder, folders, names in root.walk() if hasattr(root, "walk") else _walk(root):
        folders.sort()
        members = []
        for name in sorted(names):
            path = folder / name
            if stat.S_ISREG(path.lstat().st_mode):
                if zipfile.is_zipfile(path):
                    yield from _archive(path)
                elif not name.startswith("."):
                    members.append(_file(path, str(path.relative_to(root))))
        yield from _group(
            members, PurePosixPath(folder.name), PurePosixPath(folder.parent.name), folder == root
        )


def _walk(root: Path) -> Iterator[tuple[Path, list[str], list[str]]]:
    import os

    for folder, folders, names in os.walk(root):  # Path.walk came with Python 3.12
        yield Path(folder), folders, names


def _archive(path: Path) -> Iterator[Package]:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
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
    for parent, inside in groupby(entries, key=lambda entry: entry.filename.rpartition("/")[0]):
        members: list[Member] = []
        for entry in inside:
            member, refused = _entry(path, entry)
            if refused is not None and refused[0] == "bomb":
                # Its bytes are kept as they came: compressed, inside the archive.
                yield Package("", "", (whole, member), refused)
            elif refused is not None:
                yield Package("", "", (member,), refused)
            elif not PurePosixPath(entry.filename).name.startswith("."):
                members.append(member)
        folder = PurePosixPath(parent)
        yield from _group(
            members, PurePosixPath(folder.name), PurePosixPath(folder.parent.name), parent == ""
        )


def _sort_key(name: str) -> tuple[str, str]:
    parent, _, last = name.rpartition("/")
    return parent, last


def _entry(path: Path, entry: zipfile.ZipInfo) -> tuple[Member, tuple[str, str] | None]:
    member = Member(
        name=entry.filename,
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
    name = PurePosixPath(entry.filename.replace("\\", "/"))
    if name.is_absolute() or ".." in name.parts or ":" in entry.filename[:3]:
        return member, ("path", "The entry's name leads out of the archive.")
    return member, _refusal_of_size(entry.file_size)


def _group(
    members: list[Member], here: PurePosixPath, above: PurePosixPath, at_root: bool
) -> Iterator[Package]:
    """Documents of one folder as packages."""
    for member in members:
        refusal = _refusal_of_size(member.size)
        if refusal:
            yield Package("", "", (member,), refusal)
    members = [member for member in members if member.size <= MOST_DOCUMENT_BYTES]
    for member in members:
        if not _DOCUMENT.search(member.name):
            yield Package(
                "", "", (member,), ("unknown_format", "Only .xml and .json documents are read here.")
            )
    members = [member for member in members if _DOCUMENT.search(member.name)]
    report = next((m for m in members if m.name.rpartition("/")[2].lower() == "report.xml"), None)
    if report is not None:
        files = tuple(m for m in members if m.name.rpartition("/")[2].lower().startswith("file-"))
        entity, number = ("", "") if at_root else (above.name, here.name)
        yield Package(entity, number, (report, *files))
        members = [m for m in members if m is not report and m not in files]
        yield from (Package("", "", (m,)) for m in members)
    elif members:
        yield from _flat(members)


def _flat(members: list[Member]) -> Iterator[Package]:
    """A folder without `report.xml`: file details look for their report by number."""
    heads = {member.name: _peek(member) for member in members}
    files = [m for m in members if _FILE_DETAILS.search(heads[m.name])]
    reports = [m for m in members if m not in files] if files else members
    joined: dict[str, list[Member]] = {}
    orphans = []
    for file in files:
        found = _REPORT_NUMBER.search(heads[file.name])
        number = found.group(1).decode() if found else ""
        owner = next((r for r in reports if number and number in _numbers(r.name)), None)
        if owner is None and len(reports) == 1:
            owner = reports[0]
        if owner is None:
            orphans.append(file)
        else:
            joined.setdefault(owner.name, []).append(file)
    for report in reports:
        yield Package("", "", (report, *joined.get(report.name, ())))
    for file in orphans:
        yield Package("", "", (file,))


def _numbers(name: str) -> list[str]:
    return re.findall(r"\d+", name.rpartition("/")[2])


def _peek(member: Member) -> bytes:
    try:
        return member.read()[:_PEEK]
    except (DamagedMember, OSError):
        return b""  # reading it again will say what is wrong, and keep it


def _table(path: Path, mapping: ColumnMapping | None) -> Iterator[Package]:
    member = _file(path, path.name)
    if mapping is None:
        yield Package("", "", (member,), ("mapping", "A table needs a mapping file: --mapping FILE.toml."))
        return
    try:
        with path.open(encoding=mapping.encoding, newline="") as file:
            for number, (cells, _) in enumerate(read_rows(file, mapping), start=2):
                name = f"{path.name}#{number}"
                row = json.dumps(cells, ensure_ascii=False)
                yield Package("", "", (Member(name=name, path=str(path), size=len(row)),), row=row)
    except Unreadable as refusal:
        yield Package("", "", (member,), (refusal.code, refusal.detail))
    except (UnicodeError, LookupError) as error:
        yield Package("", "", (member,), ("malformed", f"The table is not {mapping.encoding} text: {error}."))


def all_packages(paths: Iterable[Path], *, mapping: ColumnMapping | None = None) -> Iterator[Package]:
    for path in paths:
        yield from packages_in(path, mapping=mapping)
