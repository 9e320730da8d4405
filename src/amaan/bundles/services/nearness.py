"""Which picture a PDQ hash is near to: an index in memory, grown from the table of anchors.

Each process reads what was added since it last looked; anchors are written in one's turn (`turn`), so their numbers
grow in the order of commits and none is passed over. What the index says is asked of the table again, so that a row
that was rolled back never counts.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db import connection

import signalmatch
from amaan.bundles.models import Anchor
from amaan.matching.domain.comparing import bits_apart, words_of
from amaan.matching.domain.lists import DISTANCE
from amaan.store.rows import insert_rows, select_in

_ROWS_A_PAGE: Final = 50_000


@dataclass
class _Held:
    """`last`: number and value of the newest anchor that was read."""

    home: object = None
    index: signalmatch.HammingIndex | None = None
    last: tuple[int, bytes] | None = None
    base: int = 0


_turn = threading.RLock()
_now: list[_Held] = []


def _held() -> _Held:
    home = (settings.AMAAN_HOME, connection.settings_dict["NAME"])
    if not _now or _now[0].home != home:
        _now[:] = [_Held(home)]
    return _now[0]


def near_to(values: Mapping[int, bytes]) -> dict[int, int]:
    """For PDQ keys that nobody told before, the key of the nearest picture within the distance; the others become
    pictures themselves, in the order given, and those after them may be near to these. Call it in one's turn."""
    if not values:
        return {}
    import numpy as np

    found = _known(values)
    fresh: list[tuple[int, bytes]] = []
    words = np.zeros((len(values), 4), dtype=np.uint64)
    for key, value in values.items():
        if key in found:
            continue
        (own,) = words_of([value])
        if fresh:
            apart = np.bitwise_count(words[: len(fresh)] ^ own).sum(axis=1)
            nearest = int(apart.argmin())
            if apart[nearest] <= DISTANCE:
                found[key] = fresh[nearest][0]
                continue
        words[len(fresh)] = own
        fresh.append((key, value))
    insert_rows(Anchor, ("value", "key"), [(value, key) for key, value in fresh])
    return found


def _known(values: Mapping[int, bytes]) -> dict[int, int]:
    import numpy as np

    keys = list(values)
    with _turn:
        index = _newest()
    if index is None:
        return {}
    query, anchor, _ = index.search(words_of(list(values.values())), DISTANCE)
    rows = {
        number: (key, bytes(value))
        for number, key, value in select_in(
            "SELECT id, key, value FROM bundles_anchor WHERE id IN {values}", np.unique(anchor).tolist()
        )
    }
    nearest: dict[int, tuple[int, int, int]] = {}
    for row, number in zip(query.tolist(), anchor.tolist(), strict=True):
        if number not in rows:
            continue
        key, value = rows[number]
        apart = bits_apart(value, values[keys[row]])
        if apart <= DISTANCE:
            nearest[row] = min(nearest.get(row, (257, 0, 0)), (apart, number, key))
    return {keys[row]: key for row, (_, _, key) in nearest.items()}


def _newest() -> signalmatch.HammingIndex | None:
    held = _held()
    after, value = held.last or (0, b"")
    while rows := _page(after - 1 if held.last else 0):
        if held.last:
            if rows[0][0] != after or rows[0][1] != value:
                # What was read last is gone or changed: it was rolled back, or this is another database.
                held.index, held.last, after = None, None, 0
                continue
            rows = rows[1:]
        if not rows:
            break
        _grow(held, rows)
        after, value = rows[-1]
        held.last = (after, value)
    else:
        held.index, held.last = None, None
    return held.index


def _page(after: int) -> Sequence[tuple[int, bytes]]:
    found = Anchor.objects.filter(pk__gt=after).order_by("pk")
    return [(number, bytes(value)) for number, value in found.values_list("pk", "value")[:_ROWS_A_PAGE]]


def _grow(held: _Held, rows: Sequence[tuple[int, bytes]]) -> None:
    import numpy as np

    values = words_of([value for _, value in rows])
    ids = np.array([number for number, _ in rows], dtype=np.int64)
    if held.index is None:
        held.index, held.base = signalmatch.HammingIndex.build(values, ids), len(ids)
        return
    held.index.add(values, ids)
    if len(held.index) - held.base > max(_ROWS_A_PAGE, held.base // 10):
        held.index.rebuild()
        held.base = len(held.index)
