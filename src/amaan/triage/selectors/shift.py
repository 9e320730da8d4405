"""What happened since somebody's last shift: counts and references, nothing that was told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from amaan.accounts.selectors import unit_ids
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, units_where
from amaan.correspondence.selectors import conversations_waiting
from amaan.triage.domain.ruleset import Band
from amaan.triage.domain.shifts import FIRST
from amaan.triage.models import Assessment, Claim, Shift
from amaan.triage.rulebook import in_force
from amaan.triage.selectors.counts import deadlines_for
from amaan.triage.selectors.preserving import Ending, endings_for
from amaan.triage.selectors.queue import Choice, QueueLine, held_for, queue_for
from amaan.triage.selectors.seen import Change, changed_for

MOST: Final = 1000
"""Nobody counts further than this."""
NAMED: Final = 20


@dataclass(frozen=True)
class Digest:
    """`since` is when the shift before ended. Counts by band end at MOST; lists at NAMED."""

    since: datetime
    came: Mapping[Band, int]
    decided: int
    by_me: tuple[str, ...]
    overdue: Mapping[Band, int]
    late: tuple[str, ...]
    held: tuple[QueueLine, ...]
    changed: Mapping[str, frozenset[Change]]
    wrote: tuple[str, ...]
    ending: tuple[Ending, ...]


def shift_began_after(actor: Actor, *, now: datetime) -> datetime:
    """The end of the shift before this one; of somebody without one, a day ago."""
    held = Shift.objects.filter(by=actor.key).first()
    if held is None:
        return now - FIRST
    return held.ended_at or held.before_at or now - FIRST


def digest_for(actor: Actor, *, now: datetime, since: datetime | None = None) -> Digest:
    """What the actor finds when they come. `since` is asked of their shifts unless it is given."""
    begun = since or shift_began_after(actor, now=now)
    units = unit_ids(units_where(actor, Action.VIEW_QUEUE))
    late = queue_for(actor, Choice(due_by=now), now=now, limit=NAMED)
    settled = Assessment.objects.filter(current=True, settled_at__gt=begun, unit_id__in=units)
    mine = Claim.objects.filter(by=actor.key, ending="decided", released_at__gt=begun, unit_id__in=units)
    return Digest(
        since=begun,
        came=_came(units, begun),
        decided=settled.order_by()[:MOST].count(),
        by_me=tuple(mine.order_by("released_at").values_list("report__reference", flat=True)[:NAMED]),
        overdue={band: one.overdue for band, one in deadlines_for(actor, now=now, soon=timedelta(0)).items()},
        late=tuple(line.reference for line in late.lines),
        held=held_for(actor, now=now),
        changed=changed_for(actor, limit=NAMED),
        wrote=tuple(one.reference for one in conversations_waiting(actor, limit=NAMED)),
        ending=tuple(endings_for(actor, now=now, limit=NAMED)),
    )


def _came(units: list[int], since: datetime) -> dict[Band, int]:
    """What waits and came since, by band. A due time is the receipt and the band's span, and stands in the index."""
    adopted = in_force()
    if adopted is None:
        return dict.fromkeys(Band, 0)
    found = {}
    for band, spec in adopted[1].bands.items():
        rows = Assessment.objects.filter(waiting=True, folded=False, unit_id__in=units, band=int(band))
        due = since + timedelta(hours=spec.hours)
        found[band] = rows.filter(turn_at__gt=since, due_at__gt=due).order_by()[:MOST].count()
    return found


__all__ = ["MOST", "NAMED", "Digest", "digest_for", "shift_began_after"]
