"""The newest count of how often each value was told."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

import numpy as np

from amaan.linking.domain.frequency import NOTHING_COUNTED, Counts
from amaan.linking.models import Snapshot


class Held(NamedTuple):
    """The newest snapshot; number 0 and no counts before the first."""

    number: int
    counts: Counts
    reports: int = 0
    weights: str = ""


_NONE: Final = Held(0, NOTHING_COUNTED)
_held: dict[tuple[int, datetime], Held] = {}
"""The newest one, read once a process: it is megabytes."""


def held_snapshot() -> Held:
    row = Snapshot.objects.order_by("-number").values_list("number", "made_at").first()
    if row is None:
        return _NONE
    if row not in _held:
        found = Snapshot.objects.get(number=row[0])
        counts = Counts(
            np.frombuffer(bytes(found.keys or b""), dtype="<u8").astype(np.uint64),
            np.frombuffer(bytes(found.counts or b""), dtype="<u4").astype(np.uint32),
        )
        _held.clear()
        _held[row] = Held(found.number, counts, found.reports, found.weights)
    return _held[row]
