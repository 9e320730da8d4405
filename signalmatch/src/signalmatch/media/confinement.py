"""What a process that reads strangers' files gives up before the first byte, and how its parent ends all of it.

Hard limits of the kernel: nothing that runs in the process afterwards, whoever commands it, raises them again. Limits
are no full sandbox: `docs/photos.md` says what is left.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import subprocess
import time


def confine(*, memory: int, seconds: int, threads: int | None = 1) -> None:
    """Take from this process what a decoder doesn't need; its pipes go on working.

    It can open no file, socket or pipe: with a limit of 0 not even in the place of one that it closes. It writes no
    file, dumps no core, takes at most `memory` bytes of address space and `seconds` of processor time. With `threads`
    it starts no process either, and few threads (the kernel holds every user but root to that). None: its codecs
    need threads, which the kernel counts together with all others of the user; then `end_group` ends what it started.
    """
    most = 0 if threads == 1 else None if threads is None else threads + 16
    for kind, limit in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 0),
        (resource.RLIMIT_NPROC, most),
        (resource.RLIMIT_CPU, max(1, seconds)),
        (resource.RLIMIT_AS, memory),
    ):
        if limit is None:
            continue
        highest = resource.getrlimit(kind)[1]
        value = limit if highest == resource.RLIM_INFINITY else min(limit, highest)
        resource.setrlimit(kind, (value, value))


def code_of(child: subprocess.Popen[bytes], seconds: float = 0.0) -> int | None:
    """The child's exit code (minus the number of its signal), or None while it runs `seconds` from now.

    It stays on the process table until `end_group`, so that its number can't pass to a stranger before.
    """
    until = time.monotonic() + seconds
    while child.returncode is None:
        try:
            ended = os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:  # somebody else took it off the table; Popen knows what to make of that
            return child.wait()
        if ended is not None:
            return ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status
        if time.monotonic() >= until:
            return None
        time.sleep(0.005)
    return child.returncode


def end_group(child: subprocess.Popen[bytes]) -> None:
    """Kill the child and what it started (its process group, which it leads), then take it off the process table."""
    kill_group(child)
    child.wait()


def kill_group(child: subprocess.Popen[bytes]) -> None:
    """The same without taking it off the table: for another thread than the one that waits."""
    if child.returncode is None:  # its number is its own until somebody has waited for it
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
    child.kill()
