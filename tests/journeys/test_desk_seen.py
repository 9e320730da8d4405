"""The desk's pages as somebody sees them: in both languages, light on a desktop and dark on a phone.

A supervisor's, a custodian's and an auditor's pages, full of what a day leaves behind, and forms that were refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page
from tests.browser import DemoServer, demo_world, serve_demo
from tests.journeys.test_pages_seen import DESKTOP, PHONE, Visitor, a_window

from amaan.demo.generator.broken import broken_documents
from amaan.reports.domain.searching import MARKED_FROM

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SUPERVISOR, CUSTODIAN, AUDITOR = (f"{who}@demo.example" for who in ("supervisor", "custodian", "auditor"))
Size = tuple[int, int]
IN_BOTH_LOOKS = pytest.mark.parametrize(
    ("language", "scheme", "size"),
    [
        pytest.param("en", "light", DESKTOP, id="en-light-desktop"),
        pytest.param("ur", "dark", PHONE, id="ur-dark-phone"),
    ],
)
SEEN_AT_NIGHT: set[str] = set()
"""By day axe looks at every page; at night, on a phone, in Urdu, wherever there is a kind of element that it has not
seen so: the same templates with the same classes have the same faults. Every page is measured for its width in both."""
LONG = "handed-over-between-two-offices-without-a-single-space-" * 4


@dataclass(frozen=True)
class Day:
    """What stands after a day's work. `told` and `in_case` are reports; `import_` brought what is `set_aside`."""

    told: str
    in_case: str
    case: str
    import_: str
    first_import: str
    set_aside: tuple[str, ...]
    unsealing: str


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoServer]:
    with serve_demo(tmp_path_factory.mktemp("seen"), world=demo_world()) as running:
        yield running


@pytest.fixture(scope="module")
def day(chromium: Browser, server: DemoServer, tmp_path_factory: pytest.TempPathFactory) -> Day:
    """Broken documents come in, a case is opened, look-ups lead nowhere, and something sealed is asked for."""
    documents = tmp_path_factory.mktemp("broken")
    for name, document, _wrong in broken_documents():
        file = documents / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(document)
    server.run("import", documents, "--processes", "0")
    officer = a_window(chromium, server)
    officer.sign_in(SUPERVISOR)
    page = officer.page
    in_case, told = (one.split("/")[3] for one in _links(page, "table.queue tbody th a")[-2:])
    officer.go(f"/desk/reports/{in_case}/open-case/")
    _send(page, reason="A demand is outstanding.", title=LONG[:110])
    case = urlsplit(page.url).path
    _send(page, **{"note-text": f"The school was told. {LONG}"})
    for number in range(MARKED_FROM):
        officer.go(f"/desk/look-up/{told}/")
        _send(page, text=f"nobody.{number}@mail.example")
    officer.go(f"/desk/reports/{told}/unseal/")
    page.locator('[name="part"]').first.check()
    _send(page, reason=f"The school must be told before noon. {LONG}")
    unsealing = urlsplit(page.url).path
    officer.go("/desk/imports/")
    imports = _links(page, "table.data tbody th a")
    officer.go("/desk/quarantine/")
    set_aside = _links(page, "table.data tbody th a")
    assert len(set_aside) == len(broken_documents())
    officer.context.close()
    return Day(told, in_case, case, imports[0], imports[-1], tuple(set_aside), unsealing)


def _links(page: Page, which: str) -> list[str]:
    found = page.locator(which).evaluate_all("all => all.map(one => one.getAttribute('href'))")
    assert found, f"no {which} on {page.url}"
    return [str(one) for one in found]


def _send(page: Page, **words: str) -> None:
    """Fill the fields and press the one clear action."""
    for name, text in words.items():
        page.fill(f'main form [name="{name}"]', text)
    with page.expect_navigation():
        page.click('main form:not(#pull) button.primary[type="submit"]')


class Looker(Visitor):
    """Somebody signed in who looks at page after page and keeps what is wrong with each."""

    def __init__(
        self, browser: Browser, server: DemoServer, email: str, language: str, scheme: str, size: Size
    ) -> None:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if scheme == "dark" else "light",
        )
        super().__init__(context, server)
        self.wrong: dict[str, list[str]] = {}
        self.scheme = scheme
        self.sign_in(email)
        self.speak(language)

    def look(self, what: str, seen: set[str] | None = None) -> None:
        faults = self.faults(seen=SEEN_AT_NIGHT if self.scheme == "dark" else seen)
        if faults:
            self.wrong[what] = faults

    def see(self, *paths: str) -> None:
        for path in paths:
            assert self.go(path) == 200, path
            self.look(path)

    def see_alike(self, *paths: str) -> None:
        """Pages of one template: after the first, axe looks only where there is another kind of element."""
        seen: set[str] = set()
        for path in paths:
            assert self.go(path) == 200, path
            self.look(path, seen)

    def see_refused(self, path: str, **words: str) -> None:
        """A form that was sent with less than it asks for: it says what is missing, and keeps what was typed."""
        self.go(path)
        _send(self.page, **words)
        assert self.page.locator(".error-summary a").count() > 0, path
        for name, text in words.items():
            assert self.page.input_value(f'main form [name="{name}"]') == text
        self.look(f"{path} refused")

    def leave(self) -> None:
        assert self.wrong == {}
        assert self.complaints == []
        self.context.close()


@IN_BOTH_LOOKS
def test_what_came_in_and_what_could_not_be_read(
    chromium: Browser, server: DemoServer, day: Day, language: str, scheme: str, size: Size
) -> None:
    officer = Looker(chromium, server, SUPERVISOR, language, scheme, size)
    officer.see("/desk/imports/", day.import_, day.first_import, f"{day.first_import}?after=999999999")
    officer.see("/desk/quarantine/", "/desk/quarantine/?after=9000000000000000-1")
    officer.see_alike(*day.set_aside)
    officer.see("/desk/unreadable/", "/desk/take-down/", "/desk/take-down/?way=child")
    officer.see_refused("/desk/take-down/?way=threat", contact_to=LONG[:190])
    officer.go(day.set_aside[0])
    _send(officer.page)
    assert officer.page.locator(".messages li").count() == 1
    officer.look("still unreadable")
    officer.leave()


@IN_BOTH_LOOKS
def test_deciding_a_report(
    chromium: Browser, server: DemoServer, day: Day, language: str, scheme: str, size: Size
) -> None:
    officer = Looker(chromium, server, SUPERVISOR, language, scheme, size)
    told, in_case = f"/desk/reports/{day.told}/", f"/desk/reports/{day.in_case}/"
    officer.see("/desk/", "/desk/?holder=me&due=overdue", told, f"{told}document/", in_case)
    officer.see(f"{told}refer/", f"{told}close/", f"{told}open-case/", f"{told}join-case/")
    officer.see(f"{in_case}open-case/", f"{in_case}join-case/")
    officer.see_refused(f"{told}refer/", to=LONG)
    officer.see_refused(f"{told}close/", reason=LONG)
    officer.see_refused(f"{told}join-case/", typed="C-1111-1111-1111", reason=LONG)
    officer.see_refused(f"{told}open-case/", title=LONG[:80])
    officer.go("/desk/")
    asked = urlsplit(_links(officer.page, "section[aria-labelledby='replies'] a")[0]).path
    officer.see(asked, f"{asked}refer/", f"{asked}close/")
    officer.leave()


@IN_BOTH_LOOKS
def test_a_case_its_history_and_what_was_asked_for(
    chromium: Browser, server: DemoServer, day: Day, language: str, scheme: str, size: Size
) -> None:
    officer = Looker(chromium, server, SUPERVISOR, language, scheme, size)
    reference = day.case.strip("/").rsplit("/", 1)[1]
    officer.see("/desk/shift/", "/desk/load/", "/desk/on-call/islamabad/", "/desk/care/")
    officer.see("/desk/queues/islamabad/new/")
    officer.see("/desk/cases/", "/desk/cases/?whose=unit", day.case, "/desk/left-work/")
    officer.see_refused(day.case, **{"note-text": ""})
    officer.see(f"/desk/history/{day.told}/", f"/desk/history/{reference}/")
    officer.see(f"/desk/look-up/{day.told}/", f"/desk/look-up/{reference}/")
    officer.see_refused(f"/desk/look-up/{day.told}/", text="")
    officer.see("/desk/unsealings/", day.unsealing, f"/desk/reports/{day.told}/unseal/")
    officer.see_refused(f"/desk/reports/{day.told}/unseal/", reason="no")
    officer.leave()


@IN_BOTH_LOOKS
def test_lists_and_what_waits_to_become_known(
    chromium: Browser, server: DemoServer, day: Day, language: str, scheme: str, size: Size
) -> None:
    officer = Looker(chromium, server, SUPERVISOR, language, scheme, size)
    partner = "/desk/lists/demo-partner/"
    officer.see(
        "/lists/", "/desk/lists/", partner, f"{partner}?before=1", f"{partner}set/", f"{partner}withdraw/"
    )
    officer.see(
        "/desk/lists/own/", "/desk/lists/survivors/", "/desk/known/", "/desk/known/1/", "/desk/propose-list/"
    )
    officer.go("/desk/known/")
    officer.see(_links(officer.page, "a[href^='/desk/survivors/']")[0])
    officer.see(f"/desk/reports/{day.in_case}/files/1/known/")
    officer.see("/desk/learning/", "/desk/learning/switch/", "/desk/senders/", "/desk/senders/feedback/")
    officer.see(f"/desk/reports/{day.in_case}/feedback/")
    officer.see_refused(f"{partner}set/", distance="64")
    officer.see_refused("/desk/propose-list/", title=LONG[:110], source=LONG[:190], slug="No slug")
    officer.leave()


@IN_BOTH_LOOKS
def test_the_custodians_pages(
    chromium: Browser, server: DemoServer, day: Day, language: str, scheme: str, size: Size
) -> None:
    custodian = Looker(chromium, server, CUSTODIAN, language, scheme, size)
    custodian.see("/desk/", "/desk/unsealings/", day.unsealing)
    custodian.see_refused(day.unsealing, reason="no")
    custodian.leave()


@IN_BOTH_LOOKS
def test_the_auditors_pages(
    chromium: Browser, server: DemoServer, day: Day, language: str, scheme: str, size: Size
) -> None:
    auditor = Looker(chromium, server, AUDITOR, language, scheme, size)
    page = auditor.page
    auditor.see("/desk/", "/desk/alerts/", "/desk/openings/", "/desk/ledger/", "/desk/ledger/?on=nothing")
    auditor.go(f"/desk/ledger/?on={day.told}")
    one_of_each_act = dict(
        page.locator("table.data tbody tr").evaluate_all(
            "all => all.map(row => [row.cells[2].innerText, row.cells[0].querySelector('a').getAttribute('href')])"
        )
    )
    assert len(one_of_each_act) > 3
    auditor.see_alike(*one_of_each_act.values())
    auditor.go("/desk/alerts/")
    with page.expect_navigation():
        page.locator("table.data td form button").first.click()
    assert "nobody." in page.inner_text("table.data td strong")
    auditor.look("what was typed")
    auditor.leave()
