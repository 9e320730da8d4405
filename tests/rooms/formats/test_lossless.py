"""Nothing of a document is lost: every element, attribute and text is mapped or named as not understood, once.

The documents are enumerated a second time by a parser that Amaan does not use, and the two are compared as multisets.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.strategies.cybertipline import (
    file_documents,
    fullest_file,
    fullest_report,
    le_json_documents,
    newer_report_documents,
    report_documents,
)

from amaan.formats import table
from amaan.formats.cybertipline import le_json, xml
from amaan.formats.cybertipline.shapes import FILE_DETAILS, REPORT
from amaan.formats.reading import TEXT, Reading, Shape, Tree, Unreadable

calm = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
Part = tuple[str, str, str]


def said_by_xml(document: bytes) -> Counter[Part]:
    """(element | attribute | text, path, text) of everything, as expat sees it."""
    parts: Counter[Part] = Counter()
    path: list[str] = []
    texts: list[list[str]] = []

    def close_text() -> None:
        if texts and (text := "".join(texts[-1]).strip()):
            parts["text", "/".join(path), text] += 1
        if texts:
            texts[-1] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        close_text()
        path.append("{" + name if "}" in name else name)
        texts.append([])
        if len(path) > 1:
            parts["element", "/".join(path), ""] += 1
        for key, value in attributes.items():
            written = "{" + key if "}" in key else key
            parts["attribute", f"{'/'.join(path)}/@{written}", value.strip()] += 1

    def end(_: str) -> None:
        close_text()
        path.pop()
        texts.pop()

    parser = expat.ParserCreate(namespace_separator="}")
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = lambda text: texts[-1].append(text)  # noqa: PLW0108 - the last list changes
    parser.Parse(document, True)
    return parts


def kept_of_xml(reading: Reading) -> Counter[Part]:
    parts: Counter[Part] = Counter()

    def walk(tree: Tree, path: str) -> None:
        for name, value in tree.items():
            if name == TEXT:
                parts["text", path, value] += 1
            elif name.startswith("@"):
                parts["attribute", f"{path}/{name}", value] += 1
            else:
                for one in value:
                    parts["element", f"{path}/{name}", ""] += 1
                    if isinstance(one, dict):
                        walk(one, f"{path}/{name}")
                    elif one:
                        parts["text", f"{path}/{name}", one] += 1

    walk(reading.tree, reading.kind)
    for part in reading.remainder:
        if part.path.endswith("/text()"):
            parts["text", part.path.removesuffix("/text()"), part.value] += 1
        elif "/@" in part.path:
            parts["attribute", part.path, part.value] += 1
        else:
            parts["element", part.path, ""] += 1
            if part.value:
                parts["text", part.path, part.value] += 1
    return parts


@calm
@given(report_documents())
def test_a_report_is_kept_whole(document: bytes) -> None:
    reading = xml.read(document)
    assert kept_of_xml(reading) == said_by_xml(document)
    assert not reading.remainder, "a valid document was not understood in full"


@calm
@given(file_documents())
def test_file_details_are_kept_whole(document: bytes) -> None:
    reading = xml.read(document)
    assert kept_of_xml(reading) == said_by_xml(document)
    assert not reading.remainder


@calm
@given(newer_report_documents())
def test_parts_newer_than_the_schema_are_kept(document: bytes) -> None:
    assert kept_of_xml(xml.read(document)) == said_by_xml(document)


@pytest.mark.parametrize("turn", range(8))
def test_the_fullest_documents_are_understood_in_full(turn: int) -> None:
    for document in (fullest_report(turn), fullest_file(turn)):
        reading = xml.read(document)
        assert kept_of_xml(reading) == said_by_xml(document)
        assert not reading.remainder


def names_in(shape: Shape) -> set[str]:
    return set(shape.children).union(*(names_in(child) for child in shape.children.values()))


_NAMES = st.one_of(
    st.sampled_from(sorted(names_in(REPORT) | names_in(FILE_DETAILS))),
    st.sampled_from(("unheard", "x:other", "متن", "report")),
)
_TEXTS = st.text(
    st.characters(
        exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff", include_characters="\t\n"
    ),
    max_size=12,
)
_MOST_STRANGE = (
    20  # more parts that were not understood than understood ones, beyond these, is a changed format
)


@st.composite
def arbitrary_reports(draw: st.DrawFn) -> bytes:
    """Any well-formed tree under `report`: known names in wrong places, mixed text, comments, CDATA, namespaces."""
    room = [draw(st.integers(0, 12))]

    def element(name: str, depth: int) -> str:
        attributes = draw(
            st.dictionaries(
                st.sampled_from(("type", "verified", "strange", "xml:lang", "x:a")), _TEXTS, max_size=2
            )
        )
        inner = [text()]
        while depth < 5 and room[0] > 0 and draw(st.booleans()):
            room[0] -= 1
            inner += [element(draw(_NAMES), depth + 1), text()]
        head = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
        return f"<{name}{head}>{''.join(inner)}</{name}>"

    def text() -> str:
        value = draw(_TEXTS)
        manner = draw(st.integers(0, 3))
        if manner == 0 and "]]>" not in value:
            return f"<![CDATA[{value}]]>"
        noise = ("", "", "<!-- a -->", "<?p i?>")[manner]
        return escape(value[:4]) + noise + escape(value[4:])

    needed = "<incidentSummary><incidentType>other</incidentType></incidentSummary><reporter/>"
    body = "".join(element(draw(_NAMES), 1) for _ in range(draw(st.integers(0, 4))))
    return f'<report xmlns:x="urn:x">{needed}{text()}{body}</report>'.encode()


@settings(calm, max_examples=150)
@given(arbitrary_reports())
def test_any_tree_under_report_is_kept_whole(document: bytes) -> None:
    try:
        reading = xml.read(document)
    except Unreadable as refusal:
        assert refusal.code == "drifted"
        assert sum(said_by_xml(document).values()) > _MOST_STRANGE
        return
    assert kept_of_xml(reading) == said_by_xml(document)


# -- JSON --


def said_by_json(document: bytes) -> tuple[Counter[tuple[str, str]], set[str]]:
    """Every scalar that says something, with its path; and every key's path. Lists add nothing to a path."""
    held = json.loads(
        document, object_pairs_hook=lambda items: ("object", items), parse_int=str, parse_float=str
    )
    scalars: Counter[tuple[str, str]] = Counter()
    keys: set[str] = set()

    def walk(value: Any, path: str) -> None:
        if isinstance(value, tuple):
            for name, inner in value[1]:
                keys.add(f"{path}/{name}")
                walk(inner, f"{path}/{name}")
        elif isinstance(value, list):
            for inner in value:
                walk(inner, path)
        else:
            text = (
                {True: "true", False: "false", None: ""}.get(value, value)
                if not isinstance(value, str)
                else value
            )
            if text := text.strip():
                scalars[path, text] += 1

    walk(held, "report")
    return scalars, keys


def kept_of_json(reading: Reading) -> tuple[Counter[tuple[str, str]], set[str]]:
    scalars: Counter[tuple[str, str]] = Counter()
    keys: set[str] = set()

    def walk(tree: Tree, path: str) -> None:
        for name, values in tree.items():
            keys.add(f"{path}/{name}")
            for value in values:
                if isinstance(value, dict):
                    walk(value, f"{path}/{name}")
                elif value:
                    scalars[f"{path}/{name}", value] += 1

    walk(reading.tree, "report")
    for part in reading.remainder:
        keys.add(part.path)
        if part.value:
            scalars[part.path, part.value] += 1
    return scalars, keys


def read_unless_drifted(document: bytes) -> Reading | None:
    try:
        return le_json.read(document)
    except Unreadable as refusal:
        assert refusal.code == "drifted"
        held = json.loads(document)
        assert not held.get("reportedInformation", {}).get("incidentSummary"), "a whole report was refused"
        return None


@settings(calm, max_examples=100)
@given(le_json_documents(unknown_keys=True))
def test_a_json_report_is_kept_whole(document: bytes) -> None:
    if reading := read_unless_drifted(document):
        assert kept_of_json(reading) == said_by_json(document)


_JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.text(max_size=5),
        st.floats(allow_nan=False, allow_infinity=False),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(("victims", "value", "reportedPersons", "odd", "emails")), inner, max_size=3
        ),
    ),
    max_leaves=12,
)


@settings(calm, max_examples=150)
@given(_JSON, _JSON, st.booleans())
def test_any_json_in_any_place_is_kept_whole(one: Any, other: Any, twice: bool) -> None:
    information = {
        "incidentSummary": {"incidentType": "x"},
        "victims": one,
        "reportedPeople": other,
        "odd": one,
    }
    text = json.dumps({"reportId": 7, "reportedInformation": information, "dateReceived": other})
    if twice:  # a key that stands twice: readers drop the first in silence
        text = text[:-1] + ', "odd": 1, "odd": [2], "odd": {"odd": 3}}'
    reading = le_json.read(text.encode())
    assert kept_of_json(reading) == said_by_json(text.encode())


# -- what is refused --


@settings(calm, max_examples=200)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.binary(max_size=60).map(lambda noise: b"<report>" + noise + b"</report>"),
        st.builds(lambda document, at, noise: document[:at] + noise + document[at + len(noise) :],
                  st.sampled_from((fullest_report(), fullest_file())), st.integers(0, 20_000), st.binary(max_size=4)),
    )
)  # fmt: skip
def test_bytes_are_read_or_refused_and_nothing_else(document: bytes) -> None:
    for read in (xml.read, le_json.read):
        try:
            assert read(document).tree
        except Unreadable as refusal:
            assert refusal.code in {"malformed", "dtd", "not_cybertipline", "drifted"}


@pytest.mark.parametrize("depth", [200, 300, 900, 960, 980, 1000, 5000, 100_000])
def test_deep_nesting_is_read_or_refused(depth: int) -> None:
    head = b'{"reportId":1,"reportedInformation":{"incidentSummary":{"incidentType":"x"}},"odd":'
    for document in (
        head + b"[" * depth + b"]" * depth + b"}",
        head + b'{"a":' * depth + b"1" + b"}" * depth + b"}",
        b"<report>" + b"<victim>" * depth + b"</victim>" * depth + b"</report>",
    ):
        try:
            (xml if document[:1] == b"<" else le_json).read(document)
        except Unreadable as refusal:
            assert refusal.code in {"malformed", "drifted"}


def test_a_list_of_reports_is_refused_and_says_how_many() -> None:
    with pytest.raises(Unreadable, match="list of 2"):
        le_json.read(b'[{"reportId": 1}, {"reportId": 2}]')


def test_a_number_of_any_length_is_kept_as_written() -> None:
    digits = "9" * 6000
    reading = le_json.read(
        b'{"reportId":'
        + digits.encode()
        + b',"reportedInformation":{"incidentSummary":{"incidentType":"x"}}}'
    )
    assert reading.tree["reportId"] == [digits]


@pytest.mark.parametrize(
    "part", ["incidentSummary", "incidentType", "reporter"], ids=lambda part: f"renamed-{part}"
)
def test_a_drifted_format_fails_loudly(part: str) -> None:
    document = fullest_report().replace(f"<{part}>".encode(), f"<{part}V2>".encode())
    document = document.replace(f"</{part}>".encode(), f"</{part}V2>".encode())
    with pytest.raises(Unreadable) as refusal:
        xml.read(document)
    assert refusal.value.code == "drifted"
    assert part in refusal.value.detail


def test_a_format_in_a_namespace_is_a_drifted_one() -> None:
    document = fullest_report().replace(b"<report>", b'<report xmlns="urn:new">', 1)
    with pytest.raises(Unreadable) as refusal:
        xml.read(document)
    assert refusal.value.code == "not_cybertipline"


# -- tables --

_CELLS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=8)


@calm
@given(st.lists(_CELLS, min_size=4, max_size=4), st.sampled_from(",;\t|"))
def test_every_cell_of_a_row_is_mapped_or_kept(cells: list[str], delimiter: str) -> None:
    import csv
    import io

    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter)
    writer.writerow(["Ref", "Note", "Note", "Suspect"])
    writer.writerow(cells)
    mapping = table.ColumnMapping(columns={"Ref": "number", "Suspect": "reported.name"}, delimiter=delimiter)
    rows = list(table.read_rows(io.StringIO(file.getvalue()), mapping))
    if not any(cell.strip() for cell in cells):
        assert rows == []
        return
    ((number, row),) = rows
    assert number == 2
    assert isinstance(row, dict)
    reading = table.read(row, mapping)
    kept = Counter(cell for values in reading.tree.values() for cell in values)
    kept += Counter(part.value for part in reading.remainder)
    assert +kept - Counter({"": 9}) == Counter(c.strip() for c in cells) - Counter({"": 9})
    assert {part.path for part in reading.remainder} == {"Note", "Note (2)"}


@calm
@given(st.text(max_size=80))
def test_any_mapping_file_is_read_or_refused(text: str) -> None:
    for document in (text, f'[columns]\n"A" = {text}', f'values = {text}\n[columns]\nA = "number"'):
        try:
            table.read_mapping(document)
        except Unreadable as refusal:
            assert refusal.code == "mapping"


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ("", "columns"),
        ("[columns]\nA = 'victim.shoe'", "victim.shoe"),
        ("[columns]\nA = ['number']", "unknown fields"),
        ("colour = 1\n[columns]\nA = 'number'", "colour"),
        ("delimiter = ''\n[columns]\nA = 'number'", "delimiter"),
        ("values = 1\n[columns]\nA = 'number'", "values"),
    ],
)
def test_a_mapping_that_cannot_work_says_why(mapping: str, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        table.read_mapping(mapping)
