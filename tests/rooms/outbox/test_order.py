"""What decides a band goes first; what only enriches goes behind, but not for ever; and nobody is told twice."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db.models import F

from amaan.outbox.models import Delivery
from amaan.outbox.services import delivering as services
from amaan.outbox.services import signs

pytestmark = pytest.mark.django_db

CALLS: list[tuple[str, list[int]]] = []


def first(ids: Sequence[int]) -> None:
    CALLS.append(("first", list(ids)))


def after(ids: Sequence[int]) -> None:
    CALLS.append(("after", list(ids)))


def failing(ids: Sequence[int]) -> None:
    CALLS.append(("failing", list(ids)))
    raise ValueError("no")


@pytest.fixture(autouse=True)
def _flow(monkeypatch: pytest.MonkeyPatch) -> None:
    CALLS.clear()
    flow = {
        "made": {"after": f"{__name__}.after", "first": f"{__name__}.first"},
        "changed": {"after": f"{__name__}.after", "first": f"{__name__}.first"},
        "else": {"first": f"{__name__}.failing"},
    }
    monkeypatch.setattr(services, "subscriptions", lambda: flow)
    monkeypatch.setattr(services, "behind", lambda: (frozenset({"after"}),))


@pytest.fixture(autouse=True)
def _a_quiet_machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nobody brings much in, before or after; and no turn of this process was late."""
    monkeypatch.setattr(services, "_last_late", [0.0])
    signs.end_long_work()
    yield
    signs.end_long_work()


def test_what_goes_behind_waits_for_all_that_goes_first() -> None:
    services.publish("made", [1])
    services.publish("changed", [2])
    services.deliver(5_000)
    assert CALLS == [("first", [1, 2]), ("after", [1, 2])]
    assert not Delivery.objects.exists()


def test_several_events_about_one_report_are_one_turn() -> None:
    """The task looks at what is stored, so that once is enough, however many events told of it."""
    services.publish("made", [1, 2])
    services.publish("changed", [2, 3])
    services.publish("changed", [1])
    services.deliver(5_000)
    assert CALLS == [("first", [1, 2, 3]), ("after", [1, 2, 3])]
    assert not Delivery.objects.exists()


def test_what_is_told_again_further_down_is_taken_off_too() -> None:
    """A turn ends after some hundred ids; those of them that wait in later rows were looked at with it."""
    services.publish("made", list(range(499)))
    services.publish("changed", [*range(400), 1_000])
    services.deliver(5_000)
    told = [number for name, ids in CALLS if name == "first" for number in ids]
    assert sorted(told) == [*range(499), 1_000]
    assert not Delivery.objects.exists()


def test_another_task_of_the_same_name_is_not_taken_for_it() -> None:
    services.publish("made", [1])
    services.publish("else", [1])
    services.deliver(5_000)
    assert [name for name, _ in CALLS] == ["first", "failing", "after"]
    (row,) = Delivery.objects.all()
    assert (row.event, row.attempts) == ("else", 1)


def test_while_much_is_brought_in_what_goes_behind_waits() -> None:
    signs.beat_long_work()
    services.publish("made", [1])
    assert services.deliver(5_000) == 1
    assert CALLS == [("first", [1])]
    assert not services.due()
    assert services.pending() == 1
    assert services.pending(first_only=True) == 0
    signs.end_long_work()
    services.deliver(5_000)
    assert CALLS[1:] == [("after", [1])]


def test_nothing_waits_behind_for_ever_and_what_is_late_holds_nothing_up() -> None:
    """After ten minutes it gets a turn even then, and only now and then: bands go on."""
    signs.beat_long_work()
    for number in range(700, 1_400):
        services.publish("made", [number])
    Delivery.objects.filter(behind=False).delete()
    Delivery.objects.update(available_at=F("available_at") - services.LONGEST_BEHIND)
    services.publish("made", [1])
    services.publish("changed", [2])
    services.deliver(1_500)
    assert [name for name, _ in CALLS] == ["after", "first"]
    assert CALLS[1] == ("first", [1, 2])
    assert services.ids_behind() > 500


def test_what_goes_behind_goes_group_by_group(monkeypatch: pytest.MonkeyPatch) -> None:
    """And what went behind under an earlier flow is handed out last, not never."""
    monkeypatch.setattr(services, "behind", lambda: (frozenset({"first"}), frozenset({"after"})))
    services.publish("made", [1])
    services.publish("made", [2])
    services.deliver(5_000)
    assert CALLS == [("first", [1, 2]), ("after", [1, 2])]
    services.publish("made", [3])
    monkeypatch.setattr(services, "behind", lambda: (frozenset({"first"}),))
    services.deliver(5_000)
    assert CALLS[2:] == [("first", [3]), ("after", [3])]
    assert not Delivery.objects.exists()


def test_whoever_only_enriches_is_the_last_group(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "behind", lambda: (frozenset({"first"}), frozenset({"after"})))
    services.publish("made", [1])
    assert services.waiting_among("made", [1]) == {1: False}
    Delivery.objects.filter(subscriber="first").delete()
    assert services.waiting_among("made", [1]) == {}


def test_only_what_goes_first_may_be_asked_for() -> None:
    services.publish("made", [1])
    assert services.deliver(5_000, first_only=True) == 1
    assert CALLS == [("first", [1])]
    Delivery.objects.update(available_at=F("available_at") - services.LONGEST_BEHIND - timedelta(seconds=1))
    assert services.deliver(5_000, first_only=True) == 0


def test_what_fails_behind_stays_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "behind", lambda: (frozenset({"first"}),))
    services.publish("else", [1, 2])
    services.deliver(5_000)
    rows = Delivery.objects.order_by("id")
    assert [json.loads(row.ids) for row in rows] == [[1], [2]]
    assert all(row.behind for row in rows)


def test_who_asks_what_waits_is_not_told_of_what_goes_behind() -> None:
    services.publish("made", [1, 2])
    services.deliver(5_000, first_only=True)
    assert services.ids_behind() == 2
    assert services.waiting_among("made", [1, 2]) == {}


def test_a_sign_of_life_from_a_time_to_come_is_none() -> None:
    signs.beat()
    assert signs.worker_alive()
    sign = Path(settings.AMAAN_HOME) / signs.HEARTBEAT
    os.utime(sign, (time.time() + 3_600, time.time() + 3_600))
    assert not signs.worker_alive()
    sign.unlink()


@pytest.mark.parametrize(
    ("rows", "up"), [([], True), ([100], True), ([145] * 4, False), ([500], False), ([1] * 60, False)]
)
def test_whoever_has_more_than_a_turn_left_does_not_keep_up(rows: list[int], up: bool) -> None:
    """The worker's rests while much is brought in hang on it. A turn's own ids don't tell: rows of a hundred and
    forty-five make turns of four hundred and thirty-five for as long as there are any."""
    for count in rows:
        services.publish("else", list(range(count)))
    assert services.keeping_up() is up


def test_what_goes_behind_or_is_not_due_is_nothing_to_keep_up_with() -> None:
    services.publish("else", list(range(900)), in_seconds=60)
    services.publish("made", list(range(900)))
    Delivery.objects.filter(event="made", subscriber="first").delete()
    assert services.keeping_up()
