"""Background entry points: ids in, a service called."""

from __future__ import annotations

from collections.abc import Sequence

from amaan.authority.actors import Actor
from amaan.bundles.services import bundle_reports, follow_decided
from amaan.bundles.services import place_read as place_read_reports


def bundle(ids: Sequence[int]) -> None:
    """Subscriber of `report.received`."""
    bundle_reports(Actor.system("bundles"), report_ids=ids)


def follow(ids: Sequence[int]) -> None:
    """Subscriber of `report.decided` and `bundle.decided`."""
    follow_decided(Actor.system("bundles"), report_ids=ids)


def place_read(ids: Sequence[int]) -> None:
    """Subscriber of `report.compared`."""
    place_read_reports(Actor.system("bundles"), report_ids=ids)
