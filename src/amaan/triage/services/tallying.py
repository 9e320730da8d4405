"""The queue's tally: how many wait, changed in the transaction that changes who does."""

from __future__ import annotations

from collections import Counter

from django.db import connection


def keep_tally(tally: Counter[tuple[int, int]]) -> None:
    # Sorted, so that two workers lock the rows in one order and never wait for each other in a ring.
    changes = sorted((key, by) for key, by in tally.items() if by)
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO triage_queuetally (unit_id, band, count) VALUES (%s, %s, 0) "
            "ON CONFLICT (unit_id, band) DO NOTHING",
            [key for key, _ in changes],
        )
        cursor.executemany(
            "UPDATE triage_queuetally SET count = count + %s WHERE unit_id = %s AND band = %s",
            [(by, *key) for key, by in changes],
        )
