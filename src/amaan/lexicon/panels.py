"""Which words of a report raised what: rules and places for its page, no text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from amaan.lexicon.domain.indicators import Indicator
from amaan.lexicon.selectors import HitTold, reading_of
from amaan.lexicon.words import INDICATORS
from amaan.reports.domain.marking import Mark
from amaan.reports.words import TEXTS, word

if TYPE_CHECKING:
    from amaan.reports.models import Report

MOST_OF_AN_INDICATOR: Final = 4


@dataclass(frozen=True)
class WordsLine:
    """An indicator with the first of its hits; `more` are left out."""

    name: str
    hits: tuple[tuple[str, str, int, int], ...]
    more: int


@dataclass(frozen=True)
class WordsPanel:
    """`hits` of a line are (rule, where it stands, first character from 1, last). `unread`: characters past the cap.
    `marks`: what to mark in the report's texts, by part."""

    lines: tuple[WordsLine, ...]
    marks: dict[str, list[Mark]]
    unread: int
    outdated: bool


def words_panel(report: Report) -> WordsPanel | None:
    """Of a report that the caller was given by `access_report`; None where nothing was found and all was read."""
    told = reading_of(report)
    if told is None or not (told.indicators or told.unread):
        return None
    lines = []
    for indicator in told.indicators:
        hits = [hit for hit in told.hits if hit.indicator == indicator]
        shown = tuple(_shown(hit) for hit in hits[:MOST_OF_AN_INDICATOR])
        lines.append(WordsLine(str(INDICATORS[Indicator(indicator)]), shown, len(hits) - len(shown)))
    return WordsPanel(tuple(lines), _marks(told.hits), told.unread, told.outdated)


def _marks(hits: Iterable[HitTold]) -> dict[str, list[Mark]]:
    found: dict[str, list[Mark]] = {}
    for hit in hits:
        if hit.indicator:  # of a rule of an earlier lexicon nobody knows any more what it read
            says = str(INDICATORS[Indicator(hit.indicator)])
            found.setdefault(hit.part, []).append(Mark(hit.start, hit.end, says))
    return found


def _shown(hit: HitTold) -> tuple[str, str, int, int]:
    return hit.rule, word(TEXTS, hit.part.partition(".")[2] or hit.part), hit.start + 1, hit.end
