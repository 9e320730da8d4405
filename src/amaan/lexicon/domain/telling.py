"""All texts of one telling, read: hits by part, the words of them, and what was too long to be read. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from typing import Final, NamedTuple

from amaan.lexicon.domain.indicators import Indicator
from amaan.lexicon.domain.lexicon import Lexicon
from amaan.lexicon.domain.reading import Hit, read_text

MOST_READ: Final = 400_000
"""Characters of one telling that are read; past it they are counted, and the page says that they were not read."""
MOST_HITS: Final = 200
"""Hits of one telling that are kept, so many at most of each part; an indicator is never lost by it."""


class Telling(NamedTuple):
    """`hits`: (rule, part, start, end)."""

    indicators: tuple[Indicator, ...]
    hits: tuple[tuple[str, str, int, int], ...]
    unread: int


def read_telling(parts: Iterable[tuple[str, str]], lexicon: Lexicon) -> Telling:
    """`parts` are (name of the part, text)."""
    room, unread = MOST_READ, 0
    found: set[Indicator] = set()
    hits: list[tuple[str, str, int, int]] = []
    for part, text in parts:
        read = text[:room]
        room -= len(read)
        unread += len(text) - len(read)
        for hit in _read(read, lexicon):
            if hit.indicator not in found or len(hits) < MOST_HITS:
                hits.append((hit.rule, part, hit.start, hit.end))
            found.add(hit.indicator)
    return Telling(tuple(one for one in Indicator if one in found), tuple(hits), unread)


_MOST_REMEMBERED: Final = 20_000
_remembered: dict[bytes, tuple[Hit, ...]] = {}


def _read(text: str, lexicon: Lexicon) -> tuple[Hit, ...]:
    """`read_text`, once a text: platforms write the same sentences into every report.

    What is remembered is a digest and what was found, never a text.
    """
    key = blake2b(
        text.encode("utf-8", "surrogatepass"), digest_size=16, key=lexicon.digest[:64].encode()
    ).digest()
    found = _remembered.get(key)
    if found is None:
        if len(_remembered) >= _MOST_REMEMBERED:
            _remembered.clear()
        found = _remembered[key] = read_text(text, lexicon=lexicon)
    return found
