"""Background entry points: ids in, a service called."""

from __future__ import annotations

from collections.abc import Sequence

from amaan.authority.actors import Actor
from amaan.correspondence.services import tell_status


def tell_reporters(ids: Sequence[int]) -> None:
    """Subscriber of `report.status_changed`."""
    tell_status(Actor.system("door"), report_ids=ids)
