"""The door in this process: its own urls, middleware, templates and languages, on the desk's second database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest
from django.test import Client, override_settings

_OF_THE_DOOR: Final = (
    *("ROOT_URLCONF", "MIDDLEWARE", "TEMPLATES", "LANGUAGES", "LANGUAGES_BIDI", "LOCALE_PATHS", "STATIC_URL"),
    *("FILE_UPLOAD_HANDLERS", "DATA_UPLOAD_MAX_NUMBER_FIELDS", "CONTENT_SECURITY_POLICY", "ALLOWED_HOSTS"),
)


def door_settings() -> Any:
    from amaan.config import door

    return override_settings(**{name: getattr(door, name) for name in _OF_THE_DOOR})


@pytest.fixture
def door() -> Iterator[Client]:
    """A visitor of the door. The test itself asks for both databases, `default` and `portal`."""
    with door_settings():
        yield Client()


@pytest.fixture
def quick_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2id at the least cost that it takes: a code opens its box in microseconds, in this test only."""
    from amaan.portal.domain import codes

    monkeypatch.setattr(codes, "_OPERATIONS", 1)
    monkeypatch.setattr(codes, "_MEMORY", 8192)
