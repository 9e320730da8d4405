"""Working the queue by the keys alone, and all of the work with no script at all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser import DemoServer
from tests.journeys.test_pages_seen import ANALYST, Visitor, a_window

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LINKS = "table.queue tbody th a"
RESTED, NEW = "supervisor2@demo.example", "new@demo.example"
PASSPHRASE = "a passphrase of a newcomer"
MINE = 'form[action$="/release/"] button'
URDU_J = "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: 'ج', code: 'KeyJ', bubbles: true}))"
URDU_HELP = URDU_J.replace("ج", "؟").replace("KeyJ", "Slash")


@pytest.fixture
def visitor(chromium: Browser, demo_server: DemoServer) -> Iterator[Visitor]:
    """An analyst before the reports that nobody has claimed."""
    window = a_window(chromium, demo_server)
    window.sign_in(ANALYST)
    window.go("/desk/?holder=nobody")
    yield window
    assert window.complaints == []
    window.context.close()


def _stands_on(page: Page, row: int) -> None:
    """The link of this row has the focus, counted from 0; with -1, no report's has it."""
    page.wait_for_function(
        "([links, row]) => [...document.querySelectorAll(links)].indexOf(document.activeElement) === row",
        arg=[LINKS, row],
    )


def _reference(page: Page, row: int) -> str:
    return page.locator(LINKS).nth(row).inner_text().strip()


def _press(page: Page, key: str) -> None:
    """A key that leads to another page."""
    with page.expect_navigation():
        page.keyboard.press(key)


def _click(page: Page, which: str) -> None:
    """A link or button that leads to another page. Playwright looks for it without the page's own scripts."""
    with page.expect_navigation():
        page.locator(which).first.click()


def test_j_and_k_go_along_the_reports(visitor: Visitor) -> None:
    page = visitor.page
    last = page.locator(LINKS).count() - 1
    assert last > 2
    _stands_on(page, -1)
    for key, row in zip("jjjkk", (0, 1, 2, 1, 0), strict=True):
        page.keyboard.press(key)
        _stands_on(page, row)
    page.keyboard.press("k")
    _stands_on(page, 0)  # nothing stands before the first
    for _ in range(last + 2):
        page.keyboard.press("j")
    _stands_on(page, last)
    expect(page.locator(LINKS).nth(last)).to_be_in_viewport()
    page.keyboard.press("Shift+K")
    page.keyboard.press("Control+k")
    _stands_on(page, last)  # other chords belong to the browser


def test_k_begins_at_the_end(visitor: Visitor) -> None:
    page = visitor.page
    page.keyboard.press("k")
    _stands_on(page, page.locator(LINKS).count() - 1)


def test_the_key_counts_by_its_place_on_an_urdu_board(visitor: Visitor) -> None:
    page = visitor.page
    page.evaluate(URDU_J)
    page.evaluate(URDU_J)
    _stands_on(page, 1)
    page.evaluate(URDU_HELP)
    expect(page.locator("details.keys[open]")).to_have_count(1)


def test_enter_opens_the_focused_report(visitor: Visitor) -> None:
    page = visitor.page
    page.keyboard.press("j")
    page.keyboard.press("j")
    reference = _reference(page, 1)
    _press(page, "Enter")
    assert page.url.endswith(f"/desk/reports/{reference}/")
    expect(page.locator(MINE)).to_have_count(0)


def test_c_claims_the_focused_report(visitor: Visitor) -> None:
    page = visitor.page
    page.keyboard.press("c")
    assert page.url.endswith("?holder=nobody"), "without a focused report nothing is claimed"
    page.keyboard.press("j")
    page.keyboard.press("j")
    reference = _reference(page, 1)
    _press(page, "c")
    assert page.url.endswith(f"/desk/reports/{reference}/")
    _click(page, MINE)


def test_n_pulls_the_most_urgent(chromium: Browser, demo_server: DemoServer) -> None:
    """For somebody who has read nothing: whoever has read several heavy reports is offered lighter work first."""
    window = a_window(chromium, demo_server)
    window.sign_in(RESTED)
    demo_server.settled()
    window.go("/desk/?holder=nobody")
    first = _reference(window.page, 0)
    _press(window.page, "n")
    assert window.page.url.endswith(f"/desk/reports/{first}/")
    _click(window.page, MINE)
    window.context.close()


def test_the_question_mark_shows_the_keys_and_hides_them(visitor: Visitor) -> None:
    page = visitor.page
    keys = page.locator("details.keys dl")
    expect(keys).to_be_hidden()
    page.keyboard.press("?")
    expect(keys).to_be_visible()
    expect(keys).to_be_in_viewport()
    page.keyboard.press("?")
    expect(keys).to_be_hidden()


def test_the_work_is_done_without_a_script(chromium: Browser, demo_server: DemoServer) -> None:
    """Pull, let go, claim, look up, refer, close, open a case: by somebody new, whom no other test gave heavy work."""
    demo_server.run(
        *("user", "add", "--email", NEW, "--name", "New Analyst", "--unit", "islamabad"),
        *("--role", "analyst", "--password-stdin"),
        words=PASSPHRASE + "\n",
    )
    demo_server.passphrases[NEW] = PASSPHRASE
    officer = a_window(chromium, demo_server, script=False)
    page = officer.page
    officer.sign_in(NEW)
    demo_server.settled()
    _click(page, "#pull button")
    pulled = page.inner_text("h1").strip()
    _click(page, MINE)
    expect(page.locator(".messages li")).to_have_count(1)
    expect(page.locator('section[aria-labelledby="held"]')).to_have_count(0)

    claimed = _claim(officer)
    assert claimed == pulled, "what was let go is the most urgent again"
    _click(page, f'a[href$="/look-up/{claimed}/"]')
    page.fill('main form [name="text"]', "nobody.at.all@mail.example")
    _click(page, "main form button.primary")
    expect(page.locator("#answer")).to_be_visible()
    officer.go(f"/desk/reports/{claimed}/")
    _click(page, 'a[href*="/refer/"]')
    page.fill('main form [name="to"]', "The child protection bureau, by letter")
    page.fill('main form [name="reason"]', "It is theirs to act on.")
    _click(page, "main form button.primary")
    _left_the_queue(officer, claimed)

    closed = _claim(officer)
    _click(page, 'a[href*="/close/"]')
    page.locator('main form [name="code"]').first.check()
    page.fill('main form [name="reason"]', "Told twice, and known.")
    page.check('main form [name="despite"]')  # it is one that a day holds: the first of the queue
    _click(page, "main form button.primary")
    _left_the_queue(officer, closed)

    opened = _claim(officer)
    _click(page, 'a[href*="/open-case/"]')
    page.fill('main form [name="reason"]', "A demand is outstanding.")
    _click(page, "main form button.primary")
    assert "/desk/cases/C-" in page.url
    assert opened in page.inner_text("main")
    _left_the_queue(officer, opened)
    assert len({claimed, closed, opened}) == 3
    assert officer.complaints == []
    officer.context.close()


def _claim(officer: Visitor) -> str:
    """Claim the first report that nobody has, by the button in its row."""
    page = officer.page
    officer.go("/desk/?holder=nobody")
    reference = _reference(page, 0)
    _click(page, "table.queue tbody button[formaction]")
    assert page.url.endswith(f"/desk/reports/{reference}/")
    expect(page.locator(MINE)).to_be_visible()
    return reference


def _left_the_queue(officer: Visitor, reference: str) -> None:
    """At once, before the worker has taken it out of the index behind the page."""
    officer.go(f"/desk/reports/{reference}/")
    expect(officer.page.locator("#outcomes")).to_be_visible()
    expect(officer.page.locator(".standing")).to_be_visible()
    officer.go("/desk/")
    assert reference not in officer.page.inner_text("main")
