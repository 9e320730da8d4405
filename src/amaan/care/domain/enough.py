"""How much somebody has read, and when it is enough for now. Pure.

A day is the last 24 hours and a week the last seven days, so that no midnight starts a night's count anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from amaan.care.domain.categories import HEAVY, Category

DAY: Final = timedelta(days=1)
WEEK: Final = timedelta(days=7)
MOST_OF_ONE: Final = timedelta(minutes=20)
"""A page that stays open counts no longer than this: an open tab is nobody's reading."""
NEAR: Final = 0.8
"""From this part of a cap on, somebody is near it."""
HEAVY_TOGETHER: Final = 3
"""So many heavy reports within an hour call for lighter work; one alone is the work itself, and asking after each one
would only teach people to click the question away."""
HOUR: Final = timedelta(hours=1)
FEWEST: Final = 5
"""Of fewer people than this, an office is told nothing."""


class State(StrEnum):
    OPEN = "open"
    LIGHTER = "lighter"  # cooling off: lighter work comes first
    ENOUGH = "enough"  # a cap is reached


class Why(StrEnum):
    """Which cap, or what came before."""

    NOTHING = ""
    HEAVY_JUST_NOW = "heavy_just_now"
    MINUTES_DAY = "minutes_day"
    MINUTES_WEEK = "minutes_week"
    HEAVY_DAY = "heavy_day"


@dataclass(frozen=True)
class Caps:
    """An office's, or one's own; one's own may only be lower. `cooling_minutes` may be longer."""

    minutes_day: int = 240
    minutes_week: int = 1200
    heavy_day: int = 12
    cooling_minutes: int = 20

    def lowered(self, own: Caps) -> Caps:
        return Caps(
            min(self.minutes_day, own.minutes_day),
            min(self.minutes_week, own.minutes_week),
            min(self.heavy_day, own.heavy_day),
            max(self.cooling_minutes, own.cooling_minutes),
        )


@dataclass(frozen=True)
class Reading:
    """One report on somebody's screen. `seconds` is None while it is open."""

    report_id: int
    opened_at: datetime
    seconds: int | None
    categories: Category

    def lasted(self, now: datetime) -> timedelta:
        if self.seconds is not None:
            return timedelta(seconds=self.seconds)
        return min(max(now - self.opened_at, timedelta(0)), MOST_OF_ONE)


@dataclass(frozen=True)
class Read:
    """What somebody read until now."""

    reports_day: int = 0
    minutes_day: int = 0
    minutes_week: int = 0
    heavy_day: int = 0
    heavy_hour: int = 0
    heavy_last: datetime | None = None


@dataclass(frozen=True)
class Standing:
    """What comes next for somebody. `avoid` are the categories that a pull passes over; `until` ends cooling off."""

    state: State = State.OPEN
    why: Why = Why.NOTHING
    until: datetime | None = None
    avoid: Category = Category.NONE


def seconds_between(opened_at: datetime, left_at: datetime) -> int:
    """How long a page counts that was opened then and left by then."""
    return int(min(max(left_at - opened_at, timedelta(0)), MOST_OF_ONE).total_seconds())


def read_of(readings: Iterable[Reading], now: datetime) -> Read:
    """Sums over a week of readings. A report that was opened twice counts once, with the minutes of both."""
    day, week = timedelta(0), timedelta(0)
    reports: set[int] = set()
    heavy: dict[int, datetime] = {}
    for one in readings:
        if one.opened_at <= now - WEEK or one.opened_at > now:
            continue
        week += one.lasted(now)
        if one.opened_at <= now - DAY:
            continue
        day += one.lasted(now)
        reports.add(one.report_id)
        if one.categories & HEAVY:
            heavy[one.report_id] = max(
                one.opened_at + one.lasted(now), heavy.get(one.report_id, one.opened_at)
            )
    return Read(
        len(reports),
        int(day.total_seconds()) // 60,
        int(week.total_seconds()) // 60,
        len(heavy),
        sum(ended > now - HOUR for ended in heavy.values()),
        max(heavy.values(), default=None),
    )


def standing_of(read: Read, caps: Caps, opted_out: Category, now: datetime) -> Standing:
    """A cap reached says enough; after several heavy ones, and once those of a day are enough, lighter work comes."""
    for why, held, cap in (
        (Why.MINUTES_DAY, read.minutes_day, caps.minutes_day),
        (Why.MINUTES_WEEK, read.minutes_week, caps.minutes_week),
    ):
        if held >= cap:
            return Standing(State.ENOUGH, why, None, opted_out | HEAVY)
    if read.heavy_day >= caps.heavy_day:
        return Standing(State.LIGHTER, Why.HEAVY_DAY, None, opted_out | HEAVY)
    if read.heavy_last is not None and read.heavy_hour >= HEAVY_TOGETHER:
        until = read.heavy_last + timedelta(minutes=caps.cooling_minutes)
        if now < until:
            return Standing(State.LIGHTER, Why.HEAVY_JUST_NOW, until, opted_out | HEAVY)
    return Standing(avoid=opted_out)


def is_near(read: Read, caps: Caps) -> bool:
    return read.minutes_day >= NEAR * caps.minutes_day or read.minutes_week >= NEAR * caps.minutes_week
