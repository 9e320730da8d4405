"""Platforms hand reports in while processes are killed: what was acknowledged is there, once."""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from tests.journeys.installation import Installation, children_of, kill_all, parent_of
from tests.rooms.referrals.reading import file_details, report
from tests.wire_client import XML, Body, WireClient, between

pytestmark = [pytest.mark.slow, pytest.mark.both_databases]
KILLS = 6
CLIENTS = 16
BREATH = 0.1
"""Seconds between two reports or two tries of a client: sixteen without any keep what starts again from starting."""
FINISHED_BEFORE = "5102"


class Server:
    """`amaan serve`, started again whenever it is gone."""

    def __init__(self, held: Installation) -> None:
        self.held = held
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.start()

    def start(self) -> None:
        self.process = self.held.start("serve", "--port", str(self.port))
        # Its words are not asked for; a full pipe must not stop it.
        for stream in (self.process.stdout, self.process.stderr):
            threading.Thread(target=lambda s=stream: s and s.read(), daemon=True).start()

    def answers(self, patience: float = 30) -> bool:
        until = time.monotonic() + patience
        while time.monotonic() < until:
            if self.process.poll() is not None:
                self.start()
            with suppress(OSError, http.client.HTTPException):
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
                connection.request("GET", "/healthz")
                return connection.getresponse().status in {200, 503}
            time.sleep(0.1)
        return False

    def kill(self, what: str) -> None:
        if what == "everything":
            for pid in children_of(self.process.pid):
                _kill(pid)
            kill_all(self.process)
            return
        for pid in children_of(self.process.pid):
            command = _command(pid)
            if what == "worker" and "amaan.cli" in command and " worker" in command:
                _kill(pid)
            # Gunicorn's child answers requests; its parent starts another.
            if what == "web" and "gunicorn" in command and "gunicorn" in _command(parent_of(pid)):
                _kill(pid)


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _command(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    return ""


class Platform(WireClient):
    """A platform's client: repeats what failed for want of an answer, as real ones do."""

    def __init__(self, server: Server, given: dict[str, str], stop: threading.Event) -> None:
        super().__init__(server.port, given, patience=20)
        self.stop = stop
        self.acknowledged: list[str] = []
        self.refused: list[str] = []

    def post(self, path: str, body: Body, kind: str = XML) -> str:
        """An answer's text. Raises ConnectionError when it was told to stop first."""
        while not self.stop.is_set():
            with suppress(OSError, http.client.HTTPException):
                status, text = self.ask("POST", path, body, kind)
                if status < 500 and status != http.HTTPStatus.TOO_MANY_REQUESTS:
                    return text
            self.stop.wait(BREATH)
        raise ConnectionError

    def work(self) -> None:
        try:
            while not self.stop.is_set():
                self.one()
                self.stop.wait(BREATH)
        except ConnectionError:
            return
        except AssertionError as fault:  # in a thread nobody would hear of it
            self.refused.append(str(fault))

    def one(self) -> None:
        document = report(
            "<victim><victimPerson><age>14</age></victimPerson></victim>", at="2020-01-01T00:00:00Z"
        )
        number = self.submit(document)
        file_id = self.upload(number, f"nothing {number}".encode())
        details = file_details(number=number, file_id=file_id)
        assert between(self.post("fileinfo", details), "responseCode") == "0"
        answer = self.finish(number)
        if between(answer, "responseCode") in {"0", FINISHED_BEFORE}:
            self.acknowledged.append(number)
        else:
            self.refused.append(answer)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(Installation.prepared(tmp_path))
    yield server
    server.kill("everything")


def test_what_was_acknowledged_is_there_once_whatever_is_killed(server: Server) -> None:
    chance = random.Random(3)
    given = json.loads(server.held.run("platform", "add", "Example", "--json").strip().splitlines()[-1])
    assert server.answers()
    stop = threading.Event()
    platforms = [Platform(server, given, stop) for _ in range(CLIENTS)]
    threads = [threading.Thread(target=platform.work, daemon=True) for platform in platforms]
    for thread in threads:
        thread.start()
    between = []
    for kill in range(KILLS):
        before = sum(len(platform.acknowledged) for platform in platforms)
        time.sleep(chance.uniform(0.05, 0.8))
        server.kill(("web", "worker", "everything")[kill % 3])
        assert server.answers(), "it did not come back"
        until = time.monotonic() + 20
        while sum(len(p.acknowledged) for p in platforms) == before and time.monotonic() < until:
            time.sleep(0.05)
        between.append(sum(len(platform.acknowledged) for platform in platforms) - before)
    stop.set()
    for thread in threads:
        thread.join(60)
    assert [answer for platform in platforms for answer in platform.refused] == []
    assert min(between) > 0, "nothing was handed in between two kills"
    assert all(platform.acknowledged for platform in platforms), "a platform never got through"
    acknowledged = [number for platform in platforms for number in platform.acknowledged]
    assert len(acknowledged) == len(set(acknowledged))
    server.kill("everything")
    server.held.run("quarantine", "list")
    rows = server.held.rows(
        "SELECT number, count(*), min(version), max(version) FROM reports_report GROUP BY number"
    )
    stored = {number: counts for number, *counts in rows}
    assert set(acknowledged) <= set(stored)
    assert all(counts == [1, 1, 1] for counts in stored.values())
    assert len(stored) - len(set(acknowledged)) <= KILLS * CLIENTS
    assert server.held.rows("SELECT count(*) FROM referrals_quarantined")[0][0] == 0
    _finish_what_waits(server)
    banded = server.held.rows("SELECT count(*) FROM triage_assessment WHERE current")[0][0]
    assert banded == len(stored), "a delivery was lost or done twice"
    server.held.run("ledger", "verify")


def _finish_what_waits(server: Server) -> None:
    """A worker alone, until nothing waits: every finished report gets its band."""
    worker = server.held.start("worker")
    try:
        until = time.monotonic() + 60
        while server.held.rows("SELECT count(*) FROM outbox_delivery")[0][0]:
            assert time.monotonic() < until, "deliveries don't end"
            time.sleep(0.2)
    finally:
        worker.terminate()
        with suppress(subprocess.TimeoutExpired):
            worker.communicate(timeout=15)
        kill_all(worker)
