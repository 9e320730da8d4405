"""What every reader gives, and how a cell becomes a value."""

from __future__ import annotations

import hashlib
import re
from typing import Final, NamedTuple

SIZES: Final = {"sha256": 32, "sha1": 20, "md5": 16, "pdq": 32}
"""Bytes of a value, by the signal's name; strongest first."""

TYPE_WORDS: Final = {
    **dict.fromkeys(("md5", "md5hash", "md5sum", "videomd5", "imagemd5"), "md5"),
    **dict.fromkeys(("sha1", "sha1hash", "sha1sum"), "sha1"),
    **dict.fromkeys(("sha256", "sha256hash", "sha256sum", "sha2256"), "sha256"),
    **dict.fromkeys(("pdq", "pdqhash", "imagepdq"), "pdq"),
}
"""A type in a source's words, small and without signs, such as `SHA-256` or `ImagePDQ`."""

_BLANK: Final = frozenset(
    {bytes(size) for size in SIZES.values()}
    | {bytes([255]) * size for size in SIZES.values()}
    | {hashlib.new(name).digest() for name in ("md5", "sha1", "sha256")}
)
_NOTHING: Final = frozenset({"", "-", "na", "n/a", "nil", "none", "null", "nan", "0", "unknown"})
MOST_SAID: Final = 120
MOST_NAME: Final = 120
MOST_TEXT: Final = 200
MOST_TAGS: Final = 16
_SIGNS: Final = re.compile(r"[\W_]+")
_NUMBER: Final = re.compile(r"[-+]?[0-9][0-9.,]{0,15}%?")
_TAG_ENDS: Final = re.compile(r"[\s,;|]+")


class ListEntry(NamedTuple):
    """One thing that a list knows. Rows of one name belong together, wherever they stand.

    `line` is the line where it begins; in JSON and XML, which have no lines worth the name, the how-manieth entry it
    is. `name` is the source's own number for it, or "". `signals` holds md5, sha1, sha256 and pdq, as bytes, in any
    combination; it is empty only where `withdrawn` says that the source took the entry back. `quality` is the PDQ
    hash's, 0 to 100. `category` is the source's own word. No text holds control signs.
    """

    line: int
    name: str
    signals: dict[str, bytes]
    quality: int | None = None
    category: str = ""
    tags: tuple[str, ...] = ()
    withdrawn: bool = False


class Invalid(NamedTuple):
    """What could not be used: where, and why (a stable word, see docs/reference/hash-lists.md).

    `said` is what stood there, where it looks like the hash or number that it should be (`hash_like`, `number_like`),
    and otherwise "": lines of such lists name victims, and what is kept of them lies in clear.
    """

    line: int
    code: str
    said: str


def plain_word(text: str) -> str:
    """Small letters and digits alone: `SHA-256` → `sha256`, `Image ID` → `imageid`."""
    return _SIGNS.sub("", text.casefold())


def is_nothing(cell: str) -> bool:
    """Whether a cell says in one of the usual ways that there is no value."""
    return cell.strip().casefold() in _NOTHING


def is_blank(value: bytes) -> bool:
    """Whether every empty file, or every empty picture, would have this value: it tells nothing, and matches much."""
    return value in _BLANK


def value_of(cell: str, kind: str) -> bytes | str:
    """The value of this kind in a cell, or the code of what is wrong with it."""
    text = cell.strip().strip("'\"").strip()
    if text[:2] in {"0x", "0X"}:
        text = text[2:]
    if len(text) != 2 * SIZES[kind]:
        return "length" if text.isalnum() else "not_hex"
    try:
        value = bytes.fromhex(text)
    except ValueError:
        return "not_hex"
    if len(value) != SIZES[kind]:  # blanks inside, which fromhex passes over
        return "not_hex"
    return "blank" if is_blank(value) else value


def hash_like(text: str) -> str:
    """A wrong hash, short enough to list; "" for what is no such thing, and so may be a name or a sentence."""
    text = text.strip().strip("'\"").strip()[:MOST_SAID]
    digits = sum(map(text.count, "0123456789abcdefABCDEF"))
    return (
        text if len(text) >= 8 and text.isascii() and text.isalnum() and 4 * digits >= 3 * len(text) else ""
    )


def number_like(text: str) -> str:
    """A wrong number, or "" for what is none."""
    text = text.strip()
    return text if _NUMBER.fullmatch(text) else ""


def clean(text: str) -> str:
    """One line without control signs."""
    if not text.isprintable():
        text = "".join(sign if sign.isprintable() else " " for sign in text)
    return text.strip()


def name_of(text: str) -> str:
    """The source's own number; "" where it is too long to be one."""
    name = clean(text)
    return name if len(name) <= MOST_NAME else ""


def category_of(text: str) -> str:
    return clean(text)[:MOST_TEXT]


def tags_of(text: str) -> tuple[str, ...]:
    """Words between blanks, commas, semicolons or bars: each at most 40 signs, sixteen at most, none twice."""
    if not text:
        return ()
    words = (word[:40] for word in _TAG_ENDS.split(clean(text[:2000])) if word)
    return tuple(dict.fromkeys(words))[:MOST_TAGS]


def quality_of(text: str) -> int | str | None:
    """A PDQ quality from 0 to 100, None where nothing is said, or the code of what is wrong with it."""
    if text.isdecimal() and len(text) <= 3:
        number = int(text)
        return number if number <= 100 else "quality"
    if is_nothing(text):
        return None
    try:
        share = float(text.replace(",", "."))
    except ValueError:
        return "quality"
    return round(share) if 0 <= share <= 100 else "quality"


_YES: Final = frozenset({"y", "yes", "true", "t", "1", "x", "ja", "oui", "si", "sí"})
_NO: Final = frozenset({"n", "no", "false", "f", "0", "nein", "non"})


def yes_or_no(text: object) -> bool | None:
    """Yes, no, or neither: real exports mix Y, Yes, True, true, 1 and JSON's own."""
    if isinstance(text, bool):
        return text
    word = str(text).strip().casefold()
    return True if word in _YES else False if word in _NO else None
