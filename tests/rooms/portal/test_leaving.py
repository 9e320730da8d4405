"""The way out: what was open when somebody left can't be opened again, also not by a browser's Back."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from tests.rooms.portal.box import hidden
from tests.rooms.portal.test_report_pages import SECRET, with_a_story

from amaan.portal.domain.envelopes import Kind
from amaan.portal.models import Envelope, LeftForm
from amaan.portal.services import send

pytestmark = [pytest.mark.django_db(databases=["default", "portal"]), pytest.mark.usefixtures("quick_codes")]


def way_out(page: str) -> str:
    found = re.search(r'id="leave" href="([^"]*)"', page)
    assert found
    return found[1]


def test_whoever_left_leaves_nothing_that_back_could_open(door: Client) -> None:
    """A browser's Back sends the last form again, whole."""
    visitor = with_a_story(door)
    question, other = visitor.sealed, with_a_story(door)
    check = visitor.press("check")
    assert SECRET in check
    assert way_out(check) == way_out(visitor.press("stay")), "one way out for one form, in each of its pages"
    assert door.get(way_out(check)).headers["Location"] == settings.AMAAN_EXIT_TO
    for sealed in (question, visitor.sealed):
        for do in ("check", "next", "back", "stay", "send"):
            for action in (visitor.action, "/ur/report/me/check/"):
                again = door.post(action, {"sealed": sealed, "do": do})
                assert again.status_code == 410
                assert SECRET not in again.content.decode()
    assert not Envelope.objects.exists()
    assert SECRET in other.press("check"), "another form stays open"


def test_back_after_sending_shows_nothing_that_was_told(door: Client) -> None:
    """A borrowed phone: the story is gone with "send"; the code can be seen again until somebody leaves."""
    visitor = with_a_story(door)
    question = visitor.sealed
    visitor.press("check")
    check, action = visitor.sealed, visitor.action
    sent = visitor.press("send")
    for sealed in (question, check, visitor.sealed):
        for do in ("check", "next", "back", "stay", "skip", "change:what_happened"):
            again = door.post(action, {"sealed": sealed, "do": do})
            page = again.content.decode()
            assert (again.status_code, SECRET in page, 'class="digits"' in page) == (410, False, False)
            assert "It was sent" in page
    (kept,) = re.findall(r'name="sealed" value="([^"]+)"', page)
    shown = door.post("/ur/report/me/check/", {"sealed": kept, "do": "send"}).content.decode()
    digits = r'class="digits"[^>]*><span>([^<]+)'
    assert re.findall(digits, shown) == re.findall(digits, sent) != []
    assert Envelope.objects.count() == 1
    door.get(way_out(sent))
    assert "It was sent" not in door.post(action, {"sealed": check, "do": "check"}).content.decode()


def test_where_the_door_cannot_say_that_a_form_was_sent_it_is_sent_all_the_same(
    door: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = with_a_story(door)
    visitor.press("check")

    def gone(**_: object) -> None:
        raise OperationalError

    monkeypatch.setattr(LeftForm.objects, "get_or_create", gone)
    assert 'class="digits"' in visitor.press("send")


def test_whoever_left_after_sending_leaves_no_code(door: Client) -> None:
    visitor = with_a_story(door)
    visitor.press("check")
    sealed, action = visitor.sealed, visitor.action
    sent = visitor.press("send")
    assert 'class="digits"' in sent
    door.get(way_out(sent))
    again = door.post(action, {"sealed": sealed, "do": "send"})
    assert (again.status_code, 'class="digits"' in again.content.decode()) == (410, False)
    assert Envelope.objects.count() == 1


@pytest.mark.parametrize("told", ["x", "00" * 32, "", "zz" * 32, "00"])
def test_a_way_out_that_is_none_of_ours_leaves_all_the_same_and_keeps_nothing(
    door: Client, told: str
) -> None:
    assert door.get("/en/exit/", {"f": told}).headers["Location"] == settings.AMAAN_EXIT_TO
    assert not LeftForm.objects.exists()


def test_a_broken_database_holds_up_nobody_who_leaves_or_writes(
    door: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OperationalError("database is locked")

    visitor = with_a_story(door)
    out = way_out(visitor.page)
    monkeypatch.setattr(LeftForm.objects, "get_or_create", broken)
    monkeypatch.setattr(LeftForm.objects, "filter", broken)
    assert door.get(out).headers["Location"] == settings.AMAAN_EXIT_TO
    assert SECRET in visitor.press("check")


def test_marks_of_left_forms_go_with_the_keys_of_their_day(door: Client) -> None:
    LeftForm.objects.create(mark=b"a" * 16, on=timezone.now().date() - timedelta(days=3))
    door.get(way_out(with_a_story(door).page))
    assert [bytes(row.mark) == b"a" * 16 for row in LeftForm.objects.all()] == [False]


def test_whoever_left_an_open_box_leaves_no_code_behind(door: Client) -> None:
    """Back sends the code again as well, out of the form that it was typed into."""
    code = send(Kind.REPORT, language="en", answers={"what_happened": SECRET}).code
    typed = {"do": "open", "code": code, "form": hidden(door.get("/en/return/").content.decode(), "form")}
    page = door.post("/en/return/", typed).content.decode()
    asking = door.post("/en/return/", {"do": "withdraw", "box": hidden(page)}).content.decode()
    assert way_out(asking) == way_out(page)
    door.get(way_out(asking))
    for again in (typed, *({"do": do, "box": hidden(page), "text": "x"} for do in ("look", "write"))):
        shut = door.post("/en/return/", again).content.decode()
        assert 'name="code"' in shut
        assert 'name="box"' not in shut
    assert Envelope.objects.count() == 1
    fresh = {**typed, "form": hidden(shut, "form")}
    assert 'name="box"' in door.post("/en/return/", fresh).content.decode(), "who has the code comes in again"


def test_a_wrong_code_keeps_the_form(door: Client) -> None:
    asked = hidden(door.get("/en/return/").content.decode(), "form")
    page = door.post("/en/return/", {"do": "open", "code": "1", "form": asked}).content.decode()
    assert hidden(page, "form") == asked
