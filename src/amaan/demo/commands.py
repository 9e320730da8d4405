"""`amaan demo`: a synthetic world."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from amaan.demo.documents import LabelsAmongDocuments, write_world


def demo(  # noqa: PLR0917  Typer reads the options from the signature
    reports: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many reports.")] = 400,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same world.")] = 1,
    labels: Annotated[Path | None, typer.Option(help="Write what was planted to this file.")] = None,
    documents: Annotated[Path | None, typer.Option(help="Keep the documents in this folder.")] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day before which all of it happened.")
    ] = None,
    told: Annotated[int, typer.Option(min=0, help="Reports at the public's door beside them.")] = 16,
    decided: Annotated[
        int, typer.Option(min=0, help="Reports before them, each with an invented outcome.")
    ] = 0,
    no_import: Annotated[
        bool, typer.Option("--no-import", help="Only write documents and labels; needs --documents.")
    ] = False,
    with_broken: Annotated[
        bool, typer.Option("--with-broken", help="Add documents that must end in quarantine.")
    ] = False,
) -> None:
    """Generate an invented world and import it, into an installation that holds nothing real."""
    from rich.console import Console
    from rich.progress import Progress, TaskID

    from amaan.demo.people import describe_sign_in
    from amaan.demo.services import AnotherDemoWorld, DemoIncomplete, RealInstallation, load_world, today

    moment = until.replace(tzinfo=UTC) if until else None
    if no_import and documents is None:
        typer.echo("--no-import only writes, so it needs a folder: --documents DIR", err=True)
        raise typer.Exit(2)
    tasks: dict[str, TaskID] = {}
    with Progress(console=Console(stderr=True), transient=True) as bar:

        def show(what: str, done: int | None) -> None:
            if what not in tasks:
                name = {"first": "Importing", "again": "Importing what is sent again"}.get(
                    what, f"Importing {what}"
                )
                tasks[what] = bar.add_task("Writing" if what == "written" else name, total=None)
            if done is None:
                bar.advance(tasks[what])
            else:
                bar.update(tasks[what], completed=done)

        try:
            if no_import and documents is not None:
                write_world(
                    seed=seed,
                    reports=reports,
                    until=moment or today(),
                    folder=documents,
                    labels=labels,
                    with_broken=with_broken,
                    progress=lambda: show("written", None),
                )
            else:
                load_world(
                    seed=seed,
                    reports=reports,
                    until=moment,
                    documents=documents,
                    labels=labels,
                    with_broken=with_broken,
                    told=told,
                    decided=decided,
                    progress=show,
                )
        except (AnotherDemoWorld, DemoIncomplete, LabelsAmongDocuments, RealInstallation) as refusal:
            typer.echo(str(refusal), err=True)
            raise typer.Exit(2) from None
    if no_import:
        typer.echo(f"{reports:,} invented reports are written to {documents}; nothing was imported.")
        return
    typer.echo(f"{reports:,} invented reports stand. Nobody in them exists. Sign in as:")
    for line in describe_sign_in():
        typer.echo(line)
