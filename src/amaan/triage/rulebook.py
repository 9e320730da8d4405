"""The rule sets that this installation knows, parsed once a process."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from amaan.triage import models
from amaan.triage.domain.ruleset import RuleSet, read_ruleset
from amaan.triage.domain.sections import Sections, load_sections

SHIPPED = Path(__file__).parent / "rules" / "pk.toml"
SECTIONS = SHIPPED.with_name("pk-sections.toml")


class NoRulesAdopted(Exception):
    """The installation has no rule set yet."""

    def __init__(self) -> None:
        super().__init__("No triage rules are adopted yet; start the server once, or import something.")


@lru_cache(maxsize=16)
def _parsed(digest: str, row_id: int) -> RuleSet:
    """Its promises are not asked: it was in force, and explains what it decided, whatever is promised today."""
    return read_ruleset(models.RuleSet.objects.values_list("body", flat=True).get(pk=row_id).encode())


def in_force() -> tuple[int, RuleSet] | None:
    """The row id and the rules of the rule set adopted last; None before the first."""
    row = models.RuleSet.objects.order_by("-loaded_at", "-id").values_list("id", "digest").first()
    return (row[0], _parsed(row[1], row[0])) if row else None


@lru_cache(maxsize=1)
def law() -> Sections:
    """The sections of the law that came with the program."""
    return load_sections(SECTIONS.read_bytes())


def rules_of(row: models.RuleSet) -> RuleSet:
    """The rules of one row, whose body may be deferred."""
    return _parsed(row.digest, row.pk)
