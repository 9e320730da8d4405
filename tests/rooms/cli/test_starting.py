"""What every process of Amaan reads before it does anything."""

from __future__ import annotations

import subprocess
import sys

EVERYTHING = (
    "import sys, django; django.setup(); import amaan.cli.assembly, amaan.flow, amaan.web.urls, amaan.config.wsgi; "
    "from django.db import connections; assert not any(one.connection for one in connections.all()), 'it forks now'; "
    "print(*sorted({one.partition('.')[0] for one in sys.modules}))"
)
HEAVY = {"networkx", "numpy", "scipy", "sklearn", "numba", "PIL", "av"}
"""What a command, a worker or a page reads when it first needs it: 0.14 s of a start for numpy alone."""


def test_no_process_reads_what_few_of_them_need() -> None:
    read = subprocess.run([sys.executable, "-c", EVERYTHING], capture_output=True, text=True, check=True)
    modules = set(read.stdout.split())
    assert {"amaan", "django"} <= modules
    assert modules & HEAVY == set()
