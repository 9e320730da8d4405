"""CSV with a header, whatever stands between its cells; INTERPOL ICSE's export is one of them."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Callable, Iterator
from typing import Final

from amaan.formats.hash_lists.entries import (
    SIZES,
    TYPE_WORDS,
    Invalid,
    ListEntry,
    category_of,
    hash_like,
    is_blank,
    is_nothing,
    name_of,
    number_like,
    plain_word,
    quality_of,
    tags_of,
    value_of,
    yes_or_no,
)
from amaan.formats.hash_lists.headers import WITHDRAWN_WORDS, Columns, understood
from amaan.formats.hash_lists.lines import LINE_LIMIT

DELIMITERS: Final = (",", ";", "\t", "|")
_MOST_LINES: Final = 32
"""Lines of one record: a quoted cell may go over several."""
_BY_LENGTH: Final = {32: "md5", 40: "sha1"}

Blocks = Iterator[tuple[int, list[str]] | Invalid]
Row = tuple[int, list[str]]
Beside = tuple[str, int | str | None, str, tuple[str, ...], bool]
"""Name, quality or the code of what is wrong with it, category, tags, whether it is withdrawn."""


def header_of(line: str) -> tuple[str, list[str]]:
    """The delimiter under which most column names mean something, or else the one that gives most; and the names."""
    split = [(delimiter, _cells(line, delimiter)) for delimiter in DELIMITERS]
    return max(split, key=lambda found: (understood(found[1]), len(found[1])))


def _cells(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter), [])


def rows(blocks: Blocks, delimiter: str, width: int) -> Iterator[Row | Invalid]:
    """Each record with the line where it begins. A quote that nobody closes costs its own line and no other."""
    quoted = _Quoted(delimiter, width)
    for block in blocks:
        if isinstance(block, Invalid):
            yield block
            continue
        number, lines = block
        if not quoted.open and '"' not in "".join(lines):
            for line in lines:
                yield number, line.split(delimiter)
                number += 1
            continue
        if not quoted.open and (whole := _all_closed(lines, delimiter)):
            for cells in whole:
                yield number, cells
                number += 1
            continue
        for line in lines:
            if quoted.open or '"' in line:
                yield from quoted.feed(number, line)
            else:
                yield number, line.split(delimiter)
            number += 1
    yield from quoted.end()


def _all_closed(lines: list[str], delimiter: str) -> list[list[str]] | None:
    """The cells of lines that are one record each, or None: as many records as lines can't be otherwise."""
    try:
        found = list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    return found if len(found) == len(lines) else None


class _Quoted:
    """Lines with quotes in them, and those behind an open one until it closes."""

    def __init__(self, delimiter: str, width: int) -> None:
        self._delimiter = delimiter
        self._width = width
        self.open: list[tuple[int, str]] = []

    def feed(self, number: int, line: str) -> Iterator[Row | Invalid]:
        """What is whole now. Each line is looked at again at most as often as a record may have lines."""
        ahead = deque([(number, line)])
        while ahead:
            number, line = ahead.popleft()
            if not self.open:
                cells = _closed(line, self._delimiter)
                if cells is None:
                    self.open.append((number, line))
                else:
                    yield number, cells
                continue
            self.open.append((number, line))
            # With a quote before it a line reads as it does inside an open cell.
            closes = '"' in line and _closed('"' + line, self._delimiter) is not None
            if closes:
                cells = _strictly("\n".join(line for _, line in self.open), self._delimiter)
                if cells is not None and len(cells) == self._width:
                    yield self.open[0][0], cells
                    self.open.clear()
                    continue
            if closes or len(self.open) > _MOST_LINES or sum(len(line) for _, line in self.open) > LINE_LIMIT:
                yield self._give_up(ahead)

    def end(self) -> Iterator[Row | Invalid]:
        while self.open:
            ahead: deque[tuple[int, str]] = deque()
            yield self._give_up(ahead)
            for number, line in ahead:
                yield from self.feed(number, line)

    def _give_up(self, ahead: deque[tuple[int, str]]) -> Invalid:
        """The first line's quote is never closed, or only by another line's: it is lost, the others are not."""
        number = self.open[0][0]
        ahead.extendleft(reversed(self.open[1:]))
        self.open.clear()
        return Invalid(number, "open_quote", "")


def _closed(text: str, delimiter: str) -> list[str] | None:
    """The cells of a line, or None if a quoted one is still open at its end."""
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True), [])
    except csv.Error as error:
        if "unexpected end" in str(error):
            return None
    return next(csv.reader([text], delimiter=delimiter), [])


def _strictly(text: str, delimiter: str) -> list[str] | None:
    """The cells of a record over several lines, or None where its quotes are not as they should be."""
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return None


def read_table(found: Iterator[Row | Invalid], columns: Columns, bare: str) -> Iterator[ListEntry | Invalid]:
    """Entries of a table's rows, without the header's. `bare` says what 64 digits are where no column says it."""
    width, hashes, beside, named = columns.width, columns.hashes, _beside(columns), columns.hash >= 0
    for row in found:
        if isinstance(row, Invalid):
            yield row
            continue
        number, cells = row
        if len(cells) != width:
            if len(cells) > width and "".join(cells[width:]).strip():
                yield Invalid(number, "cells", "")
                continue
            cells = [*cells, *[""] * (width - len(cells))]
        signals = None if named else _well_formed(cells, hashes)
        faults: list[Invalid] = []
        if signals is None:
            signals = _look_closely(number, cells, columns, bare, faults)
        name, quality, category, tags, withdrawn = beside(cells)
        if isinstance(quality, str):
            faults.append(Invalid(number, quality, number_like(cells[columns.quality])))
            quality = None
        yield from faults
        if signals or (withdrawn and name):
            yield ListEntry(number, name, signals, quality, category, tags, withdrawn)
        elif not faults and "".join(cells).strip():
            yield Invalid(number, "no_signal", "")


def _well_formed(cells: list[str], hashes: tuple[tuple[int, str, int], ...]) -> dict[str, bytes] | None:
    """The signals of a usual row, whose hashes are all empty or of the right form. None for any other."""
    signals = {}
    for at, kind, digits in hashes:
        cell = cells[at]
        if not cell:
            continue
        if len(cell) != digits:
            return None
        try:
            value = bytes.fromhex(cell)
        except ValueError:
            return None
        if 2 * len(value) != digits or is_blank(value):
            return None
        signals[kind] = value
    return signals


def _look_closely(
    number: int, cells: list[str], columns: Columns, bare: str, faults: list[Invalid]
) -> dict[str, bytes]:
    """The signals of a row whose hashes stand in quotes or blanks, are wrong, or are of a kind that a column names."""
    signals: dict[str, bytes] = {}
    said = [(kind, cells[at]) for at, kind, _ in columns.hashes]
    if columns.hash >= 0:
        cell, word = cells[columns.hash].strip(), cells[columns.type].strip() if columns.type >= 0 else ""
        said.append((kind_of(cell, word, bare), cell))
    for kind, cell in said:
        if is_nothing(cell):
            continue
        value = value_of(cell, kind) if kind in SIZES else kind
        if isinstance(value, bytes):
            signals.setdefault(kind, value)
        else:
            faults.append(Invalid(number, value, hash_like(cell)))
    return signals


def kind_of(cell: str, word: str, bare: str) -> str:
    """The signal that a hash is, by the word beside it or by its length; or the code of what is wrong."""
    if word.strip():
        return TYPE_WORDS.get(plain_word(word), "type")
    if len(cell) == 64:
        return bare or "sha256_or_pdq"
    return _BY_LENGTH.get(len(cell), "length")


def _beside(columns: Columns) -> Callable[[list[str]], Beside]:
    """What reads the columns beside the hashes."""
    at_id, at_category, at_tags = columns.id, columns.category, columns.tags
    at_quality, at_status, flags = columns.quality, columns.status, columns.flags
    nothing: Beside = ("", None, "", (), False)
    if max(at_id, at_category, at_tags, at_quality, at_status) < 0 and not flags:
        return lambda _: nothing
    categories: dict[str, str] = {}  # a list has few

    def category_in(cell: str) -> str:
        known = categories.get(cell)
        if known is None:
            known = _baseline(cell) if columns.baseline else category_of(cell)
            if len(categories) < 1000:
                categories[cell] = known
        return known

    def beside(cells: list[str]) -> Beside:
        name = name_of(cells[at_id]) if at_id >= 0 else ""
        quality = quality_of(cells[at_quality]) if at_quality >= 0 else None
        category = category_in(cells[at_category]) if at_category >= 0 else ""
        tags = tags_of(cells[at_tags]) if at_tags >= 0 else ()
        if flags:
            tags = (*tags, *[flag for at, flag in flags if yes_or_no(cells[at])])
        withdrawn = at_status >= 0 and cells[at_status].strip().casefold() in WITHDRAWN_WORDS
        return name, quality, category, tags, withdrawn

    return beside


def _baseline(cell: str) -> str:
    """ICSE's Baseline column as a category: it holds Y, Yes, True … or the words themselves."""
    answer = yes_or_no(cell)
    return category_of(cell) if answer is None else "baseline" if answer else "not baseline"
