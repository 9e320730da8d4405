"""Names for actor keys, as pages show them."""

from __future__ import annotations

import pytest
from tests.rooms.accounts.people import a_person

from amaan.accounts.selectors import names_of
from amaan.authority.actors import Role


@pytest.mark.django_db
def test_staff_have_names_and_nobody_else_does() -> None:
    person = a_person(Role.ANALYST)
    key = f"staff:{person.pk}"
    found = names_of([key, "system:import", "platform:3", "staff:999999", "staff:x"])
    assert found == {key: person.name}
