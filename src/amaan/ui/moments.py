"""Times as people say them, in the active language; the exact time always stands beside them in <time>."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

MINUTE, HOUR, SIX_HOURS, DAY = 60, 3600, 21600, 86400

SOON = timedelta(hours=6)


@dataclass(frozen=True)
class DueState:
    """How near a due time is. `name` is a css class and `shape` a sign that differs without colour."""

    name: str
    shape: str


OVERDUE = DueState("overdue", "▲")
DUE_SOON = DueState("soon", "◆")
LATER = DueState("later", "○")


def due_state(due_at: datetime, now: datetime) -> DueState:
    if due_at <= now:
        return OVERDUE
    return DUE_SOON if due_at - now <= SOON else LATER


def length(span: timedelta) -> str:
    """`2 h 10 min`, `14 h`, `3 days`: never negative, and no finer than somebody would say it."""
    seconds = max(0, int(span.total_seconds()))
    if seconds < HOUR:
        return _("%(minutes)s min") % {"minutes": seconds // MINUTE}
    if seconds < DAY:
        hours = ngettext("%(hours)s h", "%(hours)s h", seconds // HOUR) % {"hours": seconds // HOUR}
        left = seconds % HOUR // MINUTE
        if left == 0 or seconds >= SIX_HOURS:
            return hours
        minutes = _("%(minutes)s min") % {"minutes": left}
        return f"{hours} {minutes}"
    days = seconds // DAY
    return ngettext("%(days)s day", "%(days)s days", days) % {"days": days}


def due_words(due_at: datetime, now: datetime) -> str:
    if due_at <= now:
        return _("overdue by %(length)s") % {"length": length(now - due_at)}
    return _("due in %(length)s") % {"length": length(due_at - now)}


def when_words(moment: datetime, now: datetime) -> str:
    """`just now`, `3 h 5 min ago`, `yesterday at 14:05`, `12 November 2026`; a future time by its date."""
    here, today = timezone.localtime(moment), timezone.localtime(now).date()
    passed = now - moment
    if timedelta(0) <= passed < timedelta(minutes=1):
        return _("just now")
    if timedelta(0) <= passed < timedelta(hours=12):
        return _("%(length)s ago") % {"length": length(passed)}
    clock = here.strftime("%H:%M")
    if here.date() == today:
        return _("today at %(clock)s") % {"clock": clock}
    if here.date() == today - timedelta(days=1):
        return _("yesterday at %(clock)s") % {"clock": clock}
    return str(date_format(here, "j F Y"))


def exact_words(moment: datetime) -> str:
    """`12 November 2026, 14:05 UTC`, in the installation's time zone and naming it."""
    here = timezone.localtime(moment)
    return f"{date_format(here, 'j F Y')}, {here.strftime('%H:%M')} {here.tzname()}"


def machine_words(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
