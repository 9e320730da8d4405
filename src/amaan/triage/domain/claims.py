"""Who works on a report: how long a claim holds, and how it may end."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

CLAIM_HOLDS: Final = timedelta(hours=8)
"""A shift. A report that somebody claimed longer ago than this is free to be taken over."""


class Ending(StrEnum):
    """How a claim ended."""

    RELEASED = "released"  # by its holder, or by a supervisor with a reason
    DECIDED = "decided"
    TAKEN_OVER = "taken_over"  # by a colleague, after it was abandoned
    EXPIRED = "expired"  # its own holder took it up again after it was abandoned


def abandoned(claimed_at: datetime, now: datetime) -> bool:
    """Whether others may take over what was claimed then."""
    return now - claimed_at > CLAIM_HOLDS
