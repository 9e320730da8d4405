"""The page of one shared value: what rests on it alone goes in one act, and comes back alone or together."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from tests.rooms.accounts.people import a_person, signed_in
from tests.rooms.desk.test_ring_pages import DIGITS, Laid, html, laid
from tests.rooms.reports.telling import HANDLE, PHONE, suspect, told, victim

from amaan.authority.actors import Actor, Role
from amaan.ledger.models import About
from amaan.linking.domain import decisions
from amaan.linking.models import Decision, Ring
from amaan.linking.panels import value as panel
from amaan.linking.selectors import resting
from amaan.linking.services import deciding, rebuild_links

pytestmark = pytest.mark.django_db
__all__ = ["laid"]


def officer(unit: str = "lahore", role: Role = Role.ANALYST) -> Client:
    return signed_in(a_person(role, unit=unit))


@pytest.fixture
def shop() -> str:
    """A ring of Lahore alone: four reports by one number, the first two by an account too."""
    for number, body in enumerate([suspect(PHONE, handle=HANDLE)] * 2 + [suspect(PHONE)] * 2):
        told(body, number=number, days_ago=2 * number)
    rebuild_links(Actor.system("linking"))
    return f"/desk/rings/{Ring.objects.get().reference}/"


def token(page: str) -> str:
    return re.findall(r'name="seen" value="([^"]+)"', page)[0]


def test_from_the_ring_to_the_value_and_all_its_links_in_one_act(shop: str) -> None:
    client = officer()
    page = html(client, shop)
    assert page.count(f"{shop}value/T1/") == 2, "beside what it rests on, and in the table"
    page = html(client, f"{shop}value/T1/")
    assert DIGITS in page
    assert page.count("/desk/links/") == 5
    assert "no ring" in page
    assert "4 reports in no ring" in re.sub("<[^>]+>", "", page)
    sent = {"seen": token(page), "reason": "a shop's number"}
    assert client.post(f"{shop}value/T1/", {**sent, "reason": " "}).status_code == 422
    done = client.post(f"{shop}value/T1/", sent)
    assert done.status_code == 302
    act = done["Location"]
    assert act.startswith(f"{shop}act/")
    page = html(client, act)
    assert page.count("/desk/links/") == 5
    assert "a shop&#x27;s number" in page
    history = html(client, shop)
    assert history.count("a shop&#x27;s number") == 1, "one line, not one for each link"
    assert act in history
    assert "Its reports stand together no more" in history
    assert "Nothing holds them together that could break." in history
    assert "the rest still stands together" not in history
    html(client, f"{shop}value/T1/", 404)
    number = act.split("/")[-2]
    assert client.post(f"{act}undo/", {"reason": ""}).status_code == 422
    undone = client.post(f"{act}undo/", {"reason": "not a shop"})
    assert undone.status_code == 302
    assert Ring.objects.get().size == 4
    again = client.post(f"{act}undo/", {"reason": "not a shop"})
    assert again.status_code == 422
    assert "Somebody was quicker" in again.content.decode()
    page = html(client, shop)
    assert f'href="#decision-{number}"' in page
    assert undone["Location"] in page
    assert "Undo the 5 that count" in re.sub("<[^>]+>", "", html(client, undone["Location"]))


def test_each_stands_on_its_links_page_and_is_undone_there(shop: str) -> None:
    client = officer()
    page = html(client, f"{shop}value/T1/")
    act = client.post(f"{shop}value/T1/", {"seen": token(page), "reason": "a shop's"})["Location"]
    link = re.findall(r"/desk/links/[^\"]+/", html(client, act))[0]
    number = re.findall(rf"{link}undo/(\d+)/", html(client, link))[0]
    assert client.post(f"{link}undo/{number}/", {f"undo-{number}-reason": "no"}).status_code == 302
    page = html(client, act)
    assert page.count('<span class="mark">undone</span>') == 1
    assert "Undo the 4 that count" in re.sub("<[^>]+>", "", page)


def test_a_page_that_is_not_as_it_was_decides_nothing(shop: str) -> None:
    client, colleague = officer(), officer()
    page = html(client, f"{shop}value/T1/")
    link = re.findall(r"/desk/links/[^\"]+/", page)[0]
    sent = {"reject-reason": "two people", "reject-seen": "0"}
    assert colleague.post(f"{link}reject/", sent).status_code == 302
    late = client.post(f"{shop}value/T1/", {"seen": token(page), "reason": "a shop's"})
    assert late.status_code == 422
    assert "meanwhile" in late.content.decode()
    assert Decision.objects.count() == 1
    shown = token(late.content.decode())
    assert client.post(f"{shop}value/T1/", {"seen": shown, "reason": "a shop's"}).status_code == 302
    assert Decision.objects.count() == 5


def test_only_who_may_decide_and_only_their_own(laid: Laid) -> None:
    address = f"{laid.page}value/T1/"
    page = html(laid.officer, address)
    assert laid.theirs not in page
    assert page.count("/desk/links/") == 2, "the first two share an account, the fourth lies elsewhere"
    assert "Links to those are not counted here" in page
    for client in (officer(role=Role.INTAKE_OFFICER), officer("gilgit")):
        html(client, address, 404)
        assert client.post(address, {"seen": token(page), "reason": "x"}).status_code == 404
    done = laid.officer.post(address, {"seen": token(page), "reason": "a shop's number"})
    act = done["Location"]
    quetta = officer("quetta")
    html(quetta, act, 404)
    assert quetta.post(f"{act}undo/", {"reason": "x"}).status_code == 404
    assert "a shop" not in html(quetta, laid.page)
    for number in (0, 10**9, 2**70):
        html(laid.officer, f"{laid.page}act/{number}/", 404)
        assert laid.officer.post(f"{laid.page}act/{number}/undo/", {"reason": "x"}).status_code == 404
    read = About.objects.filter(on=laid.ring, act="ring.read").count()
    html(laid.officer, address)
    assert About.objects.filter(on=laid.ring, act="ring.read").count() == read + 1


def test_a_held_value_has_no_page_and_no_link_to_one() -> None:
    for number, body in enumerate([suspect(PHONE)] * 3 + [victim(PHONE)]):
        told(body, number=number, days_ago=2 * number)
    rebuild_links(Actor.system("linking"))
    ring = f"/desk/rings/{Ring.objects.get().reference}/"
    client = officer()
    page = html(client, ring)
    assert ">T1</bdi>" in page
    assert "/value/" not in page
    for mark in ("T1", "T2", "-", "1234567"):
        html(client, f"{ring}value/{mark}/", 404)


def test_many_links_are_listed_in_part_and_too_many_are_not_worked_out(
    shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = officer()
    for module in (panel, deciding, decisions):
        monkeypatch.setattr(module, "MOST_AT_ONCE", 3)
    monkeypatch.setattr(panel, "MOST_LINKS", 2)
    page = html(client, f"{shop}value/T1/")
    assert page.count("/desk/links/") == 2
    assert "too many for one act" in page
    done = client.post(f"{shop}value/T1/", {"seen": token(page), "reason": "a shop's"})
    assert html(client, done["Location"]).count("/desk/links/") == 3
    monkeypatch.setattr(resting, "MOST_WEIGHED", 2)
    page = html(client, f"{shop}value/T1/")
    assert "not worked out" in page
    assert "<textarea" not in page
    assert client.post(f"{shop}value/T1/", {"seen": "0.0", "reason": "x"}).status_code == 422
    assert Decision.objects.count() == 3


def test_it_reads_in_urdu(shop: str) -> None:
    client = officer()
    client.cookies["django_language"] = "ur"
    page = html(client, f"{shop}value/T1/")
    assert "تعلق جو صرف اس پر قائم ہیں" in page
    assert "links" not in re.sub(r"<[^>]+>", " ", page.partition("<h1>")[2].partition("</main>")[0])
