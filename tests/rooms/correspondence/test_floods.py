"""Very many at once: all are taken, counted without following anybody, and marked."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest
from tests.rooms.correspondence.door import conversation_of, tell

from amaan.cli import door_gunicorn
from amaan.correspondence.domain.words import FlagKind
from amaan.correspondence.models import Arrival, Flag
from amaan.portal.models import Minute
from amaan.portal.services import sending

pytestmark = [pytest.mark.django_db(databases=["default", "portal"]), pytest.mark.usefixtures("desk")]


def test_a_flood_is_delayed_and_marked_though_the_worker_takes_every_envelope_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits: list[float] = []
    monkeypatch.setattr("amaan.portal.services.sending.time.sleep", waits.append)
    monkeypatch.setattr("amaan.portal.services.sending.MANY", 3)
    for _ in range(3):
        tell()
    assert not waits
    assert not Flag.objects.filter(kind=FlagKind.FLOOD).exists()
    sent = tell()
    assert len(waits) == 1
    assert Flag.objects.get(kind=FlagKind.FLOOD).report == conversation_of(sent).report


def test_in_a_flood_only_some_wait_and_all_are_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if that many slept already: the door's other threads have pages to answer."""
    waits: list[float] = []
    monkeypatch.setattr("amaan.portal.services.sending.time.sleep", waits.append)
    monkeypatch.setattr("amaan.portal.services.sending.MANY", 0)
    taken = 0
    while sending._SLOWED.acquire(blocking=False):
        taken += 1
    try:
        tell()
    finally:
        for _ in range(taken):
            sending._SLOWED.release()
    assert not waits
    assert Arrival.objects.get().many
    assert 0 < taken < door_gunicorn.threads
    tell()
    assert len(waits) == 1


def test_what_is_counted_at_the_door_is_a_number_of_a_minute_and_soon_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    began = datetime(2026, 11, 22, 8, 0, 30, tzinfo=UTC)
    for seconds, lately in ((0, 0), (20, 1), (30, 2), (60, 2), (91, 2), (230, 0)):
        now = began + timedelta(seconds=seconds)
        monkeypatch.setattr("amaan.portal.services.sending.timezone.now", lambda now=now: now)
        assert math.ceil(sending._came_lately(now)) == lately, seconds
        tell(carry=False)
    assert Minute.objects.count() == 1
