"""`amaan deliveries`: what waits, and what failed too often."""

from __future__ import annotations

import typer

app = typer.Typer(help="Work that events left: what waits, and what failed.", no_args_is_help=True)


@app.command("list")
def list_() -> None:
    """Everything that waits, failures with their cause."""
    from amaan.outbox.services import waiting

    lines = waiting()
    for line in lines:
        state = f"failed {line.attempts} times: {line.error}" if line.attempts else "waits"
        typer.echo(f"{line.id:>8}  {line.event} for {line.subscriber}, {line.count} ids, {state}")
    if not lines:
        typer.echo("Nothing waits.")


@app.command()
def retry() -> None:
    """Try again what failed too often, now."""
    from amaan.outbox.services import deliver, retry_dead_letters

    count = retry_dead_letters()
    done = deliver(60_000)
    typer.echo(f"{count} deliveries were made due again; {done} ids were delivered.")
