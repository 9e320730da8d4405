"""Publishing and delivering. There is no second queue beside this one."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from amaan.outbox.models import Delivery
from amaan.outbox.services.signs import long_work
from amaan.store.rows import insert_rows, on_postgres

MOST_ATTEMPTS = 8
LONGEST_BEHIND = timedelta(minutes=10)
"""What waited behind for so long has a turn of each process every `SECONDS_BETWEEN_LATE`, whatever else is due."""
SECONDS_BETWEEN_LATE = 2.0
Task = Callable[[Sequence[int]], None]
_IDS_A_ROW = 500
_IDS_A_TURN = 500
_ROWS_A_TURN = 60


@cache
def subscriptions() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = import_string(settings.AMAAN_FLOW)
    return found


@cache
def behind() -> tuple[frozenset[str], ...]:
    """The subscribers that go after all others, group by group."""
    found: tuple[frozenset[str], ...] = import_string(settings.AMAAN_BEHIND)
    return found


@cache
def _task(path: str) -> Task:
    task: Task = import_string(path)
    return task


@cache
def _thinking(path: str) -> Task | None:
    """A task may have a first half that only reads: `think_NAME` beside `NAME`, called before the transaction."""
    module, _, name = path.rpartition(".")
    thinking: Task | None = getattr(import_module(module), f"think_{name}", None)
    return thinking


@cache
def _most(path: str) -> int:
    """A task may say how many ids it takes at once where all others wait for it: `most_NAME` beside `NAME`."""
    module, _, name = path.rpartition(".")
    most: int = getattr(import_module(module), f"most_{name}", _IDS_A_TURN)
    return most


def publish(event: str, ids: Sequence[int], *, in_seconds: int = 0) -> None:
    """Leave `ids` for every subscriber of `event`. Call it inside the transaction that made the rows.

    `in_seconds`: nobody takes them before.

    Raises KeyError for an event that flow.py does not name: an announcement that nobody lists is a mistake.
    """
    due = timezone.now() + timedelta(seconds=in_seconds)
    later = {name for group in behind() for name in group}
    rows = [
        (
            subscriber,
            event,
            json.dumps(list(ids[start : start + _IDS_A_ROW])),
            due,
            0,
            "",
            subscriber in later,
        )
        for subscriber in subscriptions()[event]
        for start in range(0, len(ids), _IDS_A_ROW)
    ]
    insert_rows(Delivery, ("subscriber", "event", "ids", "available_at", "attempts", "error", "behind"), rows)


def deliver(limit_ms: int = 50, *, first_only: bool = False) -> int:
    """Hand out what is due, for about `limit_ms`; return how many ids were handed out.

    What goes behind comes when nothing else is due and no long work is under way, and now and then when it has waited
    LONGEST_BEHIND; with `first_only` not at all. The task and the removal of its delivery are one transaction: the
    effect happens exactly once, whoever dies.
    """
    until = time.monotonic() + limit_ms / 1000
    done = 0
    while time.monotonic() < until:
        taken = _deliver_one(first_only=first_only)
        if taken == 0:
            break
        done += taken
    return done


def due(*, first_only: bool = False) -> bool:
    """Whether anything would be handed out now."""
    return any(_rows(where, most=1) for where in _in_order(first_only=first_only))


def keeping_up() -> bool:
    """Whether less than a turn is left of what doesn't go behind."""
    rows = _rows(next(_in_order(first_only=True)), most=_ROWS_A_TURN)
    return len(rows) < _ROWS_A_TURN and sum(row.ids.count(",") + 1 for row in rows) < _IDS_A_TURN


def pending(*, first_only: bool = False) -> int:
    """Deliveries that wait, dead letters left out; `first_only`: without those that go behind."""
    rows = Delivery.objects.filter(attempts__lt=MOST_ATTEMPTS)
    return rows.filter(behind=False).count() if first_only else rows.count()


def dead_letters() -> int:
    """Deliveries that failed too often; they stay until somebody retries them."""
    return Delivery.objects.filter(attempts__gte=MOST_ATTEMPTS).count()


def retry_dead_letters() -> int:
    """Make every dead letter due at once; return how many."""
    return Delivery.objects.filter(attempts__gte=MOST_ATTEMPTS).update(
        attempts=0, available_at=timezone.now()
    )


@dataclass(frozen=True)
class Waiting:
    """One delivery that is still to be done."""

    id: int
    event: str
    subscriber: str
    count: int
    attempts: int
    error: str


def waiting() -> list[Waiting]:
    """Everything that waits, the oldest first."""
    return [
        Waiting(row.pk, row.event, row.subscriber, len(json.loads(row.ids)), row.attempts, row.error)
        for row in Delivery.objects.order_by("id")
    ]


def waiting_among(event: str, ids: Collection[int]) -> dict[int, bool]:
    """Those of `ids` of which some subscriber of `event` was not told yet, and of each whether one gave up on it
    (a dead letter). Subscribers of the last group that goes behind are not asked: nobody waits for them."""
    found: dict[int, bool] = {}
    last = behind()[-1] if behind() else ()
    rows = Delivery.objects.filter(event=event).exclude(subscriber__in=last).values_list("ids", "attempts")
    for text, attempts in rows:
        for number in set(json.loads(text)).intersection(ids):
            found[number] = found.get(number, False) or attempts >= MOST_ATTEMPTS
    return found


def ids_waiting(subscriber: str) -> int:
    """How many ids wait for one subscriber, failed ones included. Cheap: what is done has no row."""
    rows = Delivery.objects.filter(subscriber=subscriber).values_list("ids", flat=True)
    return sum(ids.count(",") + 1 for ids in rows)


class _Row(NamedTuple):
    """A delivery as far as a turn must know it."""

    id: int
    subscriber: str
    event: str
    ids: str
    attempts: int
    behind: bool


class _Due(NamedTuple):
    """`rows` make this turn, about `_IDS_A_TURN` ids; `later` are further rows of the task, from which the ids of this
    turn are taken off as well."""

    rows: list[_Row]
    later: list[_Row]


class _Where(NamedTuple):
    """A condition, and its parameters."""

    sql: str
    values: tuple[Any, ...]

    def and_(self, sql: str, *values: object) -> _Where:
        return _Where(f"{self.sql} AND {sql}", (*self.values, *values))


def _rows(where: _Where, *, most: int, locked: bool = False) -> list[_Row]:
    """The first of these rows, by hand: a worker asks at every turn, and the ORM takes longer than the answer."""
    lock = " FOR UPDATE SKIP LOCKED" if locked and on_postgres() else ""
    sql = (  # no value stands in it
        f"SELECT {', '.join(_Row._fields)} FROM outbox_delivery"  # noqa: S608
        f" WHERE {where.sql} ORDER BY available_at, id LIMIT {most}{lock}"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, where.values)
        return [_Row._make(row) for row in cursor.fetchall()]


def _due(*, first_only: bool) -> _Due:
    """The next rows, locked. Several events may call the same task; it looks at what is stored, so once is enough."""
    for where in _in_order(first_only=first_only):
        if first := _rows(where, most=1, locked=True):
            return _with_its_like(where, first[0])
    return _Due([], [])


def _with_its_like(where: _Where, first: _Row) -> _Due:
    if first.attempts:
        return _Due([first], [])  # one that failed before goes alone, so that it cannot spoil its neighbours
    events = _events_like(first)
    same = where.and_("attempts = 0 AND subscriber = %s AND id <> %s", first.subscriber, first.id)
    same = same.and_(f"event IN ({', '.join(['%s'] * len(events))})", *events)
    taken, count = [first], first.ids.count(",") + 1
    others = _rows(same, most=_ROWS_A_TURN, locked=True)
    for row in others:
        count += row.ids.count(",") + 1
        if count > _IDS_A_TURN:
            break
        taken.append(row)
    return _Due(taken, others[len(taken) - 1 :])


def _events_like(row: _Row) -> list[str]:
    """The events of which this subscriber's same task is told."""
    flow = subscriptions()
    path = flow.get(row.event, {}).get(row.subscriber)
    like = [event for event, told in flow.items() if path and told.get(row.subscriber) == path]
    return like or [row.event]


def ids_behind() -> int:
    """How many ids wait for subscribers that go after all others; one that several events told of counts each time."""
    rows = Delivery.objects.filter(behind=True, attempts__lt=MOST_ATTEMPTS).values_list("ids", flat=True)
    return sum(ids.count(",") + 1 for ids in rows)


_last_late = [0.0]
"""When this process last handed out what had waited behind for too long, by the monotonic clock."""


def _in_order(*, first_only: bool) -> Iterator[_Where]:
    """What is due, in the order in which it is handed out: of the first that gives any."""
    now = timezone.now()
    of = _Where("attempts < %s", (MOST_ATTEMPTS,))
    if not first_only and time.monotonic() - _last_late[0] > SECONDS_BETWEEN_LATE:
        yield of.and_("behind = %s AND available_at <= %s", True, now - LONGEST_BEHIND)
    due = of.and_("available_at <= %s", now)
    yield due.and_("behind = %s", False)
    if first_only or long_work():
        return
    for group in behind():
        yield due.and_("behind = %s", True).and_(
            f"subscriber IN ({', '.join(['%s'] * len(group))})", *sorted(group)
        )
    yield due.and_("behind = %s", True)  # of whoever went behind under an earlier flow


def _turn(rows: Sequence[_Row]) -> tuple[str, list[int]]:
    """The task of these rows, and the first of their ids, as many as it takes at once. Raises KeyError where the
    subscriber is gone."""
    path = subscriptions()[rows[0].event][rows[0].subscriber]
    ids = list(dict.fromkeys(number for row in rows for number in json.loads(row.ids)))
    return path, ids if on_postgres() else ids[: max(1, _most(path))]


def _take_off(rows: Sequence[_Row], ids: Collection[int]) -> None:
    """These ids are delivered; the others of these rows are due as they were."""
    delivered, done = set(ids), []
    for row in rows:
        told = json.loads(row.ids)
        left = [number for number in told if number not in delivered]
        if not left:
            done.append(row.id)
        elif len(left) < len(told):
            Delivery.objects.filter(pk=row.id).update(ids=json.dumps(left))
    if done:
        with connection.cursor() as cursor:  # by hand, for the reason that `_rows` gives
            marks = ", ".join(["%s"] * len(done))
            cursor.execute(f"DELETE FROM outbox_delivery WHERE id IN ({marks})", done)  # noqa: S608 - marks


def _think(*, first_only: bool) -> bool:
    """Whether anything is due, seen without the writer's lock, so that an idle worker disturbs nobody.

    On SQLite that lock is everybody's, and reading needs none: the next task reads and reckons before it is taken. What
    it finds is checked again inside.
    """
    if on_postgres():
        return due(first_only=first_only)
    rows, _ = _due(first_only=first_only)
    if rows and not rows[0].attempts:
        with suppress(_Unthinkable):
            _think_of(rows)
    return bool(rows)


class _Unthinkable(Exception):
    """Thinking ahead failed. The task itself will fail the same way, where its failure is kept on its row."""


def _think_of(rows: Sequence[_Row]) -> None:
    try:
        path, ids = _turn(rows)
        if thinking := _thinking(path):
            thinking(ids)
    except OperationalError:
        raise  # the database cannot go on: no delivery is to blame
    except Exception as error:
        raise _Unthinkable from error


def _deliver_one(*, first_only: bool) -> int:
    if not _think(first_only=first_only):
        return 0
    rows: list[_Row] = []
    ids: list[int] = []
    try:
        # No savepoint around the task: on SQLite it would copy every page that the task touches.
        with transaction.atomic():
            rows, later = _due(first_only=first_only)
            if rows:
                path, ids = _turn(rows)
                _task(path)(ids)
                _take_off([*rows, *later], ids)
                if rows[0].behind:
                    _last_late[0] = time.monotonic()
    except OperationalError:
        raise  # the database cannot go on: no delivery is to blame
    except Exception as error:
        if not rows:
            raise
        with transaction.atomic():
            _postpone(rows, error)
    return len(ids)


def _still_there(rows: Sequence[_Row]) -> list[Delivery]:
    """The rows that nobody else has delivered or postponed since the failed transaction let go of them, locked."""
    held = Delivery.objects.filter(pk__in=[row.id for row in rows]).order_by("id")
    if on_postgres():
        held = held.select_for_update(skip_locked=True)
    before = {row.id: (row.attempts, row.ids) for row in rows}
    return [row for row in held if before[row.pk] == (row.attempts, row.ids)]


def _postpone(rows: Sequence[_Row], error: Exception) -> None:
    # The message may quote a value; only the error's kind and place are kept in clear.
    frame = error.__traceback__
    while frame and frame.tb_next:
        frame = frame.tb_next
    where = f"{frame.tb_frame.f_code.co_qualname}:{frame.tb_lineno}" if frame else "unknown place"
    for row in _still_there(rows):
        ids = json.loads(row.ids)
        if len(rows) == 1 and len(ids) > 1:
            # Halved until the id that fails stands alone; the others are not held up by it.
            middle = len(ids) // 2
            row.ids = json.dumps(ids[:middle])
            Delivery.objects.create(
                subscriber=row.subscriber,
                event=row.event,
                ids=json.dumps(ids[middle:]),
                available_at=timezone.now(),
                attempts=1,
                error=f"{type(error).__name__} in {where}",
                behind=row.behind,
            )
            row.attempts, row.available_at = 1, timezone.now()
            row.save(update_fields=["ids", "attempts", "available_at"])
            continue
        row.attempts += 1
        row.available_at = timezone.now() + timedelta(seconds=min(3600, 2**row.attempts))
        row.error = f"{type(error).__name__} in {where}"
        row.save(update_fields=["attempts", "available_at", "error"])
