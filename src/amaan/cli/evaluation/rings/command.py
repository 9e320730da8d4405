"""`amaan rings evaluate`: how well planted rings are found, beside simpler groupings of the same reports."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from amaan import __version__
from amaan.cli.evaluation.command import EvaluationFailed, environment
from amaan.cli.evaluation.rings.page import Run, evaluation_page, table_lines


def evaluate_rings(  # noqa: PLR0917  Typer reads the options from the signature
    reports: Annotated[int, typer.Option(min=300, max=60_000, help="About how many reports.")] = 2_000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed plants the same.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON line.")] = False,
    page: Annotated[
        bool, typer.Option("--page", help="Print docs/reference/linking-evaluation.md for this run.")
    ] = False,
    labels: Annotated[
        Path | None, typer.Option(help="Keep what was planted in this file, for people who check.")
    ] = None,
    names: Annotated[
        Path | None,
        typer.Option(help="A folder with febrl1.csv and febrl1_links.csv: likeness of names, too."),
    ] = None,
    kept: Annotated[
        Path | None,
        typer.Option("--keep", help="Keep the installation in this folder, for people who check."),
    ] = None,
) -> None:
    """Plant rings in an installation that is thrown away, and measure what linking makes of it."""
    from amaan.cli.evaluation.rings.names import comparisons, febrl, spellings

    try:
        known = {"spellings": spellings(), **({"febrl": febrl(names)} if names else {})}
        found = _measured(seed, reports, labels, kept)
        found["names"] = {
            of: {way: one.as_json() for way, one in comparisons(those).items()} for of, those in known.items()
        }
        run = Run(seed, __version__, found)
    except OSError as fault:
        typer.echo(f"The names could not be read: {fault.strerror}, {fault.filename}", err=True)
        raise typer.Exit(2) from None
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


def _measured(seed: int, reports: int, labels: Path | None, kept: Path | None) -> dict[str, Any]:
    """What the process inside the scratch installation found. Raises EvaluationFailed."""
    with tempfile.TemporaryDirectory(prefix="amaan-rings-") as scratch:
        planted = Path(scratch) / "labels.jsonl"
        home = kept or Path(scratch)
        if kept is not None and kept.exists() and any(kept.iterdir()):
            raise EvaluationFailed(f"{kept} is not empty. Name a folder that is not there yet.")
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "amaan.cli.evaluation.rings.inside",
                str(seed),
                str(reports),
                str(planted),
            ],
            env=environment(home),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            check=False,
        )
        if done.returncode:
            raise EvaluationFailed(
                "The scratch installation could not be filled and linked; the lines above say why. Look at the disk's "
                "space and the memory; then run it again."
            )
        if labels is not None:
            shutil.copyfile(planted, labels)
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found
