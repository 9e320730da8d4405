"""Everything a command needs before it runs: folders, keys, tables, a first unit, the shipped rules."""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from amaan.accounts.services import prepare_units
from amaan.keyring.services import prepare_keys
from amaan.triage.services import prepare_rules


class NotReady(Exception):
    """Amaan cannot start like this; the message says what to do."""


def prepare() -> None:
    """Idempotent and quick when nothing is to be done. Raises NotReady and keyring's named errors."""
    home = Path(settings.AMAAN_HOME)
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise NotReady(f"AMAAN_HOME ({home}) cannot be made: {error.strerror}.") from error
    if not os.access(home, os.W_OK):
        raise NotReady(f"AMAAN_HOME ({home}) is not writable by this user.")
    try:
        _migrate()
    except OperationalError as error:
        raise NotReady(f"The database cannot be reached: {str(error).strip()}") from error
    prepare_keys()
    prepare_units()
    prepare_rules()


def _migrate() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", interactive=False, verbosity=0)
