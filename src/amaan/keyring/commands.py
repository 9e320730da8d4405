"""`amaan keys`: the ceremony, the check, the rotation. No command prints a secret."""

from __future__ import annotations

from pathlib import Path

import typer

from amaan.keyring.domain import KeyringError

app = typer.Typer(name="keys", help="The keys that seal everything.", no_args_is_help=True)


def _show(fingerprints: dict[str, str]) -> None:
    width = max(map(len, fingerprints))
    for name, shown in fingerprints.items():
        typer.echo(f"  {name:<{width}}  {shown}")


def _refuse(fault: KeyringError) -> typer.Exit:
    typer.echo(str(fault), err=True)
    return typer.Exit(1)


@app.command()
def init() -> None:
    """Make the keys of a new installation and print their fingerprints to write down."""
    from django.conf import settings

    from amaan.keyring.services import init_keys

    # The ceremony may come before anything else was run; looking for data needs a folder to look in.
    Path(settings.AMAAN_HOME).mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        shown = init_keys()
    except KeyringError as fault:
        raise _refuse(fault) from None
    typer.echo(
        f"The keys are made, in {settings.AMAAN_KEYS}. Write these fingerprints down and sign the paper:\n"
    )
    _show(shown)
    typer.echo(
        "\nNow copy the folder to two places that nobody reaches from here, never beside a backup of the "
        "data.\n"
        "Without these keys nothing that was sealed can be read again, by anyone. See docs/how-to/keys.md."
    )


@app.command()
def fingerprints() -> None:
    """Print the fingerprints, to compare with the paper."""
    from amaan.keyring import services

    try:
        _show(services.fingerprints())
    except KeyringError as fault:
        raise _refuse(fault) from None


@app.command()
def check() -> None:
    """Unwrap every data key; fails when one doesn't open."""
    from amaan.keyring import services

    try:
        checked = services.check_keys()
        shown = services.fingerprints()
    except KeyringError as fault:
        raise _refuse(fault) from None
    for line in checked.faults:
        typer.echo(line, err=True)
    _show(shown)
    for root, count in sorted(checked.by_root.items()):
        typer.echo(f"  {count:,} data keys are wrapped under root key {root}")
    if checked.faults:
        typer.echo(f"{len(checked.faults):,} of {checked.data_keys:,} data keys don't open.", err=True)
        raise typer.Exit(1)
    typer.echo(f"All {checked.data_keys:,} data keys open.")


@app.command()
def rotate(
    drop_old: bool = typer.Option(
        False, "--drop-old", help="Make no new root key; take the retired ones out, once nothing needs them."
    ),
) -> None:
    """Make a new root key and wrap every data key anew under it."""
    from amaan.keyring import services

    try:
        if drop_old:
            gone = services.drop_retired_roots()
            typer.echo(f"Taken out: {', '.join(gone)}." if gone else "There was no retired root key.")
            if gone:
                typer.echo(
                    "Keep their backup as long as you keep a backup of the database from before the rotation."
                )
        else:
            count = services.rotate_root()
            typer.echo(f"A new root key wraps all data keys; {count:,} were wrapped anew. Fingerprints:\n")
            _show(services.fingerprints())
            typer.echo("\nBack the keys up again now, then run `amaan keys rotate --drop-old`.")
    except KeyringError as fault:
        raise _refuse(fault) from None
