"""Who writes links: one at a time; and one rebuild at a time, in all processes."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connection

from amaan.store.rows import on_postgres

_LINKING: Final = 0x616D61616E_07  # any numbers that nobody else takes
_REBUILDING: Final = 0x616D61616E_08
_A_MOMENT: Final = 0.1  # seconds


class RebuildUnderWay(Exception):
    """Two rebuilds at once would undo each other."""

    def __init__(self) -> None:
        super().__init__("Links are being rebuilt already. Wait until that run has ended, then try again.")


def take_turn() -> None:
    """Wait for one's turn, until the transaction ends. On SQLite who stands in a transaction has it already."""
    if on_postgres():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LINKING])


@contextmanager
def only_rebuild() -> Iterator[None]:
    """Held until the block ends, or the process does. Raises RebuildUnderWay."""
    if on_postgres():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [_REBUILDING])
            if not cursor.fetchone()[0]:
                raise RebuildUnderWay
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_REBUILDING])
        return
    lock = _open_lock()
    try:
        # Whoever asks whether a rebuild runs holds the lock for a moment.
        if not _lock(lock, fcntl.LOCK_EX):
            time.sleep(_A_MOMENT)
            if not _lock(lock, fcntl.LOCK_EX):
                raise RebuildUnderWay
        yield
    finally:
        os.close(lock)


def rebuild_runs() -> bool:
    """Whether some process, also this one, is inside `only_rebuild`."""
    if on_postgres():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1"
                " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
                " AND classid::bigint = %s AND objid::bigint = %s)",
                [_REBUILDING >> 32, _REBUILDING & 0xFFFFFFFF],
            )
            return bool(cursor.fetchone()[0])
    lock = _open_lock()
    try:
        return not _lock(lock, fcntl.LOCK_SH)
    finally:
        os.close(lock)


def _open_lock() -> int:
    path = Path(settings.AMAAN_HOME) / "linking.lock"
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _lock(lock: int, how: int) -> bool:
    try:
        fcntl.flock(lock, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
