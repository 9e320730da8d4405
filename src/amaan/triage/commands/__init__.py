"""`amaan triage`: one file a group of commands; each is put under its name here."""

from __future__ import annotations

import typer

from amaan.triage.commands.explain import explain
from amaan.triage.commands.order import order
from amaan.triage.commands.replay import replay
from amaan.triage.commands.rules import rules
from amaan.triage.commands.text import text

app = typer.Typer(name="triage", help="Bands and their reasons.", no_args_is_help=True)
app.add_typer(rules)
app.command()(explain)
app.command()(order)
app.command()(replay)
app.command()(text)


@app.callback()
def triage() -> None:
    """Bands and their reasons."""
