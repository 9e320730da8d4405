"""Coming back with a code: messages both ways, taking back, and a picture's number alone; and every other page."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser
from tests.browser import PATIENCE, DemoServer
from tests.journeys.phones import PHONE, SMALL, Phone, wrong_ones
from tests.journeys.test_pages_seen import Visitor, a_window
from tests.photos import noise
from tests.reporter import NUMBER, Reporter

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SUPERVISOR = "supervisor@demo.example"
STORY = "the-tall-heron-of-lake-nowhere"
ASKED = "In which app did it begin? (گیم یا WhatsApp؟)"
ANSWERED = "In a game, on nobody.4417."
NOTE = "Only for the office."
TEXTS = ("children", "guardians", "teachers", "shopkeepers", "what-happens-next", "why-not-share")


@pytest.fixture
def officer(chromium: Browser, demo_server: DemoServer) -> Iterator[Visitor]:
    window = a_window(chromium, demo_server)
    window.sign_in(SUPERVISOR)
    yield window
    window.context.close()


def _told(server: DemoServer, language: str) -> tuple[str, str]:
    """Somebody reports, as quickly as it goes; their code, and the reference that the desk gave it."""
    somebody = Reporter(urlsplit(server.address).port or 0, language=language)
    story = somebody.go(f"/{language}/report/me/what_happened/")
    check = somebody.press(somebody.press(story, "next", {"what_happened": STORY}), "check")
    sent = somebody.press(check, "send")
    number = NUMBER.search(sent.words)
    assert number, sent.words[:500]
    return sent.code, _reference(server, number.group())


def _reference(server: DemoServer, number: str) -> str:
    for _ in _patiently("what was sent did not come to the desk"):
        rows = server.rows("SELECT reference FROM reports_report WHERE number = ?", number)
        if rows:
            return str(rows[0][0])
    raise AssertionError


def _patiently(otherwise: str) -> Iterator[None]:
    """Try after try; after the last, that is the fault."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        yield
        time.sleep(0.1)
    raise AssertionError(otherwise)


def _opened(phone: Phone, language: str, code: str) -> None:
    phone.go(f"/{language}/return/")
    phone.page.fill("#code", code)
    phone.press("open")


def _looked_for(phone: Phone, words: str) -> None:
    """Presses «look» until a letter of these words lies there."""
    for _ in _patiently("no such letter lies there"):
        if words in phone.words:
            return
        phone.press("look")


def _seen(officer: Visitor, reference: str, words: str) -> None:
    for _ in _patiently(f"{words} did not come to the desk"):
        officer.go(f"/desk/reports/{reference}/")
        if words in officer.page.inner_text("main"):
            return


def test_messages_go_both_ways_and_what_is_taken_back_is_asked_for(
    chromium: Browser, demo_server: DemoServer, officer: Visitor
) -> None:
    code, reference = _told(demo_server, "ur")
    _seen(officer, reference, STORY)
    for work, text in (("note", NOTE), ("ask", ASKED)):
        form = officer.page.locator(f'form[action$="/reporter/{work}/"]')
        form.locator("textarea").fill(text)
        with officer.page.expect_navigation():
            form.locator("button[type=submit]").click()
    phone = Phone(chromium, demo_server.address, script=False)
    _opened(phone, "ur", code)
    _looked_for(phone, ASKED)
    assert NOTE not in phone.words
    assert STORY not in phone.page.content()
    phone.page.fill("#text", ANSWERED)
    phone.follow('nav.languages button[lang="en"]')
    assert phone.page.input_value("#text") == ANSWERED
    phone.press("write")
    assert ANSWERED not in phone.words
    phone.press("withdraw")
    phone.page.check('input[name="safe"][value="no"]')
    phone.press("withdraw-send")
    assert "not safe" not in phone.words
    phone.page.locator("a.leave").click()
    assert phone.has_left()
    phone.close()
    _seen(officer, reference, ANSWERED)
    _seen(officer, reference, "say that they are not safe")
    assert officer.complaints == []


@pytest.mark.parametrize(
    ("language", "scheme", "size"), [("ur", "light", SMALL), ("en", "dark", PHONE)], ids=["ur", "en"]
)
def test_a_number_of_a_picture_alone_and_every_other_page(
    chromium: Browser,
    demo_server: DemoServer,
    tmp_path: Path,
    language: str,
    scheme: str,
    size: tuple[int, int],
) -> None:
    """Each page of the door that is no question is looked at on the way; at night axe only where there is a kind of
    element that it has not seen so."""
    photo = tmp_path / "photo.png"
    photo.write_bytes(noise(128, seed=len(language) + size[0]))
    phone = Phone(chromium, demo_server.address, scheme=scheme, size=size)
    page = phone.page
    faults: dict[str, list[str]] = {}
    seen: set[str] = set()

    def look(what: str) -> None:
        faults[what] = phone.faults(seen=seen if scheme == "dark" else None)

    pages = ("help/", "about/", "receipt/", *(f"about/{name}/" for name in TEXTS))
    for path in pages:
        assert phone.go(f"/{language}/{path}") == 200
        look(path)
    assert phone.go(f"/{language}/no-such-page/") == 404
    look("no such page")
    phone.go(f"/{language}/report/me/")
    page.evaluate("document.querySelector('[name=sealed]').value = 'spoilt'")
    phone.press("next")
    look("start again")
    phone.go(f"/{language}/hash/")
    page.set_input_files("#hash-files", photo)
    page.wait_for_selector("[data-hash-list] li input[name=hash]", state="attached")
    look("hash")
    phone.follow("[data-hash-send]")
    look("hash sent")
    code = phone.code
    _opened(phone, language, "1234 5678 9012 3456")
    phone.stands_on(".error-summary")
    look("wrong code")
    _opened(phone, language, code)
    for _ in _patiently("the desk has none of its hashes"):
        if page.locator('button[value="hashes"]').count():
            break
        phone.press("look")
    look("box")
    phone.press("withdraw")
    look("withdraw")
    phone.press("look")
    phone.press("hashes")
    look("hashes")
    assert re.search(r"[0-9a-f]{8}…[0-9a-f]{8}", phone.words)
    page.check("input[name=listed]")
    phone.press("hashes-send")
    look("taken back")
    assert wrong_ones(faults) == {}
    assert phone.kept() == {}
    assert not any(photo.read_bytes()[200:240] in (body or b"") for body in phone.bodies)
    phone.close()
