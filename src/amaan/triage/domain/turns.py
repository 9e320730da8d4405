"""Whose turn comes when, inside one band: time decides, and danger shortens time.

A band is a promise ("within a day"); two reports of one band and one hour still differ. The danger axis brings a turn
forward by up to half of the band's span, and never further, so that a report that waits long enough is always next.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

NEAR: Final = 0.25
"""A turn that comes within this part of a band's span is near: no named queue is served before it."""


def turn_of(received_at: datetime, span: timedelta, danger: int) -> datetime:
    """When its turn comes. `danger` is the axis' value, 0 to 100; 100 halves the span.

    Never before receipt, never after `received_at + span`.
    """
    return received_at + span * (200 - danger) / 200


def near_by(now: datetime, span: timedelta) -> datetime:
    """Up to when a turn is near. In a band of a day: due within six hours, and the gravest once they waited so long."""
    return now + span * NEAR
