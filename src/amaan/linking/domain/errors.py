"""Why a decision about links or rings is not taken. Pure; each message says what to do."""

from __future__ import annotations


class LinkingError(Exception):
    """Nothing was changed."""


class ReasonMissing(LinkingError):
    """Who decides about a link or a ring says why."""

    def __init__(self) -> None:
        super().__init__("Say why: whoever reads this later, also you, must be able to judge it.")


class NothingLinks(LinkingError):
    """The pair has no link, and nobody ever decided about it."""

    def __init__(self, one: str, other: str) -> None:
        super().__init__(
            f"Nothing links {one} and {other} any more: what did was told anew, or counts less. Load the page again."
        )


class DecidedMeanwhile(LinkingError):
    """Somebody else decided about it after the page was shown."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"Somebody decided about {what} meanwhile. Load the page again, read why, then decide."
        )


class DecidedAlready(LinkingError):
    """It stands so already."""

    def __init__(self, what: str, state: str) -> None:
        super().__init__(f"{what} is {state} already; there is nothing to do.")


class KeptApart(LinkingError):
    """A split stands between the two."""

    def __init__(self, one: str, other: str, decision: int) -> None:
        super().__init__(
            f"{one} and {other} were set apart (decision {decision}), for good. Undo that first, if it was wrong."
        )


class RingChanged(LinkingError):
    """The ring is not as it was shown."""

    def __init__(self, ring: str) -> None:
        super().__init__(f"{ring} changed since you loaded the page. Load it again, look at it, then decide.")


class NotInTheRing(LinkingError):
    """What is to stand apart is not all of the ring, and not outside it."""

    def __init__(self, ring: str) -> None:
        super().__init__(
            f"Name reports that stand in {ring} now, and leave at least one: those named stand apart from the rest."
        )


class NothingRests(LinkingError):
    """No link that the actor may reject rests on the value alone."""

    def __init__(self, ring: str) -> None:
        super().__init__(
            f"No link in {ring} that you may decide rests on this alone. Look at the links one by one."
        )


class NotDecided(LinkingError):
    """No such decision, or none that the actor may undo: the answer is the same."""

    def __init__(self, number: int) -> None:
        super().__init__(f"There is no decision {number} that you may undo.")


class UndoneAlready(LinkingError):
    """It counts no more."""

    def __init__(self, number: int) -> None:
        super().__init__(
            f"Decision {number} was undone already. To bring it back, undo that undoing, or decide anew."
        )


class RingNotFound(LinkingError):
    """No such ring, or none in which the actor may see a report: the answer is the same."""

    def __init__(self, typed: str) -> None:
        super().__init__(f"There is no ring {typed.strip()[:40]} that you may see.")
