"""A bundle's reference, `B-7K2M-9F3Q-XA4C`: its number, shuffled, with a check character. Pure.

It is no secret, and opens nothing: whoever follows it sees the reports that they may see. A bundle that joined another
keeps its number, so that every reference that was ever written down leads to where its reports stand now.
"""

from __future__ import annotations

from typing import Final

from amaan.reports.domain.references import BITS, read_reference, value_of, write_reference

LETTER: Final = "B"
_FACTOR: Final = 0x2545F4914F6CDD1D % (1 << BITS) | 1
_BACK: Final = pow(_FACTOR, -1, 1 << BITS)


def bundle_reference(number: int) -> str:
    """Of a bundle's number, from 1."""
    return write_reference(number * _FACTOR % (1 << BITS), LETTER)


def bundle_number(typed: str) -> int:
    """The number of a reference as typed by anybody. Raises NotAReference."""
    return value_of(read_reference(typed, LETTER)) * _BACK % (1 << BITS)
