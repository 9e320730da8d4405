"""`amaan triage order`: who waits, in the order in which they will be read."""

from __future__ import annotations

import json
from typing import Annotated

import typer


def order(
    unit: Annotated[str | None, typer.Option(help="One unit's code; without it, all units.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
) -> None:
    """Print every waiting report in the queue's order; what waits behind another report comes last."""
    from amaan.triage.selectors.ordering import waiting_in_order

    for one in waiting_in_order(unit=unit):
        if as_json:
            typer.echo(json.dumps(one.as_json(), ensure_ascii=False))
            continue
        behind = "  (waits behind another report)" if one.folded else ""
        typer.echo(
            f"{one.reference}  {one.band.slug:<12}  {one.bundle or '-':<18}"
            f"  {one.reporting_entity} {one.report_number}{behind}"
        )
