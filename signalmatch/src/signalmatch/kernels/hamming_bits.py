"""The few machine words that the Hamming kernels are made of, as LLVM instructions.

numba widens every 32-bit sum to 64 bits, which halves what a vector register holds. These keep 32 bits, and they are
what LLVM knows how to vectorise: `ctpop` becomes `vpopcntd` where the processor has it (AVX-512 VPOPCNTDQ), a table
look-up by `pshufb` where it has not. Nothing here is tied to a processor; `prefetch` is a hint that one may ignore.
Each stands for a line of plain Python, given in its docstring.
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call,no-any-return"
from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

_WORD = ir.IntType(32)


def _word(context, builder, value, kind):
    return context.cast(builder, value, kind, types.uint32)


def _add_distance(_typing, total, left, right):
    """`total + popcount(left ^ right)`, of words of at most 32 bits."""

    def code(context, builder, signature, arguments):
        total, left, right = (
            _word(context, builder, a, t) for a, t in zip(arguments, signature.args, strict=True)
        )
        return builder.add(total, builder.ctpop(builder.xor(left, right)))

    return types.uint32(total, left, right), code


def _add_if_within(_typing, total, distance, limit):
    """`total + (distance <= limit)`."""

    def code(context, builder, signature, arguments):
        total, distance, limit = (
            _word(context, builder, a, t) for a, t in zip(arguments, signature.args, strict=True)
        )
        return builder.add(total, builder.zext(builder.icmp_unsigned("<=", distance, limit), _WORD))

    return types.uint32(total, distance, limit), code


def _prefetch(_typing, array, index):
    """Ask for the cache line of `array[index]` (one dimension, contiguous). Changes nothing."""

    def code(context, builder, signature, arguments):
        array_type = signature.args[0]
        array = context.make_array(array_type)(context, builder, arguments[0])
        at = builder.gep(array.data, [context.cast(builder, arguments[1], signature.args[1], types.intp)])
        byte_pointer = ir.IntType(8).as_pointer()
        hint = builder.module.declare_intrinsic(
            "llvm.prefetch",
            (byte_pointer,),
            ir.FunctionType(ir.VoidType(), [byte_pointer, _WORD, _WORD, _WORD]),
        )
        builder.call(hint, [builder.bitcast(at, byte_pointer), *(_WORD(value) for value in (0, 3, 1))])
        return context.get_dummy_value()

    return types.void(array, index), code


def _within(_typing, array, start, wanted, kept, limit):
    """A bit for each of the 32 entries from `start`: `popcount((array[start + e] ^ wanted) & kept) <= limit`.

    array: uint16, one dimension, contiguous; limit not negative. Written as LLVM's own vectors, which it breaks into
    whatever registers the processor has; the same as a loop of fixed length was unrolled into single steps.
    """

    def code(context, builder, signature, arguments):
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        start = context.cast(builder, arguments[1], signature.args[1], types.intp)
        wanted, kept, limit = (
            context.cast(builder, value, kind, types.uint16)
            for value, kind in zip(arguments[2:], signature.args[2:], strict=True)
        )
        line = ir.VectorType(ir.IntType(16), 32)
        at = builder.bitcast(builder.gep(array.data, [start]), line.as_pointer())
        entries = builder.load(at, align=2)

        def everywhere(value):
            lanes = ir.Constant(line, ir.Undefined)
            first = builder.insert_element(lanes, value, ir.Constant(_WORD, 0))
            return builder.shuffle_vector(first, lanes, ir.Constant(ir.VectorType(_WORD, 32), [0] * 32))

        name = "llvm.ctpop.v32i16"
        count = builder.module.globals.get(name)
        if count is None:
            count = ir.Function(builder.module, ir.FunctionType(line, [line]), name)
        differs = builder.and_(builder.xor(entries, everywhere(wanted)), everywhere(kept))
        near = builder.icmp_unsigned("<=", builder.call(count, [differs]), everywhere(limit))
        return builder.bitcast(near, _WORD)

    return types.uint32(array, start, wanted, kept, limit), code


def _lowest(_typing, bits):
    """The number of the lowest bit that is set; bits is not zero."""

    def code(context, builder, signature, arguments):
        return builder.cttz(
            _word(context, builder, arguments[0], signature.args[0]), ir.Constant(ir.IntType(1), 1)
        )

    return types.uint32(bits), code


# To a type checker these are anything: numba calls them with the machine's words.
add_distance: Any = intrinsic(_add_distance)
add_if_within: Any = intrinsic(_add_if_within)
prefetch: Any = intrinsic(_prefetch)
within: Any = intrinsic(_within)
lowest: Any = intrinsic(_lowest)
