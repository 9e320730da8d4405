"""`amaan verify-receipt`: a proof of submission, checked without a network, and beside this installation's ledger.

`amaan correspondence`: envelopes that could not be read, and reading them again.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Final

import typer

_MOST_BYTES: Final = 100_000


def verify_receipt(
    file: Annotated[Path, typer.Argument(help="The receipt, such as receipt.txt.")],
    key: Annotated[
        str,
        typer.Option(
            help="The key of the door that signed, as its /.well-known/amaan-receipt-key shows it: a file, or the "
            "key itself. Without it, this installation's own."
        ),
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of sentences.")] = False,
) -> None:
    """Check a proof of submission. Exit code 0: it holds; 1: it doesn't, or the report was dropped; 2: unreadable."""
    from amaan.correspondence.proofs import Standing, Stands, stands
    from amaan.portal.domain.receipts import ProofRejected, as_pasted, verify_proof
    from amaan.portal.services.proving import own_key

    text, own = _read(file), own_key()
    public = _given(key) if key else own
    if not public:
        raise _refused(
            "There is no key here to check with. Fetch that of the door, and name it: "
            "curl https://SITE/.well-known/amaan-receipt-key > key.txt, then --key key.txt"
        )
    try:
        proof = verify_proof(as_pasted(text), public)
    except ProofRejected as fault:
        _say(as_json, {"ok": False, "cause": str(fault)}, f"This receipt is not valid. {fault}", fault=True)
        raise typer.Exit(1) from None
    # A report of another door is in another ledger.
    found = stands(proof.leaf) if public == own else Stands(Standing.NO_LEDGER)
    sentence = {
        Standing.HELD: f"The ledger holds it: leaf {found.index}.",
        Standing.NUMBERED_SOON: "The ledger has recorded it, and numbers it within a second.",
        Standing.AT_THE_DOOR: "It still waits at the door; the desk's worker has not fetched it yet.",
        Standing.DROPPED: "This report was dropped: the ledger here is complete, and does not hold it.",
        Standing.NOT_KNOWN: f"The ledger here does not hold it, and is not complete either. {found.why}",
        Standing.NO_LEDGER: "There is no ledger here in which to look for it.",
    }[found.standing]
    _say(
        as_json,
        {
            "ok": found.is_accounted_for,
            "reference": proof.reference,
            "time": proof.time,
            "key": proof.key,
            "ledger": str(found.standing),
            "leaf": found.index,
        },
        f"This receipt is valid: {proof.reference}, {proof.time}, signed with the key {proof.key}.",
    )
    if not as_json:
        typer.echo(sentence, err=not found.is_accounted_for)
    raise typer.Exit(0 if found.is_accounted_for else 1)


def _say(as_json: bool, value: dict[str, object], sentence: str, *, fault: bool = False) -> None:
    typer.echo(json.dumps(value) if as_json else sentence, err=fault and not as_json)


def _refused(cause: str) -> typer.Exit:
    typer.echo(cause, err=True)
    return typer.Exit(2)


def _read(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            return opened.read(_MOST_BYTES).decode("utf-8")
    except OSError as fault:
        raise _refused(f"{file} can't be read: {fault.strerror}.") from None
    except UnicodeDecodeError:
        raise _refused(f"{file} isn't a text.") from None


def _given(key: str) -> bytes:
    from amaan.portal.domain.receipts import MalformedReceiptKey, read_key

    try:
        return read_key(_read(Path(key)) if Path(key).is_file() else key)
    except (MalformedReceiptKey, OSError) as fault:  # a key is longer than some file systems allow names
        raise _refused(f"--key: {fault}") from None


app = typer.Typer(no_args_is_help=True, help="What came from the public's door and could not be read.")


@app.command()
def unreadable(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """List the envelopes that are kept sealed because nobody could read them yet."""
    from amaan.authority.actors import Actor
    from amaan.correspondence.selectors import unreadable_arrivals
    from amaan.correspondence.words import FAULTS

    found = unreadable_arrivals(Actor.system("correspondence"))
    if not found and not as_json:
        typer.echo("Everything that the door sent could be read.")
    for one in found:
        if as_json:
            value = {"number": one.number, "at": one.received_at.isoformat(), "fault": one.fault}
            typer.echo(json.dumps(value))
        else:
            typer.echo(f"{one.number:>6}  {one.received_at:%Y-%m-%d %H:%M}  {FAULTS[one.fault]}")


@app.command()
def retry(
    number: Annotated[
        int | None, typer.Argument(help="One envelope, by its number; all, if not said.")
    ] = None,
) -> None:
    """Read them once more: after an update, or when a key was put back. Exit code 1 while any is left."""
    from amaan.authority.actors import Actor
    from amaan.correspondence.domain.words import ReadAlready
    from amaan.correspondence.services import retry_unreadable

    try:
        told = retry_unreadable(Actor.system("correspondence"), number=number)
    except ReadAlready as refusal:
        typer.echo(f"{refusal}", err=True)
        raise typer.Exit(2) from None
    typer.echo(f"{told.read:,} read, {told.left:,} still kept.")
    if told.left:
        raise typer.Exit(1)
