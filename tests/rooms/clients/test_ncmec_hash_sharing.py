"""NCMEC's hash sharing, read from a server that speaks it: nothing lost, whatever happens between two pages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import md5

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.rooms.clients.exchanges import Answer, NcmecExchange, number_hash, running

from amaan.clients.asking import Asker, CredentialRefused, NotUnderstood, Service, TooLarge, Unreachable
from amaan.clients.exchanging import MOST_RESTARTS, Page
from amaan.clients.ncmec_hash_sharing import NcmecHashSharing
from amaan.formats.hash_lists import ListEntry

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def exchange() -> Iterator[NcmecExchange]:
    served = NcmecExchange(size=10)
    with running(served):
        yield served


def client(exchange: NcmecExchange) -> NcmecHashSharing:
    found = NcmecHashSharing(Service.read(exchange.address))
    found._ask.pause = lambda _: None
    found._ask.timeout = 5.0
    return found


class Reader:
    """A reader that keeps what stands, by the entries' names."""

    def __init__(self, exchange: NcmecExchange) -> None:
        self.exchange = exchange
        self.checkpoint = ""
        self.standing: dict[str, ListEntry] = {}
        self.pages = 0

    def turn(self, now: datetime = NOW, most: int = 100) -> Page:
        for _ in range(most):
            page = client(self.exchange).page(self.checkpoint, now)  # a new process each time
            self.take(page)
            if not page.more:
                break
        return page

    def take(self, page: Page) -> None:
        self.pages += 1
        for entry in page.entries:
            assert isinstance(entry, ListEntry)
            if entry.withdrawn:
                self.standing.pop(entry.name, None)
            else:
                self.standing[entry.name] = entry
        self.checkpoint = page.checkpoint

    @property
    def numbers(self) -> set[int]:
        return {int(name.partition("-")[2].lstrip("imagevdo")) for name in self.standing}


def fill(exchange: NcmecExchange, numbers: range, at: datetime = NOW - 30 * DAY) -> None:
    for number in numbers:
        exchange.put(number, at + timedelta(minutes=number), kind="video" if number % 5 == 0 else "image")


def test_everything_comes_page_by_page_then_only_what_is_new(exchange: NcmecExchange) -> None:
    fill(exchange, range(35))
    reader = Reader(exchange)
    reader.turn()
    assert reader.numbers == set(range(35))
    assert reader.pages == 4
    entry = reader.standing["image:42-image1"]
    assert {kind: value.hex() for kind, value in entry.signals.items()} == {
        "md5": md5(b"1").hexdigest(),
        "sha1": entry.signals["sha1"].hex(),
        "pdq": number_hash(1),
    }
    assert (entry.category, entry.tags) == ("A1", ("member-42",))
    exchange.put(100, NOW - DAY)
    reader.turn(NOW + timedelta(hours=1))
    assert reader.numbers == {*range(35), 100}
    assert reader.pages == 5


def test_an_empty_range_is_one_question_and_moves_nothing(exchange: NcmecExchange) -> None:
    reader = Reader(exchange)
    page = reader.turn()
    assert (page.entries, page.more, len(exchange.asked)) == ((), False, 1)
    fill(exchange, range(3))
    reader.turn()
    assert reader.numbers == {0, 1, 2}


def test_tombstones_also_of_what_was_never_seen(exchange: NcmecExchange) -> None:
    fill(exchange, range(4))
    reader = Reader(exchange)
    reader.turn()
    exchange.put(2, NOW - DAY, deleted=True)
    exchange.put(77, NOW - DAY, deleted=True, kind="video")
    page = reader.turn()
    assert reader.numbers == {0, 1, 3}
    assert ListEntry(2, "video:42-video77", {}, withdrawn=True)[1:] in [entry[1:] for entry in page.entries]


def test_a_video_and_an_image_of_one_number_are_two(exchange: NcmecExchange) -> None:
    exchange.put(3, NOW - DAY, kind="image")
    exchange.put(3, NOW - DAY, kind="video")
    reader = Reader(exchange)
    reader.turn()
    assert set(reader.standing) == {"image:42-image3", "video:42-video3"}


def test_a_run_that_is_interrupted_goes_on_at_its_page(exchange: NcmecExchange) -> None:
    fill(exchange, range(35))
    reader = Reader(exchange)
    reader.turn(most=2)
    assert len(reader.standing) == 20
    asked = len(exchange.asked)
    reader.turn(NOW + timedelta(hours=1))
    assert len(exchange.asked) - asked == 2
    assert reader.numbers == set(range(35))


def test_a_page_that_was_fetched_and_not_stored_comes_again(exchange: NcmecExchange) -> None:
    fill(exchange, range(25))
    reader = Reader(exchange)
    lost = client(exchange).page("", NOW)
    again = client(exchange).page("", NOW)
    assert lost == again
    reader.take(again)
    reader.take(again)  # delivered twice: the same stands
    reader.turn()
    assert reader.numbers == set(range(25))


def test_a_place_between_pages_is_not_trusted_for_longer_than_it_lives(exchange: NcmecExchange) -> None:
    fill(exchange, range(25))
    reader = Reader(exchange)
    reader.turn(most=1)
    reader.turn(NOW + timedelta(hours=13))
    assert "start=" not in exchange.asked[1]
    assert reader.numbers == set(range(25))


def test_a_window_begins_again_where_its_place_is_refused(exchange: NcmecExchange) -> None:
    fill(exchange, range(25))
    reader = Reader(exchange)
    reader.turn(most=1)
    exchange.first = [Answer(status=410)]
    reader.turn()
    assert reader.numbers == set(range(25))


def test_a_service_that_refuses_every_place_is_a_fault_and_no_circle(exchange: NcmecExchange) -> None:
    fill(exchange, range(25))
    exchange.always = lambda target: Answer(status=404) if "start=" in target else None
    reader = Reader(exchange)
    with pytest.raises(NotUnderstood):
        reader.turn()
    assert reader.pages == 1 + 2 * MOST_RESTARTS


def test_written_late_or_in_the_same_second_is_not_lost(exchange: NcmecExchange) -> None:
    """`from` is inclusive, and goes back a minute: a timestamp is taken before an entry can be read."""
    newest = NOW - timedelta(seconds=10)
    exchange.put(1, newest)
    reader = Reader(exchange)
    reader.turn()
    exchange.put(2, newest)
    exchange.put(3, newest - timedelta(seconds=50))
    reader.turn()
    assert reader.numbers == {1, 2, 3}


@pytest.mark.parametrize(
    "skew", [timedelta(days=-2), timedelta(hours=-1), timedelta(hours=1), timedelta(days=400)]
)
def test_clocks_that_differ_lose_nothing(exchange: NcmecExchange, skew: timedelta) -> None:
    """Ours is `skew` ahead of the service's. What is written meanwhile has the service's time."""
    reader = Reader(exchange)
    numbers = set()
    for hour in range(6):
        theirs = NOW + timedelta(hours=hour)
        exchange.put(hour, theirs - timedelta(minutes=1))
        numbers.add(hour)
        reader.turn(theirs + skew)
    reader.turn(NOW + timedelta(days=3) + max(skew, timedelta(0)))
    assert reader.numbers == numbers


def test_a_timestamp_of_the_far_future_does_not_shut_out_the_present(exchange: NcmecExchange) -> None:
    exchange.first = [
        Answer(
            b'<queryResult><images count="1" maxTimestamp="9999-01-01T00:00:00Z"><deletedImage><member id="1"/>'
            b"<id>x</id></deletedImage></images></queryResult>"
        )
    ]
    reader = Reader(exchange)
    reader.turn()
    exchange.put(5, NOW + timedelta(minutes=1))
    reader.turn(NOW + timedelta(minutes=5))
    assert reader.numbers == {5}


def test_a_checkpoint_that_cannot_be_read_is_the_beginning(exchange: NcmecExchange) -> None:
    fill(exchange, range(3))
    for checkpoint in ("", "no JSON", "[1]", '{"from":7,"to":[],"next":{}}', '{"from":"2026"}'):
        assert len(client(exchange).page(checkpoint, NOW).entries) == 3


def test_a_window_too_large_for_the_service_is_halved_and_grows_again(exchange: NcmecExchange) -> None:
    fill(exchange, range(40))

    def strained(target: str) -> Answer | None:
        begin, end = (datetime.strptime(part[:10], "%Y-%m-%d") for part in _times(target))
        return Answer(status=504) if end - begin > timedelta(days=300) else None

    exchange.always = strained
    reader = Reader(exchange)
    turns = 0
    while turns < 200:
        turns += 1
        try:
            if not reader.turn().more:
                break
        except Unreachable as fault:
            reader.checkpoint = fault.checkpoint or reader.checkpoint
    assert reader.numbers == set(range(40))
    assert turns < 60


def _times(target: str) -> list[str]:
    query = dict(pair.split("=") for pair in target.partition("?")[2].split("&"))
    return [query["from"], query["to"]]


def test_a_service_that_is_not_there_is_not_asked_for_less(exchange: NcmecExchange) -> None:
    gone = NcmecExchange()
    with running(gone):
        reader = client(gone)
    with pytest.raises(Unreachable) as raised:
        reader.page("", NOW)
    assert raised.value.checkpoint == ""


def test_a_wrong_password_is_refused_by_name_and_not_repeated(exchange: NcmecExchange) -> None:
    address = exchange.address.replace("pass%20word", "wrong-one")
    with pytest.raises(CredentialRefused) as raised:
        NcmecHashSharing(Service.read(address)).page("", NOW)
    assert "wrong-one" not in str(raised.value)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Please sign in</html>",
        b"<queryResult><images><image>",
        b"<!DOCTYPE q [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><queryResult>&x;</queryResult>",
        b'<queryResult><images maxTimestamp="yesterday"/></queryResult>',
        b"<queryResult><images/><paging><next>https://elsewhere.example/v2</next></paging></queryResult>",
    ],
)
def test_pages_that_are_none_are_named(exchange: NcmecExchange, body: bytes) -> None:
    exchange.always = lambda _: Answer(body)
    reader = Reader(exchange)
    with pytest.raises(NotUnderstood):
        reader.turn()


def test_pages_in_a_circle_are_noticed(exchange: NcmecExchange) -> None:
    body = b"<queryResult><images/><paging><next>/v2/entries?again</next></paging></queryResult>"
    exchange.always = lambda _: Answer(body)
    with pytest.raises(NotUnderstood, match="circle"):
        Reader(exchange).turn()


def test_a_page_without_end_is_too_large(exchange: NcmecExchange) -> None:
    exchange.always = lambda _: Answer(pieces=lambda: (b"<queryResult>" + b" " * 500_000 for _ in range(100)))
    service = Service.read(exchange.address)
    with pytest.raises(TooLarge):
        NcmecHashSharing(service, Asker(service, {}, limit=2_000_000)).page("", NOW)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["put", "delete", "page", "page", "lose", "turn"]),
            st.integers(min_value=0, max_value=30),
        ),
        max_size=40,
    )
)
def test_whatever_happens_the_reader_ends_with_what_stands(
    exchange: NcmecExchange, steps: list[tuple[str, int]]
) -> None:
    """Entries come, change and go while pages are read, lost and read again."""
    exchange.entries.clear()
    now, reader = NOW, Reader(exchange)
    for what, number in steps:
        now += timedelta(seconds=number)
        if what in {"put", "delete"}:
            exchange.put(number, now, deleted=what == "delete")
        elif what == "lose":
            client(exchange).page(reader.checkpoint, now)
        else:
            reader.turn(now, most=1 if what == "page" else 100)
    reader.turn(now + timedelta(minutes=5))
    reader.turn(now + timedelta(minutes=10))
    assert reader.numbers == {one.number for one in exchange.entries if not one.deleted}
