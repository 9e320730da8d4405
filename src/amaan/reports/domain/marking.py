"""Marking what a text was found to say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple


class Mark(NamedTuple):
    """Characters `start` to `end` of a text, and what they were found to say, in the reader's language."""

    start: int
    end: int
    says: str


def cut_at(text: str, start: int, end: int, marks: Sequence[Mark]) -> Iterator[tuple[str, str]]:
    """A stretch of a text, cut where marks begin and end: (characters, what they say)."""
    held = [mark for mark in marks if mark.start < end and mark.end > start]
    cuts = {start, end, *(max(start, mark.start) for mark in held), *(min(end, mark.end) for mark in held)}
    for first, last in pairwise(sorted(cuts)):
        says = dict.fromkeys(mark.says for mark in held if mark.start <= first and mark.end >= last)
        yield text[first:last], " · ".join(says)
