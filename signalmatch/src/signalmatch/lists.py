"""Plain hash lists, as people exchange them.

One hash a line: `pdq <hex>`, `md5 <hex>`, `sha1 <hex>`, `sha256 <hex>` (or with `:`, `,` or a tab between), or the bare
hex: 64 digits are a PDQ hash, 32 an MD5, 40 a SHA-1 (a bare SHA-256 can't be told from a PDQ hash: name it). Blank
lines and what begins with `#` is passed over. Or a CSV (comma, semicolon or tab) whose first line names a column
`pdq`, `md5`, `sha1`, `sha256`, or `hash` (with the kind in a column `type`, `algorithm` or `signal_type`, if there is
one).
A line that holds no hash is counted and named, and stops nothing.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from signalmatch.errors import UnreadableHashList

DIGITS = {"pdq": 64, "md5": 32, "sha1": 40, "sha256": 64}
_BARE = {64: "pdq", 32: "md5", 40: "sha1"}
_KINDS_OF = {"hash", "hash_value", "hashvalue", "value"}
_TYPE_NAMES = {"type", "algorithm", "signal_type", "hash_type", "kind"}
_HEX = re.compile(r"[0-9a-f]+")
_INVALID_KEPT = 1000
_LINE_MOST = 10_000


@dataclass(frozen=True)
class InvalidLine:
    line: int
    why: str


@dataclass
class HashList:
    """What a list holds. A PDQ hash is a row of `pdq` uint64[n, 4], from the line of the same place in pdq_lines; the
    others are found by their hexadecimal in `exact[kind]`, which gives the line where it stood first."""

    name: str
    pdq: npt.NDArray[np.uint64] = field(default_factory=lambda: np.zeros((0, 4), np.uint64))
    pdq_lines: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    exact: dict[str, dict[str, int]] = field(default_factory=lambda: {"md5": {}, "sha1": {}, "sha256": {}})
    invalid: list[InvalidLine] = field(default_factory=list)
    """The first thousand."""
    invalid_count: int = 0

    def __len__(self) -> int:
        return len(self.pdq) + sum(len(known) for known in self.exact.values())


def read_hash_list(path: str | os.PathLike[str]) -> HashList:
    """The list in a file. OSError; UnreadableHashList for what is no text, or a CSV without a column of hashes."""
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            return parse_hash_list(Path(path).name, file)
    except UnicodeDecodeError as wrong:
        raise UnreadableHashList(f"{path} is no text in UTF-8") from wrong


def parse_hash_list(name: str, lines: Iterable[str]) -> HashList:
    """The same, of lines of text."""
    found = HashList(name)
    hexes: list[str] = []
    numbers: list[int] = []
    for number, kind, value in _hashes(lines):
        why = _why_invalid(kind, value)
        if why:
            found.invalid_count += 1
            if len(found.invalid) < _INVALID_KEPT:
                found.invalid.append(InvalidLine(number, why))
        elif kind == "pdq":
            hexes.append(value)
            numbers.append(number)
        else:
            found.exact[kind].setdefault(value, number)
    found.pdq = np.frombuffer(bytes.fromhex("".join(hexes)), ">u8").astype(np.uint64).reshape(-1, 4)
    found.pdq_lines = np.array(numbers, np.int64)
    return found


def _why_invalid(kind: str, value: str) -> str:
    if kind not in DIGITS:
        return (
            f"no known kind of hash: {kind[:40]!r}" if kind else "neither a kind and a hash, nor a bare hash"
        )
    if not _HEX.fullmatch(value):
        return f"{kind}: not hexadecimal"
    if len(value) != DIGITS[kind]:
        return f"{kind}: {len(value)} hexadecimal digits where {DIGITS[kind]} are needed"
    return ""


def _hashes(lines: Iterable[str]) -> Iterator[tuple[int, str, str]]:
    """(line, kind, hexadecimal) of every line that says something, right or wrong."""
    numbered = enumerate(lines, 1)
    first = True
    for number, line in numbered:
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        header = _header(text) if first else None
        first = False
        if header:
            yield from _csv(header[0], header[1], numbered)
            return
        yield number, *_plain(text)


def _plain(text: str) -> tuple[str, str]:
    parts = re.split(r"[\s:,;]+", text[:_LINE_MOST].lower(), maxsplit=2)
    if len(parts) == 1:
        return _BARE.get(len(parts[0]), "") if _HEX.fullmatch(parts[0]) else "", parts[0]
    return parts[0].replace("-", ""), parts[1]


def _header(text: str) -> tuple[str, list[str]] | None:
    """(delimiter, column names) if the line names a column of hashes."""
    for delimiter in ",;\t":
        names = [cell.strip().strip('"').lower().replace("-", "") for cell in text.split(delimiter)]
        named = any(name in DIGITS or name in _KINDS_OF for name in names)
        alone = len(names) == 1 and names[0] != text.lower()
        if named and not alone and not any(len(name) >= 32 and _HEX.fullmatch(name) for name in names):
            return delimiter, names
    return None


def _csv(
    delimiter: str, names: list[str], numbered: Iterable[tuple[int, str]]
) -> Iterator[tuple[int, str, str]]:
    """Hashes of the columns named. A row may hold several."""
    of_kind = {column: name for column, name in enumerate(names) if name in DIGITS}
    plain = next((column for column, name in enumerate(names) if name in _KINDS_OF), None)
    types = next((column for column, name in enumerate(names) if name in _TYPE_NAMES), None)
    at = [0]

    def texts() -> Iterator[str]:
        for number, line in numbered:
            at[0] = number
            yield line

    try:
        for row in csv.reader(texts(), delimiter=delimiter):
            cells = [cell.strip().lower() for cell in row]
            if not any(cells) or cells[0].startswith("#"):
                continue
            seen = False
            for column, kind in of_kind.items():
                if column < len(cells) and cells[column]:
                    seen = True
                    yield at[0], kind, cells[column]
            if plain is not None and plain < len(cells) and cells[plain]:
                seen = True
                kind = cells[types].replace("-", "") if types is not None and types < len(cells) else ""
                yield at[0], kind or _BARE.get(len(cells[plain]), ""), cells[plain]
            if not seen:
                yield at[0], "", ""
    except csv.Error as wrong:
        raise UnreadableHashList(f"line {at[0]}: {wrong}") from wrong
