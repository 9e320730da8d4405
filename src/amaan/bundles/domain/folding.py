"""Which report waits behind another one of the same material, and what keeps it in the queue. Pure.

A report folds where a person loses nothing by not reading it: somebody reads, or has read, a report of the same files
in the same unit, and this one adds nothing to what those tell that stand in the queue. Whatever it adds is named, and
it stands. How many copies there are is never asked about danger: a copy stands or folds by what it tells itself.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple

WIDE: Final = 10
"""Independent sources (entity, day, door) after which material counts as going round."""
MOST_KEPT: Final = 4_000
"""Files, identifiers and districts that are remembered of what stands, each. What no longer fits counts as new."""


class New(StrEnum):
    """What a report tells beyond those of the same material that stand in the queue."""

    FLOOR = "floor"
    SOONER = "sooner"
    THREAT = "threat"
    VICTIM = "victim"
    PLACE = "place"
    FILE = "file"
    IDENTIFIER = "identifier"
    CONTACT = "contact"
    TEXT = "text"
    FIRST_HAND = "first_hand"
    HELD = "held"
    SPLIT = "split"
    UNREAD = "unread"
    AFTER = "after"


class Judged(NamedTuple):
    """How triage sees a report. `band` 1 is the soonest; `dangers` are the rules of the danger axis that fired.

    `last`: its band is the last one. `free`: nobody works on it, and it was never decided upon. `words`: a number that
    is equal where all texts are; None where they were not read yet. `settled`: it was settled without a person.
    """

    report: int
    band: int
    last: bool
    floor: bool
    dangers: frozenset[str]
    free: bool
    words: int | None = None
    settled: bool = False


@dataclass(frozen=True)
class Tells:
    """What one report tells, as far as folding asks. `files`: the keys of each file; `unhashed`: files without any.

    `accounts` are identifiers that link, and addresses; `victims` those of victims. `first_hand`: somebody told us
    themselves. `text`: it holds words of somebody's. `wide`: its sender says of every file that it goes round, or
    handed it in as a batch.
    """

    report: int
    files: tuple[frozenset[int], ...] = ()
    unhashed: int = 0
    accounts: frozenset[int] = frozenset()
    victims: frozenset[int] = frozenset()
    victim_told: bool = False
    districts: frozenset[str] = frozenset()
    contact_here: bool = False
    text: bool = False
    first_hand: bool = False
    wide: bool = False


@dataclass
class Standing:
    """What the reports of one pile and unit tell that stand in the queue, together.

    `band` and `dangers` are the canonical report's as they are now: what folds waits behind that one, and is settled
    with it. The rest is what any of them tells, and only grows: whoever told it stands, and is read for it.
    """

    files: set[int] = field(default_factory=set)
    accounts: set[int] = field(default_factory=set)
    victims: set[int] = field(default_factory=set)
    districts: set[str] = field(default_factory=set)
    texts: set[int] = field(default_factory=set)
    dangers: set[str] = field(default_factory=set)
    band: int = 99

    def hold(self, front: Judged) -> bool:
        """Take the canonical report as it is now; whether it waits longer, or is in less danger, than it was."""
        falls = front.band > self.band or not self.dangers <= front.dangers
        self.band, self.dangers = front.band, set(front.dangers)
        return falls

    def take(self, tells: Tells, judged: Judged) -> None:
        for held, more in (
            (self.files, frozenset().union(*tells.files)),
            (self.accounts, tells.accounts),
            (self.victims, tells.victims),
            (self.texts, frozenset() if judged.words is None else frozenset({judged.words})),
        ):
            if len(held) < MOST_KEPT:
                held.update(more)
        self.districts |= tells.districts


def what_is_new(standing: Standing, tells: Tells, judged: Judged, *, wide: bool) -> tuple[New, ...]:
    """Why a report stands; nothing where it folds. `wide`: the material goes round.

    Of material that goes round, a further account that passed it on is one of thousands: in the last band it alone is
    not worth an officer's time, unless it is an account that can be held on to here. Everywhere else a further account
    is a further person.
    """
    wide = (wide or tells.wide) and judged.last
    unknown = tells.accounts - standing.accounts
    told = {
        New.FLOOR: judged.floor,
        New.SOONER: judged.band < standing.band,
        New.THREAT: bool(judged.dangers - standing.dangers),
        New.VICTIM: tells.victim_told and not (tells.victims and tells.victims <= standing.victims),
        New.PLACE: bool(tells.districts - standing.districts),
        New.FILE: tells.unhashed > 0 or any(not keys & standing.files for keys in tells.files),
        New.IDENTIFIER: bool(unknown) and not wide,
        New.CONTACT: bool(unknown) and tells.contact_here,
        # Words are somebody's, whatever file they came with: only the very same ones were read already.
        New.TEXT: tells.text and judged.words is not None and judged.words not in standing.texts,
        New.UNREAD: tells.text and judged.words is None,
        New.FIRST_HAND: tells.first_hand,
        New.HELD: not judged.free,
    }
    return tuple(word for word, so in told.items() if so)


def most_telling(tells: Tells) -> int:
    """How much a report tells, for choosing among those of one band."""
    return (
        len(tells.files)
        + len(tells.accounts)
        + len(tells.victims)
        + len(tells.districts)
        + tells.text
        + tells.victim_told
        + tells.contact_here
    )


def in_order(judged: Collection[Judged], tells: dict[int, Tells]) -> list[Judged]:
    """The most urgent first, then what tells most, then the oldest: the first of a pile is its canonical report."""
    return sorted(judged, key=lambda one: (one.band, -most_telling(tells[one.report]), one.report))
