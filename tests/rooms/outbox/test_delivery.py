"""Published in the publisher's transaction, delivered once, and nothing that fails holds up its neighbours."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from amaan.outbox.models import Delivery
from amaan.outbox.services import delivering as services

seen: list[int] = []
broken: set[int] = set()


def note(ids: Sequence[int]) -> None:
    """The subscriber: fails for the ids in `broken`, before or after it has done part of its work."""
    seen.extend(ids)
    if broken.intersection(ids):
        raise ValueError("Quillwen")  # a task's message may quote anything


class Rollback(Exception):
    pass


@pytest.fixture(autouse=True)
def _flow(monkeypatch: pytest.MonkeyPatch) -> None:
    here = f"{__name__}.note"
    monkeypatch.setattr(
        services, "subscriptions", lambda: {"made": {"one": here}, "two": {"a": here, "b": here}}
    )
    monkeypatch.setattr(services, "_task", lambda path: note)
    seen.clear()
    broken.clear()


def make_due() -> None:
    Delivery.objects.update(available_at=timezone.now() - timedelta(seconds=1))


@pytest.mark.django_db
def test_what_is_published_is_delivered_once_to_each_subscriber() -> None:
    services.publish("two", [1, 2, 3])
    assert services.pending() == 2
    assert services.deliver(1000) == 6
    assert sorted(seen) == [1, 1, 2, 2, 3, 3]
    assert services.deliver(1000) == 0
    assert not Delivery.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_was_never_published() -> None:
    with pytest.raises(Rollback), transaction.atomic():  # noqa: PT012 - published, then undone
        services.publish("made", [1])
        raise Rollback
    assert services.deliver() == 0


@pytest.mark.django_db
def test_an_event_that_nobody_lists_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        services.publish("unheard.of", [1])


@pytest.mark.django_db
def test_many_ids_go_out_in_portions() -> None:
    services.publish("made", list(range(1_201)))
    assert Delivery.objects.count() == 3
    assert services.deliver(5_000) == 1_201
    assert sorted(seen) == list(range(1_201))


@pytest.mark.django_db(transaction=True)
def test_a_failing_id_is_found_and_the_others_are_delivered() -> None:
    broken.add(37)
    services.publish("made", list(range(64)))
    for _ in range(40):
        make_due()
        if services.deliver(1_000) == 0:
            break
        if Delivery.objects.count() == 1 and Delivery.objects.get().ids == "[37]":
            break
    row = Delivery.objects.get()
    assert json.loads(row.ids) == [37]
    assert set(seen) == set(range(64))


@pytest.mark.django_db(transaction=True)
def test_a_failure_waits_longer_each_time_and_ends_as_a_dead_letter() -> None:
    broken.add(5)
    services.publish("made", [5])
    waits = []
    for attempt in range(1, services.MOST_ATTEMPTS + 1):
        make_due()
        before = timezone.now()
        services.deliver(1_000)
        row = Delivery.objects.get()
        assert row.attempts == attempt
        waits.append((row.available_at - before).total_seconds())
    assert waits == sorted(waits)
    assert waits[0] > 1
    assert waits[-1] > 100
    make_due()
    seen.clear()
    assert services.deliver(1_000) == 0
    assert (services.pending(), services.dead_letters()) == (0, 1)
    assert "ValueError" in row.error
    assert "Quillwen" not in row.error, "a task's message may quote a person"
    broken.clear()
    assert services.retry_dead_letters() == 1
    assert services.deliver(1_000) == 1
    assert (services.dead_letters(), seen) == (0, [5])


@pytest.mark.django_db(transaction=True)
def test_two_deliverers_do_not_deliver_twice() -> None:
    for start in range(0, 400, 10):
        services.publish("made", list(range(start, start + 10)))

    def work() -> None:
        try:
            while services.deliver(200):
                pass
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == list(range(400))
    assert not Delivery.objects.exists()
