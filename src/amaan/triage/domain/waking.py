"""Who is woken for what, and in which order. Pure: hours are hours of the day in Pakistan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from typing import Final, TypeVar

PAKISTAN: Final = timezone(timedelta(hours=5), "PKT")
"""Pakistan keeps one time the year round (IANA: Asia/Karachi, no summer time since 2010)."""
MOST_TRIES: Final = 8
MOST_NAMED: Final = 20
"""References that one message names; the others are counted."""
AT_WORK_LATELY: Final = timedelta(hours=1)
"""Who did nothing for so long is not there to take a floor, whatever the hour: a holiday has no fixed hours."""
AGAIN_SOONEST: Final = timedelta(hours=1)
AGAIN_LATEST: Final = timedelta(hours=8)
LEASE: Final = timedelta(minutes=10)
"""For as long as this, a message that a worker began to send is left to that worker."""


class Cause(StrEnum):
    """Why somebody is woken."""

    DUE = "due"  # a day's promise runs out and nobody has claimed it
    NIGHT = "night"  # a report that nothing can lower waits while the office sleeps


class End(StrEnum):
    """How a call ended."""

    ANSWERED = "answered"  # somebody said that they are on it
    CLAIMED = "claimed"  # everything in it was claimed or decided
    UNANSWERED = "unanswered"  # nobody on the list answered


class Channel(StrEnum):
    MAIL = "mail"
    SMS = "sms"


@dataclass(frozen=True)
class Turn:
    """Somebody on the list, and when they are on call: from hour to hour, the same twice being around the clock."""

    person: int
    from_hour: int
    to_hour: int


Listed = TypeVar("Listed", bound=Turn)


def hour_of(moment: datetime) -> int:
    return moment.astimezone(PAKISTAN).hour


def within(hour: int, from_hour: int, to_hour: int) -> bool:
    """Whether an hour lies from one hour to another, past midnight if need be; the same hour twice is all day."""
    if from_hour == to_hour:
        return True
    if from_hour < to_hour:
        return from_hour <= hour < to_hour
    return hour >= from_hour or hour < to_hour


def is_night(moment: datetime, night_from: int, night_to: int) -> bool:
    """A night of no length never is."""
    return night_from != night_to and within(hour_of(moment), night_from, night_to)


def order_of(listed: Sequence[Listed], moment: datetime) -> list[Listed]:
    """Whom to ask, in order: those on call at this hour, then the others, for a child can't wait for the right hour."""
    hour = hour_of(moment)
    return sorted(listed, key=lambda one: not within(hour, one.from_hour, one.to_hour))


def next_hour(hour: int, now: datetime) -> datetime:
    """The next moment after `now` at which it is `hour` o'clock in Pakistan, in UTC."""
    here = now.astimezone(PAKISTAN)
    found = here.replace(hour=hour, minute=0, second=0, microsecond=0)
    if found <= here:
        found += timedelta(days=1)
    return found.astimezone(UTC)


def wait_after(attempts: int) -> timedelta:
    """How long until a message that failed is tried again: half a minute, doubling, an hour at most."""
    return min(timedelta(hours=1), timedelta(seconds=15 * 2 ** min(attempts, 10)))


def again_after(next_after_minutes: int) -> list[timedelta]:
    """How long after the first call, the second, … somebody is called again for what still waits and nobody claimed;
    the last of them goes for every further call. It doubles: a call that comes too often is not heard."""
    waits = [min(AGAIN_LATEST, max(AGAIN_SOONEST, timedelta(minutes=4 * next_after_minutes)))]
    while waits[-1] < AGAIN_LATEST:
        waits.append(min(AGAIN_LATEST, 2 * waits[-1]))
    return waits
