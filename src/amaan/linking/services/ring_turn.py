"""One names rings at a time: two who name the same component at once would give it two names."""

from __future__ import annotations

from typing import Final

from django.db import connection

from amaan.store.rows import on_postgres

_NUMBER: Final = 0x616D61616E_12  # any number that nobody else takes


def take_ring_turn() -> None:
    """Wait for one's turn, until the transaction ends. On SQLite who stands in a transaction has it already."""
    if on_postgres():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_NUMBER])
