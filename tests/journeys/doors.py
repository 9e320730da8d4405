"""The public's door as it runs, alone or beside the desk, and everything that whoever takes its machine would have."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from tests.journeys.installation import AMAAN, Installation, children_of, parent_of
from tests.migrated import SOURCE

_HEAVY = re.compile(r"\.(?:so[.0-9]*|pyc?|mo)$")


class DoorDidNotStart(Exception):
    """`amaan serve` ended, or did not answer in time; its output follows."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Door:
    """`amaan serve` below `folder`: with the desk of `held` beside it, or alone with the desk's public key only."""

    def __init__(self, folder: Path, held: Installation, *, alone: bool) -> None:
        self.folder, self.held, self.alone, self.port = folder, held, alone, free_port()
        self.log, self.temporary = folder / "serve.log", folder / "tmp"
        self.temporary.mkdir(parents=True)
        if alone:
            self.home, self.keys = folder / "door-home", folder / "door-keys"
            self.keys.mkdir(mode=0o700)
            (self.keys / "desk.pub").write_bytes((held.keys / "portal" / "desk.pub").read_bytes())
            self.environment = {
                **{name: value for name, value in os.environ.items() if not name.startswith("AMAAN_")},
                "HOME": str(folder / "own"),
                "PYTHONPATH": str(SOURCE),
                "AMAAN_DOORS": "public",
                "AMAAN_PORTAL_HOME": str(self.home),
                "AMAAN_PORTAL_KEYS": str(self.keys),
            }
        else:
            self.home, self.keys = held.home / "portal", held.keys / "portal"
            self.environment = dict(held.environment)
        # Short: the door's socket lies in it.
        self.environment["TMPDIR"] = str(self.temporary)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                [*AMAAN, "serve", "--port", str(self.port)],
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def answers(self, path: str = "/en/", patience: float = 60) -> None:
        """Wait until the door answers. Raises DoorDidNotStart."""
        assert self._process is not None
        until = time.monotonic() + patience
        while time.monotonic() < until and self._process.poll() is None:
            with suppress(OSError, http.client.HTTPException):
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
                connection.request("GET", path)
                if connection.getresponse().status == http.HTTPStatus.OK:
                    return
            time.sleep(0.1)
        raise DoorDidNotStart(self.said()[-2000:])

    def said(self) -> str:
        """All that its processes wrote to their output."""
        return self.log.read_text("utf-8", "replace") if self.log.exists() else ""

    def pids(self, *, of: str = "") -> list[int]:
        """Its processes, the parents first; `of` one name: door, web, worker."""
        assert self._process is not None
        everybody = [self._process.pid, *children_of(self._process.pid)]
        return [pid for pid in everybody if not of or role_of(pid) == of]

    def kill(self, name: str) -> None:
        """The processes that do the work of door, web or worker; `whole door` with the one that starts them again.

        With SIGKILL, as the kernel would for want of memory.
        """
        role = name.removeprefix("whole ")
        for pid in self.pids(of=role):
            if role != name or role == "worker" or role_of(parent_of(pid)) == role:
                _kill(pid)

    def kill_everything(self) -> None:
        """All of it at once, as a power cut."""
        if self._process is None:
            return
        for pid in [*children_of(self._process.pid), self._process.pid]:
            _kill(pid)
        self._process.wait()
        self._process = None

    def waiting(self) -> int:
        """Envelopes that lie at the door."""
        with closing(sqlite3.connect(f"file:{self.home / 'door.sqlite3'}?mode=ro", uri=True)) as database:
            return int(database.execute("SELECT count(*) FROM portal_envelope").fetchone()[0])

    def end(self) -> None:
        if self._process is None:
            return
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill_everything()
        self._process = None

    def files(self) -> dict[str, bytes]:
        """Every file in the folders that the door may write to, and its output, with what is in it."""
        folders = (self.home, self.keys, self.temporary)
        found = {
            str(path): path.read_bytes()
            for folder in folders
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        return found | {str(self.log): self.log.read_bytes()}


@contextmanager
def serving(folder: Path, held: Installation, *, alone: bool) -> Iterator[Door]:
    door = Door(folder, held, alone=alone)
    door.start()
    try:
        door.answers()
        yield door
    finally:
        door.end()


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def role_of(pid: int) -> str:
    """door, web or worker; empty for anything else."""
    with suppress(OSError):
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        if "amaan.config.door_wsgi" in command:
            return "door"
        if "amaan.config.wsgi" in command:
            return "web"
        if "amaan.cli worker" in command:
            return "worker"
    return ""


def environment_of(pid: int) -> dict[str, str]:
    raw = Path(f"/proc/{pid}/environ").read_bytes().decode()
    return dict(line.split("=", 1) for line in raw.split("\0") if "=" in line)


def open_files_of(pid: int) -> set[str]:
    found = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):
            found.add(str(descriptor.readlink()))
    return found


def memory_of(pid: int) -> Iterator[bytes]:
    """What stands in the memory of a process, but for the code of libraries. Needs the same user or root."""
    with Path(f"/proc/{pid}/mem").open("rb", 0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            span, rights, *rest = line.split(maxsplit=5)
            name = rest[3].strip() if len(rest) > 3 else ""
            if rights[0] != "r" or _HEAVY.search(name) or name in {"[vvar]", "[vsyscall]", "[vdso]"}:
                continue
            start, end = (int(part, 16) for part in span.split("-"))
            with suppress(OSError, ValueError):
                memory.seek(start)
                yield memory.read(end - start)


def found_in_memory(pids: Iterable[int], wanted: dict[str, bytes]) -> set[str]:
    """Which of the `wanted` stand somewhere in the memory of these processes, by their names."""
    return {
        name for pid in pids for part in memory_of(pid) for name, value in wanted.items() if value in part
    }
