"""A passkey in a real Chromium, with its virtual authenticator, under our content security policy."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from playwright.sync_api import Browser, expect, sync_playwright
from tests.browser import MISSING, launch
from tests.rooms.accounts.people import PASSWORD, a_person, signed_in

from amaan.authority.actors import Role

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def in_chromium(errand: Callable[[Browser], None]) -> None:
    """Run `errand` in another thread: Playwright's event loop would make Django refuse its database here."""

    def run() -> bool:
        with sync_playwright() as playwright:
            browser = launch(playwright)
            if browser is None:
                return False
            errand(browser)
            browser.close()
            return True

    with ThreadPoolExecutor(1) as thread:
        if not thread.submit(run).result():
            pytest.skip(MISSING)


def test_enrol_a_passkey_and_sign_in_with_it_alone(live_server: Any) -> None:
    person = a_person(Role.AUDITOR, password=PASSWORD, second_factor=False)
    # A passkey belongs to a name; browsers offer none at a bare address.
    address = f"http://localhost:{urlsplit(live_server.url).port}"
    complaints: list[str] = []

    def errand(browser: Browser) -> None:
        page = browser.new_context().new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        devtools = page.context.new_cdp_session(page)
        devtools.send("WebAuthn.enable")
        devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})

        page.goto(f"{address}/sign-in/")
        page.get_by_label("E-mail address").fill(person.email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url(lambda url: "/sign-in/" not in url)
        page.goto(f"{address}/account/second-factor/passkeys/")
        assert page.url.endswith("/account/second-factor/")
        page.get_by_role("link", name="Add a passkey").click()
        page.get_by_role("button", name="Add a passkey").click()
        page.wait_for_url("**/account/second-factor/codes/")
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url("**/sign-in/**")

        page.get_by_role("button", name="Sign in with a passkey").click()
        page.wait_for_url(lambda url: "/sign-in/" not in url)
        page.goto(f"{address}/account/second-factor/passkeys/")
        expect(page.get_by_role("heading", name="Passkeys")).to_be_visible()

    in_chromium(errand)
    assert complaints == []


def test_at_a_bare_address_the_page_says_why_there_is_no_passkey(live_server: Any) -> None:
    def errand(browser: Browser) -> None:
        page = browser.new_context().new_page()
        page.goto(f"http://127.0.0.1:{urlsplit(live_server.url).port}/sign-in/")
        page.get_by_text("This browser offers no passkeys at this address").wait_for()
        expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_disabled()

    in_chromium(errand)


@pytest.mark.parametrize(
    "answer",
    [
        '{"id": "x", "response": {"userHandle": "MQ"}, "type": "public-key"}',
        '{"id": "eA", "rawId": "eA", "response": {}, "type": "public-key"}',
        "[1]",
        '"text"',
        "not json",
    ],
)
def test_a_made_up_answer_is_refused(answer: str) -> None:
    client = Client()
    client.get("/sign-in/passkey/", headers={"accept": "application/json"})
    assert client.post("/sign-in/passkey/", {"credential": answer}).headers["Location"] == "/sign-in/"
    assert client.get("/account/second-factor/").status_code == 302
    enrolling = signed_in(a_person(Role.AUDITOR, second_factor=False))
    enrolling.get("/account/second-factor/passkeys/add/")
    form = {"credential": answer, "name": "key", "passwordless": "on"}
    assert enrolling.post("/account/second-factor/passkeys/add/", form).status_code == 200
    assert enrolling.get("/account/second-factor/passkeys/").status_code == 302
