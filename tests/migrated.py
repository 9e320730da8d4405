"""Databases with every table and no row, as the migrations make them: made once in a run, copied by whoever needs one.

Migrating from nothing takes four seconds of the processor, and every worker, every installation and the demo world
would do it anew. What a start from nothing does is tested in test_spine and test_first_hour.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import uuid
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from tests.once import made_once

SOURCE = Path(__file__).resolve().parent.parent / "src"
DATABASE = "database"
"""A file beside the folders that names the PostgreSQL database, where there is one."""
_DOOR = "door"
"""The door's database as the tests have it in their own process: Django asks it for everybody's migrations."""

_MIGRATE = """
import os, shutil, django
django.setup()
from django.core.management import call_command
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder
call_command("migrate", database="default", verbosity=0, interactive=False)
call_command("migrate", "portal", database="portal", verbosity=0, interactive=False)
door = connections["portal"]
door.close()
if door.vendor == "sqlite":
    shutil.copy(door.settings_dict["NAME"], os.environ["AMAAN_HOME"] + "/portal/door.sqlite3")
ours, theirs = (MigrationRecorder(connections[alias]) for alias in ("default", "portal"))
for app, name in ours.applied_migrations().keys() - theirs.applied_migrations().keys():
    theirs.record_applied(app, name)
"""


def migrated() -> Path:
    """A folder with `home` and what `copy_for_tests` needs."""
    return made_once("migrated", _migrate)


def _migrate(folder: Path) -> None:
    (folder / "home" / "portal").mkdir(parents=True)
    (folder / _DOOR).mkdir()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AMAAN_")} | {
        "AMAAN_HOME": str(folder / "home"),
        "AMAAN_KEYS": str(folder / "keys"),
        "AMAAN_PORTAL_HOME": str(folder / _DOOR),
        "PYTHONPATH": str(SOURCE),
        "DJANGO_SETTINGS_MODULE": "amaan.config.settings",
    }
    if on_postgres():
        environment["AMAAN_DATABASE"] = new_database()
        environment["AMAAN_PORTAL_DATABASE"] = new_database()
        (folder / DATABASE).write_text(environment["AMAAN_DATABASE"])
        (folder / _DOOR / DATABASE).write_text(environment["AMAAN_PORTAL_DATABASE"])
    subprocess.run([sys.executable, "-c", _MIGRATE], env=environment, check=True)


def copy_for_tests(alias: str, name: str) -> None:
    """A database of this name, file or on the tests' server, for tests in their own process."""
    folder = migrated()
    if on_postgres():
        template = (folder / DATABASE if alias == "default" else folder / _DOOR / DATABASE).read_text()
        new_database(template, name)
    else:
        shutil.copy(
            folder / "home" / "amaan.sqlite3" if alias == "default" else folder / _DOOR / "door.sqlite3", name
        )


def on_postgres() -> bool:
    return os.environ.get("AMAAN_TEST_DATABASE") == "postgres"


def new_database(like: str = "", name: str = "") -> str:
    """The address of a database of the tests' server; empty, or a copy of the one at `like`, which nobody uses now."""
    import psycopg

    server = os.environ["AMAAN_TEST_POSTGRES"]
    name = name or f"amaan_{uuid.uuid4().hex}"
    template = urlsplit(like).path.strip("/") or "template1"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')  # type: ignore[call-overload]
    return urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
