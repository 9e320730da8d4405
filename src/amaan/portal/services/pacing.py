"""Wrong codes are counted all together, in this process and for a minute. Too many, and everybody's next try takes a
moment: whoever guesses gets nowhere, and nobody is told apart, remembered or locked out.

With at most LANES tries every WAIT seconds and process, two processes take four guesses a second. Against 10^15 codes
and a million boxes, that finds one in some eight years of never pausing.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

FREE: Final = 60
"""Wrong codes of one minute that delay nobody."""
WAIT: Final = 2.0
"""Seconds that each try waits afterwards, right and wrong alike."""
LANES: Final = 4
"""Tries that wait at once."""
LINE: Final = 2 * LANES
"""Tries in a lane or in line for one, first come, first served. The process's other threads go on taking reports."""
_MINUTE: Final = 60.0


class TooManyAtOnce(Exception):
    """The line is full; try again in a moment. Nothing is remembered of whoever asked."""


class Pace:
    """`clock` and `sleep` in seconds."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.free = FREE
        self._clock, self._sleep = clock, sleep
        self._wrong: deque[float] = deque()
        self._lock = threading.Lock()
        self._line, self._lanes = threading.BoundedSemaphore(LINE), threading.BoundedSemaphore(LANES)

    @contextmanager
    def one_try(self) -> Iterator[None]:
        """Around a try, which waits its turn first. Raises TooManyAtOnce."""
        if not self._is_crowded():
            yield
            return
        if not self._line.acquire(blocking=False):
            raise TooManyAtOnce
        try:
            with self._lanes:
                self._sleep(WAIT)
                yield
        finally:
            self._line.release()

    def note_wrong(self) -> None:
        with self._lock:
            self._wrong.append(self._clock())

    def _is_crowded(self) -> bool:
        with self._lock:
            now = self._clock()
            while self._wrong and self._wrong[0] < now - _MINUTE:
                self._wrong.popleft()
            return len(self._wrong) >= self.free


CODES: Final = Pace()
