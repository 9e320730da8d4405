"""What an outcome teaches: that a report was acted on, that it was not, or nothing."""

from __future__ import annotations

from typing import Final

from amaan.reports.domain.outcomes import CloseReason, Decision

NEEDED: Final = 200
"""Outcomes of each class, at the least. With fewer, what is learned is chance: a rule of thumb asks for ten to twenty
of the rarer class for every feature (Riley et al., BMJ 2020;368:m441), and a score of features stays."""

ACTED_ON: Final = frozenset({Decision.CASE_OPENED, Decision.CASE_JOINED, Decision.REFERRED})
NOT_ACTED_ON: Final = frozenset({CloseReason.NO_OFFENCE, CloseReason.TOO_LITTLE, CloseReason.SHARED_WIDELY})
"""Closed because there was nothing to do. That the police knew already, or couldn't reach, says nothing of the danger,
so those outcomes teach nothing."""


class TooFewOutcomes(Exception):
    """Nothing is learned yet. The message says how many outcomes of each class there are and how many are needed."""

    def __init__(self, acted_on: int, not_acted_on: int, needed: int = NEEDED) -> None:
        super().__init__(
            f"Too few outcomes to learn from: {acted_on} reports that were acted on and {not_acted_on} that were not; "
            f"{needed} of each are needed. Decide more reports, then fit again."
        )
        self.acted_on, self.not_acted_on, self.needed = acted_on, not_acted_on, needed


def label_of(decision: str, stage: str) -> bool | None:
    """Whether a report was acted on, by its standing outcome; None where that teaches nothing."""
    if decision in ACTED_ON:
        return True
    if decision == Decision.CLOSED and stage in NOT_ACTED_ON:
        return False
    return None


def check_enough(labels: list[bool], needed: int = NEEDED) -> None:
    """Raises TooFewOutcomes."""
    acted_on = sum(labels)
    if min(acted_on, len(labels) - acted_on) < needed:
        raise TooFewOutcomes(acted_on, len(labels) - acted_on, needed)
