"""Lists that a service fills: stored page by page with the place where to go on; off, visibly, without a credential."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from tests.rooms.clients.exchanges import Answer, NcmecExchange, StopNciiExchange, number_hash, running
from tests.rooms.ledger.fresh import fresh_ledger
from tests.rooms.matching.banks import OPERATOR, a_list, staff
from tests.rooms.matching.reported import a_report
from typer.testing import CliRunner

from amaan.authority.actors import Role
from amaan.authority.matrix import NotAllowed
from amaan.cli.assembly import app
from amaan.clients.asking import Asker, Service
from amaan.clients.exchanging import Page
from amaan.clients.ncmec_hash_sharing import NcmecHashSharing
from amaan.formats.hash_lists import ListEntry
from amaan.matching.domain.errors import BadList, ExchangeOff, ListDoesNotCount, ListNotFound, NotAnExchange
from amaan.matching.domain.lists import ListKind
from amaan.matching.models import Batch, Exchange, Member, Signal, SignalList
from amaan.matching.selectors import facts_of_matches, list_line
from amaan.matching.services import exchanging, propose_list, set_list, withdraw_list, withdraw_members
from amaan.matching.services.exchanging import run_due_exchange, run_exchange
from amaan.matching.services.matching import match_reports

pytestmark = pytest.mark.django_db

THEN = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _fresh_ledger() -> Iterator[None]:
    yield from fresh_ledger()


@pytest.fixture
def exchange(settings: Any) -> Iterator[NcmecExchange]:
    served = NcmecExchange(size=10)
    with running(served):
        settings.AMAAN_EXCHANGES = {"ncmec": Service.read(served.address)}
        yield served


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Asker, "get", _impatient(Asker.get))


def _impatient(get: Callable[[Asker, str], bytes]) -> Callable[[Asker, str], bytes]:
    def asked(self: Asker, target: str) -> bytes:
        self.pause = lambda _: None
        return get(self, target)

    return asked


def a_fed_list(slug: str = "ncmec", name: str = "ncmec", **fields: Any) -> str:
    return a_list(slug, kind=ListKind.EXCHANGE, exchange=name, **fields)


def fill(exchange: NcmecExchange, numbers: range) -> None:
    for number in numbers:
        exchange.put(number, THEN + timedelta(minutes=number))


def members(slug: str = "ncmec") -> dict[str, str]:
    return {one.name.partition("-image")[2]: one.state for one in Member.objects.filter(list__slug=slug)}


def reading(slug: str = "ncmec") -> Exchange:
    return Exchange.objects.get(list__slug=slug)


def test_what_the_service_has_becomes_members(exchange: NcmecExchange) -> None:
    fill(exchange, range(35))
    a_fed_list(categories={"A1": "csam", "B2": "exploitative"}, category="csam_suspected")
    done = run_exchange(OPERATOR, slug="ncmec")
    assert (done.pages, done.read, done.added, done.more, done.fault) == (4, 35, 35, False, "")
    assert members() == {str(number): "active" for number in range(35)}
    held = Member.objects.get(name="image:42-image7")
    assert (held.category, held.tags) == ("csam", "member-42")
    assert bytes.fromhex(number_hash(7)) in [bytes(one.value) for one in Signal.objects.filter(member=held)]
    assert list_line(OPERATOR, "ncmec").members == 35
    assert Batch.objects.get().origin.endswith("4 pages")


def test_a_tombstone_withdraws_at_once_and_a_return_brings_back(exchange: NcmecExchange) -> None:
    fill(exchange, range(3))
    a_fed_list()
    run_exchange(OPERATOR, slug="ncmec")
    exchange.put(1, THEN + timedelta(days=1), deleted=True)
    exchange.put(99, THEN + timedelta(days=1), deleted=True)  # never seen here
    assert run_exchange(OPERATOR, slug="ncmec").withdrawn == 1
    assert members() == {"0": "active", "1": "withdrawn", "2": "active"}
    exchange.put(1, THEN + timedelta(days=2))
    run_exchange(OPERATOR, slug="ncmec")
    assert members() == {"0": "active", "1": "active", "2": "active"}


def test_what_a_person_here_withdrew_stays_so_whatever_the_service_says(exchange: NcmecExchange) -> None:
    fill(exchange, range(3))
    a_fed_list()
    run_exchange(OPERATOR, slug="ncmec")
    withdraw_members(
        staff(Role.ADMINISTRATOR), slug="ncmec", names=["image:42-image1"], reason="listed in error"
    )
    exchange.put(1, THEN + timedelta(days=1))
    Exchange.objects.update(checkpoint="")  # everything comes again
    run_exchange(OPERATOR, slug="ncmec")
    assert members() == {"0": "active", "1": "withdrawn", "2": "active"}


def test_nothing_new_is_no_batch(exchange: NcmecExchange) -> None:
    """`from` is inclusive: the newest entries come every time, and every quarter of an hour is 35,000 times a year."""
    fill(exchange, range(3))
    a_fed_list()
    for _ in range(4):
        assert run_exchange(OPERATOR, slug="ncmec").fault == ""
    assert Batch.objects.count() <= 2


def test_killed_between_fetching_and_storing_everything_counts_once(
    exchange: NcmecExchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(exchange, range(35))
    a_fed_list()
    monkeypatch.setattr(exchanging, "GATHER", 10)
    grow = exchanging.grow_list
    for killed_at in (1, 2, 3):
        calls = 0

        def dies(*args: Any, **kwargs: Any) -> Any:
            nonlocal calls
            calls += 1
            grown = grow(*args, **kwargs)
            if calls == killed_at:  # noqa: B023 - used within the turn
                raise KeyboardInterrupt
            return grown

        monkeypatch.setattr(exchanging, "grow_list", dies)
        before = (Member.objects.count(), reading().checkpoint if Exchange.objects.exists() else "")
        with pytest.raises(KeyboardInterrupt):
            run_exchange(OPERATOR, slug="ncmec")
        if killed_at == 1:
            # Nothing of the page that was being stored stands, nor its checkpoint.
            assert (Member.objects.count(), reading().checkpoint) == before
    monkeypatch.setattr(exchanging, "grow_list", grow)
    run_exchange(OPERATOR, slug="ncmec")
    assert len(members()) == 35
    assert Signal.objects.count() == 35 * 3
    assert list_line(OPERATOR, "ncmec").members == 35
    assert not Batch.objects.filter(ended_at=None).exists()


class Watching:
    """A client that looks at the database while it asks, and gives pages of its own."""

    def __init__(self, look: Callable[[], None], pages: int = 3) -> None:
        self.look, self.pages = look, pages

    def page(self, checkpoint: str, now: datetime) -> Page:
        self.look()
        number = int(checkpoint or "0") + 1
        entry = ListEntry(1, f"n{number}", {"pdq": bytes.fromhex(number_hash(number))})
        return Page((entry,), str(number), number < self.pages, "a window")


@pytest.mark.django_db(transaction=True)
def test_no_request_is_made_inside_a_transaction() -> None:
    a_fed_list()
    seen: list[bool] = []
    run_exchange(OPERATOR, slug="ncmec", client=Watching(lambda: seen.append(connection.in_atomic_block)))
    assert seen == [False] * 3


def test_of_two_runs_at_once_one_stores_and_the_other_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    a_fed_list()
    monkeypatch.setattr(exchanging, "GATHER", 1)
    entered = False

    def another_runs_meanwhile() -> None:
        nonlocal entered
        if not entered:
            entered = True
            run_exchange(OPERATOR, slug="ncmec", client=Watching(lambda: None))

    done = run_exchange(OPERATOR, slug="ncmec", client=Watching(another_runs_meanwhile))
    assert (done.pages, done.more, done.fault) == (0, False, "")
    assert sorted(Member.objects.values_list("name", flat=True)) == ["n1", "n2", "n3"]
    assert Batch.objects.count() == 3


def test_a_list_that_is_switched_off_meanwhile_takes_nothing_more() -> None:
    a_fed_list()
    off = Watching(lambda: (set_list(OPERATOR, slug="ncmec", enabled=False), None)[1])
    run_exchange(OPERATOR, slug="ncmec", client=off)
    assert not Member.objects.exists()


def test_a_fault_stands_visibly_until_it_is_gone(exchange: NcmecExchange, settings: Any) -> None:
    fill(exchange, range(25))
    a_fed_list()
    exchange.always = lambda target: Answer(status=500) if "start=20" in target else None
    done = run_exchange(OPERATOR, slug="ncmec")
    assert done.fault.startswith("unreachable: ")
    assert list_line(OPERATOR, "ncmec").exchange_fault == done.fault
    assert len(members()) == 20  # what came before it is kept
    exchange.always = lambda _: None
    run_exchange(OPERATOR, slug="ncmec")
    assert list_line(OPERATOR, "ncmec").exchange_fault == ""
    assert len(members()) == 25
    settings.AMAAN_EXCHANGES = {"ncmec": Service.read(exchange.address.replace("pass%20word", "wr0ng"))}
    fault = run_exchange(OPERATOR, slug="ncmec").fault
    assert fault.startswith("refused: ")
    assert "wr0ng" not in fault


def test_a_hostile_page_costs_nothing_that_stands(exchange: NcmecExchange) -> None:
    fill(exchange, range(3))
    a_fed_list()
    run_exchange(OPERATOR, slug="ncmec")
    place = json.loads(reading().checkpoint)["at"]
    for body in (
        b"<html>Sign in</html>",
        b"<!DOCTYPE q [<!ENTITY a 'b'>]><queryResult>&a;</queryResult>",
        b"\x00",
    ):
        exchange.first = [Answer(body)]
        assert run_exchange(OPERATOR, slug="ncmec").fault.startswith("not_understood: ")
    assert json.loads(reading().checkpoint)["at"] == place
    assert len(members()) == 3


def test_a_poisoned_page_brings_no_hash_that_matches_everything(exchange: NcmecExchange) -> None:
    a_fed_list()
    exchange.first = [
        Answer(
            b'<queryResult><images maxTimestamp="2026-01-01T00:00:00Z"><image><member id="1"/><id>1</id><fingerprints>'
            b"<md5>d41d8cd98f00b204e9800998ecf8427e</md5><pdq>" + b"0" * 64 + b"</pdq></fingerprints></image>"
            b"</images></queryResult>"
        )
    ]
    done = run_exchange(OPERATOR, slug="ncmec")
    assert (done.added, done.invalid) == (0, 2)
    assert not Signal.objects.exists()


def test_stopncii_fills_a_list_and_takes_back(settings: Any) -> None:
    served = StopNciiExchange()
    with running(served):
        settings.AMAAN_EXCHANGES = {"stopncii": Service.read(served.address)}
        a_fed_list("stop", "stopncii")
        served.put(1, 100)
        served.put(2, 100, kind="VideoMD5")
        assert run_exchange(OPERATOR, slug="stop").added == 2
        served.put(1, 200, "Withdrawn")
        assert run_exchange(OPERATOR, slug="stop").withdrawn == 1
    assert sorted(one.state for one in Member.objects.all()) == ["active", "withdrawn"]


def test_what_stopncii_holds_is_nobodys_word_of_danger(settings: Any) -> None:
    """It holds hashes of adults, and of what nobody confirmed."""
    served = StopNciiExchange()
    with running(served):
        settings.AMAAN_EXCHANGES = {"stopncii": Service.read(served.address)}
        a_fed_list("stop", "stopncii", category="self_generated", categories={"x": "csam"})
        served.put(2, 100, kind="VideoMD5")
        run_exchange(OPERATOR, slug="stop")
    assert SignalList.objects.get(slug="stop").category == "survivor"
    (member,) = Member.objects.all()
    assert member.category == "survivor"
    report = a_report({"md5": bytes(member.signals.get().value)})
    match_reports(OPERATOR, report_ids=[report.pk])
    assert facts_of_matches([report.pk]) == {report.pk: {"match.survivor": True}}


def test_without_a_credential_it_is_off_and_says_what_to_set(settings: Any) -> None:
    settings.AMAAN_EXCHANGES = {}
    a_fed_list()
    with pytest.raises(ExchangeOff, match="AMAAN_NCMEC_HASHES"):
        run_exchange(OPERATOR, slug="ncmec")
    assert run_due_exchange(OPERATOR) == 0


def test_only_a_list_that_counts_is_fetched(exchange: NcmecExchange) -> None:
    fill(exchange, range(2))
    a_fed_list(approved=False)
    with pytest.raises(ListDoesNotCount):
        run_exchange(OPERATOR, slug="ncmec")
    a_fed_list("off")
    set_list(OPERATOR, slug="off", enabled=False)
    a_fed_list("gone")
    withdraw_list(OPERATOR, slug="gone", reason="ended")
    a_list("file")
    for slug, refusal in (("off", ListDoesNotCount), ("gone", ListDoesNotCount), ("file", NotAnExchange)):
        with pytest.raises(refusal):
            run_exchange(OPERATOR, slug=slug)
    assert run_due_exchange(OPERATOR) == 0
    assert exchange.asked == []


def test_a_list_names_a_service_that_there_is() -> None:
    for name in ("", "elsewhere"):
        with pytest.raises(BadList):
            a_fed_list(name=name)
    with pytest.raises(BadList):
        propose_list(
            OPERATOR, slug="file", title="x", category="csam", source="x", ground="x", exchange="elsewhere"
        )


def test_who_may_not_manage_lists_asks_nobody(exchange: NcmecExchange) -> None:
    a_fed_list()
    for role in (Role.PROSECUTOR, Role.COUNSEL, Role.STATISTICIAN):
        with pytest.raises(ListNotFound):
            run_exchange(staff(role), slug="ncmec")
        with pytest.raises(NotAllowed):
            run_due_exchange(staff(role))
    assert exchange.asked == []


def test_the_worker_asks_every_quarter_of_an_hour_and_the_longest_waiting_first(
    exchange: NcmecExchange,
) -> None:
    fill(exchange, range(5))
    a_fed_list("first")
    a_fed_list("second")
    assert [run_due_exchange(OPERATOR) for _ in range(3)] == [1, 1, 0]
    Exchange.objects.filter(list__slug="second").update(ran_at=timezone.now() - exchanging.EVERY)
    asked = len(exchange.asked)
    assert [run_due_exchange(OPERATOR) for _ in range(2)] == [1, 0]
    assert len(exchange.asked) == asked + 1


def test_one_exchange_that_breaks_does_not_starve_the_other(
    exchange: NcmecExchange, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """An error that no client foresaw."""

    class Broken:
        def __init__(self, _service: Service) -> None: ...

        def page(self, checkpoint: str, now: datetime) -> Page:
            raise RecursionError

    fill(exchange, range(2))
    settings.AMAAN_EXCHANGES = {**settings.AMAAN_EXCHANGES, "stopncii": settings.AMAAN_EXCHANGES["ncmec"]}
    a_fed_list("a-broken", "stopncii")
    a_fed_list("ncmec")
    monkeypatch.setitem(exchanging.CLIENTS, "stopncii", Broken)
    with pytest.raises(RecursionError):
        run_due_exchange(OPERATOR)
    assert reading("a-broken").fault == "not_understood: RecursionError"
    assert run_due_exchange(OPERATOR) > 0
    assert (members("ncmec") != {}, run_due_exchange(OPERATOR)) == (True, 0)


def test_a_turn_ends_when_its_time_is_over_and_goes_on_at_once(
    exchange: NcmecExchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(exchange, range(35))
    a_fed_list()
    monkeypatch.setattr(exchanging, "TURN_SECONDS", 0.0)
    assert run_exchange(OPERATOR, slug="ncmec", seconds=0).more
    while run_due_exchange(OPERATOR):
        if not json.loads(reading().checkpoint).get("more"):
            break
    assert len(members()) == 35


def test_a_service_that_wants_to_be_left_alone_is(exchange: NcmecExchange) -> None:
    a_fed_list()
    exchange.first = [Answer(status=429, headers={"Retry-After": "7200"})]
    assert run_due_exchange(OPERATOR) == 0
    Exchange.objects.update(ran_at=timezone.now() - timedelta(hours=1))
    assert (run_due_exchange(OPERATOR), len(exchange.asked)) == (0, 1)
    place = json.loads(reading().checkpoint)
    assert place["wait"] > (timezone.now() + timedelta(minutes=110)).timestamp()


def test_a_large_window_is_asked_for_in_parts_next_time(exchange: NcmecExchange) -> None:
    a_fed_list()
    exchange.always = lambda _: Answer(status=504)
    assert run_exchange(OPERATOR, slug="ncmec").fault.startswith("unreachable: ")
    exchange.always = lambda _: None
    fill(exchange, range(3))
    while run_exchange(OPERATOR, slug="ncmec", seconds=0).more:
        assert len(exchange.asked) < 40
    assert len(members()) == 3


def test_the_command_says_what_came_and_what_to_set(exchange: NcmecExchange, settings: Any) -> None:
    fill(exchange, range(3))
    a_fed_list()
    ran = CliRunner().invoke(app, ["lists", "exchange", "ncmec", "--json"])
    assert json.loads(ran.stdout.splitlines()[0])["added"] == 3
    exchange.always = lambda _: Answer(status=401)
    ran = CliRunner().invoke(app, ["lists", "exchange", "ncmec"])
    assert (ran.exit_code, "refused: " in ran.output) == (1, True)
    settings.AMAAN_EXCHANGES = {}
    ran = CliRunner().invoke(app, ["lists", "exchange", "ncmec"])
    assert (ran.exit_code, "AMAAN_NCMEC_HASHES" in ran.output) == (2, True)


def test_every_service_has_its_client() -> None:
    from amaan.matching.domain.lists import EXCHANGES

    assert set(exchanging.CLIENTS) == set(EXCHANGES)
    assert SignalList._meta.get_field("exchange").max_length == 12
    assert isinstance(
        exchanging.CLIENTS["ncmec"](Service.read("https://a:b@hashes.example")), NcmecHashSharing
    )
