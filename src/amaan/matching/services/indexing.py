"""Keep the index file near the lists. The worker does it; a big one in a process of its own."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import Final

from amaan.authority.actors import Actor
from amaan.matching import index_files
from amaan.matching.permissions import require_system

IN_PROCESS: Final = 100_000
"""Signals that the worker indexes itself, within a second; more are indexed by a child, while the worker goes on."""

AFTER_A_FAULT: Final = 600.0
"""Seconds without another try after a building that failed: a full disk or a folder of another user's stays so."""

_verified: set[str] = set()
_not_before: list[float] = []
_child: list[subprocess.Popen[bytes]] = []


def keep_index(actor: Actor) -> int:
    """Build the index anew where much came in or went since; whether it did something. What is on the disk is read
    and checked once, when the worker begins."""
    require_system(actor)
    if "once" not in _verified:
        index_files.verify()
        _verified.add("once")
    if _child:
        ended = _child[0].poll()
        if ended is None:
            return 0
        _child.clear()
        if ended:
            _wait()
    if _not_before and time.monotonic() < _not_before[0]:
        return 0
    state = index_files.state()
    if state.building or not state.wants_building:
        return 0
    if state.rows + state.behind < IN_PROCESS:
        try:
            index_files.build()
        except OSError:
            _wait()
            raise
    else:
        _child.append(
            subprocess.Popen(
                [sys.executable, "-m", "amaan.cli", "lists", "index", "--build"], stdin=subprocess.DEVNULL
            )
        )
    return 1


def _wait() -> None:
    _not_before[:] = [time.monotonic() + AFTER_A_FAULT]


def build_index(actor: Actor) -> index_files.Manifest | None:
    """Build it now; None where somebody builds already."""
    require_system(actor)
    return index_files.build()
