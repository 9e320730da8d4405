"""Published numbers and sites that many reports name and that belong to nobody in them. Pure."""

from __future__ import annotations

import csv
from importlib import resources
from typing import Final

from amaan.reports.domain.identifiers import clean
from amaan.reports.domain.identifiers.platforms import KNOWN


def _helplines() -> set[tuple[str, str]]:
    text = resources.files("amaan.linking").joinpath("data", "helplines.csv").read_text(encoding="utf-8")
    cleaned = (clean(row["type"], row["value"]) for row in csv.DictReader(text.splitlines()))
    return {(one.type, one.normalised) for one in cleaned}


def _platforms() -> set[tuple[str, str]]:
    return {
        ("domain", spelling)
        for spelling in KNOWN
        if "." in spelling and "/" not in spelling and " " not in spelling
    }


COMMONPLACE: Final = frozenset(_helplines() | _platforms())
"""(type, normalised value) as `reports.domain.identifiers` cleans it."""
