"""Every link as it counts now, for export, and one of them step by step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from amaan.linking.domain.explaining import Step, waterfall
from amaan.linking.domain.keys import identifier_of
from amaan.linking.models import Decision, Link
from amaan.linking.selectors.around import evidence_around
from amaan.linking.selectors.snapshots import held_snapshot
from amaan.linking.selectors.states import LinkTold, state_of_pairs
from amaan.reports.selectors.holding import held_among
from amaan.reports.selectors.recurring import Standing, by_reference, standing_of
from amaan.store.rows import slices

_A_SLICE: Final = 5_000


class NoSuchReport(Exception):
    """A reference that no report has."""

    def __init__(self, reference: str) -> None:
        super().__init__(
            f"There is no report {reference}. Its reference looks like R-7K2M-9QX4-1BCF and stands on its page."
        )


class OneReport(Exception):
    """A report isn't linked with itself."""

    def __init__(self, reference: str) -> None:
        super().__init__(
            f"Both references are {reference}. Name two reports, and what they share is explained."
        )


class LinkOut(NamedTuple):
    """A link and its two reports."""

    low: Standing
    high: Standing
    told: LinkTold

    def as_json(self) -> dict[str, Any]:
        return {"reports": [_named(self.low), _named(self.high)], **_counted(self.told)}


class ExplainedLink(NamedTuple):
    """A pair of reports, link or none, with what it weighs by what is told now. `held`: keys of sealed values, of which
    nobody is told how often they are told."""

    low: Standing
    high: Standing
    told: LinkTold
    snapshot: int
    steps: list[Step]
    held: frozenset[int]

    def as_json(self) -> dict[str, Any]:
        return {
            "reports": [_named(self.low), _named(self.high)],
            **_counted(self.told),
            "weighs": self.steps[-1].total,
            "snapshot": self.snapshot,
            "steps": [_stepped(step, held=step.key in self.held) for step in self.steps],
        }


def links_out() -> Iterator[LinkOut]:
    """Every link, by its reports' ids; then the pairs that somebody decided about and the machine links no more."""
    proposed = Link.objects.order_by("low_id", "high_id").values_list("low_id", "high_id")
    for pairs in slices(proposed.iterator(chunk_size=_A_SLICE), _A_SLICE):
        yield from _out(pairs)
    decided = Decision.objects.exclude(low_id=None).values_list("low_id", "high_id").distinct()
    pairs = sorted({(low, high) for low, high in decided if low is not None and high is not None})
    for some in slices(pairs, _A_SLICE):
        yield from (one for one in _out(some) if one.told.weight is None)


def explained_link(one: str, other: str) -> ExplainedLink:
    """Raises NoSuchReport, OneReport."""
    if one == other:
        raise OneReport(one)
    found = by_reference([one, other])
    for reference in (one, other):
        if reference not in found:
            raise NoSuchReport(reference)
    low, high = sorted(found.values())
    (pair,) = _out([(low, high)])
    held = held_snapshot()
    steps = waterfall(evidence_around([low, high]), held.counts, low, high)
    identifiers = [number for step in steps if step.kind and (number := identifier_of(step.key)) is not None]
    sealed = frozenset(held_among(identifiers))
    return ExplainedLink(pair.low, pair.high, pair.told, held.number, steps, sealed)


def _out(pairs: list[tuple[int, int]]) -> list[LinkOut]:
    told = state_of_pairs(pairs)
    standing = standing_of(sorted({report for pair in pairs for report in pair}))
    return [LinkOut(standing[low], standing[high], told[low, high]) for low, high in pairs]


def _named(report: Standing) -> dict[str, str]:
    return {
        "reference": report.reference,
        "reporting_entity": report.entity,
        "report_number": report.number,
    }


def _counted(told: LinkTold) -> dict[str, Any]:
    return {
        "weight": told.weight,
        "strength": str(told.strength) if told.strength else None,
        "state": str(told.state),
    }


def _stepped(step: Step, *, held: bool) -> dict[str, Any]:
    """Without the key: whoever may see the value sees it on the pages."""
    kind = step.kind.name.lower() if step.kind else None
    return {
        "kind": kind,
        "base": step.base,
        "bits": step.bits,
        "adds": step.adds,
        "total": step.total,
        "sources": None if held else step.sources,
        "reports": None if held else step.reports,
        "most": step.most,
        "links": step.links,
        "reasons": [str(reason) for reason in step.reasons],
    }
