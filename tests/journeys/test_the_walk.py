"""The walk of one report: handed in over the wire, read, looked up, opened as a case, unsealed, audited.

In a real Chromium against `amaan serve --demo`, in both languages, on a desktop and on a phone. An outsider of
another unit looks at every step and learns nothing.
"""

from __future__ import annotations

import base64
import http.client
import json
import os
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser import DemoServer, serve_demo
from tests.journeys.test_pages_seen import DESKTOP, PHONE, Visitor
from tests.journeys.test_passkey import AUTHENTICATOR
from tests.rooms.referrals.reading import file_details

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PASSPHRASE = "a passphrase of an outsider"
OUTSIDER = "outsider@demo.example"
WALKS = [
    pytest.param("en", DESKTOP, id="en-desktop"),
    pytest.param("ur", DESKTOP, id="ur-desktop"),
    pytest.param("en", PHONE, id="en-phone"),
    pytest.param("ur", PHONE, id="ur-phone"),
]

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
    <victimPerson><firstName>{child}</firstName><age>14</age></victimPerson>
    <schoolName>School of {child}</schoolName>
  </victim>
  <additionalInfo>{child} was threatened with sharing pictures.</additionalInfo>
</report>
"""


class Wire:
    """A platform's client, as simple as the documented one."""

    def __init__(self, server: DemoServer, given: dict[str, str]) -> None:
        self._port = urlsplit(server.address).port or 0
        pair = f"{given['user']}:{given['password']}".encode()
        self._headers = {"Authorization": "Basic " + base64.b64encode(pair).decode()}

    def send(self, path: str, body: bytes, kind: str) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        connection.request("POST", "/ispws" + path, body, {**self._headers, "Content-Type": kind})
        answer = connection.getresponse()
        text = answer.read().decode()
        assert answer.status == 200, text
        return text

    def hand_in(self, document: str) -> str:
        """Submit, upload, describe and finish one report; its number."""
        number = _between(self.send("/submit", document.encode(), "text/xml; charset=utf-8"), "reportId")
        body = (
            f'--x\r\nContent-Disposition: form-data; name="id"\r\n\r\n{number}\r\n--x\r\n'
            'Content-Disposition: form-data; name="file"; filename="a.png"\r\n\r\nno picture\r\n--x--\r\n'
        ).encode()
        file_id = _between(self.send("/upload", body, "multipart/form-data; boundary=x"), "fileId")
        self.send("/fileinfo", file_details(number=number, file_id=file_id), "text/xml")
        assert "<responseCode>0<" in self.send(
            "/finish", f"id={number}".encode(), "application/x-www-form-urlencoded"
        )
        return number


def _between(text: str, name: str) -> str:
    found = re.search(f"<{name}>([^<]+)</{name}>", text)
    assert found, text
    return found.group(1)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoServer]:
    with serve_demo(tmp_path_factory.mktemp("walk")) as running:
        yield running


def _amaan(server: DemoServer, *arguments: str, words: str = "") -> str:
    folder = server.log.parent
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AMAAN_")}
    kept |= {"AMAAN_HOME": str(folder / "home"), "AMAAN_KEYS": str(folder / "keys")}
    kept["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
    command = [sys.executable, "-m", "amaan.cli", *arguments]
    done = subprocess.run(
        command, env=kept, input=words, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wire(server: DemoServer) -> Wire:
    _amaan(
        *(server, "user", "add", "--email", OUTSIDER, "--name", "Outsider", "--unit", "karachi"),
        *("--role", "analyst", "--password-stdin"),
        words=PASSPHRASE + "\n",
    )
    given = _amaan(server, "platform", "add", "Example Platform", "--unit", "islamabad", "--json")
    return Wire(server, json.loads(given.strip().splitlines()[-1]))


class Walker(Visitor):
    """A visitor in one language who looks at each page and keeps what is wrong with it."""

    def __init__(self, browser: Browser, server: DemoServer, size: tuple[int, int], language: str) -> None:
        super().__init__(browser.new_context(viewport={"width": size[0], "height": size[1]}), server)
        self.language = language
        self.wrong: list[str] = []

    def come_in(self, email: str) -> None:
        self.go("/sign-in/")
        self.page.fill('input[name="login"]', email)
        given = PASSPHRASE if email == OUTSIDER else self.server.passphrase(email)
        self.page.fill('input[name="password"]', given)
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
        page.fill('input[name="password"]', walker.server.passphrase(email))
        page.click('main form button[type="submit"].primary')
    page.click("main form button.primary")
    page.wait_for_url(lambda address: "/passkeys/add/" not in address)
    page.click('form[action$="/sign-out/"] button')
    page.wait_for_url("**/sign-in/**")
    page.click("#passkey_login")
    page.wait_for_url(lambda address: "/sign-in/" not in address)
    walker.go("/desk/")
    walker.speak(walker.language)


def _copy_of(page: Page) -> str:
    return page.inner_text("h1").strip()


@pytest.mark.parametrize(("language", "size"), WALKS)
def test_the_walk_of_one_report(
    chromium: Browser, server: DemoServer, wire: Wire, language: str, size: tuple[int, int]
) -> None:
    mark = uuid.uuid4().hex[:8]
    child, reported = f"Plantedname{mark}", f"reported.{mark}@mail.example"
    wire.hand_in(DOCUMENT.format(mark=mark, child=child, reported=reported))

    outsider = Walker(chromium, server, size, language)
    outsider.come_in(OUTSIDER)

    def stranger_learns_nothing(path: str) -> None:
        status = outsider.go(path)
        page = outsider.page.content()
        assert status == 404, f"{path} answered an outsider with {status}"
        assert mark not in page
        assert child not in page

    analyst = Walker(chromium, server, size, language)
    _enrol_and_sign_in_with_a_passkey(analyst, "analyst@demo.example")
    page = analyst.page
    analyst.look("queue")
    reference = _find_report(analyst, reported)
    page.go_back()
    analyst.go(f"/desk/reports/{reference}/")
    analyst.look("report")
    assert child not in page.content()
    assert page.locator("#why").is_visible(), "the reasons stand on the page"
    stranger_learns_nothing(f"/desk/reports/{reference}/")
    stranger_learns_nothing(f"/desk/reports/{reference}/document/")
    analyst.go(f"/desk/reports/{reference}/document/")
    analyst.look("document")
    assert child not in page.content(), "the documents are shown covered"

    analyst.go(f"/desk/look-up/{reference}/")
    page.fill('[name="text"]', reported)
    page.click("main form.panel button.primary")
    analyst.look("look-up")
    assert page.locator("#answer").is_visible()
    page.goto(page.url.partition("#")[0])
    page.fill('[name="text"]', child)
    page.click("main form.panel button.primary")
    assert reference not in page.inner_text("main section"), "a protected name leads nowhere"
    stranger_learns_nothing(f"/desk/look-up/{reference}/")

    analyst.go(f"/desk/reports/{reference}/unseal/")
    page.locator('input[name="part"]').first.check()
    page.fill('[name="reason"]', "The school must be told before the meeting that he asks for.")
    analyst.look("ask")
    page.click("main form button.primary")
    page.wait_for_url("**/unsealings/*/")
    request = urlsplit(page.url).path
    stranger_learns_nothing(request)

    analyst.go(f"/desk/reports/{reference}/open-case/")
    page.fill('[name="reason"]', "A demand is outstanding, and the account is named.")
    page.fill('[name="title"]', f"Working title {mark}")
    analyst.look("open a case")
    page.click("main form button.primary")
    page.wait_for_url("**/desk/cases/C-*/")
    case = urlsplit(page.url).path
    analyst.look("case")
    assert reference in page.content()
    stranger_learns_nothing(case)
    outsider.go("/desk/cases/")
    assert mark not in outsider.page.content()
    analyst.go(f"/desk/history/{reference}/")
    analyst.look("history")
    stranger_learns_nothing(f"/desk/history/{reference}/")

    custodian = Walker(chromium, server, size, language)
    custodian.come_in("custodian@demo.example")
    custodian.go("/desk/unsealings/")
    custodian.look("requests")
    custodian.go(request)
    custodian.look("request")
    assert child not in custodian.page.content(), "who grants it does not read it"
    custodian.page.fill('[name="reason"]', "The child may be in danger tomorrow.")
    custodian.page.click('button[name="answer"][value="grant"]')
    expect(custodian.page.locator("main form button")).to_have_count(0)

    analyst.go(request)
    page.click("main form button.primary")
    analyst.look("unsealed")
    assert child in page.content()
    stranger_learns_nothing(request)

    auditor = Walker(chromium, server, size, language)
    auditor.come_in("auditor@demo.example")
    assert auditor.go(f"/desk/reports/{reference}/") == 404, "who audits does not read what was told"
    auditor.go(f"/desk/ledger/?on={reference}")
    auditor.look("ledger")
    codes = set(_acts_of(auditor))
    assert {"report.read", "look_up.made", "unsealing.asked", "unsealing.granted", "unsealed.read"} <= codes
    assert "report.outcome" in codes
    auditor.go("/desk/alerts/")
    auditor.look("alerts")
    assert child not in auditor.page.content()

    for walker in (analyst, custodian, auditor, outsider):
        assert walker.wrong == []
        assert walker.complaints == []
        walker.leave()
    assert "verifies" in _amaan(server, "ledger", "verify")
    logged = Path(server.log).read_text("utf-8")
    assert child not in logged
    assert reported not in logged


def _find_report(analyst: Walker, reported: str) -> str:
    """The report that names the account, found as an analyst does: pulled, or met in the first band."""
    page = analyst.page
    for _ in range(40):
        analyst.go("/desk/?band=1")
        links = page.locator('table.queue th a[href*="/desk/reports/"]')
        for address in links.evaluate_all("all => all.map(one => one.getAttribute('href'))"):
            analyst.go(address)
            if reported in page.content():
                return _copy_of(page)
        page.wait_for_timeout(250)
    raise AssertionError("the report never reached the first band")


def _acts_of(auditor: Walker) -> list[str]:
    """The acts that the auditor's page lists, by opening each entry's own page once."""
    page = auditor.page
    addresses = page.locator("table.data tbody td a[href^='/desk/ledger/']").evaluate_all(
        "all => all.map(one => one.getAttribute('href'))"
    )
    found = []
    for address in addresses:
        if re.fullmatch(r"/desk/ledger/\d+/", address):
            auditor.go(address)
            found.append(page.locator("dl.facts code").first.inner_text())
    return found
