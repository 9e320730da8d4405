"""Replaying a rule version over history: reports a second, beside reading the same facts and doing nothing."""

from __future__ import annotations

import json
import os
import re
import resource
import sqlite3
import subprocess
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any

import orjson

from bench.fill import fill
from bench.world import AMAAN, UNIT, Installation, archive, installation

_BASE = 20_000
_SLOW = 10_000
"""Reports that the slow twin is measured with: it takes ten times as long."""
_FACTS = "SELECT v.facts FROM reports_report r JOIN reports_version v ON v.report_id = r.id AND v.number = r.version"
_DECIDED = """INSERT INTO reports_outcome (report_id, decision, stage, reason, case_reference, version, by, at)
SELECT id, CASE WHEN id % 40 = 0 THEN 'case_opened' ELSE 'closed' END,
 CASE WHEN id % 40 = 0 THEN '' ELSE 'no_offence' END, {reason}, '', 1, 'system:bench', received_at
 FROM reports_report WHERE id % 20 = 0"""
"""One report in twenty was decided: half of these led to a case."""


def run(folder: Path, database: str, chosen: Namespace) -> Iterator[dict[str, Any]]:
    documents = archive(folder, _BASE, start=4_000_000)
    with installation(database) as held:
        held.amaan("import", str(documents), "--unit", UNIT, "--json")
        fill(held, chosen.held)
        _decide(held)
        yield from _measured(database, chosen, held)


def _decide(held: Installation) -> None:
    if held.database is None:
        with closing(sqlite3.connect(held.folder / "home" / "amaan.sqlite3")) as db:
            db.execute(_DECIDED.format(reason="x''"))
            db.commit()
        return
    import psycopg

    with psycopg.connect(held.database) as connection:
        connection.execute(_DECIDED.format(reason="''::bytea").encode())
        connection.execute("ANALYZE reports_outcome")


def _measured(database: str, chosen: Namespace, held: Installation) -> Iterator[dict[str, Any]]:
    from amaan.triage.domain.engine import assess, assess_reference
    from amaan.triage.domain.ruleset import load_ruleset

    text = (resources.files("amaan.triage") / "rules" / "pk.toml").read_text("utf-8")
    rules = load_ruleset(text.encode())
    facts = _read(held, lambda told: None)
    yield {"database": database, "what": "reading the same facts, no more (the limit)", **facts}
    for name, engine in (("assess", assess), ("assess_reference", assess_reference)):
        found = _read(held, partial(engine, rules), limit=_SLOW)
        yield {"database": database, "what": f"{name}, one version, one process", **found}
    for what, changed in (("one rule changed", _heavier(text)), ("every rule changed", _all_heavier(text))):
        file = held.folder / "rules.toml"
        file.write_text(changed, "utf-8")
        for processes in (1, os.cpu_count() or 1):
            command = [AMAAN, "triage", "replay", str(file), "--json", "--processes", str(processes)]
            began, worked = time.perf_counter(), _worked()
            out = subprocess.run(command, env=held.environment, check=True, capture_output=True).stdout
            seconds, worked = time.perf_counter() - began, _worked() - worked
            told = json.loads(out)
            yield {
                "database": database,
                "what": f"replay, {what}, {processes} processes",
                "reports": told["reports"],
                "moved": told["moved"],
                "seconds": round(seconds, 1),
                "processor seconds": round(worked, 1),
                "reports/s": round(told["reports"] / seconds),
                "of the limit": round(told["reports"] / seconds / facts["reports/s"], 3),
            }


def _worked() -> float:
    """Processor time of the processes that ended, their own ones too: what a busy machine changes less."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _read(held: Installation, work: Callable[[Any], object], limit: int = 0) -> dict[str, Any]:
    """Every report's facts from the database, out of JSON, and then `work`."""
    began, reports = time.perf_counter(), 0
    for (facts,) in _rows(held, _FACTS + (f" LIMIT {limit}" if limit else "")):
        work(orjson.loads(facts))
        reports += 1
    seconds = time.perf_counter() - began
    return {"reports": reports, "seconds": round(seconds, 1), "reports/s": round(reports / seconds)}


def _rows(held: Installation, query: str) -> Iterator[tuple[Any, ...]]:
    if held.database is None:
        with closing(sqlite3.connect(held.folder / "home" / "amaan.sqlite3")) as db:
            yield from db.execute(query)
        return
    import psycopg

    with psycopg.connect(held.database) as connection, connection.cursor(name="facts") as cursor:
        cursor.itersize = 10_000
        yield from cursor.execute(query.encode())


def _versioned(text: str) -> str:
    return re.sub(r'(?m)^version = ".*"', 'version = "bench"', text, count=1)


def _heavier(text: str) -> str:
    """The first rule weighs one point less."""
    return re.sub(r"(?m)^weight = (\d+)", lambda m: f"weight = {int(m[1]) - 1}", _versioned(text), count=1)


def _all_heavier(text: str) -> str:
    """Every rule that adds weighs one point more, so that both versions are run over every report."""
    return re.sub(r"(?m)^weight = ([1-9]\d?)$", lambda m: f"weight = {int(m[1]) + 1}", _versioned(text))
