"""Past reports by two rule sets, in bulk."""

from __future__ import annotations

from collections.abc import Sequence

from amaan.reports.selectors import standing_outcomes
from amaan.triage.domain.replaying import Comparison, Fate, Move, Replay, fate_of
from amaan.triage.selectors.inputs import facts_of_all


def replay_reports(comparison: Comparison, report_ids: Sequence[int]) -> tuple[Replay, list[Move]]:
    """What these reports' newest tellings, with all that other rooms found of them, are by both rule sets.

    A fixed number of queries. Counts of all of them, and those that move.
    """
    decided = standing_outcomes(report_ids)
    replay, moves = Replay(), []
    for report_id, unit_id, facts in facts_of_all(report_ids):
        outcome = decided.get(report_id)
        fate = fate_of(outcome.decision, outcome.stage) if outcome else Fate.WAITING
        move = replay.take(report_id, unit_id, comparison.compare(facts), fate)
        if move is not None:
            moves.append(move)
    return replay, moves
