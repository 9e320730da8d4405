"""`amaan door`: what the public's door needs on its own machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(name="door", help="The public's door.", no_args_is_help=True)


@app.command()
def keys(
    to: Annotated[
        Path | None,
        typer.Option(
            help="Write desk.pub, code.salt and code.pepper into this folder, to be carried to a door that begins anew."
        ),
    ] = None,
) -> None:
    """Say what the door's machine needs of this one, and what it must never get. Prints no secret."""
    from django.conf import settings

    from amaan.portal.domain.receipts import key_id
    from amaan.portal.keys import (
        AnotherKeyThere,
        DoorNotReady,
        export_door_keys,
        read_desk_key,
        read_receipt_key,
    )

    folder = Path(settings.AMAAN_PORTAL_KEYS)
    try:
        desk, receipts = read_desk_key(folder), read_receipt_key(folder)
        written = export_door_keys(folder, to) if to is not None else []
    except (AnotherKeyThere, DoorNotReady) as fault:
        typer.echo(str(fault), err=True)
        raise typer.Exit(2) from None
    except OSError as fault:
        typer.echo(f"{to} can't be written: {fault.strerror}.", err=True)
        raise typer.Exit(2) from None
    typer.echo(
        f"desk.pub     id {key_id(desk)}   the door seals to it; the id must be the same on both machines:\n"
        f"{'':35}whoever exchanges it reads every report\n"
        f"receipt.pub  id {key_id(receipts)}   proofs of submission are checked with it; it is public\n"
    )
    if {"public"} == settings.AMAAN_DOORS:
        typer.echo(
            f"This machine is the door. Back {folder} up: without code.salt and code.pepper no code opens anything "
            "again.\nThe files form-*.key belong into no backup; each is gone after two days."
        )
        return
    if written:
        names = ", ".join(path.name for path in written)
        typer.echo(
            f"Written into {to}: {names}. Put them into the door's AMAAN_PORTAL_KEYS; then delete them here."
        )
    typer.echo(
        f"For a door that moves, copy the whole folder {folder}, but form-*.key: the codes and receipts that people "
        "have go on working.\nFor a new door copy desk.pub, code.salt and code.pepper (--to FOLDER); it makes the rest "
        "when it starts. With another\nsalt or pepper no code that staff read out would open anything there, and they "
        "are given none to read out. Then bring\nits receipt.pub back for `amaan verify-receipt --key`.\n"
        f"Never copy {settings.AMAAN_KEYS} itself, and door.key in it least of all: it opens what the door sealed."
    )
