"""Officers of two units, and reports in each; the import is another room's test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from tests.rooms.accounts.people import a_person
from tests.rooms.ledger.fresh import fresh_ledger
from tests.rooms.triage.conftest import Lay, lay  # noqa: F401 - a fixture

from amaan.accounts.models import User
from amaan.accounts.selectors import actor_of
from amaan.authority.actors import Actor, Role

Officer = Callable[..., Actor]


@pytest.fixture(autouse=True)
def _fresh_ledger() -> Iterator[None]:
    yield from fresh_ledger()


def actor(person: User) -> Actor:
    found = actor_of(person)
    assert found is not None
    return found


def number_of(who: Actor) -> int:
    return int(who.key.removeprefix("staff:"))


@pytest.fixture
def officer(db: None) -> Officer:
    """`officer(Role.ANALYST, unit="lahore")` is somebody who works there."""

    def _officer(*roles: Role, unit: str = "lahore") -> Actor:
        return actor(a_person(*(roles or (Role.INVESTIGATOR,)), unit=unit))

    return _officer
