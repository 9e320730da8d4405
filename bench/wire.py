"""The wire: `/ispws` from submit to finish with 16 clients, beside a plain view of the same server."""

from __future__ import annotations

import json
import re
import threading
import time
import zipfile
from argparse import Namespace
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.wire_client import WireClient

from bench.page import PORT, Server
from bench.world import UNIT, archive, installation

CLIENTS = 16
SECONDS = 40
FILE = bytes(range(256)) * 80  # 20 KB of no picture


def run(folder: Path, database: str, chosen: Namespace) -> Iterator[dict[str, Any]]:
    documents = _documents(archive(folder, 20_000, start=4_000_000))
    with installation(database) as held:
        # A credential each: one alone may not ask as often as a plain view answers.
        given = [
            json.loads(held.amaan("platform", "add", f"Bench {n}", "--unit", UNIT, "--json").splitlines()[-1])
            for n in range(CLIENTS)
        ]
        server = Server(held)
        try:
            plain = _load(lambda client: client.status(), given)
            finished = _load(_whole(documents), given)
        finally:
            server.end()
        reports = held.sql(
            "SELECT count(*) FROM reports_report r JOIN reports_entity e ON e.id = r.entity_id"
            " WHERE e.name LIKE 'Bench %'"
        )[0][0]
        assert reports == len(finished.seconds), f"{reports} stored, {len(finished.seconds)} acknowledged"
        held.amaan("ledger", "verify")
        rate = len(finished.seconds) / finished.took
        requests = 4 * rate
        yield {
            "database": database,
            "clients": CLIENTS,
            "reports/s": round(rate, 1),
            "submit to finish p50 ms": finished.at(0.5),
            "submit to finish p99 ms": finished.at(0.99),
            "requests/s": round(requests),
            "plain view requests/s": round(len(plain.seconds) / plain.took),
            "of the plain view": f"{requests / (len(plain.seconds) / plain.took):.3f}",
            "acknowledged and stored": reports,
        }


class _Measured:
    def __init__(self, seconds: list[float], took: float) -> None:
        self.seconds, self.took = sorted(seconds), took

    def at(self, share: float) -> int:
        return round(self.seconds[min(len(self.seconds) - 1, int(len(self.seconds) * share))] * 1000)


class Client(WireClient):
    """One connection of a platform, kept open as real clients keep it."""

    def __init__(self, given: dict[str, str]) -> None:
        super().__init__(PORT, given, keep=True, patience=60)

    def status(self) -> None:
        code, text = self.ask("GET", "status")
        assert code == 200, text

    def whole(self, report: bytes, details: str) -> None:
        """One report with one file, from submit to an acknowledged finish."""
        number = self.submit(report)
        details = re.sub(r"<reportId>[^<]*", f"<reportId>{number}", details)
        details = re.sub(r"<fileId>[^<]*", f"<fileId>{self.upload(number, FILE)}", details)
        self.post("fileinfo", details.encode())
        self.finish(number)


def _documents(zipped: Path) -> Iterator[tuple[bytes, str]]:
    with zipfile.ZipFile(zipped) as file:
        for name in file.namelist():
            if name.endswith("report.xml"):
                details = file.read(name.replace("report.xml", "file-1.xml")).decode()
                yield file.read(name), details


def _whole(documents: Iterator[tuple[bytes, str]]) -> Callable[[Client], None]:
    turn = threading.Lock()

    def one(client: Client) -> None:
        with turn:
            report, details = next(documents)
        client.whole(report, details)

    return one


def _load(ask: Callable[[Client], None], given: list[dict[str, str]]) -> _Measured:
    """`ask` again and again by CLIENTS at once, for SECONDS; what had begun by then ends."""
    seconds: list[float] = []
    faults: list[BaseException] = []
    until = time.perf_counter() + SECONDS

    def work(number: int) -> None:
        try:
            client = Client(given[number])
            while (began := time.perf_counter()) < until:
                ask(client)
                seconds.append(time.perf_counter() - began)
        except BaseException as fault:  # noqa: BLE001 - told below, by the thread that measures
            faults.append(fault)

    began = time.perf_counter()
    threads = [threading.Thread(target=work, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return _Measured(seconds, time.perf_counter() - began)
