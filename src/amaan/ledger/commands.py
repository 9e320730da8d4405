"""`amaan ledger`: verify, checkpoint, key."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="The record of what was done, and the proof that nobody changed it.", no_args_is_help=True
)


def _fail(cause: str, as_json: bool) -> typer.Exit:
    """One line on stderr, or one JSON object on stdout."""
    line = " ".join(cause.split())
    if as_json:
        typer.echo(json.dumps({"ok": False, "cause": line}))
    else:
        typer.echo(f"The ledger does not verify: {line}", err=True)
    return typer.Exit(1)


@app.command()
def verify(
    proof: Annotated[
        Path | None, typer.Option(help="A downloaded proof; needs --key and no database.")
    ] = None,
    key: Annotated[str, typer.Option(help="The verifier key, as `amaan ledger key` prints it.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of a sentence.")] = False,
) -> None:
    """Compute the whole ledger again and compare it with what was signed. Exit code 0 or 1."""
    if proof is not None:
        _verify_proof(proof, key, as_json)
    else:
        _verify_ledger(key, as_json)


def _verify_proof(file: Path, key: str, as_json: bool) -> None:
    from amaan.ledger.domain.leaf import LeafNotCanonical
    from amaan.ledger.domain.merkle import ProofFailed
    from amaan.ledger.domain.note import MalformedVerifierKey, NoteRejected, VerifierKey
    from amaan.ledger.domain.proof import MalformedProof, check_proof

    if not key:
        raise _fail("give the verifier key with --key; a proof does not vouch for its own key.", as_json)
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        proven = check_proof(document, VerifierKey.parse(key))
    except (OSError, ValueError) as fault:
        raise _fail(f"{file} cannot be read as a proof ({fault}).", as_json) from None
    except (MalformedProof, MalformedVerifierKey, NoteRejected, ProofFailed, LeafNotCanonical) as fault:
        raise _fail(str(fault), as_json) from None
    if as_json:
        typer.echo(
            json.dumps({"ok": True, "index": proven.index, "size": proven.size, "leaf": asdict(proven.leaf)})
        )
    else:
        leaf = proven.leaf
        typer.echo(f"Proven: leaf {proven.index} of {proven.size} in {proven.origin}.")
        typer.echo(f"{leaf.at}  {leaf.who}  {leaf.act}  {leaf.on}")


def _verify_ledger(key: str, as_json: bool) -> None:
    from amaan.keyring.domain import KeyringError
    from amaan.ledger.domain.faults import LedgerBroken
    from amaan.ledger.domain.note import MalformedVerifierKey, VerifierKey
    from amaan.ledger.selectors import verify as verify_all
    from amaan.ledger.services import sequence_all

    try:
        given = VerifierKey.parse(key) if key else None
        if given is None:  # with a key given, this may be a copy without keys: nothing is signed
            sequence_all()
        seen = verify_all(given)
    except (LedgerBroken, MalformedVerifierKey, KeyringError) as fault:
        raise _fail(str(fault), as_json) from None
    if as_json:
        typer.echo(json.dumps({"ok": True, **asdict(seen)}))
        return
    typer.echo(
        f"The ledger verifies: {seen.leaves:,} leaves, {seen.tiles:,} tiles, "
        f"{seen.checkpoints:,} checkpoints, {seen.bodies:,} bodies, "
        f"{seen.erased:,} erased by order, {seen.waiting:,} waiting."
    )
    if not seen.bodies_checked:
        typer.echo("The keys are not here, so sealed bodies and rolled-back databases could not be checked.")


@app.command()
def checkpoint() -> None:
    """Number what waits, sign, and print the newest checkpoint. Publish it or hand it to somebody outside."""
    from amaan.keyring.domain import KeyringError
    from amaan.ledger.domain.faults import LedgerBroken
    from amaan.ledger.services import sequence_all

    try:
        newest = sequence_all()
    except (LedgerBroken, KeyringError) as fault:
        raise _fail(str(fault), as_json=False) from None
    if newest is None:
        raise _fail("it is empty; there is nothing to sign yet.", as_json=False)
    typer.echo(newest.note, nl=False)


@app.command()
def key() -> None:
    """Print the verifier key, with which anybody can check checkpoints and proofs. It is public."""
    from amaan.keyring.domain import KeyringError
    from amaan.ledger.selectors import published_key

    try:
        typer.echo(str(published_key()))
    except KeyringError as fault:
        raise _fail(str(fault), as_json=False) from None


@app.command()
def restored(
    reason: Annotated[str, typer.Option(help="Why the newest database is lost; it is recorded.")],
) -> None:
    """Go on from a restored, older database after the newest one was lost. The gap is recorded and stays provable."""
    from amaan.authority.actors import Actor
    from amaan.keyring.domain import KeyringError
    from amaan.ledger.domain.faults import LedgerBroken
    from amaan.ledger.services import NoOrderNamed, NothingWasRestored, admit_restore, sequence_all

    try:
        kept = admit_restore(Actor.system("operator"), reason=reason)
        sequence_all()
    except (LedgerBroken, KeyringError, NothingWasRestored, NoOrderNamed) as fault:
        typer.echo(" ".join(str(fault).split()), err=True)
        raise typer.Exit(1) from None
    typer.echo(f"Recorded. The lost checkpoint is kept in {kept}: hand it to whoever holds a published one.")
