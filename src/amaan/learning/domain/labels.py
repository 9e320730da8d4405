"""What an outcome teaches: that a report was acted on, that it was not, or nothing."""

from __future__ import annotations

from typing import Final

from amaan.triage.domain.replaying import Fate, fate_of

NEEDED: Final = 200
"""Outcomes of each class, at the least. With fewer, what is learned is chance: a rule of thumb asks for ten to twenty
of the rarer class for every feature (Riley et al., BMJ 2020;368:m441), and a score of features stays."""

_TEACHES: Final = {Fate.CASE: True, Fate.REFERRED: True, Fate.NOTHING: False}
"""By the same words as a replay. That a report told too little, was known already or out of reach says nothing of the
danger, so it teaches nothing: else completeness would be learned, and called priority."""


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
    return _TEACHES.get(fate_of(decision, stage))


def check_enough(labels: list[bool], needed: int = NEEDED) -> None:
    """Raises TooFewOutcomes."""
    acted_on = sum(labels)
    if min(acted_on, len(labels) - acted_on) < needed:
        raise TooFewOutcomes(acted_on, len(labels) - acted_on, needed)
