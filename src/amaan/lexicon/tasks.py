"""Background entry points: ids in, a service called."""

from __future__ import annotations

from collections.abc import Sequence

from amaan.authority.actors import Actor
from amaan.lexicon.services import read_ahead, read_reports


def think_read(ids: Sequence[int]) -> None:
    """What `read` can find out without writing."""
    read_ahead(report_ids=ids)


def read(ids: Sequence[int]) -> None:
    """Subscriber of `report.received`."""
    read_reports(Actor.system("lexicon"), report_ids=ids)
