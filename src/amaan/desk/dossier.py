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
from amaan.triage.selectors import Explanation, NoSuchReport, explanation_of

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
    """`facts` are the facts that the rule read, as code."""

    text: str
    weight: int
    floor: str
    rule: str
    facts: tuple[tuple[str, str], ...]
    source: str


@dataclass(frozen=True)
class Axis:
    name: str
    score: int
    cap: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Why:
    """A band with its account, in the reader's language. `by_points` is empty where no floor raised the band."""

    explanation: Explanation
    band: str
    by_points: str
    axes: tuple[Axis, ...]
    missing: tuple[str, ...]


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
    told: dict[str, list[Reason]] = {}
    for reason in found.reasons:
        floor = found.band.name if reason.floor is found.band.band else None
        told.setdefault(reason.axis, []).append(
            Reason(
                text=said(reason.words),
                weight=reason.weight,
                floor=said(floor) if floor else "",
                rule=reason.rule,
                facts=tuple(_facts(reason.facts)),
                source=reason.source,
            )
        )
    axes = tuple(
        Axis(said(axis.name), axis.value, axis.cap, tuple(told.get(axis.axis, ()))) for axis in found.axes
    )
    raised = found.by_points.band is not found.band.band
    return Why(
        explanation=found,
        band=said(found.band.name),
        by_points=said(found.by_points.name) if raised else "",
        axes=axes,
        missing=tuple(said(words) for words in found.missing),
    )


def _facts(facts: Mapping[str, FactValue]) -> Iterator[tuple[str, str]]:
    for name, value in facts.items():
        yield name, ", ".join(value) if isinstance(value, list | tuple) else str(value).lower()
