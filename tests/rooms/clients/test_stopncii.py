"""StopNCII's exchange, read from a server that speaks it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import md5

import pytest
from tests.rooms.clients.exchanges import Answer, StopNciiExchange, number_hash, running

from amaan.clients.asking import CredentialRefused, NotUnderstood, Service
from amaan.clients.exchanging import Page
from amaan.clients.stopncii import StopNcii
from amaan.formats.hash_lists import Invalid, ListEntry

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
THEN = int((NOW - timedelta(days=9)).timestamp())


@pytest.fixture
def exchange() -> Iterator[StopNciiExchange]:
    served = StopNciiExchange()
    with running(served):
        yield served


def client(exchange: StopNciiExchange) -> StopNcii:
    found = StopNcii(Service.read(exchange.address))
    found._ask.pause = lambda _: None
    return found


def turn(exchange: StopNciiExchange, checkpoint: str = "", now: datetime = NOW, most: int = 20) -> list[Page]:
    pages = [client(exchange).page(checkpoint, now)]
    while pages[-1].more and len(pages) < most:
        pages.append(client(exchange).page(pages[-1].checkpoint, now))
    return pages


def names(pages: list[Page]) -> list[str]:
    return [entry.name for page in pages for entry in page.entries if isinstance(entry, ListEntry)]


def test_everything_comes_page_by_page_then_only_what_is_new(exchange: StopNciiExchange) -> None:
    for number in range(1700):
        exchange.put(number, THEN + number)
    pages = turn(exchange)
    assert len(pages) == 3
    assert len(set(names(pages))) == 1700
    assert exchange.asked[0] == "/v1/FetchHashes?startTimestamp=10&pageSize=800"
    exchange.put(9999, THEN + 5000, kind="VideoMD5")
    later = turn(exchange, pages[-1].checkpoint)
    assert f"VideoMD5:{md5(b'9999').hexdigest()}" in names(later)
    assert len(names(later)) == 2  # from is inclusive: the newest comes once more


def test_what_was_taken_back_is_a_tombstone(exchange: StopNciiExchange) -> None:
    exchange.put(1, THEN, "Withdrawn")
    exchange.put(2, THEN, "Deleted", "VideoMD5")
    exchange.put(3, THEN, "Active", caseNumbers={"a": "Withdrawn", "b": "Deleted"})
    exchange.put(4, THEN, "Active", caseNumbers={"a": "Withdrawn", "b": "Active"})
    exchange.put(5, THEN, "Received", caseNumbers=[])
    entries = {entry.name: entry for entry in turn(exchange)[0].entries if isinstance(entry, ListEntry)}
    assert {name for name, entry in entries.items() if entry.withdrawn} == {
        f"ImagePDQ:{number_hash(1)}",
        f"VideoMD5:{md5(b'2').hexdigest()}",
        f"ImagePDQ:{number_hash(3)}",
    }
    assert entries[f"ImagePDQ:{number_hash(4)}"].signals == {"pdq": bytes.fromhex(number_hash(4))}


def test_records_that_cannot_be_used_are_listed_without_what_they_say(exchange: StopNciiExchange) -> None:
    exchange.put(1, THEN, kind="URL")
    exchange.records[0]["hashValue"] = "https://a.example/her-name"
    exchange.put(2, THEN)
    exchange.records[1]["hashValue"] = "zz"
    exchange.records.append({"lastModtimestamp": THEN})
    exchange.put(3, THEN)
    entries = turn(exchange)[0].entries
    assert sorted(one.code for one in entries if isinstance(one, Invalid)) == ["length", "type", "type"]
    assert "her-name" not in repr(entries)
    assert names(turn(exchange)) == [f"ImagePDQ:{number_hash(3)}"]


def test_a_token_is_used_while_it_lives_and_dropped_when_it_is_refused(exchange: StopNciiExchange) -> None:
    for number in range(900):
        exchange.put(number, THEN)
    first = turn(exchange, most=1)
    old = turn(exchange, first[0].checkpoint, NOW + timedelta(hours=13))
    assert len(set(names(old))) == 900
    exchange.first = [Answer(status=400)]
    refused = turn(exchange, first[0].checkpoint)
    assert len(set(names(refused))) == 900


@pytest.mark.parametrize("stated", [None, -5, 1, "soon", 99999999999999])
def test_a_next_timestamp_that_is_none_moves_nothing(exchange: StopNciiExchange, stated: object) -> None:
    """Backwards or far ahead, it would bring everything again or shut out what comes."""
    exchange.put(1, THEN)
    known = turn(exchange)[-1].checkpoint
    body = {
        "count": 0,
        "nextPageToken": None,
        "nextSetTimestamp": stated,
        "hasMoreRecords": False,
        "hashRecords": [],
    }
    exchange.first = [Answer(json.dumps(body).encode())]
    assert turn(exchange, known)[-1].checkpoint == known


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b"<html>",
        b'{"hashRecords": 5}',
        b'{"hashRecords": [], "hasMoreRecords": true, "nextPageToken": null}',
        b"[" * 100_000,
    ],
)
def test_answers_that_are_none_are_named(exchange: StopNciiExchange, body: bytes) -> None:
    exchange.always = lambda _: Answer(body)
    with pytest.raises(NotUnderstood):
        turn(exchange)


def test_tokens_in_a_circle_are_noticed(exchange: StopNciiExchange) -> None:
    body = b'{"hashRecords": [], "hasMoreRecords": true, "nextPageToken": "a", "nextSetTimestamp": 10}'
    exchange.always = lambda _: Answer(body)
    with pytest.raises(NotUnderstood, match="circle"):
        turn(exchange)


def test_wrong_keys_are_refused_by_name(exchange: StopNciiExchange) -> None:
    service = Service.read(exchange.address.replace("subscription-key", "another-key"))
    with pytest.raises(CredentialRefused) as raised:
        StopNcii(service).page("", NOW)
    assert "another-key" not in str(raised.value)
