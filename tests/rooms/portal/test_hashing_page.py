"""The page "Stop it spreading" in a real Chromium: what is chosen, pasted or dropped never leaves; its hashes may."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, unquote_to_bytes

import numpy as np
import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, Request, expect
from tests.browser import chromium
from tests.photos import grain
from tests.rooms.portal.conftest import door_settings
from tests.rooms.portal.hashing_site import Site, policy_of, serving

from amaan.config.door import CONTENT_SECURITY_POLICY
from amaan.portal.domain.hashes import MOST_FILES, read_hashes
from signalmatch import photo_signals

__all__ = ["chromium"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]

RUN = 16
"""Bytes in a row that stand nowhere but in the file."""
ROWS = "[data-hash-list] li"
READY = f"{ROWS} input[name=hash]"

DROP = """([base64, name, type, event]) => {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
  const data = new DataTransfer()
  data.items.add(new File([bytes], name, { type }))
  const given = { bubbles: true, cancelable: true }
  const happens = event === 'paste'
    ? new ClipboardEvent('paste', { ...given, clipboardData: data })
    : new DragEvent(event, { ...given, dataTransfer: data })
  return document.querySelector('h1').dispatchEvent(happens)
}"""


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with door_settings():
        client = Client()
        pages = {f"/{code}/hash/": client.get(f"/{code}/hash/").content.decode() for code in ("en", "ur")}
    with serving(pages, policy_of(CONTENT_SECURITY_POLICY["DIRECTIVES"])) as site:
        yield site


@pytest.fixture
def page(chromium: Browser, site: Site) -> Iterator[Page]:
    page = chromium.new_page(viewport={"width": 360, "height": 740})
    faults: list[str] = []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.on("console", lambda said: faults.append(said.text) if "Content Security" in said.text else None)
    page.goto(f"{site.address}/en/hash/")
    page.wait_for_selector("[data-hash-live]:not([hidden])")
    yield page
    page.close()
    assert faults == []


def runs(data: bytes, width: int) -> set[bytes]:
    return {data[at : at + width] for at in range(len(data) - width + 1)}


def leaks(sent: bytes, *files: bytes) -> bool:
    """Whether a run of a file stands in what was sent: as it is, percent-encoded, as hex or as base64."""
    known: dict[int, set[bytes]] = {RUN: set(), 2 * RUN: set(), 20: set()}
    for file in files:
        known[RUN] |= runs(file, RUN)
        known[2 * RUN] |= runs(file.hex().encode(), 2 * RUN)
        for shift in range(3):
            known[20] |= runs(base64.b64encode(file[shift:]), 20)
    forms = {sent, unquote_to_bytes(sent), unquote_to_bytes(sent.replace(b"+", b" "))}
    return any(not pieces.isdisjoint(runs(form, width)) for form in forms for width, pieces in known.items())


@pytest.mark.parametrize("written", ["raw", "hex", "base64", "percent"])
def test_a_leak_of_sixteen_bytes_would_be_found(written: str) -> None:
    file = np.random.default_rng(5).bytes(3_000)
    piece = file[1_001:1_017]
    sent = {
        "raw": piece,
        "hex": piece.hex().encode(),
        "base64": base64.b64encode(file[1_002:1_017]),
        "percent": "".join(f"%{byte:02x}" for byte in piece).encode(),
    }[written]
    assert leaks(b"POST / HTTP/1.1 x=" + sent + b"&y=1", file)
    assert not leaks(b"POST / HTTP/1.1 x=" + sent[:-4] + b"&y=1", file)


def test_no_byte_of_a_file_goes_over_the_network(page: Page, site: Site, tmp_path: Path) -> None:
    chosen, pasted, dropped = (grain(40 + n, seed=n) for n in range(3))
    file = tmp_path / "the-name-of-it.bmp"
    file.write_bytes(chosen)
    asked: list[bytes] = []

    def note(request: Request) -> None:
        headers = "".join(f"{name}: {value}\n" for name, value in request.headers.items())
        asked.append(
            f"{request.method} {request.url}\n{headers}".encode() + (request.post_data_buffer or b"")
        )

    page.context.on("request", note)
    first = len(site.seen)
    page.set_input_files("#hash-files", file)
    for data, event in ((pasted, "paste"), (dropped, "drop")):
        text = base64.b64encode(data).decode()
        assert page.evaluate(DROP, [text, "x.bmp", "image/bmp", event]) is False, (
            "the page lets nothing through"
        )
    expect(page.locator(READY)).to_have_count(3)
    assert site.posted == []
    page.click("[data-hash-send]")
    expect(page.locator(ROWS)).to_have_count(0)
    everything = asked + site.seen[first:]
    assert any(request.startswith(b"POST") for request in asked)
    assert all(request.split()[1].startswith(site.address.encode()) for request in asked)
    assert not leaks(b"\n".join(everything), chosen, pasted, dropped)
    assert not any(b"the-name-of-it" in sent for sent in everything)
    fields = parse_qs(site.posted.pop().decode(), keep_blank_values=True)
    assert sorted(fields) == ["hash", "nonce"]
    told = read_hashes(fields["hash"])
    expected = [photo_signals(data) for data in (chosen, pasted, dropped)]
    assert [(one.sha256.hex(), one.pdq, one.quality) for one in told] == [
        (one.sha256, one.pdq, one.quality) for one in expected
    ]


def test_the_hashes_are_shown_before_anything_is_sent_and_each_can_be_removed(
    page: Page, site: Site, tmp_path: Path
) -> None:
    files = [tmp_path / f"{n}.bmp" for n in range(3)]
    for n, file in enumerate(files):
        file.write_bytes(grain(64, seed=n))
    page.set_input_files("#hash-files", [*files, files[0]])
    expect(page.locator(READY)).to_have_count(3)
    expect(page.locator(ROWS)).to_have_count(3)
    assert page.input_value("#hash-files") == ""
    assert page.get_attribute("#hash-files", "name") is None
    signals = [photo_signals(file.read_bytes()) for file in files]
    for n, one in enumerate(signals):
        row = page.locator(ROWS).nth(n)
        assert row.locator("[data-hash-name]").inner_text() == f"Photo {n + 1}"
        assert f"{one.sha256[:8]}…{one.sha256[-8:]}" in row.locator("[data-hash-short]").inner_text()
        assert not row.locator("pre").is_visible()
        row.locator("summary").click()
        assert one.pdq is not None
        expect(row.locator("pre")).to_be_visible()
        expect(row.locator("pre")).to_contain_text(one.sha256)
        expect(row.locator("pre")).to_contain_text(f"PDQ {one.pdq.hex()} {one.quality}/100")
    page.get_by_role("button", name="Remove: Photo 2").click()
    expect(page.get_by_role("button", name="Remove: Photo 3")).to_be_focused()
    expect(page.locator(READY)).to_have_count(2)
    fields = [page.locator(READY).nth(n).input_value() for n in range(2)]
    assert [one.sha256.hex() for one in read_hashes(fields)] == [signals[0].sha256, signals[2].sha256]
    assert site.posted == []


def test_a_file_can_be_stopped_and_the_next_one_is_hashed(page: Page, tmp_path: Path) -> None:
    long = tmp_path / "long.mp4"
    with long.open("wb") as sparse:
        sparse.truncate(8 << 30)
    page.set_input_files("#hash-files", long)
    page.wait_for_selector('progress:not([value="0"])')
    page.click("[data-hash-send]")
    expect(page.locator("[data-hash-status]")).to_contain_text("Please wait")
    page.get_by_role("button", name="Stop: File 1").click()
    file = tmp_path / "a.bmp"
    file.write_bytes(grain(30))
    page.set_input_files("#hash-files", file)
    page.wait_for_selector(READY, state="attached")
    expect(page.locator(ROWS)).to_have_count(1)


def test_too_many_files_are_said(page: Page, tmp_path: Path) -> None:
    files = [tmp_path / f"{n}.txt" for n in range(MOST_FILES + 2)]
    for n, file in enumerate(files):
        file.write_text(f"text {n}")
    page.set_input_files("#hash-files", files)
    expect(page.locator(READY)).to_have_count(MOST_FILES)
    expect(page.locator(ROWS)).to_have_count(MOST_FILES)


def test_a_picture_pasted_as_text_is_hashed_and_other_text_is_left_alone(page: Page) -> None:
    paste = """(text) => {
      const data = new DataTransfer()
      data.setData('text/plain', text)
      return document.querySelector('h1').dispatchEvent(
        new ClipboardEvent('paste', { bubbles: true, cancelable: true, clipboardData: data }))
    }"""
    assert page.evaluate(paste, "words, and https://example.org/data:image/png") is True
    photo = grain(20)
    assert page.evaluate(paste, f"data:image/bmp;base64,{base64.b64encode(photo).decode()}") is False
    page.wait_for_selector(READY, state="attached")
    assert read_hashes([page.locator(READY).input_value()])[0].sha256.hex() == photo_signals(photo).sha256


def test_what_came_back_from_a_form_is_listed_again(chromium: Browser, site: Site) -> None:
    told = json.dumps({"kind": "photo", "sha256": "ab" * 32, "pdq": "", "quality": None, "frames": []})
    with door_settings():
        html = Client().post("/ur/hash/", {"hash": [told], "show": "1"}).content.decode()
    site.pages["/ur/again/"] = html.encode()
    page = chromium.new_page()
    page.goto(f"{site.address}/ur/again/")
    page.wait_for_selector(ROWS)
    page.wait_for_function(
        "[...document.forms[0].elements].filter((one) => one.name === 'hash').length === 1"
    )
    expect(page.locator(ROWS)).to_contain_text("abababab…abababab")
    page.locator("[data-hash-remove]").click()
    expect(page.locator("input[name=hash]")).to_have_count(0)
    page.close()


def test_without_javascript_the_page_says_so_and_points_on(chromium: Browser, site: Site) -> None:
    page = chromium.new_page(java_script_enabled=False)
    page.goto(f"{site.address}/en/hash/")
    text = page.inner_text("main")
    assert re.search(r"this page needs JavaScript", text)
    assert not page.is_visible("#hash-files")
    assert not page.is_visible("[data-hash-send]")
    assert page.get_by_role("link", name="Take It Down").is_visible()
    assert page.get_by_role("link", name="StopNCII").is_visible()
    page.close()
