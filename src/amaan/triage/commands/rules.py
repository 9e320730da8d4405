"""`amaan triage rules`: what the rules say, and whether a file could be adopted."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

rules = typer.Typer(name="rules", help="The rule file.", no_args_is_help=True)


@rules.command()
def check(file: Annotated[Path, typer.Argument(help="A rule file.")]) -> None:
    """Read a rule file and say whether it could be adopted, or where it is wrong."""
    from amaan.triage.domain.ruleset import BadRuleFile, load_ruleset

    try:
        ruleset = load_ruleset(file.read_bytes())
    except (BadRuleFile, OSError) as error:
        typer.echo(f"{file}: {error}", err=True)
        raise typer.Exit(1) from None
    floors = sum(rule.floor is not None for rule in ruleset.rules)
    typer.echo(
        f"{file}: version {ruleset.version}, {len(ruleset.rules)} rules ({floors} with a floor). Sound."
    )


@rules.command()
def show() -> None:
    """Print the rules in force: axis, weight, floor, reason."""
    from rich.console import Console
    from rich.table import Table

    from amaan.triage.domain.ruleset import load_ruleset
    from amaan.triage.rulebook import SHIPPED, in_force

    adopted = in_force()
    ruleset = adopted[1] if adopted else load_ruleset(SHIPPED.read_bytes())
    table = Table("rule", "axis", "weight", "floor", "why", title=f"{ruleset.version}  {ruleset.digest[:12]}")
    for rule in ruleset.rules:
        floor = ruleset.bands[rule.floor].name.en if rule.floor else ""
        table.add_row(rule.id, rule.axis.value, f"{rule.weight:+d}", floor, rule.reason.en)
    Console().print(table)


@rules.command()
def page() -> None:
    """Print docs/reference/triage-rules.md for the rules that came with the program."""
    from amaan.triage.rendering import rules_page

    typer.echo(rules_page(), nl=False)
