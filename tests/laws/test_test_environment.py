"""Law: tests never touch the home or keys of whoever runs them, and run on the database asked for."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from django.conf import settings


def test_home_and_keys_are_scratch() -> None:
    for folder in (settings.AMAAN_HOME, settings.AMAAN_KEYS):
        assert Path(tempfile.gettempdir()) in Path(folder).parents


@pytest.mark.both_databases
def test_the_database_is_the_one_asked_for() -> None:
    asked = os.environ.get("AMAAN_TEST_DATABASE", "sqlite")
    assert asked in settings.DATABASES["default"]["ENGINE"]
