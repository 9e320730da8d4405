"""Read what reports' newest tellings say, and write down which rules found what where; never the text.

Reading takes time and writes nothing, so `read_ahead` does it before the transaction, and `read_reports` takes what it
found where the telling still is the same one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from django.db import transaction
from django.utils import timezone

from amaan.authority.actors import Actor
from amaan.ledger.domain.merkle import leaf_hash, root_of
from amaan.ledger.services import Act, append
from amaan.lexicon.domain.lexicon import Lexicon
from amaan.lexicon.domain.shipped import shipped
from amaan.lexicon.domain.telling import Telling, read_telling
from amaan.lexicon.models import TextReading
from amaan.lexicon.permissions import require_system
from amaan.outbox.services import publish
from amaan.reports.panels import texts_for_reading
from amaan.reports.selectors import newest_versions
from amaan.store.rows import insert_new, select_in

RUN: Final = "lexicon.run"
_COLUMNS: Final = (
    "report_id",
    "version_id",
    "lexicon",
    "indicators",
    "hits",
    "unread",
    "words",
    "wording",
    "at",
)


@dataclass(frozen=True)
class ReadingRun:
    """`read` tellings held a text and were read; `worded` reports say other things than was known of them."""

    read: int
    worded: int


class _Read(NamedTuple):
    report_id: int
    reference: str
    telling: Telling


_ahead: dict[int, _Read] = {}
"""What this process read before its turn to write, by telling."""


def read_ahead(*, report_ids: Sequence[int]) -> None:
    """Read without writing, so that the transaction that follows is short."""
    _ahead.clear()
    lexicon = shipped()
    wanted = _unread(newest_versions(sorted(set(report_ids))), lexicon)
    _ahead.update(_read(Actor.system("lexicon"), wanted, lexicon))


@transaction.atomic(savepoint=False)
def read_reports(actor: Actor, *, report_ids: Sequence[int]) -> ReadingRun:
    """Read the newest tellings of these reports that this lexicon has not read.

    Reports that say other things than before, or than their newest telling was known to, are told as `report.worded`,
    and all that were read as `report.read`; how their texts compare is found out behind. One ledger entry a run that
    read anything: the lexicon's version and digest, how many, the Merkle root over their sorted references, how
    many were worded.
    """
    require_system(actor)
    lexicon = shipped()
    wanted = _unread(newest_versions(sorted(set(report_ids))), lexicon)
    ready = {version: _ahead[version] for version in wanted if version in _ahead}
    found = ready | _read(actor, [version for version in wanted if version not in ready], lexicon)
    _ahead.clear()
    return _write(actor, found, lexicon) if found else ReadingRun(0, 0)


def _unread(newest: dict[int, int], lexicon: Lexicon) -> list[int]:
    versions = sorted(newest.values())
    if not versions:
        return []
    rows = select_in(
        "SELECT version_id FROM lexicon_textreading WHERE lexicon = %s AND version_id IN {values}",
        versions,
        [lexicon.digest],
    )
    known = {row[0] for row in rows}
    return [version for version in versions if version not in known]


def _read(actor: Actor, version_ids: Sequence[int], lexicon: Lexicon) -> dict[int, _Read]:
    return {
        told.version_id: _Read(told.report_id, told.reference, read_telling(told.parts, lexicon))
        for told in texts_for_reading(actor, version_ids=version_ids)
    }


def _write(actor: Actor, found: dict[int, _Read], lexicon: Lexicon) -> ReadingRun:
    now = timezone.now()
    reports = sorted({one.report_id for one in found.values()})
    before = select_in(
        "SELECT report_id, version_id, indicators, words, wording FROM lexicon_textreading"
        " WHERE report_id IN {values} ORDER BY id",
        reports,
    )
    of_report = {report: indicators for report, _, indicators, *_ in before}
    of_telling = {version: indicators for _, version, indicators, *_ in before}
    compared = {version: (words, wording) for _, version, _, words, wording in before if words is not None}
    unknown = (None, None)
    rows = [
        (
            one.report_id,
            version,
            lexicon.digest,
            " ".join(one.telling.indicators),
            json.dumps(one.telling.hits, separators=(",", ":")),
            one.telling.unread,
            *compared.get(version, unknown),
            now,
        )
        for version, one in sorted(found.items())
    ]
    # Another worker may have read the same telling meanwhile: by the same lexicon it found the same.
    insert_new(TextReading, _COLUMNS, rows)
    # A telling may have been banded before it was read: without words, or with those of the telling before it.
    worded = sorted(
        report
        for report, version, _, indicators, *_ in rows
        if {of_report.get(report, ""), of_telling.get(version, "")} != {indicators}
    )
    publish("report.worded", worded)
    publish("report.read", reports)
    references = sorted(one.reference for one in found.values())
    body: dict[str, object] = {
        "version": lexicon.version,
        "digest": lexicon.digest,
        "count": len(references),
        "references_root": root_of([leaf_hash(reference.encode()) for reference in references]).hex(),
        "worded": len(worded),
    }
    append(actor, [Act(RUN, f"lexicon:{lexicon.version}", "", body)])
    return ReadingRun(len(found), len(worded))
