"""Where a partner's reading goes on: opaque to it, a number of its own stream to us."""

from __future__ import annotations

import base64
import binascii
from typing import Final

_HEAD: Final = b"f1:"
_MOST: Final = 64


class BadCursor(ValueError):
    """Text that this interface never gave out."""

    def __init__(self) -> None:
        super().__init__("This cursor was not given out here; leave it out to begin at the beginning.")


def write_cursor(number: int) -> str:
    """After the item of that number."""
    return base64.urlsafe_b64encode(_HEAD + str(number).encode()).decode().rstrip("=")


def read_cursor(text: str) -> int:
    """0 for no text. Raises BadCursor."""
    if not text:
        return 0
    try:
        raw = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError, ValueError) as fault:
        raise BadCursor from fault
    digits = raw.removeprefix(_HEAD)
    if len(text) > _MOST or digits == raw or not digits.isdigit() or len(digits) > 15:
        raise BadCursor
    return int(digits)
