"""Every link that stands, as arrays: what a rebuild compares with."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from amaan.linking.domain.frequency import PARTS
from amaan.linking.selectors.columns import columns

_EXPRESSIONS: Final = ("t.id", "t.low_id", "t.high_id", f"CAST(t.weight * {PARTS} AS bigint)", "t.kinds")


def whole_links() -> NDArray[np.int64]:
    """Rows of id, low, high, weight in `PARTS` of a bit, kinds; ascending by low and high."""
    parts = list(columns("linking_link", _EXPRESSIONS))
    if not parts:
        return np.empty((0, len(_EXPRESSIONS)), np.int64)
    held = np.concatenate(parts)
    del parts
    return held[np.lexsort((held[:, 2], held[:, 1]))]
