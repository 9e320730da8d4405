"""What the database holds for the index: the batches whose PDQ signals count, and these signals, page by page."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.db import connection
from django.db.models import Count, Max, QuerySet, Sum

from amaan.matching.domain.lists import ListKind, ListState, SignalType
from amaan.matching.models import Batch
from amaan.store.rows import select_in, slices

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_ROWS_A_PAGE = 50_000
_SMALL = 1_000
"""Rows of a batch below which it is read together with others."""

_OF_BATCHES: Final = f"FROM matching_signal WHERE +type = {SignalType.PDQ.value} AND batch_id IN {{values}}"

Batches = dict[int, str]


class Counting(NamedTuple):
    """The batches that count, by number with the moment of their end. Survivors' hashes lie in no file, so that what
    one takes back is gone from the disk."""

    key: object
    lists: Batches
    survivors: Batches


def counting_batches(known: Counting | None) -> Counting:
    """What counts now; `known` itself while nothing changed, which costs one query."""
    rows = (
        Batch.objects.filter(ended_at__isnull=False)
        .exclude(list__state=ListState.WITHDRAWN)
        .exclude(list__kind=ListKind.SURVIVOR, withdrawn__gt=0)
    )
    # The sum tells one batch that came from another that went at the same time.
    told = rows.aggregate(count=Count("pk"), newest=Max("pk"), last=Max("ended_at"), sum=Sum("pk"))
    key = tuple(told.values())
    if known is not None and known.key == key:
        return known
    return Counting(
        key,
        _ends(rows.exclude(list__kind=ListKind.SURVIVOR)),
        _ends(rows.filter(list__kind=ListKind.SURVIVOR)),
    )


def _ends(rows: QuerySet[Batch]) -> Batches:
    return {number: at.isoformat() for number, at in rows.values_list("pk", "ended_at") if at}


class _Reading:
    """Values and ids as they come, in two plain buffers."""

    def __init__(self) -> None:
        self.values = bytearray()
        self.ids = array("q")

    def take(self, rows: list[tuple[Any, ...]]) -> None:
        """Rows of (id, value, …)."""
        self.values += b"".join([row[1] for row in rows])
        self.ids.extend([row[0] for row in rows])

    def arrays(self) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        import numpy as np

        words = np.frombuffer(self.values, dtype=">u8").astype(np.uint64).reshape(-1, 4)
        return words, np.array(self.ids, dtype=np.int64)


def read_all(ended: Batches) -> tuple[NDArray[np.uint64], NDArray[np.int64], dict[int, int]]:
    """The values and ids of all signals of these batches, by id, and how many each batch has."""
    found, after = _Reading(), 0
    of_batch: Counter[int] = Counter()
    while rows := _page("SELECT id, value, batch_id FROM matching_signal WHERE +type = %s", [], after):
        counting = [row for row in rows if row[2] in ended]
        found.take(counting)
        of_batch.update(row[2] for row in counting)
        after = rows[-1][0]
    return *found.arrays(), dict(of_batch)


def read_batches(batches: Sequence[int]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Small batches are read together, large ones page by page."""
    found = _Reading()
    sizes = dict(select_in('SELECT id, "read" FROM matching_batch WHERE id IN {values}', batches))
    small = [number for number in batches if sizes[number] <= _SMALL]
    found.take(select_in(f"SELECT id, value {_OF_BATCHES}", small))
    for number in set(batches).difference(small):
        after = 0
        asked = "SELECT id, value FROM matching_signal WHERE +type = %s AND batch_id = %s"
        while rows := _page(asked, [number], after):
            found.take(rows)
            after = rows[-1][0]
    return found.arrays()


# `+type` keeps SQLite from the index of values, by which it would sort all of them for every page (measured: 13 s
# instead of 1.2 for a million).
def _page(asked: str, values: Sequence[int], after: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"{asked} AND id > %s ORDER BY id LIMIT {_ROWS_A_PAGE}", [SignalType.PDQ.value, *values, after]
        )
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def count_signals(batches: Iterable[int], most: int) -> int:
    """PDQ signals of these batches, no further than `most`: a page must not wait for more."""
    count = 0
    for part in slices(batches, 1_000):
        some = select_in(f"SELECT 1 {_OF_BATCHES} LIMIT {most - count}", part)
        count += len(some)
        if count >= most:
            break
    return count
