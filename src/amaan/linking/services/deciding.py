"""What people decide of links and rings: permission, the decision, the ledger, and the rings anew at once.

A pair is judged by somebody who may decide both reports; reports are set apart by somebody who may decide each of them.
Links that rest on one value alone are rejected in one act: as many ordinary rejections, each of which stands by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from django.db import transaction
from django.utils import timezone

from amaan.authority.actors import Actor
from amaan.keyring.services import new_sealer
from amaan.ledger.services import Act, append
from amaan.linking.domain.decisions import (
    MOST_AT_ONCE,
    MOST_REASON,
    DecisionKind,
    Pair,
    PairState,
    chain_of,
    pair_of,
    undoing,
)
from amaan.linking.domain.errors import (
    DecidedAlready,
    DecidedMeanwhile,
    KeptApart,
    NotDecided,
    NothingLinks,
    NothingRests,
    NotInTheRing,
    ReasonMissing,
    RingChanged,
    RingNotFound,
    UndoneAlready,
)
from amaan.linking.domain.references import ring_number
from amaan.linking.models import Decision, Member, Ring, Side
from amaan.linking.permissions import decidable
from amaan.linking.selectors.leading import leads
from amaan.linking.selectors.resting import decidable_in, resting_on
from amaan.linking.selectors.showing.seen import seen_ring
from amaan.linking.selectors.states import (
    REASON_PLACE,
    decisions_told,
    firsts_of,
    state_of_pairs,
    taken_together,
    undone,
)
from amaan.linking.services.ring_turn import take_ring_turn
from amaan.linking.services.ringing import ring_around
from amaan.reports.domain.references import NotAReference
from amaan.reports.selectors import ReportNotFound
from amaan.reports.selectors.recurring import Standing, standing_of
from amaan.store.rows import allocate_ids

_STATES: Final = {
    DecisionKind.CONFIRM: (PairState.CONFIRMED, "link.confirmed"),
    DecisionKind.REJECT: (PairState.REJECTED, "link.rejected"),
}


def confirm_link(actor: Actor, *, low: int, high: int, reason: str, seen: int | None = None) -> int:
    """The two reports belong together: the link binds, whatever it weighs. The decision's number.

    `seen`: the newest decision about the pair that the page showed (`LinkTold.newest`); None: it does not matter.
    Raises ReportNotFound, ReasonMissing, NothingLinks, DecidedMeanwhile, DecidedAlready, KeptApart.
    """
    return _decide_pair(actor, DecisionKind.CONFIRM, pair_of(low, high), reason, seen)


def reject_link(actor: Actor, *, low: int, high: int, reason: str, seen: int | None = None) -> int:
    """The two reports do not belong together by this: the link makes no ring, also when there is more evidence.

    As `confirm_link`, without KeptApart.
    """
    return _decide_pair(actor, DecisionKind.REJECT, pair_of(low, high), reason, seen)


@transaction.atomic
def split_ring(
    actor: Actor, *, ring: str, apart: Collection[int], reason: str, seen: datetime | None = None
) -> int:
    """Set these reports (row ids) of a ring apart from its others, for good; the decision's number.

    `ring`: a reference as typed. `seen`: when the ring had changed last, as the page showed it. Raises RingNotFound,
    ReportNotFound, ReasonMissing, RingChanged, NotInTheRing.
    """
    reason = _said(reason)
    take_ring_turn()
    row = _ring(ring)
    members = set(Member.objects.filter(ring=row).values_list("report_id", flat=True))
    chosen = set(apart)
    if not chosen or not decidable(actor, chosen):
        raise RingNotFound(ring)
    if seen is not None and seen != row.changed_at:
        raise RingChanged(row.reference)
    if not chosen < members:
        raise NotInTheRing(row.reference)
    number = _write(actor, DecisionKind.SPLIT, reason, ring=row.pk)
    others = members - chosen
    Side.objects.bulk_create(
        Side(decision_id=number, report_id=report, apart=report in chosen) for report in sorted(members)
    )
    names = standing_of(sorted(chosen))
    body: dict[str, object] = {
        "decision": number,
        "apart": sorted(one.reference for one in names.values()),
        "others": len(others),
        "reason": reason,
    }
    append(actor, _acts("ring.split", row.reference, names, body))
    ring_around(members, number)
    return number


@transaction.atomic
def undo_decision(actor: Actor, *, decision: int, reason: str) -> int:
    """Take one decision out; the undo's number. Whoever might have taken it may undo it, and undoing an undo redoes.

    Raises NotDecided, ReasonMissing, UndoneAlready.
    """
    reason = _said(reason)
    take_ring_turn()
    told = {one.number: one for one in decisions_told(numbers=[decision])}
    row = told.get(decision)
    if row is None:
        raise NotDecided(decision)
    first = row
    while first.undoes is not None:
        (first,) = (one for one in decisions_told(numbers=[first.undoes]) if one.number == first.undoes)
    touched = _touched(first.low, first.high, first.apart)
    if not decidable(actor, touched):
        raise NotDecided(decision)
    chain = chain_of(undone([decision]), decision)
    if not row.counts:
        raise UndoneAlready(decision)
    number = _write(actor, DecisionKind.UNDO, reason, undoes=chain[-1], ring=first.ring)
    names = standing_of(sorted(touched))
    body: dict[str, object] = {
        "decision": number,
        "undoes": chain[-1],
        "of": str(first.kind),
        "reports": sorted(one.reference for one in names.values()),
        "reason": reason,
    }
    on = _reference(first.ring) or min(one.reference for one in names.values())
    append(actor, _acts("link.undone", on, names, body))
    ring_around(touched | first.others, number)
    return number


# ---------------------------------------------------------------- many at once


@transaction.atomic
def reject_resting(
    actor: Actor, *, ring: str, keys: Collection[int], mark: str, reason: str, seen: str
) -> int:
    """Reject the links of a ring that rest on one value alone (`resting_on`), `MOST_AT_ONCE` at most; the act's number,
    which is that of its first rejection.

    `mark`: how the page calls the value; `seen`: what it showed (`Resting.token`). Raises RingNotFound, ReasonMissing,
    DecidedMeanwhile, RingChanged, NothingRests.
    """
    reason = _said(reason)
    take_ring_turn()
    held = seen_ring(actor, ring)
    if not decidable_in(actor, held):
        raise RingNotFound(ring)
    found = resting_on(actor, held, keys)
    name = held.ring.reference
    if found is None or seen != found.token:
        newest = seen.partition(".")[0]
        raise DecidedMeanwhile(name) if found and newest != str(found.newest) else RingChanged(name)
    links = found.links[:MOST_AT_ONCE]
    reports = {end for link in links for end in (link.low, link.high)}
    if not links or not decidable(actor, reports):
        raise NothingRests(name)
    act = _write_rows(
        actor,
        DecisionKind.REJECT,
        reason,
        [_Row((link.low, link.high), None, held.ring.pk, link.weight) for link in links],
    )
    names = standing_of(sorted(reports))
    body: dict[str, object] = {
        "decisions": [act, len(links)],
        "value": mark,
        "keys": [str(key) for key in sorted(keys)],
        "links": len(links),
        "reports": sorted(one.reference for one in names.values()),
        "reason": reason,
    }
    append(actor, _acts("link.several_rejected", name, names, body))
    ring_around(reports, act)
    return act


@transaction.atomic
def undo_together(actor: Actor, *, act: int, reason: str) -> int:
    """Take out every decision of one act that still counts; the number of this act, which is undone as any other.

    Raises NotDecided, ReasonMissing, UndoneAlready.
    """
    reason = _said(reason)
    take_ring_turn()
    numbers = taken_together(act)
    last = undoing(undone(numbers), numbers)
    firsts = firsts_of(last or numbers)
    reports = {end for first in firsts.values() for end in first.pair or ()}
    if not reports or not decidable(actor, reports):
        raise NotDecided(act)
    if not last:
        raise UndoneAlready(act)
    ring = firsts[last[0]].ring
    number = _write_rows(
        actor, DecisionKind.UNDO, reason, [_Row(None, undoes, ring, None) for undoes in last]
    )
    names = standing_of(sorted(reports))
    body: dict[str, object] = {
        "decisions": [number, len(last)],
        "act": act,
        "links": len(last),
        "reports": sorted(one.reference for one in names.values()),
        "reason": reason,
    }
    on = _reference(ring) or min(one.reference for one in names.values())
    append(actor, _acts("link.several_undone", on, names, body))
    ring_around(reports, number)
    return number


# ---------------------------------------------------------------- a pair


@transaction.atomic
def _decide_pair(actor: Actor, kind: DecisionKind, pair: Pair, reason: str, seen: int | None) -> int:
    if not decidable(actor, pair):
        raise ReportNotFound("There are no two such reports that you may decide on.")
    reason = _said(reason)
    names = standing_of(pair)
    one, other = (names[report].reference for report in pair)
    take_ring_turn()
    told = state_of_pairs([pair])[pair]
    wanted, act = _STATES[kind]
    if seen is not None and seen != told.newest:
        raise DecidedMeanwhile(f"{one} and {other}")
    if told.state is wanted:
        raise DecidedAlready(f"The link between {one} and {other}", str(wanted))
    if told.weight is None and not told.newest:
        raise NothingLinks(one, other)
    if kind is DecisionKind.CONFIRM and told.split is not None:
        raise KeptApart(one, other, told.split)
    ring = Member.objects.filter(pk__in=pair).values_list("ring_id", flat=True).first()
    number = _write(actor, kind, reason, pair=pair, weight=told.weight, ring=ring)
    body: dict[str, object] = {
        "decision": number,
        "reports": [one, other],
        "weight": told.weight,
        "ring": _reference(ring),
        "reason": reason,
    }
    append(
        actor,
        [Act(act, name.reference, name.unit, body) for name in (names[report] for report in pair)],
    )
    ring_around(pair, number)
    return number


# ---------------------------------------------------------------- writing


class _Row(NamedTuple):
    """What of a decision is its own where several are taken in one act."""

    pair: Pair | None
    undoes: int | None
    ring: int | None
    weight: float | None


def _write(
    actor: Actor,
    kind: DecisionKind,
    reason: str,
    *,
    pair: Pair | None = None,
    undoes: int | None = None,
    ring: int | None = None,
    weight: float | None = None,
) -> int:
    return _write_rows(actor, kind, reason, [_Row(pair, undoes, ring, weight)], together=False)


def _write_rows(
    actor: Actor, kind: DecisionKind, reason: str, rows: Sequence[_Row], *, together: bool = True
) -> int:
    """One decision a row; the number of the first, which names the act where they are taken `together`."""
    numbers = allocate_ids(Decision, len(rows))
    sealer, at = new_sealer(), timezone.now()
    Decision.objects.bulk_create(
        Decision(
            pk=number,
            kind=str(kind),
            low_id=row.pair[0] if row.pair else None,
            high_id=row.pair[1] if row.pair else None,
            undoes_id=row.undoes,
            ring_id=row.ring,
            together=numbers[0] if together else None,
            weight=row.weight,
            reason=sealer.seal(REASON_PLACE.format(number), reason),
            by=actor.key,
            at=at,
        )
        for number, row in zip(numbers, rows, strict=True)
    )
    return numbers[0]


def _said(reason: str) -> str:
    reason = reason.strip()[:MOST_REASON]
    if not reason:
        raise ReasonMissing
    return reason


def _ring(typed: str) -> Ring:
    """The ring that a reference leads to. Raises RingNotFound."""
    try:
        number = ring_number(typed)
    except NotAReference:
        raise RingNotFound(typed) from None
    row = Ring.objects.filter(pk__in=leads([number]).values()).first()
    if row is None:
        raise RingNotFound(typed)
    return row


def _reference(ring: int | None) -> str:
    return "" if ring is None else Ring.objects.values_list("reference", flat=True).get(pk=ring)


def _touched(low: int | None, high: int | None, apart: frozenset[int]) -> set[int]:
    return {report for report in (low, high) if report is not None} | apart


def _acts(act: str, on: str, names: Mapping[int, Standing], body: Mapping[str, object]) -> list[Act]:
    """At the ring, once an office, and at each report that the decision speaks of: its page tells what was done."""
    told = list(names.values())
    short = {"decision": body.get("decision", body.get("decisions")), "ring": on, "reason": body["reason"]}
    return [
        *(Act(act, on, unit, dict(body)) for unit in sorted({one.unit for one in told})),
        *(Act(act, one.reference, one.unit, short) for one in told if one.reference != on),
    ]
