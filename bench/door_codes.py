"""The public's door: does the time of an answer tell a wrong code from one that nobody has? 500 of each, by ranks."""

from __future__ import annotations

import http.client
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from amaan.cli.door_gunicorn import ERASING
from amaan.portal.domain.codes import check_digit, make_code
from bench.ranks import rank_test
from bench.world import Installation, installation

TRIES: Final = 500
_WARM: Final = 20
_KINDS: Final = ("wrong", "absent")


def run(folder: Path, database: str, chosen: Namespace) -> Iterator[dict[str, Any]]:
    """The door's own database is the same beside either database of the desk: it is measured once."""
    if database != "sqlite":
        return
    with installation(database) as held, _door(held) as socket:
        yield _measured(socket)


def _measured(socket: str) -> dict[str, Any]:
    asked = [kind for kind in _KINDS for _ in range(TRIES)]
    random.Random(5).shuffle(asked)
    seconds: dict[str, list[float]] = {kind: [] for kind in _KINDS}
    answers = set()
    for turn, kind in enumerate(["absent"] * _WARM + asked):
        code = make_code() if kind == "absent" else _wrong()
        began = time.perf_counter()
        answers.add(_try(socket, code))
        if turn >= _WARM:
            seconds[kind].append(time.perf_counter() - began)
    found = rank_test(seconds["wrong"], seconds["absent"])
    return {
        "codes of each kind": TRIES,
        **{f"{kind} median ms": round(statistics.median(seconds[kind]) * 1000, 2) for kind in _KINDS},
        "p, two-sided": round(found.p, 3),
        "a wrong one takes longer in": f"{found.larger:.3f} of pairs",
        "different answers": len(answers),
    }


def _wrong() -> str:
    """Sixteen digits that don't fit together."""
    code = make_code()
    return code[:-1] + str((int(check_digit(code[:-1])) + 1 + random.randrange(9)) % 10)


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=60)
        self._path = path

    def connect(self) -> None:
        import socket

        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(60)
        self.sock.connect(self._path)


def _try(socket: str, code: str) -> tuple[int, bytes]:
    """A connection a try, as the desk's process opens them (`web.forwarding`)."""
    connection = _Connection(socket)
    form = urllib.parse.urlencode({"do": "open", "code": code})
    connection.request(
        "POST",
        "/en/return/",
        form,
        {"Content-Type": "application/x-www-form-urlencoded", "Connection": "close"},
    )
    with connection.getresponse() as answer:
        return answer.status, answer.read()


@contextmanager
def _door(held: Installation) -> Iterator[str]:
    """The door's process, started as `amaan serve` starts it, with `bench.unpaced_door`; its socket."""
    home, keys = held.folder / "home" / "portal", held.folder / "keys" / "portal"
    told = {name: value for name, value in os.environ.items() if not name.startswith("AMAAN_")} | {
        "AMAAN_HOME": str(home),
        "AMAAN_PORTAL_HOME": str(home),
        "AMAAN_KEYS": str(keys),
        "AMAAN_PORTAL_KEYS": str(keys),
        "AMAAN_DOORS": "public",
        "DJANGO_SETTINGS_MODULE": "amaan.config.door",
        "PYTHONPATH": os.pathsep.join([str(Path.cwd()), *filter(None, sys.path)]),
        **ERASING,
    }
    with tempfile.TemporaryDirectory(prefix="amaan-bench-door-") as folder:
        socket = str(Path(folder) / "door.sock")
        command = [sys.executable, "-m", "gunicorn", "bench.unpaced_door:application"]
        served = subprocess.Popen(
            [*command, "--config", "python:amaan.cli.door_gunicorn", "--bind", f"unix:{socket}"], env=told
        )
        try:
            for _ in range(150):
                try:
                    _try(socket, "")
                    break
                except OSError:
                    time.sleep(0.2)
            else:
                raise RuntimeError("the door did not answer")
            yield socket
        finally:
            served.terminate()
            served.wait(20)
