"""People report while processes are killed: whoever saw a code has one report at the desk; a second press adds none.

That each envelope is carried across once, wherever that fails, is in tests/rooms/correspondence, on both databases;
here, on SQLite, where the door's and the desk's are both files that a killed process may have held, it is killed.
"""

from __future__ import annotations

import http.client
import random
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from tests.journeys.doors import Door
from tests.journeys.installation import Installation, kill_all
from tests.reporter import NUMBER, Reporter, Seen

pytestmark = pytest.mark.slow

KILLS = ("door", "worker", "web", "whole door", "everything")
PEOPLE = 6


class Person(Reporter):
    """Reports again and again; presses the same button again when no answer came, and sometimes when one did."""

    def __init__(self, door: Door, name: int, stop: threading.Event) -> None:
        super().__init__(door.port, patience=20)
        self.chance, self.stop = random.Random(name), stop
        self.told: list[str] = []
        self.numbers: list[str] = []
        self.faults: list[str] = []

    def ask(self, method: str, path: str, body: bytes = b"") -> Seen:
        """Until it is answered. Raises ConnectionAbortedError when it was told to stop first."""
        while not self.stop.is_set():
            with suppress(OSError, http.client.HTTPException):
                seen = super().ask(method, path, body)
                if seen.status < 500:
                    return seen
            self.stop.wait(0.1)
        raise ConnectionAbortedError

    def work(self) -> None:
        try:
            while not self.stop.is_set():
                self._one()
        except ConnectionAbortedError:
            return
        except Exception as fault:  # noqa: BLE001 - in a thread nobody would hear of it
            self.faults.append(f"{type(fault).__name__}: {fault}")

    def _one(self) -> None:
        story = self.go("/en/report/saw/what_happened/")
        after = self.press(story, "next", {"what_happened": f"Nobody said this, {self.chance.random()}."})
        check = self.press(after, "check")
        sent = self.press(check, "send")
        if self.chance.random() < 0.4:
            assert self.press(check, "send").code == sent.code, "another press, another code"
        assert sent.code, sent.words[:300]
        self.told.append(sent.code)
        self.numbers += NUMBER.findall(sent.words)[:1]


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    running = Door(tmp_path, Installation.prepared(tmp_path / "desk"), alone=False)
    running.start()
    running.answers()
    yield running
    running.end()


def test_whoever_saw_a_code_has_a_report_once_whatever_is_killed(door: Door) -> None:
    chance = random.Random(5)
    stop = threading.Event()
    people = [Person(door, name, stop) for name in range(PEOPLE)]
    threads = [threading.Thread(target=person.work, daemon=True) for person in people]
    for thread in threads:
        thread.start()
    between = []
    for what in KILLS:
        before = _told(people)
        time.sleep(chance.uniform(0.1, 0.6))
        if what == "everything":
            door.kill_everything()
            door.start()
        else:
            door.kill(what)
        door.answers()
        until = time.monotonic() + 20
        while _told(people) == before and time.monotonic() < until:
            time.sleep(0.05)
        between.append(_told(people) - before)
    stop.set()
    for thread in threads:
        thread.join(60)
    assert [fault for person in people for fault in person.faults] == []
    assert min(between) > 0, "nothing was sent between two kills"
    codes = [code for person in people for code in person.told]
    assert len(set(codes)) == len(codes)
    _carry_what_waits(door)
    stored = dict(
        door.held.rows("SELECT number, count(*) FROM reports_report WHERE number LIKE 'S-%' GROUP BY 1")
    )
    assert set(stored.values()) == {1}
    numbers = {number for person in people for number in person.numbers}
    assert numbers
    assert numbers <= set(stored)
    # Somebody whose code never came back to them pressed no second time: they were stopped.
    assert len(codes) <= len(stored) <= len(codes) + PEOPLE
    assert door.held.rows("SELECT count(*) FROM correspondence_conversation")[0][0] == len(stored)
    assert door.held.rows("SELECT count(*) FROM triage_assessment WHERE current")[0][0] == len(stored)
    door.held.run("ledger", "verify")


def _told(people: list[Person]) -> int:
    return sum(len(person.told) for person in people)


def _carry_what_waits(door: Door) -> None:
    """Without the door, a worker alone until nothing waits, neither at the door nor at the desk."""
    door.kill_everything()
    worker = door.held.start("worker")
    try:
        until = time.monotonic() + 60
        while door.waiting() or door.held.rows("SELECT count(*) FROM outbox_delivery")[0][0]:
            assert time.monotonic() < until, "something stays where it is"
            time.sleep(0.2)
    finally:
        worker.terminate()
        with suppress(Exception):
            worker.communicate(timeout=15)
        kill_all(worker)
