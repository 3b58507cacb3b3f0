"""Memory as the machine sees it, for kernels that read a place or two for each byte of text.

numba asks of each index into an array whether it is negative, to wrap it, and counts who holds the array at
each call: of a scanner's time, four fifths. A pointer is read as `pointer[i]` with neither, nor does it know
how long the array is, or keep it: who makes one sees to that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

Pointer = Any
"""In compiled code: where an array of one dimension begins, of its element type."""

_I1, _I8, _I32, _I64 = (ir.IntType(bits) for bits in (1, 8, 32, 64))
_BYTES, _NUMBERS = ir.VectorType(_I8, 64), ir.VectorType(_I64, 8)


def _splat(builder: Any, kind: Any, value: Any) -> Any:
    """A vector of `value`."""
    one = builder.insert_element(kind(ir.Undefined), value, _I32(0))
    return builder.shuffle_vector(one, kind(ir.Undefined), ir.VectorType(_I32, kind.count)([0] * kind.count))


def _inline(generator: Callable[..., Any]) -> Callable[..., Any]:
    """numba's `intrinsic`, as callers see it: without the typing context, the first argument."""
    return intrinsic(generator)


@_inline
def pointer(typing: Any, array: Any) -> Any:
    """The `Pointer` to a contiguous array, valid while the array is held."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return context.make_array(signature.args[0])(context, builder, arguments[0]).data

    return types.CPointer(array.dtype)(array), generate


@_inline
def offset(typing: Any, data: Any, index: Any) -> Any:
    """The `Pointer` to data[index]."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.gep(arguments[0], [arguments[1]])

    return data(data, types.int64), generate


@_inline
def load8(typing: Any, data: Any, index: Any) -> Any:
    """data[index:index + 8] of a pointer to bytes as one little-endian uint64."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = builder.gep(arguments[0], [arguments[1]])
        return builder.load(builder.bitcast(place, _I64.as_pointer()), align=1)

    return types.uint64(data, types.int64), generate


@_inline
def store8(typing: Any, data: Any, index: Any, value: Any) -> Any:
    """data[index:index + 8] = value, a uint64, little-endian, of a pointer to bytes."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data, index, value = arguments
        builder.store(value, builder.bitcast(builder.gep(data, [index]), _I64.as_pointer()), align=1)
        return context.get_dummy_value()

    return types.void(data, types.int64, types.uint64), generate


@_inline
def between(typing: Any, data: Any, index: Any, first: Any, last: Any) -> Any:
    """Which of data[index:index + 64] of a pointer to bytes are first..last: a uint64, bit k for byte k.

    Three instructions where first and last are constants. What a word is, is a run of bits of such a mask: a
    loop over its bytes would guess wrong at the end of most."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data, index, first, last = arguments
        least, span = (builder.trunc(value, _I8) for value in (first, builder.sub(last, first)))
        place = builder.bitcast(builder.gep(data, [index]), _BYTES.as_pointer())
        above = builder.sub(builder.load(place, align=1), _splat(builder, _BYTES, least))
        return builder.bitcast(builder.icmp_unsigned("<=", above, _splat(builder, _BYTES, span)), _I64)

    return types.uint64(data, types.int64, types.int64, types.int64), generate


@_inline
def alike(typing: Any, data: Any, index: Any, value: Any, low: Any) -> Any:
    """Which of data[index:index + 8] of a pointer to uint64 are `value` but for the bits of `low`, 2^k - 1: a
    uint64, bit j for number j."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data, index, value, low = arguments
        place = builder.bitcast(builder.gep(data, [index]), _NUMBERS.as_pointer())
        apart = builder.xor(builder.load(place, align=8), _splat(builder, _NUMBERS, value))
        found = builder.icmp_unsigned("<=", apart, _splat(builder, _NUMBERS, low))
        return builder.zext(builder.bitcast(found, _I8), _I64)

    return types.uint64(data, types.int64, types.uint64, types.uint64), generate


@_inline
def prefetch(typing: Any, data: Any, index: Any) -> Any:
    """Asks for data[index] of a pointer to be brought nearer."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = builder.bitcast(builder.gep(arguments[0], [arguments[1]]), cgutils.voidptr_t)
        of = ir.FunctionType(ir.VoidType(), [cgutils.voidptr_t, _I32, _I32, _I32])
        function = cgutils.get_or_insert_function(builder.module, of, "llvm.prefetch.p0i8")
        to_read, near, as_data = (ir.Constant(_I32, value) for value in (0, 3, 1))
        builder.call(function, [place, to_read, near, as_data])
        return context.get_dummy_value()

    return types.void(data, types.int64), generate


@_inline
def copy(typing: Any, address: Any, to: Any, index: Any, n: Any) -> Any:
    """Copies n bytes at an address, an int64, to `to[index:index + n]` of a pointer to bytes."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        source = builder.inttoptr(arguments[0], cgutils.voidptr_t)
        target = builder.gep(arguments[1], [arguments[2]])
        cgutils.raw_memcpy(builder, target, source, arguments[3], 1)
        return context.get_dummy_value()

    return types.void(types.int64, to, types.int64, types.int64), generate


@_inline
def trailing_zeros(typing: Any, value: Any) -> Any:
    """int64 number of zero bits below the lowest bit that is set; 64 when none is. value: uint64."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(_I1, 0))

    return types.int64(types.uint64), generate


@_inline
def ones(typing: Any, value: Any) -> Any:
    """int64 number of one bits. value: uint64."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.int64(types.uint64), generate


@_inline
def hold(typing: Any, array: Any) -> Any:
    """Does nothing, but what compiled code made and gives here is not freed before."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return context.get_dummy_value()

    return types.void(array), generate
