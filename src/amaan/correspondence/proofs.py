"""Where a proof's leaf stands: in the ledger, on its way there, or nowhere, and then the report was dropped."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from django.db import DatabaseError, connections

from amaan.keyring.domain import KeyringError
from amaan.ledger.domain.faults import LedgerBroken
from amaan.ledger.selectors import NotYetNumbered, find_leaf, require_whole
from amaan.portal.selectors import leaf_waits


class Standing(StrEnum):
    HELD = "held"
    NUMBERED_SOON = "numbered_soon"
    AT_THE_DOOR = "at_the_door"
    DROPPED = "dropped"
    NOT_KNOWN = "not_known"
    NO_LEDGER = "no_ledger"


@dataclass(frozen=True)
class Stands:
    """`index` is the leaf's in the tree; `why` says, for people, what keeps it from being known."""

    standing: Standing
    index: int | None = None
    why: str = ""

    @property
    def is_accounted_for(self) -> bool:
        """Also where there is no ledger to ask: then the signature is all that can be said."""
        return self.standing not in {Standing.DROPPED, Standing.NOT_KNOWN}


def stands(leaf: bytes) -> Stands:
    """`leaf`: the bytes of a proof that was verified."""
    if not _is_there("default"):
        return Stands(Standing.NO_LEDGER)
    # The door first: what is carried meanwhile is in the ledger when it is asked, and never in neither.
    waits = _waits(leaf)
    try:
        index = find_leaf(leaf)
    except NotYetNumbered:
        return Stands(Standing.NUMBERED_SOON)
    except DatabaseError:
        return Stands(Standing.NO_LEDGER)
    if index is not None:
        return Stands(Standing.HELD, index)
    if waits:
        return Stands(Standing.AT_THE_DOOR)
    why = _lacking() or ("" if waits is False else "The door's database can't be reached; it may wait there.")
    return Stands(Standing.NOT_KNOWN, why=why) if why else Stands(Standing.DROPPED)


def _waits(leaf: bytes) -> bool | None:
    """None where the door's database isn't at hand."""
    if not _is_there("portal"):
        return None
    try:
        return leaf_waits(leaf)
    except DatabaseError:
        return None


def _lacking() -> str:
    """What keeps this ledger from being the whole one; empty where nothing does."""
    try:
        require_whole()
    except (LedgerBroken, KeyringError) as fault:
        return str(fault)
    return ""


def _is_there(alias: str) -> bool:
    """A look at a database that isn't there must not make one."""
    connection = connections[alias]
    return connection.vendor != "sqlite" or Path(str(connection.settings_dict["NAME"])).exists()
