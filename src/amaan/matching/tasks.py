"""Background entry points: ids in, a service called."""

from __future__ import annotations

from collections.abc import Sequence

from amaan.authority.actors import Actor
from amaan.matching.services.matching import match_reports, search_ahead
from amaan.matching.services.offering import bank_offered, take_back_offered
from amaan.matching.services.rematching import begin_rematch


def think_match(ids: Sequence[int]) -> None:
    """What `match` can find out without writing."""
    search_ahead(report_ids=ids)


def match(ids: Sequence[int]) -> None:
    """Subscriber of `report.received`."""
    match_reports(Actor.system("matching"), report_ids=ids)


def rematch(ids: Sequence[int]) -> None:
    """Subscriber of `list.changed`: it begins, and the worker's chore goes on slice by slice."""
    begin_rematch(Actor.system("matching"), list_ids=ids)


def bank_survivor_hashes(ids: Sequence[int]) -> None:
    """Subscriber of `hash.offered`."""
    bank_offered(Actor.system("matching"), ids=ids)


def withdraw_survivor_hashes(ids: Sequence[int]) -> None:
    """Subscriber of `hash.withdrawn`."""
    take_back_offered(Actor.system("matching"), ids=ids)
