"""Appending, sequencing, erasing, proving."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, connections, transaction
from tests.rooms.ledger.conftest import CLERK, Write
from tests.rooms.ledger.tampering import settle
from typer.testing import CliRunner

from amaan.authority.actors import Actor, ActorKind, Grant, Role
from amaan.authority.matrix import NotAllowed
from amaan.keyring.domain import KeysMissing
from amaan.keyring.services import new_sealer
from amaan.ledger import sequencer, services, turn
from amaan.ledger.commands import app
from amaan.ledger.domain.leaf import decode
from amaan.ledger.domain.merkle import verify_consistency
from amaan.ledger.domain.note import VerifierKey, open_checkpoint
from amaan.ledger.domain.proof import MalformedProof, check_proof
from amaan.ledger.models import Body, Checkpoint, Entry, Leaf, Pending, Tile
from amaan.ledger.permissions import ErasingNotAllowed
from amaan.ledger.selectors import (
    BodyErased,
    NoSuchEntry,
    NotYetNumbered,
    body_of,
    consistency_of,
    history_of,
    known_acts,
    lines_for,
    proof_of,
    published_key,
    verify,
)
from amaan.ledger.services import Act, append, erase_body, sequence, sequence_all


def test_entries_get_a_place_in_order_and_a_signed_checkpoint(write: Write) -> None:
    ids = write(600)
    assert ids == sorted(ids)
    assert list(Leaf.objects.order_by("index").values_list("index", "entry_id")) == list(enumerate(ids))
    assert sorted(Tile.objects.values_list("level", "n")) == [(0, 0), (0, 1)]
    assert not Pending.objects.exists()
    newest = Checkpoint.objects.order_by("-size").first()
    assert newest
    assert newest.size == 600
    assert open_checkpoint(newest.note, published_key()).root == bytes(newest.root)
    seen = verify()
    assert (seen.leaves, seen.tiles, seen.bodies, seen.waiting) == (600, 2, 600, 0)
    assert seen.root == bytes(newest.root).hex()


def test_growth_in_many_steps_is_consistent_warm_and_cold(write: Write) -> None:
    for n in (1, 255, 1, 300, 3):
        write(n)
        if n == 300:
            sequencer._warm.clear()
    roots = {c.size: bytes(c.root) for c in Checkpoint.objects.all()}
    # A slow machine may sign in between, when a slice has used up its time (`sequencer.SLICE`).
    assert {1, 256, 257, 557, 560} <= set(roots)
    for first in sorted(roots):
        for second, root in roots.items():
            if first <= second:
                verify_consistency(first, second, roots[first], root, consistency_of(first, second))
    assert verify().checkpoints == len(roots)
    with pytest.raises(NotYetNumbered):
        consistency_of(2, 560)


def test_nothing_waiting_signs_nothing(write: Write) -> None:
    assert sequence() is None
    write(2)
    assert sequence() == sequence()
    assert Checkpoint.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_append_that_is_rolled_back_leaves_nothing() -> None:
    with transaction.atomic():
        append(CLERK, [Act("report.received", "report:1", "", {})])
        transaction.set_rollback(True)
    assert not Entry.objects.exists()
    assert not Body.objects.exists()
    assert not Pending.objects.exists()
    assert sequence() is None


@pytest.mark.django_db(transaction=True)
def test_append_wants_the_callers_transaction() -> None:
    with pytest.raises(services.OutsideTransaction):
        append(CLERK, [Act("report.received", "report:1", "", {})])
    assert append(CLERK, []) == []


def test_a_leaf_says_who_did_what_and_the_body_is_sealed(write: Write) -> None:
    with transaction.atomic():
        (entry_id,) = append(CLERK, [Act("search.made", "search:1", "lahore", {"terms": "a sealed phrase"})])
    leaf = decode(bytes(Entry.objects.get(id=entry_id).leaf_bytes))
    assert (leaf.act, leaf.on, leaf.unit, leaf.who) == ("search.made", "search:1", "lahore", "system:test")
    assert b"phrase" not in bytes(Body.objects.get(entry_id=entry_id).ciphertext)
    auditor = Actor(ActorKind.STAFF, "staff:1", frozenset({Grant(Role.AUDITOR, "lahore")}))
    assert body_of(auditor, entry_id=entry_id) == {"terms": "a sealed phrase"}
    with pytest.raises(NotAllowed):
        body_of(
            Actor(ActorKind.STAFF, "staff:2", frozenset({Grant(Role.ADMINISTRATOR, "lahore")})),
            entry_id=entry_id,
        )


def test_entries_are_found_by_reference_and_not_by_its_beginning(write: Write) -> None:
    ids = write(12)
    assert [line.entry_id for line in history_of("report:1")] == [ids[1]]
    assert history_of("report:99") == []


AUDITOR = Actor(ActorKind.STAFF, "staff:1", frozenset({Grant(Role.AUDITOR, "lahore")}))


def test_the_auditor_finds_what_was_done_by_reference_person_and_act(write: Write) -> None:
    ids = write(5)
    with transaction.atomic():
        (own,) = append(AUDITOR, [Act("ledger.read", "ledger", "lahore", {})])
    assert [line.entry_id for line in lines_for(AUDITOR)] == [own, *reversed(ids)]
    assert [line.entry_id for line in lines_for(AUDITOR, who="staff:1")] == [own]
    assert [line.entry_id for line in lines_for(AUDITOR, act="ledger.read", on="report:1")] == []
    assert [line.entry_id for line in lines_for(AUDITOR, before=ids[2], limit=1)] == [ids[1]]
    assert lines_for(AUDITOR)[0].index is None, "it is not numbered before the sequencer ran"
    write(1)  # numbers what waits
    own_line = lines_for(AUDITOR, who="staff:1")[0]
    assert own_line.index == 5
    assert "ledger.read" in known_acts(AUDITOR)
    with pytest.raises(NotAllowed):
        lines_for(Actor(ActorKind.STAFF, "staff:2", frozenset({Grant(Role.SUPERVISOR, "lahore")})))


@pytest.mark.django_db
def test_mass_intake_is_not_listed_and_is_found_by_its_own_row() -> None:
    with transaction.atomic():
        (entry,) = append(CLERK, [Act("report.received", "R-1", "lahore", {})])
    assert history_of("R-1") == []
    assert [line.act for line in history_of("R-1", also=[entry])] == ["report.received"]


@pytest.mark.parametrize("sql", [
    "UPDATE ledger_entry SET leaf_bytes = leaf_bytes",
    "DELETE FROM ledger_entry",
    'UPDATE ledger_leaf SET hash = hash',
    "DELETE FROM ledger_leaf",
    "UPDATE ledger_tile SET n = n",
    "DELETE FROM ledger_tile",
    "UPDATE ledger_checkpoint SET note = 'x'",
    "DELETE FROM ledger_checkpoint",
    "UPDATE ledger_erasure SET by_id = by_id",
    "DELETE FROM ledger_erasure",
    "UPDATE ledger_body SET salt = salt",
    "DELETE FROM ledger_body",
    "TRUNCATE ledger_entry CASCADE",
    "TRUNCATE ledger_leaf",
    "TRUNCATE ledger_tile",
    "TRUNCATE ledger_checkpoint",
    "TRUNCATE ledger_erasure",
    "TRUNCATE ledger_body",
    "REPLACE INTO ledger_entry SELECT * FROM ledger_entry",
    "REPLACE INTO ledger_leaf SELECT * FROM ledger_leaf",
    "REPLACE INTO ledger_tile SELECT * FROM ledger_tile",
    "REPLACE INTO ledger_checkpoint SELECT * FROM ledger_checkpoint",
    "REPLACE INTO ledger_erasure SELECT * FROM ledger_erasure",
    "REPLACE INTO ledger_body SELECT * FROM ledger_body",
])  # fmt: skip
def test_the_database_refuses_changes(write: Write, sql: str) -> None:
    ids = write(257)
    erase_body(CLERK, entry_id=ids[0], order="court order 1")
    settle()
    foreign = {"TRUNCATE": "sqlite", "REPLACE": "postgresql"}.get(sql.split(maxsplit=1)[0])
    if connection.vendor == foreign:
        pytest.skip(f"{foreign} has no such statement")
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)
    write(0)
    verify()


def test_a_body_is_erased_by_a_named_order_and_the_ledger_still_verifies(write: Write) -> None:
    ids = write(3)
    recorded = erase_body(CLERK, entry_id=ids[1], order="retention rule R-7")
    assert not Body.objects.filter(entry_id=ids[1]).exists()
    verify()  # the record still waits
    sequence_all()
    seen = verify()
    assert (seen.leaves, seen.bodies, seen.erased) == (4, 3, 1)
    assert body_of(CLERK, entry_id=recorded) == {"order": "retention rule R-7"}
    with pytest.raises(BodyErased):
        body_of(CLERK, entry_id=ids[1])
    with pytest.raises(services.BodyAlreadyErased):
        erase_body(CLERK, entry_id=ids[1], order="again")
    with pytest.raises(services.BodyMustStay):
        erase_body(CLERK, entry_id=recorded, order="hide the order")


def test_erasing_needs_an_order_an_operator_and_a_numbered_entry(write: Write) -> None:
    (entry_id,) = write(1, sequenced=False)
    with pytest.raises(services.EntryNotInTree):
        erase_body(CLERK, entry_id=entry_id, order="court order 1")
    with pytest.raises(services.NoOrderNamed):
        erase_body(CLERK, entry_id=entry_id, order=" ")
    administrator = Actor(ActorKind.STAFF, "staff:1", frozenset({Grant(Role.ADMINISTRATOR, "lahore")}))
    with pytest.raises(ErasingNotAllowed):
        erase_body(administrator, entry_id=entry_id, order="court order 1")


def test_an_outsider_checks_a_proof_with_nothing_but_the_key(write: Write, tmp_path: Path) -> None:
    ids = write(300)
    document = proof_of(ids[123])
    key = str(published_key())
    proven = check_proof(document, VerifierKey.parse(key))
    assert (proven.index, proven.size, proven.leaf.on) == (123, 300, "report:123")
    file = tmp_path / "proof.json"
    file.write_text(json.dumps(document))
    result = CliRunner().invoke(app, ["verify", "--proof", str(file), "--key", key])
    assert result.exit_code == 0
    assert "leaf 123 of 300" in result.stdout
    leaf = str(document["leaf"])
    for changed in (
        {"leaf": leaf.replace("report:123", "report:124")},
        {"leaf": leaf + " "},
        {"index": 122},
        {"size": 299},
        {"path": [*document["path"], document["path"][0]]},  # type: ignore[misc, index]
        {"path": ["?"]},
        {"checkpoint": str(document["checkpoint"]).replace("\n300\n", "\n301\n")},
    ):
        file.write_text(json.dumps(document | changed))
        result = CliRunner().invoke(app, ["verify", "--proof", str(file), "--key", key])
        assert result.exit_code == 1, changed
    with pytest.raises(MalformedProof):
        check_proof({}, VerifierKey.parse(key))


def test_a_proof_needs_a_key_from_elsewhere(write: Write, tmp_path: Path) -> None:
    file = tmp_path / "proof.json"
    file.write_text(json.dumps(proof_of(write(1)[0])))
    assert CliRunner().invoke(app, ["verify", "--proof", str(file)]).exit_code == 1


def test_proofs_come_only_for_what_is_in_the_tree(write: Write) -> None:
    (entry_id,) = write(1, sequenced=False)
    with pytest.raises(NotYetNumbered):
        proof_of(entry_id)
    with pytest.raises(NoSuchEntry):
        proof_of(entry_id + 1)


def test_the_commands(write: Write) -> None:
    run = CliRunner().invoke
    assert run(app, ["checkpoint"]).exit_code == 1  # empty
    write(5, sequenced=False)
    verified = run(app, ["verify", "--json"])
    assert verified.exit_code == 0
    assert json.loads(verified.stdout)["leaves"] == 5
    assert "5 leaves" in run(app, ["verify"]).stdout
    note = run(app, ["checkpoint"]).stdout
    assert open_checkpoint(note, VerifierKey.parse(run(app, ["key"]).stdout)).size == 5


def test_the_head_file_follows_the_newest_checkpoint(write: Write) -> None:
    head = Path(settings.AMAAN_KEYS) / "ledger.head"
    write(3)
    write(4)
    newest = Checkpoint.objects.order_by("-size").first()
    assert newest
    assert head.read_text() == newest.note
    assert head.stat().st_mode & 0o077 == 0


def test_a_head_that_a_crash_left_behind_is_fine(write: Write) -> None:
    head = Path(settings.AMAAN_KEYS) / "ledger.head"
    write(3)
    older = head.read_text()
    write(4)
    head.write_text(older)
    assert verify().leaves == 7
    write(1)
    assert head.read_text() != older


def test_a_copy_without_keys_is_checked_with_the_published_key(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(300)
    key = str(published_key())

    def no_keys(*_: object) -> None:
        raise KeysMissing("not on this machine")

    monkeypatch.setattr("amaan.ledger.verification.opener", no_keys)
    monkeypatch.setattr("amaan.ledger.head.ledger_verify_key", no_keys)
    monkeypatch.setattr("amaan.ledger.sequencer.ledger_signing_key", no_keys)
    assert CliRunner().invoke(app, ["verify"]).exit_code == 1
    result = CliRunner().invoke(app, ["verify", "--key", key, "--json"])
    assert result.exit_code == 0
    assert json.loads(result.stdout)["bodies_checked"] is False
    other = key.split("+", maxsplit=1)[0] + "x"
    assert CliRunner().invoke(app, ["verify", "--key", other]).exit_code == 1


def test_an_origin_may_be_set(write: Write, settings: Any) -> None:
    settings.AMAAN_LEDGER_ORIGIN = "ledger.example.org/amaan"
    write(1)
    assert str(published_key()).startswith("ledger.example.org/amaan+")
    verify()


@pytest.mark.django_db(transaction=True)
def test_the_second_sequencer_returns_at_once_and_nothing_is_numbered_twice() -> None:
    with transaction.atomic():
        append(CLERK, [Act("report.received", f"report:{n}", "", {}) for n in range(20)])
    mine, done = threading.Event(), threading.Event()
    held: list[bool] = []

    def hold() -> None:
        with turn.only_sequencer() as got:
            held.append(got)
            mine.set()
            done.wait(20)
        connections.close_all()

    thread = threading.Thread(target=hold)
    thread.start()
    assert mine.wait(20)
    started = time.monotonic()
    assert sequence() is None
    assert time.monotonic() - started < 5
    assert Pending.objects.count() == 20
    done.set()
    thread.join()
    assert held == [True]

    def race() -> None:
        for _ in range(5):
            sequence()
        connections.close_all()

    threads = [threading.Thread(target=race) for _ in range(3)]
    for other in threads:
        other.start()
    for other in threads:
        other.join()
    assert verify().leaves == 20


def test_a_slice_ends_in_time_and_goes_on(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequencer, "_CHUNK", 50)
    write(120, sequenced=False)
    first = sequence(limit_ms=0)
    assert first
    assert first.size == 50
    assert Pending.objects.count() == 70
    assert sequence_all().size == 120  # type: ignore[union-attr]
    assert verify().checkpoints >= 2


def test_a_sealer_may_be_shared(write: Write) -> None:
    with transaction.atomic():
        sealer = new_sealer()
        for n in range(3):
            append(CLERK, [Act("report.received", f"report:{n}", "", {"n": n})], sealer=sealer)
    sequence_all()
    assert verify().bodies == 3
