"""One writes bundles at a time: two reports of one new picture, in two processes, would otherwise make two piles."""

from __future__ import annotations

from typing import Final

from django.db import connection

from amaan.store.rows import on_postgres

_NUMBER: Final = 0x616D61616E_0B  # any number that nobody else takes


def take_turn() -> None:
    """Wait for one's turn, until the transaction ends. On SQLite who stands in a transaction has it already.

    Take it before rows of other rooms are locked, so that nobody who holds it waits for one who waits for it.
    """
    if on_postgres():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_NUMBER])
