"""`amaan import`, `amaan quarantine` and `amaan platform`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from amaan.authority.actors import Actor

if TYPE_CHECKING:  # models are imported late: this module loads before Django is set up
    from amaan.accounts.models import Unit
    from amaan.referrals.services import Issued, Summary

quarantine = typer.Typer(help="What could not be read: list it, retry it.", no_args_is_help=True)
platform = typer.Typer(help="Credentials of platforms that report over the wire.", no_args_is_help=True)

OPERATOR = Actor.system("command-line")
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
MappingFile = Annotated[
    Path | None, typer.Option("--mapping", help="For CSV: which column holds what (TOML).")
]


def import_(
    paths: Annotated[list[Path], typer.Argument(help="Files, folders or ZIP archives.")],
    entity: Annotated[
        str, typer.Option(help="The reporting entity, where no document or folder names it.")
    ] = "",
    unit: Annotated[
        str, typer.Option(help="The unit that the reports belong to; without it, the default unit.")
    ] = "",
    mapping: MappingFile = None,
    *,
    processes: Annotated[int | None, typer.Option(help="Reading processes; 0 reads in this one.")] = None,
    as_json: AsJson = False,
) -> None:
    """Bring referrals in: CyberTipline XML, the law-enforcement JSON, or CSV. Safe to run again."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from amaan.formats.reading import Unreadable
    from amaan.formats.table import read_mapping
    from amaan.outbox.services import ids_behind, worker_alive
    from amaan.referrals import services, sources

    try:
        columns = read_mapping(mapping.read_text(encoding="utf-8")) if mapping else None
        missing = [str(path) for path in paths if not path.exists()]
        if missing:
            raise sources.NothingThere(f"There is no file or folder {missing[0]}.")
        watched = sys.stderr.isatty()
        hints = [sources.count_hint(path) for path in paths] if watched else [None]
        total = None if None in hints else sum(hint for hint in hints if hint is not None)
        bars = (TextColumn("Importing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*bars, console=Console(stderr=True), transient=True, disable=not watched) as bar:
            task = bar.add_task("import", total=total)
            summary = services.import_paths(
                Actor.system("import"),
                paths=paths,
                unit=_unit(unit),
                entity=entity,
                mapping=columns,
                processes=processes,
                progress=lambda done: bar.update(task, completed=done),
            )
    except (sources.NothingThere, Unreadable, OSError, UnitUnknown) as refusal:
        typer.echo(f"{refusal}", err=True)
        raise typer.Exit(2) from None
    _show(summary)
    if ids_behind():
        who = "The worker makes" if worker_alive() else "When `amaan worker` runs, it makes"
        typer.echo(f"{who} the bundles, links and rings of what came in (amaan deliveries list).", err=True)
    if as_json:
        typer.echo(json.dumps(summary.counts()))
    if summary.received == 0:
        typer.echo("Nothing to import was found there.", err=True)
        raise typer.Exit(1)


class UnitUnknown(Exception):
    """No unit has this code."""


def _unit(code: str) -> Unit:
    from amaan.accounts.selectors import default_unit, unit_list

    if not code:
        return default_unit()
    units = unit_list()
    for one in units:
        if one.code == code:
            return one
    known = ", ".join(one.code for one in units)
    raise UnitUnknown(f"There is no unit {code}. There are: {known}. Add one with amaan unit add.")


def _show(summary: Summary) -> None:
    counts = summary.counts()
    typer.echo(
        f"{counts['received']:,} received: {counts['stored']:,} new, {counts['versions']:,} changed versions, "
        f"{counts['duplicates']:,} duplicates, {counts['quarantined']:,} in quarantine.",
        err=True,
    )
    if summary.references and len(summary.references) == counts["stored"] + counts["versions"]:
        for reference in summary.references:
            typer.echo(f"  {reference} (amaan triage explain {reference})", err=True)
    for reason, count in sorted(summary.reasons.items()):
        typer.echo(f"  quarantine: {reason} {count:,} (amaan quarantine list)", err=True)
    for flag, count in sorted(summary.flags.items()):
        typer.echo(f"  noted: {flag} {count:,}", err=True)


def imports(as_json: AsJson = False) -> None:
    """The imports so far, the newest first, each with its summary."""
    from amaan.referrals.selectors import imports_for

    so_far = imports_for(Actor.system("import"))
    if not so_far and not as_json:
        typer.echo("Nothing was imported yet.")
    for one in so_far:
        if as_json:
            typer.echo(json.dumps({**vars(one), "started_at": one.started_at.isoformat()}))
        else:
            state = "" if one.finished else "  (not finished: run it again)"
            if one.platform:
                state = f"  (the wire: {one.platform})"
            typer.echo(
                f"{one.id:>6}  {one.started_at:%Y-%m-%d %H:%M}  {one.unit:<12} {one.received:>9,} received, "
                f"{one.stored:,} new, {one.versions:,} versions, {one.duplicates:,} duplicates, "
                f"{one.quarantined:,} in quarantine{state}"
            )


@quarantine.command("list")
def list_(as_json: AsJson = False) -> None:
    """What waits, oldest first, each with its reason."""
    from amaan.referrals.selectors import quarantine_for

    waiting = quarantine_for(Actor.system("quarantine"))
    if not waiting and not as_json:
        typer.echo("Nothing waits.")
    for item in waiting:
        if as_json:
            typer.echo(
                json.dumps({"id": item.id, "code": item.code, "detail": item.detail, "retries": item.retries})
            )
        else:
            what = item.names[0] if item.names else item.number
            typer.echo(
                f"{item.id:>6}  {item.received_at:%Y-%m-%d}  {item.batch}  {item.code:<14} {what}: {item.detail}"
            )


@quarantine.command("retry")
def retry(
    ids: Annotated[list[int] | None, typer.Argument(help="Numbers from the list; none means all.")] = None,
    mapping: MappingFile = None,
    as_json: AsJson = False,
) -> None:
    """Read it again, with today's readers."""
    from amaan.evidence.services import ExhibitBytesMissing
    from amaan.formats.reading import Unreadable
    from amaan.formats.table import read_mapping
    from amaan.referrals.selectors import NotInQuarantine, quarantine_for
    from amaan.referrals.services import AlreadyResolved, retry_quarantined

    actor = Actor.system("quarantine")
    chosen = ids or [item.id for item in quarantine_for(actor)]
    try:
        columns = read_mapping(mapping.read_text(encoding="utf-8")) if mapping else None
        summary = retry_quarantined(actor, ids=chosen, mapping=columns)
    except (AlreadyResolved, NotInQuarantine, Unreadable, ExhibitBytesMissing, OSError) as refusal:
        typer.echo(f"{refusal}", err=True)
        raise typer.Exit(2) from None
    _show(summary)
    if as_json:
        typer.echo(json.dumps(summary.counts()))


def receipt(
    reference: str,
    everything: Annotated[bool, typer.Option("--all", help="Also name what is absent.")] = False,
    as_json: AsJson = False,
) -> None:
    """A report's completeness receipts: what each document said, did not say, and what was not understood."""
    from amaan.referrals.selectors import receipts_of
    from amaan.reports.selectors import ReportNotFound

    try:
        found = receipts_of(Actor.system("receipt"), reference)
    except ReportNotFound as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    for one in found:
        if as_json:
            typer.echo(json.dumps({**vars(one), "present": one.present, "absent": one.absent}))
        else:
            typer.echo(
                f"{one.kind}: {len(one.present)} present, {len(one.absent)} absent, "
                f"{one.not_understood} not understood"
            )
            typer.echo("  present: " + ", ".join(one.present))
            if one.flags:
                typer.echo("  noted: " + ", ".join(one.flags))
            if everything:
                typer.echo("  absent: " + ", ".join(one.absent))


Credential = Annotated[str, typer.Argument(help="The platform's name, or its user.")]


@platform.command("add")
def add_platform(
    name: Annotated[str, typer.Argument(help="What you call the platform here.")],
    entity: Annotated[str, typer.Option(help="Its name on reports; without it, NAME.")] = "",
    unit: Annotated[
        str, typer.Option(help="The unit that its reports belong to; without it, the default unit.")
    ] = "",
    may_look_up: Annotated[
        bool,
        typer.Option(
            "--may-look-up", help="Let it ask, one by one, whether a hash is on a list: /api/lookup."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make a credential. Its password is printed once and kept nowhere."""
    from amaan.referrals import services

    try:
        issued = services.add_platform(
            OPERATOR, name=name, unit=_unit(unit), entity=entity, may_look_up=may_look_up
        )
    except (services.PlatformExists, services.BadPlatformName, UnitUnknown) as refusal:
        typer.echo(str(refusal), err=True)
        raise typer.Exit(2) from None
    _show_once(issued, as_json=as_json)


@platform.command("list")
def list_platforms(as_json: AsJson = False) -> None:
    """Every credential: who has one, for which unit, and whether it stands."""
    from amaan.referrals.selectors import platforms_for

    lines = platforms_for(OPERATOR)
    if not lines and not as_json:
        typer.echo("No platform has a credential. Make one: amaan platform add NAME")
    for one in lines:
        if as_json:
            typer.echo(json.dumps(vars(one), default=lambda at: at.isoformat()))
        else:
            state = f"revoked {one.revoked_at:%Y-%m-%d}" if one.revoked_at else "stands"
            state += ", may look hashes up" if one.may_look_up else ""
            typer.echo(f"{one.name:<24} {one.user:<32} {one.unit:<12} {state}")


@platform.command("rotate")
def rotate_platform(platform: Credential, as_json: AsJson = False) -> None:
    """Give a new password; the old one ends within seconds."""
    from amaan.referrals import services

    try:
        issued = services.rotate_platform(OPERATOR, platform=platform)
    except (services.PlatformUnknown, services.PlatformRevoked) as refusal:
        typer.echo(str(refusal), err=True)
        raise typer.Exit(2) from None
    _show_once(issued, as_json=as_json)


@platform.command("revoke")
def revoke_platform(platform: Credential) -> None:
    """Take a credential back for good, within seconds. What it handed in stays."""
    from amaan.referrals import services

    try:
        services.revoke_platform(OPERATOR, platform=platform)
    except (services.PlatformUnknown, services.PlatformRevoked) as refusal:
        typer.echo(str(refusal), err=True)
        raise typer.Exit(2) from None
    typer.echo("Revoked.")


def _show_once(issued: Issued, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"user": issued.user, "password": issued.password}))
    else:
        typer.echo(f"User:      {issued.user}")
        typer.echo(f"Password (shown only now; kept nowhere): {issued.password}")
