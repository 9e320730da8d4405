"""The queue as people work it: narrowed, paged, claimed and pulled, and nothing of another office."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from tests.rooms.accounts.people import a_person, a_unit, signed_in
from tests.rooms.desk.test_home import readings
from tests.rooms.triage.conftest import Lay, lay
from tests.rooms.triage.stories import MODEL_REPORT_OF_KNOWN_MATERIAL

from amaan.accounts.models import Membership, User
from amaan.authority.actors import Actor, Role
from amaan.desk import queue_shown
from amaan.desk.queue_shown import read, written
from amaan.reports.domain.outcomes import Decision
from amaan.reports.models import Report
from amaan.reports.services import record_outcome
from amaan.triage.models import Claim
from amaan.triage.selectors import Place
from amaan.triage.tasks import band_reports, settle_reports

pytestmark = pytest.mark.django_db

__all__ = ["lay"]  # the fixture

URGENT = {"incident.annotations": ["sextortion"], "reported.contact_verified": True}
REFERENCE = re.compile(r">(R-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})<")


def waits(
    lay: Lay, count: int = 1, *, unit: str = "north", hours_ago: float = 1, **facts: object
) -> list[Report]:
    came = timezone.now() - timedelta(hours=hours_ago)
    reports = [lay(facts or URGENT, unit=unit, received_at=came) for _ in range(count)]
    band_reports([report.pk for report in reports])
    return reports


def shown(client: Client, address: str = "/desk/", **language: str) -> list[str]:
    """The references that a page names in its table, in order."""
    html = client.get(address, headers=language).content.decode()
    table = html.partition('<table class="data stack queue"')[2].partition("</table>")[0]
    return REFERENCE.findall("".join(re.findall(r'<th scope="row">(.*?)</th>', table)))


@pytest.fixture
def analyst() -> User:
    return a_person(Role.ANALYST, unit="north")


def test_pages_go_on_without_a_gap_or_a_repetition(
    lay: Lay, analyst: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_shown, "LINES", 3)
    expected = {report.reference for report in waits(lay, 5)}  # one due time, as a whole import has
    expected |= {report.reference for report in waits(lay, 2, hours_ago=2)}
    expected |= {report.reference for report in waits(lay, 1, **MODEL_REPORT_OF_KNOWN_MATERIAL)}
    client, address, found = signed_in(analyst), "/desk/", []
    for _ in range(9):
        page = client.get(address).content.decode()
        found += shown(client, address)
        more = re.search(r'rel="next" href="([^"]+)"', page)
        if not more:
            break
        address = more.group(1).replace("&amp;", "&")
    assert len(found) == len(set(found)) == 8
    assert set(found) == expected
    assert "Back to the most urgent" in page


@pytest.mark.parametrize(
    "odd", ["", "1", "1-2", "x-1-2", "9-1-2", "1-99999999999999999999-1", "1-1-1-1", "٣-1-1"]
)
def test_an_odd_place_begins_at_the_top(lay: Lay, analyst: User, odd: str) -> None:
    (report,) = waits(lay)
    assert shown(signed_in(analyst), f"/desk/?after={odd}") == [report.reference]


def test_a_place_is_read_as_it_was_written() -> None:
    place = Place(2, datetime(2026, 3, 1, 9, 0, 0, 123457, tzinfo=UTC), 77, 0)
    assert read(written(place)) == place


def test_the_address_narrows_by_holder(lay: Lay, analyst: User) -> None:
    mine, theirs, free = (report.reference for report in waits(lay, 3))
    client = signed_in(analyst)
    other = a_person(Role.ANALYST, unit="north")
    client.post(f"/desk/reports/{mine}/claim/")
    signed_in(other).post(f"/desk/reports/{theirs}/claim/")
    assert shown(client) == [mine, theirs, free]
    assert shown(client, "/desk/?holder=nobody") == [free]
    assert shown(client, "/desk/?holder=me") == [mine]
    assert shown(client, "/desk/?holder=odd") == [mine, theirs, free]
    html = client.get("/desk/").content.decode()
    assert "You have claimed" in html
    assert other.name in html
    somebody = signed_in(a_person(Role.ANALYST, unit="north"))
    assert "You have claimed" not in somebody.get("/desk/").content.decode()


def test_the_address_narrows_by_due_time(lay: Lay, analyst: User) -> None:
    (late,) = waits(lay, hours_ago=30)
    (soon,) = waits(lay, hours_ago=20)
    (later,) = waits(lay, hours_ago=1)
    client = signed_in(analyst)
    assert shown(client) == [late.reference, soon.reference, later.reference]
    assert shown(client, "/desk/?due=overdue") == [late.reference]
    assert shown(client, "/desk/?due=soon") == [soon.reference]
    assert shown(client, "/desk/?due=soon&band=4") == []


def test_somebody_of_two_offices_narrows_by_office(lay: Lay, analyst: User) -> None:
    office = a_unit("south")
    office.name, office.name_ur = "South Bureau", "جنوبی دفتر"
    office.save()
    Membership.objects.create(user=analyst, unit=office, role=Role.ANALYST.value)
    (north,), (south,) = waits(lay), waits(lay, unit="south")
    client = signed_in(analyst)
    assert set(shown(client)) == {north.reference, south.reference}
    assert shown(client, "/desk/?unit=south") == [south.reference]
    assert "South Bureau" in client.get("/desk/").content.decode()
    assert "جنوبی دفتر" in client.get("/desk/", headers={"accept-language": "ur"}).content.decode()


def test_another_offices_reports_are_not_there(lay: Lay, analyst: User) -> None:
    (mine,), (theirs,) = waits(lay), waits(lay, unit="south")
    client = signed_in(analyst)
    for address in (
        "/desk/",
        "/desk/?unit=south",
        "/desk/?holder=nobody",
        "/desk/?due=any&unit=south&band=1",
    ):
        assert theirs.reference not in client.get(address).content.decode()
    assert shown(client, "/desk/?unit=south") == [mine.reference]  # not the reader's: it counts as not asked
    absent = "R-0000-0000-0000"
    for verb in ("claim", "release"):
        answers = [
            client.post(f"/desk/reports/{one}/{verb}/").status_code for one in (theirs.reference, absent)
        ]
        assert answers == [404, 404]
    assert client.post("/desk/pull/", {"unit": "south"})["location"] == f"/desk/reports/{mine.reference}/"
    assert not Claim.objects.filter(report=theirs).exists()


def test_pull_next_opens_the_most_urgent_that_is_free(lay: Lay, analyst: User) -> None:
    (mild,) = waits(lay, **MODEL_REPORT_OF_KNOWN_MATERIAL)
    (urgent,) = waits(lay)
    client = signed_in(analyst)
    assert client.post("/desk/pull/")["location"] == f"/desk/reports/{urgent.reference}/"
    assert client.post("/desk/pull/", {"band": "1"})["location"] == "/desk/"
    assert "Nothing waits here" in client.get("/desk/").content.decode()
    assert client.post("/desk/pull/")["location"] == f"/desk/reports/{mild.reference}/"


def test_claim_and_release_answer_in_words(lay: Lay, analyst: User) -> None:
    (report,) = waits(lay)
    client, other = signed_in(analyst), signed_in(a_person(Role.ANALYST, unit="north"))
    chief = signed_in(a_person(Role.SUPERVISOR, unit="north"))
    one = f"/desk/reports/{report.reference}/"
    assert client.post(f"{one}claim/")["location"] == one
    assert "has taken this report before you" in other.post(f"{one}claim/", follow=True).content.decode()
    assert other.post(f"{one}release/").status_code == 404
    assert "Say why" in chief.post(f"{one}release/", follow=True).content.decode()
    assert "is free again" in chief.post(f"{one}release/", {"reason": "ill"}, follow=True).content.decode()
    assert "Nobody has claimed" in client.post(f"{one}release/", follow=True).content.decode()
    actor = Actor.system("test")
    record_outcome(actor, reference=report.reference, decision=Decision.CLOSED, reason="known")
    assert "somebody has decided it" in client.post(f"{one}claim/", follow=True).content.decode()


def test_who_may_not_decide_is_offered_no_claim(lay: Lay) -> None:
    (report,) = waits(lay)
    client = signed_in(a_person(Role.INTAKE_OFFICER, unit="north"))
    html = client.get("/desk/").content.decode()
    assert report.reference in html
    assert "Pull next" not in html
    assert "/claim/" not in html
    assert client.post("/desk/pull/").status_code == 404


def test_what_was_decided_is_gone_before_and_after_its_delivery(lay: Lay, analyst: User) -> None:
    report, other = waits(lay, 2)
    actor = Actor.system("test")
    record_outcome(actor, reference=report.reference, decision=Decision.CLOSED, reason="known")
    client = signed_in(analyst)
    assert shown(client) == [other.reference]
    settle_reports([report.pk])
    assert shown(client) == [other.reference]
    record_outcome(actor, reference=other.reference, decision=Decision.CLOSED, reason="known")
    assert "all of it was decided a moment ago" in client.get("/desk/").content.decode()


def test_a_reading_names_what_was_chosen_and_every_report(
    lay: Lay, analyst: User, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    waits(lay, 60)
    client = signed_in(analyst)
    client.get("/desk/")
    with django_assert_max_num_queries(45):  # type: ignore[operator]
        assert len(shown(client, "/desk/?holder=nobody&due=any")) == 50
    assert len(readings()) == 2


def test_a_report_and_its_line_lead_to_each_other(lay: Lay, analyst: User) -> None:
    (report,) = waits(lay)
    client = signed_in(analyst)
    assert f'href="/desk/reports/{report.reference}/"' in client.get("/desk/").content.decode()
    assert client.get(f"/desk/reports/{report.reference}/").status_code == 200
