"""A JPEG's Huffman codes as tables that answer two symbols at once, and its scan without the stuffed zeros.

An entry is 64 bits: 0 to 5 the bits that it uses; 8 to 15 how many zeros come before the first value, 16 to 23 how far
behind it the second stands, 24 to 31 how far both go together; 32 to 47 and 48 to 63 the values. An entry of one symbol
has a second value of zero. END tells that the block is over. Where the bits don't fit into the table's LOOK, an entry
uses none and holds the symbol (8 to 15) and its code's length (from 32), or is zero: then the code itself is longer.
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call,assignment,return-value,arg-type,operator,no-any-return"
from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba.extending import intrinsic

from signalmatch.kernels import vectors as v
from signalmatch.kernels.compiling import njit, types
from signalmatch.kernels.photo import LOOK

Bytes = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.int64]
Entries = npt.NDArray[np.uint64]

END = 128
"""Further than any position in a block: added to it when the block is over."""
_ONES, _EIGHTIES = np.uint64(0x0101010101010101), np.uint64(0x8080808080808080)


def _eight_bytes(_typing, array, index):
    """The number that eight bytes from `index` on make, the first the most significant (little-endian machines)."""

    def code(context, builder, signature, arguments):
        at = v.whole(context, builder, signature, arguments, 1)
        return builder.bswap(v.load(builder, v.data_of(context, builder, signature, arguments, 0), at, v.I64))

    return types.uint64(array, index), code


def _copy_eight(_typing, array, index, word):
    """Write what `eight_bytes` read."""

    def code(context, builder, signature, arguments):
        at = v.whole(context, builder, signature, arguments, 1)
        word = builder.bswap(v.whole(context, builder, signature, arguments, 2, types.uint64))
        v.store(builder, word, v.data_of(context, builder, signature, arguments, 0), at)
        return context.get_dummy_value()

    return types.void(array, index, word), code


eight_bytes: Any = intrinsic(_eight_bytes)
_copy: Any = intrinsic(_copy_eight)


@njit(nogil=True)
def without_stuffing(data: Bytes, start: int, out: Bytes) -> tuple[int, int]:
    """Copy a scan from `start` to the next marker, FF 00 as FF: (bytes copied, place of the marker or -1).

    `out` is as long as data.
    """
    at, to = start, 0
    while at < data.size - 8:
        word = eight_bytes(data, at)
        absent = ~word
        if ((absent - _ONES) & ~absent & _EIGHTIES) == 0:
            _copy(out, to, word)
            at += 8
            to += 8
            continue
        for _ in range(8):
            if at >= data.size - 1:
                return to, -1
            byte = data[at]
            if byte == 255:
                if data[at + 1] != 0:
                    return to, at
                at += 1
            out[to] = byte
            to += 1
            at += 1
    while at < data.size - 1:
        byte = data[at]
        if byte == 255:
            if data[at + 1] != 0:
                return to, at
            at += 1
        out[to] = byte
        to += 1
        at += 1
    return to, -1


@njit(nogil=True)
def _symbol(symbol: int, length: int, bits: np.uint64, first: bool) -> tuple[int, int, int]:
    """(value, zeros before it, bits used) of a symbol whose code is `length` of `bits`; no bits: not allowed here."""
    size, zeros = symbol & 15, symbol >> 4
    if first:
        if symbol > 11:
            return 0, 0, 0
    elif size == 0:
        if zeros == 0:
            return 0, END - 1, length
        if zeros != 15:
            return 0, 0, 0
    elif size > 10:
        return 0, 0, 0
    value = 0
    if size:
        value = np.int64((bits << np.uint64(length)) >> np.uint64(64 - size))
        if value < 1 << (size - 1):
            value -= (1 << size) - 1
    return value, zeros, length + size


@njit(nogil=True)
def _entry(used: int, zeros: int, behind: int, together: int, value: int, second: int) -> np.uint64:
    low = used | zeros << 8 | behind << 16 | together << 24
    return (
        np.uint64(low)
        | np.uint64(value & 0xFFFF) << np.uint64(32)
        | np.uint64(second & 0xFFFF) << np.uint64(48)
    )


@njit(nogil=True)
def fill_codes(
    counts: Numbers, symbols: Bytes, first: bool, table: Entries, greatest: Numbers, shift: Numbers
) -> bool:
    """One symbol an entry: table uint64[1 << LOOK], and for longer codes the greatest of each length (int64[17]) and
    how far its symbols lie from its codes. counts int64[16], symbols uint8[256]. False: these are no codes."""
    code, at = 0, 0
    table[:] = 0
    for length in range(1, 17):
        many = counts[length - 1]
        shift[length] = at - code
        # No code is all ones, libjpeg says, used or not; where no code is this long there is nothing to ask.
        if code + many >= 1 << length or at + many > 256:
            return False
        for k in range(many):
            if length > LOOK:
                break
            symbol = np.int64(symbols[at + k])
            begin = (code + k) << (LOOK - length)
            for place in range(begin, begin + (1 << (LOOK - length))):
                value, zeros, used = _symbol(symbol, length, np.uint64(place) << np.uint64(64 - LOOK), first)
                if used > LOOK or used == 0:  # `longer` refuses what is not allowed
                    table[place] = np.uint64(symbol << 8 | length << 32)
                else:
                    table[place] = _entry(used, zeros, 1, zeros + 1, value, 0)
        at += many
        code += many
        greatest[length] = code - 1 if many else -1
        code <<= 1
    return True


@njit(nogil=True)
def pair_codes(one: Entries, two: Entries) -> None:
    """Of a table of single symbols one that takes the next symbol, too, where both fit into LOOK bits."""
    for place in range(1 << LOOK):
        entry = np.int64(one[place])
        used, zeros = entry & 63, (entry >> 8) & 255
        two[place] = one[place]
        if used == 0 or zeros >= END - 1:
            continue
        following = np.int64(one[(place << used) & ((1 << LOOK) - 1)])
        more, between = following & 63, (following >> 8) & 255
        if more and used + more <= LOOK:
            two[place] = _entry(
                used + more, zeros, between + 1, zeros + between + 2, entry >> 32, following >> 32
            )


@njit(nogil=True)
def longer(
    bits: np.uint64,
    known: np.uint64,
    greatest: Numbers,
    shift: Numbers,
    symbols: Bytes,
    table: int,
    first: bool,
) -> np.uint64:
    """The entry of one symbol that the table could not hold; 0: no such code. greatest, shift int64[8, 17]."""
    length, symbol = np.int64(known >> np.uint64(32)), np.int64(known >> np.uint64(8)) & 255
    if known == 0:
        length = LOOK + 1
        while length <= 16 and np.int64(bits >> np.uint64(64 - length)) > greatest[table, length]:
            length += 1
        if length > 16:
            return np.uint64(0)
        symbol = np.int64(
            symbols[table, (np.int64(bits >> np.uint64(64 - length)) + shift[table, length]) & 255]
        )
    value, zeros, used = _symbol(symbol, length, bits, first)
    return _entry(used, zeros, 1, zeros + 1, value, 0) if used else np.uint64(0)
