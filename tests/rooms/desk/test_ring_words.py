"""What the pages of rings and links say, in both languages, so that nobody takes it for something else."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from tests.rooms.accounts.people import a_person, signed_in
from tests.rooms.desk.test_ring_pages import Laid, html, laid
from tests.rooms.linking.rung import chain, reports, ring

from amaan.authority.actors import Role
from amaan.linking.models import Decision, Member
from amaan.reports.models import Report

pytestmark = pytest.mark.django_db
__all__ = ["laid"]


def urdu(client: Client, path: str) -> str:
    page = client.get(path, headers={"accept-language": "ur"})
    assert page.status_code == 200, path
    return page.content.decode()


def words(page: str) -> str:
    """Without its markup."""
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


def reject(laid: Laid, page: str) -> None:
    sent = {"reject-reason": "a shop's wallet", "reject-seen": "0"}
    assert laid.officer.post(f"{page}reject/", sent).status_code == 302


def test_after_a_rejection_the_page_says_what_still_joins_the_two(laid: Laid) -> None:
    assert 'id="joined"' not in html(laid.officer, laid.link())
    reject(laid, laid.link())
    page = html(laid.officer, laid.link())
    note = page.partition('id="joined"')[2].partition("</div>")[0]
    assert "Both reports still stand in one ring" in note
    assert laid.ring in note
    for one in laid.mine[:2]:
        pair = sorted((one, laid.mine[2]), key=laid.mine.index)
        assert any(f"/desk/links/{a}/{b}/" in note for a, b in (pair, pair[::-1])), "and which"
    assert laid.theirs not in page
    assert "It joins nothing. By what both tell it would be" in page
    assert "اب بھی ایک ہی گروہ میں" in urdu(laid.officer, laid.link())


def test_who_is_parted_is_told_with_where_each_stands() -> None:
    held = reports(4)
    chain(held)
    ring(*held)
    names = [Report.objects.get(pk=one).reference for one in held]
    rung = Member.objects.get(pk=held[0]).ring.reference
    officer = signed_in(a_person(Role.ANALYST, unit="lahore"))
    page = f"/desk/links/{names[2]}/{names[3]}/"
    sent = {"reject-reason": "two shops", "reject-seen": "0"}
    assert officer.post(f"{page}reject/", sent).status_code == 302
    said = words(html(officer, page))
    assert "The two stand in no ring together now." in said
    assert f"{names[2]} stands in {rung} ." in said.replace(f"{rung}.", f"{rung} .")
    assert f"{names[3]} stands in no ring." in said


def test_an_undo_says_what_it_undid_and_of_when(laid: Laid) -> None:
    reject(laid, laid.link())
    first = Decision.objects.get()
    for number in (first.pk, first.pk + 1):
        sent = {f"undo-{number}-reason": "looked again"}
        assert laid.officer.post(f"{laid.link()}undo/{number}/", sent).status_code == 302
    for address in (laid.link(), laid.page):
        page = html(laid.officer, address)
        assert f'<a href="#decision-{first.pk}">undid the rejection of ' in page, address
        assert f'<a href="#decision-{first.pk + 1}">undid what was undone on ' in page, address
        assert str(first.at.year) in words(page)
        assert "an earlier decision" not in page
    assert "کا رد واپس لیا" in urdu(laid.officer, laid.page)
