"""What can become of a report, and what the public is told of it."""

from __future__ import annotations

from enum import StrEnum


class Decision(StrEnum):
    CASE_OPENED = "case_opened"
    CASE_JOINED = "case_joined"
    CASE_LEFT = (
        "case_left"  # taken out of the case that the outcome names: what was said of that case stands no more
    )
    REFERRED = "referred"
    CLOSED = "closed"
    STAGE_REACHED = "stage_reached"
    STANDS_AGAIN = (
        "stands_again"  # it was settled with another report without a person, and must be read after all
    )


class CloseReason(StrEnum):
    """Why a report is closed, so that reasons can be counted; the words beside it say the rest. It is the `stage`."""

    NO_OFFENCE = "no_offence"
    TOO_LITTLE = "too_little"
    TOLD_ALREADY = "told_already"
    SHARED_WIDELY = "shared_widely"
    OUT_OF_REACH = "out_of_reach"
    OTHER = "other"


class PublicStatus(StrEnum):
    """Words for a reporter; none of them tells a reader over the shoulder what was reported."""

    RECEIVED = "received"
    READ = "read"
    ACTED_ON = "acted_on"
    PASSED_ON = "passed_on"
    CLOSED = "closed"


MOVES: dict[PublicStatus, frozenset[PublicStatus]] = {
    PublicStatus.RECEIVED: frozenset(
        {PublicStatus.READ, PublicStatus.ACTED_ON, PublicStatus.PASSED_ON, PublicStatus.CLOSED}
    ),
    PublicStatus.READ: frozenset({PublicStatus.ACTED_ON, PublicStatus.PASSED_ON, PublicStatus.CLOSED}),
    PublicStatus.ACTED_ON: frozenset({PublicStatus.PASSED_ON, PublicStatus.CLOSED}),
    PublicStatus.PASSED_ON: frozenset({PublicStatus.ACTED_ON, PublicStatus.CLOSED}),
    PublicStatus.CLOSED: frozenset({PublicStatus.ACTED_ON, PublicStatus.PASSED_ON}),
}


class IllegalMove(Exception):
    """A status that cannot follow another; the message names both and what is allowed."""


def check_move(current: PublicStatus, wanted: PublicStatus) -> None:
    if wanted not in MOVES[current]:
        allowed = ", ".join(sorted(MOVES[current]))
        raise IllegalMove(f"A report that is «{current}» cannot become «{wanted}»; allowed: {allowed}.")
