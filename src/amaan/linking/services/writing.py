"""Put links into the database: only what differs from what is held."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from amaan.linking.domain.weighing import Pairs
from amaan.linking.models import Link
from amaan.store.rows import on_postgres

_SIGNATURE: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END: Final = b"\xff\xff"
_FIELDS: Final = (("low", ">i8"), ("high", ">i8"), ("weight", ">f8"), ("kinds", ">i8"), ("snapshot", ">i4"))


class Rows(NamedTuple):
    """Links as the table has them, ascending by `low` and `high` (ids of reports); `id` 0 where there's none yet."""

    id: NDArray[np.int64]
    low: NDArray[np.int64]
    high: NDArray[np.int64]
    weight: NDArray[np.float64]
    kinds: NDArray[np.int64]

    def part(self, chosen: NDArray[np.bool_] | slice) -> Rows:
        return Rows(
            self.id[chosen], self.low[chosen], self.high[chosen], self.weight[chosen], self.kinds[chosen]
        )

    def __bool__(self) -> bool:
        return bool(len(self.low))


class Changes(NamedTuple):
    """What turns the held links into the wanted ones. `before` is the held weight of each of `wanted`, NaN for none."""

    gone: Rows
    wanted: Rows
    before: NDArray[np.float64]


def rows_of(pairs: Pairs, reports: NDArray[np.int64]) -> Rows:
    """Pairs of positions as pairs of ids."""
    return Rows(
        np.zeros(len(pairs.low), np.int64),
        reports[pairs.low],
        reports[pairs.high],
        pairs.weight.astype(np.float64),
        pairs.kinds.astype(np.int64),
    )


def rows_held(rows: Sequence[tuple[int, int, int, float, int]]) -> Rows:
    """From rows of id, low, high, weight, kinds in any order."""
    record = np.dtype([("id", "i8"), ("low", "i8"), ("high", "i8"), ("weight", "f8"), ("kinds", "i8")])
    held = np.array(rows, dtype=record)
    held = held[np.lexsort((held["high"], held["low"]))]
    return Rows(*(held[name].copy() for name in ("id", "low", "high", "weight", "kinds")))


def difference(held: Rows, wanted: Rows) -> Changes:
    """Both ascending. A link with the same weight and kinds stays as it is, under whichever snapshot it was made."""
    at = _find(wanted, held)
    found = at >= 0
    same = found.copy()
    same[found] = (held.weight[at[found]] == wanted.weight[found]) & (
        held.kinds[at[found]] == wanted.kinds[found]
    )
    before = np.full(len(wanted.low), np.nan)
    before[found] = held.weight[at[found]]
    stays = np.zeros(len(held.low), np.bool_)
    stays[at[found]] = True
    return Changes(held.part(~stays), wanted.part(~same), before[~same])


def _find(rows: Rows, among: Rows) -> NDArray[np.int64]:
    """Of each row the place of the same pair, -1 for none."""
    places = np.full(len(rows.low), -1, np.int64)
    if not rows or not among:
        return places
    ends = np.unique(np.concatenate((rows.high, among.high)))  # pairs as one number each, in the same order

    def numbered(of: Rows) -> NDArray[np.int64]:
        lows = np.searchsorted(lowest, of.low)
        return lows * len(ends) + np.searchsorted(ends, of.high)

    lowest = np.unique(np.concatenate((rows.low, among.low)))
    wanted, held = numbered(rows), numbered(among)
    at = np.minimum(np.searchsorted(held, wanted), len(held) - 1)
    found = held[at] == wanted
    places[found] = at[found]
    return places


def delete_links(ids: Sequence[int]) -> None:
    for start in range(0, len(ids), 10_000):
        Link.objects.filter(pk__in=list(ids[start : start + 10_000])).delete()


def put_links(rows: Rows, snapshot: int) -> None:
    """Insert these, or give those that stand there the new weight. In the caller's transaction."""
    if not rows:
        return
    if on_postgres():
        _copy(rows, snapshot)
        return
    values = zip(
        rows.low.tolist(), rows.high.tolist(), rows.weight.tolist(), rows.kinds.tolist(), strict=True
    )
    connection.ensure_connection()
    with connection.wrap_database_errors:
        connection.connection.executemany(
            "INSERT INTO linking_link (low_id, high_id, weight, kinds, snapshot)"  # noqa: S608 - a number
            f" VALUES (?, ?, ?, ?, {snapshot:d}) ON CONFLICT (low_id, high_id) DO UPDATE"
            " SET weight = excluded.weight, kinds = excluded.kinds, snapshot = excluded.snapshot",
            values,
        )


def _copy(rows: Rows, snapshot: int) -> None:
    """PostgreSQL's binary copy of columns of fixed width is a table of records, which numpy writes as it is to lie."""
    fields: list[tuple[str, str]] = [("fields", ">i2")]
    for name, of in _FIELDS:
        fields += [(f"{name} length", ">i4"), (name, of)]
    table = np.empty(len(rows.low), np.dtype(fields))
    table["fields"] = len(_FIELDS)
    for name, of in _FIELDS:
        table[f"{name} length"] = np.dtype(of).itemsize
        table[name] = snapshot if name == "snapshot" else getattr(rows, name)
    names = "low_id, high_id, weight, kinds, snapshot"
    with connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.execute(
            "CREATE TEMP TABLE IF NOT EXISTS linking_arriving (low_id bigint, high_id bigint,"
            " weight double precision, kinds bigint, snapshot integer) ON COMMIT DELETE ROWS"
        )
        cursor.execute("DELETE FROM linking_arriving")
        with cursor.copy(f"COPY linking_arriving ({names}) FROM STDIN (FORMAT BINARY)") as copy:
            copy.write(_SIGNATURE)
            copy.write(memoryview(table.view(np.uint8)))  # type: ignore[arg-type] # it takes any buffer
            copy.write(_END)
        cursor.execute(
            f"INSERT INTO linking_link ({names}) SELECT {names} FROM linking_arriving"  # noqa: S608 - as above
            " ON CONFLICT (low_id, high_id) DO UPDATE"
            " SET weight = excluded.weight, kinds = excluded.kinds, snapshot = excluded.snapshot"
        )
