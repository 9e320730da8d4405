"""`amaan rings …`: which rings stand, and their reports as their senders know them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from amaan.authority.actors import Actor

app = typer.Typer(
    no_args_is_help=True,
    help="Rings: reports that belong together by what recurs in them. Intelligence, never the basis of a charge.",
)

OPERATOR = Actor.system("command-line")
AsJson = Annotated[bool, typer.Option("--json", help="One line of JSON a ring.")]


@contextmanager
def _recorded(what: str) -> Iterator[None]:
    """The ledger says so before the first line is written."""
    from amaan.ledger.services import sequence_all
    from amaan.linking.services import record_export

    record_export(OPERATOR, what=what)
    yield
    sequence_all()


@app.command("list")
def list_rings(as_json: AsJson = False) -> None:
    """The rings that stand: reference, how many reports, strength, when each changed last. The ledger says who did."""
    from amaan.linking.selectors import rings_exported

    with _recorded("list of rings"):
        for ring in rings_exported():
            if as_json:
                line = {
                    "ring": ring.reference,
                    "reports": len(ring.reports),
                    "strength": str(ring.strength),
                    "changed": ring.changed_at.isoformat(),
                }
                typer.echo(json.dumps(line))
            else:
                typer.echo(
                    f"{ring.reference}  {len(ring.reports):>5}  {ring.strength:<6}  {ring.changed_at:%Y-%m-%d}"
                )


@app.command("export")
def export(as_json: AsJson = False) -> None:
    """Each ring with its reports: the reference, the reporting entity and its report number. The ledger says who did.

    No name and no identifier: who may read a report finds it by its reference.
    """
    from amaan.linking.selectors import rings_exported

    with _recorded("rings"):
        for ring in rings_exported():
            if not as_json:
                typer.echo(f"{ring.reference}  {ring.strength}")
                for one in ring.reports:
                    typer.echo(f"    {one.reference}  {one.entity}  {one.number}")
                continue
            line = {
                "ring": ring.reference,
                "strength": str(ring.strength),
                "reports": [
                    {"reference": one.reference, "entity": one.entity, "number": one.number}
                    for one in ring.reports
                ],
            }
            typer.echo(json.dumps(line, ensure_ascii=False))
