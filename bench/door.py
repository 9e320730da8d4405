"""The public's door: 200 people report at once while an import runs, beside a plain view of the same servers."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tests.reporter import Answers

from amaan.cli.door_gunicorn import ERASING
from bench.page import PORT, Server
from bench.people import THINKS, Measured, as_fast_as_it_goes, at_once, learnt
from bench.world import AMAAN, UNIT, Installation, archive, installation

PEOPLE: Final = 200
TOGETHER: Final = 16
"""Connections at once where nobody thinks."""
SECONDS: Final = 15
MEASURED: Final = 60
"""Seconds of all people reporting at once, after as long as one report takes them."""
PLAIN_PORT: Final = 8643
_STORY: Final = (
    "Somebody whom I met in a game asks for pictures and says that they will tell everybody. " * 12
)
ANSWERS: Final[Answers] = {
    "danger": ["none"],
    "what_happened": _STORY,
    "accounts": "nobody.at.all.4417\nnobody.else.0018",
    "links": "https://chat.example/nobody/4417",
    "phones": "0300 5550187",
}


def run(folder: Path, database: str, chosen: Namespace) -> Iterator[dict[str, Any]]:
    documents = archive(folder, chosen.reports, start=0)
    with installation(database) as held:
        server = Server(held)
        try:
            steps = learnt("me", ANSWERS, "en")
            with _plain_view() as port:
                pages = as_fast_as_it_goes(PORT, TOGETHER, steps, SECONDS)
                plain = as_fast_as_it_goes(port, TOGETHER, steps, SECONDS)
                yield _fastest(database, pages, plain)
                imports: list[subprocess.Popen[bytes]] = []
                reported = at_once(
                    PORT, PEOPLE, steps, MEASURED, begin=lambda: imports.append(_import(held, documents))
                )
                (importing,) = imports
                beside = importing.poll() is None
                limit = at_once(port, PEOPLE, steps[:6], SECONDS)
                beside_limit = importing.poll() is None
                _end(importing)
            stored = _stored(held, reported)
        finally:
            server.end()
        yield {
            "database": database,
            "people at once": PEOPLE,
            "thinking s": f"{THINKS[0]:g} to {THINKS[1]:g}",
            "requests": reported.requests,
            "requests/s": round(reported.requests / reported.took, 1),
            **_of("any page", reported),
            **_of("question", reported, "question"),
            **_of("send", reported, "send"),
            **_of("plain view", limit),
            "of the plain view, p95": f"{reported.at(0.95) / max(1, limit.at(0.95)):.2f}",
            "faults": reported.faults[:3] or 0,
            "codes shown": len(reported.codes),
            "stored": stored,
            "import ran beside it": "throughout" if beside else "no longer at its end",
            "and beside the plain view": beside_limit,
        }


def _fastest(database: str, pages: Measured, plain: Measured) -> dict[str, Any]:
    rate, limit = pages.requests / pages.took, plain.requests / plain.took
    return {
        "database": database,
        "connections": TOGETHER,
        "pages/s without a thought": round(rate, 1),
        **_of("page", pages),
        "plain view/s": round(limit, 1),
        "of the plain view": f"{rate / limit:.3f}",
    }


def _of(name: str, measured: Measured, *steps: str) -> dict[str, int]:
    return {f"{name} p{round(share * 100)} ms": measured.at(share, *steps) for share in (0.5, 0.95, 0.99)}


def _import(held: Installation, documents: Path) -> subprocess.Popen[bytes]:
    command = [AMAAN, "import", str(documents), "--unit", UNIT, "--json"]
    return subprocess.Popen(
        command, env=held.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def _end(importing: subprocess.Popen[bytes]) -> None:
    """It is stopped as Ctrl-C stops it: what it has stored stays, and the rest is not waited for."""
    if importing.poll() is None:
        importing.terminate()
        importing.wait(60)


def _stored(held: Installation, reported: Measured) -> str:
    """How many of the codes that were shown have their report, once. Raises AssertionError for a lost or double one."""
    assert len(set(reported.codes)) == len(reported.codes)
    assert len(set(reported.numbers)) == len(reported.codes)
    rows: list[tuple[Any, ...]] = []
    for _ in range(300):
        rows = held.sql("SELECT number, count(*) FROM reports_report WHERE number LIKE 'S-%' GROUP BY number")
        counts = {number: count for number, count in rows if number in set(reported.numbers)}
        if len(counts) == len(reported.numbers):
            assert set(counts.values()) == {1}, "a report is there twice"
            held.amaan("ledger", "verify")
            return f"{len(counts)} of {len(reported.numbers)}, each once"
        time.sleep(1)
    raise AssertionError(f"{len(rows)} stored of {len(reported.numbers)} that were told to be sent")


@contextmanager
def _plain_view() -> Iterator[int]:
    """Its two gunicorns, set as `amaan serve` sets them: one on a socket, one that hands requests on to it."""
    with tempfile.TemporaryDirectory(prefix="amaan-plain-") as folder:
        path = f"{folder}/door.sock"
        told = {**os.environ, **ERASING, "AMAAN_DOOR_SOCKET": path}
        told["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
        told.pop("DJANGO_SETTINGS_MODULE", None)
        gunicorn = [sys.executable, "-m", "gunicorn", "--config"]
        both = [
            ([*gunicorn, "python:amaan.cli.door_gunicorn", "--bind", f"unix:{path}"], "application"),
            (
                [
                    *gunicorn,
                    "python:amaan.cli.gunicorn_settings",
                    "--threads",
                    "32",
                    "--bind",
                    f"127.0.0.1:{PLAIN_PORT}",
                ],
                "forwarding",
            ),
        ]
        running = [
            subprocess.Popen([*command, f"bench.plain_door:{name}"], env=told) for command, name in both
        ]
        try:
            for _ in range(150):
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{PLAIN_PORT}/en/", timeout=10).close()
                    break
                except OSError:
                    time.sleep(0.2)
            else:
                raise RuntimeError("the plain view did not answer")
            yield PLAIN_PORT
        finally:
            for process in running:
                process.terminate()
            for process in running:
                process.wait(20)
