"""Reading: the queue, its counts, and the whole explanation of one band."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import merge
from itertools import islice
from typing import Any

from django.db.models import QuerySet, Sum

from amaan.accounts.selectors import unit_ids
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, units_where
from amaan.reports.domain.references import NotAReference, read_reference
from amaan.reports.selectors import triage_inputs
from amaan.triage.domain.engine import AXES, Reason, band_by_points, gaps_of, strongest
from amaan.triage.domain.facts import FactValue
from amaan.triage.domain.ruleset import Axis, Band, BandSpec, RuleSet, Words
from amaan.triage.models import Assessment, QueueTally
from amaan.triage.rulebook import NoRulesAdopted, in_force, rules_of

__all__ = [
    "AxisExplained",
    "BandCount",
    "Deadlines",
    "Explanation",
    "NoRulesAdopted",
    "NoSuchReport",
    "QueueLine",
    "QueuePage",
    "ReasonTold",
    "Step",
    "counts_for",
    "deadlines_for",
    "explanation_of",
    "queue_for",
]


class NoSuchReport(LookupError):
    """No banded report answers to this reference."""

    def __init__(self, reference: str, slip: str = "") -> None:
        super().__init__(
            slip
            or f"No report with the reference {reference} has a band. Check it, or wait a moment: "
            "a report is banded within seconds of its arrival."
        )


@dataclass(frozen=True)
class QueueLine:
    """One report in the queue. `reasons` are the three that weigh most; `axes` by name."""

    reference: str
    band: Band
    due_at: datetime
    received_at: datetime
    unit: str
    entity: str
    axes: Mapping[Axis, int]
    floor: Band | None
    reasons: tuple[Words, ...]


@dataclass(frozen=True)
class QueuePage:
    """Lines by band, then by due time. `more` says whether the queue goes on."""

    band: Band | None
    lines: tuple[QueueLine, ...]
    more: bool


@dataclass(frozen=True)
class BandCount:
    """How many reports wait in a band, in the units that the actor may see."""

    band: Band
    name: Words
    hours: int
    count: int


@dataclass(frozen=True)
class Deadlines:
    """How many of a band are overdue, and how many soon will be. Nobody counts further than `capped`."""

    overdue: int
    due_soon: int
    capped: int


@dataclass(frozen=True)
class Step:
    """One step of an axis' waterfall: `total` is where the axis stands after it, before the cap."""

    rule: str
    weight: int
    total: int
    reason: Words


@dataclass(frozen=True)
class AxisExplained:
    """`value` is what counts: the last total, kept between 0 and `cap`."""

    axis: Axis
    name: Words
    meaning: Words
    base: int
    cap: int
    value: int
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class ReasonTold:
    """A rule that fired, in words, with the facts that it read."""

    rule: str
    axis: Axis
    weight: int
    floor: Band | None
    words: Words
    facts: Mapping[str, FactValue]
    source: str


@dataclass(frozen=True)
class Explanation:
    """Everything about one band. `by_points` is the band that the axes alone would give, without a floor.

    `outdated` says that the report was told again since; the new telling is banded in a moment.
    """

    reference: str
    unit: str
    entity: str
    band: BandSpec
    by_points: BandSpec
    floor: Band | None
    due_at: datetime
    received_at: datetime
    at: datetime
    axes: tuple[AxisExplained, ...]
    reasons: tuple[ReasonTold, ...]
    missing: tuple[Words, ...]
    rules_version: str
    rules_digest: str
    outdated: bool

    def as_json(self) -> dict[str, Any]:
        """JSON-able; the shape that `amaan triage explain --json` promises."""
        return {
            "reference": self.reference,
            "band": self.band.band.slug,
            "due_at": self.due_at.isoformat(),
            "axes": {axis.axis.value: axis.value for axis in self.axes},
            "floor": self.floor.slug if self.floor else None,
            "rules_version": self.rules_version,
            "rules_digest": self.rules_digest,
            "reasons": [
                {
                    "rule": reason.rule,
                    "axis": reason.axis.value,
                    "weight": reason.weight,
                    "floor": reason.floor.slug if reason.floor else None,
                    "reason_en": reason.words.en,
                    "reason_ur": reason.words.ur,
                    "facts": dict(reason.facts),
                    "source": reason.source,
                }
                for reason in self.reasons
            ],
            "missing": [{"en": words.en, "ur": words.ur} for words in self.missing],
            "outdated": self.outdated,
        }


def _units(actor: Actor) -> list[int]:
    """The row ids of the units whose queue the actor may see."""
    return unit_ids(units_where(actor, Action.VIEW_QUEUE))


def _whole() -> QuerySet[Assessment]:
    """Assessments with what a line tells, in one query; the rules' text is parsed once a process."""
    return Assessment.objects.select_related("report__entity", "unit", "ruleset").defer("ruleset__body")


def queue_for(actor: Actor, *, band: Band | None = None, limit: int = 50) -> QueuePage:
    """The first `limit` reports that the actor should look at, soonest band first, then soonest due.

    One short walk along the queue's index a unit, merged here: one query over many units would sort them all.
    """
    keys = []
    for unit_id in _units(actor):
        rows = Assessment.objects.filter(current=True, unit_id=unit_id)
        if band is not None:
            rows = rows.filter(band=band)
        keys.append(
            list(rows.order_by("band", "due_at", "id").values_list("band", "due_at", "id")[: limit + 1])
        )
    chosen = [row[2] for row in islice(merge(*keys), limit + 1)]
    held = _whole().in_bulk(chosen[:limit])
    lines = tuple(_line(held[key]) for key in chosen[:limit])
    return QueuePage(band, lines, more=len(chosen) > limit)


def counts_for(actor: Actor) -> list[BandCount]:
    """How many wait in each band, every band named, from the tally. Raises NoRulesAdopted."""
    adopted = in_force()
    if adopted is None:
        raise NoRulesAdopted
    rows = QueueTally.objects.filter(unit_id__in=_units(actor)).values_list("band").annotate(Sum("count"))
    found = dict(rows)
    return [
        BandCount(spec.band, spec.name, spec.hours, found.get(int(spec.band), 0))
        for spec in adopted[1].bands.values()
    ]


def deadlines_for(
    actor: Actor, *, now: datetime, soon: timedelta, at_most: int = 1000
) -> dict[Band, Deadlines]:
    """What is overdue and what is due within `soon`, by band, every band named.

    Each count is a walk along the queue's index that ends at `at_most`: a backlog must not slow the page.
    """
    found = {}
    units = _units(actor)
    for band in Band:
        overdue = due_soon = 0
        for unit_id in units:
            rows = Assessment.objects.filter(current=True, unit_id=unit_id, band=band)
            overdue += rows.filter(due_at__lte=now)[:at_most].count()
            due_soon += rows.filter(due_at__gt=now, due_at__lte=now + soon)[:at_most].count()
        found[band] = Deadlines(min(overdue, at_most), min(due_soon, at_most), at_most)
    return found


def _axes(row: Assessment) -> dict[Axis, int]:
    return {axis: getattr(row, axis.value) for axis in AXES}


def _reasons(row: Assessment, ruleset: RuleSet) -> list[Reason]:
    told = []
    for rule_id, weight, facts in json.loads(row.reasons):
        rule = ruleset.rule(rule_id)
        told.append(Reason(rule_id, rule.axis, weight, rule.floor, facts))
    return told


def _line(row: Assessment) -> QueueLine:
    ruleset = rules_of(row.ruleset)
    top = strongest(_reasons(row, ruleset))
    return QueueLine(
        reference=row.report.reference,
        band=Band(row.band),
        due_at=row.due_at,
        received_at=row.received_at,
        unit=row.unit.code,
        entity=row.report.entity.name,
        axes=_axes(row),
        floor=None if row.floor is None else Band(row.floor),
        reasons=tuple(ruleset.rule(reason.rule).reason for reason in top),
    )


def explanation_of(reference: str) -> Explanation:
    """The whole account of a report's band. Raises NoSuchReport. Who may read it is the caller's question."""
    try:
        written = read_reference(reference)
    except NotAReference as slip:
        raise NoSuchReport(reference, str(slip)) from slip
    row = _whole().filter(current=True, report__reference=written).first()
    if row is None:
        raise NoSuchReport(reference)
    ruleset = rules_of(row.ruleset)
    reasons = _reasons(row, ruleset)
    (now,) = triage_inputs([row.report_id])
    axes = _axes(row)
    return Explanation(
        reference=row.report.reference,
        unit=row.unit.code,
        entity=row.report.entity.name,
        band=ruleset.bands[Band(row.band)],
        by_points=ruleset.bands[band_by_points(ruleset, axes)],
        floor=None if row.floor is None else Band(row.floor),
        due_at=row.due_at,
        received_at=row.received_at,
        at=row.at,
        axes=tuple(_waterfall(ruleset, axis, axes[axis], reasons) for axis in AXES),
        reasons=tuple(_told(ruleset, reason) for reason in reasons),
        missing=tuple(gap.words for gap in gaps_of(ruleset, now.facts)),
        rules_version=ruleset.version,
        rules_digest=ruleset.digest,
        outdated=now.version_id != row.version_id,
    )


def _told(ruleset: RuleSet, reason: Reason) -> ReasonTold:
    rule = ruleset.rule(reason.rule)
    return ReasonTold(
        rule.id, rule.axis, reason.weight, rule.floor, rule.reason, reason.facts_used, rule.source
    )


def _waterfall(ruleset: RuleSet, axis: Axis, value: int, reasons: Sequence[Reason]) -> AxisExplained:
    spec = ruleset.axes[axis]
    total = spec.base
    steps = []
    for reason in reasons:
        if reason.axis is axis:
            total += reason.weight
            steps.append(Step(reason.rule, reason.weight, total, ruleset.rule(reason.rule).reason))
    return AxisExplained(axis, spec.name, spec.meaning, spec.base, spec.cap, value, tuple(steps))
