"""A document as a tree to read, with what identifies a child, a victim or a reporter covered.

Whole branches are held where they speak of somebody protected: their elements are named and their values are not.
In all other values the veil covers what would name such a person. What no shape knows is held as well: a field that
is newer than our list may be a child's.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from amaan.formats.cybertipline import le_json, xml
from amaan.formats.reading import TEXT, Reading, Remainder, Tree, Unreadable, text_of
from amaan.reports.domain.veil import HELD, MOST_TOLD, PARTS, Told, Veil, compared, fold, open_text

_BRANCHES: Final = frozenset(
    {
        *("report/victim", "report/intendedRecipient", "report/reporter"),
        *("le_json/reportedInformation/victims", "le_json/reportedInformation/intendedRecipients"),
        "le_json/reportedInformation/reportingEsp",
        *(f"report/internetDetails/cellPhoneIncident/{name}" for name in ("latitude", "longitude")),
        *(
            f"report/internetDetails/nonInternetIncident/{name}"
            for name in ("incidentAddress", "locationName")
        ),
    }
)
_REPORTED: Final = frozenset(
    {"report/personOrUserReported", "le_json/reportedInformation/reportedPeople/reportedPersons"}
)
_ASSOCIATED: Final = "report/personOrUserReported/associatedAccount"
_FILE_NAMES: Final = frozenset({"fileName", "originalFileName", "fileNames", "filename", "originalFilename"})
_CAPTURES: Final = frozenset({"ipCaptureEvent", "deviceId", "sourceInformation"})
_SOMEBODYS: Final = ("report/personOrUserReported/", "le_json/reportedInformation/reportedPeople/")
"""Below these a capture is that person's, who is held or not."""
_PAIRS: Final = frozenset({"nameValuePair", "metadatas"})
_TELLING_NOBODY: Final = frozenset(
    {
        *("make", "model", "software", "imagewidth", "imageheight", "imagelength", "exifimagewidth"),
        *("exifimageheight", "orientation", "exposuretime", "fnumber", "iso", "isospeedratings", "datetime"),
        *("datetimeoriginal", "datetimedigitized", "flash", "focallength", "colorspace", "xresolution"),
        *("yresolution", "resolutionunit", "mimetype", "filesize", "filetype", "duration", "framerate"),
        *("width", "height", "compression", "bitspersample", "whitebalance", "exposuremode"),
    }
)
"""Names of a file's properties that say neither where it was made nor by whom. All others are held."""
_KINDS: Final = frozenset({"report", "fileDetails", "le_json", "csv"})
MOST_NODES: Final = 20_000
"""Of one tree. A page of more takes a browser minutes."""
_ROOM: Final = 1_000_000
"""Characters of one document that are covered: more would keep the reader, and everybody else, waiting."""
_MOST_PATH: Final = 400


@dataclass(frozen=True, slots=True)
class Node:
    """An element, key or column. `name` is empty where it would name somebody; `held`: a value stands sealed.

    `more`: the text goes on.
    """

    name: str
    attributes: tuple[tuple[str, Told], ...] = ()
    text: Told = ()
    children: tuple[Node, ...] = ()
    held: bool = False
    more: bool = False


@dataclass(frozen=True, slots=True)
class DocumentTree:
    """`nodes` counts all of them, with those left out; `not_understood` is what no shape knows, by its path."""

    kind: str
    root: Node
    nodes: int
    not_understood: tuple[tuple[Told, Told], ...]
    readable: bool = True
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Cover:
    """What covers a report's documents. Without one (None) everything is shown.

    `reported`: for each reported party in order whether it is protected; `associated`: for each of them, the same of
    its accounts; `uploader`: whether whoever uploaded the files may be. `clear`: values of a table's row that identify
    nobody protected, as `veil.compared` gives them.
    """

    veil: Veil
    reported: tuple[bool, ...] = ()
    associated: tuple[tuple[bool, ...], ...] = ()
    clear: frozenset[str] = frozenset()
    uploader: bool = False


def tree_of(kind: str, document: bytes, cover: Cover | None, most: int = MOST_NODES) -> DocumentTree:
    """`kind` is the one that the receipt names. A document that cannot be read (any more) is one held node.

    The tree has the first `most` nodes; the others are counted. What is covered is read no further than that.
    """
    if kind not in _KINDS:
        return _unreadable(kind)
    try:
        reading = _read(kind, document)
    except Unreadable:
        return _unreadable(kind)
    work = _Walk(cover, max(most, 1))
    if kind == "csv":
        work.nodes += 1
        root = Node("row", children=tuple(work.cells(reading.remainder)))
    else:
        root = work.node("report" if kind == "le_json" else kind, reading.tree, kind, held=False)
    unknown = () if kind == "csv" else tuple(work.unknown(reading.remainder))
    return DocumentTree(kind, root, work.nodes, unknown, left_out=max(0, work.nodes - work.most))


def trees_of(
    documents: Iterable[tuple[str, bytes]], cover: Cover | None, most: int = MOST_NODES
) -> tuple[DocumentTree, ...]:
    """Trees of a report's documents with their kinds: `most` nodes together, of each at least the first one."""
    trees: list[DocumentTree] = []
    for kind, document in documents:
        trees.append(tree_of(kind, document, cover, most))
        most -= trees[-1].nodes - trees[-1].left_out
    return tuple(trees)


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
    """One document being covered, its first `most` nodes."""

    cover: Cover | None
    most: int
    nodes: int = 0
    room: int = _ROOM
    _reported: int = -1
    _account: int = -1

    def node(self, name: str, value: str | Tree, path: str, *, held: bool) -> Node:
        self.nodes += 1
        held = held or self._holds(name, path)
        if not isinstance(value, dict):
            return self._node(name, value, held=held)
        closed = self.cover is not None and name in _PAIRS and not _tells_nobody(value)
        attributes = tuple(
            (key[1:].rpartition("}")[2], self._text(str(said), held=held))
            for key, said in value.items()
            if key[0] == "@"
        )
        children = tuple(self._children(value, path, held=held, closed=closed))
        return self._node(name, str(value.get(TEXT, "")), attributes, children, held=held)

    def _children(self, tree: Tree, path: str, *, held: bool, closed: bool) -> Iterator[Node]:
        """`closed`: of a name and a value only the name is shown."""
        for key, said in tree.items():
            if key == TEXT or key[0] == "@":
                continue
            for one in said:
                if self.nodes < self.most:
                    yield self.node(key, one, f"{path}/{key}", held=held or (closed and key != "name"))
                else:
                    self.nodes += _count(one)

    def _node(
        self,
        name: str,
        text: str,
        attributes: tuple[tuple[str, Told], ...] = (),
        children: tuple[Node, ...] = (),
        *,
        held: bool,
    ) -> Node:
        more = self.cover is not None and not held and len(text) > min(MOST_TOLD, self.room)
        return Node(name, attributes, self._text(text, held=held), children, held=held, more=more)

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
        if self.cover.uploader and name in _CAPTURES and not path.startswith(_SOMEBODYS):
            return True
        return path in _BRANCHES or name in _FILE_NAMES

    def _text(self, text: str, *, held: bool, most: int = MOST_TOLD) -> Told:
        if not text or self.cover is None:
            return open_text(text)
        if held:
            return HELD
        most = min(most, self.room)
        self.room -= min(most, len(text))
        return self.cover.veil.over(text, most)

    def _name(self, name: str) -> str:
        return "" if self.cover is not None and self.cover.veil.names(name) else name

    def cells(self, cells: list[Remainder]) -> Iterator[Node]:
        """A row's cells: those stay readable whose value is known to identify nobody protected."""
        for cell in cells:
            self.nodes += 1
            if self.nodes <= self.most:
                known = self.cover is None or compared(cell.value.strip()) in self.cover.clear
                yield self._node(self._name(cell.path), cell.value, held=bool(cell.value) and not known)

    def unknown(self, remainder: list[Remainder]) -> Iterator[tuple[Told, Told]]:
        for part in remainder:
            self.nodes += 1
            if self.nodes <= self.most:
                yield self._text(part.path, held=False, most=_MOST_PATH), self._text(part.value, held=True)


def _count(value: str | Tree) -> int:
    """The nodes of a branch."""
    if not isinstance(value, dict):
        return 1
    return 1 + sum(
        _count(one) for key, said in value.items() if key != TEXT and key[0] != "@" for one in said
    )


def _tells_nobody(pair: Tree) -> bool:
    """Whether a file's property has one name, and one that says nothing of a place or a person."""
    names = pair.get("name", [])
    return len(names) == 1 and "".join(PARTS.findall(fold(text_of(names[0])[:_MOST_PATH]))) in _TELLING_NOBODY
