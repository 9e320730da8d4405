"""What may come as a body, before anything of ours is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.test import RequestFactory
from django.urls import reverse

from amaan.web.chunked import (
    MOST_BODY,
    UNKNOWN_LENGTH,
    with_chunked_bodies,
    with_prompt_bodies,
    with_readable_types,
    with_small_bodies,
)

pytestmark = pytest.mark.pure


class Unread(BytesIO):
    def read(self, *_: Any) -> bytes:
        pytest.fail("the body was read")

    readline = read  # type: ignore[assignment]


def _ask(path: str, **environ: Any) -> tuple[str, bytes]:
    """Status and content; "200 OK" where the application behind was asked."""
    said: list[str] = []

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("200 OK", [])
        return [str(environ.get("CONTENT_LENGTH", "")).encode()]

    def start_response(status: str, headers: list[tuple[str, str]]) -> None:
        assert all(isinstance(value, str) for _, value in headers)
        said.append(status)

    whole = with_small_bodies(with_readable_types(with_chunked_bodies(application)))
    given = {
        "PATH_INFO": path,
        "REQUEST_METHOD": "POST",
        "wsgi.input": Unread(),
        "wsgi.input_terminated": True,
    }
    content = b"".join(whole({**given, **environ}, start_response))
    return said[0], content


ELSEWHERE = ["/", "", "/desk/", "/sign-in/", "/ispwsx", "/ispws2/upload", "/desk/ispws", "/static/ispws"]
WIRE = ["/ispws/upload", "/ispws", "/ispws//upload", "//ispws/upload"]


@pytest.mark.parametrize("path", ELSEWHERE)
def test_outside_the_wire_a_body_is_announced_and_small(path: str) -> None:
    for coding in ("chunked", "gzip, chunked", "Chunked"):
        assert _ask(path, HTTP_TRANSFER_ENCODING=coding)[0] == "411 Length Required"
    for length in (MOST_BODY + 1, 10**12, "9" * 5000):
        assert _ask(path, CONTENT_LENGTH=str(length))[0] == "413 Request Entity Too Large"
    for length in ("", "0", "12", str(MOST_BODY)):
        assert _ask(path, CONTENT_LENGTH=length)[0] == "200 OK"
    assert _ask(path)[0] == "200 OK"


@pytest.mark.parametrize("path", WIRE)
def test_the_wire_takes_chunks_and_any_length(path: str) -> None:
    assert _ask(path, HTTP_TRANSFER_ENCODING="chunked") == ("200 OK", str(UNKNOWN_LENGTH).encode())
    assert _ask(path, CONTENT_LENGTH=str(10**12)) == ("200 OK", str(10**12).encode())


def test_a_form_of_ours_always_fits() -> None:
    assert settings.DATA_UPLOAD_MAX_MEMORY_SIZE < MOST_BODY
    assert reverse("ispws").strip("/") == "ispws", "the wire is where bodies are let through"


@pytest.mark.parametrize(
    "said", ["text/xml; charset*=bogus''x", "multipart/form-data; a*=%ff''b; boundary=x"]
)
def test_a_content_type_that_django_fails_on_is_taken_without_its_parameters(said: str) -> None:
    environ = {
        **RequestFactory().post("/ispws/submit", b"x", content_type="text/xml").environ,
        "CONTENT_TYPE": said,
    }
    with pytest.raises(ValueError, match="encoding"):
        WSGIRequest(dict(environ))
    seen: list[WSGIRequest] = []

    def application(environ: dict[str, Any], _: Callable[..., Any]) -> Iterable[bytes]:
        seen.append(WSGIRequest(environ))
        return []

    list(with_readable_types(application)(environ, lambda *_: None))
    assert seen[0].content_type == said.partition(";")[0]


@pytest.mark.parametrize(
    "said", ["", "text/xml", "multipart/form-data; boundary=a*b", "text/xml; charset*=utf-8''utf-8"]
)
def test_any_other_content_type_stays_as_it_is(said: str) -> None:
    seen: list[str] = []

    def application(environ: dict[str, Any], _: Callable[..., Any]) -> Iterable[bytes]:
        seen.append(environ["CONTENT_TYPE"])
        return []

    list(with_readable_types(application)({"CONTENT_TYPE": said}, lambda *_: None))
    assert seen == [said]


def _form(whole: Any, path: str, body: BytesIO, length: int) -> str:
    said: list[str] = []
    environ = {"PATH_INFO": path, "CONTENT_LENGTH": str(length), "wsgi.input": body}
    list(whole(environ, lambda status, _headers: said.append(status)))
    return said[0]


def test_a_form_is_read_whole_before_anything_is_asked_and_the_wire_is_not() -> None:
    seen: list[Any] = []

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        seen.append(environ["wsgi.input"])
        start_response("200 OK", [])
        return []

    whole = with_prompt_bodies(application, threads=8)
    assert _form(whole, "/sign-in/", BytesIO(b"a="), 1000) == "408 Request Timeout"
    assert seen == []
    sent = BytesIO(b"a=b")
    assert _form(whole, "/sign-in/", sent, 3) == "200 OK"
    assert (sent.tell(), seen[0].read()) == (3, b"a=b")
    upload = Unread(b"a=b")
    assert _form(whole, "/ispws/upload", upload, 3) == "200 OK"
    assert seen[1] is upload


def test_forms_that_arrive_slowly_leave_most_threads_to_pages() -> None:
    def application(_: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("200 OK", [])
        return []

    inside: list[str] = []

    class Meanwhile(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            inside.append(_form(whole, "/sign-in/", BytesIO(b"a"), 1))
            inside.append(_form(whole, "/sign-in/", BytesIO(), 0))
            return super().read(size)

    whole = with_prompt_bodies(application, threads=8)
    assert _form(whole, "/sign-in/", Meanwhile(b"a"), 1) == "200 OK"
    assert inside == ["503 Service Unavailable", "200 OK"]
    assert _form(whole, "/sign-in/", BytesIO(b"a"), 1) == "200 OK"
