"""The whole explanation of one band."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from amaan.reports.domain.references import NotAReference, read_reference
from amaan.reports.selectors import triage_inputs
from amaan.triage.domain.engine import AXES, Reason, band_by_points, gaps_of
from amaan.triage.domain.facts import FactValue
from amaan.triage.domain.ruleset import Axis, Band, BandSpec, RuleSet, Words
from amaan.triage.models import Assessment
from amaan.triage.rulebook import rules_of


class NoSuchReport(LookupError):
    """No banded report answers to this reference."""

    def __init__(self, reference: str, slip: str = "") -> None:
        super().__init__(
            slip
            or f"No report with the reference {reference} has a band. Check it, or wait a moment: "
            "a report is banded within seconds of its arrival."
        )


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


def whole() -> QuerySet[Assessment]:
    """Assessments with what a line tells, in one query; the rules' text is parsed once a process."""
    return Assessment.objects.select_related("report__entity", "unit", "ruleset").defer("ruleset__body")


def axes_of(row: Assessment) -> dict[Axis, int]:
    return {axis: getattr(row, axis.value) for axis in AXES}


def reasons_of(row: Assessment, ruleset: RuleSet) -> list[Reason]:
    told = []
    for rule_id, weight, facts in json.loads(row.reasons):
        rule = ruleset.rule(rule_id)
        told.append(Reason(rule_id, rule.axis, weight, rule.floor, facts))
    return told


def explanation_of(reference: str) -> Explanation:
    """The whole account of a report's band. Raises NoSuchReport. Who may read it is the caller's question."""
    try:
        written = read_reference(reference)
    except NotAReference as slip:
        raise NoSuchReport(reference, str(slip)) from slip
    row = whole().filter(current=True, report__reference=written).first()
    if row is None:
        raise NoSuchReport(reference)
    ruleset = rules_of(row.ruleset)
    reasons = reasons_of(row, ruleset)
    (now,) = triage_inputs([row.report_id])
    axes = axes_of(row)
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
    return AxisExplained(axis, spec.name, spec.base, spec.cap, value, tuple(steps))
