"""Hash lists as their sources write them: nothing valid is lost, nothing invalid ends the reading."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable
from hashlib import md5, sha1, sha256
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from amaan.formats.hash_lists import SIZES, Invalid, ListEntry, UnknownHeader, headers, read, sniff

A, B = b"one", b"two"
MD5, SHA1, SHA256 = md5(A).hexdigest(), sha1(A).hexdigest(), sha256(A).hexdigest()
PDQ = sha256(b"a picture").hexdigest()

ICSE = (
    "MD5;SHA1;ZZ40;PhotoDNA;Lace;Image ID;Is distributed;Victim identified;Offender identified;Series name;"
    "Investigation name;Agency;Number of submissions;File Available;Media Type;Baseline"
)


def taken(document: bytes | str, name: str = "", bare: str = "") -> list[ListEntry]:
    return [one for one in everything(document, name, bare) if isinstance(one, ListEntry)]


def refused(document: bytes | str, name: str = "") -> list[tuple[int, str]]:
    return [(one.line, one.code) for one in everything(document, name) if isinstance(one, Invalid)]


def everything(document: bytes | str, name: str = "", bare: str = "") -> list[ListEntry | Invalid]:
    raw = document.encode() if isinstance(document, str) else document
    return list(read(BytesIO(raw), name, bare=bare))


def hexes(entry: ListEntry) -> dict[str, str]:
    return {kind: value.hex() for kind, value in entry.signals.items()}


def test_plain_text_with_types_without_and_with_file_names() -> None:
    document = (
        f"# ours\npdq {PDQ}\nSHA-256: {SHA256.upper()}\n\n{MD5}  holiday.jpg\n{SHA1}\nvideomd5\t{MD5}\n"
    )
    assert [hexes(entry) for entry in taken(document)] == [
        {"pdq": PDQ},
        {"sha256": SHA256},
        {"md5": MD5},
        {"sha1": SHA1},
        {"md5": MD5},
    ]
    assert refused(document) == []
    assert [entry.line for entry in taken(document)] == [2, 3, 5, 6, 7]


def test_sixty_four_bare_digits_are_not_guessed() -> None:
    """A SHA-256 that is taken for PDQ would match nothing, and nobody would see why."""
    assert refused(f"{PDQ}\n") == [(1, "sha256_or_pdq")]
    assert hexes(taken(f"{PDQ}\n", bare="pdq")[0]) == {"pdq": PDQ}
    assert hexes(taken(f"{PDQ}\n", "partner-PDQ.txt")[0]) == {"pdq": PDQ}
    assert hexes(taken(f"{PDQ}\n", "sums.sha256")[0]) == {"sha256": PDQ}
    assert refused(f"hash\n{PDQ}\n") == [(2, "sha256_or_pdq")]
    assert hexes(taken(f"type;hash\nImagePDQ;{PDQ}\n")[0]) == {"pdq": PDQ}


def test_icse_with_semicolons_and_mixed_yes_and_no() -> None:
    """Real exports mix Y, Yes, True and true (IPED #1136). Names of series and agencies are not kept."""
    rows = [
        f"{MD5.upper()};{SHA1};;{'ab' * 144};;501;Y;True;no;A Name;B;C;3;Y;Image;Yes",
        f"{md5(B).hexdigest()};;;;;502;N;false;True;;B;C;1;N;Video;False",
    ]
    first, second = taken("\r\n".join([ICSE, *rows]))
    assert hexes(first) == {"md5": MD5, "sha1": SHA1}
    assert (first.name, first.category, first.tags) == (
        "501",
        "baseline",
        ("victim-identified", "distributed"),
    )
    assert (second.category, second.tags) == ("not baseline", ("offender-identified",))
    assert "Name" not in repr((first, second))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_tables_in_every_usual_clothing(encoding: str, delimiter: str, end: str) -> None:
    header = ["Image ID", "MD5 hash", "Sha-1", "SHA_256", "PDQ", "Category", "Keywords", "Quality", "note"]
    row = ["7", MD5, SHA1.upper(), SHA256, PDQ, "Kategorie ä", "beach; car", "88", "…"]
    out = StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows([header, row])
    (entry,) = taken(out.getvalue().encode(encoding))
    assert hexes(entry) == {"md5": MD5, "sha1": SHA1, "sha256": SHA256, "pdq": PDQ}
    assert entry[:2] == (2, "7")
    assert entry[3:] == (88, "Kategorie ä", ("beach", "car"), False)


def test_excels_own_first_line_and_a_status_column() -> None:
    document = f"sep=;\nid;md5;status\n1;{MD5};active\n2;;Withdrawn\n3;{md5(B).hexdigest()};deleted\n"
    assert [(one.name, one.withdrawn) for one in taken(document)] == [("1", False), ("2", True), ("3", True)]


def test_an_unknown_header_says_what_it_saw_and_what_it_wants() -> None:
    """IPED #1927: «must contain at least one hash column», and no word of what was there."""
    with pytest.raises(UnknownHeader) as raised:
        everything("Name;Datei;Prüfsumme X\na;b;c\n")
    said = str(raised.value)
    assert raised.value.saw == ("Name", "Datei", "Prüfsumme X")
    for word in ("«Name»", "«Datei»", "«Prüfsumme X»", "md5", "sha1", "sha256", "pdq", "hash"):
        assert word in said


def test_two_columns_of_one_kind_are_not_chosen_between() -> None:
    with pytest.raises(UnknownHeader, match="md5"):
        everything(f"md5,MD5 hash\n{MD5},{MD5}\n")


def test_the_reference_names_every_column_and_code() -> None:
    root = Path(__file__).resolve().parents[3]
    page = (root / "docs/reference/hash-lists.md").read_text("utf-8")
    said = set(re.findall(r"`([a-z0-9_]+)`", page))
    assert set(headers._COLUMNS) <= said
    source = "".join(
        path.read_text("utf-8") for path in sorted((root / "src/amaan/formats/hash_lists").glob("*.py"))
    )
    codes = set(
        re.findall(r'(?:Invalid\([a-z +]+|Unreadable\(|super\(\).__init__\(\s*)(?:, )?"([a-z_0-9]+)"', source)
    )
    assert {"not_a_list", "open_quote", "header", "json"} <= codes
    assert codes | {"not_hex", "length", "blank", "type", "sha256_or_pdq", "quality"} <= said


def test_what_a_table_is_can_be_asked_before_it_is_read() -> None:
    found = sniff(f"{ICSE}\n".encode())
    assert (found.format, found.delimiter) == ("csv", ";")
    assert found.columns is not None
    assert found.columns.understood[:2] == ("MD5", "SHA1")
    assert "Series name" in found.columns.ignored


def test_one_wrong_cell_does_not_cost_the_right_ones() -> None:
    document = (
        f"id,md5,sha1\n1,{MD5[:-1]},{SHA1}\n2,{MD5},zz\n3,NULL,{SHA1}\n4,,\n5,{MD5},{SHA1},more\n6,{MD5}\n"
    )
    assert [(one.name, sorted(one.signals)) for one in taken(document)] == [
        ("1", ["sha1"]),
        ("2", ["md5"]),
        ("3", ["sha1"]),
        ("6", ["md5"]),
    ]
    assert refused(document) == [(2, "length"), (3, "length"), (5, "no_signal"), (6, "cells")]


def test_values_of_nothing_are_refused() -> None:
    """The hash of an empty file or an empty picture would match every other one."""
    nothing = [md5(b"").hexdigest(), sha1(b"").hexdigest(), "0" * 32, "f" * 40]
    assert refused("\n".join(nothing)) == [(n, "blank") for n in (1, 2, 3, 4)]
    assert refused(f"pdq {'0' * 64}\nsha256 {sha256(b'').hexdigest()}") == [(1, "blank"), (2, "blank")]


def test_a_quote_that_nobody_closes_costs_one_line() -> None:
    lines = [f'{n},"{md5(bytes([n])).hexdigest()}",x' for n in range(90)]
    lines[40] = f'40,"{MD5},x'
    document = "id,md5,tags\n" + "\n".join(lines)
    assert [int(one.name) for one in taken(document)] == [n for n in range(90) if n != 40]
    assert refused(document) == [(42, "open_quote")]


def test_a_quoted_cell_may_go_over_lines() -> None:
    document = f'id,tags,md5\n1,"a\nb ""c""\r\nd",{MD5}\n2,,{md5(B).hexdigest()}\n'
    first, second = taken(document)
    assert first.tags == ("a", "b", '"c"', "d")
    assert (first.line, second.line) == (2, 5)


def vics(media: Iterable[object], **around: object) -> str:
    context = "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/US/$metadata#Media"
    return json.dumps({"@odata.context": context, "value": list(media), **around})


def test_vics_lists_and_cases() -> None:
    medium = {
        "MediaID": 1,
        "Category": 2,
        "MD5": MD5.upper(),
        "SHA1": "",
        "MediaSize": "1",
        "VictimIdentified": "True",
        "IsDistributed": True,
        "OffenderIdentified": None,
        "Series": "A Name",
        "Comments": '}]{[ \\" a Name',
        "MediaFiles": [{"MD5": md5(B).hexdigest(), "FileName": "x]}.jpg"}],
        "AlternativeHashes": [
            {"HashName": "SHA-256", "HashValue": SHA256},
            {"HashName": "tth", "HashValue": "x"},
        ],
    }
    (entry,) = taken(vics([medium]))
    assert hexes(entry) == {"md5": MD5, "sha256": SHA256}
    assert (entry.category, entry.tags) == ("2", ("victim-identified", "distributed", "series"))
    assert "A Name" not in repr(entry)
    case = {
        "CaseID": "{1}",
        "CaseNumber": "T",
        "Media": [medium, {"MediaID": 2, "MD5": "x"}],
        "After": {"a": [1]},
    }
    for document in (vics([case]), vics([case]).encode("utf-16"), json.dumps([medium, {"MD5": "x"}])):
        assert [hexes(one)["md5"] for one in taken(document)] == [MD5]
        assert refused(document) == [(2, "length")]
    assert taken(f'{{"md5": "{MD5}"}}\n{{"md5": "{md5(B).hexdigest()}", "tags": ["car"]}}')[1].tags == (
        "car",
    )
    older = {
        "odata.metadata": "http://github.com/ICMEC/ProjectVic/DataModels/1.3.xml#Media",
        "value": [medium],
    }
    assert len(taken(json.dumps(older))) == 1
    assert taken(vics([])) == []


def page(inside: str, attributes: str = "") -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<queryResult xmlns="https://hashsharing.ncmec.org/hashsharing/v2">'
        f"<images {attributes}>{inside}</images></queryResult>"
    )


def test_a_saved_page_of_hash_sharing() -> None:
    inside = (
        '<image><member id="42">Example</member><timestamp>2026-01-01T00:00:00Z</timestamp><id>image1</id>'
        f"<classification>A1</classification><fingerprints><md5>{MD5}</md5><pdna>AA</pdna><pdq>{PDQ}</pdq>"
        '</fingerprints></image><deletedImage><member id="42">Example</member><id>image2</id>'
        "<timestamp>2026-01-01T00:00:00Z</timestamp></deletedImage>"
        '<image><member id="42">E</member><id>image3</id><fingerprints><pdna>AA</pdna></fingerprints></image>'
        "<image><id>4</id></image>"
    )
    first, gone = taken(page(inside))
    assert (first.name, first.category, first.tags) == ("image:42-image1", "A1", ("member-42",))
    assert hexes(first) == {"md5": MD5, "pdq": PDQ}
    assert (gone.name, gone.signals, gone.withdrawn) == ("image:42-image2", {}, True)
    assert refused(page(inside)) == [(3, "no_signal"), (4, "no_id")]


KINDS = sorted(SIZES)
values = st.fixed_dictionaries(
    {}, optional={kind: st.binary(min_size=SIZES[kind], max_size=SIZES[kind]) for kind in KINDS}
).filter(lambda signals: signals and not any(len(set(value)) == 1 for value in signals.values()))
names = st.text(st.characters(categories=["L", "N"]), max_size=20)
words = st.text(st.sampled_from("abcä\"';,\t|\n xyz"), max_size=12)


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(st.tuples(names, values, words, words), max_size=30),
    delimiter=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_every_row_that_is_written_is_read(
    rows: list[tuple[str, dict[str, bytes], str, str]], delimiter: str, encoding: str, quoting: int, end: str
) -> None:
    out = StringIO()
    writer = csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator=end)  # type: ignore[arg-type]
    writer.writerow(["id", *KINDS, "category", "comment"])
    for name, signals, category, comment in rows:
        writer.writerow(
            [name, *(signals[kind].hex() if kind in signals else "" for kind in KINDS), category, comment]
        )
    found = everything(out.getvalue().encode(encoding))
    assert all(isinstance(one, ListEntry) for one in found)
    assert [(one.name, one.signals) for one in found if isinstance(one, ListEntry)] == [
        (name, signals) for name, signals, *_ in rows
    ]


@settings(max_examples=40, deadline=None)
@given(
    good=st.lists(st.binary(min_size=32, max_size=32).filter(lambda v: len(set(v)) > 1), max_size=20),
    bad=st.lists(st.text(st.characters(exclude_characters="\n\r", codec="utf-8"), max_size=90), max_size=20),
    random=st.randoms(use_true_random=False),
)
@example(good=[bytes(range(32))], bad=['"', "\x00", "pdq", "# no", "pdq zz"], random=None)
def test_nothing_valid_is_lost_among_what_is_not(good: list[bytes], bad: list[str], random: object) -> None:
    """And every line that says something is an entry or an Invalid: they are counted."""
    lines = [f"pdq {value.hex()}" for value in good] + bad
    if random is not None:
        random.shuffle(lines)  # type: ignore[attr-defined]
    found = everything("pdq " + "ab" * 31 + "cd\n" + "\n".join(lines))
    entries = [one.signals.get("pdq") for one in found if isinstance(one, ListEntry)]
    assert all(value in entries for value in good)
    said = [line for line in lines if line.strip() and not line.strip().startswith("#")]
    assert len(found) == 1 + len(said)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(values, st.booleans()), max_size=12))
def test_vics_lists_are_read_whole(media: list[tuple[dict[str, bytes], bool]]) -> None:
    items = [
        {
            "MediaID": n,
            **{kind.upper(): value.hex() for kind, value in signals.items()},
            "IsDistributed": flag,
        }
        for n, (signals, flag) in enumerate(media)
    ]
    expected = [(signals, ("distributed",) if flag else ()) for signals, flag in media]
    for document in (vics(items), vics([{"CaseID": "1", "Media": items}])):
        assert [(one.signals, one.tags) for one in taken(document)] == expected
