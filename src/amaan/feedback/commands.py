"""`amaan feedback …`: take out what an entity was told, and how entities' reports fare."""

from __future__ import annotations

import json
import sys
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated

import typer

from amaan.authority.actors import Actor

app = typer.Typer(
    no_args_is_help=True, help="Feedback to those who send reports, and how their reports fare."
)

OPERATOR = Actor.system("command-line")
Output = Annotated[Path | None, typer.Option(help="Where to write; without it, to the screen.")]


def _day(text: str) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.combine(date.fromisoformat(text), time(), UTC)
    except ValueError:
        typer.echo(f"{text!r} is no day; write it as 2026-01-31.", err=True)
        raise typer.Exit(2) from None


def _write(text: str, output: Path | None) -> None:
    if output is None:
        sys.stdout.write(text)
    else:
        output.write_text(text, encoding="utf-8", newline="")


@app.command("export")
def export(  # noqa: PLR0917  Typer reads the options from the signature
    entity: Annotated[str, typer.Option(help="The sender's name, as reports show it.")],
    purpose: Annotated[str, typer.Option(help="For whom and what for; it lies sealed in the ledger.")],
    since: Annotated[str, typer.Option(help="From this day on (UTC), such as 2026-01-01.")] = "",
    until: Annotated[str, typer.Option(help="Before this day (UTC).")] = "",
    form: Annotated[str, typer.Option("--format", help="csv or jsonl.")] = "jsonl",
    output: Output = None,
) -> None:
    """What a sender was told of its reports, as a file for it: CSV or JSON Lines."""
    from amaan.feedback.domain.errors import FeedbackError
    from amaan.feedback.services import export_feedback
    from amaan.feedback.services.exporting import Format

    if form not in {str(one) for one in Format}:
        typer.echo("--format takes csv or jsonl.", err=True)
        raise typer.Exit(2)
    try:
        found = export_feedback(
            OPERATOR,
            entity=entity,
            since=_day(since),
            until=_day(until),
            purpose=purpose,
            form=Format(form),
        )
    except FeedbackError as refusal:
        typer.echo(str(refusal), err=True)
        raise typer.Exit(2) from None
    _write(found.text, output)
    missed = ", ".join(f"{name} ({count})" for name, count in found.missed) or "nothing"
    typer.echo(f"{found.count:,} items. Named as missing most often: {missed}.", err=True)
    _settle()


@app.command("quality")
def quality(
    month: Annotated[str, typer.Option(help="One month, such as 2026-01; without it, all.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Say how many lines as JSON at the end.")] = False,
    output: Output = None,
) -> None:
    """How each sender's reports fared, by month, as CSV. What could point at one report is suppressed."""
    from amaan.feedback.services import export_quality

    first = _day(f"{month}-01" if month else "")
    text = export_quality(OPERATOR, month=first.date() if first else None)
    _write(text, output)
    if as_json:
        typer.echo(json.dumps({"lines": text.count("\r\n") - 1}))
    _settle()


@app.command("count")
def count(
    month: Annotated[str, typer.Argument(help="A month, such as 2026-01.")],
) -> None:
    """Count one month's figures anew now; the worker does it by itself."""
    from amaan.feedback.services import count_month

    first = _day(f"{month}-01")
    assert first is not None
    typer.echo(f"{count_month(OPERATOR, month=first.date()):,} reports counted.")


def _settle() -> None:
    from amaan.ledger.services import sequence_all

    sequence_all()
