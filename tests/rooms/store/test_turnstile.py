"""The turnstile before SQLite's one writer, where beginning fails."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.db import OperationalError, connection

from amaan.store.rows import durable
from amaan.store.sqlite.base import DatabaseWrapper


@pytest.mark.django_db
def test_a_failed_begin_leaves_the_room(tmp_path: Path) -> None:
    """Whoever could not begin must not keep everybody else out."""
    name = str(tmp_path / "one.sqlite3")
    settings = {
        **configured.DATABASES["default"],
        "ENGINE": "amaan.store.sqlite",
        "NAME": name,
        "OPTIONS": {},
        "TIME_ZONE": None,
        "CONN_HEALTH_CHECKS": False,
        "AUTOCOMMIT": True,
    }
    blocked, other = DatabaseWrapper(settings, "blocked"), DatabaseWrapper(settings, "other")
    raw = sqlite3.connect(name, isolation_level=None)
    blocked.ensure_connection()
    blocked.connection.execute("PRAGMA busy_timeout=50")
    raw.execute("BEGIN IMMEDIATE")
    with pytest.raises(OperationalError):
        blocked._start_transaction_under_autocommit()
    raw.execute("ROLLBACK")
    other.ensure_connection()
    assert other.turnstile is not None
    assert blocked.turnstile is not None
    assert not blocked.turnstile._inside
    other._start_transaction_under_autocommit()  # would wait for ever on a room that stays locked
    other.connection.execute("ROLLBACK")
    other._leave()
    for one in (blocked, other):
        one.connection.close()
    raw.close()


@pytest.mark.django_db(transaction=True)
def test_the_ledger_s_commits_wait_for_the_disk_and_others_do_not() -> None:
    """A power cut must never leave ledger.head ahead of the database."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL syncs every commit")

    def synchronous() -> int:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous")
            return int(cursor.fetchone()[0])

    assert synchronous() == 1
    with durable():
        assert synchronous() == 2
    assert synchronous() == 1
