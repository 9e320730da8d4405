"""VICS 1.x and 2.0 (and plain JSON of the same shape), read liberally and one object at a time.

The data model is not public; it is reconstructed from public readers and writers. A list is `{"value": [media …]}`,
an export `{"value": [{"CaseID": …, "Media": [media …]}]}`; lists without a wrapper and one object a line are read too.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

import orjson

from amaan.formats.hash_lists.entries import (
    MOST_TAGS,
    TYPE_WORDS,
    Invalid,
    ListEntry,
    category_of,
    hash_like,
    is_nothing,
    name_of,
    number_like,
    plain_word,
    quality_of,
    tags_of,
    value_of,
    yes_or_no,
)
from amaan.formats.hash_lists.headers import WITHDRAWN_WORDS
from amaan.formats.hash_lists.lines import encoding_of
from amaan.formats.reading import Unreadable

_LISTS: Final = frozenset({"value", "media", "entries", "items", "hashes", "records", "data"})
"""Names of arrays whose objects are entries, or hold such an array."""
_CHUNK: Final = 256 * 1024
ITEM_LIMIT: Final = 1024 * 1024
"""Bytes of one entry."""
MOST_DEPTH: Final = 64
# Everything up to the next bracket, whole strings included. Possessive: nothing is tried twice.
_RUN: Final = re.compile(rb'(?:[^"{}\[\]]++|"[^"\\]*+(?:\\.[^"\\]*+)*")*', re.DOTALL)
_STRING_REST: Final = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*', re.DOTALL)
_KEY: Final = re.compile(rb'"([^"\\]{1,100})"\s*:\s*$')
_FLAGS: Final = {
    "victimidentified": "victim-identified",
    "offenderidentified": "offender-identified",
    "isdistributed": "distributed",
    "issuspected": "suspected",
}


def read_json(file: BinaryIO, head: bytes) -> Iterator[ListEntry | Invalid]:
    """Raises Unreadable `malformed`, `too_deep`, `broken_off`, `not_a_list`, also after entries were given."""
    number, scan = 0, _Scan(_utf8(file, head))
    for found in _objects(scan):
        if found is None:
            number += 1
            yield Invalid(number, "too_long", "")
            continue
        try:
            item = orjson.loads(found)
        except orjson.JSONDecodeError:
            number += 1
            yield Invalid(number, "json", "")
            continue
        keys = {plain_word(key): value for key, value in item.items()}
        if not _is_wrapper(keys):
            number += 1
            yield from _entry(number, keys)
    if not number and not scan.listed:
        raise Unreadable("not_a_list", "There is no array named value or Media, and no object with a hash.")


def _is_wrapper(keys: dict[str, Any]) -> bool:
    """A case, or the document itself, without an entry in it."""
    around = {"caseid", "casenumber", "odatacontext", "odatametadata"}
    return bool(keys.keys() & around) and not keys.keys() & TYPE_WORDS.keys()


def _utf8(file: BinaryIO, head: bytes) -> Iterator[bytes]:
    encoding = encoding_of(head)
    decode = codecs.getincrementaldecoder(encoding)("replace").decode
    chunk = head
    if encoding == "utf-8-sig":
        chunk = head.removeprefix(codecs.BOM_UTF8)
        while chunk:
            yield chunk
            chunk = file.read(_CHUNK)
        return
    while chunk:
        yield decode(chunk).encode("utf-8", "replace")
        chunk = file.read(_CHUNK)


class _Scan:
    """How far the document is read: what is open, and where the entry that is being gathered begins."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self.held = b""
        self.at = 0
        self.open: list[tuple[int, str]] = []  # bracket, the key that it belongs to
        self.begin = -1  # where in `held` the object begins that is being gathered
        self.depth = 0  # of that object
        self.oversized = False
        self.listed = False  # whether an array was seen that lists entries, if only none
        self.before = b""  # the last bytes before `at`: where a bracket's key stands

    def more(self) -> bool:
        """Read on, keeping what is still needed; whether there was more."""
        chunk = next(self._chunks, b"")
        keep = self.at if self.begin < 0 else self.begin
        self.held = self.held[keep:] + chunk
        self.at -= keep
        if self.begin >= 0:
            self.begin = 0
            if len(self.held) > ITEM_LIMIT + 2 * _CHUNK:
                self.begin, self.oversized = -1, True
        return bool(chunk)

    def advance(self) -> int:
        """To the next bracket; it, or -1 at the end. Raises Unreadable."""
        while True:
            end = _RUN.match(self.held, self.at).end()  # type: ignore[union-attr]  # it matches the empty text
            self.before = (self.before + self.held[max(self.at, end - 300) : end])[-300:]
            self.at = end
            if end < len(self.held) and self.held[end] != 0x22:
                return self.held[end]
            inside = end < len(self.held)
            if inside and len(self.held) - end > ITEM_LIMIT:
                self._leave_string()
            elif not self.more():
                if inside:
                    raise Unreadable("broken_off", "The document ends inside a text.")
                return -1

    def _leave_string(self) -> None:
        """Pass over a text that is longer than any entry, whatever its length."""
        self.at += 1
        self.oversized = self.oversized or self.begin >= 0
        self.begin = -1
        while True:
            self.at = _STRING_REST.match(self.held, self.at).end()  # type: ignore[union-attr]
            if self.at < len(self.held) and self.held[self.at] == 0x22:
                self.at += 1
                return
            if not self.more():
                raise Unreadable("broken_off", "The document ends inside a text.")


def _objects(scan: _Scan) -> Iterator[bytes | None]:
    """Each object that may be an entry, as bytes; None for one that is too long to be one."""
    while (bracket := scan.advance()) >= 0:
        if bracket in b"{[":
            key = ""
            if scan.open and scan.open[-1][0] == 0x7B and (found := _KEY.search(scan.before)):
                key = plain_word(found[1].decode("utf-8", "replace"))
            if bracket == 0x5B:
                a_list = key in _LISTS or not scan.open
                scan.listed = scan.listed or a_list
                if (
                    a_list and len(scan.open) == scan.depth + 1
                ):  # the object around it is a wrapper, not an entry
                    scan.begin, scan.oversized = -1, False
            elif scan.begin < 0 and not scan.oversized and _may_hold(scan.open):
                scan.begin, scan.depth = scan.at, len(scan.open)
            scan.open.append((bracket, key))
            if len(scan.open) > MOST_DEPTH:
                raise Unreadable("too_deep", f"Brackets stand more than {MOST_DEPTH} deep in each other.")
        else:
            if not scan.open or scan.open.pop()[0] != bracket - 2:
                raise Unreadable("malformed", "A bracket closes that was not opened.")
            if len(scan.open) == scan.depth and (scan.begin >= 0 or scan.oversized) and bracket == 0x7D:
                yield None if scan.oversized else scan.held[scan.begin : scan.at + 1]
                scan.begin, scan.oversized = -1, False
        scan.at += 1
        scan.before = b""
    if scan.open:
        raise Unreadable("broken_off", "The document ends before its brackets are closed.")


def _may_hold(open_: list[tuple[int, str]]) -> bool:
    """Whether an object that opens here may be an entry: at the top, or in an array that lists entries."""
    return not open_ or (open_[-1][0] == 0x5B and (open_[-1][1] in _LISTS or len(open_) == 1))


def _said(keys: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Each signal's kind and what stands for it."""
    for key, value in keys.items():
        if key in TYPE_WORDS and value is not None:
            yield TYPE_WORDS[key], str(value)
    alternatives = keys.get("alternativehashes")
    for one in alternatives if isinstance(alternatives, list) else []:
        if isinstance(one, dict) and (kind := TYPE_WORDS.get(plain_word(str(one.get("HashName"))))):
            yield kind, str(one.get("HashValue") or "")


def _tags(keys: dict[str, Any]) -> tuple[str, ...]:
    """Flags, and a source's list of tags. A text of tags or the name of a series may name a victim: neither is kept."""
    tags = [flag for key, flag in _FLAGS.items() if yes_or_no(keys.get(key))]
    if str(keys.get("series") or "").strip():
        tags.append("series")
    if isinstance(keys.get("tags"), list):
        tags += [tag for word in keys["tags"] for tag in tags_of(str(word))]
    return tuple(dict.fromkeys(tags))[:MOST_TAGS]


def _entry(number: int, keys: dict[str, Any]) -> Iterator[ListEntry | Invalid]:
    signals: dict[str, bytes] = {}
    told = False
    for kind, held in _said(keys):
        if kind in signals or is_nothing(held):
            continue
        value = value_of(held, kind)
        if isinstance(value, bytes):
            signals[kind] = value
        else:
            told = True
            yield Invalid(number, value, hash_like(held))
    held = "" if keys.get("quality") is None else str(keys["quality"])
    quality = quality_of(held)
    if isinstance(quality, str):
        told = True
        yield Invalid(number, quality, number_like(held))
        quality = None
    # MediaID numbers the pictures of one export, not those of a list: it would join strangers at the next import.
    name = name_of(str(keys.get("id") or ""))
    withdrawn = str(keys.get("status", "")).strip().casefold() in WITHDRAWN_WORDS
    if signals or (withdrawn and name):
        category = "" if keys.get("category") is None else category_of(str(keys["category"]))
        yield ListEntry(number, name, signals, quality, category, _tags(keys), withdrawn)
    elif not told:
        yield Invalid(number, "no_signal", "")
