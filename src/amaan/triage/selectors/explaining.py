"""The whole explanation of one band."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from amaan.reports.domain.references import NotAReference, read_reference
from amaan.triage.domain.engine import AXES, Reason, band_by_points
from amaan.triage.domain.facts import FactValue
from amaan.triage.domain.gaps import Reach, ranked_gaps
from amaan.triage.domain.ruleset import Axis, Band, BandSpec, RuleSet, Words
from amaan.triage.domain.sections import Fitting, Section, fitting
from amaan.triage.models import Assessment
from amaan.triage.rulebook import law, rules_of
from amaan.triage.selectors.inputs import inputs


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
    """One step of an axis' waterfall: `total` is where the axis stands after it, before the cap.

    `outweighed`: it tells of what a heavier step told already, and counts nothing.
    """

    rule: str
    weight: int
    total: int
    reason: Words
    floor: Band | None
    outweighed: bool


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
class MissingTold:
    """Something that was not said, and the gravest answer: `band` is where that would bring the report, which would
    gain `danger` points. `sooner`: that is a sooner band than now."""

    gap: str
    words: Words
    fact: str
    answer: FactValue
    band: BandSpec
    danger: int
    sooner: bool


@dataclass(frozen=True)
class Explanation:
    """Everything about one band. `by_points` is the band that the axes alone would give, without a floor.

    `missing` begins with what could change the band most. `law` are the sections that fit the facts told.

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
    missing: tuple[MissingTold, ...]
    law: Fitting
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
            "missing": [_missing_json(one) for one in self.missing],
            "sections": [_section_json(one) for one in self.law.sections],
            "sections_note": _both(law().note),
            "sections_as_of": law().as_of,
            "sections_held_back": self.law.held_back,
            "children_first": _both(self.law.children) if self.law.children else None,
            "outdated": self.outdated,
        }


def _both(words: Words) -> dict[str, str]:
    return {"en": words.en, "ur": words.ur}


def _missing_json(one: MissingTold) -> dict[str, Any]:
    return {
        **_both(one.words),
        "gap": one.gap,
        "fact": one.fact,
        "answer": one.answer,
        "band": one.band.band.slug,
        "danger": one.danger,
    }


def _section_json(section: Section) -> dict[str, str]:
    offence = section.offence
    return {
        "id": offence.id,
        "act": offence.act,
        "section": offence.section,
        "title": offence.title,
        "cognizable": offence.cognizable,
        "bailable": offence.bailable,
        "reason_en": section.reason.en,
        "reason_ur": section.reason.ur,
        "source": section.source,
        "as_of": offence.as_of,
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
    (now,) = inputs([row.report_id])
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
        missing=tuple(_missing(ruleset, Band(row.band), reach) for reach in ranked_gaps(ruleset, now.facts)),
        law=fitting(law(), now.facts),
        rules_version=ruleset.version,
        rules_digest=ruleset.digest,
        outdated=now.told.version_id != row.version_id,
    )


def _told(ruleset: RuleSet, reason: Reason) -> ReasonTold:
    rule = ruleset.rule(reason.rule)
    return ReasonTold(
        rule.id, rule.axis, reason.weight, rule.floor, rule.reason, reason.facts_used, rule.source
    )


def _missing(ruleset: RuleSet, band: Band, reach: Reach) -> MissingTold:
    words = reach.gap.words
    there = ruleset.bands[reach.band]
    sooner = reach.band < band
    return MissingTold(reach.gap.id, words, reach.fact, reach.answer, there, reach.danger, sooner)


def _waterfall(ruleset: RuleSet, axis: Axis, value: int, reasons: Sequence[Reason]) -> AxisExplained:
    spec = ruleset.axes[axis]
    total = spec.base
    steps = []
    for reason in reasons:
        if reason.axis is axis:
            total += reason.weight
            rule = ruleset.rule(reason.rule)
            outweighed = bool(rule.weight) and not reason.weight
            steps.append(Step(rule.id, reason.weight, total, rule.reason, rule.floor, outweighed))
    return AxisExplained(axis, spec.name, spec.base, spec.cap, value, tuple(steps))
