"""Replay proposed rules over past reports: the worker's chore, in slices, from where it stopped."""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Final

import orjson
from django.db import transaction
from django.utils import timezone

from amaan.authority.actors import Actor
from amaan.reports.selectors import report_count, reports_after
from amaan.store.rows import on_postgres
from amaan.triage.domain.proposals import State
from amaan.triage.domain.replaying import Comparison, replay_from
from amaan.triage.domain.ruleset import read_ruleset
from amaan.triage.models import RuleProposal
from amaan.triage.permissions import require_system
from amaan.triage.selectors.replaying import replay_reports

REPORTS_A_SLICE: Final = 500
_failed: dict[int, int] = {}
"""How often a proposal's slice failed in this process since it last went on."""


def replay_some(actor: Actor, *, limit_ms: int = 200) -> int:
    """Go on with what waits to be replayed, for about `limit_ms`; how many slices were done. Writes the count only.

    A proposal whose slice fails lets the others go first.
    """
    require_system(actor)
    until = time.monotonic() + limit_ms / 1000
    done = 0
    while (row := _next()) is not None:
        try:
            went_on = _slice(row)
        except Exception:
            _failed[row.pk] = _failed.get(row.pk, 0) + 1
            raise
        if not went_on:
            break
        _failed.pop(row.pk, None)
        done += 1
        if time.monotonic() > until:
            break
    return done


def _next() -> RuleProposal | None:
    rows = RuleProposal.objects.filter(state=State.PROPOSED, replayed_at=None).select_related("base")
    return min(rows.order_by("pk"), key=lambda one: _failed.get(one.pk, 0), default=None)


@lru_cache(maxsize=4)
def _comparison(before: str, after: str) -> Comparison:
    return Comparison(read_ruleset(before.encode()), read_ruleset(after.encode()))


def _slice(row: RuleProposal) -> bool:
    """One slice, compared ahead and counted in a short transaction. False where somebody else did."""
    ids = reports_after(row.replay_after, limit=REPORTS_A_SLICE)
    found, _ = replay_reports(_comparison(row.base.body, row.body), ids)
    there = row.replay_of or report_count()
    with transaction.atomic():
        rows = RuleProposal.objects.filter(
            pk=row.pk,
            state=State.PROPOSED,
            base=row.base_id,
            replay_after=row.replay_after,
            replayed_at=None,
        )
        held = (rows.select_for_update(skip_locked=True) if on_postgres() else rows).first()
        if held is None:
            return False
        whole = replay_from(orjson.loads(held.replay) if held.replay else {})
        whole.add(found)
        held.replay = orjson.dumps(whole.as_json()).decode()
        held.replay_of = there
        if ids:
            held.replay_after = ids[-1]
        else:
            held.replayed_at = timezone.now()
        held.save(update_fields=["replay", "replay_of", "replay_after", "replayed_at"])
    return True
