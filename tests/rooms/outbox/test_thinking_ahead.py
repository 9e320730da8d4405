"""A task's first half, which only reads, must never be the end of the worker."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from django.db import connection

from amaan.outbox.models import Delivery
from amaan.outbox.services import delivering as services
from amaan.store.rows import on_postgres

pytestmark = pytest.mark.django_db

CALLS: list[tuple[str, list[int]]] = []


def think_task(ids: Sequence[int]) -> None:
    CALLS.append(("thought", list(ids)))
    raise KeyError("thinking fails")


def task(ids: Sequence[int]) -> None:
    CALLS.append(("done", list(ids)))


most_few = 2


def few(ids: Sequence[int]) -> None:
    CALLS.append(("few", list(ids)))
    if 4 in ids:
        raise ValueError("no")


def failing(ids: Sequence[int]) -> None:
    raise ValueError("no")


def think_failing(ids: Sequence[int]) -> None:
    raise ValueError("no")


@pytest.fixture(autouse=True)
def _flow(monkeypatch: pytest.MonkeyPatch) -> None:
    CALLS.clear()
    flow = {
        "a.happened": {"a": f"{__name__}.task"},
        "b.happened": {"b": f"{__name__}.failing"},
        "c.happened": {"c": f"{__name__}.few"},
    }
    monkeypatch.setattr(services, "subscriptions", lambda: flow)


def test_a_thought_that_fails_leaves_the_task_to_speak() -> None:
    services.publish("a.happened", [1, 2])
    assert services.deliver() == 2
    assert CALLS[-1] == ("done", [1, 2])
    assert on_postgres() or CALLS[0] == ("thought", [1, 2])
    assert services.pending() == 0


def test_a_task_that_fails_with_its_thought_is_postponed_not_the_worker() -> None:
    services.publish("b.happened", [1])
    services.deliver()
    row = Delivery.objects.get()
    assert row.attempts == 1
    assert "ValueError" in row.error


def test_a_subscriber_that_is_gone_is_postponed_too(monkeypatch: pytest.MonkeyPatch) -> None:
    services.publish("a.happened", [1])
    monkeypatch.setattr(services, "subscriptions", dict)
    services.deliver()
    assert Delivery.objects.get().attempts == 1


@pytest.mark.skipif(connection.vendor == "postgresql", reason="PostgreSQL has many writers: a task takes all")
def test_a_task_that_takes_few_gets_few_and_the_rest_waits() -> None:
    """The writer's lock is free between two turns, and what fails holds up itself alone."""
    services.publish("c.happened", [1, 2, 3])
    services.publish("c.happened", [5])
    assert services.deliver(5_000) == 4
    assert CALLS == [("few", [1, 2]), ("few", [3, 5])]
    assert not Delivery.objects.exists()
    CALLS.clear()
    services.publish("c.happened", [1, 2, 3, 4, 5])
    services.deliver(5_000)
    delivered = [number for _, ids in CALLS if 4 not in ids for number in ids]
    assert sorted(delivered) == [1, 2, 3, 5]
    (row,) = Delivery.objects.all()
    assert (row.ids, row.attempts) == ("[4]", 2)
