"""Somebody who holds the database, and not the keys, changes it. Verifying fails and names the leaf."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from tests.rooms.ledger.conftest import CLERK, Write
from tests.rooms.ledger.tampering import drop_triggers, settle
from typer.testing import CliRunner

from amaan.ledger import sequencer
from amaan.ledger.commands import app
from amaan.ledger.domain import faults
from amaan.ledger.domain.merkle import leaf_hash
from amaan.ledger.models import Body, Checkpoint, Entry, Leaf, Pending, Tile
from amaan.ledger.selectors import verify
from amaan.ledger.services import erase_body, sequence

COUNT = 300
INDEX = 17


def _run(sql: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(values))


@pytest.fixture
def ids(write: Write) -> list[int]:
    ids = write(100) + write(COUNT - 100)
    settle()
    drop_triggers()
    return ids


def _caught(kind: type[faults.LedgerBroken]) -> faults.LedgerBroken:
    with pytest.raises(kind) as caught:
        verify()
    result = CliRunner().invoke(app, ["verify"])
    assert result.exit_code == 1
    assert len(result.stderr.strip().splitlines()) == 1
    return caught.value


def _forged(entry_id: int) -> bytes:
    return bytes(Entry.objects.get(id=entry_id).leaf_bytes).replace(b'"on":"report:', b'"on":"report:9')


def _flip(value: bytes, spot: int) -> bytes:
    return value[:spot] + bytes([value[spot] ^ 1]) + value[spot + 1 :]


def test_an_edited_entry(ids: list[int]) -> None:
    Entry.objects.filter(id=ids[INDEX]).update(leaf_bytes=_forged(ids[INDEX]))
    fault = _caught(faults.LeafChanged)
    assert (fault.index, fault.entry_id) == (INDEX, ids[INDEX])
    assert f"leaf {INDEX}, entry {ids[INDEX]}" in str(fault)


@pytest.mark.parametrize("change", ["DELETE FROM ledger_about", "UPDATE ledger_about SET who = 'staff:9'"])
def test_an_entry_hidden_from_the_lists(ids: list[int], change: str) -> None:
    _run(f"{change} WHERE entry_id = %s", ids[INDEX])
    fault = _caught(faults.ListingWrong)
    assert (fault.index, fault.entry_id) == (INDEX, ids[INDEX])


def test_an_entry_edited_with_its_leaf_and_tile(ids: list[int]) -> None:
    leaf = _forged(ids[INDEX])
    Entry.objects.filter(id=ids[INDEX]).update(leaf_bytes=leaf)
    Leaf.objects.filter(index=INDEX).update(hash=leaf_hash(leaf))
    tile = bytes(Tile.objects.get(level=0, n=0).hashes)
    tile = tile[: INDEX * 32] + leaf_hash(leaf) + tile[INDEX * 32 + 32 :]
    Tile.objects.filter(level=0, n=0).update(hashes=tile)
    assert _caught(faults.BodyChanged).index == INDEX


def test_the_same_without_keys_to_open_bodies_is_told_by_the_signed_root(
    ids: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    leaf = _forged(ids[INDEX])
    Entry.objects.filter(id=ids[INDEX]).update(leaf_bytes=leaf)
    Leaf.objects.filter(index=INDEX).update(hash=leaf_hash(leaf))
    monkeypatch.setattr("amaan.ledger.verification._opener", lambda: None)
    fault = _caught(faults.CheckpointWrong)
    assert fault.index == 99  # the first checkpoint that covers it


def _drop_references_to_entries() -> None:
    """On PostgreSQL; on SQLite foreign keys are looked at when a transaction commits, and this one never
    does."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(
                "SELECT conrelid::regclass::text, conname FROM pg_constraint"
                " WHERE contype = 'f' AND confrelid = 'ledger_entry'::regclass"
            )
            for table, name in cursor.fetchall():
                cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")


def test_a_deleted_entry(ids: list[int]) -> None:
    _drop_references_to_entries()
    Body.objects.filter(entry_id=ids[INDEX]).delete()
    _run("DELETE FROM ledger_about WHERE entry_id = %s", ids[INDEX])
    _run("DELETE FROM ledger_entry WHERE id = %s", ids[INDEX])
    fault = _caught(faults.EntryMissing)
    assert (fault.index, fault.entry_id) == (INDEX, ids[INDEX])
    _run("DELETE FROM ledger_leaf WHERE entry_id = %s", ids[INDEX])  # or the test's end would look at it


def test_an_inserted_entry(ids: list[int], caplog: pytest.LogCaptureFixture) -> None:
    forged = Entry.objects.create(leaf_bytes=_forged(ids[INDEX]))
    assert _caught(faults.EntryOrphaned).entry_id == forged.pk  # its trigger was down
    Pending.objects.create(entry=forged)
    assert _caught(faults.EntryForged).entry_id == forged.pk
    Pending.objects.update(refused="")
    sequence()
    assert "refused" in caplog.text
    assert not Leaf.objects.filter(entry=forged).exists()
    assert Pending.objects.get().refused == "it has no body"


@pytest.mark.parametrize("same", [True, False])
def test_an_inserted_entry_with_somebody_elses_body(ids: list[int], same: bool) -> None:
    body = Body.objects.get(entry_id=ids[INDEX])
    leaf = bytes(Entry.objects.get(id=ids[INDEX]).leaf_bytes) if same else _forged(ids[INDEX])
    forged = Entry.objects.create(leaf_bytes=leaf)
    Body.objects.create(entry=forged, salt=bytes(body.salt), ciphertext=bytes(body.ciphertext))
    Pending.objects.create(entry=forged)
    assert _caught(faults.EntryForged).entry_id == forged.pk
    assert not Leaf.objects.filter(entry=forged).exists()


def test_the_insert_trigger_makes_a_forged_entry_wait_and_be_refused(write: Write) -> None:
    ids = write(3)
    forged = Entry.objects.create(leaf_bytes=_forged(ids[0]))
    sequence()
    assert Pending.objects.get().pk == forged.pk
    assert _caught(faults.EntryForged).entry_id == forged.pk
    assert len(write(2)) == 2  # and it holds nobody up
    assert Leaf.objects.count() == 5


def test_a_forged_entry_that_was_put_into_the_tree_by_hand(ids: list[int]) -> None:
    forged = Entry.objects.create(leaf_bytes=_forged(ids[INDEX]))
    Leaf.objects.create(index=COUNT, entry=forged, hash=leaf_hash(_forged(ids[INDEX])))
    assert _caught(faults.LeafAdded).index == COUNT


def test_an_edited_leaf(ids: list[int]) -> None:
    Leaf.objects.filter(index=INDEX).update(hash=_flip(bytes(Leaf.objects.get(index=INDEX).hash), 0))
    assert _caught(faults.LeafChanged).index == INDEX


def test_two_leaves_exchanged(ids: list[int]) -> None:
    one, two = Leaf.objects.get(index=INDEX), Leaf.objects.get(index=INDEX + 1)
    _run("DELETE FROM ledger_leaf WHERE entry_id IN (%s, %s)", one.entry_id, two.entry_id)
    Leaf.objects.create(index=INDEX, entry_id=two.entry_id, hash=bytes(two.hash))
    Leaf.objects.create(index=INDEX + 1, entry_id=one.entry_id, hash=bytes(one.hash))
    assert _caught(faults.CheckpointWrong).index == 99


@pytest.mark.parametrize("index", [0, INDEX, COUNT - 1])
def test_a_deleted_leaf(ids: list[int], index: int) -> None:
    _run('DELETE FROM ledger_leaf WHERE "index" = %s', index)
    assert _caught(faults.LeafMissing).index == index


def test_an_edited_tile_names_the_leaf(ids: list[int]) -> None:
    hashes = bytes(Tile.objects.get(level=0, n=0).hashes)
    Tile.objects.filter(level=0, n=0).update(hashes=_flip(hashes, 200 * 32 + 5))
    fault = _caught(faults.TileChanged)
    assert (fault.index, fault.entry_id) == (200, ids[200])


def test_a_replaced_a_deleted_and_an_inserted_tile(ids: list[int]) -> None:
    Tile.objects.filter(level=0, n=0).update(hashes=bytes(8192))
    assert _caught(faults.TileChanged).index == 0
    _run("DELETE FROM ledger_tile")
    assert _caught(faults.TileChanged).index == 0


def test_an_inserted_tile(ids: list[int]) -> None:
    Tile.objects.create(level=0, n=1, hashes=bytes(8192))
    assert "tile 0/1" in str(_caught(faults.TileChanged))


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE ledger_checkpoint SET note = replace(note, 'previous 0', 'previous 1') WHERE size = 100",
        "UPDATE ledger_checkpoint SET size = 90 WHERE size = 100",
        "DELETE FROM ledger_checkpoint WHERE size = 100",
        "INSERT INTO ledger_checkpoint SELECT 50, root, note, at FROM ledger_checkpoint WHERE size = 100",
    ],
)
def test_a_changed_checkpoint(ids: list[int], sql: str) -> None:
    _run(sql)
    assert _caught(faults.CheckpointWrong).index in {49, 89, 99, COUNT - 1}


def test_a_checkpoint_signed_by_another_key(ids: list[int]) -> None:
    note = Checkpoint.objects.get(size=100).note
    dash, name, signature = note.splitlines()[-1].split(" ")
    assert dash == "—"
    forged = note.replace(signature, signature[:8] + ("A" if signature[8] != "A" else "B") + signature[9:])
    Checkpoint.objects.filter(size=100).update(note=forged)
    fault = _caught(faults.CheckpointWrong)
    assert fault.index == 99
    assert name in str(fault)


def test_an_edited_salt_and_an_edited_body(ids: list[int]) -> None:
    Body.objects.filter(entry_id=ids[INDEX]).update(salt=bytes(16))
    assert _caught(faults.BodyChanged).index == INDEX


def test_an_edited_ciphertext(ids: list[int]) -> None:
    ciphertext = bytes(Body.objects.get(entry_id=ids[INDEX]).ciphertext)
    Body.objects.filter(entry_id=ids[INDEX]).update(ciphertext=_flip(ciphertext, len(ciphertext) - 1))
    assert _caught(faults.BodyChanged).index == INDEX


def test_bodies_exchanged_between_entries(ids: list[int]) -> None:
    other = Body.objects.get(entry_id=ids[INDEX + 1])
    Body.objects.filter(entry_id=ids[INDEX]).update(
        salt=bytes(other.salt), ciphertext=bytes(other.ciphertext)
    )
    assert _caught(faults.BodyChanged).index == INDEX


def test_a_deleted_body(ids: list[int]) -> None:
    Body.objects.filter(entry_id=ids[INDEX]).delete()
    assert _caught(faults.BodyMissing).index == INDEX


def test_a_body_deleted_behind_an_erasure_that_nobody_ordered(ids: list[int]) -> None:
    Body.objects.filter(entry_id=ids[INDEX]).delete()
    _run(
        "INSERT INTO ledger_erasure (entry_id, by_id, at) VALUES (%s, %s, '2026-01-01 00:00:00')",
        ids[INDEX],
        ids[0],
    )
    assert _caught(faults.ErasureUnfounded).index == INDEX


def test_an_order_for_one_body_does_not_excuse_another(ids: list[int], write: Write) -> None:
    recorded = erase_body(CLERK, entry_id=ids[INDEX], order="court order 1")
    Body.objects.filter(entry_id=ids[INDEX + 1]).delete()
    _run("UPDATE ledger_erasure SET entry_id = %s WHERE by_id = %s", ids[INDEX + 1], recorded)
    Pending.objects.get_or_create(entry_id=recorded)
    assert _caught(faults.BodyMissing).index == INDEX


def _cut_back_to(size: int) -> None:
    _run("DELETE FROM ledger_checkpoint WHERE size > %s", size)
    _run("DELETE FROM ledger_tile")
    gone = list(Leaf.objects.filter(index__gte=size).values_list("entry_id", flat=True))
    _run('DELETE FROM ledger_leaf WHERE "index" >= %s', size)
    Body.objects.filter(entry_id__in=gone).delete()
    _run("DELETE FROM ledger_about WHERE entry_id >= %s", gone[0])
    _run("DELETE FROM ledger_entry WHERE id >= %s", gone[0])


def test_a_database_put_back_to_yesterday(ids: list[int]) -> None:
    _cut_back_to(100)
    fault = _caught(faults.LedgerRolledBack)
    assert fault.index == 100
    with pytest.raises(faults.LedgerRolledBack):
        sequence()  # and nothing is signed over it


def test_a_missing_head(ids: list[int]) -> None:
    (Path(settings.AMAAN_KEYS) / "ledger.head").unlink()
    _caught(faults.HeadMissing)
    with pytest.raises(faults.HeadMissing):
        sequence()


def test_the_sequencer_does_not_sign_over_a_broken_tree(ids: list[int], write: Write) -> None:
    write(1, sequenced=False)
    Pending.objects.get_or_create(entry_id=Entry.objects.order_by("-id").values_list("id", flat=True)[0])
    Leaf.objects.filter(index=COUNT - 1).update(hash=bytes(32))
    sequencer._warm.clear()
    with pytest.raises(faults.CheckpointWrong):
        sequence()
    _run('DELETE FROM ledger_leaf WHERE "index" = %s', COUNT - 1)
    sequencer._warm.clear()
    with pytest.raises(faults.LeafMissing):
        sequence()
