"""The desk: the queue's first page, a report and a look-up, in a store of a million reports."""

from __future__ import annotations

import random
import re
import statistics
import time
import zipfile
from argparse import Namespace
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench.fill import fill
from bench.page import Person, Server
from bench.world import UNIT, Installation, archive, installation

_BASE = 20_000
_WARM = 20
LOOK_UPS = ("analyst", "supervisor", "investigator")
"""Who looks up; each has a daily cap, so there are as many look-ups as these may make."""


def run(folder: Path, database: str, chosen: Namespace) -> Iterator[dict[str, Any]]:
    documents = archive(folder, _BASE, start=4_000_000)
    with installation(database) as held:
        held.amaan("import", str(documents), "--unit", UNIT, "--json")
        fill(held, chosen.held)
        server = Server(held)
        try:
            people = {role: Person(held, role) for role in LOOK_UPS}
            yield from _measured(database, chosen, people, documents, held)
        finally:
            server.end()


def _measured(
    database: str, chosen: Namespace, people: dict[str, Person], documents: Path, held: Installation
) -> Iterator[dict[str, Any]]:
    analyst = people["analyst"]
    dice = random.Random(8)
    references = _references(held)
    plain = _timed(lambda _: analyst.get("/robots.txt"), 300)
    yield _said(database, chosen, "a plain view (the limit)", plain, plain)
    queue = _timed(lambda _: analyst.get("/desk/"), 300)
    yield _said(database, chosen, "first queue page", queue, plain)
    report = _timed(lambda _: analyst.get(f"/desk/reports/{dice.choice(references)}/"), 300)
    yield _said(database, chosen, "report page", report, plain)
    values = _identifiers(documents, dice)
    seconds: list[float] = []
    for person in people.values():
        address = f"/desk/look-up/{references[0]}/"
        token = person.token(address)
        for _ in range(55):
            form = {"csrfmiddlewaretoken": token, "text": values.pop()}
            began = time.perf_counter()
            page = person.post(address, form)
            seconds.append(time.perf_counter() - began)
            assert "R-" in page, page[:2000]
    yield _said(database, chosen, "identifier look-up", seconds, plain)


def _references(held: Installation) -> list[str]:
    """References of imported reports, spread over the archive. Copies have none that a person could type."""
    names = held.sql("SELECT reference FROM reports_report WHERE reference LIKE 'R-%' AND id % 37 = 5")
    return [name for (name,) in names]


def _identifiers(documents: Path, dice: random.Random) -> list[str]:
    """Reported accounts' e-mail addresses, read from the documents themselves."""
    with zipfile.ZipFile(documents) as zipped:
        names = [name for name in zipped.namelist() if name.endswith("report.xml")]
        texts = [zipped.read(name).decode() for name in dice.sample(names, 400)]
    found = []
    for text in texts:
        person = text[text.index("<personOrUserReported>") :]
        found.append(re.findall(r"<email[^>]*>([^<]+)</email>", person)[0])
    return found


def _timed(ask: Callable[[int], str], times: int) -> list[float]:
    seconds = []
    for n in range(_WARM + times):
        began = time.perf_counter()
        ask(n)
        seconds.append(time.perf_counter() - began)
    return seconds[_WARM:]


def _said(
    database: str, chosen: Namespace, page: str, seconds: list[float], plain: list[float]
) -> dict[str, Any]:
    ordered = sorted(seconds)
    median = statistics.median(ordered)
    return {
        "database": database,
        "reports": chosen.held,
        "page": page,
        "p50 ms": round(median * 1000, 1),
        "p99 ms": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))] * 1000, 1),
        "times the plain view": f"{median / statistics.median(plain):.1f}",
        "asked": len(ordered),
    }
