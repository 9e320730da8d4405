"""Photos held in memory until a decoder has seen them, within a budget that all uploads of a process share."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Final

from amaan.evidence.domain.media import NoPdq

MOST_HELD: Final = 30 << 20
"""Bytes of one photo."""
HEAD: Final = 64
"""Bytes at the beginning of a file that say what format it is."""


class Budget:
    """Bytes that may be held at once, by all threads. Nobody waits: what finds no room goes without."""

    def __init__(self, most: int) -> None:
        self._left, self._lock = most, Lock()

    def take(self, count: int) -> bool:
        with self._lock:
            if count > self._left:
                return False
            self._left -= count
            return True

    def give(self, count: int) -> None:
        with self._lock:
            self._left += count

    @property
    def left(self) -> int:
        return self._left


class HeldPhoto:
    """One upload's bytes, as long as they may be a photo's and there is room; else why they are not held.

    `is_photo` is given the first HEAD bytes, or all where there are fewer. `release` gives the memory back; twice does
    no harm.
    """

    def __init__(self, budget: Budget, is_photo: Callable[[bytes], bool]) -> None:
        self._budget, self._is_photo = budget, is_photo
        self._data: bytearray | None = bytearray()
        self._known = False
        self.why_not: NoPdq | None = None

    def add(self, data: bytes) -> None:
        if self._data is None:
            return
        if not self._known:
            head = (bytes(self._data) + data)[:HEAD]
            if len(head) == HEAD and not self._begins_as_photo(head):
                return
        if len(self._data) + len(data) > MOST_HELD:
            self._drop(NoPdq.TOO_LARGE)
        elif not self._budget.take(len(data)):
            self._drop(NoPdq.NO_ROOM)
        else:
            try:
                self._data += data
            except MemoryError:  # the machine has less than the budget says
                self._budget.give(len(data))
                self._drop(NoPdq.NO_ROOM)

    def whole(self) -> memoryview | None:
        """The file, where it is a photo and was held to its end."""
        if self._data is not None and not self._known:
            self._begins_as_photo(bytes(self._data))
        return None if self._data is None else memoryview(self._data)

    def release(self) -> None:
        if self._data is not None:
            held, self._data = len(self._data), None
            self._budget.give(held)

    def _begins_as_photo(self, head: bytes) -> bool:
        self._known = self._is_photo(head)
        if not self._known:
            self._drop(NoPdq.NO_PHOTO)
        return self._known

    def _drop(self, why: NoPdq) -> None:
        self.why_not = why
        self.release()
