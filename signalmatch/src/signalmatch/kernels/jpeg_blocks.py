"""The three steps of decoding a JPEG that touch every pixel, as LLVM vectors, each rounding as libjpeg's.

`inverse`: the accurate integer transform (jidctint). `paint_both`, `paint_across`: smooth widening of colours that are
stored at half the resolution (jdsample's "fancy" one) and their change to RGB (jdcolor). Equal to libjpeg where no
sum leaves sixteen bits, in which its own vectors compute: `inverse` tells how large they can have become.
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call,no-any-return"
from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.extending import intrinsic

from signalmatch.kernels import vectors as v
from signalmatch.kernels.compiling import types

_SHORT8, _WORD8, _BYTE8 = (ir.VectorType(kind, 8) for kind in (v.I16, v.I32, v.I8))
_HALF_WIDTH = 16
_SHORTS, _WORDS, _BYTES = (ir.VectorType(kind, _HALF_WIDTH) for kind in (v.I16, v.I32, v.I8))


def _inverse(_typing, coefficients, factors, at_factors, out, at, pitch):
    """Eight rows of eight bytes at `at` of out (uint8) from 64 coefficients (int16) times factors (int32) from
    `at_factors` on; the coefficients are zeros afterwards. Gives the sum of the products' absolute values."""

    def code(context, b, signature, arguments):
        source, table, target = (v.data_of(context, b, signature, arguments, n) for n in (0, 1, 3))
        at_factors, at, pitch = (v.whole(context, b, signature, arguments, n) for n in (2, 4, 5))
        rows = []
        for k in range(8):
            some = b.sext(v.load(b, source, v.I64(8 * k), _SHORT8), _WORD8)
            rows.append(b.mul(some, v.load(b, table, b.add(at_factors, v.I64(8 * k)), _WORD8)))
            v.store(b, ir.Constant(_SHORT8, None), source, v.I64(8 * k))
        sizes = _sum_of_sizes(b, rows)
        rows = _one_direction(b, rows, 11)
        rows = _turned_words(b, rows)
        rows = _one_direction(b, rows, 18)
        shorts = [b.trunc(v.clamped(b, b.add(row, v.same(_WORD8, 128)), 0, 255), _SHORT8) for row in rows]
        for k, row in enumerate(_turned_shorts(b, shorts)):
            v.store(b, b.trunc(row, _BYTE8), target, b.add(at, b.mul(pitch, v.I64(k))))
        return sizes

    return types.int32(coefficients, factors, at_factors, out, at, pitch), code


def _sum_of_sizes(b, rows):
    none, total = ir.Constant(_WORD8, None), ir.Constant(_WORD8, None)
    for row in rows:
        total = b.add(total, b.select(b.icmp_signed("<", row, none), b.sub(none, row), row))
    for apart in (4, 2, 1):
        total = b.add(total, v.shuffle(b, total, total, [lane ^ apart for lane in range(8)]))
    return b.extract_element(total, v.I32(0))


def _one_direction(b, x, shift):
    """jidctint's eight sums of eight, with its names; factors are its constants times 2**13."""

    def times(value, factor):
        return b.mul(value, v.same(_WORD8, factor))

    z1 = times(b.add(x[2], x[6]), 4433)
    t2, t3 = b.sub(z1, times(x[6], 15137)), b.add(z1, times(x[2], 6270))
    half = v.same(_WORD8, 1 << (shift - 1))
    t0 = b.add(b.shl(b.add(x[0], x[4]), v.same(_WORD8, 13)), half)
    t1 = b.add(b.shl(b.sub(x[0], x[4]), v.same(_WORD8, 13)), half)
    even = (b.add(t0, t3), b.add(t1, t2), b.sub(t1, t2), b.sub(t0, t3))
    z3, z4 = b.add(x[7], x[3]), b.add(x[5], x[1])
    z5 = times(b.add(z3, z4), 9633)
    z3, z4 = b.sub(z5, times(z3, 16069)), b.sub(z5, times(z4, 3196))
    z1, z2 = times(b.add(x[7], x[1]), -7373), times(b.add(x[5], x[3]), -20995)
    odd = (
        b.add(b.add(times(x[1], 12299), z1), z4),
        b.add(b.add(times(x[3], 25172), z2), z3),
        b.add(b.add(times(x[5], 16819), z2), z4),
        b.add(b.add(times(x[7], 2446), z1), z3),
    )
    sums = [b.add(e, o) for e, o in zip(even, odd, strict=True)]
    sums += [b.sub(e, o) for e, o in zip(reversed(even), reversed(odd), strict=True)]
    return [b.ashr(one, v.same(_WORD8, shift)) for one in sums]


def _turned_words(b, x):
    """Eight rows of eight as columns, by steps that stay within 128 bits until the last."""
    by_one, by_two = [], []
    for i in (0, 2, 4, 6):
        for begin in (0, 2):
            places = [p for k in (begin, begin + 1, begin + 4, begin + 5) for p in (k, 8 + k)]
            by_one.append(v.shuffle(b, x[i], x[i + 1], places))
    for i in (0, 1, 4, 5):
        for places in ([0, 1, 8, 9, 4, 5, 12, 13], [2, 3, 10, 11, 6, 7, 14, 15]):
            by_two.append(v.shuffle(b, by_one[i], by_one[i + 2], places))  # noqa: PERF401  as above
    return [
        v.shuffle(b, by_two[k], by_two[k + 4], [*range(begin, begin + 4), *range(begin + 8, begin + 12)])
        for begin in (0, 4)
        for k in range(4)
    ]


def _turned_shorts(b, x):
    def woven(one, other, size):
        whole = [
            [p for k in range(begin, begin + 4 // size) for p in (*_run(k, size), *_run(k + 8 // size, size))]
            for begin in (0, 4 // size)
        ]
        return [v.shuffle(b, one, other, places) for places in whole]

    by_one = [row for i in (0, 2, 4, 6) for row in woven(x[i], x[i + 1], 1)]
    by_two = [row for i in (0, 1, 4, 5) for row in woven(by_one[i], by_one[i + 2], 2)]
    return [row for k in range(4) for row in woven(by_two[k], by_two[k + 4], 4)]


def _run(number, size):
    return range(number * size, number * size + size)


def _fill(_typing, out, at, pitch, value):
    """Eight rows of eight bytes of one value."""

    def code(context, b, signature, arguments):
        target = v.data_of(context, b, signature, arguments, 0)
        at, pitch = (v.whole(context, b, signature, arguments, n) for n in (1, 2))
        eight = b.mul(v.whole(context, b, signature, arguments, 3, types.int64), v.I64(0x0101010101010101))
        for k in range(8):
            v.store(b, eight, target, b.add(at, b.mul(pitch, v.I64(k))))
        return context.get_dummy_value()

    return types.void(out, at, pitch, value), code


def _paint(left_rounds, right_rounds, shift):
    """An intrinsic: 32 pixels of RGB (96 bytes at `to` of out). Each sample gives two pixels, of three parts of itself
    and one of its neighbour on that side."""

    def paint(_typing, luma, at, blue, red, sample, out, to):
        def code(context, b, signature, arguments):
            light, blues, reds, target = (
                v.data_of(context, b, signature, arguments, n) for n in (0, 2, 3, 5)
            )
            at, sample, to = (v.whole(context, b, signature, arguments, n) for n in (1, 4, 6))

            def two(samples):
                here, left, right = (
                    v.load(b, samples, b.add(sample, v.I64(beside)), _SHORTS) for beside in (0, -1, 1)
                )
                three = b.mul(here, v.same(_SHORTS, 3))
                sides = ((left, left_rounds), (right, right_rounds))
                sums = [b.add(b.add(three, side), v.same(_SHORTS, rounds)) for side, rounds in sides]
                return [b.sub(b.lshr(one, v.same(_SHORTS, shift)), v.same(_SHORTS, 128)) for one in sums]

            both = v.load(b, light, at, _SHORTS)  # two pixels a lane, the left one in the lower byte
            lights = b.and_(both, v.same(_SHORTS, 255)), b.lshr(both, v.same(_SHORTS, 8))
            left, right = (
                _colours(context, b, *three) for three in zip(lights, two(blues), two(reds), strict=True)
            )
            woven = [place for k in range(_HALF_WIDTH) for place in (k, _HALF_WIDTH + k)]
            v.store(
                b,
                _by_pixel(
                    b, [v.shuffle(b, one, other, woven) for one, other in zip(left, right, strict=True)]
                ),
                target,
                to,
            )
            return context.get_dummy_value()

        return types.void(luma, at, blue, red, sample, out, to), code

    return paint


def _colours(context, b, light, blue, red):
    """Red, green, blue as bytes. 1.402 is 1 + 26345 / 65536, 1.772 is 2 - 14942 / 65536, and so on, as in jdcolor."""
    one = v.same(_SHORTS, 1)

    def part(value, factor):
        wide = b.mul(b.sext(b.shl(value, one), _WORDS), v.same(_WORDS, factor))
        return b.ashr(b.add(b.trunc(b.ashr(wide, v.same(_WORDS, 16)), _SHORTS), one), one)

    green = _green(context, b, blue, red)
    rgb = (
        b.add(b.add(light, red), part(red, 26345)),
        b.add(b.sub(light, red), green),
        b.add(b.add(light, b.shl(blue, one)), part(blue, -14942)),
    )
    return [b.trunc(v.clamped(b, colour, 0, 255), _BYTES) for colour in rgb]


def _green(context, b, blue, red):
    """(-22554 blue + 18734 red) / 65536, rounded: what green has of the two beside minus red."""
    if not v.has(context, "avx2"):
        wide = [
            b.mul(b.sext(one, _WORDS), v.same(_WORDS, factor))
            for one, factor in ((blue, -22554), (red, 18734))
        ]
        rounded = b.add(b.add(*wide), v.same(_WORDS, 32768))
        return b.trunc(b.ashr(rounded, v.same(_WORDS, 16)), _SHORTS)
    multiply = v.named(b, "llvm.x86.avx2.pmadd.wd", _WORD8, [_SHORTS, _SHORTS])
    factors = ir.Constant(_SHORTS, [-22554, 18734] * 8)
    halves = []
    for begin in (0, 4):  # within 128 bits, so that pairing is one instruction
        places = [p for lane in (0, 8) for k in range(4) for p in (lane + begin + k, 16 + lane + begin + k)]
        sums = b.call(multiply, [v.shuffle(b, blue, red, places), factors])
        halves.append(b.bitcast(b.add(sums, v.same(_WORD8, 32768)), _SHORTS))
    upper = [2 * k + 1 for k in range(4)]
    return v.shuffle(
        b, halves[0], halves[1], [half + lane + k for lane in (0, 8) for half in (0, 16) for k in upper]
    )


def _by_pixel(b, rgb):
    """Three vectors of 32 as one of 96, red, green, blue by turns."""
    two = v.shuffle(b, rgb[0], rgb[1], range(64))
    third = v.shuffle(b, rgb[2], rgb[2], [*range(32), *[0] * 32])
    return v.shuffle(b, two, third, [place for k in range(32) for place in (k, 32 + k, 64 + k)])


inverse: Any = intrinsic(_inverse)
fill: Any = intrinsic(_fill)
paint_both: Any = intrinsic(_paint(8, 7, 4))
"""blue, red: uint16 sums of three parts of the nearer row and one of the farther."""
paint_across: Any = intrinsic(_paint(1, 2, 2))
"""blue, red: uint16 samples of the same row."""
