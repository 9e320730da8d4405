"""Reading the door's tables, for the desk's side."""

from __future__ import annotations

from amaan.portal.models import Envelope


def leaf_waits(leaf: bytes) -> bool:
    """Whether the envelope that this ledger leaf was made for still lies at the door."""
    return Envelope.objects.filter(leaf=leaf).exists()
