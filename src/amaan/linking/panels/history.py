"""What happened to a ring, and what people decided about it, newest first."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping

from amaan.accounts.selectors import names_of
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, units_where
from amaan.keyring.domain.sealing import sealed_under
from amaan.keyring.services import opener
from amaan.linking.domain.decisions import DecisionKind
from amaan.linking.models import RingChange
from amaan.linking.panels.values import Change, Decided
from amaan.linking.selectors.showing import SeenRing, rings_open
from amaan.linking.selectors.states import REASON_PLACE, DecisionTold
from amaan.linking.words import CHANGES, DECISIONS, UNDONE
from amaan.reports.selectors import references_of, reports_among
from amaan.ui.moments import exact_words

_MOST = 60


def changes_of(actor: Actor, seen: SeenRing, decided: Collection[int]) -> tuple[Change, ...]:
    """What evidence and decisions did to the ring. `decided`: numbers of the decisions that the reader is told of."""
    rows = list(RingChange.objects.filter(ring=seen.ring).select_related("other").order_by("-pk")[:_MOST])
    others = rings_open(actor, {row.other_id for row in rows if row.other_id is not None})
    return tuple(
        Change(
            at=row.at,
            what=str(CHANGES.get(row.kind, row.kind)),
            came=len(json.loads(row.came)),
            left=len(json.loads(row.left)),
            other=row.other.reference if row.other and row.other_id in others else "",
            decision=row.decision_id if row.decision_id in decided else None,
            by_evidence=row.decision_id is None,
        )
        for row in rows
    )


def decisions_of(actor: Actor, told: Iterable[DecisionTold]) -> tuple[Decided, ...]:
    """As somebody may read them: one that is about a report which they may not open is not told at all."""
    found = list(told)
    whole = {one.number: one for one in found}
    involved = {one.number: _reports(one, whole) for one in found}
    may_open = reports_among(actor, {report for reports in involved.values() for report in reports})
    readable = {number for number, reports in involved.items() if reports and reports <= may_open.keys()}
    found = [one for one in found if one.number in readable]
    reasons = _opened(found)
    decide = units_where(actor, Action.DECIDE_REPORT)
    decidable = {number for number, report in may_open.items() if report.unit.code in decide}
    names = names_of(one.by for one in found)
    references = references_of({report for number in readable for report in involved[number]})
    return tuple(
        Decided(
            number=one.number,
            at=one.at,
            what=_what(one, whole),
            by=names.get(one.by, one.by),
            reason=reasons.get(one.number, ""),
            counts=one.counts,
            low=references.get(one.low or 0, ""),
            high=references.get(one.high or 0, ""),
            apart=len(one.apart),
            undoes=one.undoes or 0,
            undoable=one.counts and involved[one.number] <= decidable,
            undo=one.kind is DecisionKind.UNDO,
        )
        for one in found
    )


def _what(one: DecisionTold, whole: Mapping[int, DecisionTold]) -> str:
    """Of an undo, what it undoes and of when: several decisions may stand on one page."""
    undone = whole.get(one.undoes or 0)
    if undone is None:
        return str(DECISIONS[one.kind])
    return UNDONE[undone.kind] % {"when": exact_words(undone.at)}


def _reports(one: DecisionTold, whole: dict[int, DecisionTold]) -> set[int]:
    """Which reports a decision is about: of a split those that it set apart, of an undo those of what it undoes."""
    while one.undoes is not None and one.undoes in whole:
        one = whole[one.undoes]
    pair = {report for report in (one.low, one.high) if report is not None}
    return pair | one.apart


def _opened(told: Collection[DecisionTold]) -> dict[int, str]:
    if not told:
        return {}
    opening = opener()
    opening.load(sealed_under(one.reason) for one in told)
    return {one.number: opening.open(REASON_PLACE.format(one.number), one.reason).decode() for one in told}
