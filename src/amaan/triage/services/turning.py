"""Another turn inside the band, on the word of another room; never another band, and always a way back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction

from amaan.authority.actors import Actor
from amaan.store.rows import on_postgres
from amaan.triage.domain.turns import turn_of
from amaan.triage.models import Assessment
from amaan.triage.permissions import require_system


class TurnProposal(NamedTuple):
    """When the turn of a report could come instead."""

    assessment_id: int
    turn_at: datetime


class TurnOutOfBand(Exception):
    """A turn before receipt, or later than the rules give: whoever proposes may bring forward, inside the band."""

    def __init__(self, assessment_ids: Sequence[int]) -> None:
        super().__init__(
            f"{len(assessment_ids)} turns lie before receipt or after the rules' own; nothing was moved."
        )
        self.assessment_ids = tuple(assessment_ids)


@transaction.atomic(savepoint=False)
def propose_turns(actor: Actor, *, proposals: Sequence[TurnProposal]) -> set[int]:
    """Bring waiting reports forward inside their bands; the assessments that wait and now stand as proposed.

    The rules' turn is the latest that can be proposed: nobody waits longer because of this, floors and bands stay as
    they are. What was decided or banded again meanwhile is left out. The caller records it. Raises TurnOutOfBand.
    """
    require_system(actor)
    wanted = {one.assessment_id: one.turn_at for one in proposals}
    held = _waiting(list(wanted))
    outside = [
        row.pk
        for row in held
        if not row.received_at
        <= wanted[row.pk]
        <= turn_of(row.received_at, row.due_at - row.received_at, row.danger)
    ]
    if outside:
        raise TurnOutOfBand(outside)
    _move([(wanted[row.pk], row.pk) for row in held if row.turn_at != wanted[row.pk]])
    return {row.pk for row in held}


@transaction.atomic(savepoint=False)
def restore_turns(actor: Actor, *, assessment_ids: Sequence[int]) -> set[int]:
    """Give waiting reports the turn of the rules again; the assessments that wait and now stand so."""
    require_system(actor)
    held = _waiting(assessment_ids)
    _move(
        [
            (turn, row.pk)
            for row in held
            if (turn := turn_of(row.received_at, row.due_at - row.received_at, row.danger)) != row.turn_at
        ]
    )
    return {row.pk for row in held}


def _waiting(assessment_ids: Sequence[int]) -> list[Assessment]:
    rows = Assessment.objects.filter(pk__in=list(assessment_ids), waiting=True, current=True).order_by("pk")
    rows = rows.only("received_at", "due_at", "turn_at", "danger")
    return list(rows.select_for_update() if on_postgres() else rows)


def _move(turns: Sequence[tuple[datetime, int]]) -> None:
    adapt = connection.ops.adapt_datetimefield_value
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE triage_assessment SET turn_at = %s WHERE id = %s",
            [(adapt(turn), pk) for turn, pk in turns],
        )
