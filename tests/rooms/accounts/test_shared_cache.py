"""The cache that limits guessing: shared, exact, and unable to run what somebody wrote into it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from amaan.accounts.models import Remembered
from amaan.accounts.shared_cache import SharedCache

pytestmark = pytest.mark.django_db


def age(seconds: int) -> None:
    for row in Remembered.objects.all():
        Remembered.objects.filter(pk=row.pk).update(expires_at=row.expires_at - timedelta(seconds=seconds))


def test_django_uses_it() -> None:
    cache.set("key", [1.5], 60)
    assert isinstance(cache._connections[cache._alias], SharedCache)  # type: ignore[attr-defined]
    assert Remembered.objects.count() == 1


def test_counting_keeps_the_time_and_wants_a_key() -> None:
    with pytest.raises(ValueError, match="not found"):
        cache.incr("asked")
    cache.add("asked", 0, 60)
    assert [cache.incr("asked"), cache.incr("asked", 3)] == [1, 4]
    age(61)
    with pytest.raises(ValueError, match="not found"):
        cache.incr("asked")


def test_values_come_and_go() -> None:
    assert cache.get("absent", "default") == "default"
    cache.set("history", [3.0, 2.0], 60)
    cache.set("history", [4.0, 3.0, 2.0], 60)
    assert cache.get("history") == [4.0, 3.0, 2.0]
    assert cache.delete("history")
    assert not cache.delete("history")
    assert cache.get("history") is None


def test_what_is_over_is_over() -> None:
    cache.set("key", "value", 60)
    age(61)
    assert cache.get("key") is None
    assert not cache.touch("key", 60)
    cache.set("other", "value", 60)
    assert Remembered.objects.count() == 1


def test_add_keeps_the_first_and_takes_the_place_of_what_is_over() -> None:
    assert cache.add("lock", 1, 60)
    assert not cache.add("lock", 2, 60)
    assert cache.get("lock") == 1
    age(61)
    assert cache.add("lock", 3, 60)
    assert cache.get("lock") == 3


def test_rows_are_json_and_nothing_else() -> None:
    cache.set("key", {"a": [1, "b"]}, 60)
    assert json.loads(Remembered.objects.get().value) == {"a": [1, "b"]}
    with pytest.raises(TypeError):
        cache.set("object", object(), 60)
    Remembered.objects.update(
        value="cos\nsystem\n(S'true'\ntR.", expires_at=timezone.now() + timedelta(hours=1)
    )
    with pytest.raises(json.JSONDecodeError):
        cache.get("key")


@pytest.mark.django_db(transaction=True)
def test_of_many_who_add_at_once_one_succeeds() -> None:
    def add(number: int) -> bool:
        try:
            return cache.add("lock", number, 60)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(add, range(12))) == 1
