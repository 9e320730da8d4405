"""A real Chromium for the tests that look at pages, and a real server beside it.

Chromium is found, not fetched: the distribution's, Chrome, or what `playwright install chromium` left.
If none is there, the tests that need it skip and say so.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import URLError

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright
from tests.migrated import migrated
from tests.once import made_once
from tests.warm import run_warm

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

PATIENCE = 120
"""Seconds until a server has done something, on a machine that has much else to do."""

# A machine that has much else to do shows it later, not never.
expect.set_options(timeout=30_000)

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


@dataclass(frozen=True)
class DemoServer:
    """`amaan serve --demo` as somebody would start it, on folders of its own."""

    address: str
    log: Path
    passphrases: dict[str, str] = field(repr=False)

    def passphrase(self, email: str) -> str:
        return self.passphrases[email]

    def run(self, *arguments: str | Path, words: str = "") -> str:
        """What `amaan` prints when it is called beside the server, on the same folders; `words` go to its stdin."""
        return run_amaan(self.log.parent, *arguments, words=words)

    def rows(self, sql: str, *given: object, of: str = "amaan.sqlite3") -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(f"file:{self.log.parent / 'home' / of}?mode=ro", uri=True)) as database:
            return database.execute(sql, given).fetchall()

    def settled(self) -> None:
        """Waits until all that others sent has come to the desk and has its place there."""
        until = time.monotonic() + PATIENCE
        while self.rows("SELECT 1 FROM portal_envelope LIMIT 1", of="portal/door.sqlite3") or self.rows(
            "SELECT 1 FROM outbox_delivery WHERE available_at < datetime('now', '5 seconds') LIMIT 1"
        ):
            assert time.monotonic() < until, "something stays where it is"
            time.sleep(0.1)


class ServerDidNotStart(Exception):
    """`amaan serve --demo` ended, or did not answer in time; its output follows."""


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AMAAN_")}
    return kept | {
        "AMAAN_HOME": str(folder / "home"),
        "AMAAN_KEYS": str(folder / "keys"),
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }


def run_amaan(folder: Path, *arguments: str | Path, words: str = "") -> str:
    """What `amaan` prints on the folders below `folder`; that it ends well is part of the test."""
    code, out, err = run_warm(_environment(folder), arguments, words)
    assert code == 0, err
    return out


def demo_world() -> Path:
    """A folder that `amaan serve --demo` filled, with its first world, from nothing at all."""

    def load(folder: Path) -> None:
        shutil.copytree(migrated() / "home", folder / "home")
        with serve_demo(folder):
            pass

    return made_once("demo", load)


@contextmanager
def serve_demo(
    folder: Path, *, world: Path | None = None, patience: float = 3 * PATIENCE
) -> Iterator[DemoServer]:
    """Start the real server with the demo world below `folder`, and end it as Ctrl-C would.

    `world` is copied first, or else the one of `folder` is served, or else loaded.
    """
    for part in ("home", "keys") if world else ():
        shutil.copytree(world / part, folder / part)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address, log = f"http://127.0.0.1:{port}", folder / "serve.log"
    command = [sys.executable, "-m", "amaan.cli", "serve", "--demo", "--port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=_environment(folder), stdout=output, stderr=subprocess.STDOUT)
    try:
        _wait_for(process, f"{address}/healthz", log, time.monotonic() + patience)
        told = re.findall(r"(\S+@\S+)\s+(\S+)", log.read_text("utf-8"))
        yield DemoServer(address, log, dict(told))
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(process: subprocess.Popen[bytes], health: str, log: Path, until: float) -> None:
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(health, timeout=2):
                # The sign-ins are printed just after the web process starts.
                if "@" in log.read_text("utf-8"):
                    return
        except (URLError, OSError):
            time.sleep(0.2)
    raise ServerDidNotStart(log.read_text("utf-8")[-2000:])


@pytest.fixture(scope="session")
def demo_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoServer]:
    with serve_demo(tmp_path_factory.mktemp("demo"), world=demo_world()) as server:
        yield server
