"""A place below the district in a week. Pure."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from amaan.lexicon.domain.letters import as_compared
from amaan.vocabulary.domain import find_district

_WORD: Final = re.compile(r"[^\W_]+")
_LEFT_OUT: Final = frozenset({"the", "near", "of", "in", "at", "no", "نزد", "کے", "کا", "کی", "میں"})
_FEWEST_LETTERS: Final = 8


def venue_week(district: str, text: str, at: datetime) -> str | None:
    """`district`: its code, perhaps empty. None for what names no more than a district, or too little.

    The words count, not their order or case. The week is ISO's, in UTC.
    """
    words = sorted({word for word in _WORD.findall(as_compared(text)) if word not in _LEFT_OUT})
    if sum(map(len, words)) < _FEWEST_LETTERS or find_district(text) is not None:
        return None
    year, week, _ = at.isocalendar()
    return f"{district}/{' '.join(words)}/{year}-{week}"
