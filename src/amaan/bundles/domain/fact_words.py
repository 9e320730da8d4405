"""Every fact of a bundle in a sentence: part of docs/reference/facts.md. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

MOST_TOLD: Final = 5
"""Sources are counted no further: a fact that grew with every copy would band every copy again."""

BUNDLE_FACT_WORDS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "bundle.independent_sources": (
            "number",
            (
                "From how many independent sources (reporting entity, day and door) the very same material was told, "
                "from 2, and counted to 5; absent where one told it. Spread says nothing of danger."
            ),
        ),
        "reported.told_independently": (
            "number",
            (
                "From how many independent sources (reporting entity, day and door) the same account of a reported "
                "person was told, from 2, and counted to 5; absent where one told it, and for what very many share."
            ),
        ),
    }
)
