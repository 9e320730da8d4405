"""The poster's QR code, as the path of an SVG: no picture is fetched, and paper of any size stays sharp."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from qrcode.constants import ERROR_CORRECT_Q
from qrcode.main import QRCode

QUIET: Final = 4
"""Modules of white on each side, as ISO/IEC 18004 wants them."""


@dataclass(frozen=True, slots=True)
class QrPicture:
    """`size` is the side in modules, with the white around; `path` is for the `d` of an SVG path."""

    size: int
    path: str


def qr_picture(address: str) -> QrPicture:
    """A code that a phone's camera reads also when a quarter of it is dirty or torn (level Q)."""
    code = QRCode(error_correction=ERROR_CORRECT_Q, border=QUIET)
    code.add_data(address)
    code.make(fit=True)
    rows: list[list[bool]] = code.get_matrix()
    path = "".join(f"M{x},{y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
    return QrPicture(len(rows), path)
