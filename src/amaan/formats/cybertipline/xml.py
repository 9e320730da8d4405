"""Reading the platforms' XML: one walk over the document that puts every node on one of two sides."""

from __future__ import annotations

from typing import Any

from lxml import etree

from amaan.formats.cybertipline.shapes import ROOTS
from amaan.formats.reading import TEXT, Reading, Remainder, Shape, Tree, Unreadable

# Comments and processing instructions say nothing of the report; they stay in the raw document.
# One parser for all documents: making one takes as long as reading a short document.
_PARSER = etree.XMLParser(
    resolve_entities=False,
    no_network=True,
    load_dtd=False,
    dtd_validation=False,
    huge_tree=False,
    remove_comments=True,
    remove_pis=True,
)


def read(document: bytes) -> Reading:
    """Read a `report` or `fileDetails` document.

    Raises Unreadable: `malformed` (not well-formed XML, or in another encoding than it says), `dtd` (a document
    type or entity declaration), `not_cybertipline` (another root element), `drifted` (what every report must
    hold is not where it was, so the format has changed).
    """
    root = parse(document)
    shape = ROOTS.get(root.tag)
    if shape is None:
        raise Unreadable(
            "not_cybertipline", f"The root element is «{root.tag}», not «report» or «fileDetails»."
        )
    remainder: list[Remainder] = []
    tree = _branch(root, shape, root.tag, remainder)
    reading = Reading(root.tag, tree, remainder)
    _refuse_drift(reading)
    return reading


def parse(document: bytes) -> etree._Element:
    """The document's root; nothing is fetched, nothing expanded, comments are gone.

    Raises Unreadable: `malformed`, `dtd`, as `read` does.
    """
    try:
        root = etree.fromstring(document, _PARSER)
    except etree.XMLSyntaxError as error:
        raise Unreadable("malformed", f"This is not well-formed XML: {error.msg}") from error
    except (ValueError, LookupError) as error:
        raise Unreadable("malformed", f"This cannot be read as XML: {error}") from error
    information = root.getroottree().docinfo
    if information.internalDTD is not None or information.doctype:
        raise Unreadable(
            "dtd", "The document declares a document type or entities; a report never needs them."
        )
    return root


def _branch(element: etree._Element, shape: Shape, path: str, remainder: list[Remainder]) -> Tree:
    tree: Tree = {}
    if element.keys():
        _attributes(element, shape, path, tree, remainder)
    text = element.text
    if text and (text := text.strip()):
        if shape.text:
            tree[TEXT] = text
        else:
            remainder.append(Remainder(f"{path}/text()", text))
    children = shape.children
    for child in element:
        tag = child.tag
        known = children.get(tag)
        if known is None:
            _unknown(child, f"{path}/{tag}", remainder)
        else:
            if known.text and not len(child) and not child.keys():
                text = child.text
                value: str | Tree = text.strip() if text else ""
            else:
                value = _branch(child, known, f"{path}/{tag}", remainder)
            if tag in tree:
                tree[tag].append(value)
            else:
                tree[tag] = [value]
        tail = child.tail
        if tail and (tail := tail.strip()):
            remainder.append(Remainder(f"{path}/text()", tail))
    return tree


def _attributes(
    element: etree._Element, shape: Shape, path: str, tree: Tree, remainder: list[Remainder]
) -> None:
    held: Any = element.attrib  # the stubs allow bytes, which lxml never gives
    for name, value in held.items():
        if name in shape.attributes:
            tree[f"@{name}"] = value.strip()
        else:
            remainder.append(Remainder(f"{path}/@{name}", value.strip()))


def _unknown(element: etree._Element, path: str, remainder: list[Remainder]) -> None:
    """Keep an element that the shape does not know, with all that stands in it."""
    remainder.append(Remainder(path, (element.text or "").strip()))
    held: Any = element.attrib
    for name, value in held.items():
        remainder.append(Remainder(f"{path}/@{name}", value.strip()))
    for child in element:
        _unknown(child, f"{path}/{child.tag}", remainder)
        if child.tail and (tail := child.tail.strip()):
            remainder.append(Remainder(f"{path}/text()", tail))


def _refuse_drift(reading: Reading) -> None:
    """A changed format must fail loudly: never let it through as an empty report (CyberTip-triage, BUG-018)."""
    tree = reading.tree
    if reading.kind == "report":
        summary = tree.get("incidentSummary", [{}])[0]
        lacks = [name for name in ("incidentSummary", "reporter") if name not in tree]
        if isinstance(summary, dict) and "incidentSummary" in tree and "incidentType" not in summary:
            lacks.append("incidentSummary/incidentType")
    else:
        lacks = [name for name in ("fileId",) if name not in tree]
    if lacks:
        raise Unreadable("drifted", f"Every {reading.kind} holds {', '.join(lacks)}; this one does not.")
    if len(reading.remainder) > 20 and len(reading.remainder) > (understood := _count(tree)):
        raise Unreadable(
            "drifted",
            f"{len(reading.remainder)} parts of this {reading.kind} were not understood and {understood} were: "
            f"the format has changed. The first: {reading.remainder[0].path}.",
        )


def _count(tree: Tree) -> int:
    total = 0
    for value in tree.values():
        if isinstance(value, list):
            total += sum(_count(one) + 1 if isinstance(one, dict) else 1 for one in value)
        else:
            total += 1
    return total
