"""Reports of a ring in lines, as its table and the forms that choose show them: their band, and who has read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from django.forms.boundfield import BoundField, BoundWidget

from amaan.authority.actors import Actor
from amaan.desk.sentences import said
from amaan.linking.panels.values import ReportShown, ThingShown
from amaan.linking.selectors.showing import SeenRing
from amaan.triage.selectors import read_by
from amaan.triage.selectors.briefs import bands_of


@dataclass(frozen=True)
class ReportLine:
    """`band`: "" of what has none yet. `read_at`: when the reader had it open last, None if never; `again`: it was told
    again since. `cases` as on the ring's page."""

    one: ReportShown
    band: str
    read_at: datetime | None
    again: bool
    cases: tuple[str, ...] = ()


@dataclass(frozen=True)
class ChoiceLine:
    """A report that may be chosen, with its box."""

    box: BoundWidget
    line: ReportLine


@dataclass(frozen=True)
class Choosing:
    """`things`: what the marks in the lines stand for."""

    lines: tuple[ChoiceLine, ...]
    things: tuple[ThingShown, ...]


def lines_of(
    actor: Actor,
    seen: SeenRing,
    reports: Sequence[ReportShown],
    cases: Mapping[int, tuple[str, ...]] = MappingProxyType({}),
) -> list[ReportLine]:
    """Of reports that the actor may open."""
    ids = [one.report_id for one in reports]
    bands, read = bands_of(ids), read_by(actor, ids)
    found = []
    for one in reports:
        band, seen_last = bands.get(one.report_id), read.get(one.report_id)
        found.append(
            ReportLine(
                one,
                band=said(band.name) if band else "",
                read_at=seen_last.at if seen_last else None,
                again=bool(seen_last and seen.told[one.report_id].version_id > seen_last.version_id),
                cases=cases.get(one.report_id, ()),
            )
        )
    return found


def choosing(field: BoundField, lines: Sequence[ReportLine], things: Sequence[ThingShown]) -> Choosing:
    """`lines` in the order of the field's choices."""
    marks = {mark for line in lines for mark in line.one.marks}
    return Choosing(
        tuple(ChoiceLine(box, line) for box, line in zip(field.subwidgets, lines, strict=True)),
        tuple(thing for thing in things if thing.mark in marks),
    )
