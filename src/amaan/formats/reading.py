"""What reading a document gives: what was understood, and what was not. Together they are the whole document.

A tree is a dict from child name to a list of what stood there, in order: text for a bare leaf, another tree for
anything with children or attributes. Inside a tree `#` is the element's own text and `@name` an attribute.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Tree = dict[str, Any]
TEXT = "#"


class Unreadable(Exception):
    """A document that cannot be read. `code` is a short stable word, `detail` a sentence for the person at work.

    `detail` may quote the document: it is sealed wherever it is kept.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Shape:
    """What may stand in an element (or JSON object): child names with their shapes, attributes, own text."""

    children: Mapping[str, Shape] = field(default_factory=dict)
    attributes: frozenset[str] = frozenset()
    text: bool = False


LEAF = Shape(text=True)


def leaf(*attributes: str) -> Shape:
    """A leaf with attributes."""
    return Shape(attributes=frozenset(attributes), text=True)


def branch(children: Mapping[str, Shape], *attributes: str) -> Shape:
    return Shape(children=children, attributes=frozenset(attributes))


def leaves(*names: str) -> dict[str, Shape]:
    return dict.fromkeys(names, LEAF)


@dataclass(frozen=True, slots=True)
class Remainder:
    """One thing that was not understood: where it stood and its text (empty for an element without text)."""

    path: str
    value: str


@dataclass(slots=True)
class Reading:
    """`tree` and `remainder` together hold every element, attribute and text of the document exactly once."""

    kind: str
    tree: Tree
    remainder: list[Remainder]


def shape_names(shape: Shape, prefix: str = "") -> Iterator[str]:
    """Every path that a shape knows: the list against which a completeness receipt says present or absent."""
    for attribute in sorted(shape.attributes):
        yield f"{prefix}/@{attribute}" if prefix else f"@{attribute}"
    for name, child in shape.children.items():
        path = f"{prefix}/{name}" if prefix else name
        if child.text:
            yield path
        yield from shape_names(child, path)


def text_of(value: Any) -> str:
    """The text of a leaf, with or without attributes."""
    if value.__class__ is str:  # nearly always, and quicker than to ask for what a class inherits
        return value
    return str(value.get(TEXT, "")) if isinstance(value, dict) else ""
