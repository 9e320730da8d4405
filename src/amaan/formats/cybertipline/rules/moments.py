"""Dates and times as XML writes them, compared only as far as they can be: a time may lack its zone."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date, datetime

ALLOWANCE = 5 * 60
"""Seconds that a platform's clock may be ahead of ours."""

_EVERY_ZONE = 14 * 3600
_DAY = 86400
_WRITTEN = re.compile(
    r"(-?\d{4,})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d):(\d\d(?:\.\d+)?))?(?:(Z)|([+-])(\d\d):(\d\d))?", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Moment:
    """`seconds` since 1970 in UTC; where `zoned` is false, up to 14 hours more or less."""

    seconds: float
    zoned: bool

    @property
    def earliest(self) -> float:
        return self.seconds if self.zoned else self.seconds - _EVERY_ZONE

    @property
    def latest(self) -> float:
        return self.seconds if self.zoned else self.seconds + _EVERY_ZONE


def moment_of(text: str) -> Moment | None:
    """The moment that an xs:dateTime or xs:date (its first second) names; None where the text is neither."""
    held = _WRITTEN.fullmatch(text)
    if held is None:
        return None
    year, month, day, hour, minute, second, zulu, sign, zone_hours, zone_minutes = held.groups()
    try:
        seconds = _days(int(year), int(month), int(day)) * _DAY
    except ValueError:
        return None
    if hour is not None:
        seconds += int(hour) * 3600 + int(minute) * 60 + float(second)
    if sign is not None:
        shift = int(zone_hours) * 3600 + int(zone_minutes) * 60
        seconds += shift if sign == "-" else -shift
    return Moment(seconds, zoned=bool(zulu or sign))


def _days(year: int, month: int, day: int) -> float:
    if year > 9999:
        return math.inf
    if year < 1:
        return -math.inf
    return date(year, month, day).toordinal() - date(1970, 1, 1).toordinal()


def is_past(moment: Moment, now: datetime) -> bool:
    """False only where the moment is ahead of `now` by more than ALLOWANCE, in whatever zone it was written."""
    return moment.earliest <= now.timestamp() + ALLOWANCE


def is_now(moment: Moment, now: datetime) -> bool:
    """Within ALLOWANCE of `now`, where the zone is known."""
    return moment.zoned and abs(moment.seconds - now.timestamp()) <= ALLOWANCE


def is_before(one: Moment, other: Moment) -> bool:
    """Surely before: not where a lacking zone leaves it open."""
    if one.zoned == other.zoned:
        return one.seconds < other.seconds
    return one.latest < other.earliest
