"""Replaying on all cores: ids go out, counts and moves come back.

Processes are spawned, open a database connection of their own that only reads, and die with their parent.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import chain, islice
from typing import TYPE_CHECKING, Final

from amaan.triage.domain.replaying import Comparison, Move, Replay
from amaan.triage.domain.ruleset import read_ruleset

if TYPE_CHECKING:
    from amaan.triage.domain.ruleset import RuleSet

CHUNK: Final = 2_000
"""Reports a task: about 200 ms."""
AHEAD: Final = 4
"""Tasks a process that may wait, so that none stands still while the next ids are looked up."""
FEW: Final = 4_000
"""Up to here one process is enough: spawning takes longer."""

_comparison: Comparison | None = None


def _begin(before: str, after: str, database: str, parent: int) -> None:
    """What a process does before its first task: Django is set up here and not sooner, as nothing above needs it."""
    global _comparison  # noqa: PLW0603 - a process replays one pair of rule sets, given once
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends its processes, in its own time
    threading.Thread(target=_die_with, args=(parent,), daemon=True).start()
    os.nice(10)
    import django

    django.setup()
    from django.db import connection

    connection.settings_dict["NAME"] = database
    _comparison = Comparison(read_ruleset(before.encode()), read_ruleset(after.encode()))
    gc.freeze()  # the collector need not look through the program itself again and again


def _die_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def _work(report_ids: Sequence[int]) -> tuple[Replay, list[Move]]:
    from amaan.triage.selectors.replaying import replay_reports

    assert _comparison is not None
    return replay_reports(_comparison, report_ids)


def replay_all(before: RuleSet, after: RuleSet, *, processes: int) -> Iterator[tuple[Replay, list[Move]]]:
    """Every report's newest telling by both rule sets, a part at a time, in the order of ids.

    `processes`: how many; 1 is this one alone.
    """
    from django.db import connection

    source = _parts()
    head = list(islice(source, FEW // CHUNK))
    parts = chain(head, source)
    if processes <= 1 or len(head) < FEW // CHUNK:
        from amaan.triage.selectors.replaying import replay_reports

        comparison = Comparison(before, after)
        for ids in parts:
            yield replay_reports(comparison, ids)
        return
    with ProcessPoolExecutor(
        processes,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_begin,
        initargs=(before.body, after.body, str(connection.settings_dict["NAME"]), os.getpid()),
    ) as pool:
        waiting: deque[Future[tuple[Replay, list[Move]]]] = deque()
        for ids in parts:
            waiting.append(pool.submit(_work, ids))
            if len(waiting) > processes * AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _parts() -> Iterator[list[int]]:
    """All reports' ids, in order."""
    from amaan.reports.selectors import reports_after

    after = 0
    while ids := reports_after(after, limit=CHUNK):
        yield ids
        after = ids[-1]
