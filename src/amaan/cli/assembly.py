"""Every command, and what stands ready before it runs."""

from __future__ import annotations

import sys
from collections.abc import Collection
from concurrent.futures.process import BrokenProcessPool
from typing import Annotated

import typer
from django.conf import settings
from django.db import OperationalError

from amaan import __version__
from amaan.accounts import commands as people
from amaan.cli import serving
from amaan.cli.evaluation.command import evaluate
from amaan.cli.evaluation.rings.command import evaluate_rings
from amaan.cli.prepare import NotReady, prepare, require_installation
from amaan.cli.reference import write_reference
from amaan.correspondence import commands as correspondence
from amaan.demo import commands as demo
from amaan.evidence import commands as vault
from amaan.feedback import commands as feedback
from amaan.keyring import commands as keys
from amaan.keyring.domain import KeyringError
from amaan.learning import commands as learning
from amaan.ledger import commands as ledger
from amaan.ledger.domain.faults import LedgerBroken
from amaan.linking import commands as linking
from amaan.matching import commands as lists
from amaan.outbox import commands as deliveries
from amaan.portal import commands as portal
from amaan.referrals import commands as referrals
from amaan.triage import commands as triage

app = typer.Typer(
    name="amaan",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Amaan: from a report of online child sexual exploitation to the verdict.",
)

# `keys` must work where nothing else does, so it prepares nothing; a receipt is checked where no installation is.
_UNPREPARED = frozenset(
    {"keys", "docs", "serve", "worker", "media", "door", "verify-receipt", "triage", "rings"}
)

# These answer from what is there. Made anew by them, an empty installation would answer that all is well.
_ANSWERING = frozenset(
    {"correspondence", "deliveries", "imports", "ledger", "links", "quarantine", "receipt", "vault"}
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def amaan(
    context: typer.Context,
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    helping = any(word in {"--help", "-h"} for word in sys.argv[1:])
    if context.invoked_subcommand and context.invoked_subcommand not in _UNPREPARED and not helping:
        if context.invoked_subcommand in _ANSWERING:
            require_installation()
        prepare()


def _media(context: typer.Context) -> None:
    """Uploaded files, and the examiner's key."""
    helping = any(word in {"--help", "-h"} for word in sys.argv[1:])
    if not helping and vault.needs_installation(context.invoked_subcommand, sys.argv):
        prepare()


def _triage(context: typer.Context) -> None:
    """Bands and their reasons."""
    _unless_evaluating(context, also_without={"text"})


def _rings(context: typer.Context) -> None:
    """Rings: reports that belong together by what recurs in them. Intelligence, never the basis of a charge."""
    _unless_evaluating(context)


def _unless_evaluating(context: typer.Context, also_without: Collection[str] = ()) -> None:
    """An evaluation brings an installation of its own. `also_without`: other commands that need none."""
    helping = any(word in {"--help", "-h"} for word in sys.argv[1:])
    if not helping and context.invoked_subcommand not in {"evaluate", *also_without}:
        require_installation()
        prepare()


def _door() -> None:
    """The public's door."""
    helping = any(word in {"--help", "-h"} for word in sys.argv[1:])
    if not helping and {"public"} != settings.AMAAN_DOORS:  # the door's own machine must not become a desk
        prepare()


app.command("serve")(serving.serve)
app.command("worker")(serving.worker)
app.command("import")(referrals.import_)
app.command("imports")(referrals.imports)
app.command("receipt")(referrals.receipt)
app.command("demo")(demo.demo)
app.command("docs")(write_reference)
app.command("verify-receipt")(correspondence.verify_receipt)
app.add_typer(portal.app, name="door", callback=_door)
app.add_typer(correspondence.app, name="correspondence")
app.add_typer(referrals.quarantine, name="quarantine")
app.add_typer(referrals.platform, name="platform")
app.add_typer(linking.links, name="links")
linking.rings.command("evaluate")(evaluate_rings)
app.add_typer(linking.rings, name="rings", callback=_rings)
app.add_typer(lists.app, name="lists")
app.add_typer(learning.app, name="learning")
app.add_typer(feedback.app, name="feedback")
triage.app.command("evaluate")(evaluate)
app.add_typer(triage.app, name="triage", callback=_triage)
app.add_typer(ledger.app, name="ledger", help="The record of what was done.")
app.add_typer(deliveries.app, name="deliveries")
app.add_typer(people.app, name="user")
app.add_typer(people.unit_app, name="unit")
app.add_typer(keys.app, name="keys")
app.add_typer(vault.app, name="vault")
app.add_typer(vault.media, name="media", callback=_media)


def run(arguments: list[str]) -> int:
    """Run one command; what an operator can mend ends in one line and exit code 2."""
    try:
        app(arguments)
    except (NotReady, KeyringError) as error:
        typer.echo(str(error), err=True)
        return 2
    except LedgerBroken as error:
        typer.echo(f"The ledger does not verify, so nothing more is signed: {error}", err=True)
        return 1
    except (OperationalError, BrokenProcessPool) as error:
        # The message of a database may quote a row; its kind is enough to act on.
        typer.echo(
            f"It cannot go on: {type(error).__name__}. Look at the disk's space, the memory and the database; then run "
            "the same command again. What was done stands.",
            err=True,
        )
        return 1
    except KeyboardInterrupt:
        typer.echo("Stopped. What was done stands; run it again to go on.", err=True)
        return 130
    return 0
