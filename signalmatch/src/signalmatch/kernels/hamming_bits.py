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
from numba.extending import intrinsic

from signalmatch.kernels.compiling import types
from signalmatch.kernels.vectors import everywhere, has

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

        kept, wanted, limit = (everywhere(builder, value, 32) for value in (kept, wanted, limit))
        differs = builder.and_(builder.xor(entries, wanted), kept)
        near = builder.icmp_unsigned("<=", builder.call(vector_popcount(builder, line), [differs]), limit)
        return builder.bitcast(near, _WORD)

    return types.uint32(array, start, wanted, kept, limit), code


def _rows_within(words):
    """An intrinsic: a bit for each of 64 rows, `the first words[0] + words[1] words differ in at most limit bits`.

    The rows lie word by word, 64 of each: words[0] of them from `at` in `front`, words[1] from `behind` in `back`
    (uint32, one dimension); `wanted` uint32[8] is compared with them.
    """

    def rows_within(_typing, front, at, back, behind, wanted, limit):
        def code(context, builder, signature, arguments):
            arrays = [
                context.make_array(signature.args[number])(context, builder, arguments[number]).data
                for number in (0, 2, 4)
            ]
            starts = [
                context.cast(builder, arguments[number], signature.args[number], types.intp)
                for number in (1, 3)
            ]
            limit = everywhere(builder, _word(context, builder, arguments[5], signature.args[5]), 16)
            lanes = limit.type
            count = vector_popcount(builder, lanes)
            asked = [
                everywhere(
                    builder, builder.load(builder.gep(arrays[2], [ir.Constant(ir.IntType(64), number)])), 16
                )
                for number in range(sum(words))
            ]
            whole = ir.Constant(ir.IntType(64), 0)
            for quarter in range(4):
                distance = ir.Constant(lanes, None)
                for number in range(sum(words)):
                    side, word = (0, number) if number < words[0] else (1, number - words[0])
                    offset = ir.Constant(ir.IntType(64), word * 64 + quarter * 16)
                    place = builder.gep(arrays[side], [builder.add(starts[side], offset)])
                    some = builder.load(builder.bitcast(place, lanes.as_pointer()), align=4)
                    distance = builder.add(distance, builder.call(count, [builder.xor(some, asked[number])]))
                near = builder.icmp_unsigned("<=", distance, limit)
                near = builder.zext(builder.bitcast(near, ir.IntType(16)), ir.IntType(64))
                whole = builder.or_(whole, builder.shl(near, ir.Constant(ir.IntType(64), quarter * 16)))
            return whole

        return types.uint64(front, at, back, behind, wanted, limit), code

    return rows_within


def vector_popcount(builder, lanes):
    """LLVM's popcount of each lane."""
    name = f"llvm.ctpop.v{lanes.count}i{lanes.element.width}"
    known = builder.module.globals.get(name)
    return known or ir.Function(builder.module, ir.FunctionType(lanes, [lanes]), name)


def _lowest(_typing, bits):
    """The number of the lowest bit that is set; bits is not zero."""

    def code(_context, builder, _signature, arguments):
        lowest = builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))
        return lowest if lowest.type == _WORD else builder.trunc(lowest, _WORD)

    return types.uint32(bits), code


def _any_within_front(_typing, front, at, wanted, limit):
    """Not zero where of any of 64 rows the first three words differ in at most limit bits (at most 96).

    The rows lie word by word, 64 of each, from `at` in `front`; `wanted` uint32[8] is compared with them. Processors
    that count the bits of a word in a vector do that. On others counting is what takes the time: there three words are
    first added bit by bit (ones and twos), so that two are counted instead of three, by bytes.
    """

    def code(context, builder, signature, arguments):
        front, wanted = (
            context.make_array(signature.args[number])(context, builder, arguments[number]).data
            for number in (0, 2)
        )
        at = context.cast(builder, arguments[1], signature.args[1], types.intp)
        limit = _word(context, builder, arguments[3], signature.args[3])
        lanes = ir.VectorType(_WORD, 16)
        counted = has(context, "avx512vpopcntdq")
        if not counted:
            limit = builder.add(builder.shl(limit, _WORD(24)), _WORD((1 << 24) - 1))
        limit = everywhere(builder, limit, 16)
        asked = [
            everywhere(builder, builder.load(builder.gep(wanted, [ir.Constant(ir.IntType(64), word)])), 16)
            for word in range(3)
        ]
        found = None
        for quarter in range(4):
            differ = []
            for word in range(3):
                offset = ir.Constant(ir.IntType(64), word * 64 + quarter * 16)
                place = builder.bitcast(builder.gep(front, [builder.add(at, offset)]), lanes.as_pointer())
                differ.append(builder.xor(builder.load(place, align=4), asked[word]))
            distance = (_by_words if counted else _by_bytes)(builder, differ)
            near = builder.icmp_signed("<=", distance, limit)
            found = near if found is None else builder.or_(found, near)
        return builder.zext(builder.bitcast(found, ir.IntType(16)), _WORD)

    return types.uint32(front, at, wanted, limit), code


def _by_words(builder, differ):
    """The bits of three words, counted in each lane."""
    count = vector_popcount(builder, differ[0].type)
    one, two, three = (builder.call(count, [word]) for word in differ)
    return builder.add(builder.add(one, two), three)


def _by_bytes(builder, differ):
    """The same times 2**24, and anything below that."""
    lanes = differ[0].type
    octets = ir.VectorType(ir.IntType(8), 4 * lanes.count)
    count = vector_popcount(builder, octets)
    one, two, three = differ
    both = builder.xor(one, two)
    ones = builder.xor(both, three)
    twos = builder.or_(builder.and_(one, two), builder.and_(both, three))
    few, many = (builder.call(count, [builder.bitcast(word, octets)]) for word in (ones, twos))
    added = builder.bitcast(builder.add(builder.add(few, many), many), lanes)
    return builder.mul(added, ir.Constant(lanes, [0x01010101] * lanes.count))


# To a type checker these are anything: numba calls them with the machine's words.
add_distance: Any = intrinsic(_add_distance)
prefetch: Any = intrinsic(_prefetch)
within: Any = intrinsic(_within)
lowest: Any = intrinsic(_lowest)
any_within_front: Any = intrinsic(_any_within_front)
rows_within_front: Any = intrinsic(_rows_within((3, 0)))
rows_within: Any = intrinsic(_rows_within((3, 5)))
