"""A real Chromium for the tests that look at pages, and a real server beside it.

Chromium is found, not fetched: the distribution's, Chrome, or what `playwright install chromium` left.
If none is there, the tests that need it skip and say so.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")

# A browser under test talks to nobody but the server under test.
ARGUMENTS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-features=OptimizationHints,MediaRouter,Translate",
    "--disable-sync",
    "--metrics-recording-only",
    "--no-first-run",
    "--no-pings",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
)

MISSING = (
    "NO CHROMIUM: the pages were NOT looked at. Install the distribution's (apt-get install chromium) or run "
    ".venv/bin/playwright install chromium"
)


def chromium_path(playwright: Playwright) -> str | None:
    """The first Chromium of this machine, or None."""
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return found
    own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


def launch(playwright: Playwright) -> Browser | None:
    path = chromium_path(playwright)
    if path is None:
        return None
    # Root has no sandbox to put it in, and only throw-away containers run tests as root.
    arguments = [*ARGUMENTS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    return playwright.chromium.launch(executable_path=path, args=arguments)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser for one module. While it lives (its event loop runs), Django refuses its ORM in here."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        if browser is None:
            pytest.skip(MISSING)
        yield browser
        browser.close()
