"""What comes over the wire is sealed here: one data key for what comes within a minute, and where it is sealed to."""

from __future__ import annotations

import threading
import time

from django.db import connection

from amaan.keyring.domain import Sealer
from amaan.keyring.services import new_sealer

SEALER_SECONDS = 60.0

_lent: tuple[Sealer, float] | None = None
_lending = threading.Lock()


def minute_sealer() -> Sealer:
    """One data key a minute and process, not one a request: here a batch is what comes within a minute.

    Inside a transaction a key of its own, because a rollback would take a shared one away from the others.
    """
    global _lent  # noqa: PLW0603 - one for the process, and that is the point
    if connection.in_atomic_block:
        return new_sealer()
    with _lending:
        if _lent is None or time.monotonic() - _lent[1] >= SEALER_SECONDS:
            _lent = (new_sealer(), time.monotonic())
        return _lent[0]


def document_place(number: int) -> str:
    """Where an open report's document is sealed to."""
    return f"referrals_openreport/{number}/document"


def details_place(file_id: str) -> str:
    """Where the details of an open report's file are sealed to."""
    return f"referrals_openfile/{file_id}/details"
