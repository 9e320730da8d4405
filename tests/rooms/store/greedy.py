"""A writer that takes the lock again as soon as it has let go of it; run in a process of its own."""

from __future__ import annotations

import time
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event

from amaan.store.sqlite.base import Turnstile


def write_greedily(database: str, inside: Event, stop: Event, turns: Synchronized[int]) -> None:
    turnstile = Turnstile(database)
    while not stop.is_set():
        turnstile.enter()
        turns.value += 1
        inside.set()
        time.sleep(0.02)
        turnstile.leave()
