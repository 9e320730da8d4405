"""The worker goes on, whatever fails."""

from __future__ import annotations

import os
from collections.abc import Callable
from subprocess import Popen
from threading import Event
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError

from amaan.cli import chores, serving
from amaan.cli.chores import Aside, Chore, Command
from amaan.keyring.domain import KeyringError
from amaan.ledger.domain.faults import LeafMissing, LedgerBroken

pytestmark = pytest.mark.django_db

NAME = "the name of a child"


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    held = Clock()
    monkeypatch.setattr(chores, "time", held)
    return held


def _raising(fault: BaseException) -> Callable[[], int]:
    def work() -> int:
        raise fault

    return work


@pytest.mark.parametrize(
    "fault",
    [
        OSError(28, "No space left on device", NAME),
        ZeroDivisionError(NAME),
        MemoryError(),
        KeyringError(NAME),
        OperationalError(NAME),
        InterfaceError(NAME),
    ],
)
def test_any_fault_is_told_once_by_its_kind_and_the_chore_comes_again(
    clock: Clock, capsys: pytest.CaptureFixture[str], fault: Exception
) -> None:
    turns = [0]

    def work() -> int:
        turns[0] += 1
        if turns[0] < 4:
            raise fault
        return 1

    chore = Chore("number the ledger", work, every=1)
    for expected in (True, True, True, False):
        chore.turn()
        assert chore.failing is expected
        clock.now += 1
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 1
    assert type(fault).__name__ in told[0]
    assert "name" not in told[0]
    assert turns == [4]


def test_a_broken_ledger_is_told_in_words_and_again_if_it_breaks_otherwise(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    faults: list[LedgerBroken | None] = [
        LeafMissing("leaf 7 is gone.", index=7),
        LeafMissing("leaf 7 is gone.", index=7),
        LeafMissing("leaf 8 is gone.", index=8),
        None,
        LeafMissing("leaf 8 is gone.", index=8),
    ]

    def work() -> None:
        fault = faults.pop(0)
        if fault:
            raise fault

    chore = Chore("number the ledger", work, every=1)
    for _ in range(5):
        chore.turn()
        clock.now += 1
    told = capsys.readouterr().err.splitlines()
    assert [line.partition(": ")[2] for line in told] == [
        str(LeafMissing("leaf 7 is gone.", index=7)),
        str(LeafMissing("leaf 8 is gone.", index=8)),
        str(LeafMissing("leaf 8 is gone.", index=8)),
    ]


def test_a_chore_comes_at_its_pace_and_sooner_while_there_is_more(clock: Clock) -> None:
    amounts = [3, 1, 0, 0]
    began = []

    def work() -> int:
        began.append(clock.now - 1000)
        return amounts.pop(0)

    chore = Chore("end what is unfinished", work, every=60)
    while amounts:
        chore.turn()
        clock.now += 0.5
    assert began == [0, 1, 2, 62]
    always = Chore("deliver", lambda: 0)
    failing = Chore("deliver", _raising(OSError()))
    always.turn()
    failing.turn()
    assert (always._due, failing._due) == (clock.now, clock.now + 1)


def test_whatever_ends_the_process_is_not_kept_from_it() -> None:
    for end in (KeyboardInterrupt(), SystemExit(1)):
        with pytest.raises(type(end)):
            Chore("deliver", _raising(end)).turn()


def test_the_worker_goes_on_when_every_chore_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from amaan.bundles import services as bundles
    from amaan.care import services as care
    from amaan.correspondence import services as correspondence
    from amaan.feedback import services as feedback
    from amaan.learning import services as learning
    from amaan.ledger import services as ledger
    from amaan.lexicon import services as lexicon
    from amaan.linking.services import upkeep
    from amaan.matching.services import exchanging, indexing, rematching
    from amaan.outbox import services as outbox
    from amaan.referrals import services as referrals
    from amaan.store import rows
    from amaan.triage import services as triage
    from amaan.triage.services import rebanding, replaying

    called = []

    def failing(name: str, fault: Exception) -> Callable[..., Any]:
        def work(*_: object) -> None:
            called.append(name)
            raise fault

        return work

    monkeypatch.setattr(outbox, "deliver", failing("deliver", OSError(28, "full")))
    monkeypatch.setattr(outbox, "beat", lambda: called.append("beat"))
    monkeypatch.setattr(referrals, "expire_reports", failing("expire", OSError(28, "full")))
    monkeypatch.setattr(correspondence, "carry_some", failing("carry", OperationalError("full")))
    monkeypatch.setattr(correspondence, "leave_letters", failing("leave", OSError(28, "full")))
    monkeypatch.setattr(rows, "checkpoint", failing("checkpoint", OperationalError("full")))
    monkeypatch.setattr(ledger, "sequence", failing("sequence", MemoryError()))
    monkeypatch.setattr(rematching, "rematch_some", failing("rematch", OperationalError("full")))
    monkeypatch.setattr(indexing, "keep_index", failing("index", OSError(28, "full")))
    monkeypatch.setattr(
        exchanging, "run_due_exchange", lambda _: called.append("exchange")
    )  # in its own thread
    others = (
        (bundles, ("follow_left",)),
        (care, ("drop_old",)),
        (feedback, ("count_some", "tell_some")),
        (learning, ("propose_some",)),
        (lexicon, ("reread_some",)),
        (upkeep, ("rebuild_is_due",)),
        (triage, ("ask_next", "make_digests", "raise_wakes", "route_some", "send_some")),
        (rebanding, ("reband_some",)),
        (replaying, ("replay_some",)),
    )
    for room, names in others:
        for name in names:
            monkeypatch.setattr(room, name, lambda *_, name=name, **__: called.append(name))
    parents = iter([os.getpid()] * 3)
    monkeypatch.setattr(serving.os, "getppid", lambda: next(parents, 0))
    monkeypatch.setattr(serving.signal, "signal", lambda *_: None)
    monkeypatch.setattr(serving.gc, "freeze", lambda: None)
    serving.worker(with_parent=os.getpid())
    assert next(parents, None) is None, "it went on until its parent was gone"
    assert {"deliver", "expire", "checkpoint", "sequence", "rematch", "index", "exchange"} <= set(called)
    assert {"carry", "leave", *(name for _room, names in others for name in names)} <= set(called)
    assert "beat" not in called, "who delivers nothing does not say that it works"
    # What the door's database refuses, in threads of their own, is told at their next turn.
    assert len(capsys.readouterr().err.splitlines()) == 6


def test_what_takes_minutes_runs_in_a_process_of_its_own_once_at_a_time(
    capsys: pytest.CaptureFixture[str], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[Any] = []
    code = ["import time; time.sleep(60)"]

    class Own(Popen):  # type: ignore[type-arg]
        def __init__(self, command: list[str], **how: Any) -> None:
            assert command[1:] == ["-m", "amaan.cli", "links", "rebuild"]
            super().__init__([command[0], "-c", code[0]], **how)
            begun.append(self)

    monkeypatch.setattr(chores.subprocess, "Popen", Own)
    due = [False]
    command = Command(["links", "rebuild"], when=lambda: due[0])
    chore = Chore("link anew", command, every=300)
    chore.turn()
    assert not begun, "it is not due"
    due[0] = True
    for _ in range(3):
        clock.now += 300
        chore.turn()
    assert len(begun) == 1, "one at a time"
    assert os.getpriority(os.PRIO_PROCESS, begun[0].pid) == 19
    command.end()
    assert begun[0].returncode, "the worker ended, and it with it"
    code[0] = "raise SystemExit(1)"
    clock.now += 300
    chore.turn()
    begun[1].wait()
    clock.now += 300
    chore.turn()
    assert chore.failing
    assert "could not link anew: CommandFailed" in capsys.readouterr().err
    clock.now += 300
    chore.turn()
    assert len(begun) == 3, "it is tried again"
    command.end()


def test_what_waits_for_a_network_keeps_nobody_waiting(
    capsys: pytest.CaptureFixture[str], clock: Clock
) -> None:
    """A service that does not answer holds its own thread, not the worker's loop."""
    answers, begun = Event(), []

    def ask() -> int:
        begun.append(1)
        answers.wait(10)
        if len(begun) == 2:
            raise OSError(NAME)
        return 7

    aside = Aside(ask)
    chore = Chore("ask the exchanges", aside, every=15)
    assert chore.turn() == 0
    clock.now += 15
    assert chore.turn() == 0  # still under way: not begun twice
    assert len(begun) == 1
    answers.set()
    aside.wait()
    clock.now += 15
    assert chore.turn() == 7
    aside.wait()
    clock.now += 15
    chore.turn()
    assert chore.failing
    told = capsys.readouterr().err
    assert "could not ask the exchanges: OSError" in told
    assert NAME not in told


def test_a_door_that_does_not_answer_keeps_neither_ledger_nor_deliveries_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A door's machine that was taken may accept the desk's connection and stay silent."""
    from amaan.correspondence import services as correspondence
    from amaan.ledger import services as ledger
    from amaan.matching.services import exchanging, indexing, rematching
    from amaan.outbox import services as outbox
    from amaan.referrals import services as referrals
    from amaan.store import rows

    silent, numbered = Event(), []
    for room, name in (
        *((outbox, "deliver"), (outbox, "beat"), (referrals, "expire_reports"), (rows, "checkpoint")),
        *((rematching, "rematch_some"), (indexing, "keep_index"), (exchanging, "run_due_exchange")),
    ):
        monkeypatch.setattr(room, name, lambda *_: 0)
    monkeypatch.setattr(ledger, "sequence", lambda: numbered.append(silent.is_set()))
    for name in ("carry_some", "leave_letters"):
        monkeypatch.setattr(correspondence, name, lambda: silent.wait(20) and 0)
    parents = iter([os.getpid()] * 2)
    monkeypatch.setattr(serving.os, "getppid", lambda: next(parents, 0))
    monkeypatch.setattr(serving.signal, "signal", lambda *_: None)
    monkeypatch.setattr(serving.gc, "freeze", lambda: None)
    serving.worker(with_parent=os.getpid())
    silent.set()
    assert numbered[:1] == [False]
