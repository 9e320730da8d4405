"""What stands around a report's panels: why it stands where it stands, and what the reader may do with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, may
from amaan.desk.sentences import said
from amaan.desk.telling import ASKED
from amaan.triage.domain.ruleset import Band
from amaan.triage.selectors import (
    AxisExplained,
    Explanation,
    MissingTold,
    NoSuchReport,
    explanation_of,
    law,
)

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from amaan.triage.domain.facts import FactValue


@dataclass(frozen=True)
class Offer:
    """Something to do with a report, as a link."""

    name: str
    address: str


@dataclass(frozen=True)
class Offers:
    """What decides the report, and what helps to; `first` is the one clear action."""

    first: Offer | None
    deciding: tuple[Offer, ...]
    helping: tuple[Offer, ...]


@dataclass(frozen=True)
class Reason:
    """One step of the waterfall. `facts` are the facts that the rule read, as code.

    `total` is where the axis stands after it; its bar begins at `start` and is `width` long, in percent of the cap.
    """

    text: str
    weight: int
    total: int
    start: int
    width: int
    floor: str
    outweighed: bool
    rule: str
    facts: tuple[tuple[str, str], ...]
    source: str


@dataclass(frozen=True)
class Axis:
    """`open`: its steps are shown without being asked for."""

    name: str
    score: int
    cap: int
    base: int
    open: bool
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Missing:
    """What was not said; `band` is the sooner band that an answer could bring, else "", and `danger` what it adds."""

    text: str
    band: str
    danger: int
    yes: bool


@dataclass(frozen=True)
class LawSection:
    """A section that fits the facts told. `cognizable`: yes, no, or not_confirmed."""

    name: str
    title: str
    cognizable: str
    reason: str
    as_of: str


@dataclass(frozen=True)
class Law:
    """`children` is what comes first where a child may stand behind it, else ""."""

    sections: tuple[LawSection, ...]
    note: str
    children: str
    held_back: bool


@dataclass(frozen=True)
class Why:
    """A band with its account, in the reader's language. `by_points` is empty where no floor raised the band.

    `missing` are the gaps that weigh most, `less` the others; `could_change`: an answer could bring it forward.
    """

    explanation: Explanation
    band: str
    by_points: str
    axes: tuple[Axis, ...]
    missing: tuple[Missing, ...]
    less: tuple[Missing, ...]
    could_change: bool
    law: Law


# Name, view, action.
_DECIDING: Final[tuple[tuple[_StrPromise, str, Action], ...]] = (
    (_("Open a case"), "desk:open_case", Action.OPEN_CASE),
    (_("Join to a case"), "desk:join_case", Action.OPEN_CASE),
    (_("Refer"), "desk:refer", Action.DECIDE_REPORT),
    (_("Close…"), "desk:close", Action.DECIDE_REPORT),
)
_HELPING: Final[tuple[tuple[_StrPromise, str, Action], ...]] = (
    (_("Look up an identifier"), "desk:look_up", Action.LOOK_UP),
    (_("Ask the custodian"), "desk:ask_unsealing", Action.REQUEST_UNSEALING),
    (_("The documents"), "desk:document", Action.VIEW_REPORT),
    (_("What was done"), "desk:history", Action.VIEW_REPORT),
)


def offers_for(actor: Actor, reference: str, unit: str, *, telling: int) -> Offers:
    """What decides carries the telling that the page shows, so that nobody decides on one that they never saw."""
    deciding = tuple(
        Offer(one.name, f"{one.address}?{ASKED}={telling}")
        for one in _offers(_DECIDING, actor, reference, unit)
    )
    first, rest = (deciding[0], deciding[1:]) if deciding else (None, ())
    return Offers(first, rest, tuple(_offers(_HELPING, actor, reference, unit)))


def _offers(
    offers: tuple[tuple[_StrPromise, str, Action], ...], actor: Actor, reference: str, unit: str
) -> Iterator[Offer]:
    for name, view, action in offers:
        if may(actor, action, unit):
            yield Offer(str(name), reverse(view, args=[reference]))


def why(actor: Actor, reference: str, unit: str) -> Why | None:
    """None where the report has no band yet, or the actor may not read why."""
    if not may(actor, Action.EXPLAIN_TRIAGE, unit):
        return None
    try:
        found = explanation_of(reference)
    except NoSuchReport:
        return None
    missing = tuple(_missing(one) for one in found.missing)
    raised = found.by_points.band is not found.band.band
    return Why(
        explanation=found,
        band=said(found.band.name),
        by_points=said(found.by_points.name) if raised else "",
        axes=tuple(_axis(found, axis) for axis in found.axes),
        missing=missing[:_SHOWN],
        less=missing[_SHOWN:],
        could_change=any(one.band for one in missing),
        law=_law(found),
    )


def holding(reference: str) -> dict[str, str]:
    """What keeps a report at one day whatever its points are: rules, and each one's reason in words."""
    try:
        found = explanation_of(reference)
    except NoSuchReport:
        return {}
    return {one.rule: said(one.words) for one in found.reasons if one.floor is Band.ONE_DAY}


_SHOWN: Final = 3
"""So many gaps are shown with what an answer could change; the others on demand."""


def _axis(found: Explanation, axis: AxisExplained) -> Axis:
    told = {reason.rule: reason for reason in found.reasons}
    reasons, before = [], axis.base
    for step in axis.steps:
        reason = told[step.rule]
        low, high = sorted(max(0, min(axis.cap, total)) for total in (before, step.total))
        floor = found.band.name if step.floor is found.band.band else None
        reasons.append(
            Reason(
                text=said(step.reason),
                weight=step.weight,
                total=max(0, min(axis.cap, step.total)),
                start=round(100 * low / max(1, axis.cap)),
                width=round(100 * (high - low) / max(1, axis.cap)),
                floor=said(floor) if floor else "",
                outweighed=step.outweighed,
                rule=step.rule,
                facts=tuple(_facts(reason.facts)),
                source=reason.source,
            )
        )
        before = step.total
    return Axis(said(axis.name), axis.value, axis.cap, axis.base, axis.axis == "danger", tuple(reasons))


def _missing(one: MissingTold) -> Missing:
    return Missing(
        said(one.words),
        said(one.band.name) if one.sooner else "",
        one.danger,
        one.answer == "yes" or one.answer is True,
    )


def _law(found: Explanation) -> Law:
    file, fits = law(), found.law
    sections = tuple(
        LawSection(
            name=f"{one.offence.act} · {one.offence.section}",
            title=one.offence.title,
            cognizable=one.offence.cognizable,
            reason=said(one.reason),
            as_of=one.offence.as_of,
        )
        for one in fits.sections
    )
    return Law(sections, said(file.note), said(fits.children) if fits.children else "", fits.held_back)


def _facts(facts: Mapping[str, FactValue]) -> Iterator[tuple[str, str]]:
    for name, value in facts.items():
        yield name, ", ".join(value) if isinstance(value, list | tuple) else str(value).lower()
