"""Reading on the other cores: packages go out, prepared reports come back, in order and in flat memory.

Workers are spawned, import only pure modules, hold no database connection and die with their parent.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import pickle
import signal
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from datetime import UTC, datetime
from itertools import chain, islice

from amaan.referrals.domain.intake import Context, Refused, read_packages
from amaan.referrals.domain.packages import Package
from amaan.reports.domain.preparing import Prepared

CHUNK = 48
"""Packages a task: about 650 KB to fetch."""
AHEAD = 16
"""Tasks that may wait, read or unread: more than a slice holds, so that readers go on while a slice is stored."""
FEW = 96
"""Up to here the import reads in its own process: spawning takes longer."""

_context: Context | None = None
_tasks = 0


def _begin(context: Context, parent: int) -> None:
    global _context  # noqa: PLW0603 - a worker process has exactly one task, given once
    _context = context
    # Reading makes many short-lived objects and no cycles worth chasing: measured, the collector took a quarter.
    gc.disable()
    # Years of backlog are read while somebody at the public's door waits for a page. These processes hold no lock.
    os.nice(10)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends its workers, in its own time
    threading.Thread(target=_die_with, args=(parent,), daemon=True).start()


def _die_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def _work(packages: list[Package], received_at: datetime) -> bytes:
    """The results, pickled here: the pool's own pickler asks Python about every object, and took twice as long."""
    global _tasks  # noqa: PLW0603 - counts this process's own tasks
    assert _context is not None
    _tasks += 1
    if _tasks % 25 == 0:
        gc.collect()
    return pickle.dumps(read_packages(packages, _context, received_at), pickle.HIGHEST_PROTOCOL)


def read_all(
    packages: Iterable[Package], context: Context, processes: int, *, many: bool = False
) -> Iterator[list[Prepared | Refused]]:
    """Results in the packages' order, a chunk at a time. `many`: there are so many that the readers begin at once,
    while the first package is still looked for (an archive's directory takes seconds)."""
    source = iter(packages)
    if processes == 0 or not many:
        head = list(islice(source, FEW))
        source = chain(head, source)
        if len(head) < FEW or processes == 0:
            while chunk := list(islice(source, CHUNK)):
                yield read_packages(chunk, context, datetime.now(UTC))
            return
    with ProcessPoolExecutor(
        processes,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_begin,
        initargs=(context, os.getpid()),
    ) as pool:
        for _ in range(processes):
            pool.submit(os.getpid)  # a pool starts a process with the first task it is given
        source = chain(list(islice(source, 1)), source)
        # The collector would look again and again at rows that are about to be dropped, and at an archive's directory.
        gc.collect()
        gc.freeze()
        gc.disable()
        taken = 0
        waiting: deque[Future[bytes]] = deque()
        try:
            while True:
                while len(waiting) < AHEAD and (chunk := list(islice(source, CHUNK))):
                    waiting.append(pool.submit(_work, chunk, datetime.now(UTC)))
                if not waiting:
                    return
                # From this program's own child, over a pipe that nobody else holds.
                yield pickle.loads(waiting.popleft().result())  # noqa: S301
                taken += 1
                if taken % 200 == 0:
                    gc.collect()
        finally:
            gc.enable()
            gc.unfreeze()
            for future in waiting:
                future.cancel()
