"""`amaan links`: rebuild, export, explain."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    from amaan.linking.domain.explaining import Step
    from amaan.linking.selectors.exporting import ExplainedLink

app = typer.Typer(name="links", help="What reports share, and what it weighs.", no_args_is_help=True)

_HELD: Final = {
    "told_often": "others told it too",
    "hub": "told by too many to say anything",
}
"""Of a value that a protected party uses it is told to nobody how often it is told."""
_WHY: Final = {
    "prior": "two reports taken by chance do not belong together",
    "one_hand": "several accounts under it share one number, mailbox, wallet or card, so it is one hand's",
    "told_often": "{sources} independent sources told it",
    "hub": "told by too many to say anything: {reports} reports or {sources} sources, and more than {most} is a hub",
    "compromised": "the account may have been taken over or imitated",
    "family": "something heavier of the same sort counts in full",
    "supports": "it only supports",
    "same_source": "one source told both, so its heaviest value counts alone",
    "public": "the public's reports alone stay weak",
}


@app.command()
def rebuild(
    same_snapshot: Annotated[
        bool,
        typer.Option(
            "--same-snapshot", help="Weigh by the counts that are held, instead of counting values anew."
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Weigh all links anew from what all reports tell, then find the rings. What people decided stands."""
    from amaan.authority.actors import Actor
    from amaan.linking.selectors.whole import TooManyRows
    from amaan.linking.services import RebuildUnderWay, rebuild_links

    try:
        told = rebuild_links(Actor.system("linking"), new_snapshot=not same_snapshot)
    except (RebuildUnderWay, TooManyRows) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    if as_json:
        typer.echo(json.dumps(asdict(told)))
        return
    typer.echo(
        f"{told.reports:,} reports, {told.links:,} links, {told.rings:,} rings in {told.seconds:,.1f} s"
        f" (reading {told.reading:,.1f}, weighing {told.weighing:,.1f}, writing {told.writing:,.1f}, rings"
        f" {told.ringing:,.1f}); at most {told.peak_memory / 2**20:,.0f} MB. By snapshot {told.snapshot},"
        f" {told.changed:,} links changed; {told.crossed:,} of them crossed a threshold."
    )
    if told.unnoted:
        typer.echo(
            f"{told.unnoted:,} reports hold something that could not be read, and were weighed without files, names and"
            " moments. Each is told above; the next rebuild tries them again.",
            err=True,
        )


@app.command()
def export(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
) -> None:
    """Print every link: its two reports, what it weighs, and whether somebody confirmed or rejected it."""
    from amaan.authority.actors import Actor
    from amaan.linking.selectors.exporting import links_out
    from amaan.linking.services import record_export

    record_export(Actor.system("command-line"), what="links")
    for link in links_out():
        if as_json:
            typer.echo(json.dumps(link.as_json(), ensure_ascii=False))
            continue
        weight = "      -" if link.told.weight is None else f"{link.told.weight:7.2f}"
        typer.echo(
            f"{link.low.reference}  {link.high.reference}  {weight}  {link.told.strength or '-':<6}  {link.told.state}"
        )


@app.command()
def explain(
    one: Annotated[str, typer.Argument(help="A report's reference, such as R-7K2M-9QX4-1BCF.")],
    other: Annotated[str, typer.Argument(help="Another report's reference.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say step by step what two reports share, and what each of it adds to their link. The ledger says who asked."""
    from amaan.authority.actors import Actor
    from amaan.ledger.services import sequence_all
    from amaan.linking.selectors.exporting import NoSuchReport, OneReport, explained_link
    from amaan.linking.services import record_explanation

    try:
        found = explained_link(one, other)
    except (NoSuchReport, OneReport) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    record_explanation(Actor.system("command-line"), reports=(found.low, found.high))
    if as_json:
        typer.echo(json.dumps(found.as_json(), ensure_ascii=False))
    else:
        _print(found)
    sequence_all()


def _print(found: ExplainedLink) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from amaan.linking.domain.strength import strength_of

    out = Console()
    total = found.steps[-1].total
    out.print(
        f"[bold]{found.low.reference}[/] and [bold]{found.high.reference}[/] weigh [bold]{total:.2f}[/] bits:"
        f" {strength_of(total) or 'no link'}; {found.told.state}. By snapshot {found.snapshot}."
    )
    table = Table(box=None, padding=(0, 1))
    for name, justify in (("adds", "right"), ("total", "right"), ("", "left")):
        table.add_column(name, justify="right" if justify == "right" else "left")
    for step in found.steps:
        table.add_row(
            f"{step.adds:+.2f}", f"{step.total:.2f}", escape(_told(step, held=step.key in found.held))
        )
    out.print(table)


def _told(step: Step, *, held: bool) -> str:
    from amaan.linking.domain.kinds import KINDS

    words = {**_WHY, **_HELD} if held else _WHY
    why = "; ".join(
        words[reason].format(sources=step.sources, reports=step.reports, most=step.most)
        for reason in step.reasons
    )
    if step.kind is None:
        return why
    return f"{KINDS[step.kind].label.en}, {step.base:g} bits" + (f": {why}" if why else "")
