"""What is new of a report since somebody read it: told again, sooner than it was, or its reporter wrote."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

from amaan.accounts.selectors import unit_ids
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, units_where
from amaan.correspondence.selectors import written_last
from amaan.triage.models import Assessment, Seen

MOST_LOOKED_AT: Final = 500
"""Of what somebody read, the newest so many are asked for what is new."""


class Change(StrEnum):
    """What is new. It says so of the one who read it, and to nobody else."""

    TOLD_AGAIN = "told_again"
    RAISED = "raised"
    WROTE = "wrote"


def changes_since(actor: Actor, rows: Sequence[tuple[int, int, int]]) -> dict[int, frozenset[Change]]:
    """Of reports, as (report id, id of the telling that counts, band); those that the actor never read are left out."""
    if not rows:
        return {}
    held = Seen.objects.filter(by=actor.key, report_id__in=[report for report, _, _ in rows])
    seen = {one.report_id: one for one in held}
    wrote = written_last(list(seen)) if seen else {}
    found = {}
    for report, version, band in rows:
        if report in seen and (new := _new(seen[report], version, band, wrote.get(report))):
            found[report] = new
    return found


class Read(NamedTuple):
    """When somebody read a report last, and which telling of it by its row id."""

    at: datetime
    version_id: int


def read_by(actor: Actor, report_ids: Collection[int]) -> dict[int, Read]:
    """By report; those that the actor never read are left out."""
    rows = Seen.objects.filter(by=actor.key, report_id__in=report_ids)
    return {
        report: Read(at, version) for report, at, version in rows.values_list("report_id", "at", "version_id")
    }


def changed_for(actor: Actor, *, limit: int = 50) -> dict[str, frozenset[Change]]:
    """By reference, what waits and is new among what the actor read lately; what was read last first."""
    units = unit_ids(units_where(actor, Action.VIEW_QUEUE))
    lately = Seen.objects.filter(by=actor.key).order_by("-at").values_list("report_id", flat=True)
    read = list(lately[:MOST_LOOKED_AT])
    held = Assessment.objects.filter(current=True, waiting=True, report_id__in=read, unit_id__in=units)
    rows = list(held.values_list("report_id", "version_id", "band", "report__reference"))
    new = changes_since(actor, [(report, version, band) for report, version, band, _ in rows])
    names = {report: reference for report, _, _, reference in rows}
    order = {report: place for place, report in enumerate(read)}
    return {names[report]: new[report] for report in sorted(new, key=order.__getitem__)[:limit]}


def _new(seen: Seen, version: int, band: int, wrote: datetime | None) -> frozenset[Change]:
    found = set()
    if version > seen.version_id:
        found.add(Change.TOLD_AGAIN)
    if band < seen.band:
        found.add(Change.RAISED)
    if wrote is not None and wrote > seen.at:
        found.add(Change.WROTE)
    return frozenset(found)
