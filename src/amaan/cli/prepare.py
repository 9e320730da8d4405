"""Everything a command needs before it runs: folders, keys, tables, a first unit, the shipped rules."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from amaan.accounts.services import prepare_units
from amaan.keyring.services import door_public_key, prepare_keys
from amaan.portal.keys import prepare_door_keys
from amaan.triage.services import prepare_rules


class NotReady(Exception):
    """Amaan cannot start like this; the message says what to do."""


def prepare() -> None:
    """Idempotent and quick when nothing is to be done. Raises NotReady and keyring's named errors."""
    home = Path(settings.AMAAN_HOME)
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        Path(settings.AMAAN_PORTAL_HOME).mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise NotReady(f"AMAAN_HOME ({home}) cannot be made: {error.strerror}.") from error
    if not os.access(home, os.W_OK):
        raise NotReady(f"AMAAN_HOME ({home}) is not writable by this user.")
    with _alone(home / "prepare.lock"):
        try:
            _migrate_one("default")
            _migrate_door()
        except OperationalError as error:
            raise NotReady(f"The database cannot be reached: {str(error).strip()}") from error
        prepare_keys()
        prepare_door_keys(Path(settings.AMAAN_PORTAL_KEYS), door_public_key())
        prepare_units()
        prepare_rules()


def require_installation() -> None:
    """Raises NotReady where nothing was ever begun: a home that was mistyped must not answer as one that is empty."""
    name = Path(str(settings.DATABASES["default"]["NAME"]))
    try:
        there = (connection.vendor != "sqlite" or name.exists()) and (
            MigrationRecorder(connection).has_table()
        )
    except OperationalError as error:
        raise NotReady(f"The database cannot be reached: {str(error).strip()}") from error
    if not there:
        raise NotReady(
            f"There is no installation in {settings.AMAAN_HOME}. Set AMAAN_HOME and AMAAN_KEYS to where yours is;"
            " `amaan serve` or `amaan import` begins one."
        )


def prepare_door_tables() -> None:
    """The door's database, in the door's own process or on its own machine."""
    Path(settings.AMAAN_PORTAL_HOME).mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        _migrate_door()
    except OperationalError as error:
        raise NotReady(f"The door's database cannot be reached: {str(error).strip()}") from error


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """One process of this machine at a time; the others wait, and find everything done."""
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _migrate_door() -> None:
    """The door's database, which holds the tables of `portal` alone."""
    with _alone(Path(settings.AMAAN_PORTAL_HOME) / "prepare-door.lock"):
        _migrate_one("portal")


def _migrate_one(alias: str) -> None:
    executor = MigrationExecutor(connections[alias])
    named = ["portal"] if alias == "portal" else []
    wanted = executor.loader.graph.leaf_nodes(*named)
    if executor.migration_plan(wanted):
        call_command("migrate", *named, database=alias, interactive=False, verbosity=0)
