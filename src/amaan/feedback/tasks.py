"""Background entry points: ids in, a service called."""

from __future__ import annotations

from collections.abc import Sequence

from amaan.authority.actors import Actor
from amaan.feedback.services import derive


def derive_feedback(ids: Sequence[int]) -> None:
    """Subscriber of `report.decided`."""
    derive(Actor.system("feedback"), report_ids=ids)
