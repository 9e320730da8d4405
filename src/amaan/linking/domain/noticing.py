"""Which sizes of a ring are worth a word. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Final

_FIRST: Final = (1, 2, 5)


def worth_a_word() -> Iterator[int]:
    """5, 10, 20, 50, 100, 200, 500 …"""
    for power in count():
        for digit in _FIRST:
            size = digit * 10**power
            if size >= 5:
                yield size


def sizes_passed(before: int, now: int) -> list[int]:
    """The sizes that a ring of `before` reports reached by having `now`."""
    passed = []
    for size in worth_a_word():
        if size > now:
            break
        if size > before:
            passed.append(size)
    return passed
