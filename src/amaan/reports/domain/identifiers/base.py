"""What every identifier type has in common: its result, its error, and the reading of untrusted text."""

from __future__ import annotations

import re
import unicodedata
from abc import ABC, abstractmethod
from typing import ClassVar, NamedTuple

LONGEST = 65_536
"""Characters. Longer text is a document, not an identifier; nothing is ever cut to fit."""


class Text(NamedTuple):
    """The same sentence in English and Urdu."""

    en: str
    ur: str


class NotUnderstood(ValueError):
    """The text is not an identifier of the asked type; the message says what was expected.

    The message never repeats the text: it may be a victim's, and messages reach logs.
    """


class Cleaned(NamedTuple):
    """`normalised` is indexed: equal means the same thing. `display` is what an officer reads.

    `linking`: an equal value may link people; False: it only supports a comparison.
    `platform` is a platform's key (`instagram`), a wallet's or bank's name, a chain, or a province's code.
    """

    type: str
    normalised: str
    display: str
    linking: bool
    platform: str = ""


class IdentifierType(ABC):
    """A type that knows how its values are cleaned and compared (the idea is followthemoney's)."""

    name: ClassVar[str]
    label: ClassVar[Text]
    links: ClassVar[bool]
    why: ClassVar[Text]
    accepts: ClassVar[str]
    """One English sentence for the reference page: the forms that are understood."""
    examples: ClassVar[tuple[tuple[str, str], ...]]
    """(as written, platform) pairs for the reference page; invented or reserved values only."""

    @abstractmethod
    def clean(self, raw: str, *, platform: str = "", country: str = "PK") -> Cleaned:
        """Raises `NotUnderstood`, and nothing else, whatever the text. `country` is ISO 3166-1 alpha-2."""

    def result(
        self, normalised: str, display: str, platform: str = "", *, linking: bool | None = None
    ) -> Cleaned:
        return Cleaned(self.name, normalised, display, self.links if linking is None else linking, platform)


_DIGITS = {0x06F0 + n: str(n) for n in range(10)} | {0x0660 + n: str(n) for n in range(10)}
_DASHES = dict.fromkeys(
    (0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2015, 0x2212, 0xFE58, 0xFE63, 0xFF0D, 0x06D4), "-"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_SPACES = re.compile(r"\s+")


def ascii_digits(text: str) -> str:
    """Urdu (۰-۹) and Arabic-Indic (٠-٩) digits to 0-9; the length stays, so offsets hold."""
    return text if text.isascii() else text.translate(_DIGITS)


def plain_dashes(text: str) -> str:
    """Every kind of dash to `-`, also the Urdu full stop that keyboards put in its place; length stays."""
    return text if text.isascii() else text.translate(_DASHES)


def plain(raw: str, *, digits: bool = True) -> str:
    """Text without control, zero-width and direction characters, NFC, trimmed, digits in ASCII.

    Bidirectional controls (UAX #9) can make a value look like another, and survive copy and paste, so they
    never take part in a comparison. Raises `NotUnderstood` when it is empty, too long or broken.
    """
    if len(raw) > LONGEST:
        message = f"Expected one identifier, at most {LONGEST:,} characters; this text is longer."
        raise NotUnderstood(message)
    if raw.isascii() and raw.isprintable():
        text = raw.strip()
    else:
        if _SURROGATE.search(raw):
            raise NotUnderstood("Expected whole characters; this text is broken (half of a character pair).")
        text = _without_controls(unicodedata.normalize("NFC", raw))
        if digits:
            text = text.translate(_DIGITS)
    if not text:
        raise NotUnderstood("Expected an identifier; nothing was written.")
    return text


def _without_controls(text: str) -> str:
    # Removing a character can bring two together that compose, so this runs until nothing changes.
    while True:
        kept = "".join(
            " " if character.isspace() else character
            for character in text
            if character.isspace() or unicodedata.category(character) not in {"Cc", "Cf"}
        )
        kept = unicodedata.normalize("NFC", kept).strip()
        if kept == text:
            return kept
        text = kept


def folded(text: str) -> str:
    """Case and repeated spaces don't count. Idempotent, which a single casefold with NFC is not."""
    if text.isascii():
        return " ".join(text.lower().split())
    while True:
        once = _SPACES.sub(" ", unicodedata.normalize("NFC", text.casefold())).strip()
        if once == text:
            return once
        text = once


def expected(what: str) -> NotUnderstood:
    return NotUnderstood(f"Expected {what}.")
