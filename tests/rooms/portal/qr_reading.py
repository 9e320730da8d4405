"""A reader of small QR codes by the standard's rules (ISO/IEC 18004), so that no code is checked by what drew it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

# Data codewords of each block at error correction level Q, by version.
_BLOCKS = {2: (22,), 3: (17, 17), 4: (24, 24)}
_MASKS = (
    lambda i, j: (i + j) % 2,
    lambda i, j: i % 2,
    lambda i, j: j % 3,
    lambda i, j: (i + j) % 3,
    lambda i, j: (i // 2 + j // 3) % 2,
    lambda i, j: i * j % 2 + i * j % 3,
    lambda i, j: (i * j % 2 + i * j % 3) % 2,
    lambda i, j: ((i + j) % 2 + i * j % 3) % 2,
)


def read_qr(modules: NDArray[np.bool_]) -> str:
    """The text of an undamaged code of version 2 to 4, level Q, byte mode; dark is True, without the white around."""
    side = len(modules)
    format_ = _number(modules[8, :5]) ^ 0b10101
    level, mask = divmod(format_, 8)
    assert level == 0b11, "not level Q"
    bits = [bool(modules[i, j]) ^ (_MASKS[mask](i, j) == 0) for i, j in _places(side)]
    codewords = [_number(bits[start : start + 8]) for start in range(0, len(bits) - 7, 8)]
    blocks = _BLOCKS[(side - 17) // 4]
    data = [codewords[n + len(blocks) * k] for n, length in enumerate(blocks) for k in range(length)]
    stream = [bool(word >> shift & 1) for word in data for shift in range(7, -1, -1)]
    assert _number(stream[:4]) == 0b0100, "not in byte mode"
    length = _number(stream[4:12])
    return bytes(_number(stream[12 + 8 * k : 20 + 8 * k]) for k in range(length)).decode()


def _number(bits: NDArray[np.bool_] | list[bool]) -> int:
    value = 0
    for bit in bits:
        value = 2 * value + bool(bit)
    return value


def _places(side: int) -> Iterator[tuple[int, int]]:
    """Row and column of each data module: pairs of columns from the right, up and down, past what has a function."""
    taken = np.zeros((side, side), dtype=bool)
    taken[:9, :9] = taken[:9, -8:] = taken[-8:, :9] = True
    taken[6, :] = taken[:, 6] = True
    taken[-9:-4, -9:-4] = True
    up = True
    right = side - 1
    while right > 0:
        right -= right == 6
        for i in range(side - 1, -1, -1) if up else range(side):
            yield from ((i, j) for j in (right, right - 1) if not taken[i, j])
        up = not up
        right -= 2
