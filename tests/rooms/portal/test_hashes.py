"""Hashes that a browser offers: read strictly or not at all, sealed, and answered with a code."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client, override_settings
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.reporter import CODE

import amaan.portal
from amaan.config import door as door_config
from amaan.keyring.services import door_private_key
from amaan.portal.domain.envelopes import Kind, read_telling
from amaan.portal.domain.hashes import (
    MOST_FILES,
    MOST_FRAMES,
    MOST_FRAMES_IN_ALL,
    BadHash,
    FileKind,
    TooManyHashes,
    read_hash,
    read_hashes,
)
from amaan.portal.domain.sealing import open_with
from amaan.portal.services import open_box, waiting_envelopes

MODULES = Path(amaan.portal.__file__).parent / "static" / "portal" / "hashing"
HEX = st.binary(min_size=32, max_size=32).map(bytes.hex)


def field(**changed: object) -> dict[str, Any]:
    return {"kind": "photo", "sha256": "ab" * 32, "pdq": "0f" * 32, "quality": 87, "frames": []} | changed


def a_video(frames: int, sha256: str = "cd" * 32) -> dict[str, Any]:
    listed = [[number, 70, "0f" * 32, number * 1.0] for number in range(frames)]
    return field(kind="video", sha256=sha256, pdq="", quality=None, frames=listed)


FRAMES = st.lists(st.tuples(st.integers(0, 100), HEX, st.floats(0, 1e5)).map(list), max_size=5).map(
    lambda told: [[number, quality, pdq, at] for number, (quality, pdq, at) in enumerate(told)]
)
FIELDS = st.one_of(
    st.builds(lambda s, p, q: field(sha256=s, pdq=p, quality=q), HEX, HEX, st.integers(0, 100)),
    st.builds(lambda s, f: field(kind="video", sha256=s, pdq="", quality=None, frames=f), HEX, FRAMES),
    st.builds(lambda s: field(kind="other", sha256=s, pdq="", quality=None), HEX),
)


@given(FIELDS)
def test_what_the_script_writes_is_read_and_written_again(told: dict[str, Any]) -> None:
    (read,) = read_hashes([json.dumps(told)])
    assert read.as_json() == told
    assert read_hashes([read.as_text()]) == [read] == [read_hash(read.as_json())]


BAD = {
    "kind": [None, "Photo", 3, [], {}, "picture"],
    "sha256": [None, "", "ab" * 31, "AB" * 32, "zz" * 32, 5, hashlib.sha256(b"").hexdigest()],
    "pdq": [None, "", 5, "0f" * 33, "0F" * 32],
    "quality": [None, -1, 101, 50.0, "50", True],
    "frames": [None, {}, "", [[0, 50, "0f" * 32, 0.0]]],
    "more": [1],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, bad in BAD.items() for value in bad])
def test_anything_else_is_refused(name: str, value: object) -> None:
    with pytest.raises(BadHash):
        read_hashes([json.dumps(field(**{name: value}))])


BAD_FRAMES: list[object] = [
    [0, 50, "0f" * 32],
    [0, 50, "0f" * 32, -1],
    [0, 50, "0f" * 32, 1e9],
    [0, 50, "0f" * 32, True],
    [0, 101, "0f" * 32, 0],
    [-1, 50, "0f" * 32, 0],
    [0.5, 50, "0f" * 32, 0],
    [0, 50, "", 0],
    {"number": 0},
    0,
]


@pytest.mark.parametrize("frame", BAD_FRAMES)
def test_a_frame_that_is_none_is_refused(frame: object) -> None:
    with pytest.raises(BadHash):
        read_hash(field(kind="video", pdq="", quality=None, frames=[frame]))


def test_frames_stand_in_their_order_once() -> None:
    frame = [3, 50, "0f" * 32, 0.0]
    with pytest.raises(BadHash):
        read_hash(field(kind="video", pdq="", quality=None, frames=[frame, frame]))


@given(st.text(max_size=60) | st.just("[" * 3000) | st.just('{"kind":NaN}') | st.just("1e400"))
@settings(max_examples=50)
def test_odd_texts_are_refused_by_name(text: str) -> None:
    with pytest.raises(BadHash):
        read_hashes([text])


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
        max_leaves=8,
    ),
    st.sampled_from([*field(), None]),
)
def test_odd_values_are_refused_by_name(value: object, name: str | None) -> None:
    told = value if name is None else field(**{name: value})
    try:
        read_hash(told)
    except BadHash as fault:
        assert fault.field


def test_the_same_file_twice_is_one() -> None:
    first, other = json.dumps(field()), json.dumps(field(sha256="cd" * 32))
    assert [one.sha256.hex() for one in read_hashes([first, other, first])] == ["ab" * 32, "cd" * 32]


def test_as_many_as_the_script_takes_and_no_more() -> None:
    texts = [json.dumps(field(sha256=f"{number:064x}")) for number in range(MOST_FILES + 1)]
    assert len(read_hashes(texts[:-1])) == MOST_FILES
    with pytest.raises(TooManyHashes):
        read_hashes(texts)
    assert len(read_hash(a_video(MOST_FRAMES)).frames) == MOST_FRAMES
    with pytest.raises(TooManyHashes):
        read_hash(a_video(MOST_FRAMES + 1))
    videos = [json.dumps(a_video(MOST_FRAMES, f"{number:064x}")) for number in range(4)]
    assert sum(len(one.frames) for one in read_hashes(videos[:3])) == MOST_FRAMES_IN_ALL
    with pytest.raises(TooManyHashes):
        read_hashes(videos)


def test_a_long_text_is_refused_unread() -> None:
    with pytest.raises(BadHash):
        read_hashes([" " * 50_000 + json.dumps(field())])
    assert len(read_hash(a_video(MOST_FRAMES)).as_text()) < 40_000


def test_a_photo_without_pdq_is_taken() -> None:
    read = read_hash(field(pdq="", quality=None))
    assert (read.kind, read.pdq, read.quality) == (FileKind.PHOTO, None, None)
    assert read_hash(field(kind="other", pdq="", quality=None)).kind is FileKind.OTHER


def test_the_page_asks_and_points_on_without_javascript(door: Client) -> None:
    html = door.get("/en/hash/").content.decode()
    assert "needs JavaScript" in html
    for address in ("https://takeitdown.ncmec.org/", "https://stopncii.org/", "/en/report/", "/en/help/"):
        assert f'href="{address}"' in html
    assert 'href="https://takeitdown.ncmec.org/ur/"' in door.get("/ur/hash/").content.decode()
    assert 'type="file"' in html
    assert 'name="file' not in html


@pytest.mark.parametrize("hashes", [[], ["{}"], ["x"], [json.dumps(field())] * (MOST_FILES + 1)])
def test_nothing_is_sent_of_what_cannot_be_read(door: Client, hashes: list[str]) -> None:
    # No database is open to this test: sending would end it.
    answer = door.post("/en/hash/", {"hash": hashes})
    assert answer.status_code == 400
    assert 'class="error-summary"' in answer.content.decode()


def test_another_language_keeps_the_list_and_sends_nothing(door: Client) -> None:
    told = json.dumps(field())
    html = door.post("/ur/hash/", {"hash": [told], "show": "1"}).content.decode()
    assert 'dir="rtl"' in html
    assert "&quot;sha256&quot;:&quot;" + "ab" * 32 in html


@pytest.mark.django_db(databases=["default", "portal"])
def test_what_cannot_be_sent_just_now_stays_in_the_page(
    door: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr("amaan.portal.pages.hashing.send", broken)
    answer = door.post("/en/hash/", {"hash": [json.dumps(field())]})
    assert answer.status_code == 503
    assert "could not be sent" in answer.content.decode()
    assert "&quot;sha256&quot;:&quot;" + "ab" * 32 in answer.content.decode()


@pytest.mark.django_db(databases=["default", "portal"])
def test_the_hashes_come_to_the_desk_once_and_the_code_opens_their_box(door: Client) -> None:
    nonce = re.search(r'name="nonce" value="(\w+)"', door.get("/en/hash/").content.decode())
    assert nonce
    form = {"hash": [json.dumps(field()), json.dumps(a_video(2))], "nonce": nonce[1]}
    pages = [door.post("/en/hash/", form).content.decode() for _ in range(2)]
    codes = {"".join(CODE.search(page).groups()) for page in pages}  # type: ignore[union-attr]
    (waiting,) = waiting_envelopes()
    telling = read_telling(open_with(door_private_key(), waiting.sealed))
    assert (telling.kind, telling.answers, telling.text) == (Kind.HASHES, {}, "")
    assert [read_hash(one).as_json() for one in telling.hashes] == [field(), a_video(2)]
    assert open_box(codes.pop()).keys.address.hex() == telling.address
    assert not codes


def test_the_worker_may_open_no_connection(door: Client) -> None:
    """A worker's policy is that of its own file; without one it could connect where its page may not."""
    with override_settings(WHITENOISE_ADD_HEADERS_FUNCTION=door_config.WHITENOISE_ADD_HEADERS_FUNCTION):
        answer = Client().get("/door/portal/hashing/worker.js")
    assert answer.status_code == 200
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; script-src 'self'"


def test_every_module_is_fetched_at_once_and_not_one_after_another(door: Client) -> None:
    html = door.get("/en/hash/").content.decode()
    fetched = set(re.findall(r'rel="modulepreload" href="/door/portal/hashing/(\w+\.js)"', html))
    assert fetched == {file.name for file in MODULES.glob("*.js")} - {"offer.js", "worker.js"}
    assert sum(file.stat().st_size for file in MODULES.iterdir()) < 60_000
