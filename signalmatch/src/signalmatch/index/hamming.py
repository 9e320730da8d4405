"""The index of 256-bit hashes: everything within a radius, exactly.

A reader takes the state once (one attribute) and works on it; a writer makes a new state beside it and puts it in
place. So any number of threads may search while another adds, removes or rebuilds, and each search sees one moment.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt

from signalmatch.errors import BadHashes
from signalmatch.index import files
from signalmatch.index.plan import Plan
from signalmatch.index.rows import Hashes, Numbers, as_hashes, as_words, joined, nothing
from signalmatch.index.state import State

RADIUS_MOST = 63
_BATCH = 4096
"""Queries that are worked on at once by one thread."""


class HammingIndex:
    """Hashes of 256 bits with ids of yours. Make one by `build` or `open`."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._writing = threading.Lock()

    @classmethod
    def build(
        cls,
        hashes: npt.ArrayLike | Sequence[bytes],
        ids: npt.ArrayLike | None = None,
        mode: str = "auto",
        *,
        radius: int = 31,
        threads: int = 1,
    ) -> HammingIndex:
        """An index of hashes uint64[n, 4] (most significant word first) under ids int64[n] (without: 0, 1, 2 ...).

        Ids may repeat, hashes too: each row stays. mode: "auto" chooses from the number, the data and the memory
        that is free; "fast", "lean", "plain" insist (see `plan`). radius is the one that matters most; any from 0 to
        63 stays exact. BadHashes for wrong kinds or shapes.
        """
        rows = as_hashes(hashes)
        return cls(State.of(rows, _as_ids(ids, len(rows)), mode, _as_radius(radius), threads))

    @classmethod
    def open(cls, path: str | os.PathLike[str], *, verify: bool = False) -> HammingIndex:
        """Map a saved index, read-only: one copy in memory for all processes. `verify` reads and checks every byte.

        Changes to it (`add`, `remove`) stay in this process until `save`. BadIndexFile, OSError.
        """
        return cls(State.read(*files.read(path, verify=verify)))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the file (its format: `files`), whole or not at all, flushed to the disk."""
        state = self._state
        files.write(path, *state.written())

    def __len__(self) -> int:
        return self._state.count

    @property
    def plan(self) -> Plan:
        """Which layout, its parameters, its bytes, and why."""
        return self._state.plan

    def explain(self, radius: int = 31) -> str:
        """In sentences: the layout and why, what is added and removed since, and how this radius is searched."""
        return self._state.explain(_as_radius(radius))

    @property
    def nbytes(self) -> int:
        """Bytes that the arrays of the index take, here or in the mapped file."""
        return self._state.nbytes

    def search(
        self, queries: npt.ArrayLike | Sequence[bytes], radius: int = 31, *, threads: int = 1
    ) -> tuple[Numbers, Numbers, Numbers]:
        """Everything at a distance of at most radius (0 to 63): (query_row, id, distance), int64 each.

        queries uint64[q, 4], or one hash uint64[4], or 32-byte strings. Ordered by query, then distance.
        """
        state = self._state
        wanted = as_hashes(queries)
        radius = _as_radius(radius)
        if not len(wanted) or not state.count:
            return nothing()
        if threads <= 1 and len(wanted) <= _BATCH:
            return _ordered(*state.search(wanted, as_words(wanted), radius))
        size = min(_BATCH, -(-len(wanted) // max(threads, 1)))
        starts = range(0, len(wanted), size)

        def part(start: int) -> tuple[Numbers, Numbers, Numbers]:
            some = wanted[start : start + size]
            query, identity, distance = state.search(some, as_words(some), radius)
            return query + start, identity, distance

        if threads > 1 and len(starts) > 1:
            with ThreadPoolExecutor(threads) as pool:
                parts = list(pool.map(part, starts))
        else:
            parts = [part(start) for start in starts]
        return _ordered(*joined(parts))

    def add(self, hashes: npt.ArrayLike | Sequence[bytes], ids: npt.ArrayLike) -> None:
        """More rows. They are searched by brute force until they are many; then everything is rebuilt, here and now,
        while readers go on with what there was."""
        rows = as_hashes(hashes)
        numbers = _as_ids(ids, len(rows))
        with self._writing:
            state = self._state.with_added(rows, numbers)
            self._state = state.rebuilt() if state.wants_rebuilding else state

    def remove(self, ids: npt.ArrayLike) -> int:
        """Every row under these ids; gives how many rows went. Unknown ids are no error."""
        with self._writing:
            before = self._state.count
            self._state = self._state.without(_as_ids(ids, None))
            return before - self._state.count

    def rebuild(self, mode: str | None = None, *, threads: int = 1) -> None:
        """Take what was added and removed into the layout (a new one if mode says so). Readers don't wait."""
        with self._writing:
            self._state = self._state.rebuilt(mode, threads)

    def rows(self) -> tuple[Hashes, Numbers]:
        """Everything that is in it: (hashes uint64[n, 4], ids int64[n])."""
        return self._state.rows()


def _as_ids(ids: npt.ArrayLike | None, count: int | None) -> Numbers:
    if ids is None:
        return np.arange(count or 0, dtype=np.int64)
    array: npt.NDArray[Any] = np.asarray(ids)
    if array.size == 0:
        array = np.zeros(0, np.int64)
    array = array.reshape(1) if array.ndim == 0 and count is None else array
    if array.ndim != 1 or array.dtype.kind not in "iu" or (count is not None and len(array) != count):
        raise BadHashes(f"ids are int64[n], one a hash; got {array.dtype}{array.shape}")
    if array.dtype == np.uint64 and array.max(initial=0) > np.iinfo(np.int64).max:
        raise BadHashes("an id does not fit into int64")
    return array.astype(np.int64)


def _as_radius(radius: int) -> int:
    if not 0 <= radius <= RADIUS_MOST:
        raise BadHashes(f"the radius is from 0 to {RADIUS_MOST}; got {radius}")
    return int(radius)


def _ordered(query: Numbers, identity: Numbers, distance: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """By query, then distance."""
    if len(query) < 2:
        return query, identity, distance
    key = query * (RADIUS_MOST + 1) + distance
    # numpy sorts 16 bits by radix, in a tenth of the time.
    short = key.max() <= np.iinfo(np.uint16).max
    order = np.argsort(key.astype(np.uint16) if short else key, kind="stable")
    return query[order], identity[order], distance[order]
