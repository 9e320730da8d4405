"""Whether a service fills a list, and why it does not, where people look at lists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone
from tests.rooms.accounts.people import a_person, signed_in
from tests.rooms.ledger.fresh import fresh_ledger
from tests.rooms.matching.banks import a_list

from amaan.authority.actors import Role
from amaan.clients.asking import Service
from amaan.matching.domain.lists import ListKind
from amaan.matching.models import Exchange, SignalList

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_ledger() -> Iterator[None]:
    yield from fresh_ledger()


def test_an_exchange_that_is_off_or_fails_says_so(settings: Any) -> None:
    a_list("fed", kind=ListKind.EXCHANGE, exchange="ncmec")
    client = signed_in(a_person(Role.SUPERVISOR))

    def page() -> str:
        return client.get("/desk/lists/fed/").content.decode()

    settings.AMAAN_EXCHANGES = {}
    assert "AMAAN_NCMEC_HASHES" in page()
    settings.AMAAN_EXCHANGES = {"ncmec": Service.read("https://agency:s3cret@hashes.example/base")}
    assert "It has not run yet." in page()
    reading = Exchange.objects.create(
        list=SignalList.objects.get(slug="fed"),
        ran_at=timezone.now(),
        fault="refused: hashes.example does not accept the credential (HTTP 401).",
    )
    assert "The service does not accept our credential." in page()
    assert "s3cret" not in page()
    reading.fault = "a word from another version: x"
    reading.save()
    assert "The last run failed" in page()
    client.cookies["django_language"] = "ur"
    assert "سروس" in page()
