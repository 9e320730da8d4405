"""A document as a tree to read, with what identifies a child, a victim or a reporter covered.

Whole branches are held where they speak of somebody protected: their elements are named and their values are not.
In all other values the veil covers what would name such a person. What no shape knows is held as well: a field that
is newer than our list may be a child's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from amaan.formats.cybertipline import le_json, xml
from amaan.formats.reading import TEXT, Reading, Remainder, Tree, Unreadable, text_of
from amaan.reports.domain.veil import HELD, Told, Veil, fold, open_text

_BRANCHES: Final = frozenset(
    {
        *("report/victim", "report/intendedRecipient", "report/reporter"),
        *("le_json/reportedInformation/victims", "le_json/reportedInformation/intendedRecipients"),
        "le_json/reportedInformation/reportingEsp",
        *(f"report/internetDetails/cellPhoneIncident/{name}" for name in ("latitude", "longitude")),
    }
)
_REPORTED: Final = frozenset(
    {"report/personOrUserReported", "le_json/reportedInformation/reportedPeople/reportedPersons"}
)
_ASSOCIATED: Final = "report/personOrUserReported/associatedAccount"
_FILE_NAMES: Final = frozenset({"fileName", "originalFileName", "fileNames", "filename", "originalFilename"})
_CAPTURES: Final = frozenset({"ipCaptureEvent", "deviceId", "sourceInformation"})
_PAIRS: Final = frozenset({"nameValuePair", "metadatas"})
_LOCATING: Final = re.compile(r"gps|lat|lon|locat|owner|artist|author|creator|person|name", re.IGNORECASE)
_KINDS: Final = frozenset({"report", "fileDetails", "le_json", "csv"})


@dataclass(frozen=True, slots=True)
class Node:
    """An element, key or column. `name` is empty where it would name somebody; `held`: a value stands sealed."""

    name: str
    attributes: tuple[tuple[str, Told], ...] = ()
    text: Told = ()
    children: tuple[Node, ...] = ()
    held: bool = False


@dataclass(frozen=True, slots=True)
class DocumentTree:
    """`nodes` counts all of them; `not_understood` is what no shape knows, by its path."""

    kind: str
    root: Node
    nodes: int
    not_understood: tuple[tuple[Told, Told], ...]
    readable: bool = True


@dataclass(frozen=True, slots=True)
class Cover:
    """What covers a report's documents. Without one (None) everything is shown.

    `reported`: for each reported party in order whether it is protected; `associated`: for each of them, the same of
    its accounts; `uploader`: whether whoever uploaded the files is. `clear`: values of a table's row that identify
    nobody protected, folded.
    """

    veil: Veil
    reported: tuple[bool, ...] = ()
    associated: tuple[tuple[bool, ...], ...] = ()
    clear: frozenset[str] = frozenset()
    uploader: bool = False


def tree_of(kind: str, document: bytes, cover: Cover | None) -> DocumentTree:
    """`kind` is the one that the receipt names. A document that cannot be read (any more) is one held node."""
    if kind not in _KINDS:
        return _unreadable(kind)
    try:
        reading = _read(kind, document)
    except Unreadable:
        return _unreadable(kind)
    work = _Walk(kind, cover)
    if kind == "csv":
        root = Node("row", children=tuple(work.cells(reading)))
        return DocumentTree(kind, root, work.nodes + 1, ())
    name = "report" if kind == "le_json" else kind
    root = work.node(name, reading.tree, kind, held=False)
    return DocumentTree(kind, root, work.nodes, tuple(work.unknown(reading.remainder)))


def _unreadable(kind: str) -> DocumentTree:
    return DocumentTree(kind, Node(kind, held=True), 1, (), readable=False)


def _read(kind: str, document: bytes) -> Reading:
    if kind == "le_json":
        return le_json.read(document)
    if kind != "csv":
        return xml.read(document)
    try:
        cells = json.loads(document)
    except ValueError as error:
        raise Unreadable("malformed", "This row of a table is not as it was stored.") from error
    if not isinstance(cells, dict):
        raise Unreadable("drifted", "This row does not fit its table's header.")
    # Which column holds what stood in a file beside the table: here every column is one that nobody knows.
    return Reading("csv", {}, [Remainder(str(name), str(value)) for name, value in cells.items()])


@dataclass(slots=True)
class _Walk:
    """One document being covered."""

    kind: str
    cover: Cover | None
    nodes: int = 0
    _reported: int = -1
    _account: int = -1

    def node(self, name: str, value: str | Tree, path: str, *, held: bool) -> Node:
        self.nodes += 1
        held = held or self._holds(name, path)
        if not isinstance(value, dict):
            return Node(name, text=self._text(value, held=held), held=held)
        pair = (
            name in _PAIRS and self.cover is not None and _LOCATING.search(_first(value, "name")) is not None
        )
        attributes = tuple(
            (key[1:].rpartition("}")[2], self._text(str(said), held=held))
            for key, said in value.items()
            if key[0] == "@"
        )
        children = tuple(
            self.node(key, one, f"{path}/{key}", held=held or (pair and key == "value"))
            for key, said in value.items()
            if key != TEXT and key[0] != "@"
            for one in said
        )
        return Node(name, attributes, self._text(str(value.get(TEXT, "")), held=held), children, held=held)

    def _holds(self, name: str, path: str) -> bool:
        """Whether this element's whole branch is held, whatever stands above it."""
        if self.cover is None:
            return False
        if path in _REPORTED:
            self._reported, self._account = self._reported + 1, -1
            return self._reported >= len(self.cover.reported) or self.cover.reported[self._reported]
        if path == _ASSOCIATED:
            self._account += 1
            known = self.cover.associated[self._reported : self._reported + 1]
            return not known or self._account >= len(known[0]) or known[0][self._account]
        if self.cover.uploader and name in _CAPTURES and path.partition("/")[0] != "report":
            return True
        return path in _BRANCHES or name in _FILE_NAMES

    def _text(self, text: str, *, held: bool) -> Told:
        if not text or self.cover is None:
            return open_text(text)
        return HELD if held else self.cover.veil.over(text)

    def _name(self, name: str) -> str:
        return "" if self.cover is not None and self.cover.veil.names(name) else name

    def cells(self, reading: Reading) -> Iterator[Node]:
        """A row's cells: those stay readable whose value is known to identify nobody protected."""
        for cell in reading.remainder:
            self.nodes += 1
            known = self.cover is None or fold(cell.value.strip()) in self.cover.clear
            text = self._text(cell.value, held=not known)
            yield Node(self._name(cell.path), text=text, held=bool(cell.value) and not known)

    def unknown(self, remainder: list[Remainder]) -> Iterator[tuple[Told, Told]]:
        for part in remainder:
            self.nodes += 1
            path = open_text(part.path) if self.cover is None else self.cover.veil.over(part.path)
            yield path, self._text(part.value, held=True)


def _first(tree: Mapping[str, Any], name: str) -> str:
    values = tree.get(name)
    return text_of(values[0]) if values else ""


def first_nodes(tree: DocumentTree, most: int) -> tuple[DocumentTree, int]:
    """The tree with no more than its first `most` nodes, and how many were left out."""
    if tree.nodes <= most:
        return tree, 0
    room = most

    def kept(node: Node) -> Node:
        nonlocal room
        room -= 1
        children = []
        for child in node.children:
            if room <= 0:
                break
            children.append(kept(child))
        return replace(node, children=tuple(children))

    root = kept(tree.root)
    unknown = tree.not_understood[: max(room, 0)]
    return replace(tree, root=root, not_understood=unknown), tree.nodes - most
