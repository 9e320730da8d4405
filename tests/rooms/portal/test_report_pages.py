"""The report, page by page, as a browser without JavaScript sends it: nothing is kept until it is sent, once."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from html import escape, unescape
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

import amaan.portal
from amaan.keyring.services import door_private_key
from amaan.portal.domain.codes import in_groups, is_whole
from amaan.portal.domain.envelopes import Telling, read_telling
from amaan.portal.domain.questions import ORDER, QUESTIONS, Way, fields_of
from amaan.portal.domain.sealing import open_with
from amaan.portal.models import Envelope, Letter, Mailbox
from amaan.portal.services import drop_carried, open_box, waiting_envelopes

pytestmark = pytest.mark.django_db(databases=["default", "portal"])

SECRET = "the grey house behind the bakery"


class Visitor:
    """A browser with one page open: knows its hidden fields and what has been typed into it."""

    def __init__(self, client: Client, start: str) -> None:
        self.client = client
        self.read(client.get(start))

    def read(self, answer: Any) -> str:
        self.answer = answer
        self.page: str = answer.content.decode()
        action = re.search(r'<form method="post" action="([^"]+)" id="answers"', self.page)
        self.action = action[1] if action else ""
        return str(self.page)

    @property
    def question(self) -> str:
        return self.action.rstrip("/").rpartition("/")[2]

    @property
    def sealed(self) -> str:
        found = re.search(r'name="sealed" value="([^"]*)"', self.page)
        assert found
        return found[1]

    def press(self, do: str, to: str = "", **typed: str | list[str]) -> str:
        data: dict[str, Any] = {"sealed": self.sealed, "do": do, **typed}
        return self.read(self.client.post(to or self.action, data))

    def words(self) -> str:
        return unescape(re.sub(r"<[^>]+>", " ", self.page))

    def code(self) -> str:
        digits = re.search(r'class="digits".*?</p>', self.page, re.S)
        assert digits
        return "".join(re.findall(r"\d", digits[0]))


def sent_tellings() -> list[Telling]:
    return [read_telling(open_with(door_private_key(), one.sealed)) for one in waiting_envelopes()]


def with_a_story(door: Client, language: str = "en") -> Visitor:
    visitor = Visitor(door, f"/{language}/report/me/what_happened/")
    visitor.press("check", what_happened=SECRET)
    assert visitor.question == "check"
    return visitor


@pytest.mark.parametrize("way", Way)
def test_every_way_leads_past_every_question_to_the_check(door: Client, way: Way) -> None:
    visitor = Visitor(door, f"/en/report/{way}/")
    seen = []
    while visitor.question != "check":
        seen.append(visitor.question)
        if QUESTIONS[visitor.question].fields:
            assert 'value="skip"' in visitor.page
        visitor.press("skip")
    conditional = {
        "danger_help",
        "meeting",
        "contact_how",
        *(("find_child",) if way is not Way.CHILD else ()),
    }
    conditional |= {"pay"} if way is not Way.THREAT else set()
    assert seen == [key for key in ORDER[way] if key not in conditional]
    assert 'value="send"' not in visitor.page
    assert "Please tell us one of these" in visitor.page
    visitor.press("send")
    assert "One thing is missing" in visitor.page
    visitor.press("change:what_happened")
    visitor.press("next", what_happened="x")
    assert visitor.question == "check"
    assert 'value="send"' in visitor.page


def test_nothing_of_it_is_on_the_server_before_send(door: Client) -> None:
    visitor = with_a_story(door)
    assert SECRET in visitor.words()
    assert (Envelope.objects.count(), Mailbox.objects.count(), Letter.objects.count()) == (0, 0, 0)
    keys = Path(settings.AMAAN_PORTAL_KEYS)
    for folder in (Path(settings.AMAAN_HOME), keys):
        for path in folder.rglob("*"):
            assert not path.is_file() or SECRET.encode() not in path.read_bytes()
    assert SECRET not in visitor.sealed


def test_what_is_sent_is_what_was_said_and_the_code_opens_the_box(door: Client) -> None:
    visitor = Visitor(door, "/ur/report/threat/")
    visitor.press("next", danger=["threat_now", "self_harm"])
    assert visitor.question == "danger_help"
    assert "0311-7786264" in visitor.page
    assert visitor.page.index("0311-7786264") < visitor.page.index("0800-39393") < visitor.page.index("1122")
    assert "1099" not in visitor.page
    assert visitor.page.count("ہم میں سے کسی نے انہیں ابھی نہیں آزمایا") == 1
    visitor.press("next")
    visitor.press("next", demanded="money", demanded_about="20 000 تک جمعہ")
    visitor.press("next", pay_ways="easypaisa", pay_numbers="0300 1234567\r\n\r\n0345 7654321", paid="no")
    visitor.press("check", what_happened="وہ دھمکی دیتے ہیں")
    visitor.press("send")
    code = visitor.code()
    assert is_whole(code)
    (telling,) = sent_tellings()
    assert telling.language == "ur"
    assert telling.answers == {
        "way": "threat",
        "danger": ["threat_now", "self_harm"],
        "demanded": ["money"],
        "demanded_about": "20 000 تک جمعہ",
        "pay_ways": ["easypaisa"],
        "pay_numbers": ["0300 1234567", "0345 7654321"],
        "paid": "no",
        "what_happened": "وہ دھمکی دیتے ہیں",
    }
    assert open_box(in_groups(code)).letters == ()
    assert "دھمکی دیتے ہیں" not in visitor.page
    assert telling.submission in visitor.page  # the proof of submission


def test_pressed_twice_it_is_sent_once_with_the_same_code(door: Client) -> None:
    visitor = with_a_story(door)
    data = {"sealed": visitor.sealed, "do": "send"}
    first, again = (Visitor(door, "/en/report/me/") for _ in range(2))
    first.read(door.post(visitor.action, data))
    again.read(door.post("/ur/report/me/check/", data))
    assert first.code() == again.code()
    (waiting,) = waiting_envelopes()
    assert "receipt.txt" in again.page
    drop_carried([waiting])
    again.read(door.post(visitor.action, data))
    assert again.code() == first.code()
    assert waiting_envelopes() == []
    assert "receipt.txt" not in again.page  # the ledger's leaf went with the envelope; no second one is made
    in_urdu = door.post("/ur/report/me/check/", {"sealed": first.sealed, "do": "send"}).content.decode()
    assert "receipt.txt" in in_urdu, "the page that showed it shows it again, in another language too"
    assert re.findall(r"S-[0-9A-Z-]{14}", first.page)[0] in in_urdu


def test_when_sending_fails_everything_is_still_in_the_form(
    door: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = with_a_story(door)

    def fails(*_args: object, **_kwargs: object) -> None:
        raise OperationalError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(Envelope.objects, "get_or_create", fails)
        visitor.press("send")
    assert visitor.answer.status_code == 503
    assert "still on this page" in visitor.page
    assert (Envelope.objects.count(), Mailbox.objects.count()) == (0, 0)
    visitor.press("send")
    assert sent_tellings()[0].answers["what_happened"] == SECRET


def test_what_was_changed_in_another_tab_is_sent_beside_the_first(door: Client) -> None:
    """After "send" no page of a form shows anything of it, but whatever is sent is stored."""
    visitor, other = with_a_story(door), Visitor(door, "/en/report/me/")
    before = visitor.sealed
    other.read(door.post(visitor.action, {"sealed": before, "do": "change:accounts"}))
    other.press("next", accounts="@one.more")
    visitor.press("send")
    other.press("send")
    assert other.code() != visitor.code()
    assert [one.answers.get("accounts") for one in sent_tellings()] == [None, ["@one.more"]]
    assert door.post(visitor.action, {"sealed": before, "do": "change:accounts"}).status_code == 410


def test_the_language_changes_and_what_was_typed_stays(door: Client) -> None:
    visitor = Visitor(door, "/en/report/me/what_happened/")
    visitor.press("next", what_happened=SECRET)
    question = visitor.question
    visitor.press(
        "stay", to=visitor.action.replace("/en/", "/ur/"), platforms=["imo", "other"], platform_other="<b>&"
    )
    assert visitor.question == question
    assert 'dir="rtl"' in visitor.page
    assert 'value="imo" autocomplete="off" checked' in visitor.page
    assert 'value="&lt;b&gt;&amp;"' in visitor.page
    visitor.press("check", platforms=["imo"])
    assert SECRET in visitor.words()


def test_back_keeps_and_skip_takes_back(door: Client) -> None:
    visitor = Visitor(door, "/en/report/saw/links/")
    visitor.press("next", links="https://example.org/a")
    assert visitor.question == "accounts"
    visitor.press("back", accounts="@kept")
    assert visitor.question == "links"
    assert "https://example.org/a" in visitor.page
    visitor.press("skip")
    assert "@kept" in visitor.page
    visitor.press("check", accounts="@kept")
    assert "example.org" not in visitor.page
    first = Visitor(door, "/en/report/saw/")
    first.press("back")
    assert 'class="ways"' in first.page


def test_a_slip_is_shown_above_and_at_its_field_and_nothing_is_lost(door: Client) -> None:
    visitor = Visitor(door, "/en/report/me/when/")
    typed = {"when": "week", "when_date-day": "31", "when_date-month": "2", "when_date-year": "2026"}
    visitor.press("next", **typed)
    assert visitor.question == "when"
    summary = re.search(r'class="error-summary" role="alert".*?</div>', visitor.page, re.S)
    assert summary
    assert 'href="#when_date-day"' in summary[0]
    assert 'id="when_date-day"' in visitor.page
    assert re.search(r"<title>Please check · ", visitor.page)
    assert 'aria-describedby="when_date-hint when_date-fault"' in visitor.page
    assert 'value="31"' in visitor.page
    visitor.press("back", **typed)  # back is never refused; the slip waits where it was
    assert visitor.question == "pictures"
    visitor.press("change:when", to="/en/report/me/check/")
    assert 'value="31"' in visitor.page
    visitor.press("check", **typed)
    assert visitor.question == "when"


def test_too_late_or_cut_short_is_said_plainly(door: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = with_a_story(door)
    for sealed in ("", "garbage", visitor.sealed[:-8], visitor.sealed[:-8] + "AAAAAAA=", "é"):
        answer = door.post(visitor.action, {"sealed": sealed, "do": "send"})
        assert answer.status_code == 410
        assert "Please start again" in answer.content.decode()
    assert Envelope.objects.count() == 0
    tomorrow, later = (timezone.now() + timedelta(days=days) for days in (1, 2))
    data = {"sealed": visitor.sealed, "do": "check"}
    monkeypatch.setattr("amaan.portal.forms.timezone.now", lambda: tomorrow)
    assert door.post(visitor.action, data).status_code == 200
    monkeypatch.setattr("amaan.portal.forms.timezone.now", lambda: later)
    assert door.post(visitor.action, data).status_code == 410
    monkeypatch.undo()
    assert door.post(visitor.action, data).status_code == 410  # its key is gone for good


def test_every_page_keeps_nothing_and_can_be_left(door: Client) -> None:
    visitor = with_a_story(door)
    pages: list[Any] = [
        door.get(f"/en/{path}") for path in ("", "report/", "report/me/", "report/child/where/")
    ]
    for answer in (
        *pages,
        visitor.answer,
        door.post(visitor.action, {"sealed": visitor.sealed, "do": "send"}),
    ):
        page = answer.content.decode()
        assert answer.headers["Cache-Control"] == "no-store"
        assert not answer.cookies
        assert 'id="leave" href="/en/exit/' in page
        assert "<script>" not in page
        assert "style=" not in page
        assert not re.search(r'(?:src|href|action)="(?:https?:)?//', page)
        for control in re.findall(r"<(?:input|textarea|select)\b[^>]*>", page):
            assert 'autocomplete="off"' in control or 'name="proof"' in control or 'name="hash"' in control, (
                control
            )
            assert 'type="file"' not in control or "name=" not in control
    left = door.get("/en/exit/")
    assert (left.status_code, left.headers["Referrer-Policy"]) == (302, "no-referrer")


def test_the_length_of_a_page_tells_little(door: Client) -> None:
    lengths = set()
    for platforms in ([], ["imo"], ["imo", "x", "other"]):
        visitor = Visitor(door, "/en/report/me/platforms/")
        visitor.press("next", platforms=platforms, platform_other="y" * 60 * len(platforms))
        visitor.press("back")
        assert visitor.question == "platforms"
        lengths.add(len(visitor.answer.content))
    assert [length for length in lengths if length % 2048] == []
    assert len(lengths) <= 2  # what is said about one page may cross one step


def test_scripts_keep_nothing_and_speak_to_nobody_and_pages_hold_none() -> None:
    """Whatever is served here, also by others than the report."""
    portal = Path(amaan.portal.__file__).parent
    keeping = re.compile(
        r"localStorage|sessionStorage|indexedDB|document\.cookie|caches\.|serviceWorker|sendBeacon|XMLHttpRequest"
        r"|WebSocket|EventSource|\bfetch\s*\(|\beval\s*\(|https?://(?!www\.w3\.org/)"
    )
    scripts = list((portal / "static").rglob("*.js"))
    code = {
        path.name: re.sub(r"(?<!:)//[^\n]*|/\*.*?\*/", "", path.read_text("utf-8"), flags=re.S)
        for path in scripts
    }
    assert "leave.js" in code
    assert {name: keeping.findall(text) for name, text in code.items() if keeping.search(text)} == {}
    inline = re.compile(r"<script(?![^>]* src=)|<style|\sstyle=|\son[a-z]+=|javascript:")
    pages = list((portal / "templates").rglob("*.html"))
    assert [str(path) for path in pages if inline.search(path.read_text("utf-8"))] == []


def test_a_form_from_elsewhere_is_refused(door: Client) -> None:
    visitor = with_a_story(door)
    data = {"sealed": visitor.sealed, "do": "send"}
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}):
        answer = door.post(visitor.action, data, headers={"Host": "localhost", **headers})
        assert answer.status_code == 403
    assert Envelope.objects.count() == 0
    door.post(visitor.action, data, headers={"Host": "localhost", "Origin": "http://localhost"})
    assert Envelope.objects.count() == 1


def test_hashes_go_along_and_a_picture_never(door: Client) -> None:
    one: dict[str, Any] = {"kind": "other", "sha256": "ab" * 32, "pdq": "", "quality": None, "frames": []}
    visitor = Visitor(door, "/en/report/threat/pictures/")
    visitor.press("next", pictures="real", hash="{}")
    assert visitor.question == "pictures"
    assert "did not arrive whole" in visitor.page
    visitor.press("next", pictures="real", hash=json.dumps(one))
    visitor.press("back")
    assert visitor.question == "pictures"
    assert re.findall(r'name="hash" value="([^"]*)"', visitor.page) == [
        escape(json.dumps(one, separators=(",", ":")))
    ]
    visitor.press("check", pictures="real", hash=json.dumps(one))
    visitor.press("send")
    (telling,) = sent_tellings()
    assert telling.hashes == (one,)
    assert telling.answers == {"way": "threat", "pictures": "real"}


@pytest.mark.parametrize("path", ["report/us/", "report/me/who/", "report/saw/promised/", "report/us/check/"])
def test_there_are_no_other_pages(door: Client, path: str) -> None:
    assert door.get(f"/en/{path}").status_code == 404
    assert door.post(f"/en/{path}").status_code in {404, 410}


def test_titles_are_neutral_and_tell_the_pages_apart(door: Client) -> None:
    titles = []
    visitor = Visitor(door, "/en/report/saw/")
    while visitor.question != "check":
        titles += re.findall(r"<title>(.*?)</title>", visitor.page)
        visitor.press("next")
    assert len(set(titles)) == len(titles)
    assert all(re.fullmatch(r"Question \d+ · Amaan", title) for title in titles)


def test_the_first_page_is_small_and_says_what_matters(door: Client) -> None:
    for language, said in (("en", "It is not your fault"), ("ur", "آپ کا کوئی قصور نہیں")):
        page = door.get(f"/{language}/").content.decode()
        assert f"<h1>{said}</h1>" in page
        wanted = re.findall(r'(?:src|rel="stylesheet" href)="(/[^"]+)"', page)
        files = [
            Path(amaan.portal.__file__).parent / "static" / address.removeprefix("/door/")
            for address in wanted
        ]
        assert len(files) == 2
        assert len(page.encode()) + sum(file.stat().st_size for file in files) < 50_000


def test_every_field_of_every_question_is_on_its_page(door: Client) -> None:
    for way in Way:
        for key in ORDER[way]:
            page = door.get(f"/ur/report/{way}/{key}/").content.decode()
            for field in fields_of(way, QUESTIONS[key]):
                assert f'name="{field.key}' in page
                assert re.search(rf'id="{field.key}(?:-day)?"', page), field.key
