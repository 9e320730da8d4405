"""What a table holds, and when a table finds a row.

A table has a place among the 256 bits (cyclic). Of each hash it takes the `bits` that begin there, the *address*, and
the 16 bits after it, the *sketch*. Entries lie sorted by address, those of one address (a *cell*) side by side: their
sketches in one array, which is all that is read of most, and in another their *tails*: in the fast layout the row
number and the next 16 bits (6 bytes), in the lean one the number of a group of rows (3 bytes).

Why that finds everything, why the limits hold, and what it costs: docs/index.md.
"""

# mypy: disable-error-code="assignment,return-value,arg-type,no-any-return"
from __future__ import annotations

import numpy as np
import numpy.typing as npt

from signalmatch.kernels.compiling import njit
from signalmatch.kernels.hamming_bits import add_distance
from signalmatch.kernels.search import BLOCK, TAIL_FAST, Words

Hashes = npt.NDArray[np.uint64]
Sketches = npt.NDArray[np.uint16]
Bytes = npt.NDArray[np.uint8]


@njit(cache=True, nogil=True)
def window(hashes: Hashes, row: int, place: int) -> np.uint64:
    """The 64 bits of a hash that begin at bit `place`, counted from the most significant, cyclic."""
    word = place >> 6
    shift = np.uint64(place & 63)
    here = hashes[row, word] << shift
    there = (hashes[row, (word + 1) & 3] >> np.uint64(1)) >> (np.uint64(63) - shift)
    return here | there


@njit(cache=True, nogil=True)
def row_window(front: Words, back: Words, row: int, place: int) -> np.uint64:
    """`window` of a row that lies in blocks (front uint32[blocks * 192], back uint32[blocks * 320])."""
    block, j = row // BLOCK, row % BLOCK
    whole = np.uint64(0)
    last = np.uint64(0)
    for w in range(3):
        word = ((place >> 5) + w) & 7
        if word < 3:
            last = np.uint64(front[(block * 3 + word) * BLOCK + j])
        else:
            last = np.uint64(back[(block * 5 + word - 3) * BLOCK + j])
        if w < 2:
            whole = (whole << np.uint64(32)) | last
    shift = np.uint64(place & 31)
    return (whole << shift) | (last >> (np.uint64(32) - shift))


@njit(cache=True, nogil=True)
def fill_table(
    hashes: Hashes,
    place: int,
    bits: int,
    group: int,
    starts: Words,
    sketches: Sketches,
    tails: Bytes,
    width: int,
) -> tuple[int, int]:
    """Sort all rows into one table: (the longest cell, the sum over all rows of the length of their cell).

    starts uint32[2**bits + 1] must be zeros; tails uint8[entries * width], width 6 or 3. Rows of a cell keep their
    order.
    """
    count = hashes.shape[0]
    down = np.uint64(64 - bits)
    up = np.uint64(bits)
    fast = width == TAIL_FAST
    for row in range(count):
        starts[np.int64(window(hashes, row, place) >> down) + 1] += np.uint32(1)
    longest = 0
    crowd = 0
    for cell in range(starts.shape[0] - 1):
        length = np.int64(starts[cell + 1])
        longest = max(longest, length)
        crowd += length * length
        starts[cell + 1] += starts[cell]
    cursor = starts[:-1].copy()
    for row in range(count):
        here = window(hashes, row, place)
        cell = np.int64(here >> down)
        at = np.int64(cursor[cell])
        cursor[cell] += np.uint32(1)
        rest = here << up
        sketches[at] = rest >> np.uint64(48)
        number = row >> group
        tail = at * width
        if fast:
            far = (rest >> np.uint64(32)) & np.uint64(0xFFFF)
            tails[tail + 4] = far & np.uint64(0xFF)
            tails[tail + 5] = far >> np.uint64(8)
            tails[tail + 3] = number >> 24
        tails[tail] = number & 0xFF
        tails[tail + 1] = (number >> 8) & 0xFF
        tails[tail + 2] = (number >> 16) & 0xFF
    return longest, crowd


@njit(cache=True, nogil=True)
def number_at(tails: Bytes, width: int, at: int) -> int:
    """The number in the tail of an entry: of a row, or of a group of rows."""
    tail = at * width
    number = np.int64(tails[tail]) | (np.int64(tails[tail + 1]) << 8) | (np.int64(tails[tail + 2]) << 16)
    if width == TAIL_FAST:
        number |= np.int64(tails[tail + 3]) << 24
    return number


@njit(cache=True, nogil=True)
def is_row(
    front: Words,
    back: Words,
    row: int,
    place: int,
    bits: int,
    cell: int,
    group: int,
    tails: Bytes,
    width: int,
    at: int,
    begin: int,
) -> bool:
    """Whether the entry at `at`, of a cell that begins at `begin`, is this row's.

    Entries of a cell are in the order of their rows. So the r-th of a group's entries there is the r-th row of the
    group that has this address. (This also turns away the entries of the neighbouring cells on a first or last line.)
    """
    down = np.uint64(64 - bits)
    if at < begin or np.int64(row_window(front, back, row, place) >> down) != cell:
        return False
    number = row >> group
    before = 0
    while at - 1 - before >= begin and number_at(tails, width, at - 1 - before) == number:
        before += 1
    for other in range(number << group, row):
        if np.int64(row_window(front, back, other, place) >> down) == cell:
            before -= 1
    return before == 0


@njit(cache=True, nogil=True)
def finds(
    wanted: np.uint64,
    here: np.uint64,
    bits: int,
    fast: bool,
    reach: int,
    whole_limit: int,
    part_mask: int,
    part_limit: int,
    far_limit: int,
) -> bool:
    """Whether a table finds the row whose window is `here` for the query whose window is `wanted`."""
    differs = wanted ^ here
    zero = np.uint32(0)
    x = np.int64(add_distance(zero, np.uint32(differs >> np.uint64(64 - bits)), zero))
    rest = differs << np.uint64(bits)
    sketch = np.uint32(rest >> np.uint64(48))
    if x > reach or x + np.int64(add_distance(zero, sketch, zero)) > whole_limit:
        return False
    if x + np.int64(add_distance(zero, sketch & np.uint32(part_mask), zero)) > part_limit:
        return False
    return not fast or x + np.int64(add_distance(zero, np.uint32(rest >> np.uint64(32)), zero)) <= far_limit


def fill_table_reference(
    hashes: Hashes, place: int, bits: int, group: int, width: int
) -> tuple[list[int], list[int], bytes]:
    """The plain twin of `fill_table`: (starts, sketches, tails)."""
    whole = [int.from_bytes(row.astype(">u8").tobytes(), "big") for row in hashes]
    turned = [(value << place | value >> (256 - place)) & (2**256 - 1) for value in whole]
    order = sorted(range(len(turned)), key=lambda row: turned[row] >> (256 - bits))
    starts = [0] * (2**bits + 1)
    for value in turned:
        starts[(value >> (256 - bits)) + 1] += 1
    for cell in range(2**bits):
        starts[cell + 1] += starts[cell]
    sketches = [(turned[row] >> (240 - bits)) & 0xFFFF for row in order]
    tails = b""
    for row in order:
        if width == TAIL_FAST:
            tails += (row >> group).to_bytes(4, "little")
            tails += ((turned[row] >> (224 - bits)) & 0xFFFF).to_bytes(2, "little")
        else:
            tails += (row >> group).to_bytes(3, "little")
    return starts, sketches, tails
