"""The walk of a ring: forty complaints come in, an officer sees that two rings seem one, and a case opens from one.

In a real Chromium against `amaan serve --demo`: archives by the command line, six people at the public's door on a
phone, an officer on a desktop in English, with a script and without, and again on a phone in Urdu.
"""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from tests.browser import PATIENCE, DemoServer, run_amaan, serve_demo
from tests.journeys.answering import answer
from tests.journeys.phones import Phone
from tests.journeys.pictures import walk_the_picture
from tests.journeys.test_pages_seen import DESKTOP, PHONE, Visitor
from tests.migrated import migrated
from tests.rooms.linking.forty import FIRST, MIXED_UP, SENT, TOLD, UNITS, WRONGLY_LINKED, answers, archives

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OFFICER, PASSPHRASE = "officer@demo.example", "a passphrase of an officer"
MISTAKE = "The platform gave one address to two people."
READ_ALL = "I read all twenty: one wallet."
HALF, WHOLE = 20, SENT + TOLD


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoServer]:
    """Hardly any world beside the forty; an officer who works for all six units."""
    folder = tmp_path_factory.mktemp("ring")
    shutil.copytree(migrated() / "home", folder / "home")
    run_amaan(folder, "demo", "--reports", "1", "--told", "0")
    standing = run_amaan(folder, "unit", "list")
    for code in UNITS:
        if code not in standing:
            run_amaan(folder, "unit", "add", code, code.title())
    run_amaan(
        folder,
        *("user", "add", "--email", OFFICER, "--name", "Officer Walk", "--unit", UNITS[0]),
        *("--role", "analyst", "--password-stdin"),
        words=PASSPHRASE + "\n",
    )
    for code in UNITS[1:]:
        run_amaan(folder, "user", "grant", OFFICER, "--unit", code, "--role", "analyst")
    with serve_demo(folder) as running:
        running.passphrases[OFFICER] = PASSPHRASE
        yield running


def _come_in(server: DemoServer, chromium: Browser, folder: Path) -> None:
    for code, path in archives(folder):
        server.run("import", path, "--unit", code, "--processes", "0")
    phone = Phone(chromium, server.address, script=False)
    for number in range(TOLD):
        given = answers(number)
        typed = {key: [said] if isinstance(said, str) else said for key, said in given.items()}
        phone.go("/en/")
        phone.follow(f'.ways a[href$="/report/{given["way"]}/"]')
        said: set[str] = set()
        while not said >= set(typed) - {"way"}:
            assert not phone.page.locator('button[value="send"]').count(), "it was not asked"
            said |= answer(phone, typed=typed)
            phone.press("next")
        phone.press("check")
        phone.press("send")
        assert phone.code
    phone.close()


def _wait_for_the_ring(server: DemoServer) -> None:
    """Until what came in is linked, and nothing waits that could change it."""
    sizes: list[tuple[Any, ...]] = []
    until, waiting = time.monotonic() + PATIENCE, 1
    while time.monotonic() < until and (sizes != [(WHOLE,)] or waiting):
        time.sleep(0.1)
        waiting = server.rows("SELECT count(*) FROM outbox_delivery")[0][0]
        sizes = server.rows("SELECT count(*) FROM linking_member GROUP BY ring_id")
    assert (sizes, waiting) == ([(WHOLE,)], 0)


class Officer(Visitor):
    """Somebody who works on rings; `wrong` keeps what is wrong with the pages that they look at."""

    def __init__(
        self, browser: Browser, server: DemoServer, size: tuple[int, int], *, script: bool = True
    ) -> None:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if size == PHONE else "light",
            java_script_enabled=script,
        )
        super().__init__(context, server)
        self.wrong: list[str] = []
        self.kinds: set[str] = set()

    def look(self, where: str) -> None:
        self.wrong += [f"{where}: {fault}" for fault in self.faults(seen=self.kinds)]

    def sizes(self) -> list[int]:
        """Of each ring in the list, how many reports."""
        self.go("/desk/rings/")
        cells = self.page.locator("table.data tbody tr td:nth-child(3)").all_inner_texts()
        return [int(re.sub(r"\D", "", cell)) for cell in cells]

    def decide(self, link: str, which: str, reason: str) -> None:
        """Unfold a form of a link's page, say why, and send it."""
        self.go(link)
        form = self.page.locator(f'form[action$="{which}"]')
        self.page.locator("details", has=form).locator("summary").click()
        form.locator("textarea").fill(reason)
        self.follow(form.locator("button"))


def test_the_walk_of_a_ring(chromium: Browser, server: DemoServer, tmp_path: Path) -> None:
    _come_in(server, chromium, tmp_path)
    _wait_for_the_ring(server)
    numbers = dict(server.rows("SELECT number, reference FROM reports_report"))
    one, other = (numbers[which] for which in WRONGLY_LINKED)

    officer = Officer(chromium, server, DESKTOP)
    page = officer.page
    officer.sign_in(OFFICER)
    officer.look("first page")
    officer.follow('main .held a[href="/desk/rings/"]')
    officer.look("list")
    expect(page.locator("main")).to_contain_text("never the basis of a charge")
    assert officer.sizes() == [WHOLE]
    officer.follow("table.data tbody th a")
    ring = page.url
    officer.look("ring")
    expect(page.locator("#things + details")).to_contain_text("300 0000001")
    link = page.locator(f'.rests a[href="/desk/links/{one}/{other}/"]').get_attribute("href")
    assert link, "what would break it apart is told"

    plain = Officer(chromium, server, DESKTOP, script=False)
    plain.sign_in(OFFICER)
    plain.decide(link, "/reject/", " ")
    expect(plain.page.locator("details[open] textarea[aria-invalid=true]")).to_be_visible()
    assert plain.sizes() == [WHOLE], "without a reason nothing is decided"
    plain.decide(link, "/reject/", MISTAKE)
    assert plain.page.url.endswith(link)
    assert plain.sizes() == [HALF, HALF]
    plain.go(link)
    undo = plain.page.locator('form[action*="/undo/"]').first.get_attribute("action") or ""
    plain.decide(link, undo, "Looked at once more.")
    assert plain.sizes() == [WHOLE]
    plain.page.goto(ring)
    assert plain.page.url == ring, "it has its name again"
    plain.context.close()

    officer.go(link)
    expect(page.locator("table.steps")).to_contain_text(MIXED_UP)
    officer.look("link")
    officer.decide(link, "/reject/", MISTAKE)
    expect(page.locator(".messages li")).to_have_count(1)
    expect(page.locator(".state.rejected")).to_be_visible()
    officer.look("rejected link")
    assert officer.sizes() == [HALF, HALF]
    parts = page.locator("table.data tbody th a").evaluate_all("all => all.map(one => one.href)")
    assert ring in parts, "one of them keeps the name"
    officer.go(f"/desk/reports/{numbers[FIRST]}/")
    officer.follow('main a[href^="/desk/rings/G-"]')
    jobs = page.url
    assert jobs in parts

    officer.follow('main a[href$="/case/"]')
    officer.look("into a case")
    boxes = page.locator('input[name="reports"]')
    expect(boxes).to_have_count(HALF)
    for box in boxes.all():
        box.check()
    page.fill('[name="reason"]', READ_ALL)
    page.fill('[name="title"]', "Job offers")
    officer.follow("main form button.primary")
    assert "/desk/cases/C-" in page.url
    joined = page.locator("main").inner_text()
    assert [number for number in range(1, HALF + 1) if numbers[str(number)] not in joined] == []
    assert other not in joined

    _on_a_phone_in_urdu(Officer(chromium, server, PHONE), jobs, link)
    assert officer.wrong == []
    assert officer.complaints == []
    officer.context.close()


def _on_a_phone_in_urdu(officer: Officer, ring: str, link: str) -> None:
    """What stands there now is told as well, and reached by the keyboard; no page is wider than the window."""
    page = officer.page
    officer.sign_in(OFFICER)
    officer.speak("ur")
    officer.look("first page")
    assert officer.sizes() == [HALF, HALF]
    officer.look("list")
    expect(page.locator("table.data .mark.again")).to_have_count(1)
    page.goto(ring)
    officer.look("ring")
    walk_the_picture(page)
    page.locator('a[href="#things"]').focus()
    page.keyboard.press("Enter")
    expect(page.locator("#things")).to_be_in_viewport()
    page.keyboard.press("Tab")
    expect(page.locator("[aria-labelledby=things] :focus")).to_have_count(1)
    expect(page.locator("#things + details td").first).to_be_visible()
    expect(page.locator("section[aria-labelledby=history]")).to_contain_text(MISTAKE)
    page.goto(officer.server.address + link)
    officer.look("link")
    expect(page.locator(".state.rejected")).to_be_visible()
    expect(page.locator("main")).to_contain_text(MISTAKE)
    assert officer.wrong == []
    assert officer.complaints == []
    officer.context.close()
