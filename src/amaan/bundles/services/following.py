"""What waits behind a canonical report is settled with it, and nobody's time goes into it; in doubt it stands again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from amaan.authority.actors import Actor
from amaan.bundles.domain.folding import New
from amaan.bundles.models import Member
from amaan.bundles.permissions import require_system
from amaan.bundles.services.placing import DECIDED
from amaan.bundles.services.turn import take_turn
from amaan.outbox.services import publish, waiting_among
from amaan.reports.selectors import decided_reports
from amaan.reports.services import settle_with, stand_again
from amaan.store.rows import on_postgres

AT_ONCE: Final = 500
RECEIVED: Final = "report.received"
STRETCH: Final = 1_000
LOOK_AGAIN: Final = 30
"""Seconds after which a report is looked at again whose newest telling others have not looked at yet."""


@transaction.atomic(savepoint=False)
def follow_decided(actor: Actor, *, report_ids: Sequence[int]) -> int:
    """Settle what folds behind these reports, as far as they are decided; how many were settled.

    What was settled with one whose decision was undone waits again. A report that matching, reading, bundling or
    banding has still before it is not settled yet, and one on which they gave up stands. So many at once that others
    may write in between; the rest follows (`bundle.decided`).
    """
    require_system(actor)
    ids = sorted(set(report_ids))
    if not Member.objects.filter(pk__in=ids, pile__count__gt=1).exists():
        return 0
    # The turn first: who places a report behind one of these at this moment has written it when we look.
    take_turn()
    decided = decided_reports(ids)
    bring_back(actor, [report for report in ids if report not in decided])
    rows = _behind([report for report, whole in decided.items() if whole]).order_by("behind", "pk")
    if on_postgres():
        rows = rows.select_for_update()  # who claims one of them lets it stand, before this or after
    behind = dict(rows.values_list("report_id", "behind")[: AT_ONCE + 1])
    some = {report: other for report, other in list(behind.items())[:AT_ONCE] if other is not None}
    unsure = waiting_among(RECEIVED, some.keys()) if some else {}
    ready = {report: other for report, other in some.items() if report not in unsure}
    settled = settle_with(actor, behind=ready)
    # What somebody decided meanwhile folds no longer either.
    Member.objects.filter(pk__in=list(ready)).update(folded=False)
    given_up = [report for report, dead in unsure.items() if dead]
    if let_stand(given_up, New.UNREAD):
        publish("report.bundled", given_up)
    later = sorted({some[report] for report, dead in unsure.items() if not dead})
    publish(DECIDED, later, in_seconds=LOOK_AGAIN)
    if len(behind) > AT_ONCE and (ready or given_up):
        publish(DECIDED, sorted({other for other in behind.values() if other is not None}))
    return len(settled)


_walk: dict[str, int] = {"behind": 0}
"""How far this process has walked along the canonical reports."""


@transaction.atomic(savepoint=False)
def follow_left(actor: Actor) -> int:
    """Find what still waits behind a report that was decided, a stretch of all at a call, and have it settled.

    Events do that at once; this finds what one of them lost, so that nothing waits behind nobody for good.
    """
    require_system(actor)
    rows = Member.objects.filter(folded=True, behind__gt=_walk["behind"]).order_by("behind")
    fronts = list(rows.values_list("behind", flat=True).distinct()[:STRETCH])
    _walk["behind"] = fronts[-1] if len(fronts) == STRETCH and fronts[-1] is not None else 0
    decided = decided_reports([front for front in fronts if front is not None])
    left = sorted(front for front, whole in decided.items() if whole)
    publish(DECIDED, left)
    return len(left)


def bring_back(actor: Actor, report_ids: Sequence[int]) -> list[int]:
    """Let what was settled with these reports wait again, and be placed anew; which those are.

    Call it in one's turn.
    """
    piles = Member.objects.filter(pk__in=list(report_ids)).values("pile")
    rows = Member.objects.filter(pile__in=piles, behind__in=list(report_ids), folded=False)
    held = list(rows.order_by("pk").values_list("pk", flat=True)) if report_ids else []
    back = stand_again(
        actor,
        report_ids=held,
        reason="What was decided upon the report that it was settled with stands no more.",
    )
    Member.objects.filter(pk__in=held).update(behind=None)
    publish("report.bundled", back)
    return back


def let_stand(report_ids: Collection[int], why: New) -> int:
    """Let folded reports stand in the queue in their own right; how many did not. Triage must be told."""
    rows = Member.objects.filter(pk__in=list(report_ids), folded=True)
    return rows.update(stands=True, folded=False, behind=None, new=str(why))


@transaction.atomic(savepoint=False)
def place_read(actor: Actor, *, report_ids: Sequence[int]) -> int:
    """Have those of these reports placed again that wait because their words were not known; how many they are."""
    require_system(actor)
    take_turn()  # who places one of them at this moment has written it when we look
    rows = Member.objects.filter(pk__in=list(report_ids), stands=False, new=str(New.UNREAD))
    found = list(rows.order_by("pk").values_list("pk", flat=True))
    publish("report.bundled", found)
    return len(found)


def _behind(fronts: Sequence[int]) -> QuerySet[Member]:
    return Member.objects.filter(behind__in=fronts, folded=True)
