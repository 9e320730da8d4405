"""Background entry points: ids in, a service called."""

from __future__ import annotations

from collections.abc import Sequence

from amaan.authority.actors import Actor
from amaan.triage.services import assess_ahead, settle, triage_reports


def think_band_reports(ids: Sequence[int]) -> None:
    """What `band_reports` can find out without writing."""
    assess_ahead(report_ids=ids)


def band_reports(ids: Sequence[int]) -> None:
    """Subscriber of `report.received`."""
    triage_reports(Actor.system("triage"), report_ids=ids)


def settle_reports(ids: Sequence[int]) -> None:
    """Subscriber of `report.decided`."""
    settle(Actor.system("triage"), report_ids=ids)
