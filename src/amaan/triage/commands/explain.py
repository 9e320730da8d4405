"""`amaan triage explain`: why a report stands where it stands."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from rich.console import Console

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
    read = {reason.rule: reason.facts for reason in found.reasons}
    for axis in found.axes:
        full = round(10 * axis.value / axis.cap) if axis.cap else 0
        out.print(f"\n[bold]{axis.name.en}[/]  {'█' * full}{'░' * (10 - full)}  {axis.value} of {axis.cap}")
        table = Table(box=None, show_header=False, padding=(0, 1))
        table.add_column(justify="right", no_wrap=True)
        table.add_column()
        if axis.base:
            table.add_row(str(axis.base), "start")
        for step in axis.steps:
            mark = " [bold](floor)[/]" if step.floor else ""
            mark += " [dim](told above already; it counts once)[/]" if step.outweighed else ""
            facts = escape("; ".join(f"{key} = {_plain(value)}" for key, value in read[step.rule].items()))
            table.add_row(f"{step.weight:+d}", f"{escape(step.reason.en)}{mark}\n[dim]{facts}[/]")
        out.print(table)
    if found.missing:
        out.print("\n[bold]Not told, and it would matter[/]")
        for one in found.missing:
            reach = f" [bold]→ {one.band.name.en}[/]" if one.sooner else ""
            danger = f" [dim](danger +{one.danger})[/]" if one.danger else ""
            out.print(f"  {escape(one.words.en)}{reach}{danger}")
    _print_law(out, found)


def _print_law(out: Console, found: Explanation) -> None:
    from rich.markup import escape

    from amaan.triage.rulebook import law

    if found.law.children:
        out.print(f"\n[bold]{escape(found.law.children.en)}[/]")
    if found.law.sections:
        out.print(f"\n[bold]Sections of the law[/]  {escape(law().note.en)} As of {law().as_of}.")
    for section in found.law.sections:
        offence = section.offence
        standing = {"yes": "cognizable", "no": "not cognizable"}.get(
            offence.cognizable, "cognizable? not confirmed"
        )
        out.print(f"  {offence.act} s.{offence.section} ({standing})  {escape(section.reason.en)}")


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
