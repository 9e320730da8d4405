"""The usual JPEG (one baseline scan, colours at half the resolution) to RGB, bit for bit as libjpeg decodes it.

libjpeg takes half of its time for the Huffman codes; this takes two symbols a look-up (`jpeg_codes`) and does the rest
in vectors (`jpeg_blocks`). Its plain twin is libjpeg. It reads strangers' bytes without any library's checks, so it
leaves at the first thing that is not as it should be, and libjpeg has the word: a code that isn't one, a value past the
end of a block, sums that could leave sixteen bits, a scan that is too short or too long. All that it writes to is sized
by the picture, and each place is bounded by a mask or by the loops, never by what the file says. It takes the rooms
that it writes to (`rooms_for`) and makes none, so that a test can put each of them against pages that nobody may touch.
"""

# mypy: disable-error-code="assignment,return-value,arg-type,operator,no-untyped-call"
from __future__ import annotations

import numpy as np
import numpy.typing as npt

from signalmatch.kernels.compiling import kept, njit, types
from signalmatch.kernels.jpeg_blocks import fill, inverse, paint_across, paint_both
from signalmatch.kernels.jpeg_codes import (
    END,
    Bytes,
    Numbers,
    eight_bytes,
    fill_codes,
    longer,
    pair_codes,
    without_stuffing,
)
from signalmatch.kernels.machine_code import Rooms
from signalmatch.kernels.photo import LOOK, RING, ZEROS_BEHIND, ZIGZAG

_MOST = 5800
"""What a block's coefficients may add up to. Its sums stay under 4 × 1.39 times that, within sixteen bits."""
_MOST_FIRST = 30_000
_U = np.uint64
_63, _56, _3, _8, _16, _24, _32, _48, _255 = (_U(n) for n in (63, 56, 3, 8, 16, 24, 32, 48, 255))
_TOP, _1, _64 = _U(64 - LOOK), _U(1), _U(64)

# Where the value of each position goes; 64, which is nobody's, for all that lie behind the block.
_PLACE = np.full(512, 64, np.uint8)
_PLACE[:64] = ZIGZAG
_PLACE.flags.writeable = False

_BYTES1 = types.Array(types.uint8, 1, "C", readonly=True)
_BYTES2 = types.Array(types.uint8, 2, "C", readonly=True)
_NUMBERS2 = types.Array(types.int64, 2, "C", readonly=True)
_FACTORS = types.Array(types.int32, 2, "C", readonly=True)
_OUT = types.Array(types.uint8, 1, "C")
_ROOMS = types.Tuple(
    [
        types.Array(kind, dimensions, "C")
        for kind, dimensions in [
            (types.uint8, 1),
            (types.uint64, 2),
            (types.int64, 3),
            (types.uint8, 1),
            (types.uint16, 2),
            (types.int16, 1),
            (types.int64, 1),
        ]
    ]
)


@njit(nogil=True)
def _paint_rows(
    planes: Bytes,
    begin: int,
    end: int,
    rows_a_sample: int,
    height: int,
    width: int,
    pitch: int,
    half_pitch: int,
    sums: npt.NDArray[np.uint16],
    out: Bytes,
) -> None:
    """Rows from begin to end, whose samples (and one row beyond them) lie in the rings."""
    samples = (width + 1) // 2
    last = (height + rows_a_sample - 1) // rows_a_sample - 1
    for y in range(begin, end):
        near = y // rows_a_sample
        far = max(0, min(last, near + (1 if y & 1 else -1)))
        for colour in range(2):
            line = sums[colour]
            start = RING * pitch + colour * (RING // 2) * half_pitch
            here = planes[start + (near & 31) * half_pitch :][:samples]
            there = planes[start + (far & 31) * half_pitch :][:samples]
            if rows_a_sample == 2:
                for x in range(samples):
                    line[x + 16] = np.uint16(here[x]) * np.uint16(3) + np.uint16(there[x])
            else:
                for x in range(samples):
                    line[x + 16] = here[x]
            line[15] = line[16]
            line[16 + samples] = line[15 + samples]
        light = (y & (RING - 1)) * pitch
        for x in range(0, samples, 16):
            to = (y * width + 2 * x) * 3
            if rows_a_sample == 2:
                paint_both(planes, light + 2 * x, sums[0], sums[1], x + 16, out, to)
            else:
                paint_across(planes, light + 2 * x, sums[0], sums[1], x + 16, out, to)


@njit(nogil=True)
def _passed_over(
    clean: Bytes,
    bits: np.uint64,
    have: np.uint64,
    at: np.uint64,
    ones: npt.NDArray[np.uint64],
    twos: npt.NDArray[np.uint64],
    from_code: np.uint64,
    greatest: Numbers,
    shift: Numbers,
    symbols: Bytes,
    code: int,
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    """(bits, have, at, k) behind a block whose first value has been read; k is 0 where there is no such code."""
    k = _1
    while k < _64:
        # As where values are kept: from 48 on a second symbol could belong to the next block.
        entry = twos[from_code + (bits >> _TOP)] if k < _48 else ones[from_code + (bits >> _TOP)]
        if entry & _63 == 0:
            entry = longer(bits, entry, greatest, shift, symbols, code, False)
            if entry == 0:
                return bits, have, at, _U(0)
        bits <<= entry & _63
        have -= entry & _63
        k += (entry >> _24) & _255
        bits |= eight_bytes(clean, at) >> have
        at += (_63 - have) >> _3
        have |= _56
    return bits, have, at, k


@kept(
    _BYTES1,
    types.intp,
    _NUMBERS2,
    _BYTES2,
    _FACTORS,
    _NUMBERS2,
    types.intp,
    types.intp,
    types.intp,
    types.intp,
    _ROOMS,
    _OUT,
)
def decode_usual(  # noqa: PLR0911  each says what was odd
    data: Bytes,
    start: int,
    counts: Numbers,
    symbols: Bytes,
    factors: npt.NDArray[np.int32],
    codes: Numbers,
    rows_a_sample: int,
    height: int,
    width: int,
    grey: int,
    rooms: Rooms,
    out: Bytes,
) -> int:
    """RGB into out (height × width × 3 bytes and SLACK), or with `grey` the luminance as it is stored.

    0: done, and the scan ends in its end marker; else why not.

    data: the file; its scan begins at `start`. counts int64[8, 16] and symbols uint8[8, 256]: four tables for first
    values and four for the others. factors int32[3, 64] in rows. codes int64[3, 2]: which two of the eight each
    component uses. rows_a_sample: 2 or 1, of the colours; along a row they have one for two pixels.
    rooms: of `rooms_for`, with anything in them.
    """
    clean, tables, limits, planes, sums, values, before = rooms
    planes[:] = 0
    sums[:] = 0
    values[:] = 0
    before[:] = 0
    length, marker = without_stuffing(data, start, clean)
    if marker < 0 or data[marker + 1] != 0xD9:
        return 1
    clean[length : length + ZEROS_BEHIND] = 0
    ones, twos = tables[0], tables[1]
    greatest, shift = limits[0], limits[1]
    for table in range(8):
        part = slice(table << LOOK, (table + 1) << LOOK)
        if not fill_codes(
            counts[table], symbols[table], table < 4, ones[part], greatest[table], shift[table]
        ):
            return 2
        if table >= 4:  # no pairs are asked for among first values
            pair_codes(ones[part], twos[part])
    across, down = (width + 15) // 16, (height + 8 * rows_a_sample - 1) // (8 * rows_a_sample)
    pitch, half_pitch = across * 16 + 64, across * 8 + 64
    bits, have, at, end = _U(0), _U(0), _U(0), _U(length + 8)
    painted = 0
    for band in range(down):
        for unit in range(across):
            for component in range(3):
                code_first, code = codes[component, 0] & 3, 4 + (codes[component, 1] & 3)
                from_first, from_code = _U(code_first << LOOK), _U(code << LOOK)
                for block in range(2 * rows_a_sample if component == 0 else 1):
                    # At least 56 bits from here: enough for two symbols of 27.
                    if at > end:
                        return 3
                    bits |= eight_bytes(clean, at) >> have
                    at += (_63 - have) >> _3
                    have |= _56
                    entry = ones[from_first + (bits >> _TOP)]
                    if entry & _63 == 0:
                        entry = longer(bits, entry, greatest, shift, symbols, code_first, True)
                        if entry == 0:
                            return 4
                    bits <<= entry & _63
                    have -= entry & _63
                    before[component] += np.int64(np.int16(entry >> _32))
                    first = before[component]
                    if abs(first) > _MOST_FIRST:
                        return 5
                    bits |= eight_bytes(clean, at) >> have
                    at += (_63 - have) >> _3
                    have |= _56
                    k = _1
                    if grey and component:  # nobody wants its values, only where they end
                        bits, have, at, k = _passed_over(
                            clean, bits, have, at, ones, twos, from_code, greatest, shift, symbols, code
                        )
                        if k == 0:
                            return 4
                        if _64 < k < _U(END):
                            return 6
                        continue
                    values[0] = first
                    # Two symbols can't both end behind the block while the first begins before 48.
                    while k < _48:
                        entry = twos[from_code + (bits >> _TOP)]
                        if entry & _63 == 0:
                            entry = longer(bits, entry, greatest, shift, symbols, code, False)
                            if entry == 0:
                                return 4
                        bits <<= entry & _63
                        have -= entry & _63
                        place = k + ((entry >> _8) & _255)
                        values[_U(_PLACE[place])] = np.int16(entry >> _32)
                        values[_U(_PLACE[place + ((entry >> _16) & _255)])] = np.int16(entry >> _48)
                        k += (entry >> _24) & _255
                        if k < _48:
                            entry = twos[from_code + (bits >> _TOP)]
                            if entry & _63 == 0:
                                entry = longer(bits, entry, greatest, shift, symbols, code, False)
                                if entry == 0:
                                    return 4
                            bits <<= entry & _63
                            have -= entry & _63
                            place = k + ((entry >> _8) & _255)
                            values[_U(_PLACE[place])] = np.int16(entry >> _32)
                            values[_U(_PLACE[place + ((entry >> _16) & _255)])] = np.int16(entry >> _48)
                            k += (entry >> _24) & _255
                        bits |= eight_bytes(clean, at) >> have
                        at += (_63 - have) >> _3
                        have |= _56
                    while k < _64:
                        entry = ones[from_code + (bits >> _TOP)]
                        if entry & _63 == 0:
                            entry = longer(bits, entry, greatest, shift, symbols, code, False)
                            if entry == 0:
                                return 4
                        bits <<= entry & _63
                        have -= entry & _63
                        k += (entry >> _8) & _255
                        values[_U(_PLACE[k])] = np.int16(entry >> _32)
                        k += _1
                        bits |= eight_bytes(clean, at) >> have
                        at += (_63 - have) >> _3
                        have |= _56
                    if _64 < k < _U(END):
                        return 6
                    if component == 0:
                        to = ((band * rows_a_sample + block // 2) * 8 & (RING - 1)) * pitch
                        to += (unit * 2 + block % 2) * 8
                        step = pitch
                    else:
                        to = RING * pitch + (band * 8 & 31) * half_pitch + unit * 8
                        to += (component - 1) * (RING // 2) * half_pitch
                        step = half_pitch
                    if k == _U(END + 1):
                        first *= np.int64(factors[component, 0])
                        if abs(first) > _MOST:
                            return 5
                        fill(planes, to, step, max(0, min(255, ((first + 4) >> 3) + 128)))
                    elif inverse(values, factors, component * 64, planes, to, step) > _MOST:
                        return 5
        # The last row but one of a band is the last whose colours need nothing of the next.
        ready = height if band == down - 1 else (band + 1) * 8 * rows_a_sample - rows_a_sample + 1
        if grey:
            for y in range(painted, ready):
                light = (y & (RING - 1)) * pitch
                for x in range(width):
                    out[y * width + x] = planes[light + x]
        else:
            _paint_rows(planes, painted, ready, rows_a_sample, height, width, pitch, half_pitch, sums, out)
        painted = ready
    left = 8 * length - (8 * np.int64(at) - np.int64(have))
    return 0 if 0 <= left < 8 else 7
