"""`amaan triage explain`: why a report stands where it stands."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from amaan.triage.selectors import Explanation


def explain(
    reference: str = typer.Argument(..., help="A report's reference, such as R-7K2M-9QX4-1BCF."),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON object."),
) -> None:
    """Say why a report has its band: the axes, every reason, and what was not told."""
    from amaan.triage.selectors import NoSuchReport, explanation_of

    try:
        found = explanation_of(reference)
    except NoSuchReport as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    if as_json:
        typer.echo(json.dumps(found.as_json(), ensure_ascii=False))
    else:
        _print(found)


def _print(found: Explanation) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    out = Console()
    raised = (
        f" (by points alone: {found.by_points.name.en})" if found.by_points.band != found.band.band else ""
    )
    out.print(
        f"[bold]{found.reference}[/]  {found.band.name.en}{raised}, due {found.due_at:%d %b %Y %H:%M} UTC"
    )
    out.print(
        f"{found.band.promise.en}  {escape(found.entity)}, unit {found.unit}, rules {found.rules_version}"
    )
    if found.outdated:
        out.print("The report was told again since; the new telling is banded in a moment.")
    for axis in found.axes:
        full = round(10 * axis.value / axis.cap) if axis.cap else 0
        out.print(f"\n[bold]{axis.name.en}[/]  {'█' * full}{'░' * (10 - full)}  {axis.value} of {axis.cap}")
        table = Table(box=None, show_header=False, padding=(0, 1))
        table.add_column(justify="right", no_wrap=True)
        table.add_column()
        if axis.base:
            table.add_row(str(axis.base), "start")
        for reason in found.reasons:
            if reason.axis is axis.axis:
                floor = " [bold](floor)[/]" if reason.floor else ""
                facts = escape("; ".join(f"{key} = {_plain(value)}" for key, value in reason.facts.items()))
                table.add_row(f"{reason.weight:+d}", f"{escape(reason.words.en)}{floor}\n[dim]{facts}[/]")
        out.print(table)
    if found.missing:
        out.print("\n[bold]Not told, and it would matter[/]")
        for words in found.missing:
            out.print(f"  {words.en}")


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
