"""The first page of the queue as the desk shows it: triage's selectors, said in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from amaan.authority.actors import Actor
from amaan.outbox.services import ids_waiting
from amaan.triage.domain.ruleset import Band, Words
from amaan.triage.selectors import NoRulesAdopted, QueueLine, counts_for, deadlines_for, queue_for
from amaan.ui.moments import SOON
from amaan.ui.words import grouped

LINES = 50
BANDING = "triage.band"  # the subscriber's name in flow.py


@dataclass(frozen=True)
class BandTab:
    """A band to choose. `overdue` and `due_soon` are words such as `3` or `1000+`, empty for none."""

    number: int
    name: str
    waiting: int
    overdue: str
    due_soon: str


@dataclass(frozen=True)
class Line:
    """One report: what is due when, who sent it, and why it stands here."""

    reference: str
    band_name: str
    due_at: datetime
    received_at: datetime
    entity: str
    unit: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Queue:
    """`band` is the chosen band's number, or None for all; `total` counts every band.

    `unbanded` reports have arrived and wait for their band: none is ever missing in silence.
    """

    band: int | None
    now: datetime
    total: int
    unbanded: int
    bands: tuple[BandTab, ...]
    lines: tuple[Line, ...]
    caption: str
    many_units: bool


def said(words: Words) -> str:
    """A sentence in the reader's language."""
    return words.ur if get_language() == "ur" else words.en


def queue_page(actor: Actor, *, band: Band | None, now: datetime) -> Queue:
    """The most urgent reports that `actor` may see. Before the first rules are adopted there are no bands."""
    try:
        counts = counts_for(actor)
    except NoRulesAdopted:
        counts = []
    deadlines = deadlines_for(actor, now=now, soon=SOON)
    names = {count.band: said(count.name) for count in counts}
    found = queue_for(actor, band=band, limit=LINES)
    lines = tuple(_line(line, names) for line in found.lines)
    total = sum(count.count for count in counts)
    waiting = total if band is None else next((c.count for c in counts if c.band is band), len(lines))
    tabs = []
    for count in counts:
        near = deadlines[count.band]
        overdue, soon = _capped(near.overdue, near.capped), _capped(near.due_soon, near.capped)
        tabs.append(BandTab(int(count.band), names[count.band], count.count, overdue, soon))
    return Queue(
        band=int(band) if band else None,
        now=now,
        total=total,
        unbanded=ids_waiting(BANDING),
        bands=tuple(tabs),
        lines=lines,
        caption=_caption(len(lines), waiting),
        many_units=len({line.unit for line in lines}) > 1,
    )


def _line(line: QueueLine, names: dict[Band, str]) -> Line:
    return Line(
        reference=line.reference,
        band_name=names[line.band],
        due_at=line.due_at,
        received_at=line.received_at,
        entity=line.entity,
        unit=line.unit,
        reasons=tuple(said(reason) for reason in line.reasons),
    )


def _capped(count: int, cap: int) -> str:
    if count == 0:
        return ""
    return f"{cap}+" if count >= cap else str(count)


def _caption(shown: int, waiting: int) -> str:
    """The tally is kept beside the index, so for a moment it may know of fewer reports than are shown."""
    if shown >= waiting:
        return _("All reports that wait here, the most urgent first")
    return _("The %(shown)s most urgent of %(waiting)s reports") % {
        "shown": grouped(shown),
        "waiting": grouped(waiting),
    }
