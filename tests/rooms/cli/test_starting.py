"""What every process of Amaan reads before it does anything."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

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


def test_who_starts_while_another_makes_the_tables_waits_for_them(tmp_path: Path) -> None:
    told = {name: value for name, value in os.environ.items() if not name.startswith("AMAAN_")}
    told |= {"AMAAN_HOME": str(tmp_path / "home"), "AMAAN_KEYS": str(tmp_path / "keys")}
    command = [sys.executable, "-m", "amaan.cli", "unit", "list"]
    started = [
        subprocess.Popen(command, env=told, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    answers = [(*one.communicate(), one.returncode) for one in started]
    assert [(faults, code) for _, faults, code in answers] == [("", 0)] * 3
    assert len({listed for listed, _, _ in answers}) == 1
    assert answers[0][0].strip()
