"""Background entry points: ids in, a service called."""

from __future__ import annotations

from collections.abc import Sequence

from amaan.authority.actors import Actor
from amaan.lexicon.services import compare_ahead, compare_reports, read_ahead, read_reports


def think_read(ids: Sequence[int]) -> None:
    """What `read` can find out without writing."""
    read_ahead(report_ids=ids)


def read(ids: Sequence[int]) -> None:
    """Subscriber of `report.received`."""
    read_reports(Actor.system("lexicon"), report_ids=ids)


def think_compare(ids: Sequence[int]) -> None:
    """What `compare` can find out without writing."""
    compare_ahead(report_ids=ids)


def compare(ids: Sequence[int]) -> None:
    """Subscriber of `report.read`."""
    compare_reports(Actor.system("lexicon"), report_ids=ids)
