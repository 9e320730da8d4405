"""What reports' texts were found to say: facts for triage, hits for the report's page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from amaan.lexicon.domain.indicators import Indicator
from amaan.lexicon.domain.shipped import rules
from amaan.lexicon.models import TextReading
from amaan.reports.domain.facts import holds_text
from amaan.reports.selectors import newest_telling, told_now
from amaan.store.rows import select_in

if TYPE_CHECKING:
    from amaan.reports.models import Report


_IN_ORDER: Final = tuple(Indicator)


def facts_of_words(report_ids: Sequence[int]) -> dict[int, dict[str, bool | int | str | list[str]]]:
    """`text.indicators` of those of these reports whose newest telling asserts any, by whichever lexicon read it.

    Another lexicon only adds: what an earlier one found in the same telling stands until a person has read it. While a
    telling that holds text is not read yet, what the report said before stands: nothing is lowered unread.
    """
    rows = select_in(
        "SELECT t.report_id, t.indicators, t.version_id = v.id FROM lexicon_textreading t"
        " JOIN reports_report r ON r.id = t.report_id"
        " JOIN reports_version v ON v.report_id = r.id AND v.number = r.version"
        " WHERE t.report_id IN {values} ORDER BY t.id",
        list(report_ids),
    )
    newest: dict[int, str] = {}
    for report, words, now in rows:
        if now:
            newest[report] = _together(newest.get(report, ""), words)
    earlier: dict[int, str] = {report: words for report, words, _ in rows if words and report not in newest}
    if earlier:
        told = {one.report_id for one in told_now(sorted(earlier)) if holds_text(one.facts)}
        newest |= {report: words for report, words in earlier.items() if report in told}
    return {report: {"text.indicators": words.split()} for report, words in newest.items() if words}


def _together(some: str, more: str) -> str:
    held = {*some.split(), *more.split()}
    return " ".join(one for one in _IN_ORDER if one in held)


def words_of(report_ids: Sequence[int]) -> dict[int, int]:
    """Of those of these reports whose newest telling was read, a number that is equal where all their texts are."""
    rows = select_in(
        "SELECT t.report_id, t.words FROM lexicon_textreading t JOIN reports_report r ON r.id = t.report_id"
        " JOIN reports_version v ON v.report_id = r.id AND v.number = r.version AND v.id = t.version_id"
        " WHERE t.words IS NOT NULL AND t.report_id IN {values} ORDER BY t.id",
        list(report_ids),
    )
    return {report: int.from_bytes(bytes(words), "big") for report, words in rows}


def wordings_of(version_ids: Sequence[int]) -> dict[int, bytes]:
    """Of those of these tellings that say enough, the bands of their wording (`domain.wording`)."""
    rows = select_in(
        "SELECT version_id, wording FROM lexicon_textreading WHERE wording IS NOT NULL"
        " AND version_id IN {values} ORDER BY id",
        list(version_ids),
    )
    return {version: bytes(bands) for version, bands in rows}


class HitTold(NamedTuple):
    """`part` is where the text stands (`reports.panels.PartOfText`), start and end its characters."""

    rule: str
    indicator: str
    part: str
    start: int
    end: int


class ReadingTold(NamedTuple):
    """`outdated`: another lexicon came since, and the report will be read again. `unread`: characters past the cap."""

    indicators: tuple[str, ...]
    hits: tuple[HitTold, ...]
    unread: int
    outdated: bool


def reading_of(report: Report) -> ReadingTold | None:
    """Of a report that the caller was given by `access_report`; None where no text of it was read."""
    rows = list(TextReading.objects.filter(version_id=newest_telling(report).pk).order_by("pk"))
    if not rows:
        return None
    row = rows[-1]
    digest, known = rules()
    hits = tuple(
        HitTold(rule, known.get(rule, ""), part, start, end)
        for rule, part, start, end in json.loads(row.hits)
    )
    words = {word for one in rows for word in one.indicators.split()}
    return ReadingTold(
        tuple(str(one) for one in Indicator if one in words), hits, row.unread, row.lexicon != digest
    )
