"""NCMEC's hash sharing, version 2: one page, as the service answers it or as somebody saved it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from lxml import etree

from amaan.formats.hash_lists.entries import (
    SIZES,
    Invalid,
    ListEntry,
    category_of,
    clean,
    hash_like,
    is_nothing,
    name_of,
    value_of,
)
from amaan.formats.reading import Unreadable

_ENTRIES: Final = {
    "image": ("image", False),
    "video": ("video", False),
    "deletedimage": ("image", True),
    "deletedvideo": ("video", True),
}
_MOST_PARTS: Final = 20_000
"""Elements inside one entry: a hundred members may have given their opinion on ten fingerprints."""


@dataclass
class PageEnd:
    """What a page says besides its entries: `newest` is the latest maxTimestamp (or ""), `next` where it goes on."""

    newest: str = ""
    next: str = ""


class _Chained:
    """A file of which the beginning was read already."""

    def __init__(self, head: bytes, file: BinaryIO) -> None:
        self._head, self._file = head, file

    def read(self, size: int) -> bytes:
        if self._head:
            part, self._head = self._head[:size], self._head[size:]
            return part
        return self._file.read(size)


def read_xml(file: BinaryIO, head: bytes) -> Iterator[ListEntry | Invalid]:
    """Raises Unreadable `malformed`, `dtd`, `not_a_list`, `too_deep`, also after entries were given."""
    for found in read_page(file, head):
        if not isinstance(found, PageEnd):
            yield found


def read_page(file: BinaryIO, head: bytes = b"") -> Iterator[ListEntry | Invalid | PageEnd]:
    """The entries of a page, and at last its `PageEnd`. Nothing is fetched or expanded. Raises as `read_xml`."""
    end, number, depth, parts = PageEnd(), 0, 0, 0
    events = etree.iterparse(
        _Chained(head, file),
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        for event, element in events:
            if event == "start":
                depth += 1
                parts = 0 if depth == 3 else parts
                if depth == 1:
                    _refuse_strangers(element)
                elif depth == 2:
                    _newer(end, element)
                continue
            depth -= 1
            parts += 1
            if parts > _MOST_PARTS and depth >= 2:
                raise Unreadable("too_long", f"One entry has more than {_MOST_PARTS} parts.")
            parent = element.getparent()
            if parent is None or depth not in {1, 2}:
                continue
            if kind := _kind(element, parent):
                number += 1
                yield from _entry(number, element, *kind)
            elif depth == 2 and _local(element) == "next":
                end.next = (element.text or "").strip()
            parent.remove(element)  # so that a page of any length takes one entry's memory
    except etree.XMLSyntaxError as error:
        raise Unreadable("malformed", f"This is not well-formed XML: {clean(error.msg or '')}") from error
    except (ValueError, LookupError) as error:
        raise Unreadable("malformed", f"This cannot be read as XML: {clean(str(error))}") from error
    yield end


def _kind(element: etree._Element, parent: etree._Element) -> tuple[str, bool] | None:
    return _ENTRIES.get(_local(element).casefold()) if _local(parent) in {"images", "videos"} else None


def _local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _refuse_strangers(root: etree._Element) -> None:
    information = root.getroottree().docinfo
    if information.internalDTD is not None or information.doctype:
        raise Unreadable("dtd", "The document declares a document type or entities; a list never needs them.")
    if _local(root) != "queryResult":
        raise Unreadable(
            "not_a_list", f"The root element is «{clean(_local(root))[:60]}», not «queryResult»."
        )


def _newer(end: PageEnd, element: etree._Element) -> None:
    if _local(element) in {"images", "videos"}:
        end.newest = max(end.newest, (element.get("maxTimestamp") or "").strip())


def _entry(number: int, element: etree._Element, kind: str, deleted: bool) -> Iterator[ListEntry | Invalid]:
    said: dict[str, etree._Element] = {}
    for child in element:
        said.setdefault(_local(child), child)
    member = said["member"].get("id") or "" if "member" in said else ""
    own = (said["id"].text or "").strip() if "id" in said else ""
    if deleted and not own and element.text:  # the same three as one text, between commas
        member, _, rest = element.text.strip().partition(",")
        own = rest.partition(",")[0].strip()
    member = member.strip()
    name = name_of(f"{kind}:{member}-{own}")
    if not own or not member or not name:
        yield Invalid(number, "no_id", "")
        return
    if deleted:
        yield ListEntry(number, name, {}, withdrawn=True)
        return
    signals: dict[str, bytes] = {}
    faults: list[Invalid] = []
    for child in said.get("fingerprints", ()):
        mark, text = _local(child).casefold(), (child.text or "").strip()
        if mark not in SIZES or is_nothing(text):
            continue
        value = value_of(text, mark)
        if isinstance(value, bytes):
            signals.setdefault(mark, value)
        else:
            faults.append(Invalid(number, value, hash_like(text)))
    yield from faults
    category = category_of(said["classification"].text or "") if "classification" in said else ""
    if signals:
        yield ListEntry(number, name, signals, None, category, (f"member-{member[:30]}",))
    elif not faults:
        yield Invalid(number, "no_signal", "")
