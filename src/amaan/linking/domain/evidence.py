"""Evidence as arrays: which report tells of which thing, and how. Pure; the contract between reading and weighing.

    reports   int64[r]   ids, ascending: what `report` below counts into
    source    int64[r]   equal where entity, day and door are: one source, whose repetitions add nothing
    trust     uint8[r]   bits of `Trust`
    key       uint64[n]  a digest of kind and value; equal keys are the same thing
    report    int32[n]   position in `reports`
    kind      uint8[n]   `kinds.EvidenceKind`
    stance    uint8[n]   `Stance`

Rows are sorted by (key, report) and each (key, report) stands once, with its highest stance.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Stance(IntEnum):
    """How a report tells of a thing. A pair has the lower one of its two."""

    SUPPORTS = 1  # a victim's, a family's, a place's: it only adds to what links
    LINKS = 2  # the reported person's or account's own, or told as the way to pay or to reach them


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
