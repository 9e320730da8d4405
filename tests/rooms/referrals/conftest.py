from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.rooms.ledger.fresh import fresh_ledger
from tests.rooms.referrals.platform import Caller, a_platform, fresh_wire

from amaan.accounts.models import Unit
from amaan.authority.actors import Actor
from amaan.referrals.services import Summary, import_paths

CLERK = Actor.system("import")
Bring = Callable[..., Summary]


@pytest.fixture(autouse=True)
def _fresh_ledger() -> Iterator[None]:
    yield from fresh_ledger()


@pytest.fixture(autouse=True)
def _fresh_wire() -> Iterator[None]:
    yield from fresh_wire()


@pytest.fixture
def pix(unit: Unit) -> Caller:
    """A platform with a credential."""
    return a_platform(unit)


@pytest.fixture
def unit(db: None) -> Unit:
    return Unit.objects.get_or_create(code="lahore", defaults={"name": "Lahore"})[0]


@pytest.fixture
def bring(unit: Unit) -> Bring:
    """Imports paths in this process, into one unit."""

    def _bring(*paths: Path, **how: object) -> Summary:
        return import_paths(CLERK, paths=paths, unit=unit, processes=0, **how)  # type: ignore[arg-type]

    return _bring
