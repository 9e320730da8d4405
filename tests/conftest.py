"""Fixtures for every test. Where the tests run is settled earlier, in tests/environment.py."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings
from django.utils import translation
from hypothesis import settings as examples
from tests.migrated import copy_for_tests
from xdist.scheduler import LoadFileScheduling

# Time says nothing on a machine that is shared. `make fast` draws few examples, `make test` more, and
# `--hypothesis-profile=deep` as many as one has patience for.
examples.register_profile("full", deadline=None, max_examples=50)
examples.register_profile("deep", deadline=None, max_examples=500)
examples.register_profile("fast", deadline=None, max_examples=25)
examples.load_profile("full")

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    if not SHARED.is_dir():
        pytest.skip(
            "../shared is absent: the official schema and vectors are checked only where it is present"
        )
    return SHARED


@pytest.fixture(scope="session")
def django_db_modify_db_settings_xdist_suffix(request: pytest.FixtureRequest) -> None:
    """Each worker has a database of its own: on PostgreSQL by name, on SQLite a real file in its scratch home.

    A file, because the manners of `amaan.store.sqlite` (the log, the turnstile) are those of files.
    """
    worker = getattr(request.config, "workerinput", {}).get("workerid", "alone")
    for alias, database in settings.DATABASES.items():
        if "sqlite" in database["ENGINE"]:
            name = str(Path(settings.AMAAN_HOME) / f"test-{alias}.sqlite3")
        else:
            name = f"test_{database['NAME']}_{alias}_{worker}"
        database.setdefault("TEST", {})["NAME"] = name
        copy_for_tests(alias, name)


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """What was copied is used as it is; it goes with the folder or the server that holds it."""
    return True


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    """The real one is slow on purpose. tests/laws holds the settings to it."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(autouse=True)
def _in_english() -> None:
    """A request leaves its language behind in the thread; the next test does not read in it."""
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture(scope="session", autouse=True)
def _flush_past_the_ledger() -> Iterator[None]:
    """Transactional tests end with a flush, which the ledger's triggers refuse: they go down for it, in tests only."""
    from django.db.backends.base.operations import BaseDatabaseOperations
    from tests.rooms.ledger.tampering import flush_past_the_ledger

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", flush_past_the_ledger)
        yield


_OF_DJANGO = {"db", "transactional_db", "live_server", "client"}
_SERVED = {"demo_server"}  # a server in a process of its own


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """What asks for no database is `pure`: the second run, on PostgreSQL, would tell nothing new of it.

    Law: Django refuses its ORM to a test without the `db` fixture, so a test cannot be pure by mistake. One that
    starts Amaan in a process of its own says `@pytest.mark.both_databases`.
    """
    for item in items:
        marked, fixtures = item.get_closest_marker("django_db"), set(getattr(item, "fixturenames", ()))
        if marked or fixtures & _OF_DJANGO:
            # Most services and every command may reach the public door's database too, so each test has both.
            both = {**(marked.kwargs if marked else {}), "databases": ["default", "portal"]}
            item.add_marker(pytest.mark.django_db(**both), append=False)
        elif not (fixtures & _SERVED or item.get_closest_marker("both_databases")):
            item.add_marker("pure")
    yield
    # pytest-django has put before all else what needs its database; journeys take longer than anything.
    items.sort(
        key=lambda item: "journeys" not in item.path.parts or bool(item.get_closest_marker("django_db"))
    )


_ON_THE_DEMO_SERVER = "served"


@cache
def _mentions(file: str, *names: str) -> bool:
    text = (ROOT / file).read_text("utf-8")
    return any(name in text for name in names)


def _turn_of(scope: str) -> int:
    """The long ones first, so that the short ones fill up the end: before all others the journeys on the one demo
    server, which loads the demo world for a minute; what takes a copy of it comes when nobody waits for it any more."""
    if scope == _ON_THE_DEMO_SERVER:
        return 0
    if "/journeys/" in scope:
        return 2 if _mentions(scope, "demo_world") else 1
    return 3 if _mentions(scope, "mark.slow") else 4


class _ByFile(LoadFileScheduling):  # type: ignore[misc] # xdist is not typed
    """A file stays on one worker, and so do all files that the one demo server serves."""

    def _split_scope(self, nodeid: str) -> str:
        file = str(super()._split_scope(nodeid))
        return _ON_THE_DEMO_SERVER if _mentions(file, *_SERVED) else file

    def _assign_work_unit(self, node: object) -> None:
        """Two workers begin with the journeys, which wait for much; the others use the processor meanwhile."""
        turns = (3, 4, 0, 1, 2) if self.nodes.index(node) > 1 else range(5)
        following = min(self.workqueue, key=lambda scope: turns.index(_turn_of(scope)))
        self.workqueue.move_to_end(following, last=False)
        super()._assign_work_unit(node)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> _ByFile | None:
    return _ByFile(config, log) if config.getoption("dist") == "loadfile" else None
