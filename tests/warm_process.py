"""Run in an installation's environment by tests/warm.py: a line on stdin is a command, which a fork of this runs."""

from __future__ import annotations

import atexit
import gc
import json
import os
import sys
from contextlib import redirect_stdout, suppress
from functools import cache
from importlib import import_module


@cache
def _read_ahead() -> None:
    """What a command that imports reads from the program's own files: a second of each."""
    from amaan.flow import SUBSCRIPTIONS
    from amaan.lexicon.domain.shipped import shipped

    shipped()
    for task in {task for tasks in SUBSCRIPTIONS.values() for task in tasks.values()}:
        import_module(task.rpartition(".")[0])


def _fork(arguments: list[str], files: list[str]) -> int:
    pid = os.fork()
    if pid:
        return pid
    os.setsid()
    for number, (name, how) in enumerate(zip(files, ("r", "w", "w"), strict=True)):
        opened = os.open(name, os.O_RDONLY if how == "r" else os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(opened, number)
        os.close(opened)
    sys.argv = ["amaan", *arguments]
    sys.exit(run(arguments))


if __name__ == "__main__":
    atexit.register(gc.freeze)
    os.umask(0o077)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amaan.config.settings")
    import django

    django.setup()
    from amaan.cli.assembly import run

    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere), suppress(SystemExit):  # noqa: PTH123
        run(["keys", "--help"])  # the command line reads some of itself only then
    from django.db import connections

    assert not any(one.connection for one in connections.all()), "a fork would share it"
    for line in sys.stdin:
        if json.loads(line)[0][0] in {"demo", "import"}:
            _read_ahead()
        print(_fork(*json.loads(line)), flush=True)  # noqa: T201
        print(os.waitstatus_to_exitcode(os.wait()[1]), flush=True)  # noqa: T201
