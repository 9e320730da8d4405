"""Which telling of each report counts as evidence, and from where it came."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from amaan.linking.domain.evidence import source_of, trust_of
from amaan.linking.selectors.columns import columns
from amaan.store.rows import select_in, slices

_A_SLICE: Final = 20_000


class Telling(NamedTuple):
    report_id: int
    version_id: int
    source: int
    trust: int


class Tellings(NamedTuple):
    """The same of many, by ascending report."""

    report: NDArray[np.int64]
    version: NDArray[np.int64]
    source: NDArray[np.int64]
    trust: NDArray[np.uint8]


class Newest(NamedTuple):
    """A report's newest telling as it is to be noted. `happened`: when it did first, if that was told."""

    telling: Telling
    reference: str
    number: str
    door: str
    happened: datetime | None


def tellings_now(report_ids: Sequence[int]) -> list[Newest]:
    """Of each report, in the order of ids. Unknown ids are left out."""
    rows = select_in(
        "SELECT r.id, v.id, r.entity_id, r.received_at, v.source, v.facts, r.reference, r.number"
        " FROM reports_report r JOIN reports_version v ON v.report_id = r.id AND v.number = r.version"
        " WHERE r.id IN {values} ORDER BY r.id",
        sorted(set(report_ids)),
    )
    happened = _happened_at([row[1] for row in rows])
    found = []
    for report, version, entity, received, door, facts, reference, number in rows:
        at = happened.get(version)
        compromised = _COMPROMISED.search(facts) is not None
        telling = Telling(
            report,
            version,
            source_of(entity, aware(received).date(), at and at.date(), door),
            trust_of(door, compromised=compromised),
        )
        found.append(Newest(telling, reference, number, door, at))
    return found


_COMPROMISED: Final = re.compile(r'"reported\.compromised": ?"yes"')
"""In the facts' JSON, of which nothing else is asked here: no fact holds a text that could read like it."""


def _happened_at(version_ids: Sequence[int]) -> dict[int, datetime]:
    found: dict[int, datetime] = {}
    for version, told in select_in(
        "SELECT version_id, happened_at FROM reports_incident WHERE happened_at IS NOT NULL AND version_id IN {values}",
        list(version_ids),
    ):
        at = aware(told)
        found[version] = min(found.get(version, at), at)
    return found


def tellings_of(report_ids: Sequence[int]) -> Tellings:
    """Those of these reports by which their clues were noted; of one that nobody noted yet, the newest."""
    ids = sorted(set(report_ids))
    noted = [
        Telling._make(row)
        for row in select_in(
            "SELECT report_id, version_id, source, trust FROM linking_noted WHERE report_id IN {values}", ids
        )
    ]
    known = {one.report_id for one in noted}
    rest = tellings_now([report for report in ids if report not in known])
    return _arrays([*noted, *(one.telling for one in rest)])


def all_tellings() -> Tellings:
    """`tellings_of` every report."""
    told = ["t.report_id", "t.version_id", "t.source", "t.trust"]
    parts = list(columns("linking_noted", told, by="t.report_id"))
    missing = [
        int(row) for part in columns("reports_report", ["t.id"], where=_NOT_NOTED) for row in part[:, 0]
    ]
    parts += [
        np.array([one.telling for one in tellings_now(some)], dtype=np.int64).reshape(-1, 4)
        for some in slices(missing, _A_SLICE)
    ]
    return _sorted(np.concatenate(parts) if parts else np.empty((0, 4), dtype=np.int64))


_NOT_NOTED: Final = "NOT EXISTS (SELECT 1 FROM linking_noted n WHERE n.report_id = t.id)"


def not_noted(limit: int, *, after: int = 0) -> list[int]:
    """Reports past `after` whose clues were never noted, the oldest first: what came before this room did."""
    with connection.cursor() as cursor:
        sql = f"SELECT t.id FROM reports_report t WHERE t.id > %s AND {_NOT_NOTED} ORDER BY t.id LIMIT %s"  # noqa: S608
        cursor.execute(sql, [after, limit])
        return [row[0] for row in cursor.fetchall()]


def noted_among(report_ids: Sequence[int]) -> set[int]:
    """Those of these reports whose clues were noted."""
    rows = select_in("SELECT report_id FROM linking_noted WHERE report_id IN {values}", report_ids)
    return {row[0] for row in rows}


def _arrays(tellings: Sequence[Telling]) -> Tellings:
    return _sorted(np.array(tellings, dtype=np.int64).reshape(-1, 4))


def _sorted(rows: NDArray[np.int64]) -> Tellings:
    rows = rows[np.argsort(rows[:, 0], kind="stable")]
    return Tellings(rows[:, 0].copy(), rows[:, 1].copy(), rows[:, 2].copy(), rows[:, 3].astype(np.uint8))


def aware(at: datetime | str) -> datetime:
    """Raw SQL gives SQLite's text or a time without a zone, both in UTC; PostgreSQL gives aware times."""
    if isinstance(at, str):
        at = datetime.fromisoformat(at)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
