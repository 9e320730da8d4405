"""Commands of an installation without the second that each start takes: forks of a process that has read everything.

It runs nothing itself, opens no database and reads no key; each command begins as if it had just been started. That a
command starts from nothing is tested where it is the point: in test_spine, test_first_hour and by every server.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

PATIENCE = 180
FORKING = Path(__file__).with_name("warm_process.py")
_Environment = tuple[tuple[str, str], ...]
_standing: dict[_Environment, Warm] = {}
"""At most one: the installation that is at work. Its process ends when its stdin does, so with us at the latest."""


class Fork:
    """A command at work, in a session of its own, as `Popen` would show it."""

    def __init__(self, pid: int, told: IO[str]) -> None:
        self.pid, self._told = pid, told
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None and select.select([self._told], [], [], 0)[0]:
            self.returncode = int(self._told.readline())
        return self.returncode

    def communicate(self) -> None:
        """Wait until it has ended."""
        if self.returncode is None:
            assert select.select([self._told], [], [], PATIENCE)[0], "it does not end"
            self.returncode = int(self._told.readline())


class Warm:
    """The process that forks, one command at a time."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(FORKING)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )

    def start(self, arguments: Sequence[str], files: Sequence[str] = (os.devnull,) * 3) -> Fork:
        """`files`: what stands for stdin, stdout and stderr."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([list(arguments), list(files)]) + "\n")
        return Fork(int(self._process.stdout.readline()), self._process.stdout)

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def warm(environment: Mapping[str, str]) -> Warm:
    """The process that runs commands in this environment."""
    key = tuple(sorted(environment.items()))
    if key not in _standing:
        for other in list(_standing):
            _standing.pop(other).close()
        _standing[key] = Warm(environment)
    return _standing[key]


def run_warm(
    environment: Mapping[str, str], arguments: Sequence[object], words: str = ""
) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of `amaan` with these arguments; `words` go to its stdin."""
    with tempfile.TemporaryDirectory() as folder:
        given, out, err = (Path(folder, name) for name in ("in", "out", "err"))
        given.write_text(words, "utf-8")
        command = warm(environment).start([str(one) for one in arguments], [str(given), str(out), str(err)])
        command.communicate()
        assert command.returncode is not None
        return command.returncode, out.read_text("utf-8"), err.read_text("utf-8")
