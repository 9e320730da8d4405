"""Taking feedback and figures out: for a purpose, and recorded before anything is handed over."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from django.db import transaction

from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, require
from amaan.feedback.domain.codes import vocabulary
from amaan.feedback.domain.errors import PurposeNeeded
from amaan.feedback.domain.quality import share
from amaan.feedback.selectors import Item, most_missed, quality_for, told_to
from amaan.ledger.services import Act, append

MOST_PURPOSE: Final = 2000
_COLUMNS: Final = ("report_number", "revision", "code", "words", "missing", "told_at", "acknowledged")


class Format(StrEnum):
    CSV = "csv"
    JSON_LINES = "jsonl"


@dataclass(frozen=True)
class Export:
    """`text` is the file; `missed` fields named as missing with how often, the most frequent first."""

    text: str
    count: int
    missed: tuple[tuple[str, int], ...]


@transaction.atomic
def export_feedback(
    actor: Actor,
    *,
    entity: str,
    since: datetime | None = None,
    until: datetime | None = None,
    purpose: str,
    form: Format,
) -> Export:
    """What an entity was told, as a file for it. JSON Lines begins with one line that says what would have helped most.

    Raises NotAllowed, UnknownEntity, PurposeNeeded.
    """
    number, items = told_to(actor, entity=entity, since=since, until=until)
    purpose = purpose.strip()[:MOST_PURPOSE]
    if not purpose:
        raise PurposeNeeded
    missed = tuple(most_missed(items))
    body: dict[str, object] = {
        "entity": entity,
        "since": since.isoformat() if since else "",
        "until": until.isoformat() if until else "",
        "items": len(items),
        "purpose": purpose,
    }
    append(actor, [Act("feedback.exported", f"entity/{number}", "", body)])
    text = _csv(items) if form is Format.CSV else _json_lines(entity, items, missed)
    return Export(text, len(items), missed)


def _csv(items: Iterable[Item]) -> str:
    known = vocabulary()
    rows = (
        (
            item.report_number,
            item.revision,
            item.code,
            known.codes[item.code].words.en,
            " ".join(item.missing),
            item.at.isoformat(),
            "yes" if item.acknowledged else "no",
        )
        for item in items
    )
    return _table(_COLUMNS, rows)


def _table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_unfurled(cell) for cell in row] for row in rows)
    return out.getvalue()


def _unfurled(cell: object) -> object:
    """A sender's own number could begin like a formula, and a spreadsheet would run it."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell


def _json_lines(entity: str, items: Sequence[Item], missed: Sequence[tuple[str, int]]) -> str:
    known = vocabulary()
    head = {
        "kind": "summary",
        "entity": entity,
        "items": len(items),
        "codes": known.version,
        "would_have_helped": [
            {"field": name, "words": known.fields[name].words.en, "missing_in": count}
            for name, count in missed
        ],
    }
    lines = [head, *({"kind": "feedback", **item_data(item)} for item in items)]
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def item_data(item: Item) -> dict[str, object]:
    """An item as partners read it, over the interface and in files."""
    known = vocabulary()
    return {
        "report": item.report_number,
        "revision": item.revision,
        "code": item.code,
        "words": known.codes[item.code].words.en,
        "missing": [{"field": name, "words": known.fields[name].words.en} for name in item.missing],
        "told_at": item.at.isoformat(),
        "acknowledged": item.acknowledged,
    }


_QUALITY: Final = (
    *("month", "entity", "reports", "complete", "with_files", "viewed_not_said", "not_understood"),
    *("informational_or_widely_shared", "median_quality", "decided", "share_useful", "most_missed"),
)


@transaction.atomic
def export_quality(actor: Actor, *, month: date | None = None) -> str:
    """The table of quality as CSV, with the same cells suppressed. Raises NotAllowed."""
    require(actor, Action.VIEW_STATISTICS)
    lines = quality_for(actor, month=month)
    body: dict[str, object] = {"month": month.isoformat() if month else "", "lines": len(lines)}
    append(actor, [Act("feedback.quality_taken", "feedback", "", body)])
    rows = []
    for line in lines:
        held = line.counted
        useful = share(held.useful, held.decided)
        rows.append(
            (
                *(line.month.isoformat()[:7], line.entity, held.reports, held.complete, held.with_files),
                *(held.viewed_not_said, held.not_understood, held.informational),
                "" if held.median_quality is None else held.median_quality,
                held.decided,
                "suppressed" if useful is None else f"{useful:.3f}",
                " ".join(f"{name}:{count}" for name, count in held.most_missed()),
            )
        )
    return _table(_QUALITY, rows)
