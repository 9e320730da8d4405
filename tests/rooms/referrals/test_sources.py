"""Where reports lie: folders, flat folders, ZIPs, one document, tables."""

from __future__ import annotations

import io
import os
import struct
import sys
import tracemalloc
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.rooms.referrals.reading import CONTEXT, file_details, le_report, report

from amaan.formats.table import ColumnMapping, read_mapping
from amaan.referrals.domain.intake import Refused, read_package
from amaan.referrals.domain.packages import MOST_DOCUMENT_BYTES, Package
from amaan.referrals.sources import NothingThere, packages_in
from amaan.reports.domain.preparing import Prepared

Files = dict[str, bytes]
Store = Callable[[Path, Files], Path]


def as_folder(where: Path, files: Files) -> Path:
    for name, raw in files.items():
        path = where / "given" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)
    return where / "given"


def as_zip(where: Path, files: Files, method: int = zipfile.ZIP_DEFLATED) -> Path:
    path = where / "given.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, raw in files.items():
            archive.writestr(name, raw)
    return path


def as_stored_zip(where: Path, files: Files) -> Path:
    return as_zip(where, files, zipfile.ZIP_STORED)


def as_zip_in_folder(where: Path, files: Files) -> Path:
    as_zip(where, files)
    (where / "given").mkdir()
    (where / "given.zip").rename(where / "given" / "one.zip")
    return where / "given"


everywhere = pytest.mark.parametrize("store", [as_folder, as_zip, as_stored_zip, as_zip_in_folder])


def names(packages: list[Package]) -> list[tuple[str, str, tuple[str, ...]]]:
    return sorted((p.entity, p.number, tuple(m.name.rpartition("/")[2] for m in p.members)) for p in packages)


def results(path: Path, mapping: ColumnMapping | None = None) -> list[Prepared | Refused]:
    context = replace(CONTEXT, mapping=mapping)
    return [read_package(p, context) for p in packages_in(path, mapping=mapping)]


def read(path: Path, mapping: ColumnMapping | None = None) -> list[tuple[str, str]]:
    """(entity, number) of what was read, (code, "") of what was refused, in order."""
    return sorted(
        (r.entity, r.number) if isinstance(r, Prepared) else (f"!{r.code}", "")
        for r in results(path, mapping)
    )


@everywhere
def test_a_folder_a_report(tmp_path: Path, store: Store) -> None:
    files = {
        "Acme/70001/report.xml": report(),
        "Acme/70001/file-1.xml": file_details(),
        "Acme/70001/file-2.xml": file_details(),
        "deep/er/Brisk/5/report.xml": report(),
        "Acme/70001/.hidden": b"x",
    }
    path = store(tmp_path, files)
    assert names(list(packages_in(path))) == [
        ("Acme", "70001", ("report.xml", "file-1.xml", "file-2.xml")),
        ("Brisk", "5", ("report.xml",)),
    ]
    assert read(path) == [("Acme", "70001"), ("Brisk", "5")]


@everywhere
def test_a_flat_folder_joins_files_by_number(tmp_path: Path, store: Store) -> None:
    files = {
        "70001.xml": report(),
        "r-70002.xml": report(),
        "details-a.xml": file_details(number="70002"),
        "details-b.xml": file_details(number="70001"),
        "utf16.xml": '<?xml version="1.0" encoding="UTF-16"?>'.encode("utf-16")
        + file_details(number="70001").decode().encode("utf-16-le"),
        "orphan.xml": file_details(number="99999"),
        "le.json": le_report("123"),
    }
    path = store(tmp_path, files)
    found = {m[0]: m for _, _, m in names(list(packages_in(path)))}
    assert found["70001.xml"] == ("70001.xml", "details-b.xml", "utf16.xml")
    assert found["r-70002.xml"] == ("r-70002.xml", "details-a.xml")
    codes = read(path)
    assert ("!no_report", "") in codes, "an orphan is kept and said"
    assert len(codes) == 4
    assert {number for _, number in codes} == {"70001", "70002", "123", ""}


def test_the_only_report_of_a_flat_folder_takes_all_files(tmp_path: Path) -> None:
    path = as_folder(
        tmp_path, {"a.xml": report(), "b.xml": file_details(number="9"), "c.xml": file_details(number="9")}
    )
    assert read(path) == [("unknown", "9")]


def test_one_document(tmp_path: Path) -> None:
    path = tmp_path / "one.xml"
    path.write_bytes(report())
    ((entity, number),) = read(path)
    assert entity == "unknown"
    assert number.startswith("sha256:")


def test_a_folder_named_like_a_person_is_no_report_number(tmp_path: Path) -> None:
    path = as_folder(tmp_path, {"Acme/Quillwen Ostrava/report.xml": report()})
    ((_, number),) = read(path)
    assert number.startswith("sha256:")


@everywhere
def test_what_is_no_document_is_kept_and_said(tmp_path: Path, store: Store) -> None:
    path = store(
        tmp_path, {"Acme/1/report.xml": report(), "Acme/1/notes.docx": b"x", "Acme/1/second.xml": report()}
    )
    assert [code for code, _ in read(path)] == ["!unknown_format", "Acme", "unknown"]


def test_two_entries_of_one_name_are_both_read(tmp_path: Path) -> None:
    path = tmp_path / "twice.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("Acme/1/report.xml", report())
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("Acme/1/report.xml", report(at="2026-01-01T00:00:00Z"))
    assert len(read(path)) == 2


def test_thousands_of_documents_in_flat_memory(tmp_path: Path) -> None:
    path = tmp_path / "many.zip"
    body = "<additionalInfo>" + "word " * 6_000 + "</additionalInfo>"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(800):
            archive.writestr(f"Acme/{number}/report.xml", report(body))
            archive.writestr(f"Acme/{number}/file-1.xml", file_details(number=str(number)))
    tracemalloc.start()
    seen = 0
    for package in packages_in(path):
        assert isinstance(read_package(package, CONTEXT), Prepared)
        seen += len(package.members)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert seen == 1_600
    assert peak < 20_000_000, f"{peak:,} bytes at once; the documents have 24 MB together"


def test_a_flat_folder_of_thousands_is_not_quadratic(tmp_path: Path) -> None:
    import time

    files = {f"{n}.xml": report() for n in range(4_000)}
    files |= {f"d{n}.xml": file_details(number=str(n)) for n in range(4_000)}
    path = as_zip(tmp_path, files)
    began = time.monotonic()
    assert sum(len(p.members) for p in packages_in(path)) == 8_000
    assert time.monotonic() - began < 8


def test_nothing_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(NothingThere):
        list(packages_in(tmp_path / "missing"))


# -- what must not be believed --


def test_links_in_a_folder_are_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "elsewhere.xml"
    secret.write_bytes(report())
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "report.xml").write_bytes(report())
    folder = as_folder(tmp_path, {"real.xml": report()})
    (folder / "link.xml").symlink_to(secret)
    (folder / "folder").symlink_to(tmp_path / "outside")
    assert len(read(folder)) == 1


@pytest.mark.skipif(sys.platform == "darwin", reason="file names are Unicode there")
def test_a_file_name_of_bytes_that_are_no_text(tmp_path: Path) -> None:
    folder = as_folder(tmp_path, {"Acme/1/report.xml": report()})
    (folder / os.fsdecode(b"broken-\xff.txt")).write_bytes(b"x")
    broken = folder / os.fsdecode(b"B\xffx") / "7"
    broken.mkdir(parents=True)
    (broken / "report.xml").write_bytes(report())
    found = results(folder)
    assert sorted(r.number for r in found if isinstance(r, Prepared)) == ["1", "7"]
    for result in found:
        (result.entity + "".join(result.names if isinstance(result, Refused) else [])).encode()


@pytest.mark.parametrize(
    "name", ["../../etc/report.xml", "/etc/report.xml", "a\\..\\..\\report.xml", "C:/x/report.xml"]
)
def test_a_name_that_leads_out_of_the_archive(tmp_path: Path, name: str) -> None:
    (result,) = results(as_zip(tmp_path, {name: report()}))
    assert isinstance(result, Refused)
    assert result.code == "path"
    assert len(result.exhibits) == 1, "its bytes are kept"


def zipped(tmp_path: Path, change: Callable[[bytearray], None], files: Files | None = None) -> Path:
    path = as_zip(tmp_path, files or {"Acme/1/report.xml": report()})
    raw = bytearray(path.read_bytes())
    change(raw)
    path.write_bytes(raw)
    return path


def test_an_encrypted_entry_keeps_its_packed_bytes(tmp_path: Path) -> None:
    def encrypt(raw: bytearray) -> None:
        raw[6] |= 1
        raw[raw.index(b"PK\x01\x02") + 8] |= 1

    (result,) = results(zipped(tmp_path, encrypt))
    assert isinstance(result, Refused)
    assert result.code == "encrypted"
    assert result.exhibits[0].size > 50


def test_an_unknown_compression_keeps_its_packed_bytes(tmp_path: Path) -> None:
    path = as_zip(tmp_path, {"Acme/1/report.xml": report()}, zipfile.ZIP_LZMA)
    (result,) = results(path)
    assert isinstance(result, Refused)
    assert result.code == "compression"
    assert result.exhibits[0].size > 50


def test_a_damaged_entry_does_not_hide_its_neighbours(tmp_path: Path) -> None:
    def spoil(raw: bytearray) -> None:
        at = raw.index(b"PK\x03\x04") + 70
        raw[at : at + 8] = b"\xff" * 8

    found = results(zipped(tmp_path, spoil, {"A/1/report.xml": report(), "A/2/report.xml": report()}))
    codes = sorted(r.code if isinstance(r, Refused) else r.number for r in found)
    assert codes == ["2", "damaged"]
    (refused,) = [r for r in found if isinstance(r, Refused)]
    assert refused.exhibits[0].size > 50


@pytest.mark.parametrize("keep", [0.2, 0.5, 0.9, 0.99])
def test_a_truncated_archive_is_refused_whole(tmp_path: Path, keep: float) -> None:
    path = as_zip(tmp_path, {f"A/{n}/report.xml": report() for n in range(20)})
    raw = path.read_bytes()[: int(path.stat().st_size * keep)]
    path.write_bytes(raw)
    (result,) = results(path)
    assert isinstance(result, Refused)
    assert result.code == "damaged"
    assert result.exhibits[0].size == len(raw)


def test_a_bomb_is_not_expanded(tmp_path: Path) -> None:
    files = {f"A/{n}/report.xml": bytes(12_000_000) for n in range(3)} | {"A/9/report.xml": report()}
    path = as_zip(tmp_path, files)
    tracemalloc.start()
    found = results(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4_000_000
    bombs = [r for r in found if isinstance(r, Refused)]
    assert [b.code for b in bombs] == ["bomb"], "the archive is kept once for all its bombs"
    assert bombs[0].streamed[0].size == path.stat().st_size
    assert [r.number for r in found if isinstance(r, Prepared)] == ["9"]


def test_a_bomb_that_lies_about_its_size_stops_at_what_it_promised(tmp_path: Path) -> None:
    def lie(raw: bytearray) -> None:
        size = struct.pack("<I", 1_000)
        raw[22:26] = size
        at = raw.index(b"PK\x01\x02")
        raw[at + 24 : at + 28] = size

    path = zipped(tmp_path, lie, {"A/1/report.xml": bytes(300_000_000)})
    tracemalloc.start()
    (result,) = results(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(result, Refused)
    assert result.code == "damaged"
    assert peak < 4_000_000
    assert result.exhibits[0].size == pytest.approx(path.stat().st_size, abs=300)


def test_entries_that_overlap_are_a_bomb(tmp_path: Path) -> None:
    path = as_zip(tmp_path, {"A/1/report.xml": report("<victim/>" * 400)})
    with zipfile.ZipFile(path) as archive:
        info = archive.infolist()[0]
    raw = path.read_bytes()
    start = raw.index(b"PK\x01\x02")
    end = raw.index(b"PK\x05\x06")
    entry, tail = raw[start:end], bytearray(raw[end:])
    many = 50
    tail[8:10] = tail[10:12] = struct.pack("<H", many)
    tail[12:16] = struct.pack("<I", many * len(entry))
    path.write_bytes(raw[:start] + entry * many + bytes(tail))
    assert info.compress_size * many > path.stat().st_size
    (result,) = results(path)
    assert isinstance(result, Refused)
    assert result.code == "bomb"


def test_a_document_a_byte_too_large_is_kept_in_flat_memory(tmp_path: Path) -> None:
    path = tmp_path / "large.xml"
    path.write_bytes(b"<report>" + b" " * (MOST_DOCUMENT_BYTES - 7))
    other = tmp_path / "large2.xml"
    other.write_bytes(b"<report>" + b"x" * (MOST_DOCUMENT_BYTES - 7))
    tracemalloc.start()
    (one,) = results(path)
    (two,) = results(other)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(one, Refused)
    assert isinstance(two, Refused)
    assert one.code == "too_large"
    assert one.streamed[0].path == str(path)
    assert one.digest != two.digest, "two large documents of one size are two"
    assert peak < 3_000_000


# -- tables --

MAPPING = read_mapping(
    'entity = "Example Hotline"\ndelimiter = ";"\n[columns]\n"Ref No" = "number"\n"What" = "incident.type"\n'
)


def table(tmp_path: Path, text: str, encoding: str = "utf-8-sig") -> Path:
    path = tmp_path / "list.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_a_table_with_semicolons(tmp_path: Path) -> None:
    path = table(tmp_path, "Ref No;What;Other\n1;csam;x\n\n2;enticement;y\n")
    assert read(path, MAPPING) == [("Example Hotline", "1"), ("Example Hotline", "2")]


def test_a_row_that_does_not_fit_is_refused_by_itself(tmp_path: Path) -> None:
    path = table(tmp_path, "Ref No;What;Other\n1;csam;x\n2;csam\n3;csam;z\n")
    assert read(path, MAPPING) == [("!drifted", ""), ("Example Hotline", "1"), ("Example Hotline", "3")]


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("Ref;What;Other\n1;csam;x\n", "drifted", "no column Ref No"),
        ("", "drifted", "empty"),
        ("Ref No;What\n1;" + "x" * 5_000_000, "malformed", "further"),
    ],
)
def test_a_table_that_does_not_fit_is_refused_whole(tmp_path: Path, text: str, code: str, said: str) -> None:
    (result,) = results(table(tmp_path, text), MAPPING)
    assert isinstance(result, Refused)
    assert result.code == code
    assert said in result.detail
    assert result.exhibits[0].size == (tmp_path / "list.csv").stat().st_size


def test_a_table_in_another_encoding_or_without_a_mapping(tmp_path: Path) -> None:
    path = table(tmp_path, "Ref No;What;é\n1;csam;x\n", "latin-1")
    (result,) = results(path, MAPPING)
    assert isinstance(result, Refused)
    assert result.code == "malformed"
    (result,) = results(path)
    assert isinstance(result, Refused)
    assert result.code == "mapping"


def test_the_header_of_a_table_is_read_as_it_stands() -> None:
    from amaan.formats.table import read_rows

    file = io.StringIO(" Ref No ;What\n1;csam\n")
    assert list(read_rows(file, MAPPING)) == [(2, {"Ref No": "1", "What": "csam"})]


def test_a_file_that_cannot_be_looked_at_is_said_and_the_rest_comes_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that may be listed and not entered, or a file that goes away meanwhile, must not end the import."""
    for name in ("a.xml", "b.xml", "c.xml"):
        (tmp_path / name).write_bytes(b"<report/>")
    real = Path.lstat

    def closed(path: Path) -> object:
        if path.name == "b.xml":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(Path, "lstat", closed)
    found = [package.members[0].name for package in packages_in(tmp_path)]
    assert sorted(found) == ["a.xml", "b.xml", "c.xml"]
