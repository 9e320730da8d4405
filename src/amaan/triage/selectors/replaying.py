"""Past reports by two rule sets, in bulk."""

from __future__ import annotations

from collections.abc import Sequence

from amaan.reports.selectors import settled_alone, standing_outcomes
from amaan.triage.domain.replaying import Comparison, Fate, Move, Replay, fate_of
from amaan.triage.models import Assessment
from amaan.triage.selectors.inputs import facts_of_all


def replay_reports(comparison: Comparison, report_ids: Sequence[int]) -> tuple[Replay, list[Move]]:
    """What these reports' newest tellings, with all that other rooms found of them, are by both rule sets.

    A fixed number of queries. Counts of all of them, and those that move. A report that was told again since its
    decision is none that was decided upon; one that folds, or was settled with another, is counted apart.
    """
    decided = standing_outcomes(report_ids)
    folded = Assessment.objects.filter(
        report_id__in=list(report_ids), current=True, waiting=True, folded=True
    )
    copies = settled_alone(report_ids).union(folded.values_list("report_id", flat=True))
    replay, moves = Replay(copies=len(copies)), []
    for report_id, unit_id, facts in facts_of_all(report_ids):
        if report_id in copies:
            continue
        outcome = decided.get(report_id)
        whole = outcome is not None and facts["version"] == outcome.version
        fate = fate_of(outcome.decision, outcome.stage) if outcome and whole else Fate.WAITING
        move = replay.take(report_id, unit_id, comparison.compare(facts), fate)
        if move is not None:
            moves.append(move)
    return replay, moves
