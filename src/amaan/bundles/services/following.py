"""What waits behind a canonical report is settled with it, and nobody's time goes into it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from amaan.authority.actors import Actor
from amaan.bundles.models import Member
from amaan.bundles.permissions import require_system
from amaan.bundles.services.placing import DECIDED
from amaan.bundles.services.turn import take_turn
from amaan.outbox.services import publish
from amaan.reports.selectors import decided_reports
from amaan.reports.services import settle_with

AT_ONCE: Final = 500


@transaction.atomic(savepoint=False)
def follow_decided(actor: Actor, *, report_ids: Sequence[int]) -> int:
    """Settle what folds behind these reports, as far as they are decided; how many were settled.

    So many at once that others may write in between; the rest follows (`bundle.decided`).
    """
    require_system(actor)
    decided = decided_reports(sorted(set(report_ids)))
    fronts = [report for report, whole in decided.items() if whole]
    if not fronts or not _behind(fronts)[:1]:
        return 0
    take_turn()
    rows = _behind(fronts).order_by("behind", "pk").values_list("report_id", "behind")[: AT_ONCE + 1]
    behind = {report: other for report, other in rows if other is not None}
    some = dict(list(behind.items())[:AT_ONCE])
    settled = settle_with(actor, behind=some)
    # What somebody decided meanwhile folds no longer either.
    Member.objects.filter(pk__in=list(some)).update(folded=False)
    if len(behind) > AT_ONCE:
        publish(DECIDED, sorted(set(behind.values())))
    return len(settled)


def _behind(fronts: Sequence[int]) -> QuerySet[Member]:
    return Member.objects.filter(behind__in=fronts, folded=True)
