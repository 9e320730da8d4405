"""How far a model may move a turn: forward only, inside the band, and never further than the greatest danger would."""

from __future__ import annotations

from datetime import datetime

from amaan.triage.domain.turns import turn_of

MOST = 100


def strength(danger: int, chance: float) -> int:
    """Points that stand in for danger in a report's turn: `danger + (100 - danger) · chance`.

    From `danger` (a chance of nothing) to 100. It rises with both; so a told danger is never overtaken by its equal.
    """
    return danger + int((MOST - danger) * min(1.0, max(0.0, chance)))


def proposed_turn(received_at: datetime, due_at: datetime, danger: int, chance: float) -> datetime:
    """Never before half of the band's span, never after the turn that the rules give."""
    return turn_of(received_at, due_at - received_at, strength(danger, chance))
