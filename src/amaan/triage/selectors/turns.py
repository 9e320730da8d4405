"""Reading: when the turn of waiting reports comes, for a room that may propose another one inside the band."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from amaan.triage.models import Assessment
from amaan.triage.rulebook import in_force


class WaitingTurn(NamedTuple):
    """A waiting report's place in time. `danger` is the axis' value, 0 to 100."""

    assessment_id: int
    report_id: int
    reference: str
    received_at: datetime
    due_at: datetime
    turn_at: datetime
    danger: int


def waiting_turns(report_ids: Sequence[int]) -> list[WaitingTurn]:
    """Of those of these reports that wait, by assessment."""
    rows = Assessment.objects.filter(report_id__in=list(report_ids), waiting=True, current=True)
    return [
        WaitingTurn._make(row)
        for row in rows.order_by("id").values_list(
            "id", "report_id", "report__reference", "received_at", "due_at", "turn_at", "danger"
        )
    ]


def waiting_after(assessment_id: int, *, limit: int) -> list[tuple[int, int]]:
    """The next waiting assessments, (assessment, report), in the order of their ids."""
    rows = Assessment.objects.filter(pk__gt=assessment_id, waiting=True).order_by("pk")
    return list(rows.values_list("pk", "report_id")[:limit])


class Axes(NamedTuple):
    """Two axes of a current assessment, 0 to 100 each."""

    danger: int
    quality: int


def axes_of(report_ids: Sequence[int]) -> dict[int, Axes]:
    """Of those of these reports that have a band, decided or not."""
    rows = Assessment.objects.filter(report_id__in=list(report_ids), current=True)
    return {
        report: Axes(danger, quality)
        for report, danger, quality in rows.values_list("report_id", "danger", "quality")
    }


def danger_at(moments: Mapping[int, datetime]) -> dict[int, int]:
    """The danger, 0 to 100, by which each of these reports stood at a moment; without those that had no band then."""
    # Apart, since what is current and what is past stand in two indexes.
    rows = [
        row
        for current in (False, True)
        for row in Assessment.objects.filter(report_id__in=list(moments), current=current).values_list(
            "at", "id", "report_id", "danger"
        )
    ]
    return {report: danger for at, _, report, danger in sorted(rows) if at <= moments[report]}


def rules_version() -> str | None:
    """Of the rules in force; None before the first."""
    held = in_force()
    return held[1].version if held else None
