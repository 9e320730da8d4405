"""What is refused, each with what to do."""

from __future__ import annotations


class FeedbackError(Exception):
    """Something about feedback that is refused; the message says what to do."""


class NoPartner(FeedbackError):
    def __init__(self, reference: str) -> None:
        super().__init__(f"{reference} came from the public; what became of it goes to them by letter.")


class NothingDecided(FeedbackError):
    def __init__(self, reference: str) -> None:
        super().__init__(f"Nothing is decided on {reference} yet; decide first.")


class ChangedMeanwhile(FeedbackError):
    def __init__(self, reference: str) -> None:
        super().__init__(f"Somebody changed what is told of {reference} while you read. Read it again.")


class UnknownCode(FeedbackError):
    def __init__(self, code: str) -> None:
        super().__init__(f"There is no code {code!r}.")


class ReasonNeeded(FeedbackError):
    def __init__(self) -> None:
        super().__init__("Say why it is held back; the reason lies sealed in the ledger.")


class PurposeNeeded(FeedbackError):
    def __init__(self) -> None:
        super().__init__("Say for whom and what for; it lies sealed in the ledger.")


class UnknownEntity(FeedbackError):
    def __init__(self, name: str) -> None:
        super().__init__(f"No reports of {name!r} are here.")
