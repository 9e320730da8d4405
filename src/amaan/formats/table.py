"""Reading referrals from CSV, with a mapping file that says which column holds what.

The mapping is TOML:

    entity = "Example Hotline"          # or a column: entity_column = "Source"
    delimiter = ";"                     # default ","
    encoding = "utf-8-sig"
    [columns]
    "Ref No" = "number"
    "Incident" = "incident.type"
    "Suspect phone" = "reported.phone"
    [values."Incident"]                 # optional: their words for ours
    "blackmail" = "enticement"

Every column that the mapping does not name is kept as not understood, row by row.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TextIO

from amaan.formats.reading import Reading, Remainder, Tree, Unreadable

_PARTY_FIELDS = (
    *("name", "age", "birth", "sex", "phone", "email", "handle", "platform", "account", "profile", "address"),
    *(
        "district",
        "school",
        "ip",
        "ip_at",
        "ip_port",
        "device",
        "bank",
        "wallet",
        "crypto",
        "cnic",
        "vehicle",
    ),
    *("relationship", "note", "setting", "possibly_coerced"),
)
FIELDS = frozenset(
    {
        *("number", "incident.type", "incident.at", "incident.channel", "incident.url", "incident.text"),
        *(
            "incident.escalation",
            "incident.annotation",
            "incident.district",
            "incident.venue",
            "incident.venue_kind",
        ),
        *("content.md5", "content.sha1", "content.sha256", "content.pdq", "content.name", "content.url"),
        *("content.viewed", "content.classification", "content.annotation", "content.uploaded_at"),
        *(
            f"{party}.{name}"
            for party in ("victim", "reported", "recipient", "reporter")
            for name in _PARTY_FIELDS
        ),
    }
)
FIELD_LIMIT = 4 * 1024 * 1024


@dataclass(frozen=True)
class ColumnMapping:
    """A mapping file, checked."""

    columns: Mapping[str, str]
    entity: str = ""
    entity_column: str = ""
    delimiter: str = ","
    encoding: str = "utf-8-sig"
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def read_mapping(text: str) -> ColumnMapping:
    """Raises Unreadable `mapping` that says which line to mend."""
    try:
        held = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Unreadable("mapping", f"The mapping file is not TOML: {error}") from error
    columns = held.get("columns")
    if not isinstance(columns, dict) or not columns:
        raise Unreadable("mapping", 'The mapping file needs a [columns] table: "their column" = "our field".')
    unknown = sorted(str(name) for name in columns.values() if str(name) not in FIELDS)
    if unknown:
        raise Unreadable(
            "mapping",
            f"The mapping names unknown fields: {', '.join(unknown)}. Known: {', '.join(sorted(FIELDS))}.",
        )
    unknown = sorted(set(held) - {"columns", "entity", "entity_column", "delimiter", "encoding", "values"})
    if unknown:
        raise Unreadable("mapping", f"The mapping file holds unknown settings: {', '.join(unknown)}.")
    values = held.get("values", {})
    if not (isinstance(values, dict) and all(isinstance(words, dict) for words in values.values())):
        raise Unreadable("mapping", 'Translations stand in tables of their own: [values."their column"].')
    delimiter = str(held.get("delimiter", ","))
    if len(delimiter) != 1:
        raise Unreadable("mapping", "The delimiter is one character, such as , or ;.")
    return ColumnMapping(
        columns={str(k): str(v) for k, v in columns.items()},
        entity=str(held.get("entity", "")),
        entity_column=str(held.get("entity_column", "")),
        delimiter=delimiter,
        encoding=str(held.get("encoding", "utf-8-sig")),
        values={str(k): {str(theirs): str(ours) for theirs, ours in v.items()} for k, v in values.items()},
    )


def read_rows(file: TextIO, mapping: ColumnMapping) -> Iterator[tuple[int, dict[str, str] | list[str]]]:
    """Each row's number (the header is 1) and its cells by the file's own columns; only a list where they do not fit.

    A column name that stands twice is told apart: `Note`, `Note (2)`. Raises Unreadable on a changed header, csv.Error.
    """
    csv.field_size_limit(FIELD_LIMIT)
    reader = csv.reader(file, delimiter=mapping.delimiter)
    header = next(reader, None)
    if header is None:
        raise Unreadable("drifted", "The table is empty: not even a header.")
    header = _told_apart([name.strip() for name in header])
    wanted = {*mapping.columns, *filter(None, [mapping.entity_column])}
    missing = sorted(wanted - set(header))
    if missing:
        raise Unreadable(
            "drifted", f"The table has no column {', '.join(missing)}. Its columns: {', '.join(header)}."
        )
    for number, row in enumerate(reader, start=2):
        if not any(cell.strip() for cell in row):
            continue
        yield number, dict(zip(header, row, strict=True)) if len(row) == len(header) else row


def _told_apart(names: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    apart = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        apart.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return apart


def read(row: Mapping[str, str], mapping: ColumnMapping) -> Reading:
    """One row as a tree of our fields (`victim.name` and so on), the rest as not understood."""
    tree: Tree = {}
    remainder: list[Remainder] = []
    for column, raw in row.items():
        cell = raw.strip()
        target = mapping.columns.get(column)
        if column == mapping.entity_column:
            tree.setdefault("entity", []).append(cell)
        elif target is None:
            remainder.append(Remainder(column, cell))
        elif cell:
            tree.setdefault(target, []).append(mapping.values.get(column, {}).get(cell, cell))
    return Reading("csv", tree, remainder)
