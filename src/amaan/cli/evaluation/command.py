"""`amaan triage evaluate`: how much planted danger the first reports of the queue hold, beside simpler orders."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from amaan import __version__
from amaan.cli.evaluation.page import Run, evaluation_page, table_lines


class EvaluationFailed(Exception):
    """The scratch installation could not be filled; what it said stands on standard error."""


def evaluate(
    reports: Annotated[int, typer.Option(min=300, max=200_000, help="How many reports.")] = 2_000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed plants the same.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON line.")] = False,
    page: Annotated[
        bool, typer.Option("--page", help="Print docs/reference/triage-evaluation.md for this run.")
    ] = False,
    labels: Annotated[
        Path | None, typer.Option(help="Keep what was planted in this folder, for people who check.")
    ] = None,
) -> None:
    """Plant a world in an installation that is thrown away, and measure the order in which its reports are read."""
    try:
        run = Run(seed, __version__, _measured(seed, reports, labels))
    except EvaluationFailed as failed:
        typer.echo(str(failed), err=True)
        raise typer.Exit(1) from None
    if page:
        typer.echo(evaluation_page(run), nl=False)
    elif as_json:
        typer.echo(json.dumps(run.as_json()))
    else:
        for line in table_lines(run):
            typer.echo(line)


def _measured(seed: int, reports: int, labels: Path | None) -> dict[str, Any]:
    """What the process inside the scratch installation found. Raises EvaluationFailed."""
    with tempfile.TemporaryDirectory(prefix="amaan-evaluate-") as scratch:
        kept = Path(scratch) / "labels"
        kept.mkdir()
        done = subprocess.run(
            [sys.executable, "-m", "amaan.cli.evaluation.inside", str(seed), str(reports), str(kept)],
            env=environment(Path(scratch)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            check=False,
        )
        if done.returncode:
            raise EvaluationFailed(
                "The scratch installation could not be filled and ordered; the lines above say why. Look at the disk's "
                "space and the memory; then run it again."
            )
        if labels is not None:
            shutil.copytree(kept, labels, dirs_exist_ok=True)
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found


def environment(scratch: Path) -> dict[str, str]:
    """Nothing of the operator's installation: neither its folders nor its database."""
    ours = {**os.environ}
    return {
        **{name: value for name, value in ours.items() if not name.startswith("AMAAN_")},
        "AMAAN_HOME": str(scratch / "home"),
        "AMAAN_KEYS": str(scratch / "keys"),
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }
