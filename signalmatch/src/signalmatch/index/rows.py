"""Rows of hashes, laid out for the kernels.

`hashes` everywhere in the public interface are uint64[n, 4], the most significant word first. Inside they lie in
blocks of 64 (`kernels.hamming`), on addresses that are whole cache lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from signalmatch.errors import BadHashes
from signalmatch.kernels.search import BACK_WORDS, BLOCK, FRONT_WORDS, TILE, scan

Hashes = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.int64]
Pairs = tuple[Numbers, Numbers, Numbers]
"""(query, row or id, distance) of what was found, three arrays of one length."""

_LINE = 64
_SLICE = 1 << 20
_ROOM = 1 << 14


def aligned(shape: int | tuple[int, ...], kind: Any) -> npt.NDArray[Any]:
    """Zeros that begin on a cache line, which numpy does not promise."""
    size = int(np.prod(shape)) * np.dtype(kind).itemsize
    raw = np.zeros(size + _LINE, np.uint8)
    start = -raw.ctypes.data % _LINE
    whole: npt.NDArray[Any] = raw[start : start + size].view(kind).reshape(shape)
    return whole


def as_hashes(hashes: npt.ArrayLike | Sequence[bytes]) -> Hashes:
    """uint64[n, 4] of what the caller has: that, one hash uint64[4], or 32-byte strings. BadHashes says why not."""
    if isinstance(hashes, (list, tuple)) and hashes and all(isinstance(one, bytes) for one in hashes):
        if any(len(one) != 32 for one in hashes):
            raise BadHashes("a 256-bit hash is 32 bytes long")
        return np.frombuffer(b"".join(hashes), ">u8").astype(np.uint64).reshape(-1, 4)
    array = np.asarray(hashes)
    if array.size == 0:
        return np.zeros((0, 4), np.uint64)
    if array.dtype == np.int64 and array.min() >= 0:
        array = array.astype(np.uint64)
    if array.dtype != np.uint64 or array.ndim not in (1, 2) or array.shape[-1] != 4:
        raise BadHashes(
            f"hashes are uint64[n, 4], the most significant word first; got {array.dtype}{array.shape}"
        )
    return np.require(array.reshape(-1, 4), requirements=["C", "W", "A"])


def as_words(hashes: Hashes) -> npt.NDArray[np.uint32]:
    """uint32[n, 8], the most significant word first."""
    words = np.empty((len(hashes), 8), np.uint32)
    words[:, 0::2] = hashes >> np.uint64(32)
    words[:, 1::2] = hashes & np.uint64(0xFFFFFFFF)
    return words


@dataclass(frozen=True)
class Rows:
    """n hashes in blocks, and their ids. Row numbers are positions here. Never changed once it is shown to a reader."""

    count: int
    front: npt.NDArray[np.uint32]
    back: npt.NDArray[np.uint32]
    ids: Numbers

    @classmethod
    def of(cls, hashes: Hashes, ids: Numbers) -> Rows:
        count = len(hashes)
        blocks = -(-count // BLOCK)
        front = aligned((blocks, FRONT_WORDS, BLOCK), np.uint32)
        back = aligned((blocks, BACK_WORDS, BLOCK), np.uint32)
        for start in range(0, count, _SLICE):
            part = hashes[start : start + _SLICE]
            _lay(front, back, start // BLOCK, as_words(part))
        return cls(count, front, back, np.array(ids, np.int64))

    def hashes(self, start: int = 0, end: int | None = None) -> Hashes:
        """uint64[.., 4] of the rows from start to end."""
        end = self.count if end is None else min(end, self.count)
        if end <= start:
            return np.zeros((0, 4), np.uint64)
        blocks = slice(start // BLOCK, -(-end // BLOCK))
        words = np.concatenate([self.front[blocks], self.back[blocks]], axis=1)
        words = words.transpose(0, 2, 1).reshape(-1, 8)[start % BLOCK :][: end - start]
        halves = words.astype(np.uint64)
        return np.ascontiguousarray(halves[:, 0::2] << np.uint64(32) | halves[:, 1::2])

    @property
    def nbytes(self) -> int:
        return self.front.nbytes + self.back.nbytes + self.ids.nbytes

    def compare_all(self, queries: npt.NDArray[np.uint32], radius: int) -> Pairs:
        """(query, row, distance) of every pair within the radius: brute force."""
        if not self.count or not len(queries):
            return nothing()
        room = TILE * BLOCK + max(_ROOM, 8 * len(queries))
        steps = -(-len(self.front) // TILE) * len(queries)
        step, parts = 0, []
        while step < steps:
            step, found = scan(
                self.front.reshape(-1), self.back.reshape(-1), self.count, queries, radius, step, room
            )
            parts.append(found)
            room = min(room * 4, 1 << 22)
        return joined(parts)


def nothing() -> Pairs:
    return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.int64)


def joined(parts: Sequence[tuple[npt.NDArray[Any], ...]]) -> Pairs:
    if len(parts) == 1:
        return parts[0][0], parts[0][1], parts[0][2]
    if not parts:
        return nothing()
    query, row, distance = (np.concatenate(column) for column in zip(*parts, strict=True))
    return query, row, distance


def _lay(front: npt.NDArray[Any], back: npt.NDArray[Any], block: int, words: npt.NDArray[np.uint32]) -> None:
    """Write rows into the blocks from `block` on; a last block that is not full is filled with zeros."""
    blocks = -(-len(words) // BLOCK)
    if len(words) % BLOCK:
        words = np.concatenate([words, np.zeros((blocks * BLOCK - len(words), 8), np.uint32)])
    laid = words.reshape(blocks, BLOCK, 8).transpose(0, 2, 1)
    front[block : block + blocks] = laid[:, :FRONT_WORDS]
    back[block : block + blocks] = laid[:, FRONT_WORDS:]
