"""Exhibits stored, found again, checked; crashes, other writers, and streams too big for memory."""

from __future__ import annotations

import io
import json
import os
import signal
import stat
import subprocess
import sys
import threading
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django import DjangoAssertNumQueries, Settings
from typer.testing import CliRunner

from amaan.evidence import vault
from amaan.evidence.commands import app
from amaan.evidence.models import Exhibit
from amaan.evidence.services import (
    ExhibitBytesMissing,
    ExhibitUnknown,
    check_vault,
    exhibit_sealer,
    open_exhibit,
    store_exhibits,
    store_stream,
    storing,
    stream_exhibit,
    vault_costs,
    write_exhibits,
)
from amaan.keyring.domain import KeyMissing, SealBroken
from amaan.keyring.domain.streams import CHUNK
from amaan.keyring.models import DataKey
from amaan.keyring.services import new_sealer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Settings) -> Path:
    """A vault of this test's own."""
    settings.AMAAN_HOME = tmp_path
    return tmp_path


def _store(*plaintexts: bytes) -> list[int]:
    sealer = exhibit_sealer()
    return store_exhibits([sealer.seal(p) for p in plaintexts])


def _pack_of(exhibit_id: int) -> Path:
    return storing.the_vault().path_of(Exhibit.objects.get(id=exhibit_id).pack)


def _files(home: Path) -> list[Path]:
    return [path for path in home.rglob("*") if path.is_file()]


def _check(code: int) -> dict[str, object]:
    result = CliRunner().invoke(app, ["check", "--json"], catch_exceptions=False)
    assert result.exit_code == code, result.output
    found: dict[str, object] = json.loads(result.output)
    return found


def test_what_is_stored_is_opened_in_order() -> None:
    plaintexts = [os.urandom(n) for n in (0, 1, 6_000, CHUNK, 2 * CHUNK + 1)]
    ids = _store(*plaintexts)
    assert [open_exhibit(i) for i in ids] == plaintexts
    assert [Exhibit.objects.get(id=i).size for i in ids] == [len(p) for p in plaintexts]
    assert len(set(Exhibit.objects.values_list("pack", flat=True))) == 1


def test_a_stream_of_chunks_opens_like_the_whole() -> None:
    (exhibit,) = _store(bytes(3 * CHUNK + 1))
    assert [len(chunk) for chunk in stream_exhibit(exhibit)] == [CHUNK, CHUNK, CHUNK, 1]


def test_the_same_exhibit_is_stored_once() -> None:
    one, two, again = _store(b"a", b"b", b"a")
    assert one == again != two
    size = sum(path.stat().st_size for path in _files(storing.the_vault().root))
    assert _store(b"b", b"a") == [two, one]
    assert store_stream(io.BytesIO(b"a")) == one
    assert Exhibit.objects.count() == 2
    assert sum(path.stat().st_size for path in _files(storing.the_vault().root)) == size


def test_nothing_stored_costs_nothing() -> None:
    before = vault_costs().syncs
    assert store_exhibits([]) == []
    assert vault_costs().syncs == before


def test_a_thousand_exhibits_cost_a_handful_of_queries_and_one_fsync(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    sealer = exhibit_sealer()
    items = [sealer.seal(b"%d" % n) for n in range(1000)]
    _store(b"the pack is open")
    before = vault_costs().syncs
    with django_assert_max_num_queries(5):
        ids = store_exhibits(items)
    assert vault_costs().syncs == before + 1
    assert vault_costs().sync_seconds > 0
    assert len(set(ids)) == 1000


def test_written_ahead_nobody_waits_for_the_disk_in_the_transaction() -> None:
    sealer = exhibit_sealer()
    (known,) = store_exhibits([sealer.seal(b"known")])
    written = write_exhibits([sealer.seal(t) for t in (b"known", b"new", b"new", b"other's")])
    (others,) = store_exhibits([sealer.seal(b"other's")])  # another writer was first
    before = vault_costs().syncs
    first, second, third, fourth = store_exhibits(written)
    assert vault_costs().syncs == before
    assert (first, third, fourth) == (known, second, others)
    assert open_exhibit(second) == b"new"
    assert store_exhibits(write_exhibits(written)) == [first, second, third, fourth], "what is written stays"


def test_a_batchs_own_data_key_serves_for_its_exhibits() -> None:
    sealer = new_sealer()
    before = DataKey.objects.count()
    (exhibit,) = store_exhibits([exhibit_sealer(sealer).seal(b"x")])
    assert open_exhibit(exhibit) == b"x"
    assert DataKey.objects.count() == before


def test_an_unknown_exhibit_is_named() -> None:
    with pytest.raises(ExhibitUnknown, match="12345"):
        open_exhibit(12345)


def test_files_are_closed_to_others_and_hold_nothing_in_clear(home: Path) -> None:
    _store(b"PLANTED-WORD " * 50)
    store_stream(io.BytesIO(b"PLANTED-WORD " * 20_000))
    found = _files(home / "vault")
    assert found
    for path in found:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert b"PLANTED" not in path.read_bytes()
        assert set(path.stem) <= set("0123456789abcdef")
    assert stat.S_IMODE((home / "vault").stat().st_mode) == 0o700


def test_the_database_refuses_rows_that_cannot_be() -> None:
    (exhibit,) = _store(b"x")
    row = Exhibit.objects.get(id=exhibit)
    for change in ({"address": b"short"}, {"size": -1}, {"length": 1}, {"offset": 0}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Exhibit.objects.filter(id=row.id).update(**change)


# --- what a machine does at the wrong moment


def test_a_crash_between_pack_and_commit_leaves_harmless_bytes() -> None:
    (kept,) = _store(b"kept")

    @transaction.atomic
    def fail() -> None:
        _store(b"never committed")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    (after,) = _store(b"afterwards")
    found = _check(0)
    assert (found["exhibits"], found["orphan_records"]) == (2, 1)
    assert open_exhibit(kept) == b"kept"
    assert open_exhibit(after) == b"afterwards"


def test_a_torn_end_is_never_built_upon() -> None:
    (before,) = _store(b"before")
    pack = _pack_of(before)
    storing.the_vault().close()  # the process died
    with pack.open("ab") as file:
        file.write((500).to_bytes(8, "big") + b"torn")
    (after,) = _store(b"after")
    assert _pack_of(after) != pack
    found = _check(0)
    assert (found["exhibits"], found["orphan_records"]) == (2, 1)


def test_a_full_disk_raises_and_the_next_try_begins_a_new_pack(monkeypatch: pytest.MonkeyPatch) -> None:
    (before,) = _store(b"before")
    real = os.write

    def short(descriptor: int, data: memoryview) -> int:
        if len(data) > 50:
            return real(descriptor, data[:50])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(vault.os, "write", short)
        with pytest.raises(OSError, match="No space"), transaction.atomic():
            _store(b"does not fit")
    (after,) = _store(b"does not fit")
    assert _pack_of(after) != _pack_of(before)
    assert _check(0)["exhibits"] == 2


def test_bytes_are_synced_before_the_rows_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(vault, "_sync", full)
        with pytest.raises(OSError, match="Input/output"), transaction.atomic():
            _store(b"x")
        with pytest.raises(OSError, match="Input/output"), transaction.atomic():
            store_stream(io.BytesIO(b"x"))
    assert not Exhibit.objects.exists()


def test_packs_roll(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault, "ROLL_AT", 10_000)
    ids = [_store(os.urandom(6_000))[0] for _ in range(6)]
    assert len({_pack_of(i) for i in ids}) == 3
    assert _check(0)["exhibits"] == 6


def test_a_forked_child_writes_a_pack_of_its_own() -> None:
    (mine,) = _store(b"mine")
    my_pack = _pack_of(mine).stem
    blob = exhibit_sealer().seal(b"child").blob
    child = os.fork()
    if child == 0:
        code = 1
        try:
            place = storing.the_vault().append([blob])[0]
            code = 0 if place.pack != my_pack else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    (too,) = _store(b"mine too")
    assert _pack_of(too).stem == my_pack
    assert _check(0)["orphan_packs"] != []


# --- what vault check names


def test_check_names_what_is_broken_missing_or_left_over() -> None:
    sound, broken = _store(b"sound", b"broken")
    storing.the_vault().close()
    (gone,) = _store(b"gone")
    path, row = _pack_of(broken), Exhibit.objects.get(id=broken)
    content = bytearray(path.read_bytes())
    content[row.offset + row.length - 1] ^= 1
    path.write_bytes(content)
    _pack_of(gone).unlink()
    (storing.the_vault().root / "incoming").mkdir(exist_ok=True)
    (storing.the_vault().root / "incoming" / "00.part").write_bytes(b"")

    found = _check(1)

    assert [line.split(",")[0] for line in found["broken"]] == [f"exhibit {broken}"]
    assert [line.split(":")[0] for line in found["missing"]] == [f"exhibit {gone}"]
    assert found["unfinished"] == ["00.part"]
    assert open_exhibit(sound) == b"sound"
    with pytest.raises(SealBroken):
        open_exhibit(broken)
    with pytest.raises(ExhibitBytesMissing):
        open_exhibit(gone)
    printed = CliRunner().invoke(app, ["check"]).output
    assert f"broken: exhibit {broken}" in printed
    assert f"missing: exhibit {gone}" in printed


def test_check_says_that_all_is_whole() -> None:
    _store(b"x")
    assert "Every exhibit is whole." in CliRunner().invoke(app, ["check"]).output


def test_a_pack_that_was_cut_is_missing_bytes() -> None:
    (exhibit,) = _store(bytes(3000))
    path = _pack_of(exhibit)
    storing.the_vault().close()
    with path.open("rb+") as file:
        file.truncate(path.stat().st_size - 1)
    assert len(_check(1)["missing"]) == 1


def test_rows_that_were_exchanged_are_found_out() -> None:
    one, two = _store(b"one", b"two")
    a, b = Exhibit.objects.get(id=one), Exhibit.objects.get(id=two)
    Exhibit.objects.filter(id=two).update(offset=10**9)
    Exhibit.objects.filter(id=one).update(offset=b.offset)
    Exhibit.objects.filter(id=two).update(offset=a.offset)
    with pytest.raises(SealBroken, match="isn't the one"):
        open_exhibit(one)
    assert len(_check(1)["broken"]) == 2


def test_a_size_that_lies_is_named() -> None:
    (exhibit,) = _store(b"four")
    Exhibit.objects.filter(id=exhibit).update(size=3)
    assert "4 bytes, and the database says 3" in str(_check(1)["broken"])


def test_without_its_data_key_an_exhibit_stays_closed() -> None:
    (exhibit,) = _store(b"x")
    DataKey.objects.all().delete()
    with pytest.raises(KeyMissing):
        open_exhibit(exhibit)
    assert len(_check(1)["broken"]) == 1


# --- streams


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK])
def test_streams_round_trip_at_every_edge(size: int) -> None:
    plaintext = os.urandom(size)
    exhibit = store_stream(io.BytesIO(plaintext))
    assert open_exhibit(exhibit) == plaintext
    assert _store(plaintext) == [exhibit]
    found = _check(0)
    assert (found["exhibits"], found["orphan_records"], found["unfinished"]) == (1, 0, [])


def test_a_pipe_that_gives_little_at_a_time_is_read_whole() -> None:
    class Trickle(io.RawIOBase):
        def __init__(self, data: bytes) -> None:
            self.data = io.BytesIO(data)

        def readable(self) -> bool:
            return True

        def read(self, size: int = -1) -> bytes:
            return self.data.read(min(size, 7919))

    plaintext = os.urandom(2 * CHUNK + 99)
    assert open_exhibit(store_stream(Trickle(plaintext))) == plaintext


def test_a_stream_that_breaks_off_leaves_nothing() -> None:
    class Breaks(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > 100_000:
                raise ConnectionError
            return super().read(size)

    with pytest.raises(ConnectionError):
        store_stream(Breaks(bytes(300_000)))
    assert not Exhibit.objects.exists()
    assert storing.the_vault().parts() == []


def test_fifty_megabytes_pass_in_flat_memory() -> None:
    size = 50 * 1024 * 1024

    class Generated(io.RawIOBase):
        left = size

        def read(self, count: int = -1) -> bytes:
            given = min(count, self.left)
            self.left -= given
            return bytes(given)

    tracemalloc.start()
    try:
        exhibit = store_stream(Generated())
        assert sum(map(len, stream_exhibit(exhibit))) == size
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4 * 1024 * 1024


# --- many writers at once


def _in_threads(work: Callable[[int], object], count: int) -> list[object]:
    def one(n: int) -> object:
        try:
            return work(n)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def _needs_postgres() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer: two can't store the same exhibit at once")


@pytest.mark.django_db(transaction=True)
def test_writers_of_the_same_exhibits_agree_on_one_row_each() -> None:
    _needs_postgres()
    barrier = threading.Barrier(4)

    def write(n: int) -> list[int]:
        sealer = exhibit_sealer()
        plaintexts = [b"%d" % i for i in range(40)]
        order = plaintexts if n % 2 else plaintexts[::-1]
        barrier.wait()
        ids = dict(zip(order, store_exhibits([sealer.seal(p) for p in order]), strict=True))
        return [ids[p] for p in plaintexts]

    answers = _in_threads(write, 4)
    assert all(answer == answers[0] for answer in answers)
    assert Exhibit.objects.count() == 40
    assert check_vault().sound
    assert open_exhibit(answers[0][7]) == b"7"


@pytest.mark.django_db(transaction=True)
def test_a_stream_that_came_second_keeps_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    _needs_postgres()
    plaintext = os.urandom(CHUNK)
    real = storing._insert

    def late(rows: object) -> object:
        monkeypatch.setattr(storing, "_insert", real)
        _in_threads(lambda _: store_stream(io.BytesIO(plaintext)), 1)  # another writer commits first
        return real(rows)

    monkeypatch.setattr(storing, "_insert", late)
    exhibit = store_stream(io.BytesIO(plaintext))
    assert Exhibit.objects.count() == 1
    assert open_exhibit(exhibit) == plaintext
    assert check_vault().orphan_packs == []


def test_threads_share_a_pack_without_mixing_their_bytes() -> None:
    sealer = exhibit_sealer()
    blobs = [[sealer.seal(os.urandom(3_000)).blob for _ in range(20)] for _ in range(4)]
    store = storing.the_vault()
    places = _in_threads(lambda n: store.append(blobs[n]), 4)
    for wrote, found in zip(blobs, places, strict=True):
        for blob, place in zip(wrote, found, strict=True):
            assert b"".join(store.blocks(place, 100, 1_000)) == blob


# --- a process that is killed

_DIES = """
import os, signal, sys
import django
django.setup()
from django.core.management import call_command
from django.db import transaction
from amaan.evidence.services import check_vault, exhibit_sealer, open_exhibit, store_exhibits
from amaan.keyring.services import prepare_keys

if sys.argv[1] == "die":
    for room in ("keyring", "evidence"):
        call_command("migrate", room, verbosity=0, skip_checks=True)
    prepare_keys()
    sealer = exhibit_sealer()
    store_exhibits([sealer.seal(b"committed")])
    with transaction.atomic():
        store_exhibits([sealer.seal(b"lost"), sealer.seal(b"committed")])
        os.kill(os.getpid(), signal.SIGKILL)
prepare_keys()
found = check_vault()
sealer = exhibit_sealer()
again = store_exhibits([sealer.seal(b"lost"), sealer.seal(b"committed")])
print(found.exhibits, found.sound, found.orphan_records, [open_exhibit(i).decode() for i in again])
"""


@pytest.mark.pure  # it runs on a SQLite file of its own
def test_a_killed_process_leaves_a_vault_that_the_next_one_continues(tmp_path: Path) -> None:
    home, keys = tmp_path / "home", tmp_path / "keys"
    home.mkdir()
    environment = {
        "AMAAN_HOME": str(home),
        "AMAAN_KEYS": str(keys),
        "DJANGO_SETTINGS_MODULE": "amaan.config.settings",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }

    def run(way: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", _DIES, way]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert run("die").returncode == -signal.SIGKILL
    after = run("look")
    assert after.stdout.strip() == "1 True 1 ['lost', 'committed']", after.stderr
