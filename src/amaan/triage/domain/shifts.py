"""When a shift begins and ends, without a clock to punch: work with no long break in it."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

BREAK: Final = timedelta(hours=6)
"""Who does nothing for longer has been away."""
FRESH: Final = timedelta(minutes=1)
"""How exactly it is kept when somebody did something last."""
FIRST: Final = timedelta(hours=24)
"""What the first digest looks back on."""
