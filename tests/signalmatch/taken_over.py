"""A decoder that its file has taken over: confined like the real ones, then it tries what it must not be able to."""

from __future__ import annotations

import json
import os
import signal
import socket
from collections.abc import Callable
from typing import Any

from signalmatch.media.confinement import confine
from signalmatch.media.worker import ANSWER, READY

NOBODY = 65534
GIGABYTE = 1 << 30


def main(order: dict[str, Any]) -> None:
    """Answer one request, whatever it says; `order`: {"forks": whether to leave a grandchild behind}."""
    socket.socket().close()
    confine(memory=4 * GIGABYTE, seconds=5)
    os.write(1, READY)
    os.read(0, 1)
    os.close(2)
    told: dict[str, Any] = {name: _tried(attempt) for name, attempt in _ATTEMPTS.items()}
    if order["forks"]:
        told["grandchild"] = os.fork()  # root may: the kernel holds only others to RLIMIT_NPROC
        if not told["grandchild"]:
            signal.pause()
    answer = json.dumps(told).encode()
    os.write(1, ANSWER.pack(len(answer)) + answer)
    os.read(0, 1 << 16)
    signal.pause()


def _fork_as_nobody() -> None:
    if os.geteuid() == 0:
        os.setresuid(NOBODY, NOBODY, 0)
        try:
            os.fork()
        finally:
            os.setresuid(0, 0, 0)
    else:
        os.fork()


_ATTEMPTS: dict[str, Callable[[], object]] = {
    "open": lambda: os.open("/dev/null", os.O_RDONLY),
    "socket": socket.socket,
    "pipe": os.pipe,
    "memory file": lambda: os.memfd_create("more"),
    "copy": lambda: os.dup(0),
    "fork": _fork_as_nobody,
    "fill": lambda: bytearray(5 * GIGABYTE),
}


def _tried(attempt: Callable[[], object]) -> str:
    try:
        attempt()
    except (OSError, MemoryError) as error:
        return type(error).__name__
    return "possible"
