"""Whose material others tell too: one is read, the others wait behind it and take nobody's time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Final

from django.db.models import QuerySet

from amaan.authority.actors import Actor
from amaan.bundles.domain.fact_words import BUNDLE_FACT_WORDS
from amaan.bundles.domain.folding import Judged, New
from amaan.bundles.services import let_stand, place_behind, place_reports
from amaan.lexicon.selectors import words_of
from amaan.reports.selectors import decided_reports, settled_alone
from amaan.reports.services import stand_again
from amaan.triage.domain.ruleset import Axis, Band
from amaan.triage.models import Assessment, Claim
from amaan.triage.rulebook import rules_of
from amaan.triage.selectors.explaining import reasons_of
from amaan.triage.services.tallying import keep_tally

_LAST: Final = max(Band)


_ADDS: Final = (
    "It was settled with another report of the same material, and says more than that one does now."
)


def fold_reports(
    actor: Actor,
    report_ids: Collection[int],
    *,
    again: Collection[int] = (),
    fallen: Collection[int] = (),
) -> None:
    """Fold those of these waiting reports that add nothing to what stands, unfold those that do.

    What somebody works on, and what was told again after its decision, is never folded. `again` were banded anew: what
    the system settled of them, with no person's decision, is held against its material once more, and waits if it says
    more now. `fallen` are in less danger than they were: what folds behind them is placed again.
    """
    rows = list(_current(report_ids))
    decided = decided_reports([row.report_id for row in rows])
    alone = settled_alone([one for one, whole in decided.items() if whole and one in again])
    rows = [
        row
        for row in rows
        if row.report_id in alone or (row.waiting and decided.get(row.report_id) is not True)
    ]
    folds = place_reports(actor, judged=_judged(rows, alone), judge=_judge)
    place_behind(fallen)
    back = {row.report_id for row in rows if row.report_id in alone and folds.get(row.report_id) is False}
    stand_again(actor, report_ids=sorted(back), reason=_ADDS)
    rows = [row for row in rows if row.report_id not in alone or row.report_id in back]
    tally: Counter[tuple[int, int]] = Counter()
    changed: dict[bool, list[int]] = {True: [], False: []}
    woken = [row for row in rows if not row.waiting]
    for row in woken:
        tally[row.unit_id, row.band] += 1
    Assessment.objects.filter(pk__in=[row.pk for row in woken]).update(
        waiting=True, folded=False, settled_at=None
    )
    for row in rows:
        now = folds.get(row.report_id, False)
        if now != row.folded:
            changed[now].append(row.pk)
            tally[row.unit_id, row.band] += -1 if now else 1
    for folded, ids in changed.items():
        if ids:
            Assessment.objects.filter(pk__in=ids).update(folded=folded)
    if tally:
        keep_tally(tally)


def unfold(report_id: int) -> None:
    """Let a waiting report stand that somebody takes on. The caller holds the assessment's lock."""
    row = Assessment.objects.filter(report_id=report_id, current=True, waiting=True, folded=True).first()
    if row is not None:
        let_stand([report_id], New.HELD)
        Assessment.objects.filter(pk=row.pk).update(folded=False)
        keep_tally(Counter({(row.unit_id, row.band): 1}))


def _judge(report_ids: Collection[int]) -> dict[int, Judged]:
    return {one.report: one for one in _judged(list(_current(report_ids)))}


def _current(report_ids: Collection[int]) -> QuerySet[Assessment]:
    rows = Assessment.objects.filter(current=True, report_id__in=list(report_ids))
    return rows.select_related("ruleset").defer("ruleset__body")


def _judged(rows: Sequence[Assessment], alone: Collection[int] = ()) -> list[Judged]:
    words = words_of([row.report_id for row in rows])
    held = set(
        Claim.objects.filter(
            report_id__in=[row.report_id for row in rows], released_at__isnull=True
        ).values_list("report_id", flat=True)
    )
    found = []
    for row in rows:
        reasons = reasons_of(row, rules_of(row.ruleset))
        # That others told of the same account is true of the report that it would fold behind, too.
        dangers = (
            r.rule for r in reasons if r.axis is Axis.DANGER and r.facts_used.keys() - BUNDLE_FACT_WORDS
        )
        found.append(
            Judged(
                report=row.report_id,
                band=row.band,
                last=row.band == _LAST,
                floor=row.floor is not None,
                dangers=frozenset(dangers),
                free=row.report_id not in held and not row.told_again,
                words=words.get(row.report_id),
                settled=row.report_id in alone,
            )
        )
    return found
