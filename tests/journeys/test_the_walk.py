"""The walk of one report: handed in over the wire, read, looked up, opened as a case, unsealed, audited.

In a real Chromium against `amaan serve --demo`, in both languages, light on a desktop and dark on a phone. An
outsider of another unit looks at every step and learns nothing. Pages that test_desk_seen looks at in the same two
ways are not looked at again, only those that it cannot come to: an answer, what was unsealed, a proof.
"""

from __future__ import annotations

import json
import re
import shutil
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect
from tests.browser import PATIENCE, DemoServer, run_amaan, serve_demo
from tests.journeys.installation import Installation
from tests.journeys.test_pages_seen import DESKTOP, PHONE, Visitor
from tests.journeys.test_passkey import AUTHENTICATOR
from tests.migrated import migrated
from tests.rooms.referrals.reading import file_details
from tests.wire_client import WireClient, between

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PASSPHRASE = "a passphrase of a walk"
OUTSIDER = "outsider@demo.example"
REASON = "The school must be told before the meeting that he asks for."
MINE = 'form[action$="/release/"] button'
"""Stands on a report's page while it is in one's own hands."""
KNOWINGLY = 'button[name="knowingly"]'
"""Stands on the page of one's own care while an emergency waits that one was not given."""
DEMO_REPORTS = 8
MOST_PULLS = 600
"""Everything of the demo that may stand before a report in the first band, and some patience for its band."""
WALKS = [pytest.param("en", DESKTOP, id="en-desktop"), pytest.param("ur", PHONE, id="ur-phone")]

DOCUMENT = """<?xml version="1.0" encoding="UTF-8"?>
<report xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xsi:noNamespaceSchemaLocation="https://report.cybertip.org/ispws/xsd">
  <incidentSummary>
    <incidentType>Online Enticement of Children for Sexual Acts</incidentType>
    <reportAnnotations><sextortion/></reportAnnotations>
    <incidentDateTime>2026-11-02T09:00:00Z</incidentDateTime>
  </incidentSummary>
  <reporter><reportingPerson><email>safety@platform.example</email></reportingPerson></reporter>
  <personOrUserReported>
    <personOrUserReportedPerson><email>{reported}</email><age>31</age></personOrUserReportedPerson>
    <screenName>reported_{mark}</screenName>
  </personOrUserReported>
  <victim>
    <victimPerson><firstName>{child}</firstName><phone>{phone}</phone><age>14</age></victimPerson>
    <screenName>{handle}</screenName>
    <schoolName>School of {child}</schoolName>
  </victim>
  <additionalInfo>{child} was threatened with sharing pictures.</additionalInfo>
</report>
"""


@dataclass(frozen=True)
class Planted:
    """Invented words that are found wherever they stand. All but `reported` are the child's."""

    mark: str
    child: str
    phone: str
    handle: str
    reported: str

    @classmethod
    def anew(cls) -> Planted:
        number = uuid.uuid4().int
        digits = f"{number % 10**7:07d}"
        # Letters alone: a row of digits in the child's handle is covered in the other's address, too.
        mark = "".join(chr(ord("a") + number // 10**7 // 26**place % 26) for place in range(8))
        return cls(
            mark, f"Plantedname{mark}", f"+92300{digits}", f"kid_{mark}", f"reported.{mark}@mail.example"
        )

    def document(self) -> str:
        return DOCUMENT.format(
            mark=self.mark, child=self.child, phone=self.phone, handle=self.handle, reported=self.reported
        )

    def protected_in(self, text: str) -> list[str]:
        return [word for word in (self.child, self.phone, self.handle) if word in text]


def hand_in(client: WireClient, document: str) -> str:
    """Submit, upload, describe and finish one report; its number."""
    number = client.submit(document.encode())
    file_id = client.upload(number, b"no picture")
    client.post("fileinfo", file_details(number=number, file_id=file_id))
    assert between(client.finish(number), "responseCode") == "0"
    return number


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoServer]:
    """A small world, because the walk pulls all of it that is more urgent."""
    folder = tmp_path_factory.mktemp("walk")
    shutil.copytree(migrated() / "home", folder / "home")
    run_amaan(folder, "demo", "--reports", str(DEMO_REPORTS))
    with serve_demo(folder) as running:
        yield running


@pytest.fixture(scope="module")
def wire(server: DemoServer) -> WireClient:
    _hire(server, OUTSIDER, "karachi")
    given = server.run("platform", "add", "Example Platform", "--unit", "islamabad", "--json")
    return WireClient(urlsplit(server.address).port or 0, json.loads(given.strip().splitlines()[-1]))


def _hire(server: DemoServer, email: str, unit: str) -> None:
    server.run(
        *("user", "add", "--email", email, "--name", "Analyst Walk", "--unit", unit),
        *("--role", "analyst", "--password-stdin"),
        words=PASSPHRASE + "\n",
    )


class Walker(Visitor):
    """A visitor in one language who looks at each page and keeps what is wrong with it."""

    def __init__(self, browser: Browser, server: DemoServer, size: tuple[int, int], language: str) -> None:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, color_scheme="dark" if size == PHONE else "light"
        )
        super().__init__(context, server)
        self.language = language
        self.wrong: list[str] = []

    def come_in(self, email: str) -> None:
        self.go("/sign-in/")
        self.page.fill('input[name="login"]', email)
        self.page.fill('input[name="password"]', self.server.passphrases.get(email, PASSPHRASE))
        self.page.click('main form button[type="submit"].primary')
        self.page.wait_for_url(lambda address: "/sign-in/" not in address)
        self.go("/desk/")
        self.speak(self.language)

    def look(self, where: str) -> None:
        self.wrong += [f"{where}: {fault}" for fault in self.faults()]

    def leave(self) -> None:
        self.context.close()


def _enrol_and_sign_in_with_a_passkey(walker: Walker, email: str) -> None:
    # A passkey belongs to a name, and a bare address is none.
    walker.server = DemoServer(
        walker.server.address.replace("127.0.0.1", "localhost"), walker.server.log, walker.server.passphrases
    )
    page = walker.page
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    walker.come_in(email)
    walker.go("/account/second-factor/passkeys/add/")
    if "/reauthenticate" in page.url:
        page.fill('input[name="password"]', PASSPHRASE)
        walker.follow('main form button[type="submit"].primary')
    page.click("main form button.primary")
    page.wait_for_url(lambda address: "/passkeys/add/" not in address)
    page.click('form[action$="/sign-out/"] button')
    page.wait_for_url("**/sign-in/**")
    page.click("#passkey_login")
    page.wait_for_url(lambda address: "/sign-in/" not in address)
    walker.go("/desk/")
    walker.speak(walker.language)


@pytest.mark.parametrize(("language", "size"), WALKS)
def test_the_walk_of_one_report(
    chromium: Browser,
    server: DemoServer,
    wire: WireClient,
    language: str,
    size: tuple[int, int],
    tmp_path: Path,
) -> None:
    planted = Planted.anew()
    mark, child = planted.mark, planted.child
    hand_in(wire, planted.document())

    outsider = Walker(chromium, server, size, language)
    outsider.come_in(OUTSIDER)

    def stranger_learns_nothing(path: str) -> None:
        status = outsider.go(path)
        page = outsider.page.content()
        assert status == 404, f"{path} answered an outsider with {status}"
        assert mark not in page
        assert planted.protected_in(page) == []

    analyst = Walker(chromium, server, size, language)
    own = f"analyst.{mark}@demo.example"  # whose only passkey is the one of this browser
    _hire(server, own, "islamabad")
    _enrol_and_sign_in_with_a_passkey(analyst, own)
    page = analyst.page
    reference = _pull_until(analyst, planted.reported)
    analyst.look("report")
    assert planted.protected_in(page.content()) == []
    expect(page.locator("#why")).to_be_visible()
    expect(page.locator(MINE)).to_be_visible()
    _queue_is_silent(outsider, reference, planted)
    stranger_learns_nothing(f"/desk/reports/{reference}/")
    stranger_learns_nothing(f"/desk/reports/{reference}/document/")
    analyst.go(f"/desk/reports/{reference}/document/")
    assert planted.protected_in(page.content()) == [], "the documents are shown covered"

    analyst.go(f"/desk/look-up/{reference}/")
    page.fill('[name="text"]', planted.reported)
    page.click("main form.panel button.primary")
    expect(page.locator("#answer")).to_be_visible()
    analyst.look("look-up")
    expect(page.locator(".masked")).to_have_count(0)
    for protected in (planted.phone, planted.handle):
        analyst.go(f"/desk/look-up/{reference}/")
        page.fill('[name="text"]', protected)
        page.click("main form.panel button.primary")
        answer = page.locator('section[aria-labelledby="answer"]')
        expect(answer.locator(".masked")).to_be_visible()
        analyst.look("look-up of what is sealed")
        assert reference not in answer.inner_text(), "it says that it is protected, and of nothing where"
        expect(answer.locator('a[href*="?from="]')).to_have_count(0)
    stranger_learns_nothing(f"/desk/look-up/{reference}/")

    analyst.go(f"/desk/reports/{reference}/unseal/")
    page.locator('input[name="part"]').first.check()
    page.fill('[name="reason"]', REASON)
    page.click("main form button.primary")
    page.wait_for_url("**/unsealings/*/")
    request = urlsplit(page.url).path
    stranger_learns_nothing(request)

    analyst.go(f"/desk/reports/{reference}/open-case/")
    page.fill('[name="reason"]', "A demand is outstanding, and the account is named.")
    page.fill('[name="title"]', f"Working title {mark}")
    page.click("main form button.primary")
    page.wait_for_url("**/desk/cases/C-*/")
    case = urlsplit(page.url).path
    assert reference in page.content()
    stranger_learns_nothing(case)
    outsider.go("/desk/cases/")
    assert mark not in outsider.page.content()
    _queue_is_silent(outsider, reference, planted)
    analyst.go(f"/desk/history/{reference}/")
    stranger_learns_nothing(f"/desk/history/{reference}/")

    custodian = Walker(chromium, server, size, language)
    custodian.come_in("custodian@demo.example")
    custodian.go("/desk/unsealings/")
    custodian.go(request)
    custodian.look("request")
    assert planted.protected_in(custodian.page.content()) == [], "who grants it does not read it"
    custodian.page.fill('[name="reason"]', "The child may be in danger tomorrow.")
    custodian.page.click('button[name="answer"][value="grant"]')
    expect(custodian.page.locator("main form button")).to_have_count(0)

    analyst.go(request)
    page.click("main form button.primary")
    page.wait_for_url("**/read/")
    analyst.look("unsealed")
    assert child in page.content()
    assert planted.handle in page.content()
    stranger_learns_nothing(request)

    auditor = Walker(chromium, server, size, language)
    auditor.come_in("auditor@demo.example")
    assert auditor.go(f"/desk/reports/{reference}/") == 404, "who audits does not read what was told"
    auditor.go("/desk/openings/")
    assert planted.protected_in(auditor.page.content()) == []
    assert REASON not in auditor.page.inner_text("main"), "a reason is read in the ledger alone"
    auditor.page.click(f'main a[href*="/desk/ledger/?on={reference}"]')
    auditor.page.wait_for_url(lambda address: "/desk/ledger/" in address)
    entries = _entries_of(auditor)
    codes = set(entries)
    assert {"report.read", "look_up.made", "unsealing.asked", "unsealing.granted", "unsealed.read"} <= codes
    assert {"report.claimed", "report.outcome"} <= codes
    told = _proven_elsewhere(server, _take_proof(auditor, entries["unsealing.granted"], tmp_path))
    assert "unsealing.granted" in told
    assert reference in told
    auditor.go("/desk/alerts/")
    assert planted.protected_in(auditor.page.content()) == []

    for walker in (analyst, custodian, auditor, outsider):
        assert walker.wrong == []
        assert walker.complaints == []
        walker.leave()
    assert "verifies" in server.run("ledger", "verify")
    logged = Path(server.log).read_text("utf-8")
    assert planted.protected_in(logged) == []
    assert planted.reported not in logged


def _pull_until(analyst: Walker, reported: str) -> str:
    """Pull in the first band until the report that names this account comes. What is more urgent stays claimed.

    After something heavy somebody is asked before the next emergency; this one takes it.
    """
    page, seen = analyst.page, list[str]()
    for _ in range(MOST_PULLS):
        analyst.go("/desk/?band=1")
        with page.expect_navigation():
            page.click("#pull button")
        if page.url.endswith("/desk/care/") and page.locator(KNOWINGLY).count():
            with page.expect_navigation():
                page.click(KNOWINGLY)
        if "/desk/reports/" not in page.url:
            page.wait_for_timeout(250)  # nothing is left there: it has no band yet
            continue
        seen.append(page.inner_text("main")[:120])
        if reported in page.content():
            return page.inner_text("h1").strip()
    raise AssertionError(f"nobody could pull the report; pulled were: {seen}")


def _queue_is_silent(outsider: Walker, reference: str, planted: Planted) -> None:
    """Another unit's queue, of everything and of the first band, has nothing to pull and names nothing."""
    for path in ("/desk/", "/desk/?band=1"):
        assert outsider.go(path) == 200
        text = outsider.page.content()
        assert reference not in text
        assert planted.mark not in text
        expect(outsider.page.locator("#pull")).to_have_count(0)


def _entries_of(auditor: Walker) -> dict[str, str]:
    """The acts that the auditor's page lists, with their pages' addresses; each page is opened once."""
    page = auditor.page
    addresses = page.locator("table.data tbody td a[href^='/desk/ledger/']").evaluate_all(
        "all => all.map(one => one.getAttribute('href'))"
    )
    found = {}
    for address in addresses:
        if re.fullmatch(r"/desk/ledger/\d+/", address):
            auditor.go(address)
            found[page.locator("dl.facts code").first.inner_text()] = address
    return found


def _take_proof(auditor: Walker, entry: str, folder: Path) -> Path:
    """The proof of an entry, as the browser saves it. An entry gets its place in the tree within a second or two."""
    page = auditor.page
    auditor.go(entry)
    until = time.monotonic() + PATIENCE
    while not page.locator("a[download]").count():
        assert time.monotonic() < until, "it never gets one"
        page.wait_for_timeout(250)
        auditor.go(entry)
    auditor.look("entry")
    with page.expect_download() as taken:
        page.click("a[download]")
    file = folder / taken.value.suggested_filename
    taken.value.save_as(file)
    return file


def _proven_elsewhere(server: DemoServer, proof: Path) -> str:
    """What somebody outside is told, who has the proof and the key, and nothing of this installation."""
    key = server.run("ledger", "key").strip()
    elsewhere = Installation.prepared(proof.parent / "elsewhere")
    return elsewhere.run("ledger", "verify", "--proof", proof, "--key", key)
