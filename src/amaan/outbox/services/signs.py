"""Signs of life, as files: whether a worker delivers on this machine, and whether much is being brought in."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

HEARTBEAT = "worker.heartbeat"
HEARTBEAT_SECONDS = 5
LONG_WORK = "long-work.heartbeat"


def beat() -> None:
    """Say that this process delivers; a worker does so about every second."""
    (Path(settings.AMAAN_HOME) / HEARTBEAT).touch()


def worker_alive() -> bool:
    """Whether a worker on this machine said so within the last seconds."""
    return _beats(HEARTBEAT)


def beat_long_work() -> None:
    """Say that much is being brought in: what goes behind waits on this machine. Say it about every second."""
    (Path(settings.AMAAN_HOME) / LONG_WORK).touch()


def end_long_work() -> None:
    """Nobody waits for it any more."""
    (Path(settings.AMAAN_HOME) / LONG_WORK).unlink(missing_ok=True)


def long_work() -> bool:
    """Whether somebody on this machine said so within the last seconds."""
    return _beats(LONG_WORK)


def _beats(name: str) -> bool:
    try:
        # Also where the clock was set back since: a time to come says nothing.
        return abs(time.time() - (Path(settings.AMAAN_HOME) / name).stat().st_mtime) < HEARTBEAT_SECONDS
    except OSError:
        return False


@contextmanager
def with_worker() -> Iterator[None]:
    """A worker beside long work, on another core: the one that runs, or a child that ends with the work."""
    if worker_alive():
        yield
        return
    child = subprocess.Popen(
        [sys.executable, "-m", "amaan.cli", "worker", "--with-parent", str(os.getpid())],
        stdin=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        child.terminate()
        child.wait()
        # Nobody takes it for alive any more; another one says so again within a second.
        (Path(settings.AMAAN_HOME) / HEARTBEAT).unlink(missing_ok=True)
