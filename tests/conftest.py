"""Fixtures for every test. Where the tests run is settled earlier, in tests/environment.py."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    if not SHARED.is_dir():
        pytest.skip(
            "../shared is absent: the official schema and vectors are checked only where it is present"
        )
    return SHARED


@pytest.fixture(scope="session", autouse=True)
def _flush_past_the_ledger() -> Iterator[None]:
    """Transactional tests end with a flush, which the ledger's triggers refuse: they go down for it, in tests only."""
    from django.db.backends.base.operations import BaseDatabaseOperations
    from tests.rooms.ledger.tampering import flush_past_the_ledger

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", flush_past_the_ledger)
        yield
