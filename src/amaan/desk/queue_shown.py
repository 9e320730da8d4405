"""A page of the queue as the desk shows it: triage's selectors, said in the reader's language."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from django.http import QueryDict
from django.utils.translation import gettext as _

from amaan.accounts.selectors import names_of, unit_names
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, may, units_where
from amaan.desk.sentences import said
from amaan.outbox.services import ids_waiting
from amaan.triage.domain.queues import NO_QUEUE
from amaan.triage.domain.ruleset import Band
from amaan.triage.selectors import (
    Change,
    Choice,
    HeldBy,
    NoRulesAdopted,
    Place,
    QueueLine,
    counts_for,
    deadlines_for,
    held_for,
    queue_for,
    queues_for,
    waiting_in,
)
from amaan.ui.moments import SOON
from amaan.ui.words import grouped

LINES = 50
NONES = "none"
"""In an address, in place of a queue's number: what no queue catches."""
BANDING = "triage.band"  # the subscriber's name in flow.py


class Due(StrEnum):
    """Which due times a page shows."""

    ANY = "any"
    OVERDUE = "overdue"
    SOON = "soon"


@dataclass(frozen=True)
class Asked:
    """What the address asks for. `unit` is a code, "" for all; `queue` a number, NO_QUEUE for what none catches;
    `after` where the page begins."""

    band: Band | None = None
    unit: str = ""
    queue: int | None = None
    held_by: HeldBy = HeldBy.ANYBODY
    due: Due = Due.ANY
    after: Place | None = None

    @property
    def narrowed(self) -> bool:
        """Whether somebody chose anything at all, the page apart."""
        return replace(self, after=None) != Asked()

    @property
    def band_only(self) -> bool:
        return replace(self, after=None, band=None) == Asked()

    def choice(self, now: datetime) -> Choice:
        after = now if self.due is Due.SOON else None
        by = {Due.ANY: None, Due.OVERDUE: now, Due.SOON: now + SOON}[self.due]
        return Choice(self.band, self.unit or None, self.held_by, after, by, self.queue)

    def as_body(self) -> dict[str, object]:
        """For the ledger: the band, and whatever else was chosen."""
        chosen: dict[str, object] = {"band": int(self.band) if self.band else None}
        if self.unit:
            chosen["unit"] = self.unit
        if self.queue is not None:
            chosen["queue"] = self.queue
        if self.held_by is not HeldBy.ANYBODY:
            chosen["held_by"] = str(self.held_by)
        if self.due is not Due.ANY:
            chosen["due"] = str(self.due)
        if self.after:
            chosen["after"] = written(self.after)
        return chosen


@dataclass(frozen=True)
class BandTab:
    """A band to choose. `overdue` and `due_soon` are words such as `3` or `1000+`, empty for none; so many wait, or
    `more`."""

    number: int
    name: str
    waiting: int
    more: bool
    overdue: str
    due_soon: str


@dataclass(frozen=True)
class Option:
    """One value of a filter. `value` is what the address carries, None for the first one, which needs no word."""

    value: str | None
    name: str
    chosen: bool


@dataclass(frozen=True)
class Line:
    """One report: what is due when, who sent it, why it stands here, and who holds it.

    `holder` is a name, empty where nobody holds it; `mine` says that it is the reader's own. `changed` is what is new
    since they read it.
    """

    reference: str
    band_name: str
    due_at: datetime
    received_at: datetime
    entity: str
    unit: str
    reasons: tuple[str, ...]
    told_again: bool
    holder: str
    held_since: datetime | None
    abandoned: bool
    mine: bool
    claimable: bool
    changed: tuple[str, ...]


@dataclass(frozen=True)
class Queue:
    """`band` is the chosen band's number, or None for all; `total` counts every band.

    `unbanded` reports have arrived and wait for their band: none is ever missing in silence.
    `held` is what the reader holds, shown first. `after` leads to the next page, "" at the end.
    """

    asked: Asked
    band: int | None
    now: datetime
    total: int
    unbanded: int
    bands: tuple[BandTab, ...]
    units: tuple[Option, ...]
    queues: tuple[Option, ...]
    holders: tuple[Option, ...]
    dues: tuple[Option, ...]
    held: tuple[Line, ...]
    lines: tuple[Line, ...]
    caption: str
    after: str
    many_units: bool
    may_claim: bool

    @property
    def references(self) -> list[str]:
        """Every report that the page names, once."""
        return list(dict.fromkeys(line.reference for line in (*self.held, *self.lines)))


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def asked_for(actor: Actor, address: QueryDict) -> Asked:
    """What an address asks for; whatever is odd in it, or not the reader's, counts as not asked."""
    band = address.get("band", "")
    unit = address.get("unit", "")
    held_by, due, queue = address.get("holder", ""), address.get("due", ""), address.get("queue", "")
    return Asked(
        band=Band(int(band)) if band in {str(int(one)) for one in Band} else None,
        unit=unit if unit in units_where(actor, Action.VIEW_QUEUE).codes else "",
        queue=_queue(actor, queue),
        held_by=HeldBy(held_by) if held_by in set(HeldBy) else HeldBy.ANYBODY,
        due=Due(due) if due in set(Due) else Due.ANY,
        after=read(address.get("after", "")),
    )


def _queue(actor: Actor, text: str) -> int | None:
    if text == NONES:
        return NO_QUEUE
    known = {str(one.number): one.number for one in queues_for(actor, peopled=False)} if text else {}
    return known.get(text)


def written(place: Place) -> str:
    """A place as the address carries it: band, microseconds since 1970, number."""
    return f"{place.band}-{(place.turn_at - _EPOCH) // timedelta(microseconds=1)}-{place.id}"


def read(text: str) -> Place | None:
    """The place of `written`, or None."""
    parts = text.split("-")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts):
        return None
    band, micros, number = map(int, parts)
    try:
        return Place(int(Band(band)), _EPOCH + timedelta(microseconds=micros), number, 0)
    except (ValueError, OverflowError):
        return None


def queue_page(actor: Actor, asked: Asked, *, now: datetime) -> Queue:
    """The most urgent reports that `actor` may see. Before the first rules are adopted there are no bands."""
    unit = asked.unit or None
    try:
        counts = counts_for(actor, unit=unit)
    except NoRulesAdopted:
        counts = []
    if asked.queue is not None:
        caught = waiting_in(actor, queue=asked.queue, unit=unit)
        counts = [replace(count, count=caught[count.band]) for count in counts]
    deadlines = deadlines_for(actor, now=now, soon=SOON, unit=unit, queue=asked.queue)
    names = {count.band: said(count.name) for count in counts}
    found = queue_for(actor, asked.choice(now), now=now, after=asked.after, limit=LINES)
    # What one holds comes first when one returns, and stands aside while one looks for something else.
    held = held_for(actor, now=now) if not (asked.narrowed or asked.after) else ()
    offices = unit_names()
    people = names_of([line.holder.by for line in (*held, *found.lines) if line.holder])
    told = _Telling(actor, names, offices, people)
    lines = tuple(told.line(line) for line in found.lines)
    total = sum(count.count for count in counts)
    tabs = []
    for count in counts:
        near = deadlines[count.band]
        overdue, soon = _capped(near.overdue, near.capped), _capped(near.due_soon, near.capped)
        more = asked.queue is not None and count.count >= near.capped
        tabs.append(BandTab(int(count.band), names[count.band], count.count, more, overdue, soon))
    mine = sorted(units_where(actor, Action.VIEW_QUEUE).codes)
    return Queue(
        asked=asked,
        band=int(asked.band) if asked.band else None,
        now=now,
        total=total,
        unbanded=ids_waiting(BANDING),
        bands=tuple(tabs),
        units=_units(mine, offices, asked) if len(mine) > 1 else (),
        queues=_queues(actor, asked),
        holders=_holders(asked),
        dues=_dues(asked),
        held=tuple(told.line(line) for line in held),
        lines=lines,
        caption=_caption(asked, len(lines), {count.band: count.count for count in counts}, found.more),
        after=written(found.after) if found.after else "",
        many_units=len(mine) > 1 and not asked.unit,
        may_claim=may(actor, Action.DECIDE_REPORT),
    )


def _units(codes: list[str], offices: Mapping[str, str], asked: Asked) -> tuple[Option, ...]:
    every = Option(None, _("All offices"), not asked.unit)
    return (every, *(Option(code, offices.get(code, code), code == asked.unit) for code in codes))


def _queues(actor: Actor, asked: Asked) -> tuple[Option, ...]:
    """Everything comes first, and what no queue catches last: a queue hides nothing."""
    found = [one for one in queues_for(actor, peopled=False) if asked.unit in {"", one.unit}]
    if not found:
        return ()
    return (
        Option(None, _("Every queue"), asked.queue is None),
        *(Option(str(one.number), one.name, one.number == asked.queue) for one in found),
        Option(NONES, _("In no queue"), asked.queue == NO_QUEUE),
    )


def _holders(asked: Asked) -> tuple[Option, ...]:
    names = {
        HeldBy.ANYBODY: _("Everybody’s"),
        HeldBy.NOBODY: _("Claimed by nobody"),
        HeldBy.ME: _("Claimed by you"),
    }
    return tuple(
        Option(None if one is HeldBy.ANYBODY else str(one), name, one is asked.held_by)
        for one, name in names.items()
    )


def _dues(asked: Asked) -> tuple[Option, ...]:
    names = {Due.ANY: _("Any due time"), Due.OVERDUE: _("Overdue"), Due.SOON: _("Due within 6 hours")}
    return tuple(
        Option(None if one is Due.ANY else str(one), name, one is asked.due) for one, name in names.items()
    )


@dataclass(frozen=True)
class _Telling:
    """What turns triage's lines into the reader's language."""

    actor: Actor
    bands: Mapping[Band, str]
    offices: Mapping[str, str]
    people: Mapping[str, str]

    def line(self, line: QueueLine) -> Line:
        holder = line.holder
        return Line(
            reference=line.reference,
            band_name=self.bands[line.band],
            due_at=line.due_at,
            received_at=line.received_at,
            entity=line.entity,
            unit=self.offices.get(line.unit, line.unit),
            reasons=tuple(said(reason) for reason in line.reasons),
            told_again=line.told_again,
            holder=self.people.get(holder.by, holder.by) if holder else "",
            held_since=holder.since if holder else None,
            abandoned=holder is not None and holder.abandoned,
            mine=holder is not None and holder.by == self.actor.key,
            claimable=line.claimable,
            changed=changes_in_words(line.changed),
        )


def changes_in_words(changed: Collection[Change]) -> tuple[str, ...]:
    """What is new since somebody read it, in an order that stays."""
    words = {
        Change.TOLD_AGAIN: _("told again since you read it"),
        Change.RAISED: _("sooner than when you read it"),
        Change.WROTE: _("the reporter wrote since you read it"),
    }
    return tuple(words[one] for one in Change if one in changed)


def _capped(count: int, cap: int) -> str:
    if count == 0:
        return ""
    return f"{cap}+" if count >= cap else str(count)


def _caption(asked: Asked, shown: int, counts: Mapping[Band, int], more: bool) -> str:
    """The tally is kept beside the index, so for a moment it may know of fewer reports than are shown."""
    if asked.after:
        return _("The next %(shown)s, less urgent than those before") % {"shown": grouped(shown)}
    if asked.held_by is not HeldBy.ANYBODY or asked.due is not Due.ANY:
        return _("Those that you chose, the most urgent first")
    waiting = counts.get(asked.band, 0) if asked.band else sum(counts.values())
    if shown >= waiting or not more:
        return _("All reports that wait here, the most urgent first")
    return _("The %(shown)s most urgent of %(waiting)s reports") % {
        "shown": grouped(shown),
        "waiting": grouped(waiting),
    }
