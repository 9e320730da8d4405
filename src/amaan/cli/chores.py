"""What the worker does again and again. A fault of one chore is told, and keeps none of the others from its turn."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence

import typer
from django.db import OperationalError, close_old_connections, connections

from amaan.ledger.domain.faults import LedgerBroken

_SECONDS_AFTER_A_FAULT = 1.0
_BEHIND_EVERYTHING = 19


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
            self._failed(
                f"The database did not answer the worker, which was to {self.name}: {type(fault).__name__}; again soon."
            )
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


class CommandFailed(Exception):
    """It ended with a fault, which it told itself."""


class Command:
    """One of Amaan's own commands, in a process of its own and behind everything else: what takes minutes of processor.

    Called as a chore's work: begins it when it is due and not under way. Raises CommandFailed where it had failed.
    """

    def __init__(self, arguments: Sequence[str], *, when: Callable[[], bool]) -> None:
        self._arguments = arguments
        self._when = when
        self._process: subprocess.Popen[bytes] | None = None

    def __call__(self) -> int:
        if self._process is not None:
            code = self._process.poll()
            if code is None:
                return 0
            self._process = None
            if code:
                raise CommandFailed
        if self._when():
            command = [sys.executable, "-m", "amaan.cli", *self._arguments]
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
            os.setpriority(os.PRIO_PROCESS, self._process.pid, _BEHIND_EVERYTHING)
        return 0

    def end(self) -> None:
        """Broken off, if it is under way: nothing that it wrote is half, and it is due again."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._process = None


class Aside:
    """Work that waits for somebody else's server, in a thread of its own, so that nothing here waits with it.

    Called as a chore's work: begins a turn unless one is under way, and gives what its last turn did or raised.
    The thread stays, and its databases' connections with it, until a turn fails: some turns come twice a second.
    """

    def __init__(self, work: Callable[[], int | None]) -> None:
        self._work = work
        self._thread: threading.Thread | None = None
        self._begin = threading.Event()
        self._idle = threading.Event()
        self._idle.set()
        self._done = 0
        self._fault: Exception | None = None

    def __call__(self) -> int:
        if not self._idle.is_set():
            return 0
        done, fault, self._done, self._fault = self._done, self._fault, 0, None
        if fault is not None:
            raise fault
        self._idle.clear()
        self._begin.set()
        if self._thread is None or not self._thread.is_alive():
            # A daemon: a worker that is told to stop doesn't wait. What was not committed is as if it had not been.
            self._thread = threading.Thread(target=self._turns, daemon=True)
            self._thread.start()
        return done

    def wait(self) -> None:
        """Until the turn under way has ended."""
        self._idle.wait()

    def _turns(self) -> None:
        while True:
            self._begin.wait()
            self._begin.clear()
            try:
                self._done = self._work() or 0
            except Exception as fault:  # noqa: BLE001 - the worker's next turn of this chore tells it
                self._fault = fault
                connections.close_all()
            finally:
                self._idle.set()


def _kind_and_place(fault: Exception) -> str:
    frame = fault.__traceback__
    while frame and frame.tb_next:
        frame = frame.tb_next
    place = f" in {frame.tb_frame.f_code.co_qualname}:{frame.tb_lineno}" if frame else ""
    return f"{type(fault).__name__}{place}"
