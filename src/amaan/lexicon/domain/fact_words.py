"""The fact of what a report's texts say, in a sentence: part of docs/reference/facts.md. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from amaan.lexicon.domain.indicators import Indicator

LEXICON_FACT_WORDS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "text.indicators": (
            "list of " + " ".join(f"`{word}`" for word in Indicator),
            (
                "What the texts of the newest telling assert as true now, as the [lexicon](lexicon.md) reads them; "
                "absent where they say none of it, which is never a no."
            ),
        ),
    }
)
