"""Uploaded files: hashed while they arrive, kept only when the view takes them, gone when anything ends too early."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from amaan.authority.actors import Actor
from amaan.evidence.domain import DiscardingSink, MediaAborted, MediaKey
from amaan.evidence.services import media_sink, trust_media_key
from amaan.keyring.files import MEDIA_KEY
from amaan.referrals import uploads
from amaan.referrals.uploads import (
    ContentNotHeld,
    ReceivedFile,
    Upload,
    UploadCut,
    UploadReadTooEarly,
    receives_files,
    uploaded,
)
from amaan.web import chunked

BOUNDARY = "a-boundary"
TYPE = f"multipart/form-data; boundary={BOUNDARY}"


def _part(name: str, content: bytes, filename: str | None = None) -> bytes:
    named = f'; filename="{filename}"' if filename else ""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'
    return head.encode() + content + b"\r\n"


def _body(content: bytes) -> bytes:
    return _part("id", b"4564654") + _part("file", content, "x.bin") + f"--{BOUNDARY}--\r\n".encode()


class Sinks:
    """Every sink that a request made, and how each ended."""

    def __init__(self) -> None:
        self.made: list[Watched] = []

    def __call__(self) -> Watched:
        self.made.append(Watched())
        return self.made[-1]


class Watched(DiscardingSink):
    def __init__(self) -> None:
        super().__init__()
        self.ended = ""

    def finish(self) -> ReceivedFile:
        received = super().finish()
        self.ended = "kept"
        return received

    def abort(self) -> None:
        super().abort()
        self.ended = self.ended or "given up"


@pytest.fixture
def sinks(_hash_only: None, monkeypatch: pytest.MonkeyPatch) -> Sinks:
    made = Sinks()
    monkeypatch.setattr(uploads, "media_sink", made)
    return made


@pytest.fixture(autouse=True)
def _hash_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """The policies themselves have their tests in evidence; here a body meets sinks that need no database."""
    monkeypatch.setattr(uploads, "media_sink", DiscardingSink)


def _post(body: bytes, content_type: str = TYPE) -> WSGIRequest:
    return RequestFactory().post("/upload", body, content_type=content_type)


class Stream:
    """A body as a socket gives it; `pieces` may end early, or raise."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self.pieces = pieces
        self.held = b""

    def read(self, size: int = -1) -> bytes:
        while len(self.held) < size and (piece := next(self.pieces, b"")):
            self.held += piece
        taken, self.held = self.held[:size], self.held[size:]
        return taken

    def readline(self, size: int = -1) -> bytes:
        raise AssertionError("a body is read in pieces, never by lines")


def _streamed(pieces: Iterator[bytes], length: int) -> WSGIRequest:
    environ = {**_post(b" ").environ, "CONTENT_LENGTH": str(length), "wsgi.input": Stream(pieces)}
    return WSGIRequest(environ)


def take(request: HttpRequest) -> Any:
    """The view of these tests: whatever it returns."""
    file = uploaded(request, "file")
    return (request.POST.get("id"), file and file.received)


def _through(request: HttpRequest, view: Any = take) -> Any:
    return receives_files(view)(request)


@given(content=st.binary(max_size=300_000))
def test_a_file_is_counted_and_hashed_and_fields_are_read(content: bytes) -> None:
    number, received = _through(_post(_body(content)))
    assert number == "4564654"
    assert received == ReceivedFile(
        len(content),
        hashlib.md5(content).hexdigest(),
        hashlib.sha1(content).hexdigest(),
        hashlib.sha256(content).hexdigest(),
        None,
    )


def test_it_holds_no_content_and_says_why() -> None:
    def look(request: HttpRequest) -> Upload:
        return request.FILES["file"]  # type: ignore[return-value]

    upload = _through(_post(_body(b"planted")), look)
    for ask in (upload.read, upload.chunks, upload.seek, upload.open, lambda: list(upload)):
        with pytest.raises(ContentNotHeld, match="not held"):
            ask()
    assert (upload.name, upload.size, upload.field_name) == ("x.bin", 7, "file")
    assert "x.bin" not in repr(upload)


def test_what_a_view_does_not_take_is_given_up(sinks: Sinks) -> None:
    upload = _through(_post(_body(b"a")), lambda request: uploaded(request, "file"))
    assert [sink.ended for sink in sinks.made] == ["given up"]
    with pytest.raises(MediaAborted):
        _ = upload.received


def test_what_a_view_took_stays_taken(sinks: Sinks) -> None:
    _, received = _through(_post(_body(b"a")))
    assert received.size == 1
    assert [sink.ended for sink in sinks.made] == ["kept"]


def test_a_view_that_fails_gives_everything_up(sinks: Sinks) -> None:
    def fail(request: HttpRequest) -> None:
        assert uploaded(request, "file")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        _through(_post(_body(b"a")), fail)
    assert [sink.ended for sink in sinks.made] == ["given up"]


@given(data=st.data())
def test_a_body_cut_anywhere_leaves_nothing(data: st.DataObject) -> None:
    body = _part("file", os.urandom(100), "a") + _body(os.urandom(100))
    cut = data.draw(st.integers(0, len(body) - 1))
    made = Sinks()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(uploads, "media_sink", made)
        with pytest.raises(UploadCut):
            _through(_streamed(iter([body[:cut]]), len(body)))
    assert {sink.ended for sink in made.made} <= {"given up"}


@given(data=st.data())
def test_a_chunked_body_is_taken_whole_or_not_at_all(data: st.DataObject) -> None:
    body = _body(os.urandom(100))
    cut = data.draw(st.integers(0, len(body) - 3) | st.just(len(body)))
    made = Sinks()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(uploads, "media_sink", made)
        request = _streamed(iter([body[:cut]]), uploads.UNKNOWN_LENGTH)
        if cut == len(body):
            assert _through(request)[1].size == 100
        else:
            with pytest.raises(UploadCut):
                _through(request)
    assert {sink.ended for sink in made.made} <= {"kept" if cut == len(body) else "given up"}


def test_both_mean_the_same_unknown_length() -> None:
    assert chunked.UNKNOWN_LENGTH == uploads.UNKNOWN_LENGTH


def test_a_client_that_breaks_off_leaves_nothing(sinks: Sinks) -> None:
    body = _body(bytes(500_000))

    def broken() -> Iterator[bytes]:
        yield body[:200_000]
        raise ConnectionResetError

    with pytest.raises(UnreadablePostError):
        _through(_streamed(broken(), len(body)))
    assert [sink.ended for sink in sinks.made] == ["given up"]


@pytest.mark.parametrize(
    "body",
    [
        _part("id", b"1") + _part("file", b"no closing boundary", "x"),
        _part("file", b"a", "x") + _part("file", b"b", "y")[:-2],
    ],
)
def test_a_malformed_body_of_full_length_leaves_nothing(body: bytes, sinks: Sinks) -> None:
    with pytest.raises(UploadCut):
        _through(_post(body))
    assert {sink.ended for sink in sinks.made} == {"given up"}


def test_broken_base64_leaves_nothing(sinks: Sinks) -> None:
    part = _part("file", b"%%%%%", "x").replace(
        b"\r\n\r\n", b"\r\nContent-Transfer-Encoding: base64\r\n\r\n", 1
    )
    with pytest.raises(MultiPartParserError):
        _through(_post(part + f"--{BOUNDARY}--\r\n".encode()))
    assert [sink.ended for sink in sinks.made] == ["given up"]


def test_a_full_disk_gives_everything_up(monkeypatch: pytest.MonkeyPatch, sinks: Sinks) -> None:
    def full(_: object, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Watched, "write", full)
    with pytest.raises(OSError, match="No space"):
        _through(_post(_body(b"a")))
    assert [sink.ended for sink in sinks.made] == ["given up"]


def test_a_view_that_is_not_marked_sees_no_file_and_keeps_nothing(sinks: Sinks) -> None:
    request = _post(_body(bytes(300_000)))
    assert not request.FILES
    assert request.POST["id"] == "4564654"
    assert sinks.made == []


def test_a_form_that_was_read_before_is_refused_loudly() -> None:
    request = _post(_body(b"a"))
    assert not request.FILES
    with pytest.raises(UploadReadTooEarly):
        _through(request)


def test_a_body_that_was_held_in_memory_already_is_parsed_too() -> None:
    request = _post(_body(b"abc"))
    assert request.body
    assert _through(request)[1].size == 3


def test_no_other_way_of_taking_files_is_left_open() -> None:
    """The marked view's list holds ours alone: whatever stood there before is replaced."""
    request = _post(_body(b"a"))
    request.upload_handlers = [MemoryFileUploadHandler(request)]
    _, received = _through(request)
    assert received.size == 1
    assert isinstance(request.FILES["file"], Upload)


def test_several_files_are_several_sinks(sinks: Sinks) -> None:
    def all_of(request: HttpRequest) -> list[int]:
        return [file.received.size for file in request.FILES.getlist("file")]  # type: ignore[attr-defined]

    body = _part("file", b"a", "x") + _part("file", b"bb", "y") + f"--{BOUNDARY}--\r\n".encode()
    assert _through(_post(body), all_of) == [1, 2]
    assert [sink.ended for sink in sinks.made] == ["kept", "kept"]


@pytest.mark.django_db
@pytest.mark.parametrize("how", ["cut", "broken", "refused"])
def test_nothing_of_an_interrupted_upload_is_left_under_sealed(
    how: str, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same with the real sink, which writes ciphertext while the body arrives."""
    monkeypatch.setattr(uploads, "media_sink", media_sink)
    settings.AMAAN_HOME, settings.AMAAN_MEDIA = tmp_path, "sealed"
    trusted = Path(settings.AMAAN_KEYS) / MEDIA_KEY
    trust_media_key(Actor.system("test"), public=MediaKey.make().recipient.text)
    body, seen = _body(os.urandom(500_000)), []

    def arriving() -> Iterator[bytes]:
        yield body[:300_000]
        seen.extend(tmp_path.rglob("*.part"))
        if how == "broken":
            raise ConnectionResetError
        if how == "refused":
            yield body[300_000:]

    try:
        request = _streamed(arriving(), len(body))
        if how == "refused":
            assert _through(request, lambda request: uploaded(request, "file")) is not None
        else:
            with pytest.raises((UploadCut, UnreadablePostError)):
                _through(request)
    finally:
        trusted.unlink()
    assert len(seen) == 1
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def _resident() -> int:
    """Bytes of memory that this process really uses."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_three_hundred_megabytes_pass_in_flat_memory() -> None:
    block, blocks = os.urandom(1 << 20), 300
    head = _part("id", b"1") + _part("file", b"", "x")[:-2]
    tail = f"\r\n--{BOUNDARY}--\r\n".encode()
    most = 0

    def body() -> Iterator[bytes]:
        nonlocal most
        yield head
        for n in range(blocks):
            if n % 10 == 0:
                most = max(most, _resident())
            yield block
        yield tail

    _through(_post(_body(bytes(1 << 20))))  # whatever is loaded once is loaded
    before = _resident()
    _, received = _through(_streamed(body(), len(head) + len(block) * blocks + len(tail)))
    assert received.size == len(block) * blocks
    assert most - before < 8 << 20


def test_a_response_is_what_the_view_returned() -> None:
    answer = HttpResponse("x")
    assert _through(_post(_body(b"a")), lambda _: answer) is answer
