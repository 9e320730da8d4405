"""Eight rows of bytes, each times its weight, onto sums of 32 bits: the step that touches every byte of a photo.

A row's byte times a weight needs sixteen bits, and so do eight such products where the weights' sum is at most 257.
x86 multiplies and adds pairs of bytes in one instruction (`pmaddubsw`), which LLVM does not find by itself: it is asked
for by name where there is AVX2, and takes two thirds of the time. Elsewhere plain vectors give the same.
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

Starts = tuple[int, int, int, int, int, int, int, int]

_LANES = 32
_BYTES, _SHORTS, _WORDS = (
    ir.VectorType(v.I8, _LANES),
    ir.VectorType(v.I16, 16),
    ir.VectorType(v.I32, 16),
)
# `pmaddubsw` works within 16 bytes: rows are paired there, and put in order once for eight rows.
_LOW = [place for lane in (0, 16) for i in range(8) for place in (lane + i, _LANES + lane + i)]
_HIGH = [place + 8 for place in _LOW]
_ORDER = ([*range(8), *range(16, 24)], [*range(8, 16), *range(24, 32)])


def _weigh(_typing, pixels, starts, column, pairs, total, keep):
    """total[column + c] = (total[column + c] & keep) + sum of pixels[starts[r] + column + c] * weight r, c < 32.

    pairs: four numbers, the weights of two rows each (the second times 256, each under 128 and at most 128 together).
    total: int32.
    """

    def code(context, builder, signature, arguments):
        source = v.data_of(context, builder, signature, arguments, 0)
        column = v.whole(context, builder, signature, arguments, 2)
        sums = v.data_of(context, builder, signature, arguments, 4)
        keep = v.everywhere(builder, v.whole(context, builder, signature, arguments, 5, types.int32), 16)
        rows = [
            v.load(builder, source, builder.add(builder.extract_value(arguments[1], row), column), _BYTES)
            for row in range(8)
        ]
        added = [None, None]
        for pair in range(4):
            weights = builder.trunc(builder.extract_value(arguments[3], pair), v.I16)
            weights = builder.bitcast(v.everywhere(builder, weights, 16), _BYTES)
            for half, places in enumerate((_LOW, _HIGH)):
                both = v.shuffle(builder, rows[2 * pair], rows[2 * pair + 1], places)
                product = _products(context, builder, both, weights)
                added[half] = builder.add(added[half], product) if added[half] else product
        for half, places in enumerate(_ORDER):
            part = builder.zext(v.shuffle(builder, added[0], added[1], places), _WORDS)
            at = builder.add(column, v.I64(16 * half))
            before = builder.and_(v.load(builder, sums, at, _WORDS), keep)
            v.store(builder, builder.add(before, part), sums, at)
        return context.get_dummy_value()

    return types.void(pixels, starts, column, pairs, total, keep), code


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


weigh: Any = intrinsic(_weigh)


@njit(nogil=True)
def add_rows(
    pixels: npt.NDArray[np.uint8],
    starts: Starts,
    wide: int,
    weights: npt.NDArray[np.int64],
    total: npt.NDArray[np.int32],
    keep: int,
) -> None:
    """`total[c] = (total[c] & keep) + the sum of pixels[starts[r] + c] * weights[r]`, c < wide, of eight rows.

    keep: -1 to add, 0 to begin anew. The weights' sum is at most 257, that of neighbours (0 and 1, 2 and 3, …) 128.
    """
    pairs = (
        weights[0] | weights[1] << 8,
        weights[2] | weights[3] << 8,
        weights[4] | weights[5] << 8,
        weights[6] | weights[7] << 8,
    )
    whole = wide - wide % 32
    for column in range(0, whole, 32):
        weigh(pixels, starts, column, pairs, total, keep)
    for column in range(whole, wide):
        here = 0
        for row in range(8):
            here += np.int64(pixels[starts[row] + column]) * weights[row]
        total[column] = np.int32((total[column] & keep) + here)
