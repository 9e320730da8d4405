"""The desk's first page: what it shows to whom, and that it shows nothing unknown to the ledger."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from tests.rooms.accounts.people import a_person, signed_in

from amaan.authority.actors import Actor, Role
from amaan.authority.matrix import MATRIX, Action, Scope
from amaan.desk import queue_shown, reading
from amaan.desk.pages import queue as pages
from amaan.keyring.services import opener
from amaan.ledger.domain.merkle import leaf_hash
from amaan.ledger.models import Body, Entry
from amaan.ledger.sealing import place
from amaan.ledger.services import Act
from amaan.outbox.models import Delivery
from amaan.triage.domain.ruleset import Band, Words
from amaan.triage.selectors import (
    BandCount,
    Choice,
    Deadlines,
    NoRulesAdopted,
    Place,
    QueueLine,
    QueuePage,
)

pytestmark = pytest.mark.django_db

NOW = datetime.now(UTC)
NAMES = {
    Band.ONE_DAY: Words("1 day", "1 دن"),
    Band.ONE_WEEK: Words("1 week", "1 ہفتہ"),
    Band.TWO_WEEKS: Words("2 weeks", "2 ہفتے"),
    Band.THIRTY_DAYS: Words("30 days", "30 دن"),
}
READERS = sorted(role for role in Role if MATRIX[Action.VIEW_QUEUE][role] is not Scope.NONE)
OTHERS = sorted(set(Role) - set(READERS))


def a_line(
    n: int, band: Band = Band.ONE_DAY, entity: str = "Example Platform", unit: str = "north"
) -> QueueLine:
    return QueueLine(
        reference=f"R-0000-0000-000{n}",
        band=band,
        due_at=NOW + timedelta(hours=10 * n - 12),
        received_at=NOW - timedelta(days=n),
        unit=unit,
        entity=entity,
        axes={},
        floor=None,
        reasons=(
            Words("a threat to share pictures", "تصویریں پھیلانے کی دھمکی"),
            Words("an address", "ایک پتہ"),
        ),
    )


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> list[QueueLine]:
    """A queue to fill: triage's selectors answer from it. Triage tests its own; the journey joins both."""
    lines: list[QueueLine] = []

    def queue_for(
        actor: Actor, choice: Choice, *, now: datetime, after: Place | None = None, limit: int = 50
    ) -> QueuePage:
        found = tuple(line for line in lines if choice.band in {None, line.band})
        return QueuePage(found[:limit], Place(1, NOW, 7, 7) if len(found) > limit else None)

    def counts_for(actor: Actor, *, unit: str | None = None) -> list[BandCount]:
        return [BandCount(b, name, 24, sum(line.band is b for line in lines)) for b, name in NAMES.items()]

    def deadlines_for(
        actor: Actor, *, now: datetime, soon: timedelta, unit: str | None = None, queue: int | None = None
    ) -> Mapping[Band, Deadlines]:
        late = {b: sum(line.band is b and line.due_at <= now for line in lines) for b in Band}
        return {band: Deadlines(late[band], 0, 1000) for band in Band}

    for selector in (queue_for, counts_for, deadlines_for):
        monkeypatch.setattr(queue_shown, selector.__name__, selector)
    return lines


@pytest.fixture
def reader() -> Client:
    return signed_in(a_person(Role.ANALYST))


def readings() -> list[dict[str, object]]:
    """The ledger's leaves about readings of the queue, oldest first."""
    found = []
    for entry in Entry.objects.order_by("id"):
        leaf = json.loads(bytes(entry.leaf_bytes))
        if leaf["act"] == pages.READ_QUEUE:
            found.append(leaf)
    return found


def test_the_queue_says_why_when_and_from_whom(reader: Client, waiting: list[QueueLine]) -> None:
    waiting += [a_line(1), a_line(2, Band.ONE_WEEK, entity="<Odd & Co>")]
    page = reader.get("/desk/")
    assert page.status_code == 200
    html = page.content.decode()
    assert "R-0000-0000-0001" in html
    assert "a threat to share pictures" in html
    assert "overdue by" in html
    assert "due in 8 h" in html or "due in 7 h" in html
    assert "<bdi>&lt;Odd &amp; Co&gt;</bdi>" in html


def test_reasons_and_bands_are_said_in_urdu(reader: Client, waiting: list[QueueLine]) -> None:
    waiting.append(a_line(1))
    html = reader.get("/desk/", headers={"accept-language": "ur"}).content.decode()
    assert '<html lang="ur" dir="rtl"' in html
    assert "تصویریں پھیلانے کی دھمکی" in html
    assert "a threat to share pictures" not in html


def test_a_band_is_chosen_in_the_address(reader: Client, waiting: list[QueueLine]) -> None:
    waiting += [a_line(1), a_line(2, Band.TWO_WEEKS)]
    html = reader.get("/desk/?band=3").content.decode()
    assert "R-0000-0000-0002" in html
    assert "R-0000-0000-0001" not in html
    assert '<a href="/desk/?band=3" aria-current="page">' in html


@pytest.mark.parametrize("odd", ["0", "5", "x", "1 OR 1=1", "١", "%00", ""])
def test_an_odd_band_shows_all(reader: Client, waiting: list[QueueLine], odd: str) -> None:
    waiting += [a_line(1), a_line(2, Band.TWO_WEEKS)]
    html = reader.get("/desk/", {"band": odd}).content.decode()
    assert "R-0000-0000-0001" in html
    assert "R-0000-0000-0002" in html


def test_an_empty_queue_says_what_to_do(reader: Client, waiting: list[QueueLine]) -> None:
    html = reader.get("/desk/").content.decode()
    assert "No reports yet." in html
    assert "amaan import" in html
    waiting.append(a_line(1))
    assert "No report waits in this band." in reader.get("/desk/?band=4").content.decode()


def test_before_the_first_rules_the_queue_is_empty_not_broken(
    reader: Client, waiting: list[QueueLine], monkeypatch: pytest.MonkeyPatch
) -> None:
    def none_yet(actor: Actor, *, unit: str | None = None) -> list[BandCount]:
        raise NoRulesAdopted

    monkeypatch.setattr(queue_shown, "counts_for", none_yet)
    page = reader.get("/desk/")
    assert page.status_code == 200
    assert "No reports yet." in page.content.decode()


def test_a_reading_is_in_the_ledger_with_what_it_showed(waiting: list[QueueLine]) -> None:
    person = a_person(Role.ANALYST, unit="north")
    waiting += [a_line(1), a_line(2, Band.ONE_WEEK)]
    signed_in(person).get("/desk/?band=1")
    (leaf,) = readings()
    assert leaf["who"] == f"staff:{person.pk}"
    assert leaf["on"] == "queue"
    assert leaf["unit"] == "north"
    assert "R-0000" not in json.dumps(leaf)
    body = Body.objects.latest("entry_id")
    assert b"R-0000" not in bytes(body.ciphertext)
    leaf_bytes = bytes(Entry.objects.get(id=body.entry_id).leaf_bytes)
    opened = opener().open(place(body.entry_id, leaf_hash(leaf_bytes)), bytes(body.ciphertext))
    assert json.loads(opened) == {"band": 1, "references": ["R-0000-0000-0001"]}


def test_a_reading_is_committed_before_the_page_is_rendered(
    reader: Client, waiting: list[QueueLine], monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting.append(a_line(1))
    rendered: list[tuple[str, int, bool]] = []
    real = pages.render

    def watched(request: object, template: str, *rest: object, **more: object) -> object:
        # pytest-django wraps a test in one transaction; the view's own must be over.
        depth = len(transaction.get_connection().savepoint_ids)
        rendered.append((template, len(readings()), depth == outside))
        return real(request, template, *rest, **more)  # type: ignore[arg-type]

    outside = len(transaction.get_connection().savepoint_ids)
    monkeypatch.setattr(pages, "render", watched)
    reader.get("/desk/")
    assert rendered == [("desk/home.html", 1, True)]


@pytest.mark.parametrize("fault", [DatabaseError("disk full"), OSError("read-only")])
@pytest.mark.parametrize("language", ["en", "ur"])
def test_what_cannot_be_recorded_is_not_shown(
    reader: Client,
    waiting: list[QueueLine],
    monkeypatch: pytest.MonkeyPatch,
    fault: Exception,
    language: str,
) -> None:
    def refuse(actor: Actor, acts: Sequence[Act]) -> list[int]:
        raise fault

    waiting.append(a_line(1))
    monkeypatch.setattr(reading, "append", refuse)
    page = reader.get("/desk/", headers={"accept-language": language})
    html = page.content.decode()
    assert page.status_code == 503
    assert "R-0000" not in html
    assert ("The desk is closed for a moment" in html) is (language == "en")


@pytest.mark.parametrize("role", READERS)
def test_whoever_works_the_queue_sees_it(role: Role, waiting: list[QueueLine]) -> None:
    waiting.append(a_line(1))
    assert "R-0000-0000-0001" in signed_in(a_person(role)).get("/desk/").content.decode()


@pytest.mark.parametrize("role", OTHERS)
def test_everybody_else_is_told_what_their_role_does(role: Role, waiting: list[QueueLine]) -> None:
    waiting.append(a_line(1))
    page = signed_in(a_person(role)).get("/desk/")
    html = page.content.decode()
    assert page.status_code == 200
    assert "R-0000" not in html
    assert str(pages.ROLES[role]) in html
    assert str(pages.WORK[role]).split(".", maxsplit=1)[0] in html
    assert readings() == []


def test_somebody_without_a_role_is_told_whom_to_ask(waiting: list[QueueLine]) -> None:
    html = signed_in(a_person()).get("/desk/").content.decode()
    assert "You hold no role yet." in html


def test_a_visitor_is_sent_to_sign_in() -> None:
    page = Client().get("/desk/?band=1")
    assert page.status_code == 302
    assert "next=" in page["location"]


def test_the_queues_address_takes_no_form(reader: Client, waiting: list[QueueLine]) -> None:
    assert reader.post("/desk/").status_code in {403, 405}
    assert readings() == []


def test_the_page_is_never_kept_by_a_browser(reader: Client, waiting: list[QueueLine]) -> None:
    assert "no-store" in reader.get("/desk/")["cache-control"]


def test_a_full_page_stays_small(reader: Client, waiting: list[QueueLine]) -> None:
    waiting += [a_line(n % 10, Band(1 + n % 4)) for n in range(60)]
    assert len(reader.get("/desk/").content) < 60_000


def test_reports_without_a_band_are_said_to_wait(waiting: list[QueueLine]) -> None:
    """What arrived and could not be banded must not be missing in silence."""
    Delivery.objects.create(
        subscriber=queue_shown.BANDING, event="report.received", ids="[1, 2, 3]", available_at=NOW, attempts=8
    )
    page = signed_in(a_person(Role.ANALYST)).get("/desk/").content
    assert "reports have arrived and have no band yet" in page.decode()
