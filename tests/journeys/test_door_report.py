"""Reports from a phone: each of the four ways in, in English and Urdu, with JavaScript and without."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser
from tests.browser import DemoServer
from tests.journeys.phones import PHONE, SMALL, Phone, wrong_ones

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MOST_BYTES = 25_000
LONG = "لاہور اور nobody.at-all_4417 " * 12 + "https://chat.example/" + "a" * 60
SAID = {
    "what_happened": f"They ask for money. {LONG}",
    "meeting": "Tomorrow, at the gate of the park.",
    "accounts": "nobody.at.all.4417\nnobody.else.0018",
    "phones": "0300 5550187",
    "links": "https://chat.example/nobody/4417",
    "find_child": "A blue gate near the water tank.",
    "more": LONG,
    "contact_to": "0300 5550188",
}
TICKED = {
    "danger": ("meeting", "self_harm"),
    "happening": ("pictures_shared",),
    "demanded": ("money",),
    "pay_ways": ("easypaisa",),
    "contact": ("yes",),
    "victim_age": ("14-15",),
}


def _answer(phone: Phone) -> None:
    """Whatever of SAID and TICKED this page asks for."""
    page = phone.page
    for name, text in SAID.items():
        if page.locator(f'main [name="{name}"]:not([type="hidden"])').count():
            page.fill(f'main [name="{name}"]', text)
    for name, values in TICKED.items():
        for value in values:
            box = page.locator(f'main input[name="{name}"][value="{value}"]')
            if box.count():
                box.check()


def _walk(phone: Phone, look: Callable[[str], None]) -> None:
    """From the first page to the check, a question after the other."""
    pages = 0
    while not phone.page.locator('button[value="send"]').count():
        _answer(phone)
        phone.press("next")
        look(phone.path)
        pages += 1
        assert pages < 40, phone.path


@pytest.mark.parametrize(
    ("way", "language", "scheme", "size"),
    [("me", "en", "light", PHONE), ("child", "ur", "dark", SMALL)],
    ids=["me-en-light", "child-ur-dark-320"],
)
def test_a_whole_report_and_every_page_of_it_is_for_everybody(
    chromium: Browser, demo_server: DemoServer, way: str, language: str, scheme: str, size: tuple[int, int]
) -> None:
    phone = Phone(chromium, demo_server.address, size=size, scheme=scheme)
    faults: dict[str, list[str]] = {}
    kept: dict[str, object] = {}

    def look(path: str) -> None:
        faults[path] = phone.faults()
        heavy = len(phone.page.content().encode())
        assert heavy < MOST_BYTES, f"{path}: {heavy} bytes, more than four seconds on a poor line"
        kept[path] = phone.kept()
        html = phone.page.locator("html")
        assert (html.get_attribute("lang"), html.get_attribute("dir")) == (
            language,
            "rtl" if language == "ur" else "ltr",
        )

    assert phone.go(f"/{language}/") == 200
    look("home")
    phone.follow(f'.ways a[href$="/report/{way}/"]')
    look("first")
    _walk(phone, look)
    assert "nobody.at.all.4417" in phone.words
    phone.press("send")
    look("sent")
    assert len(phone.code.replace(" ", "")) == 16
    assert wrong_ones(faults) == {}
    assert {path: left for path, left in kept.items() if left} == {}
    assert phone.page.title().split(" · ")[-1] in {"Amaan", "امان"}
    phone.close()


@pytest.mark.parametrize(("way", "language"), [("threat", "en"), ("saw", "ur")])
def test_without_javascript_back_change_skip_and_another_language_lose_nothing(
    chromium: Browser, demo_server: DemoServer, way: str, language: str
) -> None:
    other = "ur" if language == "en" else "en"
    phone = Phone(chromium, demo_server.address, script=False)
    page = phone.page
    phone.go(f"/{language}/report/")
    phone.follow(f'.ways a[href$="/report/{way}/"]')
    page.check('input[name="danger"][value="none"]')
    phone.press("next")
    while not page.locator('[name="accounts"]').count():
        phone.press("skip")
    page.fill('[name="accounts"]', "nobody.4417")
    page.locator(f'nav.languages button[lang="{other}"]').click()
    assert page.locator("html").get_attribute("lang") == other
    assert page.input_value('[name="accounts"]') == "nobody.4417"
    phone.press("next")
    phone.press("back")
    assert page.input_value('[name="accounts"]') == "nobody.4417"
    phone.press("check")
    assert "nobody.4417" in phone.words
    phone.press("change:accounts")
    page.fill('[name="accounts"]', "nobody.9931")
    phone.press("next")
    assert "nobody.9931" in phone.words
    assert "nobody.4417" not in phone.words
    phone.press("send")
    code = phone.code
    page.reload()  # as somebody does whose line broke: the same form again
    assert phone.code == code != ""
    assert "nobody." not in phone.words
    assert phone.context.cookies() == []
    phone.close()


def test_what_is_wrong_is_said_above_and_the_keyboard_is_there(
    chromium: Browser, demo_server: DemoServer
) -> None:
    phone = Phone(chromium, demo_server.address)
    page = phone.page
    phone.go("/en/report/me/when/")
    for part in ("when_date-day", "when_date-month", "when_date-year"):
        page.locator(f'[name="{part}"]').fill("99")
    phone.press("next")
    assert page.evaluate("document.activeElement.className") == "error-summary"
    assert page.title().startswith("Please check")
    page.locator(".error-summary a").click()
    assert page.evaluate("document.activeElement.matches('[aria-invalid=true], .field.wrong *')")
    assert phone.faults() == []
    phone.press("check") if page.locator('button[value="check"]').count() else phone.go(
        "/en/report/me/check/"
    )
    assert not page.locator('button[value="send"]').count(), "a report without anything in it can be sent"
    assert phone.faults() == []
    phone.close()


def test_a_report_with_the_keyboard_alone(chromium: Browser, demo_server: DemoServer) -> None:
    """Every stop is in sight and shows that it is one; they follow the order of the page."""
    phone = Phone(chromium, demo_server.address)
    page, press = phone.page, phone.page.keyboard.press
    phone.go("/en/report/saw/links/")
    press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    press("Tab")
    assert page.evaluate("document.activeElement.name") == "links"
    page.keyboard.type("https://chat.example/nobody")
    stops = _tabbed(phone, 'button[name="do"][value="next"]')
    with page.expect_navigation():
        press("Enter")
    stops += _tabbed(phone, 'button[name="do"][value="check"]')
    with page.expect_navigation():
        press("Space")
    stops += _tabbed(phone, 'button[name="do"][value="send"]')
    with page.expect_navigation():
        press("Enter")
    assert phone.code
    assert [stop for stop in stops if not (stop["seen"] and stop["shown"])] == []
    assert stops
    assert all(stop["later"] for stop in stops)
    phone.close()


def _tabbed(phone: Phone, to: str) -> list[dict[str, object]]:
    """Press Tab until `to` has the focus; every stop on the way."""
    stops: list[dict[str, object]] = []
    for _ in range(40):
        if phone.page.evaluate("to => document.activeElement.matches(to)", to):
            return stops
        phone.page.evaluate("globalThis.before = document.activeElement")
        phone.page.keyboard.press("Tab")
        stops.append(
            phone.page.evaluate(
                """() => { const now = document.activeElement, room = now.getBoundingClientRect();
                const looks = getComputedStyle(now);
                return { place: now.outerHTML.slice(0, 80),
                  seen: room.top >= -1 && room.bottom <= innerHeight + 1 && room.width > 0,
                  shown: looks.outlineStyle !== 'none' && parseFloat(looks.outlineWidth) >= 2,
                  later: before === document.body ||
                    Boolean(before.compareDocumentPosition(now) & Node.DOCUMENT_POSITION_FOLLOWING) } }"""
            )
        )
    raise AssertionError(f"the keyboard never came to {to}: {[stop['place'] for stop in stops]}")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_whoever_leaves_is_elsewhere_at_once(
    chromium: Browser, demo_server: DemoServer, script: bool
) -> None:
    phone = Phone(chromium, demo_server.address, script=script)
    for path in (
        "/en/",
        "/ur/report/me/what_happened/",
        "/en/return/",
        "/ur/hash/",
        "/en/help/",
        "/en/receipt/",
    ):
        assert phone.go(path) == 200
        phone.page.locator("a.leave").click()
        assert phone.has_left()
    phone.close()


def test_three_times_shift_leaves_and_there_is_no_way_back(
    chromium: Browser, demo_server: DemoServer
) -> None:
    phone = Phone(chromium, demo_server.address)
    page = phone.page
    page.goto("about:blank")
    phone.go("/en/report/me/what_happened/")
    page.fill('[name="what_happened"]', "Nobody said this")
    page.focus('[name="what_happened"]')
    for key in ("Shift+A", "Shift+B", "Shift+C", "Shift", "Shift", "Tab"):
        page.keyboard.press(key)
    assert phone.path == "/en/report/me/what_happened/", "writing a capital letter is not leaving"
    for _ in range(3):
        page.keyboard.press("Shift")
    assert phone.has_left()
    page.go_back()
    assert page.url == "about:blank"
    phone.close()


def test_the_first_page_is_light_and_a_report_goes_over_a_poor_line(
    chromium: Browser, demo_server: DemoServer
) -> None:
    """2G in a bad hour: 50 kbit/s down, 20 up, 600 ms until an answer begins.

    No page of the whole report is heavier than those that are waited for here: the walks above weigh them.
    """
    phone = Phone(chromium, demo_server.address)
    weight, requests = phone.weigh("/ur/")
    assert 1_000 < weight < 50_000
    assert requests <= 3
    phone.slow_down(down=50_000, up=20_000, latency=600)
    phone.go("/ur/report/threat/pay/")
    phone.page.fill('[name="pay_numbers"]', "0300 5550187")
    phone.press("next")
    phone.press("check")
    phone.press("send")
    assert len(phone.code.replace(" ", "")) == 16
    phone.close()
