"""What the worker does again and again. A fault of one chore is told, and keeps none of the others from its turn."""

from __future__ import annotations

import time
from collections.abc import Callable

import typer
from django.db import OperationalError, close_old_connections

from amaan.ledger.domain.faults import LedgerBroken

_SECONDS_AFTER_A_FAULT = 1.0


class Chore:
    """`work` says how much it did, if that matters. It comes every `every` seconds; while there is more to do, each
    second at the latest."""

    def __init__(self, name: str, work: Callable[[], int | None], *, every: float = 0.0) -> None:
        self.name = name
        self._work = work
        self._every = every
        self._due = 0.0
        self._told = ""

    @property
    def failing(self) -> bool:
        """Whether its last turn failed."""
        return bool(self._told)

    def turn(self) -> int:
        """Do it if its time has come; how much was done. Never raises an Exception: the worker goes on."""
        now = time.monotonic()
        if now < self._due:
            return 0
        try:
            done = self._work() or 0
        except LedgerBroken as fault:
            # Nothing more is signed, and the desk closes; what was delivered stays, and deliveries go on.
            self._failed(f"The ledger does not verify, so nothing more is signed: {fault}")
        except OperationalError as fault:
            # Locked for long, or gone for a moment: what waits is in the database and will be done then.
            self._failed(f"The database did not answer the worker: {type(fault).__name__}; trying again.")
        except Exception as fault:  # noqa: BLE001 - no fault of one chore may end the others, nor web and desk with them
            # Its kind and place, never its message, which may quote a document.
            self._failed(f"The worker could not {self.name}: {_kind_and_place(fault)}; trying again.")
        else:
            self._told = ""
            self._due = now + (min(self._every, 1.0) if done else self._every)
            return done
        return 0

    def _failed(self, words: str) -> None:
        self._due = time.monotonic() + max(self._every, _SECONDS_AFTER_A_FAULT)
        close_old_connections()  # one that broke is not used again
        if words != self._told:  # once, not once a second
            self._told = words
            typer.echo(words, err=True)


def _kind_and_place(fault: Exception) -> str:
    frame = fault.__traceback__
    while frame and frame.tb_next:
        frame = frame.tb_next
    place = f" in {frame.tb_frame.f_code.co_qualname}:{frame.tb_lineno}" if frame else ""
    return f"{type(fault).__name__}{place}"
