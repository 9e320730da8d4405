"""One sequencer at a time, in all processes. Whoever comes second is told so at once."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

_ADVISORY = (
    0x616D61616E_1ED6  # "amaan" and a number of this room's own; PostgreSQL's locks belong to one database
)


@contextmanager
def only_sequencer() -> Iterator[bool]:
    """Whether it is our turn; held until the block ends (on PostgreSQL: in one transaction, until that
    ends)."""
    if connection.vendor == "postgresql":
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_ADVISORY])
                mine = bool(cursor.fetchone()[0])
            yield mine
        return
    lock = os.open(Path(settings.AMAAN_HOME) / "ledger.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(lock)
