"""The life of the keys, one test for each part of docs/how-to/keys.md."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries, Settings
from typer.testing import CliRunner

from amaan.keyring import files, services
from amaan.keyring.commands import app
from amaan.keyring.domain import (
    KeyMissing,
    KeysAlreadyExist,
    KeysDoNotFit,
    KeysMissing,
    KeysTooOpen,
    SealBroken,
    wrap_data_key,
)
from amaan.keyring.models import DataKey

pytestmark = pytest.mark.django_db
PLACE = "reports_party/1/name"


@pytest.fixture
def folder(tmp_path: Path, settings: Settings) -> Path:
    """An empty place for keys, of an installation that has none yet."""
    path = tmp_path / "keys"
    settings.AMAAN_KEYS = path
    return path


def _run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result.output


def _secrets(folder: Path) -> list[str]:
    document = json.loads((folder / "keyring.json").read_text())
    held = [root["key"] for root in document["roots"].values()] + list(document["indexes"].values())
    return [*held, (folder / "ledger-signing.key").read_text().strip()]


# --- ceremony


def test_the_ceremony_makes_keys_and_prints_fingerprints_but_no_secret(folder: Path) -> None:
    shown = _run("init")
    for name, fingerprint in services.fingerprints().items():
        assert name in shown
        assert fingerprint in shown
    assert len(services.fingerprints()) == 6
    for secret in _secrets(folder):
        assert secret not in shown
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for name in ("keyring.json", "ledger-signing.key"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    assert not list(folder.glob(".key*")), "a temporary file was left"


def test_the_ceremony_never_overwrites(folder: Path) -> None:
    _run("init")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert "already" in _run("init", code=1)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    with pytest.raises(KeysAlreadyExist):
        services.init_keys()


def test_the_ceremony_refuses_where_sealed_data_waits_for_other_keys(folder: Path) -> None:
    services.prepare_keys()
    services.new_sealer()
    shutil.rmtree(folder)
    assert "backup" in _run("init", code=1)
    assert not (folder / "keyring.json").exists()


def test_a_first_start_makes_keys_and_the_second_leaves_them(folder: Path) -> None:
    services.prepare_keys()
    first = services.fingerprints()
    services.prepare_keys()
    assert services.fingerprints() == first


def test_a_first_start_that_was_cut_short_keeps_the_ledgers_key(folder: Path) -> None:
    services.prepare_keys()
    ledger = bytes(services.ledger_signing_key())
    (folder / "keyring.json").unlink()
    services.prepare_keys()
    assert bytes(services.ledger_signing_key()) == ledger
    assert services.ledger_verify_key() == services.ledger_signing_key().verify_key


def test_the_four_index_keys_differ(folder: Path) -> None:
    services.prepare_keys()
    keys = services.index_keys()
    assert len({keys.parties, keys.reporters, keys.references, keys.vault}) == 4


# --- everyday


def test_what_a_sealer_sealed_the_opener_opens(folder: Path) -> None:
    services.prepare_keys()
    one, other = services.new_sealer(), services.new_sealer()
    assert one.key != other.key
    blobs = [one.seal(PLACE, "ایک نام"), other.seal(PLACE, b"bytes")]
    opener = services.opener()
    assert [opener.open(PLACE, blob) for blob in blobs] == ["ایک نام".encode(), b"bytes"]
    assert opener.open(PLACE, memoryview(blobs[1])) == b"bytes"
    with pytest.raises(SealBroken):
        opener.open("reports_party/2/name", blobs[0])


def test_many_values_cost_one_query(folder: Path, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    services.prepare_keys()
    sealers = [services.new_sealer() for _ in range(5)]
    opener = services.opener()
    with django_assert_num_queries(1):
        opener.load(sealer.key_id for sealer in sealers)
        for sealer in sealers:
            assert opener.open(PLACE, sealer.seal(PLACE, "x")) == b"x"


def test_a_sealer_costs_few_queries(
    folder: Path, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    services.prepare_keys()
    with django_assert_max_num_queries(3):  # savepoint, insert, release
        services.new_sealer()


def test_no_data_key_lies_in_the_database_in_clear(folder: Path) -> None:
    services.prepare_keys()
    sealer = services.new_sealer()
    assert sealer.key not in bytes(DataKey.objects.get(id=sealer.key_id).wrapped)


def test_a_data_key_that_is_gone_is_named(folder: Path) -> None:
    services.prepare_keys()
    sealer = services.new_sealer()
    DataKey.objects.all().delete()
    with pytest.raises(KeyMissing, match=str(sealer.key_id)):
        services.opener().open(PLACE, sealer.seal(PLACE, "x"))


def test_a_key_of_a_transaction_that_failed_is_gone_with_it(folder: Path) -> None:
    services.prepare_keys()

    @transaction.atomic
    def fail() -> None:
        services.new_sealer()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not DataKey.objects.exists()


# --- check


def test_check_names_a_data_key_that_does_not_open(folder: Path) -> None:
    services.prepare_keys()
    services.new_sealer()
    bad = services.new_sealer()
    assert "All 2 data keys open." in _run("check")
    DataKey.objects.filter(id=bad.key_id).update(wrapped=bytes(61))
    assert str(bad.key_id) in _run("check", code=1)


def test_fingerprints_can_be_compared_with_the_paper(folder: Path) -> None:
    services.prepare_keys()
    shown = _run("fingerprints")
    assert all(value in shown for value in services.fingerprints().values())


# --- rotation


def test_rotation_opens_old_blobs_and_changes_none(folder: Path) -> None:
    services.prepare_keys()
    sealer = services.new_sealer()
    blob = sealer.seal(PLACE, "before")
    indexes = services.index_keys()
    (old,) = files.read_keyring(folder).roots

    assert "1 were wrapped anew" in _run("rotate")

    keyring = files.read_keyring(folder)
    assert keyring.current != old
    assert keyring.roots[old].retired
    assert DataKey.objects.get(id=sealer.key_id).root == keyring.current
    assert services.opener().open(PLACE, blob) == b"before"
    assert services.index_keys() == indexes, "an index that changed would find nobody again"
    assert services.new_sealer().key_id in set(
        DataKey.objects.filter(root=keyring.current).values_list("id", flat=True)
    )


def test_an_opener_that_was_there_before_the_rotation_still_opens(folder: Path) -> None:
    services.prepare_keys()
    opener = services.opener()
    services.rotate_root()
    sealer = services.new_sealer()
    assert opener.open(PLACE, sealer.seal(PLACE, "x")) == b"x"


def test_the_old_root_goes_only_when_nothing_needs_it(folder: Path) -> None:
    services.prepare_keys()
    early = services.new_sealer()
    before = files.read_keyring(folder)
    services.rotate_root()
    # A process that still held the old keyring wrapped one more under it.
    row = DataKey.objects.get(id=early.key_id)
    row.root = before.current
    row.wrapped = wrap_data_key(before.wrapping(before.current), before.current, row.id, early.key)
    row.save()

    assert before.current in _run("rotate", "--drop-old")

    assert list(files.read_keyring(folder).roots) == [files.read_keyring(folder).current]
    assert services.opener().open(PLACE, early.seal(PLACE, "x")) == b"x"
    assert services.check_keys().faults == []
    assert "no retired" in _run("rotate", "--drop-old")


def test_a_sealer_never_wraps_under_a_root_that_was_dropped_meanwhile(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.prepare_keys()
    stale = files.read_keyring(folder)
    services.rotate_root()
    services.drop_retired_roots()
    answers = [stale, files.read_keyring(folder)]
    monkeypatch.setattr(files, "read_keyring", lambda _: answers.pop(0))
    sealer = services.new_sealer()
    monkeypatch.undo()
    assert services.opener().open(PLACE, sealer.seal(PLACE, "x")) == b"x"


def test_a_rotation_that_dies_after_the_new_root_leaves_everything_open(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.prepare_keys()
    sealer = services.new_sealer()
    monkeypatch.setattr(services, "_rewrap", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        services.rotate_root()
    monkeypatch.undo()
    services.prepare_keys()
    assert services.opener().open(PLACE, sealer.seal(PLACE, "x")) == b"x"
    assert len(services.drop_retired_roots()) == 1
    assert services.opener().open(PLACE, sealer.seal(PLACE, "x")) == b"x"


def test_a_write_that_fails_leaves_the_old_keyring(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    services.prepare_keys()
    before = (folder / "keyring.json").read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        services.rotate_root()
    monkeypatch.undo()
    assert (folder / "keyring.json").read_bytes() == before
    assert not list(folder.glob(".keyring.json.*"))


# --- loss, and a restored copy


def test_lost_keys_are_named_nothing_opens_and_a_restored_copy_works(folder: Path, tmp_path: Path) -> None:
    services.prepare_keys()
    sealer = services.new_sealer()
    blob = sealer.seal(PLACE, "held")
    copy = tmp_path / "safe"
    shutil.copytree(folder, copy)
    shutil.rmtree(folder)

    for start in (services.prepare_keys, services.opener, services.new_sealer, services.index_keys):
        with pytest.raises(KeysMissing, match=r"backup \(see docs/how-to/keys\.md\)"):
            start()
    assert not (folder / "keyring.json").exists(), "a start must not make new keys beside old data"
    assert "backup" in _run("check", code=1)

    shutil.rmtree(folder)
    shutil.copytree(copy, folder)
    services.prepare_keys()
    assert services.opener().open(PLACE, blob) == b"held"


@pytest.mark.parametrize("name", ["ledger-signing.key", "ledger-signing.pub"])
def test_half_a_set_of_keys_is_refused(folder: Path, name: str) -> None:
    services.prepare_keys()
    (folder / name).unlink()
    with pytest.raises(KeysMissing, match=name):
        services.prepare_keys()


def test_the_keys_of_another_installation_do_not_fit(
    folder: Path, tmp_path: Path, settings: Settings
) -> None:
    services.prepare_keys()
    blob = services.new_sealer().seal(PLACE, "held")
    shutil.rmtree(folder)
    settings.AMAAN_KEYS = tmp_path / "elsewhere"
    with files.locked(tmp_path / "elsewhere"):
        files.make_keys(tmp_path / "elsewhere", "2025-01-01T00:00:00+00:00")
    with pytest.raises(KeysDoNotFit, match="isn't in"):
        services.prepare_keys()
    with pytest.raises(KeysDoNotFit):
        services.opener().open(PLACE, blob)


def test_a_root_key_under_the_right_name_but_of_the_wrong_bytes_does_not_fit(folder: Path) -> None:
    services.prepare_keys()
    services.new_sealer()
    path = folder / "keyring.json"
    document = json.loads(path.read_text())
    document["roots"][document["current"]]["key"] = document["indexes"]["vault"]
    path.write_text(json.dumps(document))
    with pytest.raises(KeysDoNotFit, match="doesn't open"):
        services.prepare_keys()


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"format": "other"}', '{"format": "amaan-keyring-1", "roots": {}}']
)
def test_a_damaged_keyring_is_named_and_not_quoted(folder: Path, content: str) -> None:
    services.prepare_keys()
    (folder / "keyring.json").write_text(content)
    with pytest.raises(KeysDoNotFit, match="can't be read") as caught:
        services.prepare_keys()
    assert caught.value.__cause__ is None


def test_a_damaged_signing_key_is_named(folder: Path) -> None:
    services.prepare_keys()
    (folder / "ledger-signing.key").write_text("AAAA")
    with pytest.raises(KeysDoNotFit, match="signing key"):
        services.ledger_signing_key()


# --- permissions


@pytest.mark.parametrize(("name", "mode"), [("keyring.json", 0o640), ("keyring.json", 0o604), (".", 0o755)])
def test_keys_that_others_may_read_are_refused_with_the_command_to_run(
    folder: Path, name: str, mode: int
) -> None:
    services.prepare_keys()
    (folder / name).chmod(mode)
    with pytest.raises(KeysTooOpen, match=r"chmod [67]00 '") as caught:
        services.prepare_keys()
    command = str(caught.value).partition("Run: ")[2]
    assert os.system(command) == 0
    services.prepare_keys()


def test_an_open_signing_key_is_refused(folder: Path) -> None:
    services.prepare_keys()
    (folder / "ledger-signing.key").chmod(0o644)
    with pytest.raises(KeysTooOpen, match="chmod 600"):
        services.ledger_signing_key()


# --- many at once


def test_many_processes_of_a_first_start_make_one_set_of_keys(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Threads: file locks tell descriptors apart, not processes. They can't see this test's database.
    monkeypatch.setattr(services, "_data_keys_exist", lambda: False)
    barrier = Barrier(6)

    def start(_: int) -> str:
        barrier.wait()
        services.prepare_keys()
        return files.read_keyring(folder).current

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(start, range(6)))) == 1


# --- the how-to


def test_the_how_to_names_commands_that_are_there() -> None:
    page = (Path(__file__).parents[3] / "docs" / "how-to" / "keys.md").read_text()
    named = set(re.findall(r"amaan keys ([a-z]+)", page)) - {"and"}
    there = {command.callback.__name__ for command in app.registered_commands if command.callback}
    assert named == there
    for written in (files.KEYRING, files.SIGNING_KEY, files.VERIFY_KEY):
        assert written in page
