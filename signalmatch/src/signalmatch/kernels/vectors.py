"""LLVM vectors for numba's intrinsics: what the kernels' innermost steps are written with where loops aren't enough.

Everything here works on every processor that LLVM knows: it breaks wide vectors into whatever registers there are. Only
`has` asks for a processor's feature, for the few steps that LLVM can't find by itself; each has a plain form beside.
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call,no-any-return"
from __future__ import annotations

from llvmlite import ir

from signalmatch.kernels.compiling import types

I8, I16, I32, I64 = (ir.IntType(bits) for bits in (8, 16, 32, 64))


def has(context, feature):
    """Whether the processor that is compiled for has it ("avx2", …)."""
    return f"+{feature}" in context.codegen().magic_tuple()[2].split(",")


def data_of(context, builder, signature, arguments, number):
    """Where the array that is argument `number` begins."""
    return context.make_array(signature.args[number])(context, builder, arguments[number]).data


def whole(context, builder, signature, arguments, number, kind=types.intp):
    """Argument `number` as a whole number."""
    return context.cast(builder, arguments[number], signature.args[number], kind)


def load(builder, pointer, index, kind):
    """A vector or word of `kind` from element `index` on, wherever it lies."""
    return builder.load(builder.bitcast(builder.gep(pointer, [index]), kind.as_pointer()), align=1)


def store(builder, value, pointer, index):
    builder.store(value, builder.bitcast(builder.gep(pointer, [index]), value.type.as_pointer()), align=1)


def same(kind, value):
    """A constant in each lane."""
    return ir.Constant(kind, [value] * kind.count)


def everywhere(builder, value, lanes):
    """The value in each lane of a vector."""
    blank = ir.Constant(ir.VectorType(value.type, lanes), ir.Undefined)
    first = builder.insert_element(blank, value, ir.Constant(I32, 0))
    return builder.shuffle_vector(first, blank, ir.Constant(ir.VectorType(I32, lanes), [0] * lanes))


def shuffle(builder, one, other, places):
    """Lanes of two vectors: numbers from the lane count on mean the other."""
    return builder.shuffle_vector(one, other, ir.Constant(ir.VectorType(I32, len(places)), list(places)))


def clamped(builder, value, least, most):
    low, high = same(value.type, least), same(value.type, most)
    value = builder.select(builder.icmp_signed("<", value, low), low, value)
    return builder.select(builder.icmp_signed(">", value, high), high, value)


def named(builder, name, result, arguments):
    """LLVM's function of that name."""
    known = builder.module.globals.get(name)
    return known or ir.Function(builder.module, ir.FunctionType(result, arguments), name)
