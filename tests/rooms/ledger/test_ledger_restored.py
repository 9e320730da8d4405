"""Going on from an older database: only openly, with the lost checkpoint kept."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction
from tests.rooms.ledger.tampering import drop_triggers, settle

from amaan.authority.actors import Actor
from amaan.ledger import sequencer, triggers
from amaan.ledger.domain.faults import LedgerRolledBack
from amaan.ledger.head import HEAD, write_head
from amaan.ledger.models import Checkpoint, Entry, Leaf
from amaan.ledger.selectors import history_of, verify
from amaan.ledger.services import (
    Act,
    NoOrderNamed,
    NothingWasRestored,
    admit_restore,
    append,
    sequence_all,
)

ACTOR = Actor.system("test")
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_keys(tmp_path: Path, settings) -> None:  # type: ignore[no-untyped-def]
    shutil.copytree(settings.AMAAN_KEYS, tmp_path / "keys")
    settings.AMAAN_KEYS = tmp_path / "keys"
    (settings.AMAAN_KEYS / HEAD).unlink(missing_ok=True)


def _act(name: str) -> None:
    with transaction.atomic():
        append(ACTOR, [Act("test.done", name, "", {"n": name})])
    sequence_all()


def _lose_one() -> None:
    """A leaf is signed; then the database goes back to before, and the head remembers."""
    size, newest = Leaf.objects.count(), Entry.objects.order_by("-id").values_list("id", flat=True)[0]
    _act("lost")
    write_head(Checkpoint.objects.get(size=size + 1).note)
    drop_triggers()
    settle()
    with connection.cursor() as cursor:
        cursor.execute('DELETE FROM ledger_leaf WHERE "index" >= %s', [size])
        cursor.execute("DELETE FROM ledger_checkpoint WHERE size > %s", [size])
        cursor.execute("DELETE FROM ledger_body WHERE entry_id > %s", [newest])
        cursor.execute("DELETE FROM ledger_about WHERE entry_id > %s", [newest])
        cursor.execute("DELETE FROM ledger_entry WHERE id > %s", [newest])
    triggers.create(connection)
    sequencer._warm.clear()


def test_a_restored_database_goes_on_only_when_somebody_says_so() -> None:
    _act("kept")
    _lose_one()
    with pytest.raises(LedgerRolledBack, match="ledger restored"):
        verify()

    kept = admit_restore(ACTOR, reason="the disk failed")
    sequence_all()

    assert verify().leaves == Leaf.objects.count()
    assert [line.act for line in history_of("ledger")] == ["ledger.restored"]
    assert kept.exists()
    assert kept.parent == Path(settings.AMAAN_KEYS)


def test_a_whole_database_cannot_be_declared_restored() -> None:
    _act("kept")
    with pytest.raises(NothingWasRestored):
        admit_restore(ACTOR, reason="no need")


def test_the_reason_must_be_said() -> None:
    with pytest.raises(NoOrderNamed):
        admit_restore(ACTOR, reason=" ")
