"""Evidence as arrays: which report tells of which thing, and how. Pure; the contract between reading and weighing.

    reports   int64[r]   ids, ascending: what `report` below counts into
    source    int64[r]   equal where entity, day and door are: one source, whose repetitions add nothing
    trust     uint8[r]   bits of `Trust`
    key       uint64[n]  equal keys are the same thing (`keys`); a key has one kind
    report    int32[n]   position in `reports`
    kind      uint8[n]   `kinds.EvidenceKind`
    stance    uint8[n]   `Stance`

Rows are sorted by (key, report) and each (key, report) stands once, with its highest stance; but what a victim or a
recipient is told with only supports, whoever else the same report tells it of: a family's telephone accuses nobody.
"""

from __future__ import annotations

from datetime import date
from enum import IntEnum, IntFlag
from typing import TYPE_CHECKING, Final, NamedTuple

from amaan.reports.domain.drafts import Source

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Stance(IntEnum):
    """How a report tells of a thing. A pair has the lower one of its two."""

    SUPPORTS = 1  # a victim's, a family's, a place's: it only adds to what links
    LINKS = 2  # the reported person's or account's own, or told as the way to pay or to reach them
    BESIDE = (
        3  # it links, and is not the reported account's: another account's, or the page on which it happened
    )


class Trust(IntFlag):
    PUBLIC = 1  # told through the public's door
    COMPROMISED = 2  # the reported account may be somebody else's: taken over, or imitated


class Evidence(NamedTuple):
    reports: NDArray[np.int64]
    source: NDArray[np.int64]
    trust: NDArray[np.uint8]
    key: NDArray[np.uint64]
    report: NDArray[np.int32]
    kind: NDArray[np.uint8]
    stance: NDArray[np.uint8]


_DOORS: Final = {str(door): number for number, door in enumerate(Source)}


def source_of(entity: int, received: date, happened: date | None, door: str) -> int:
    """One number of who told, of which day and by which door; what makes a telling independent of another one.

    The day is that of what happened first, if that was told, else that of the receipt; in UTC. Of what the public tell
    it is the receipt's: anybody can name ten days at that door, and be ten sources.
    """
    day = received if happened is None or door == Source.PORTAL else happened
    return entity << 26 | day.toordinal() << 4 | _DOORS[door]


def trust_of(door: str, *, compromised: bool) -> Trust:
    public = Trust.PUBLIC if door == Source.PORTAL else Trust(0)
    return public | (Trust.COMPROMISED if compromised else Trust(0))
