"""An installation in processes of its own, on SQLite or on a database of its own in the tests' PostgreSQL."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.migrated import DATABASE, SOURCE, migrated, new_database, on_postgres
from tests.once import made_once
from tests.warm import Fork, run_warm, warm

AMAAN = [sys.executable, "-m", "amaan.cli"]


class Installation:
    """Nothing at all, until its first command prepares it."""

    def __init__(self, folder: Path, *, like: Path | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.home, self.keys = folder / "home", folder / "keys"
        kept = {k: v for k, v in os.environ.items() if not k.startswith("AMAAN_")}
        self.environment = kept | {
            "AMAAN_HOME": str(self.home),
            "AMAAN_KEYS": str(self.keys),
            "PYTHONPATH": str(SOURCE),
            "HOME": str(folder),
        }
        self.postgres = ""
        if on_postgres():
            self.postgres = self.environment["AMAAN_DATABASE"] = new_database(
                (like / DATABASE).read_text() if like else ""
            )
        for part in ("home", "keys") if like else ():
            if (like / part).is_dir():
                shutil.copytree(like / part, folder / part)

    @classmethod
    def prepared(cls, folder: Path) -> Installation:
        """As after a first command, without the seconds that it takes: a copy of one that every test shares.

        The keys are the same in all of them, so that two give the same references and addresses.
        """
        return cls(folder, like=made_once("prepared", _prepare))

    def start(self, *arguments: str | Path) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*AMAAN, *map(str, arguments)],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def fork(self, *arguments: str | Path) -> Fork:
        """A command that works at once; nobody hears what it says."""
        return warm(self.environment).start([str(one) for one in arguments])

    def run(self, *arguments: str | Path, exits: int = 0) -> str:
        """What a command says that ends with `exits`."""
        code, out, err = run_warm(self.environment, arguments)
        assert code == exits, out + err
        return err + out

    def python(self, script: Path) -> Any:
        done = subprocess.run(
            [sys.executable, str(script)],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        if self.postgres:
            import psycopg

            with psycopg.connect(self.postgres) as connection:
                return connection.execute(sql).fetchall()  # type: ignore[call-overload,no-any-return]
        import sqlite3

        with sqlite3.connect(f"file:{self.home / 'amaan.sqlite3'}?mode=ro", uri=True) as database:
            return database.execute(sql).fetchall()

    def report_count(self) -> int:
        try:
            return int(self.rows("SELECT count(*) FROM reports_report")[0][0])
        except Exception:  # noqa: BLE001 - asked while the very first tables are being made
            return 0


def kill_all(process: subprocess.Popen[str] | Fork) -> None:
    """The whole tree at once, as a power cut or the kernel would."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    finally:
        process.communicate()


def children_of(pid: int) -> list[int]:
    """Every process below this one, the nearest first."""
    everybody = [int(folder.name) for folder in Path("/proc").iterdir() if folder.name.isdigit()]
    parents = {one: parent_of(one) for one in everybody}
    found = [pid]
    for one in found:
        found.extend(child for child, parent in parents.items() if parent == one)
    return found[1:]


def parent_of(pid: int) -> int:
    """0 where there is no such process any more."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def _prepare(folder: Path) -> None:
    first = Installation(folder, like=migrated())
    first.run("quarantine", "list")
    (folder / DATABASE).write_text(first.postgres)
