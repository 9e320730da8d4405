"""`amaan lists …`: propose, import, set, withdraw; and, by a person who says who they are, approve."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from amaan.authority.actors import Actor
from amaan.matching.domain.lists import CATEGORIES, DISTANCE, QUALITY, ListKind, ListState

if TYPE_CHECKING:  # models are imported late: this module loads before Django is set up
    from amaan.matching.selectors import ListLine

app = typer.Typer(
    no_args_is_help=True,
    help="Lists of known material: propose, approve, import, switch on and off, withdraw.",
)

OPERATOR = Actor.system("command-line")
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Slug = Annotated[str, typer.Argument(help="The list's short name: see amaan lists show.")]
Reason = Annotated[str, typer.Option(help="Why; it lies sealed in the ledger.")]


@contextmanager
def _in_words() -> Iterator[None]:
    """A named error becomes one line and exit code 2; anything else is a fault and keeps its traceback."""
    from amaan.accounts.services import NotRecognised
    from amaan.formats.hash_lists import Unreadable
    from amaan.matching.domain.errors import ListError

    try:
        yield
    except (ListError, NotRecognised, Unreadable, OSError) as refusal:
        typer.echo(str(refusal), err=True)
        raise typer.Exit(2) from None


@app.command("show")
def show(as_json: AsJson = False) -> None:
    """Every list: what it is about, whose word it is, whether it counts, how many members."""
    from amaan.matching.selectors import lists_for

    lines = lists_for(OPERATOR)
    if not lines and not as_json:
        typer.echo("No list stands yet. Propose one: amaan lists propose SLUG --help")
    for line in lines:
        if as_json:
            typer.echo(json.dumps({**asdict(line), "counts": line.counts}, default=datetime.isoformat))
        else:
            typer.echo(
                f"{line.slug:<24} {line.kind:<9} {line.category:<15} {line.members:>12,} members  {_state(line)}"
            )


@app.command("propose")
def propose(  # noqa: PLR0917  Typer reads the options from the signature
    slug: Annotated[str, typer.Argument(help="A short name for ever: a-z 0-9 and -")],
    title: Annotated[str, typer.Option(help="What people call it.")],
    category: Annotated[str, typer.Option(help=f"What it is about: {', '.join(CATEGORIES)}.")],
    source: Annotated[str, typer.Option(help="Whom it comes from; the public page names them.")],
    ground: Annotated[str, typer.Option(help="On what ground it may be held and used here.")],
    exchange: Annotated[str, typer.Option(help="The exchange that fills it, such as ncmec.")] = "",
    classes: Annotated[
        list[str] | None, typer.Option("--class", help="THEIRS=OURS: a class of the source, in our words.")
    ] = None,
    distance: Annotated[int, typer.Option(help="Bits of 256 that a near match may differ.")] = DISTANCE,
    quality: Annotated[int, typer.Option(help="The least PDQ quality that is compared.")] = QUALITY,
) -> None:
    """Propose a list. It matches nothing until a second person has approved it."""
    from amaan.matching import services

    with _in_words():
        services.propose_list(
            OPERATOR,
            slug=slug,
            title=title,
            category=category,
            source=source,
            ground=ground,
            kind=ListKind.EXCHANGE if exchange else ListKind.IMPORTED,
            exchange=exchange,
            categories=_classes(classes or []),
            distance=distance,
            quality=quality,
        )
    _settle()
    typer.echo(
        f"{slug} is proposed. A supervisor or an examiner approves it: at the desk, or "
        f"amaan lists approve {slug} --person ADDRESS"
    )


@app.command("approve")
def approve(
    slug: Slug,
    person: Annotated[
        str, typer.Option(help="The address of whoever approves; their passphrase is asked for.")
    ],
    revision: Annotated[
        int | None, typer.Option(help="The revision that they have read, see: amaan lists show --json")
    ] = None,
    passphrase_stdin: Annotated[
        bool, typer.Option("--passphrase-stdin", help="Read the passphrase, and a code below it, from stdin.")
    ] = False,
) -> None:
    """Approve a list, or what is wanted wider, as the second person: somebody who is known here by name.

    What is approved is shown and asked for before; with the passphrase from stdin, its revision is named instead.
    """
    from amaan.accounts.selectors import actor_of
    from amaan.accounts.services import recognise
    from amaan.matching import services
    from amaan.matching.selectors import list_line

    with _in_words():
        line = list_line(OPERATOR, slug)
    typer.echo(_to_approve(line), err=True)
    if passphrase_stdin:
        if revision != line.revision:
            typer.echo(
                f"Say which revision was read: what stands now is --revision {line.revision}.", err=True
            )
            raise typer.Exit(2)
        passphrase, code = sys.stdin.readline().rstrip("\n"), sys.stdin.readline().strip()
    else:
        if not typer.confirm("Approve this?", err=True):
            raise typer.Exit(1)
        passphrase = typer.prompt("Passphrase", hide_input=True, err=True)
        code = typer.prompt("Code of your app (empty in a demo)", default="", show_default=False, err=True)
    with _in_words():
        actor = actor_of(recognise(email=person, password=passphrase, code=code))
        assert actor is not None
        services.approve_list(actor, slug=slug, revision=line.revision)
    _settle()
    typer.echo(f"{slug} is approved. What was reported before is matched again by the worker.")


def _to_approve(line: ListLine) -> str:
    """All that a second person stands for, as the list's page shows it."""
    near, by = f"{line.distance} bits, quality {line.quality}", line.proposed_by
    if line.wanted:
        near = f"{line.wanted['distance']} bits, quality {line.wanted['quality']}, instead of {near}"
        by = line.wanted_by
    elif line.set_by:
        by += f", changed by {line.set_by}"
    classes = "".join(f", {theirs}={ours}" for theirs, ours in line.categories.items())
    return (
        f"  list      {line.slug}, «{line.title}», {line.members:,} members\n"
        f"  about     {line.category}{classes}\n"
        f"  source    {line.source} ({line.exchange or line.kind})\n"
        f"  ground    {line.ground}\n"
        f"  near      {near}\n"
        f"  by        {by}\n"
        f"  revision  {line.revision}"
    )


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="Plain text, CSV, ICSE's CSV, VICS JSON or NCMEC XML.")],
    slug: Annotated[str, typer.Option("--list", help="The list that it goes into.")],
    bare: Annotated[
        str, typer.Option(help="What a hash of 64 digits is where the file does not say: pdq or sha256.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Take a file into a list. Safe to run again, also after it was killed: nothing stands twice."""
    from rich.console import Console
    from rich.filesize import decimal
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    from amaan.formats.hash_lists import read
    from amaan.matching import services

    if bare not in {"", "pdq", "sha256"}:
        typer.echo("--bare takes pdq or sha256.", err=True)
        raise typer.Exit(2)
    bars = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[entries]}"),
        TimeRemainingColumn(),
    )
    with (
        _in_words(),
        file.open("rb") as source,
        Progress(*bars, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar,
    ):
        size = file.stat().st_size
        task = bar.add_task(f"Reading {decimal(size)}", total=size, entries="")
        digest = hashlib.file_digest(source, "sha256").digest()
        source.seek(0)
        bar.update(task, description="Importing")
        grown = services.grow_list(
            OPERATOR,
            slug=slug,
            entries=read(source, file.name, bare=bare),
            # How its digits are read belongs to it: the same file read otherwise is another one.
            origin=file.name[:180] + (f" --bare {bare}" if bare else ""),
            digest=digest,
            progress=lambda done: bar.update(task, completed=source.tell(), entries=f"{done:,} entries"),
        )
    _settle()
    typer.echo(
        f"{grown.read:,} read: {grown.added:,} new, {grown.known:,} known, {grown.withdrawn:,} withdrawn, "
        f"{grown.invalid:,} invalid.",
        err=True,
    )
    if grown.invalid:
        typer.echo(f"  What was invalid, line by line: amaan lists faults {slug}", err=True)
    _say_what_is_missing(slug)
    if as_json:
        typer.echo(json.dumps(grown.counts()))


@app.command("exchange")
def exchange(
    slug: Slug,
    seconds: Annotated[float, typer.Option(min=1, help="How long to go on asking.")] = 3600,
    as_json: AsJson = False,
) -> None:
    """Fetch now what the service that fills a list has new; the worker does it every quarter of an hour."""
    from amaan.matching.services.exchanging import run_exchange

    with _in_words():
        done = run_exchange(OPERATOR, slug=slug, seconds=seconds)
    _settle()
    if as_json:
        typer.echo(json.dumps(asdict(done)))
    else:
        typer.echo(
            f"{done.pages:,} pages, {done.read:,} entries: {done.added:,} new, {done.withdrawn:,} withdrawn, "
            f"{done.invalid:,} invalid." + (" More waits: run it again." if done.more else "")
        )
    if done.fault:
        typer.echo(f"It could not go on. {done.fault}", err=True)
        raise typer.Exit(1)


@app.command("faults")
def faults(
    slug: Slug,
    batch: Annotated[int | None, typer.Option(help="A batch; without it, the newest with faults.")] = None,
    as_json: AsJson = False,
) -> None:
    """The first thousand lines of a file that could not be used, each with why."""
    from amaan.matching.selectors import faults_of

    with _in_words():
        found = faults_of(OPERATOR, slug, batch)
    if not found and not as_json:
        typer.echo("No line was invalid.")
    for one in found:
        typer.echo(json.dumps(asdict(one)) if as_json else f"{one.line:>9,}  {one.code:<12} {one.text}")


@app.command("set")
def set_(
    slug: Slug,
    distance: Annotated[int | None, typer.Option(help="Bits of 256 that a near match may differ.")] = None,
    quality: Annotated[int | None, typer.Option(help="The least PDQ quality that is compared.")] = None,
) -> None:
    """Set what counts as near. Narrower holds at once; wider waits for a second person."""
    from amaan.matching import services

    with _in_words():
        waits = services.set_list(OPERATOR, slug=slug, distance=distance, quality=quality)
    _settle()
    typer.echo("It waits for a second person: amaan lists approve" if waits else "Set.")


@app.command("enable")
def enable(slug: Slug) -> None:
    """Let an approved list match again."""
    _switch(slug, on=True)


@app.command("disable")
def disable(slug: Slug) -> None:
    """Let a list match nothing, until it is enabled."""
    _switch(slug, on=False)


@app.command("withdraw")
def withdraw(slug: Slug, reason: Reason) -> None:
    """Withdraw a list for good. What it matched stays, as from a withdrawn list."""
    from amaan.matching import services

    with _in_words():
        services.withdraw_list(OPERATOR, slug=slug, reason=reason)
    _settle()
    typer.echo(f"{slug} is withdrawn.")


@app.command("withdraw-members")
def withdraw_members(
    slug: Slug,
    names: Annotated[list[str], typer.Argument(help="The members' names: the source's numbers, or hashes.")],
    reason: Reason,
) -> None:
    """Withdraw single members, such as a file that was listed in error."""
    from amaan.matching import services

    with _in_words():
        gone = services.withdraw_members(
            OPERATOR, slug=slug, names=names, reason=reason, origin="command-line"
        )
    _settle()
    typer.echo(f"{gone:,} withdrawn.")


def _switch(slug: str, *, on: bool) -> None:
    from amaan.matching import services

    with _in_words():
        services.set_list(OPERATOR, slug=slug, enabled=on)
    _settle()
    typer.echo(f"{slug} is switched {'on' if on else 'off'}.")
    if on:
        _say_what_is_missing(slug)


def _say_what_is_missing(slug: str) -> None:
    from amaan.matching.selectors import list_line

    line = list_line(OPERATOR, slug)
    if line.state is ListState.PROPOSED:
        typer.echo(
            f"  {slug} matches nothing until a second person approves it: amaan lists approve", err=True
        )
    elif not line.enabled:
        typer.echo(f"  {slug} matches nothing while it is off: amaan lists enable {slug}", err=True)


@app.command("index")
def index(
    build: Annotated[
        bool, typer.Option("--build", help="Build it anew now; the worker does it by itself.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """How near the index of the lists' PDQ hashes is. What it lacks is found too, more slowly."""
    from amaan.matching.selectors import index_state, rounds_under_way
    from amaan.matching.services.indexing import build_index

    if build and build_index(OPERATOR) is None:
        typer.echo("Somebody builds it already.", err=True)
    state, rounds = index_state(), rounds_under_way()
    if as_json:
        told = {**asdict(state), "rounds": [asdict(one) for one in rounds]}
        typer.echo(json.dumps(told, default=datetime.isoformat))
        return
    at = f", built {state.built_at:%Y-%m-%d %H:%M} UTC" if state.built_at else ""
    typer.echo(f"The index holds {state.rows:,} hashes{at}; {state.behind:,} are searched beside it.")
    if state.fault:
        typer.echo(f"The file can't be used, so all are searched one by one: {state.fault}", err=True)
    if state.building:
        typer.echo("It is being built.")
    for one in rounds:
        typer.echo(f"Past reports are matched again with {one.slug}: {one.compared:,} compared so far.")


def _state(line: ListLine) -> str:
    if line.state is ListState.WITHDRAWN:
        return "withdrawn"
    if line.state is ListState.PROPOSED:
        return "waits for a second person"
    waits = "; wider waits for a second person" if line.wanted else ""
    unfinished = "; an import is not finished, run it again" if line.unfinished else ""
    return ("on" if line.enabled else "off") + waits + unfinished


def _classes(given: list[str]) -> dict[str, str]:
    from amaan.matching.domain.errors import BadList

    pairs = [one.rpartition("=") for one in given]
    if any(not sign for _theirs, sign, _ours in pairs):
        raise BadList("categories", "Write a class as THEIRS=OURS, such as 1=csam.")
    return {theirs: ours for theirs, _sign, ours in pairs}


def _settle() -> None:
    """Deliver and number what a command left, so that it ends with a signed checkpoint."""
    from amaan.ledger.services import sequence_all
    from amaan.outbox.services import deliver, pending

    while pending() and deliver(500):
        pass
    sequence_all()
