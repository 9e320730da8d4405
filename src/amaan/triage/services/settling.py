"""What is decided leaves the queue; what is told again after its decision stays, and says so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from amaan.authority.actors import Actor
from amaan.ledger.services import append
from amaan.reports.selectors import decided_reports
from amaan.triage import models
from amaan.triage.domain.claims import Ending
from amaan.triage.permissions import require_system
from amaan.triage.services.banding import standing, triage_reports
from amaan.triage.services.claiming import claims_on, ending_act
from amaan.triage.services.tallying import keep_tally


@transaction.atomic(savepoint=False)
def settle(actor: Actor, *, report_ids: Sequence[int]) -> int:
    """Take decided reports out of the queue and end the claims on them; how many stopped waiting.

    A report whose decision was undone (it was taken out of its only case) waits again. Events may come late and in
    any order: reports without a band get it here first, and what counts is which telling was decided upon. Doing it
    again changes nothing.
    """
    require_system(actor)
    ids = sorted(set(report_ids))
    triage_reports(actor, report_ids=ids)
    current = standing(ids)
    current |= standing(
        [report_id for report_id in ids if report_id not in current]
    )  # banded again meanwhile
    # Asked under the lock: what is told from here on is banded after this commits, and then counts as told again.
    decided = decided_reports(list(current))
    now = timezone.now()
    tally: Counter[tuple[int, int]] = Counter()
    settled, again, undone = [], [], []
    for report_id, one in current.items():
        upon_newest = decided.get(report_id)  # None: no decision stands; False: one upon an earlier telling
        if upon_newest and one.waiting:
            settled.append(one.id)
            tally[one.place] -= one.counted
        elif not upon_newest and not one.waiting:
            undone.append(one.id)
            tally[one.place] += 1
        if upon_newest is False and not one.told_again:
            again.append(one.id)
    models.Assessment.objects.filter(id__in=settled).update(waiting=False, folded=False, settled_at=now)
    models.Assessment.objects.filter(id__in=again).update(told_again=True)
    models.Assessment.objects.filter(id__in=undone).update(waiting=True, settled_at=None)
    keep_tally(tally)
    _end_claims(actor, [report_id for report_id, whole in decided.items() if whole])
    return len(settled)


def _end_claims(actor: Actor, report_ids: list[int]) -> None:
    """What is told again keeps its holder: they know the report, and see that it says something new."""
    acts = []
    for claim in claims_on(report_ids):
        claim.released_at = max(timezone.now(), claim.claimed_at)
        claim.ending, claim.ended_by = Ending.DECIDED, actor.key
        claim.save(update_fields=["released_at", "ending", "ended_by"])
        acts.append(ending_act(claim.report.reference, claim.unit.code, claim))
    append(actor, acts)
