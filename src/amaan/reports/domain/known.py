"""Many words at once: what a step along a text costs does not grow with their number, however they begin."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

LONGEST: Final = 64
"""Letters of one word. What is longer is looked for in pieces (`pieces_of`)."""


class Known:
    """Words of `head` to LONGEST letters, looked up by the lengths that words of the same beginning have.

    A step costs one look-up a length, so at most LONGEST of them: names that all begin alike cost no more.
    """

    def __init__(self, words: Iterable[str], head: int) -> None:
        self._words = frozenset(words)
        self._head = head
        lengths: dict[str, set[int]] = {}
        for word in self._words:
            lengths.setdefault(word[:head], set()).add(len(word))
        self._lengths = {start: tuple(sorted(found)) for start, found in lengths.items()}

    def __bool__(self) -> bool:
        return bool(self._words)

    def found_in(self, text: str) -> Iterator[tuple[int, int]]:
        """Where each of them begins and ends in a text, in the order of their beginnings."""
        head, lengths, words = self._head, self._lengths, self._words
        for start in range(len(text) - head + 1):
            for length in lengths.get(text[start : start + head], ()):
                piece = text[start : start + length]
                if piece in words:
                    yield start, start + len(piece)


def pieces_of(word: str) -> Iterator[tuple[int, str]]:
    """Pieces of at most LONGEST letters that together are the whole word, each with its place in it.

    The last one reaches back as far as it may: no piece of a long word is a short word.
    """
    last = max(0, len(word) - LONGEST)
    for start in range(0, last, LONGEST):
        yield start, word[start : start + LONGEST]
    yield last, word[last:]
