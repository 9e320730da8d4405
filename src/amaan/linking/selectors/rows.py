"""Rows of evidence on their way to the contract."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from amaan.linking.domain.evidence import Evidence
from amaan.linking.selectors.tellings import Tellings


class Rows(NamedTuple):
    """As the last four arrays of `Evidence`; ascending by key and report, each pair once."""

    key: NDArray[np.uint64]
    report: NDArray[np.int32]
    kind: NDArray[np.uint8]
    stance: NDArray[np.uint8]

    @staticmethod
    def none() -> Rows:
        empty = np.empty(0, dtype=np.uint8)
        return Rows(empty.astype(np.uint64), empty.astype(np.int32), empty, empty)


def together(tellings: Tellings, mentions: Rows, clues: Rows) -> Evidence:
    """Keys of mentions stand below those of clues, so that one order goes on in the other (`domain.keys`)."""
    return Evidence(
        tellings.report,
        tellings.source,
        tellings.trust,
        np.concatenate([mentions.key, clues.key]),
        np.concatenate([mentions.report, clues.report]),
        np.concatenate([mentions.kind, clues.kind]),
        np.concatenate([mentions.stance, clues.stance]),
    )


def unsigned(keys: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Keys as the database holds them, made `domain.keys`' own."""
    return keys.view(np.uint64)
