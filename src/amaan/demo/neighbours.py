"""What the demo asks of other rooms, in one place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from amaan.accounts.selectors import people, unit_list
from amaan.authority.actors import Actor
from amaan.referrals.services import import_paths
from amaan.reports.selectors import report_count


def import_documents(actor: Actor, path: Path, unit: str, progress: Callable[[int], None]) -> dict[str, int]:
    """The real import, as `amaan import` does it; there is no other way for a demo report to come in.

    Gives the import's counts: received, stored, versions, duplicates, quarantined.
    """
    office = next(office for office in unit_list() if office.code == unit)
    return import_paths(actor, paths=[path], unit=office, progress=progress).counts()


def holds_anything(actor: Actor) -> bool:
    """Whether anybody works here or any report stands."""
    return bool(people(actor)) or report_count() > 0
