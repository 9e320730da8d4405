"""Propose turns for what waits, and give them back; in slices, by the worker, never in a request."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Final

from django.db import transaction
from django.utils import timezone

from amaan.authority.actors import Actor
from amaan.learning.domain.allowed import vector
from amaan.learning.domain.model import BadModel, Model
from amaan.learning.domain.states import State
from amaan.learning.domain.turns import proposed_turn
from amaan.learning.models import LearnedModel, Proposal, ScoredDay, Sweep
from amaan.learning.permissions import require_system
from amaan.learning.selectors import drift_now, model_in_use
from amaan.learning.services.switching import rest
from amaan.ledger.domain.merkle import leaf_hash, root_of
from amaan.ledger.services import Act, append
from amaan.store.rows import insert_rows, on_postgres
from amaan.triage.domain.turns import turn_of
from amaan.triage.selectors.inputs import inputs
from amaan.triage.selectors.turns import WaitingTurn, waiting_after, waiting_turns
from amaan.triage.services import TurnProposal, propose_turns, restore_turns

SLICE: Final = 200
"""Reports at once while a sweep goes over all that wait: about 50 ms of writing."""

_COLUMNS: Final = (
    *("assessment_id", "report_id", "model_id", "chance", "seen"),
    *("rules_turn_at", "turn_at", "at", "standing"),
)
_Found = tuple[WaitingTurn, float, tuple[int, ...]]


@transaction.atomic(savepoint=False)
def propose(actor: Actor, *, report_ids: Sequence[int]) -> int:
    """Bring those of these reports forward that the model in use would; how many wait and were looked at.

    Costs one query where no model is on. One ledger entry for the run: model, digest, count, Merkle root over the
    sorted references. A model that can't be read (any more) proposes nothing.
    """
    require_system(actor)
    try:
        used = model_in_use(held=True)
    except BadModel:
        return 0  # the page says why; the rules' turns stand
    if used is None:
        return 0
    row, model = used
    turns = waiting_turns(report_ids)
    seen = {one.assessment_id: _ahead.get((row.pk, one.assessment_id)) for one in turns}
    fresh = _seen(model, [one for one in turns if seen[one.assessment_id] is None])
    _ahead.clear()
    found: list[_Found] = []
    for one in turns:
        held = seen[one.assessment_id] or fresh.get(one.assessment_id)
        if held is not None:
            found.append((one, model.chance(held), held))
    if found:
        _write(actor, row, model, found)
    return len(found)


_ahead: dict[tuple[int, int], tuple[int, ...]] = {}
"""What this process read before its turn to write, by model and assessment. A report that is told anew meanwhile is
banded anew, gets another assessment, and comes again."""


def look_ahead(*, report_ids: Sequence[int]) -> None:
    """Read without writing, so that the transaction that follows is short."""
    try:
        used = model_in_use()
    except BadModel:
        return
    if used is not None:
        row, model = used
        for assessment, seen in _seen(model, waiting_turns(report_ids)).items():
            _ahead[row.pk, assessment] = seen


def _seen(model: Model, turns: Sequence[WaitingTurn]) -> dict[int, tuple[int, ...]]:
    """What the model sees, by assessment."""
    by_report = {one.report_id: one.assessment_id for one in turns}
    return {
        by_report[one.told.report_id]: vector(one.facts, model.features) for one in inputs(sorted(by_report))
    }


def _write(actor: Actor, row: LearnedModel, model: Model, found: Sequence[_Found]) -> None:
    now = timezone.now()
    proposals = [
        TurnProposal(one.assessment_id, proposed_turn(one.received_at, one.due_at, one.danger, chance))
        for one, chance, _seen in found
    ]
    stand = propose_turns(actor, proposals=proposals)
    ids = [one.assessment_id for one, _chance, _seen in found]
    again = set(
        Proposal.objects.filter(assessment_id__in=ids, model=row).values_list("assessment_id", flat=True)
    )
    Proposal.objects.filter(assessment_id__in=ids, standing=True).update(standing=False)
    Proposal.objects.filter(assessment_id__in=stand & again, model=row).update(standing=True)
    fresh = [one for one in found if one[0].assessment_id in stand - again]
    turn = {one.assessment_id: one.turn_at for one in proposals}
    insert_rows(
        Proposal,
        _COLUMNS,
        [
            (
                one.assessment_id,
                one.report_id,
                row.pk,
                chance,
                " ".join(f.id for f, there in zip(model.features, seen, strict=True) if there),
                turn_of(one.received_at, one.due_at - one.received_at, one.danger),
                turn[one.assessment_id],
                now,
                True,
            )
            for one, chance, seen in fresh
        ],
    )
    _count(row, model, now.date(), fresh)
    references = sorted(one.reference for one, _chance, _seen in found if one.assessment_id in stand)
    if references:
        root = root_of([leaf_hash(reference.encode()) for reference in references])
        body = {"digest": row.digest, "count": len(references), "references_root": root.hex()}
        append(actor, [Act("learning.proposed", f"model/{row.pk}", "", body)])


def _count(row: LearnedModel, model: Model, day: date, fresh: Sequence[_Found]) -> None:
    """Each assessment once: drift is about reports, not about how often we looked."""
    if not fresh:
        return
    ScoredDay.objects.get_or_create(
        model=row,
        day=day,
        defaults={
            "count": 0,
            "features": json.dumps([0] * len(model.features)),
            "bins": json.dumps([0] * len(model.profile.bins)),
        },
    )
    rows = ScoredDay.objects.filter(model=row, day=day)
    held = (rows.select_for_update() if on_postgres() else rows).get()
    scores = Counter(model.profile.bin_of(chance) for _one, chance, _seen in fresh)
    columns = [sum(column) for column in zip(*(seen for _one, _chance, seen in fresh), strict=True)]
    held.count += len(fresh)
    held.features = json.dumps([a + b for a, b in zip(json.loads(held.features), columns, strict=True)])
    held.bins = json.dumps([count + scores[n] for n, count in enumerate(json.loads(held.bins))])
    held.save(update_fields=["count", "features", "bins"])


def propose_some(actor: Actor) -> int:
    """The worker's chore: one slice of a sweep that is under way; how many were looked at. Watches drift in passing."""
    require_system(actor)
    sweep = Sweep.objects.select_related("switching").filter(ended_at__isnull=True).order_by("id").last()
    if sweep is None:
        _watch(actor)
        return 0
    forward = sweep.switching.state == State.ON
    if forward:
        look_ahead(report_ids=[report for _, report in waiting_after(sweep.reached, limit=SLICE)])
    with transaction.atomic():
        rows = Sweep.objects.filter(pk=sweep.pk, ended_at__isnull=True)
        held = (rows.select_for_update() if on_postgres() else rows).first()
        if held is None:
            return 0  # turned on or off in this moment
        done = _forward(actor, held) if forward else _back(actor, held)
        if not done:
            held.ended_at = timezone.now()
        held.save(update_fields=["reached", "ended_at"])
    return done


def _forward(actor: Actor, sweep: Sweep) -> int:
    found = waiting_after(sweep.reached, limit=SLICE)
    if found:
        propose(actor, report_ids=[report for _assessment, report in found])
        sweep.reached = found[-1][0]
    return len(found)


def _back(actor: Actor, sweep: Sweep) -> int:
    rows = Proposal.objects.filter(standing=True, pk__gt=sweep.reached).order_by("pk")
    found = list(rows.values_list("pk", "assessment_id")[:SLICE])
    if found:
        restore_turns(actor, assessment_ids=[assessment for _number, assessment in found])
        Proposal.objects.filter(pk__in=[number for number, _assessment in found]).update(standing=False)
        sweep.reached = found[-1][0]
    return len(found)


def _watch(actor: Actor) -> None:
    """Where reports look too different from those that it was fitted on, the model rests."""
    try:
        used = model_in_use()
    except BadModel:
        return
    if used is not None:
        drift = drift_now(*used)
        if drift.rest:
            rest(actor, worst=drift.worst)
