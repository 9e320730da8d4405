"""`amaan vault`: look after the bytes at rest."""

from __future__ import annotations

import json
from dataclasses import asdict

import typer

app = typer.Typer(name="vault", help="The exhibits' bytes at rest.", no_args_is_help=True)


@app.callback()
def vault() -> None:
    """The exhibits' bytes at rest."""


@app.command()
def check(as_json: bool = typer.Option(False, "--json", help="Print one JSON object.")) -> None:
    """Read every exhibit, compute its address anew, and name what is broken, missing or left over."""
    from amaan.evidence.services import check_vault

    found = check_vault()
    if as_json:
        typer.echo(json.dumps(asdict(found)))
    else:
        typer.echo(f"{found.exhibits:,} exhibits read, {found.bytes:,} bytes.")
        for line in found.missing:
            typer.echo(f"missing: {line}")
        for line in found.broken:
            typer.echo(f"broken: {line}")
        if found.orphan_records or found.unfinished:
            typer.echo(
                f"Left over, harmless: {found.orphan_records:,} records ({found.orphan_bytes:,} bytes) "
                f"without an exhibit, {len(found.unfinished):,} unfinished streams. A crash or a rollback "
                "leaves them, or somebody is writing at this moment."
            )
        if found.sound:
            typer.echo("Every exhibit is whole.")
        else:
            typer.echo(
                "Restore the named packs from a backup; docs/reference/vault-format.md says where they lie."
            )
    if not found.sound:
        raise typer.Exit(1)
