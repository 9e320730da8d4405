"""The usual JPEG, told by its header, and decoded by our own kernel: a fifth quicker than libjpeg, the same pixels.

Usual is what telephones and messengers write: one baseline scan, 8 bits, YCbCr with colours at half the resolution
(4:2:0 or 4:2:2), no restart markers. `usual_pixels` gives None for every other one, and for whatever is odd in it: then
libjpeg decodes it, and has the last word (docs/photos.md).
"""

from __future__ import annotations

import sys
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from signalmatch.kernels.photo import SLACK, ZIGZAG, decode_usual, rooms_for

Data = bytes | bytearray | memoryview
Parts = tuple[tuple[int, bytes], ...]
"""Of a header: (kind, what it holds)."""

_LEAST_SIDE = 64
_MOST_PARTS = 600
"""Of a header. 256 MB could hold 64 million empty ones: minutes of Python. Profiles take 255 parts at most."""
_KEPT_MOST = 8192
"""Bytes of a header that is remembered: the usual one has some 600."""
_MOST_OF_TABLES = 2 + 8 * (17 + 256)
"""Bytes of a part that holds tables: eight of codes, each with every symbol there is."""
_SKIPPED = {*range(0xE0, 0xF0), 0xFE}
"""APP0 to APP15 and comments."""


class _Unusual(Exception):
    """A header that this does not take."""


class _Header:
    """What a header's parts say, as the kernel wants it."""

    def __init__(self, parts: Parts, height: int, width: int) -> None:
        self.counts = np.zeros((8, 16), np.int64)
        self.symbols = np.zeros((8, 256), np.uint8)
        self.factors = np.zeros((3, 64), np.int32)
        self.codes = np.zeros((3, 2), np.int64)
        self.rows_a_sample = 0
        self._components: list[tuple[int, int]] = []  # name, factors' table
        self._tables: dict[int, NDArray[np.uint8]] = {}
        self._known: set[int] = set()
        self._size = (height, width)
        read = {0xDB: self._factors, 0xC4: self._codes, 0xC0: self._frame, 0xDA: self._scan}
        for kind, part in parts:
            read[kind](part)

    def _factors(self, part: bytes) -> None:
        while part:
            if part[0] > 3 or len(part) < 65:
                raise _Unusual
            self._tables[part[0]] = np.frombuffer(part[1:65], np.uint8)
            part = part[65:]

    def _codes(self, part: bytes) -> None:
        while part:
            number = (part[0] >> 4) * 4 + (part[0] & 15)
            if part[0] & 0xEC or len(part) < 17:
                raise _Unusual
            many = sum(part[1:17])
            if many > 256 or len(part) < 17 + many:
                raise _Unusual
            # libjpeg refuses a first value's code for more than 15 bits even where nothing uses it.
            if number < 4 and max(part[17 : 17 + many], default=0) > 15:
                raise _Unusual
            self.counts[number] = np.frombuffer(part[1:17], np.uint8)
            self.symbols[number] = 0
            self.symbols[number, :many] = np.frombuffer(part[17 : 17 + many], np.uint8)
            self._known.add(number)
            part = part[17 + many :]

    def _frame(self, part: bytes) -> None:
        size = int.from_bytes(part[1:3], "big"), int.from_bytes(part[3:5], "big")
        if self._components or len(part) != 15 or part[0] != 8 or part[5] != 3 or size != self._size:
            raise _Unusual
        sampling = part[7], part[10], part[13]
        if sampling not in {(0x22, 0x11, 0x11), (0x21, 0x11, 0x11)}:
            raise _Unusual
        self.rows_a_sample = sampling[0] & 15
        self._components = [(part[6 + 3 * n], part[8 + 3 * n]) for n in range(3)]

    def _scan(self, part: bytes) -> None:
        if len(part) != 10 or part[0] != 3 or len(self._components) != 3 or bytes(part[7:]) != b"\0\x3f\0":
            raise _Unusual
        for n, (name, table) in enumerate(self._components):
            first, others = part[2 + 2 * n] >> 4, part[2 + 2 * n] & 15
            if part[1 + 2 * n] != name or table not in self._tables or not {first, 4 + others} <= self._known:
                raise _Unusual
            if first > 3 or others > 3:
                raise _Unusual
            self.codes[n] = first, others
            self.factors[n, ZIGZAG] = self._tables[table]


def header_of(view: memoryview, height: int, width: int) -> tuple[_Header, int]:
    """What the header says, and where the scan begins. _Unusual: not this one."""
    parts, start = _parts(view)
    known = _header if sum(len(part) for _, part in parts) <= _KEPT_MOST else _header.__wrapped__
    return known(parts, height, width), start


@lru_cache(maxsize=32)
def _header(parts: Parts, height: int, width: int) -> _Header:
    """One camera writes one header, but for what is skipped."""
    return _Header(parts, height, width)


def _parts(view: memoryview) -> tuple[Parts, int]:
    """The parts up to the scan that matter, and where the scan begins."""
    parts: list[tuple[int, bytes]] = []
    at = 2
    for _ in range(_MOST_PARTS):
        if at + 4 > len(view) or view[at] != 0xFF:
            break
        kind, length = view[at + 1], int.from_bytes(view[at + 2 : at + 4], "big")
        if length < 2 or at + 2 + length > len(view):
            break
        if kind in (0xC4, 0xDB, 0xC0, 0xDA):
            if length > _MOST_OF_TABLES:
                break
            parts.append((kind, bytes(view[at + 4 : at + 2 + length])))
        elif kind not in _SKIPPED:
            break
        at += 2 + length
        if kind == 0xDA:
            return tuple(parts), at
    raise _Unusual


def usual_pixels(
    data: Data, height: int, width: int, room: NDArray[np.uint8] | None, *, grey: bool = False
) -> NDArray[np.uint8] | None:
    """uint8[height, width, 3] in RGB, with `grey` uint8[height, width] of luminance; None where libjpeg must be asked.

    Only for what libjpeg itself calls YCbCr of this height and width. room: bytes that the pixels may be put into.
    """
    if min(height, width) < _LEAST_SIDE or sys.byteorder != "little":
        return None
    view = memoryview(data).cast("B")
    try:
        header, start = header_of(view, height, width)
    except _Unusual:
        return None
    shape = (height, width) if grey else (height, width, 3)
    size = height * width * (1 if grey else 3)
    out = room if room is not None and room.size >= size + SLACK else np.empty(size + SLACK, np.uint8)
    why_not = decode_usual(
        np.frombuffer(view, np.uint8),
        start,
        header.counts,
        header.symbols,
        header.factors,
        header.codes,
        header.rows_a_sample,
        height,
        width,
        grey,
        rooms_for(len(view), width),
        out,
    )
    return None if why_not else out[:size].reshape(shape)
