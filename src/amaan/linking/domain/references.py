"""A ring's reference, `G-7K2M-9F3Q-XA4C`: its number, shuffled, with a check character. Pure.

It is no secret, and opens nothing: whoever follows it sees what they may see. A ring keeps its number for good, so that
every reference that was ever written down leads to where its reports stand now.
"""

from __future__ import annotations

from typing import Final

from amaan.reports.domain.references import BITS, read_reference, value_of, write_reference

LETTER: Final = "G"
_FACTOR: Final = 0x5851F42D4C957F2D % (1 << BITS) | 1
_BACK: Final = pow(_FACTOR, -1, 1 << BITS)


def ring_reference(number: int) -> str:
    """Of a ring's number, from 1."""
    return write_reference(number * _FACTOR % (1 << BITS), LETTER)


def ring_number(typed: str) -> int:
    """The number of a reference as typed by anybody. Raises NotAReference."""
    return value_of(read_reference(typed, LETTER)) * _BACK % (1 << BITS)
