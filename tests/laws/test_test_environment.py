"""Law: tests never touch the home or keys of whoever runs them, and run on the database asked for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.conf import settings

from amaan.config import settings as written


def test_home_and_keys_are_scratch() -> None:
    for folder in (settings.AMAAN_HOME, settings.AMAAN_KEYS):
        assert Path(os.environ["PYTEST_DEBUG_TEMPROOT"]) in Path(folder).parents
        assert any(one.name.startswith("amaan-test-") for one in Path(folder).parents)


@pytest.mark.both_databases
def test_the_database_is_the_one_asked_for() -> None:
    asked = os.environ.get("AMAAN_TEST_DATABASE", "sqlite")
    assert asked in settings.DATABASES["default"]["ENGINE"]


def test_only_tests_have_a_quick_password_hasher() -> None:
    assert settings.PASSWORD_HASHERS != written.PASSWORD_HASHERS
    assert written.PASSWORD_HASHERS == ["django.contrib.auth.hashers.ScryptPasswordHasher"]
