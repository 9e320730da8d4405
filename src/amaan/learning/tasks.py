"""Background entry points: ids in, a service called."""

from __future__ import annotations

from collections.abc import Sequence

from amaan.authority.actors import Actor
from amaan.learning.services import look_ahead, propose


def think_propose_turns(ids: Sequence[int]) -> None:
    """What `propose_turns` can find out without writing."""
    look_ahead(report_ids=ids)


def propose_turns(ids: Sequence[int]) -> None:
    """Subscriber of `report.banded`."""
    propose(Actor.system("learning"), report_ids=ids)
