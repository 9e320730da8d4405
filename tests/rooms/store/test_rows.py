"""Rows by the thousand on both databases, and SQLite's one writer shared fairly."""

from __future__ import annotations

import multiprocessing
import sqlite3
import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone as clock
from hypothesis import example, given
from hypothesis import strategies as st
from tests.rooms.store.greedy import write_greedily

from amaan.evidence.domain import ADDRESS_BYTES
from amaan.evidence.models import Exhibit
from amaan.outbox.models import Delivery
from amaan.reports.models import Identifier
from amaan.store.rows import allocate_ids, insert_absent, insert_new, insert_rows, select_in
from amaan.store.sqlite.base import PRAGMAS, Turnstile, _utc_text

COLUMNS = ("id", "subscriber", "event", "ids", "available_at", "attempts", "error", "behind")
AT = datetime(2026, 3, 1, 12, 0, 0, 5, tzinfo=timezone(timedelta(hours=5)))


def rows(ids: list[int]) -> list[tuple[Any, ...]]:
    return [(i, "متن\t\\N\n", "e" * (i % 3), "[1]", AT, i % 5, '"', i % 2 == 0) for i in ids]


@pytest.mark.django_db
def test_rows_go_in_as_they_are() -> None:
    ids = allocate_ids(Delivery, 1_000)
    assert ids == sorted(set(ids))
    insert_rows(Delivery, COLUMNS, rows(ids))
    held = list(Delivery.objects.order_by("id"))
    assert [row.pk for row in held] == ids
    assert {row.subscriber for row in held} == {"متن\t\\N\n"}
    assert {row.available_at for row in held} == {AT.astimezone(UTC)}
    insert_rows(Delivery, COLUMNS, [])
    assert allocate_ids(Delivery, 0) == []


@pytest.mark.django_db
def test_what_the_database_refuses_is_told_as_django_tells_it() -> None:
    """Whoever stores again after a lost race waits for that error, and for no driver's own."""
    ids = allocate_ids(Delivery, 3)
    insert_rows(Delivery, COLUMNS, rows(ids))
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_rows(Delivery, COLUMNS, rows(ids[:1]))
    with pytest.raises(DatabaseError), transaction.atomic():
        insert_rows(Delivery, ("id", "no_such_column"), [(ids[-1] + 1, 1)])
    assert Delivery.objects.count() == 3


@pytest.mark.django_db
def test_numbers_given_out_are_given_once_also_beside_the_orm() -> None:
    first = allocate_ids(Delivery, 3)
    insert_rows(Delivery, COLUMNS, rows(first))
    made = Delivery.objects.create(subscriber="a", event="b", ids="[]", available_at=AT)
    second = allocate_ids(Delivery, 3)
    insert_rows(Delivery, COLUMNS, rows(second))
    assert len({*first, made.pk, *second}) == 7
    Delivery.objects.filter(pk__in=second).delete()
    assert not set(allocate_ids(Delivery, 2)) & {*first, made.pk, *second}, "a number is never used again"


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor == "postgresql", reason="PostgreSQL looks first, and copies")
@pytest.mark.parametrize("there", [[], [7], [0, 60, 129], list(range(130))])
def test_rows_that_stand_already_are_left_out_and_keep_their_numbers(there: list[int]) -> None:
    columns = ("id", "key", "type", "links", "clear", "sealed")

    def values(numbers: list[int]) -> list[tuple[Any, ...]]:
        ids = allocate_ids(Identifier, len(numbers))
        return [(i, b"%016d" % n, "handle", True, f"a{n}", None) for i, n in zip(ids, numbers, strict=True)]

    insert_rows(Identifier, columns, values(there))
    before = dict(Identifier.objects.values_list("key", "id"))
    offered = values(list(range(130)))
    new = insert_absent(Identifier, columns, offered, "key")
    assert new == {row[0] for row in offered if row[1] not in before}
    after = dict(Identifier.objects.values_list("key", "id"))
    assert after == {row[1]: row[0] for row in offered} | before


@pytest.mark.django_db
@pytest.mark.parametrize("there", [[], [7], list(range(70))])
def test_new_rows_go_in_beside_those_that_stand(there: list[int]) -> None:
    columns = ("key", "type", "links", "clear", "sealed")

    def values(numbers: list[int], text: str) -> list[tuple[Any, ...]]:
        return [(b"%016d" % n, "handle", n % 2 == 0, text, None) for n in numbers]

    assert insert_new(Identifier, columns, []) == []
    insert_rows(Identifier, columns, values(there, "before"))
    told = insert_new(Identifier, columns, values(list(range(70)), "after"), ("key", "clear"))
    after = dict(Identifier.objects.values_list("key", "clear"))
    assert after == {b"%016d" % n: "before" if n in there else "after" for n in range(70)}
    if connection.vendor == "postgresql":
        assert {(bytes(key), text) for key, text in told} == {
            one for one in after.items() if one[1] == "after"
        }


@pytest.mark.django_db
def test_a_new_row_that_another_constraint_refuses_is_not_left_out_in_silence() -> None:
    """Two exhibits in one place of a pack are a fault that must be heard."""
    columns = ("address", "pack", "offset", "length", "size", "created_at")

    def exhibit(letter: bytes) -> tuple[Any, ...]:
        return letter * ADDRESS_BYTES, "pack", 1, 50, 5, clock.now()

    insert_new(Exhibit, columns, [exhibit(b"a")], unique=("address",))
    insert_new(Exhibit, columns, [exhibit(b"a")], unique=("address",))
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_new(Exhibit, columns, [exhibit(b"b")], unique=("address",))
    assert Exhibit.objects.count() == 1


@pytest.mark.django_db
def test_a_set_larger_than_one_statement_may_name() -> None:
    ids = allocate_ids(Delivery, 40)
    insert_rows(Delivery, COLUMNS, rows(ids))
    wanted = [*range(10**9, 10**9 + 70_000), *ids]
    found = select_in("SELECT id FROM outbox_delivery WHERE attempts < %s AND id IN {values}", wanted, [5])
    assert sorted(row[0] for row in found) == ids
    assert select_in("SELECT id FROM outbox_delivery WHERE id IN {values}", []) == []


@given(st.datetimes(timezones=st.none() | st.sampled_from([UTC, timezone(timedelta(hours=5)), timezone.min])))
@example(datetime(1, 1, 2, tzinfo=UTC))
def test_a_time_is_written_as_django_writes_it(at: datetime) -> None:
    try:
        plain = at if at.tzinfo is None else at.astimezone(UTC).replace(tzinfo=None)
    except OverflowError:
        return
    assert _utc_text(at) == str(plain)


def test_a_greedy_writer_lets_in_who_waits(tmp_path: Path) -> None:
    """Polling, as SQLite does it alone, would make the one that waits lose nearly every time."""
    database = str(tmp_path / "a.sqlite3")
    context = multiprocessing.get_context("spawn")
    inside, stop, turns = context.Event(), context.Event(), context.Value("i", 0)
    process = context.Process(target=write_greedily, args=(database, inside, stop, turns))
    process.start()
    try:
        assert inside.wait(30)
        turnstile = Turnstile(database)
        waited = []
        for _ in range(20):
            before = turns.value
            turnstile.enter()
            waited.append(turns.value - before)
            turnstile.leave()
            time.sleep(0.005)
        turnstile.close()
    finally:
        stop.set()
        process.join(10)
    assert process.exitcode == 0
    # Counted in turns of the other: a clock, or a turn that is taken just before we ask, tells of a busy machine.
    assert sorted(waited)[10] <= 1, waited
    assert sorted(waited)[17] <= 10, waited


def test_a_process_that_dies_inside_holds_nobody_up(tmp_path: Path) -> None:
    database = str(tmp_path / "a.sqlite3")
    context = multiprocessing.get_context("spawn")
    inside, stop, turns = context.Event(), context.Event(), context.Value("i", 0)
    process = context.Process(target=write_greedily, args=(database, inside, stop, turns))
    process.start()
    assert inside.wait(30)
    process.kill()
    process.join()
    turnstile = Turnstile(database)
    turnstile.enter()  # would wait for ever
    assert turnstile._inside
    turnstile.close()


def test_what_is_overwritten_leaves_no_trace_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite3"
    database = sqlite3.connect(path, isolation_level=None)
    for pragma in PRAGMAS:
        database.execute(pragma)
    database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, clear TEXT, sealed BLOB)")
    database.execute("BEGIN")
    database.executemany("INSERT INTO t VALUES (?, ?, NULL)", [(n, f"Quillwen{n:04d}") for n in range(3_000)])
    database.execute("COMMIT")
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"Quillwen" in path.read_bytes()
    database.execute("UPDATE t SET clear = NULL, sealed = randomblob(60)")
    database.execute("DELETE FROM t WHERE id % 2")
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for file in tmp_path.iterdir():
        assert b"Quillwen" not in file.read_bytes(), file.name
    database.close()


@pytest.mark.django_db(transaction=True)
def test_forgetting_is_allowed_at_any_time() -> None:
    from amaan.store.rows import BUSY_MS, forget

    forget()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout")
            assert cursor.fetchone()[0] == BUSY_MS
