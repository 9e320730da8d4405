"""A desk with an office, and codes that cost nothing: how dear a guess is, the door's own tests say."""

from __future__ import annotations

import pytest
from nacl.pwhash import argon2id
from tests.rooms.correspondence import door

from amaan.portal.domain import codes


@pytest.fixture(autouse=True)
def _cheap_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codes, "_OPERATIONS", argon2id.OPSLIMIT_MIN)
    monkeypatch.setattr(codes, "_MEMORY", argon2id.MEMLIMIT_MIN)


@pytest.fixture
def desk(request: pytest.FixtureRequest) -> None:
    request.getfixturevalue("db")
    door.prepare()
