"""Past reports by two rule sets, in bulk."""

from __future__ import annotations

from collections.abc import Sequence

from amaan.reports.selectors import standing_outcomes
from amaan.triage.domain.replaying import Comparison, Move, Replay, fate_of
from amaan.triage.selectors.inputs import inputs


def replay_reports(comparison: Comparison, report_ids: Sequence[int]) -> tuple[Replay, list[Move]]:
    """What these reports' newest tellings, with all that other rooms found of them, are by both rule sets.

    A fixed number of queries. Counts of all of them, and those that move.
    """
    decided = standing_outcomes(report_ids)
    replay, moves = Replay(), []
    for told, facts, _ in inputs(report_ids):
        outcome = decided.get(told.report_id)
        fate = fate_of(outcome.decision, outcome.stage) if outcome else fate_of("", "")
        move = replay.take(told.report_id, told.unit_id, comparison.compare(facts), fate)
        if move is not None:
            moves.append(move)
    return replay, moves
