"""Until when a platform keeps what it reported, as far as a report's facts say; terms with their sources."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Final

from amaan.triage.domain.facts import Facts
from amaan.triage.domain.ruleset import Words

WARN: Final = timedelta(days=30)
"""So long before its end a term is told."""


@dataclass(frozen=True)
class Term:
    """`since`: a number of days before receipt, as a fact, from which the term counts; "" counts from receipt itself.
    Such a fact that is absent leaves the term out."""

    id: str
    days: int
    since: str
    needs: str
    name: Words
    source: str


@cache
def terms() -> Sequence[Term]:
    """In the order of the file (`rules/preserving.toml`)."""
    read = tomllib.loads((files("amaan.triage") / "rules" / "preserving.toml").read_text("utf-8"))
    return [
        Term(
            one["id"],
            one["days"],
            one.get("since", ""),
            one.get("needs", ""),
            Words(one["name"]["en"], one["name"]["ur"]),
            one["source"],
        )
        for one in read["term"]
    ]


def preserved_until(facts: Facts, received_at: datetime) -> datetime | None:
    """The earliest end of the terms that hold for it; None where nothing is kept anywhere."""
    days = []
    for term in terms():
        needed, since = facts.get(term.needs, 0), facts.get(term.since)
        if term.needs and not (isinstance(needed, int) and needed > 0):
            continue
        if not term.since:
            days.append(term.days)
        elif isinstance(since, int):
            days.append(term.days - since)
    return received_at + timedelta(days=min(days)) if days else None
