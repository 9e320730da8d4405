"""`amaan triage replay`: what a rule file would have moved, and whom that would have served or hurt."""

from __future__ import annotations

import json
import os
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from amaan.triage.domain.replaying import Move, Replay
    from amaan.triage.domain.ruleset import RuleSet


def replay(
    rules: Annotated[Path, typer.Argument(help="A rule file.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    limit: Annotated[int, typer.Option(min=0, help="How many moved reports are named, the newest.")] = 10_000,
    processes: Annotated[
        int | None, typer.Option(min=1, help="On how many cores; on all of them if not said.")
    ] = None,
) -> None:
    """Run a rule file over all past reports, beside the rules in force. Nothing is changed."""
    from amaan.triage.domain.replaying import Replay
    from amaan.triage.domain.ruleset import BadRuleFile, load_ruleset
    from amaan.triage.replayers import replay_all
    from amaan.triage.rulebook import SHIPPED, in_force

    try:
        after = load_ruleset(rules.read_bytes())
    except (BadRuleFile, OSError) as error:
        typer.echo(f"{rules}: {error}", err=True)
        raise typer.Exit(1) from None
    adopted = in_force()
    before = adopted[1] if adopted else load_ruleset(SHIPPED.read_bytes())
    found = Replay()
    moves: deque[Move] = deque(maxlen=limit)
    for part, moved in replay_all(before, after, processes=processes or os.cpu_count() or 1):
        found.add(part)
        moves.extend(moved)
    told = _told(before, after, found, list(moves))
    if as_json:
        typer.echo(json.dumps(told))
    else:
        _print(told)


def _told(before: RuleSet, after: RuleSet, found: Replay, moves: list[Move]) -> dict[str, Any]:
    from amaan.reports.selectors import references_of
    from amaan.store.rows import slices
    from amaan.triage.domain.replaying import effect_of

    references: dict[int, str] = {}
    for ids in slices([move.report for move in moves], 10_000):
        references |= references_of(ids)
    counts = found.as_json()
    del counts["examples"]  # the moves name reports by their references
    return {
        "rules": {"version": after.version, "digest": after.digest},
        "in_force": {"version": before.version, "digest": before.digest},
        **counts,
        "moves": [
            {
                "reference": references[move.report],
                "before": move.before.slug,
                "after": move.after.slug,
                "outcome": move.fate.value,
                "effect": effect_of(move.before, move.after, move.fate),
            }
            for move in moves
        ],
    }


def _print(told: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    out = Console()
    out.print(
        f"{told['reports']:,} reports by {told['rules']['version']}, beside {told['in_force']['version']} in force: "
        f"[bold]{told['moved']:,} move[/], {told['sooner']:,} sooner and {told['later']:,} later. "
        f"{told['turned']['sooner'] + told['turned']['later']:,} more change their turn inside their band."
    )
    table = Table("from \\ to", *told["bands"], title="Every report, by its band before and after")
    for before, row in told["bands"].items():
        table.add_row(
            before, *(f"[bold]{n:,}[/]" if n and to != before else f"{n:,}" for to, n in row.items())
        )
    out.print(table)
    out.print(
        f"Led to a case: {told['served']:,} would have come sooner (served), {told['hurt']:,} later (hurt)."
    )
    out.print(
        f"No offence, or shared widely: {told['costs']:,} would have taken time sooner, {told['spares']:,} later."
    )
    for move in reversed(told["moves"][-20:]):
        out.print(
            f"  {move['reference']}  {move['before']} → {move['after']}  {move['outcome']} {move['effect'] or ''}"
        )
