"""A ledger that begins anew: no head and no frontier of another test's, which was rolled back with its database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from amaan.ledger import sequencer


def fresh_ledger() -> Iterator[None]:
    """Forgets before and after; the body of a fixture."""
    _forget()
    yield
    _forget()


def _forget() -> None:
    (Path(settings.AMAAN_KEYS) / "ledger.head").unlink(missing_ok=True)
    sequencer._warm.clear()
