"""Background entry points: ids in, a service called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from amaan.authority.actors import Actor
from amaan.linking.domain.ready import get_ready
from amaan.linking.selectors.snapshots import held_snapshot
from amaan.linking.services import link_reports
from amaan.linking.services.alerting import alert_of_reports
from amaan.linking.services.ringing import ring_reports

most_link: Final = 40
"""Reports that one turn links on SQLite: each reads all who tell the same, some milliseconds, and everybody waits."""


def think_link(ids: Sequence[int]) -> None:
    """What can be done before the transaction: on SQLite everybody waits for that."""
    get_ready()
    held_snapshot()


def link(ids: Sequence[int]) -> None:
    """Subscriber of `report.received`, `report.compared` and `report.bundled`."""
    link_reports(Actor.system("linking"), report_ids=ids)


def ring(ids: Sequence[int]) -> None:
    """Subscriber of `report.linked`."""
    ring_reports(Actor.system("linking"), report_ids=ids)


def alert(ids: Sequence[int]) -> None:
    """Subscriber of `report.decided`: a case may be at work on a ring now."""
    alert_of_reports(Actor.system("linking"), report_ids=ids)
