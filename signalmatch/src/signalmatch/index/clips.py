"""One video against many, by one search for all of its frames.

The published way compares with every known video, frame by frame. Here every known frame stands in one exact
index, and a search finds the same pairs, so that the percentages are the same (held to `signals.vpdq.compare`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from signalmatch.index import HammingIndex

QUERIES_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class ClipHit:
    """A known video that shares at least one frame: how many of its distinct frames, and of the query's, were found."""

    clip: int
    query_matched: int
    query_frames: int
    compared_matched: int
    compared_frames: int

    @property
    def query_percent(self) -> float:
        return self.query_matched * 100 / self.query_frames

    @property
    def compared_percent(self) -> float:
        return self.compared_matched * 100 / self.compared_frames

    def is_match(self, compared_percent: float = 80.0, query_percent: float = 0.0) -> bool:
        """Whether both thresholds are reached (the published ones: 80 and 0)."""
        return self.compared_percent >= compared_percent and self.query_percent >= query_percent


class ClipIndex:
    """Known videos, each the distinct hashes of its good frames (`signals.vpdq.distinct_hashes`)."""

    def __init__(
        self,
        index: HammingIndex,
        owners: NDArray[np.int64],
        clips: NDArray[np.int64],
        sizes: NDArray[np.int64],
    ) -> None:
        self._index = index
        self._owners = owners
        self._clips = clips
        self._sizes = sizes

    @classmethod
    def build(
        cls, clips: Sequence[int], hashes: Sequence[NDArray[np.uint64]], mode: str = "auto"
    ) -> ClipIndex:
        """`clips` are your ids, each once; `hashes` for each a uint64[n, 4] without duplicates; n may be 0."""
        if len(clips) != len(hashes) or len(set(clips)) != len(clips):
            raise ValueError("each clip once, with its hashes")
        sizes = np.array([len(one) for one in hashes], np.int64)
        every = np.concatenate([*hashes, np.empty((0, 4), np.uint64)])
        index = HammingIndex.build(every, np.arange(len(every), dtype=np.int64), mode=mode)
        return cls(index, np.repeat(np.arange(len(clips)), sizes), np.array(clips, np.int64), sizes)

    def search(self, query: NDArray[np.uint64], radius: int = 31) -> list[ClipHit]:
        """Every known video with a frame near one of `query` (uint64[m, 4], distinct), most of it found first."""
        in_query = np.zeros(len(self._clips), np.int64)
        found = np.zeros(len(self._owners), bool)
        # In slices: a still video against a still one is every pair of their frames.
        for at in range(0, len(query), QUERIES_AT_ONCE):
            rows, frames, _ = self._index.search(query[at : at + QUERIES_AT_ONCE], radius=radius)
            found[frames] = True
            pairs = np.unique(rows.astype(np.int64) * len(self._clips) + self._owners[frames])
            in_query += np.bincount(pairs % max(1, len(self._clips)), minlength=len(self._clips))
        in_clip = np.bincount(self._owners[found], minlength=len(self._clips))
        hits = [
            ClipHit(int(self._clips[i]), int(in_query[i]), len(query), int(in_clip[i]), int(self._sizes[i]))
            for i in np.flatnonzero(in_clip)
        ]
        return sorted(hits, key=lambda hit: (-hit.compared_percent, -hit.query_percent, hit.clip))
