"""Rings and links on pages: seen as far as the reports may be, decided by forms, and led into a case."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from django.test import Client
from tests.rooms.accounts.people import a_person, signed_in
from tests.rooms.reports.telling import HANDLE, PHONE, suspect, told, victim

from amaan.authority.actors import Actor, Role
from amaan.cases.models import CaseReport
from amaan.ledger.models import About
from amaan.linking.models import Alert, Decision, Ring
from amaan.linking.services import rebuild_links
from amaan.reports.models import Report

pytestmark = pytest.mark.django_db
DIGITS = "300 1234567"
CHILDS = "0333-7654321"


@dataclass
class Laid:
    """A ring of four reports by one telephone number: three of Lahore, the first two with a handle and a child's
    number too, and one of Quetta, whose account somebody may have forced."""

    ring: str
    mine: list[str]
    theirs: str
    officer: Client

    def link(self, one: int = 0, other: int = 1) -> str:
        return f"/desk/links/{self.mine[one]}/{self.mine[other]}/"

    @property
    def page(self) -> str:
        return f"/desk/rings/{self.ring}/"


@pytest.fixture
def laid() -> Laid:
    mine = [
        told(suspect(PHONE, handle=HANDLE) + victim(CHILDS), number=1, days_ago=9),
        told(suspect(PHONE, handle=HANDLE) + victim(CHILDS), number=2, days_ago=7),
        told(suspect(PHONE) + victim(), number=3, days_ago=5),
    ]
    theirs = told(suspect(PHONE, name="Sample"), number=4, unit="quetta", days_ago=3)
    rebuild_links(Actor.system("linking"))
    ring = Ring.objects.get(size=4)
    return Laid(ring.reference, mine, theirs, signed_in(a_person(Role.ANALYST, unit="lahore")))


def html(client: Client, path: str, status: int = 200) -> str:
    page = client.get(path)
    assert page.status_code == status, path
    return page.content.decode()


def test_a_ring_is_seen_as_far_as_its_reports_are(laid: Laid) -> None:
    quetta = signed_in(a_person(Role.SUPERVISOR, unit="quetta"))
    stranger = signed_in(a_person(Role.ANALYST, unit="gilgit"))
    for client, seen, hidden in (
        (laid.officer, laid.mine, [laid.theirs]),
        (quetta, [laid.theirs], laid.mine),
    ):
        listed, page = html(client, "/desk/rings/"), html(client, laid.page)
        assert laid.ring in listed
        assert all(reference in page for reference in seen)
        assert not any(reference in page + listed for reference in hidden)
        assert "never the basis of a charge" in page
    page = html(laid.officer, laid.page)
    assert "one of them with another office" in page
    assert "Quetta" in page
    assert DIGITS in page
    assert "7654321" not in page, "a child's number is held"
    assert HANDLE not in html(quetta, laid.page), "another office's account"
    html(stranger, laid.page, 404)
    html(stranger, laid.link(), 404)
    assert laid.ring not in html(stranger, "/desk/rings/")
    html(quetta, laid.link(), 404)
    html(laid.officer, f"/desk/links/{laid.mine[0]}/{laid.theirs}/", 404)
    html(laid.officer, f"/desk/links/{laid.mine[0]}/{laid.mine[0]}/", 404)
    html(laid.officer, "/desk/rings/G-0000-0000-0000/", 404)
    read = set(About.objects.filter(on=laid.ring).values_list("act", flat=True))
    assert "ring.read" in read


def test_the_list_is_narrowed_down_and_what_is_new_is_seen_once(laid: Laid) -> None:
    for query, found in (
        ("crossing=1", True),
        ("case=1", False),
        ("unit=quetta", True),
        ("unit=gilgit&crossing=1", True),  # no such office: not narrowed by it
        ("strength=strong", True),
        ("strength=plain", False),
        ("after=1-1", False),
    ):
        lines = html(laid.officer, f"/desk/rings/?{query}").partition("<tbody>")[2]
        assert (laid.ring in lines) is found, query
    assert "New about rings" in html(laid.officer, "/desk/rings/")
    intake = signed_in(a_person(Role.INTAKE_OFFICER, unit="lahore"))
    assert intake.post("/desk/rings/alerts/seen/").status_code == 404
    assert laid.officer.post("/desk/rings/alerts/seen/").status_code == 302
    assert "New about rings" not in html(laid.officer, "/desk/rings/")
    assert set(Alert.objects.filter(seen_at=None).values_list("unit_id", flat=True)) == {
        Report.objects.get(reference=laid.theirs).unit_id
    }


def test_a_link_says_why_step_by_step_and_is_decided_once(laid: Laid) -> None:
    page = html(laid.officer, laid.link())
    assert "strong" in page
    assert DIGITS in page
    assert HANDLE in page
    assert "ask the custodian" in page, "the child's number is told by its kind only"
    assert "7654321" not in page
    assert laid.officer.post(f"{laid.link()}reject/", {"reject-reason": " "}).status_code == 422
    sent = {"reject-reason": "two shops share it", "reject-seen": "0"}
    reader = signed_in(a_person(Role.INTAKE_OFFICER, unit="lahore"))
    html(reader, laid.link())
    assert reader.post(f"{laid.link()}reject/", sent).status_code == 404
    assert laid.officer.post(f"{laid.link()}forget/", sent).status_code == 404
    assert laid.officer.post(f"{laid.link()}reject/", sent).status_code == 302
    page = html(laid.officer, laid.link())
    assert "two shops share it" in page
    assert "rejected by a person" in page
    # A colleague's page still shows nothing decided: what was sent from it is not written.
    late = laid.officer.post(f"{laid.link()}confirm/", {"confirm-reason": "same wallet", "confirm-seen": "0"})
    assert late.status_code == 422
    assert "meanwhile" in late.content.decode()
    assert ">\nsame wallet</textarea>" in late.content.decode(), "what was written stays as it was"
    assert Decision.objects.count() == 1
    number = Decision.objects.get().pk
    undo = f"{laid.link()}undo/{number}/"
    assert laid.officer.post(undo, {f"undo-{number}-reason": ""}).status_code == 422
    assert laid.officer.post(undo, {f"undo-{number}-reason": "one owner"}).status_code == 302
    assert laid.officer.post(undo, {f"undo-{number}-reason": "again"}).status_code == 422
    assert "proposed by the machine" in html(laid.officer, laid.link())


def test_a_ring_is_split_and_its_history_undoes_it(laid: Laid) -> None:
    split = f"{laid.page}split/"
    form = html(laid.officer, split)
    assert laid.theirs not in form
    seen = re.findall(r'name="seen" value="([^"]+)"', form)[0]
    sent = {"reports": laid.mine[:1], "reason": "another person", "seen": seen}
    assert laid.officer.post(split, {**sent, "reports": []}).status_code == 422
    assert laid.officer.post(split, {**sent, "reports": [laid.theirs]}).status_code == 422
    assert laid.officer.post(split, {**sent, "seen": "2020-01-01T00:00:00+00:00"}).status_code == 422
    assert laid.officer.post(split, sent).status_code == 302
    page = html(laid.officer, laid.page)
    assert "another person" in page
    assert laid.mine[0] not in page.partition('id="reports"')[2].partition("</section>")[0]
    assert "A split keeps the two apart" in html(laid.officer, laid.link())
    number = Decision.objects.get().pk
    quetta = signed_in(a_person(Role.SUPERVISOR, unit="quetta"))
    assert "another person" not in html(quetta, laid.page), "a reason about reports that they may not open"
    undo = f"{laid.page}undo/{number}/"
    assert quetta.post(undo, {f"undo-{number}-reason": "no"}).status_code == 404
    assert laid.officer.post(undo, {f"undo-{number}-reason": ""}).status_code == 422
    assert laid.officer.post(undo, {f"undo-{number}-reason": "it was one"}).status_code == 302
    assert laid.mine[0] in html(laid.officer, laid.page)


def test_a_case_opens_from_a_ring_and_only_then_its_links_leave(laid: Laid) -> None:
    export, into = f"{laid.page}links.csv", f"{laid.page}case/"
    assert laid.officer.post(export).status_code == 404
    form = html(laid.officer, into)
    offered = re.findall(r'value="(R-[^"]+@1)"', form)
    assert offered == [f"{reference}@1" for reference in laid.mine]
    sent = {"into": "new", "reports": offered[:2], "reason": "one demand, one number", "title": "Numbers"}
    assert laid.officer.post(into, {**sent, "reason": ""}).status_code == 422
    assert laid.officer.post(into, {**sent, "reports": [f"{laid.theirs}@1"]}).status_code == 422
    assert laid.officer.post(into, sent).status_code == 302
    case = CaseReport.objects.first().case.reference  # type: ignore[union-attr]
    assert CaseReport.objects.filter(case__reference=case).count() == 2
    assert case in html(laid.officer, laid.page)
    again = html(laid.officer, into)
    assert "In a case already" in again
    assert re.findall(r'value="(R-[^"]+@1)"', again) == offered[2:]
    assert laid.officer.post(into, {**sent, "into": case, "reports": offered[2:]}).status_code == 302
    assert CaseReport.objects.filter(case__reference=case).count() == 3
    taken = laid.officer.post(export)
    assert taken.status_code == 200
    table = taken.content.decode()
    assert all(reference in table for reference in laid.mine)
    assert laid.theirs not in table
    assert not any(value in table for value in (DIGITS, "1234567", HANDLE))
    quetta = signed_in(a_person(Role.SUPERVISOR, unit="quetta"))
    assert case not in html(quetta, laid.page)
    assert quetta.post(export).status_code == 404
    assert "phone" in table


def test_from_a_report_and_from_a_number_to_the_ring(laid: Laid) -> None:
    report = html(laid.officer, f"/desk/reports/{laid.mine[0]}/")
    assert "Links and ring" in report
    assert laid.ring in report
    assert laid.link().split("/")[4] in report
    assert "other offices too; ask there:" in report
    assert laid.theirs not in report
    found = laid.officer.post(f"/desk/look-up/{laid.mine[0]}/", {"text": PHONE}).content.decode()
    assert laid.ring in found
    assert laid.theirs not in found
