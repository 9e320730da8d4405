"""Eight rows of bytes, each times its weight, onto sums of 32 bits: the step that touches every byte of a photo.

A row's byte times a weight needs sixteen bits, and so do eight such products where the weights' sum is at most 257.
x86 multiplies and adds pairs of bytes in one instruction (`pmaddubsw`), which LLVM does not find by itself: it is asked
for by name where there is AVX2, and takes two thirds of the time. Elsewhere plain vectors give the same.

Sums of 32 columns lie in the order in which `pmaddubsw` and the widening to 32 bits leave them, which costs no step
between the halves of a register; the last eight rows of a sample put them right.
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call,no-any-return,assignment,arg-type,operator"
from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba.extending import intrinsic

from signalmatch.kernels import vectors as v
from signalmatch.kernels.compiling import njit, types

_LANES = 32
_BYTES, _SHORTS, _WORDS = (
    ir.VectorType(v.I8, _LANES),
    ir.VectorType(v.I16, 16),
    ir.VectorType(v.I32, 8),
)


def _halves(size):
    """Places that weave two vectors of so many lanes within each half of a register: the lower, then the upper part."""
    half, part = size // 2, size // 4
    return [
        [
            place
            for lane in (0, half)
            for i in range(part)
            for place in (lane + begin + i, size + lane + begin + i)
        ]
        for begin in (0, part)
    ]


def _weigh(last):
    def weigh(_typing, pixels, starts, column, pairs, total, to, keep):
        """Add the sum of pixels[starts[r] + column + c] * weight r, c < 32, r < 8, to total[to:to + 32] & keep.

        pairs: four numbers, the weights of two rows each (the second times 256; each under 128, together at most so).
        total: int32, in the order of the columns only after the last call.
        """

        def code(context, builder, signature, arguments):
            source = v.data_of(context, builder, signature, arguments, 0)
            column = v.whole(context, builder, signature, arguments, 2)
            sums = v.data_of(context, builder, signature, arguments, 4)
            to = v.whole(context, builder, signature, arguments, 5)
            keep = v.everywhere(builder, v.whole(context, builder, signature, arguments, 6, types.int32), 8)
            none = ir.Constant(_SHORTS, None)
            added = [None, None]
            for pair in range(4):
                one, other = (
                    v.load(
                        builder, source, builder.add(builder.extract_value(arguments[1], row), column), _BYTES
                    )
                    for row in (2 * pair, 2 * pair + 1)
                )
                weights = builder.trunc(builder.extract_value(arguments[3], pair), v.I16)
                weights = builder.bitcast(v.everywhere(builder, weights, 16), _BYTES)
                for half, places in enumerate(_halves(_LANES)):
                    product = _products(context, builder, v.shuffle(builder, one, other, places), weights)
                    added[half] = builder.add(added[half], product) if added[half] else product
            words = []
            for number in range(4):
                wide = v.shuffle(builder, added[number // 2], none, _halves(16)[number % 2])
                at = builder.add(to, v.I64(8 * number))
                before = builder.and_(v.load(builder, sums, at, _WORDS), keep)
                words.append(builder.add(before, builder.bitcast(wide, _WORDS)))
            for number, word in enumerate(_in_order(builder, words) if last else words):
                v.store(builder, word, sums, builder.add(to, v.I64(8 * number)))
            return context.get_dummy_value()

        return types.void(pixels, starts, column, pairs, total, to, keep), code

    return weigh


def _in_order(builder, words):
    """Sums of 32 columns, as they come, in the order of the columns."""
    return [
        v.shuffle(
            builder, words[one], words[one + 1], [*range(begin, begin + 4), *range(begin + 8, begin + 12)]
        )
        for begin in (0, 4)
        for one in (0, 2)
    ]


def _products(context, builder, both, weights):
    """Sums of two neighbouring bytes times their weights."""
    if v.has(context, "avx2"):
        multiply = v.named(builder, "llvm.x86.avx2.pmadd.ub.sw", _SHORTS, [_BYTES, _BYTES])
        return builder.call(multiply, [both, weights])
    even, odd = range(0, _LANES, 2), range(1, _LANES, 2)
    parts = [
        builder.mul(
            builder.zext(v.shuffle(builder, both, both, places), _SHORTS),
            builder.zext(v.shuffle(builder, weights, weights, places), _SHORTS),
        )
        for places in (even, odd)
    ]
    return builder.add(*parts)


def _address(_typing, array):
    def code(context, builder, signature, arguments):
        return builder.ptrtoint(v.data_of(context, builder, signature, arguments, 0), v.I64)

    return types.int64(array), code


weigh: Any = intrinsic(_weigh(last=False))
weigh_last: Any = intrinsic(_weigh(last=True))
address: Any = intrinsic(_address)


@njit(nogil=True)
def add_rows(
    pixels: npt.NDArray[np.uint8],
    starts: tuple[int, ...],
    lead: int,
    wide: int,
    weights: npt.NDArray[np.int64],
    total: npt.NDArray[np.int32],
    keep: int,
    last: bool,
) -> None:
    """`total[c] = (total[c] & keep) + the sum of pixels[starts[r] + c] * weights[r]`, c < wide, of eight rows.

    keep: -1 to add, 0 to begin anew. Only after the last call are sums in order. wide: at least 32; total has 64 sums
    more. lead: where the first vector lies well; what is before it, and behind the last whole one, is done in vectors
    that overlap the others, with sums of their own. The weights' sum is at most 257, that of neighbours (0 and 1, 2 and
    3, …) 128.
    """
    pairs = (
        weights[0] | weights[1] << 8,
        weights[2] | weights[3] << 8,
        weights[4] | weights[5] << 8,
        weights[6] | weights[7] << 8,
    )
    whole = wide - (wide - lead) % 32
    if last:
        for column in range(lead, whole, 32):
            weigh_last(pixels, starts, column, pairs, total, column, keep)
        if lead:
            weigh_last(pixels, starts, 0, pairs, total, wide, keep)
            for c in range(lead):
                total[c] = total[wide + c]
        if whole < wide:
            weigh_last(pixels, starts, wide - 32, pairs, total, wide + 32, keep)
            for c in range(whole - wide + 32, 32):
                total[wide - 32 + c] = total[wide + 32 + c]
        return
    for column in range(lead, whole, 32):
        weigh(pixels, starts, column, pairs, total, column, keep)
    if lead:
        weigh(pixels, starts, 0, pairs, total, wide, keep)
    if whole < wide:
        weigh(pixels, starts, wide - 32, pairs, total, wide + 32, keep)
