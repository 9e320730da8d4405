"""Looking for a leaf by its bytes: what is in the tree, what waits, what isn't there, and whether to believe it."""

from __future__ import annotations

import pytest
from django.db import connection
from tests.rooms.ledger.conftest import Write
from tests.rooms.ledger.tampering import drop_triggers, settle

from amaan.ledger import triggers
from amaan.ledger.domain.faults import HeadMissing, LeafMissing, LedgerRolledBack
from amaan.ledger.domain.leaf import LeafNotCanonical
from amaan.ledger.head import _path, write_head
from amaan.ledger.models import Checkpoint, Entry, Leaf
from amaan.ledger.selectors import NotYetNumbered, find_leaf, require_whole

pytestmark = pytest.mark.django_db


def _bytes(entry_id: int) -> bytes:
    return bytes(Entry.objects.get(id=entry_id).leaf_bytes)


def _tampered(statement: str, *values: int) -> None:
    drop_triggers()
    settle()
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
    triggers.create(connection)


def test_a_leaf_is_found_by_its_bytes_and_no_other_is(write: Write) -> None:
    ids = write(3)
    for entry_id in ids:
        assert find_leaf(_bytes(entry_id)) == Leaf.objects.get(entry_id=entry_id).index
    assert find_leaf(_bytes(ids[0]).replace(b"report:0", b"report:9")) is None
    assert find_leaf(_bytes(ids[0]).replace(b"report:0", b"report:1")) is None
    with pytest.raises(LeafNotCanonical):
        find_leaf(b"{}")


def test_what_waits_for_its_number_is_not_missing(write: Write) -> None:
    (waiting,) = write(1, sequenced=False)
    with pytest.raises(NotYetNumbered):
        find_leaf(_bytes(waiting))


def test_the_list_beside_the_ledger_does_not_decide(write: Write) -> None:
    (numbered,) = write(1)
    (waiting,) = write(1, sequenced=False)
    _tampered("DELETE FROM ledger_about")
    assert find_leaf(_bytes(numbered)) == Leaf.objects.get(entry_id=numbered).index
    with pytest.raises(NotYetNumbered):
        find_leaf(_bytes(waiting))


def test_a_ledger_is_whole_until_something_signed_is_gone(write: Write) -> None:
    require_whole()
    write(3)
    write_head(Checkpoint.objects.latest("size").note)
    require_whole()
    _tampered('DELETE FROM ledger_leaf WHERE "index" = %s', Leaf.objects.latest("index").index)
    with pytest.raises(LeafMissing):
        require_whole()


def test_a_ledger_put_back_to_an_earlier_day_is_not_whole(write: Write) -> None:
    write(1)
    newest = Checkpoint.objects.latest("size")
    write_head(newest.note)
    _tampered("DELETE FROM ledger_checkpoint WHERE size = %s", newest.size)
    with pytest.raises(LedgerRolledBack):
        require_whole()


def test_without_the_head_nobody_can_say_that_it_is_whole(write: Write) -> None:
    write(1)
    _path().unlink(missing_ok=True)
    with pytest.raises(HeadMissing):
        require_whole()
