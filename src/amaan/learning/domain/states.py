"""Whether a model proposes. It never starts to by itself; it may stop by itself."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

MOST_REASON: Final = 2000


class State(StrEnum):
    ON = "on"
    OFF = "off"
    RESTING = "resting"  # stopped by itself: reports no longer look like those that it was fitted on


class LearningError(Exception):
    """Something about the model that is refused; the message says what to do."""


class NoModel(LearningError):
    def __init__(self) -> None:
        super().__init__("No model is fitted yet: amaan learning fit")


class ModelNoBetter(LearningError):
    def __init__(self) -> None:
        super().__init__(
            "This model does not order better than the rules do, by its own figures, so it can't be turned on."
            " Fit again when more reports are decided."
        )


class ModelDrifted(LearningError):
    def __init__(self) -> None:
        super().__init__(
            "Reports look different from those that this model was fitted on. Fit it again first."
        )


class SwitchedMeanwhile(LearningError):
    def __init__(self) -> None:
        super().__init__("Somebody turned it on or off while you read. Read how it stands, then decide.")


class ReasonNeeded(LearningError):
    def __init__(self) -> None:
        super().__init__("Say why; the reason lies sealed in the ledger.")
