"""The evidence around a few reports: every row of every key that they tell, or told, of.

What it costs does not grow with the installation: a key that many reports tell is read only so far that weighing sees
a hub (`_Reach`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from amaan.linking.domain.evidence import Evidence
from amaan.linking.domain.kinds import KINDS, EvidenceKind
from amaan.linking.selectors.commonplace import commonplace
from amaan.linking.selectors.roles import KIND_SQL, NOT_READ_SQL, ROLE_SQL, rank_of, stance_of
from amaan.linking.selectors.rows import Rows, together, unsigned
from amaan.linking.selectors.tellings import Tellings, tellings_of
from amaan.linking.selectors.wallets import twins_of
from amaan.store.rows import on_postgres, select_in, slices

_COLUMNS: Final = f"t.identifier_id, t.report_id, t.version_id, {ROLE_SQL}"
_KIND: Final = KIND_SQL.replace("%", "%%")
_STALE: Final = 3
"""How many rows a report may have of one identifier, its earlier tellings' too, before a hub is read whole to count."""
_COMPOUND: Final = 200
"""Selects of one statement; SQLite takes 500."""

_Row = tuple[int, ...]


def evidence_around(report_ids: Sequence[int]) -> Evidence:
    """All rows of all keys of these reports, of their present tellings and of earlier ones.

    Of a hub, a key in more reports than `most` of its kind, as many rows as show that, with those of these reports.
    `reports` are all reports of these rows, and these. A key in one report is left out.
    """
    ids = sorted(set(report_ids))
    kinds, mentions = _mention_rows(ids)
    clues = _clue_rows(ids)
    tellings = tellings_of([*ids, *{row[1] for row in mentions}, *{row[1] for row in clues}])
    return together(tellings, _mentions(kinds, mentions, tellings), _clues(clues, tellings))


# ---------------------------------------------------------------- what is read


def _mention_rows(ids: Sequence[int]) -> tuple[dict[int, int], list[_Row]]:
    """The identifiers' kinds (with 128: it links), and rows: identifier, report, telling, role. Of twins
    (`wallets`) all rows stand under the earlier."""
    versions = [
        row[0] for row in select_in("SELECT id FROM reports_version WHERE report_id IN {values}", ids)
    ]
    mine = select_in(
        f"SELECT {_COLUMNS} FROM reports_mention t WHERE {NOT_READ_SQL} AND t.version_id IN {{values}}",  # noqa: S608
        versions,
    )
    told = {row[0] for row in mine}
    twins = twins_of(told)
    kinds = dict(
        select_in(
            f"SELECT t.id, CASE WHEN t.links THEN 128 ELSE 0 END + {_KIND} FROM reports_identifier t"  # noqa: S608
            " WHERE t.id IN {values}",
            sorted({*told, *twins, *twins.values()}),
        )
    )
    kinds.update({later: kinds[earlier] for later, earlier in twins.items()})
    common = commonplace()
    common |= {later for later, earlier in twins.items() if earlier in common}
    kinds = {number: kind for number, kind in kinds.items() if kind & 0x3F and number not in common}
    reach = {number: _reach(EvidenceKind(kind & 0x3F)) for number, kind in kinds.items()}
    found, cut = _rows_of(reach)
    rows = [*(row for row in mine if row[0] in kinds), *found, *_read_whole(found, cut, reach)]
    return kinds, [(twins.get(row[0], row[0]), *row[1:]) for row in rows]


def _reach(kind: EvidenceKind) -> int:
    """In so many reports a key is a hub. What was one before is held (`models.Hub`), and needs no more to be seen."""
    return KINDS[kind].most + 1


def _rows_of(reach: Mapping[int, int]) -> tuple[list[_Row], set[int]]:
    """Rows of each identifier, at most `_STALE` times what is to be shown; and the identifiers that have more."""
    if not reach:
        return [], set()
    numbers, limits = list(reach), [most * _STALE + 1 for most in reach.values()]
    rows = _lateral(numbers, limits) if on_postgres() else _compound(numbers, limits)
    counted: dict[int, int] = {}
    for row in rows:
        counted[row[0]] = counted.get(row[0], 0) + 1
    return rows, {
        number for number, limit in zip(numbers, limits, strict=True) if counted.get(number, 0) == limit
    }


def _lateral(numbers: list[int], limits: list[int]) -> list[_Row]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT f.* FROM unnest(%s::bigint[], %s::bigint[]) AS k(number, most) CROSS JOIN LATERAL"  # noqa: S608
            f" (SELECT {_COLUMNS} FROM reports_mention t WHERE t.identifier_id = k.number AND {NOT_READ_SQL}"
            " LIMIT k.most) f",
            [numbers, limits],
        )
        return list(cursor.fetchall())


def _compound(numbers: list[int], limits: list[int]) -> list[_Row]:
    one = (
        f"SELECT * FROM (SELECT {_COLUMNS} FROM reports_mention t WHERE t.identifier_id = %s"  # noqa: S608
        f" AND {NOT_READ_SQL} LIMIT %s)"
    )
    rows: list[_Row] = []
    with connection.cursor() as cursor:
        for part in slices(zip(numbers, limits, strict=True), _COMPOUND):
            cursor.execute(" UNION ALL ".join([one] * len(part)), [value for pair in part for value in pair])
            rows += cursor.fetchall()
    return rows


def _read_whole(found: Iterable[_Row], cut: set[int], reach: Mapping[int, int]) -> list[_Row]:
    """All rows of identifiers that were cut and do not show yet that they are hubs: reports that were told again and
    again. Rare, so that it may take its time."""
    if not cut:
        return []
    shown: dict[int, set[int]] = {number: set() for number in cut}
    rows = [row for row in found if row[0] in cut]
    tellings = tellings_of([row[1] for row in rows])
    current = set(tellings.version.tolist())
    for number, report, version, _ in rows:
        if version in current:
            shown[number].add(report)
    unsure = sorted(number for number in cut if len(shown[number]) < reach[number])
    return select_in(
        f"SELECT {_COLUMNS} FROM reports_mention t WHERE {NOT_READ_SQL} AND t.identifier_id IN {{values}}",  # noqa: S608
        unsure,
    )


def _clue_rows(ids: Sequence[int]) -> list[_Row]:
    """key (signed), report, kind, stance"""
    columns = "c.key, c.report_id, c.kind, c.stance"
    mine = select_in(f"SELECT {columns} FROM linking_clue c WHERE c.report_id IN {{values}}", ids)  # noqa: S608
    reach = {row[0]: _reach(EvidenceKind(row[2])) for row in mine}
    if not reach:
        return []
    numbers, limits = list(reach), list(reach.values())
    if on_postgres():
        sql = (
            "SELECT f.* FROM unnest(%s::bigint[], %s::bigint[]) AS k(number, most) CROSS JOIN LATERAL"  # noqa: S608
            f" (SELECT {columns} FROM linking_clue c WHERE c.key = k.number LIMIT k.most) f"
        )
        parts = [(sql, [numbers, limits])]
    else:
        one = f"SELECT * FROM (SELECT {columns} FROM linking_clue c WHERE c.key = %s LIMIT %s)"  # noqa: S608
        parts = [
            (" UNION ALL ".join([one] * len(part)), [value for pair in part for value in pair])
            for part in slices(zip(numbers, limits, strict=True), _COMPOUND)
        ]
    found = list(mine)
    with connection.cursor() as cursor:
        for sql, values in parts:
            cursor.execute(sql, values)
            found += cursor.fetchall()
    return found


# ---------------------------------------------------------------- what comes of it


def _mentions(kinds: Mapping[int, int], found: Sequence[_Row], tellings: Tellings) -> Rows:
    if not found:
        return Rows.none()
    rows = np.array(found, dtype=np.int64)
    report = np.searchsorted(tellings.report, rows[:, 1])
    rows, report = _where(tellings.version[report] == rows[:, 2], rows, report)
    kind = np.array([kinds[number] for number in rows[:, 0].tolist()], dtype=np.uint8)
    of_child = np.isin(rows[:, 2], _with_a_childs_account(rows))
    of = (kind & 0x3F).astype(np.uint8)
    rank = rank_of(rows[:, 3], of, kind >= 128, of_child)
    order = np.lexsort((rank, report, rows[:, 0]))
    key, report, of, rank = rows[order, 0], report[order], of[order], rank[order]
    last = np.ones(len(key), dtype=np.bool_)
    last[:-1] = (key[:-1] != key[1:]) | (report[:-1] != report[1:])
    return _shared(key[last].astype(np.uint64), report[last], of[last], stance_of(rank[last]))


def _with_a_childs_account(rows: NDArray[np.int64]) -> list[int]:
    versions = np.unique(rows[:, 2]).tolist()
    return [
        row[0]
        for row in select_in(
            "SELECT version_id FROM reports_party WHERE role = 'associated' AND protected"
            " AND version_id IN {values}",
            versions,
        )
    ]


def _clues(found: Sequence[_Row], tellings: Tellings) -> Rows:
    if not found:
        return Rows.none()
    rows = np.unique(np.array(found, dtype=np.int64), axis=0)
    key = unsigned(rows[:, 0].copy())
    report = np.searchsorted(tellings.report, rows[:, 1])
    order = np.lexsort((report, key))
    return _shared(
        key[order], report[order], rows[order, 2].astype(np.uint8), rows[order, 3].astype(np.uint8)
    )


def _where(
    kept: NDArray[np.bool_], rows: NDArray[np.int64], report: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    return rows[kept], report[kept]


def _shared(
    key: NDArray[np.uint64], report: NDArray[np.int64], kind: NDArray[np.uint8], stance: NDArray[np.uint8]
) -> Rows:
    several = np.zeros(len(key), dtype=np.bool_)
    same = key[:-1] == key[1:]
    several[:-1] |= same
    several[1:] |= same
    return Rows(key[several], report[several].astype(np.int32), kind[several], stance[several])
