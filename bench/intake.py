"""The intake: from a ZIP to committed bands and reasons, into an empty store and into a full one."""

from __future__ import annotations

import json
import os
import sqlite3
import statistics
import subprocess
import time
import zipfile
from argparse import Namespace
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from bench.fill import fill
from bench.machine import children_of, memory_of
from bench.page import Reader
from bench.world import AMAAN, UNIT, Installation, archive, installation

_ROWS_A_REPORT = 52
"""Rows that one standard report becomes: mentions 20, identifiers 19, parties 3, exhibits 2, leaf, entry, …"""


def run(folder: Path, database: str, chosen: Namespace) -> Iterator[dict[str, Any]]:
    documents = archive(folder, chosen.reports, start=0)
    peers = {"lxml alone": _lxml_alone(documents), "rows alone": _rows_alone(folder, database)}
    yield {"database": database, **{name: round(rate) for name, rate in peers.items()}}
    with installation(database) as held:
        yield _measured("empty", database, held, documents, chosen, peers)
    if not chosen.held:
        return
    later = archive(folder, chosen.imported, start=2_000_000)
    with installation(database) as held:
        began = time.perf_counter()
        base = archive(folder, 20_000, start=4_000_000)
        held.amaan("import", str(base), "--unit", UNIT, "--json")
        fill(held, chosen.held)
        os.sync()  # gigabytes that were written a moment ago are on the disk before the clock begins
        print(
            f"  a store of {chosen.held:,} reports was made in {time.perf_counter() - began:.0f} s",
            flush=True,
        )
        yield _measured(f"holding {chosen.held:,}", database, held, later, chosen, peers)


def _measured(
    store: str, database: str, held: Installation, documents: Path, chosen: Namespace, peers: dict[str, float]
) -> dict[str, Any]:
    reader = Reader(held)
    command = [AMAAN, "import", str(documents), "--unit", UNIT, "--json"]
    if chosen.processes is not None:
        command += ["--processes", str(chosen.processes)]
    reader.start()
    began = time.perf_counter()
    process = subprocess.Popen(
        command, env=held.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    most = 0
    while True:
        most = max(most, memory_of(children_of(process.pid)))
        with suppress(subprocess.TimeoutExpired):
            process.wait(2)
            break
    seconds = time.perf_counter() - began
    reader.end()
    assert process.stdout
    counts = json.loads(process.stdout.read().strip().splitlines()[-1])
    assert counts["stored"] == counts["received"], counts
    waits = sorted(reader.seconds)
    rate = counts["stored"] / seconds
    return {
        "database": database,
        "store": store,
        "reports": counts["stored"],
        "reports/s": round(rate),
        "of lxml alone": f"{rate / peers['lxml alone']:.3f}",
        "of rows alone": f"{rate / peers['rows alone']:.3f}",
        "memory MB": round(most / 1e6),
        "page p50 ms": round(statistics.median(waits) * 1000),
        "page p95 ms": round(waits[int(len(waits) * 0.95)] * 1000),
        "page max ms": round(waits[-1] * 1000),
        "pages": len(waits),
    }


def _lxml_alone(documents: Path) -> float:
    """Reports a second when one core only parses their documents, bytes already in memory."""
    from lxml import etree

    with zipfile.ZipFile(documents) as zipped:
        names = [n for n in zipped.namelist() if n.endswith(".xml")][:10_000]
        raw = [zipped.read(name) for name in names]
    reports = sum(name.endswith("report.xml") for name in names)
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    began = time.perf_counter()
    for document in raw:
        etree.fromstring(document, parser)
    return reports / (time.perf_counter() - began)


def _rows_alone(folder: Path, database: str) -> float:
    """Reports a second when as many rows as a report makes are inserted raw: one table, no index, no sealing."""
    reports = 20_000
    row = ("x" * 24, 12345, 67890, b"k" * 16, "reported", None, "2026-01-01 00:00:00", 443)
    if database == "sqlite":
        path = folder / "rows.sqlite3"
        path.unlink(missing_ok=True)
        connection = sqlite3.connect(path)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("CREATE TABLE t (a, b, c, d, e, f, g, h)")
        began = time.perf_counter()
        for _ in range(0, reports, 100):
            connection.executemany("INSERT INTO t VALUES (?,?,?,?,?,?,?,?)", [row] * (100 * _ROWS_A_REPORT))
            connection.commit()
        seconds = time.perf_counter() - began
        connection.close()
        path.unlink()
        return reports / seconds
    import psycopg

    with installation("postgres") as held, psycopg.connect(held.database or "") as db:
        db.execute("CREATE TABLE t (a text, b int, c int, d bytea, e text, f text, g text, h int)")
        began = time.perf_counter()
        for _ in range(0, reports, 100):
            with db.cursor() as cursor, cursor.copy("COPY t FROM STDIN") as copy:
                for _ in range(100 * _ROWS_A_REPORT):
                    copy.write_row(row)
            db.commit()
        return reports / (time.perf_counter() - began)
