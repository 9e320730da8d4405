"""Compile the loops before somebody waits for them: seconds on a machine that keeps no compiled code yet.

`python -m amaan.linking.domain.ready` does it while Amaan is set up.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from amaan.linking.domain.evidence import Evidence
from amaan.linking.domain.frequency import NOTHING_COUNTED
from amaan.linking.domain.kinds import EvidenceKind
from amaan.linking.domain.ring_arrays import Links, rings_by_arrays
from amaan.linking.domain.strength import STRONG_AT
from amaan.linking.domain.weighing import weigh


@cache
def get_ready() -> None:
    """Once a process."""
    two, one = np.array([1, 2], np.int64), np.ones(2, np.uint8)
    key, report = np.array([1, 1], np.uint64), np.array([0, 1], np.int32)
    kind = np.full(2, EvidenceKind.PHONE, np.uint8)
    evidence = Evidence(two, two, one, key, report, kind, one)
    weigh(evidence, NOTHING_COUNTED, touching=np.ones(2, np.bool_))
    rings_by_arrays(
        Links(two[:1], two[1:], np.full(1, STRONG_AT), np.ones(1, np.bool_), np.zeros(1, np.int64)),
        {1: frozenset({(1, True)})},
    )


if __name__ == "__main__":
    get_ready()
