"""A ring's pages as somebody sees them: its picture by mouse, by keyboard, by ear and as tables."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page
from tests.browser import DemoServer
from tests.journeys.pictures import walk_the_picture
from tests.journeys.test_pages_seen import ANALYST, DESKTOP, PHONE, a_window

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def rung(demo_server: DemoServer) -> DemoServer:
    demo_server.run("links", "rebuild")
    return demo_server


@pytest.mark.parametrize(
    ("language", "scheme", "size"),
    [
        pytest.param("en", "light", DESKTOP, id="en-light-desktop"),
        pytest.param("ur", "dark", PHONE, id="ur-dark-phone"),
    ],
)
def test_a_ring_is_read_without_a_mouse(
    chromium: Browser, rung: DemoServer, language: str, scheme: str, size: tuple[int, int]
) -> None:
    window = a_window(chromium, rung, size, scheme)
    window.sign_in(ANALYST)
    window.speak(language)
    page, found = window.page, {}
    for path in ("/desk/rings/", _first(page, window.server, "/desk/rings/", "table.data tbody th a")):
        assert window.go(path) == 200
        found[path] = window.faults()
    walk_the_picture(page)
    found["a node"] = window.faults()
    ring = page.url.partition("#")[0]
    link = page.locator("table.data a[href^='/desk/links/']").first.get_attribute("href") or ""
    for path in (link, f"{ring}split/", f"{ring}case/"):
        page.goto(path if path.startswith("http") else rung.address + path)
        found[path] = window.faults()
    assert {name: faults for name, faults in found.items() if faults} == {}
    assert window.complaints == []
    window.context.close()


def _first(page: Page, server: DemoServer, path: str, which: str) -> str:
    page.goto(server.address + path)
    return page.locator(which).first.get_attribute("href") or ""
