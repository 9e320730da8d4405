"""When links should be weighed anew without anybody's asking."""

from __future__ import annotations

from typing import Final

from amaan.linking.models import Run
from amaan.linking.selectors.snapshots import held_snapshot
from amaan.linking.services.counting import outgrown
from amaan.linking.services.turn import rebuild_runs
from amaan.reports.selectors import report_count

LEAST: Final = 1_000
"""Of fewer reports a count says little of how rare a value is."""


def rebuild_is_due() -> bool:
    """Whether a rebuild broke off, or what is held was counted among far fewer reports or weighed by other rules.

    Never while one runs.
    """
    if rebuild_runs():
        return False
    if Run.objects.filter(ended_at=None).exists():
        return True
    return report_count() >= LEAST and outgrown(held_snapshot())
