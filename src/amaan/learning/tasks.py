"""Background entry points: ids in, a service called."""

from __future__ import annotations

from collections.abc import Sequence

from amaan.authority.actors import Actor
from amaan.learning.services import propose


def propose_turns(ids: Sequence[int]) -> None:
    """Subscriber of `report.banded`."""
    propose(Actor.system("learning"), report_ids=ids)
