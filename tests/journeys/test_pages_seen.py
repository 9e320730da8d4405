"""The first pages as somebody sees them: a real server, a real browser, both languages, light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Request, expect
from tests.browser import DemoServer
from tests.journeys.phones import KINDS_OF_ELEMENTS

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ANALYST, STATISTICIAN = "analyst@demo.example", "statistician@demo.example"
PHONE, DESKTOP = (390, 844), (1280, 800)
SESSIONS: dict[tuple[str, str], list[Any]] = {}
"""By server and person."""
LONGEST_MARK = """() => { const mark = document.createElement('span'); mark.className = 'mark overdue';
mark.textContent = 'wants to withdraw, and is not safe: for a day'; document.querySelector('main').append(mark) }"""
# The other pages are looked at the other way round, in test_desk_seen.
LOOKS = [
    pytest.param("en", "dark", PHONE, id="en-dark-phone"),
    pytest.param("ur", "light", DESKTOP, id="ur-light-desktop"),
]


class Visitor:
    """One browser window on the demo server; it notes what the pages complain about and what they weigh."""

    def __init__(self, context: BrowserContext, server: DemoServer) -> None:
        self.context, self.server = context, server
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", lambda message: self._note(message.type, message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _note(self, kind: str, text: str) -> None:
        # A page that answers 404 or 503 on purpose is reported by Chromium as an error of loading.
        if kind in {"error", "warning"} and "Failed to load resource" not in text:
            self.complaints.append(text)

    def go(self, path: str) -> int:
        answer = self.page.goto(self.server.address + path)
        assert answer is not None
        return answer.status

    def follow(self, which: str | Locator) -> None:
        """A link or a button that leads to another page."""
        with self.page.expect_navigation():
            (self.page.locator(which) if isinstance(which, str) else which).first.click()

    def speak(self, language: str) -> None:
        if self.page.get_attribute("html", "lang") != language:
            self.follow(f'button[name="language"][value="{language}"]')
        assert self.page.get_attribute("html", "lang") == language
        assert self.page.get_attribute("html", "dir") == ("rtl" if language == "ur" else "ltr")

    def sign_in(self, email: str) -> None:
        """With the session of whoever signed in as them before, while it lasts: a passphrase takes its time."""
        known = SESSIONS.get((self.server.address, email))
        if known:
            self.context.add_cookies(known)
            self.go("/desk/")
            if urlsplit(self.page.url).path == "/desk/":
                return
            self.context.clear_cookies(name="sessionid")
        self.go("/sign-in/")
        self.page.fill('input[name="login"]', email)
        self.page.fill('input[name="password"]', self.server.passphrase(email))
        self.page.click('main form button[type="submit"].primary')
        self.page.wait_for_url("**/desk/")
        SESSIONS[self.server.address, email] = self._session()

    def _session(self) -> list[Any]:
        return [
            {"name": one["name"], "value": one["value"], "url": self.server.address}
            for one in self.context.cookies()
            if one["name"] == "sessionid"
        ]

    def faults(self, *, seen: set[str] | None = None) -> list[str]:
        """What axe finds (WCAG A, AA and best practices), and whether the page is wider than its window.

        With `seen`, the kinds of elements that axe has seen already, it looks only where there is another.
        """
        page = self.page
        found = []
        kinds = set(page.evaluate(KINDS_OF_ELEMENTS)) if seen is not None else set()
        if seen is None or kinds - seen:
            found = [
                f"{fault['id']}: {fault['nodes'][0]['html'][:120]}"
                for fault in Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
            ]
        if seen is not None:
            seen |= kinds
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            found.append(f"{wide} px wider than the window")
        return found

    def weight(self, path: str) -> int:
        """Bytes of everything that the page loads the first time, as sent."""
        finished: list[Request] = []

        def note(request: Request) -> None:
            finished.append(request)

        self.page.on("requestfinished", note)
        self.go(path)
        self.page.wait_for_load_state("networkidle")
        self.page.remove_listener("requestfinished", note)
        return sum(request.sizes()["responseBodySize"] for request in finished)


def a_window(
    browser: Browser,
    server: DemoServer,
    size: tuple[int, int] = DESKTOP,
    scheme: str = "light",
    script: bool = True,
) -> Visitor:
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if scheme == "dark" else "light",
        java_script_enabled=script,
    )
    return Visitor(context, server)


@pytest.fixture
def visitor(chromium: Browser, demo_server: DemoServer) -> Iterator[Visitor]:
    window = a_window(chromium, demo_server)
    yield window
    window.context.close()


@pytest.mark.parametrize(("language", "scheme", "size"), LOOKS)
def test_the_first_pages_have_no_accessibility_fault(
    chromium: Browser, demo_server: DemoServer, language: str, scheme: str, size: tuple[int, int]
) -> None:
    window = a_window(chromium, demo_server, size, scheme)
    found = {}
    window.go("/sign-in/")
    window.speak(language)
    found["sign in"] = window.faults()
    window.sign_in(ANALYST)
    assert window.page.locator("tbody tr").count() > 0
    found["desk"] = window.faults()
    window.go("/desk/?band=1")
    found["band"] = window.faults()
    assert window.go("/no-such-page") == 404
    found["not found"] = window.faults()
    window.context.clear_cookies(name="sessionid")
    window.sign_in(STATISTICIAN)
    found["other role"] = window.faults()
    assert {name: faults for name, faults in found.items() if faults} == {}
    assert window.complaints == []
    window.context.close()


def test_a_small_window_and_large_spacing_break_nothing(chromium: Browser, demo_server: DemoServer) -> None:
    """WCAG 1.4.10 (320 px) and 1.4.12 (text spacing)."""
    window = a_window(chromium, demo_server, (320, 640))
    window.sign_in(ANALYST)
    for language in ("en", "ur"):
        window.speak(language)
        window.page.evaluate(
            """() => { const sheet = new CSSStyleSheet();
            sheet.replaceSync('* { line-height: 1.5; letter-spacing: .12em; word-spacing: .16em }');
            document.adoptedStyleSheets = [sheet] }"""
        )
        # What a queue shows depends on what other journeys did on this server: the longest mark stands for all.
        window.page.evaluate(LONGEST_MARK)
        wide = window.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 320, language
    window.context.close()


def test_everything_works_without_a_script(chromium: Browser, demo_server: DemoServer) -> None:
    window = a_window(chromium, demo_server, script=False)
    window.go("/sign-in/")
    window.follow('button[name="language"][value="ur"]')
    assert window.page.locator("html").get_attribute("dir") == "rtl"
    window.sign_in(ANALYST)
    window.follow('button[name="theme"][value="dark"]:visible')
    assert window.page.locator("html").get_attribute("data-theme") == "dark"
    window.follow(".bands li:nth-child(2) a")
    assert window.page.url.endswith("?band=1")
    window.follow(".tools form:last-of-type button")
    window.go("/desk/")
    assert "/desk/" in window.page.url.split("next=", 1)[1].replace("%2F", "/")
    window.context.close()


def test_the_keyboard_reaches_everything_and_shows_where_it_is(visitor: Visitor) -> None:
    visitor.sign_in(ANALYST)
    page = visitor.page
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.wait_for_function("document.activeElement.getBoundingClientRect().top >= 0")
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("main :focus")).to_have_count(1)
    page.wait_for_function("parseFloat(getComputedStyle(document.activeElement).outlineWidth) >= 2")


@pytest.mark.parametrize("language", ["en", "ur"])
def test_a_page_weighs_little(visitor: Visitor, language: str) -> None:
    visitor.go("/sign-in/")
    visitor.speak(language)
    assert 0 < visitor.weight("/sign-in/") < 50_000


def test_the_queue_names_no_person(visitor: Visitor) -> None:
    """A line says why, not who: no address, handle or number of anybody stands on the first page."""
    visitor.sign_in(ANALYST)
    text = visitor.page.inner_text("tbody")
    assert "@" not in text
    assert "+92" not in text
