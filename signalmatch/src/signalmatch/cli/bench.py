"""`signalmatch bench …`: figures of this machine. One function a subject; each imports its subject only when called."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]


@app.callback()
def _bench() -> None:
    """Measure here, beside what others take, in the same run."""
