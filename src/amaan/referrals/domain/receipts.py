"""Completeness receipts: what a document said, what it could have said, and what was not understood.

A receipt is kept as `[kind, shape, bits, count]`: which shape the document was read with, a bit for each of the
shape's paths (hex), and how many parts were not understood. Of a report that came over the wire the first receipt
carries a fifth part, the list of what was noted while it came in. `in_words` turns it back into words.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from amaan.formats.cybertipline import le_json, shapes
from amaan.formats.reading import TEXT, Reading, Shape, Tree, shape_names
from amaan.formats.table import FIELDS

KINDS = ("report", "fileDetails", "le_json", "csv")


@cache
def names_of(kind: str) -> tuple[str, ...]:
    """Every path that a document of this kind may hold, in a fixed order."""
    if kind == "csv":
        return tuple(sorted(FIELDS))
    shape = le_json.REPORT if kind == "le_json" else shapes.ROOTS[kind]
    return tuple(dict.fromkeys(name for name in shape_names(shape) if not name.startswith("@{")))


@cache
def shape_digest(kind: str) -> str:
    """Names the list of paths: a receipt of an older shape is read with that shape's list (`referrals.Shape`)."""
    return hashlib.sha256("\n".join(names_of(kind)).encode()).hexdigest()[:16]


_Marks = dict[str, tuple[int, "_Marks"]]
"""A shape as nested dicts: what a name's presence sets, and the marks of what stands below it."""


@cache
def _marks(kind: str) -> _Marks:
    positions = {name: position for position, name in enumerate(names_of(kind))}
    if kind == "csv":
        return {name: (1 << position, {}) for name, position in positions.items()}

    def below(shape: Shape, prefix: str) -> _Marks:
        marks: _Marks = {TEXT: (0, {})} if shape.children or shape.attributes else {}
        for attribute in shape.attributes:
            position = positions.get(f"{prefix}/@{attribute}" if prefix else f"@{attribute}")
            marks[f"@{attribute}"] = (0 if position is None else 1 << position, {})
        for name, child in shape.children.items():
            path = f"{prefix}/{name}" if prefix else name
            marks[name] = (1 << positions[path] if child.text else 0, below(child, path))
        return marks

    return below(le_json.REPORT if kind == "le_json" else shapes.ROOTS[kind], "")


def _bits(tree: Tree, marks: _Marks) -> int:
    bits = 0
    for name, values in tree.items():
        mark, under = marks[name]
        # An attribute or an element's own text is a text itself; of what has nothing below it, one text is enough.
        if values.__class__ is str or (not under and values and values[0].__class__ is str):
            bits |= mark
            continue
        for value in values:
            if not isinstance(value, dict):
                bits |= mark
                continue
            if under:
                bits |= _bits(value, under)
            if TEXT in value:
                bits |= mark
    return bits


def receipt_of(reading: Reading) -> list[Any]:
    """Call it before the tree is consumed."""
    bits = _bits(reading.tree, _marks(reading.kind))
    return [reading.kind, shape_digest(reading.kind), f"{bits:x}", len(reading.remainder)]


def flagged(receipts: list[list[Any]], flags: Iterable[str]) -> list[list[Any]]:
    """The receipts with what was noted on the first of them."""
    noted = sorted(set(flags))
    return [[*receipts[0], noted], *receipts[1:]] if noted and receipts else receipts


@dataclass(frozen=True)
class Receipt:
    """A receipt in words. `flags` are ids of rules and notes; none of them names anybody."""

    kind: str
    present: tuple[str, ...]
    absent: tuple[str, ...]
    not_understood: int
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReceiptTally:
    """A receipt as counts, for lists: a report's own page says which fields they are."""

    kind: str
    filled: int
    left_out: int
    not_understood: int


def counted(stored: list[Any], names: tuple[str, ...]) -> ReceiptTally:
    """`names` is the path list of the receipt's shape."""
    kind, _, bits_hex, count, *_noted = stored
    filled = (int(bits_hex, 16) & (1 << len(names)) - 1).bit_count()
    return ReceiptTally(kind, filled, len(names) - filled, count)


def in_words(stored: list[Any], names: tuple[str, ...]) -> Receipt:
    """`names` is the path list of the receipt's shape."""
    kind, _, bits_hex, count, *noted = stored
    bits = int(bits_hex, 16)
    present = tuple(name for position, name in enumerate(names) if bits >> position & 1)
    absent = tuple(name for position, name in enumerate(names) if not bits >> position & 1)
    return Receipt(kind, present, absent, count, tuple(noted[0]) if noted else ())
