"""Lists made to harm whoever reads them: bounded memory and time, a named refusal, or one line lost."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from hashlib import md5
from io import BytesIO, RawIOBase
from typing import BinaryIO, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amaan.formats.hash_lists import Invalid, ListEntry, Unreadable, read

GOOD = md5(b"good").hexdigest()


class Endless(RawIOBase):
    """Bytes that are made as they are asked for, so that their length costs nothing here."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts, self._rest = parts, b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while len(self._rest) < size and (part := next(self._parts, b"")):
            self._rest += part
        given, self._rest = self._rest[:size], self._rest[size:]
        return given


def endless(*parts: tuple[bytes, int]) -> BinaryIO:
    return cast(BinaryIO, Endless(part for part, times in parts for _ in range(times)))


def found_in(file: BinaryIO) -> tuple[int, set[str], int]:
    """How many entries, which codes, and the most memory that reading took."""
    entries, codes = 0, set()
    tracemalloc.start()
    try:
        for one in read(file):
            if isinstance(one, Invalid):
                codes.add(one.code)
                assert len(one.said) <= 120
            else:
                entries += 1
        return entries, codes, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


MEGABYTE = b"a" * 1_000_000


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ([(b"md5,note\n", 1), (MEGABYTE, 20), (f"\n{GOOD},x\n".encode(), 1)], "too_long"),
        (
            [(b"md5,note\n", 1), (f'{GOOD},"'.encode(), 1), (MEGABYTE, 20), (f"\n{GOOD},x\n".encode(), 1)],
            "too_long",
        ),
        ([(f"{GOOD}\n".encode(), 1), (MEGABYTE, 20), (f"\n{GOOD}\n".encode(), 1)], "too_long"),
        ([(b'{"value":[{"x":"', 1), (MEGABYTE, 20), (f'"}},{{"md5":"{GOOD}"}}]}}'.encode(), 1)], "too_long"),
        (
            [(b'{"value":[{"x":[', 1), (b"1," * 500_000, 20), (f'1]}},{{"md5":"{GOOD}"}}]}}'.encode(), 1)],
            "too_long",
        ),
    ],
    ids=["cell", "quoted", "plain", "json-text", "json-array"],
)
def test_what_has_no_end_costs_itself_and_not_the_memory(parts: list[tuple[bytes, int]], code: str) -> None:
    entries, codes, memory = found_in(endless(*parts))
    assert entries >= 1
    assert code in codes
    assert memory < 12_000_000


@pytest.mark.parametrize("kind", ["table", "json", "xml"])
def test_a_list_is_read_as_it_is_used(kind: str) -> None:
    """Entries come while most of the file is still unread, and the reader never runs far ahead."""
    head, row, tail = {
        "table": (b"md5,tags\n", b"%032x,tag\n", b""),
        "json": (b'{"value":[', b'{"MediaID":1,"MD5":"%032x"},', b"{}]}"),
        "xml": (
            b"<queryResult><images>",
            b'<image><member id="1"/><id>1</id><fingerprints><md5>%032x</md5></fingerprints></image>',
            b"</images></queryResult>",
        ),
    }[kind]
    rows, block = 12_000, 500
    blocks = [b"".join(row % (n + 1) for n in range(start, start + block)) for start in range(0, rows, block)]
    handed = 0

    def parts() -> Iterator[bytes]:
        nonlocal handed
        yield head
        for part in blocks:
            handed += block
            yield part
        yield tail

    given = 0
    for one in read(cast(BinaryIO, Endless(parts()))):
        given += isinstance(one, ListEntry)
        assert handed - given < 9_000
    assert given == rows


def test_quotes_on_every_line_stay_cheap() -> None:
    """Each line opens a quote that no line closes: looked at a bounded number of times each."""
    lines = b'"' + b"x" * 500 + b"\n"
    entries, codes, _ = found_in(endless((b"md5,a\n", 1), (lines, 2000), (f"{GOOD},1\n".encode(), 1)))
    assert (entries, codes) == (1, {"open_quote"})


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (b"", "empty"),
        (b" \n\t\n", "empty"),
        (b"PK\x03\x04rest", "container"),
        (b"\x1f\x8brest", "container"),
        (b"[" * 100_000, "too_deep"),
        (b'{"value":[' + b'{"a":' * 100_000, "too_deep"),
        (b'{"value":[{"md5":"' + GOOD.encode() + b'"}', "broken_off"),
        (b'{"value":[{"md5":"abc', "broken_off"),
        (b'{"value":[]]', "malformed"),
        (b'{"odata.metadata":"x"}', "not_a_list"),
        (b"<!DOCTYPE q [<!ENTITY a 'b'>]><queryResult>&a;</queryResult>", "dtd"),
        (b"<!DOCTYPE q SYSTEM 'file:///etc/passwd'><queryResult/>", "dtd"),
        (b"<html><body>Sign in</body></html>", "not_a_list"),
        (b"<queryResult><images>", "malformed"),
        (b"<queryResult><images><image>" + b"<a/>" * 30_000 + b"</image></images></queryResult>", "too_long"),
    ],
)
def test_documents_that_are_no_list_are_refused_by_name(document: bytes, code: str) -> None:
    with pytest.raises(Unreadable) as raised:
        list(read(BytesIO(document)))
    assert raised.value.code == code


def test_a_bomb_of_entities_is_not_expanded() -> None:
    layers = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    document = f'<!DOCTYPE q [<!ENTITY e0 "boom">{layers}]><queryResult><images>&e11;</images></queryResult>'
    tracemalloc.start()
    try:
        with pytest.raises(Unreadable) as raised:
            list(read(BytesIO(document.encode())))
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()
    assert raised.value.code in {"dtd", "malformed"}


def test_texts_hold_no_control_signs() -> None:
    """PostgreSQL takes no NUL, and a terminal obeys an escape."""
    document = f"id,md5,category,tags\n\x001\x1b[31m,{GOOD},a\x00b,c\x00d e\x07\n,\x00zz,,\n".encode()
    for one in read(BytesIO(document)):
        texts = [one.name, one.category, *one.tags] if isinstance(one, ListEntry) else [one.said]
        assert all(text.isprintable() for text in texts)


@settings(max_examples=80, deadline=None)
@given(
    head=st.sampled_from(
        ["", "md5,id\n", '{"value":[', "<queryResult><images>", "pdq ", "sep=;\nhash;type\n"]
    ),
    body=st.one_of(
        st.binary(max_size=300),
        st.text(st.sampled_from('"{}[]<>&;,|\t\n\r\\:x0aé\x00 '), max_size=200).map(str.encode),
    ),
)
def test_no_bytes_make_it_fall(head: str, body: bytes) -> None:
    """Whatever stands there: entries, Invalids or Unreadable, and twice the same."""

    def outcome() -> object:
        try:
            return list(read(BytesIO(head.encode() + body)))
        except Unreadable as refusal:
            return refusal.code

    assert outcome() == outcome()


NAME = "Amna Bibi"
HASH = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("filename", "content"),
    [
        ("a.json", '{"value": [{"MediaID": 1, "Series": "Amna Bibi"}, {"Name": "Amna Bibi", "MD5": null}]}'),
        ("a.json", '{"value": [{"Comments": "Amna Bibi", "MD5": }]}'),
        ("a.json", '{"value": [{"MD5": "Amna Bibi", "PDQ": "00", "Quality": "Amna Bibi"}]}'),
        ("a.csv", f"id,md5,quality\n1,,\n2,Amna Bibi,\n3,{HASH},Amna Bibi\n4,{HASH},,Amna Bibi\n"),
        ("a.csv", 'id,md5,notes\n1,,Amna Bibi\n2,x,"Amna Bibi\n'),
        ("a.csv", f"hash,type\nAmna Bibi,md5\n{HASH},Amna Bibi\n"),
        ("a.txt", f"md5 {HASH}\nAmna Bibi\nAmna {HASH}\n{HASH}ff  Amna Bibi.jpg\n" + NAME * 8000),
        ("a.xml", "<queryResult><images><image><id>Amna Bibi</id></image></images></queryResult>"),
        (
            "a.xml",
            (
                "<queryResult><images><image><member id='Amna Bibi'/><id>1</id><fingerprints>"
                "<md5>Amna Bibi</md5></fingerprints></image></images></queryResult>"
            ),
        ),
    ],
)
def test_what_is_kept_of_a_line_that_is_no_hash_names_nobody(filename: str, content: str) -> None:
    found = [one for one in read(BytesIO(content.encode()), filename) if isinstance(one, Invalid)]
    assert found
    assert not [one for one in found if "Amna" in one.said or "Bibi" in one.said]


def test_a_hash_that_is_only_wrong_is_shown() -> None:
    short, odd = HASH[:-1], HASH[:-1] + "x"
    found = list(read(BytesIO(f"md5,quality\n{short},\n{odd},\n{HASH},101\n".encode()), "a.csv"))
    told = [(one.code, one.said) for one in found if isinstance(one, Invalid)]
    assert told == [("length", short), ("not_hex", odd), ("quality", "101")]
