"""`amaan vault`: look after the bytes at rest. `amaan media`: uploaded files, and the examiner's key."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from amaan.authority.actors import Actor
from amaan.evidence.carried import FileInTheWay, write_new
from amaan.evidence.domain import MediaKey, ReceivedFile
from amaan.keyring.domain import KeyringError

app = typer.Typer(name="vault", help="The exhibits' bytes at rest.", no_args_is_help=True)
media = typer.Typer(name="media", help="Uploaded files, and the examiner's key.", no_args_is_help=True)

_CARRIED = frozenset({"key", "open"})


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
        if found.sealed_to_recipient:
            typer.echo(
                f"{found.sealed_to_recipient:,} of them are sealed to an examiner's key. They can't be opened here: "
                "their form, length and digest were compared with what was stored."
            )
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


def needs_installation(command: str | None, arguments: list[str]) -> bool:
    """Whether an `amaan media` command works on an installation's data. What an examiner runs on a machine of their
    own makes no database there."""
    return command not in _CARRIED or "--exhibit" in arguments


@contextmanager
def _refusals() -> Iterator[None]:
    """What an operator can mend ends in one line."""
    from amaan.evidence.services import (
        ExhibitBytesMissing,
        ExhibitUnknown,
        NoReasonNamed,
        NotSealedToRecipient,
    )

    try:
        yield
    except (
        ExhibitBytesMissing,
        ExhibitUnknown,
        FileInTheWay,
        KeyringError,
        NoReasonNamed,
        NotSealedToRecipient,
        OSError,
    ) as refusal:
        typer.echo(str(refusal), err=True)
        raise typer.Exit(2) from None


KeyFile = Annotated[Path, typer.Option("--key", help="The examiner's private key.")]
Out = Annotated[Path, typer.Option("--out", help="The file to write; it must not be there yet.")]
Why = Annotated[str, typer.Option("--reason", help="Why; sealed in the ledger.")]


@media.command("key")
def key(out: Out) -> None:
    """On the examiner's machine: make a key pair, write the private half to a file, print the public one."""
    from django.conf import settings

    place = out.absolute()
    for folder in (Path(settings.AMAAN_HOME), Path(settings.AMAAN_KEYS)):
        if place.is_relative_to(folder):
            typer.echo(
                f"{out} lies in {folder}, where the server reads. The private key belongs on the examiner's own "
                "machine or stick, and nowhere else.",
                err=True,
            )
            raise typer.Exit(2)
    made = MediaKey.make()
    with _refusals():
        write_new(out, [f"{made.text}\n".encode()])
    typer.echo(made.recipient.text)
    typer.echo(
        f"The line above is the public key. Its fingerprint: {made.recipient.fingerprint}\n"
        f"The private key is in {out}. Copy it to a second place that no server reaches: without it, what is sealed to "
        "it is lost.",
        err=True,
    )


@media.command("trust")
def trust(public: Annotated[str, typer.Argument(help="The line that `amaan media key` printed.")]) -> None:
    """On the server: seal uploaded files to this public key from now on."""
    from amaan.evidence.services import trust_media_key

    with _refusals():
        recipient = trust_media_key(Actor.system("media"), public=public)
    typer.echo(
        f"Trusted: {recipient.id.hex()}. Compare the fingerprint with the examiner's, by voice:\n"
        f"  {recipient.fingerprint}\n"
        "With AMAAN_MEDIA=sealed, files that arrive from now on are sealed to it; older ones stay as they are."
    )


@media.command("export")
def export(
    exhibit: Annotated[int, typer.Argument(help="The exhibit's number.")], out: Out, reason: Why
) -> None:
    """Write a sealed file, still sealed, to carry it to the examiner."""
    from amaan.evidence.services import export_media

    with _refusals():
        done = export_media(Actor.system("media"), exhibit_id=exhibit, reason=reason, out=out)
    typer.echo(f"{out}: {done.bytes:,} bytes, still sealed to {done.recipient}. SHA-256 {done.sha256}")


@media.command("open")
def open_(
    key_file: KeyFile,
    out: Out,
    sealed: Annotated[Path | None, typer.Argument(help="A file that `amaan media export` wrote.")] = None,
    exhibit: Annotated[
        int | None, typer.Option("--exhibit", help="Or an exhibit of this installation.")
    ] = None,
    reason: Why = "",
) -> None:
    """On the examiner's machine: open a sealed file. With --exhibit: on the installation itself, with a reason."""
    if (sealed is None) == (exhibit is None):
        typer.echo("Name either a sealed file or --exhibit.", err=True)
        raise typer.Exit(2)
    with _refusals():
        private = MediaKey.parse(key_file.read_text(encoding="ascii", errors="replace"))
        if sealed is not None:
            from amaan.evidence.services import open_carried

            found = open_carried(private, sealed=sealed, out=out)
        else:
            from amaan.evidence.services import open_media

            assert exhibit is not None
            found = open_media(Actor.system("media"), exhibit_id=exhibit, key=private, reason=reason, out=out)
    _say(out, found)


def _say(out: Path, found: ReceivedFile) -> None:
    typer.echo(
        f"{out}: {found.size:,} bytes, whole. Compare with the report:\n"
        f"  MD5     {found.md5}\n  SHA-1   {found.sha1}\n  SHA-256 {found.sha256}"
    )
