"""`amaan docs`: the generated pages of docs/reference."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from amaan.authority.rendering import permissions_page
from amaan.bundles.domain.fact_words import BUNDLE_FACT_WORDS
from amaan.cli.command_page import commands_page
from amaan.formats.cybertipline.rules.rendering import cybertipline_rules_page
from amaan.lexicon.domain.fact_words import LEXICON_FACT_WORDS
from amaan.linking.rendering import evidence_page
from amaan.matching.domain.fact_words import MATCH_FACT_WORDS
from amaan.reports.domain.fact_words import facts_page
from amaan.reports.domain.identifiers.rendering import identifiers_page
from amaan.triage.rendering import rules_page


def _commands() -> str:
    from amaan.cli.assembly import app  # it knows this module, so it is asked for late

    return commands_page(app)


def _facts() -> str:
    return facts_page({**LEXICON_FACT_WORDS, **MATCH_FACT_WORDS, **BUNDLE_FACT_WORDS})


PAGES = {
    "commands.md": _commands,
    "cybertipline-rules.md": cybertipline_rules_page,
    "facts.md": _facts,
    "linking-evidence.md": evidence_page,
    "permissions.md": permissions_page,
    "identifiers.md": identifiers_page,
    "triage-rules.md": rules_page,
}


def write_reference(
    folder: Annotated[Path, typer.Argument(help="Where the pages go.")] = Path("docs/reference"),
) -> None:
    """Write the generated pages of docs/reference."""
    for name, page in PAGES.items():
        (folder / name).write_text(page(), encoding="utf-8")
        typer.echo(f"{folder / name}")
