"""The public's door behind the desk's address: where one port serves everything, its requests are handed on.

The door is a process of its own, which has neither the desk's keys nor its database. It is reached by a Unix socket
and is told what was asked, never by whom: no address, no cookie, no browser's name goes along.

Forms that arrive slowly and requests that the door answers slowly take a share of this process's threads each, and no
more, so that neither keeps the desk from answering, nor the first of them whoever only reads a page of the door.
"""

from __future__ import annotations

import http.client
import re
import socket
import threading
import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

from amaan.portal.bodies import MOST_BODY, TooSlow, read_body, refuse

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

DOOR: Final = re.compile(r"/(?:(?:en|ur|ps|sd|door)(?:/|$)|\.well-known/amaan-receipt-key$)", re.IGNORECASE)
"""Addresses of the door: its languages, its own files, and the key of its receipts. As people type them: a phone makes
/En of /en, and the door leads them on."""

_HANDED_ON: Final = (
    *("Host", "Accept", "Accept-Language", "Accept-Encoding", "Origin", "Range", "If-None-Match"),
    *("If-Modified-Since", "Sec-Fetch-Site", "X-Forwarded-Proto"),
)
_NOT_BACK: Final = frozenset({"connection", "transfer-encoding", "keep-alive", "server", "date"})
_SECONDS: Final = 60
_PATIENCE: Final = 3.0
_TURN: Final = 3.0
"""Seconds that somebody waits for their turn: many times what a form on a good line and a page take."""
_LATER: Final = (
    "Please reload this page in a minute. What you typed is still in it.\n"
    "ایک منٹ بعد یہ صفحہ دوبارہ کھولیں۔ آپ نے جو لکھا وہ اسی میں ہے۔"
)


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=_SECONDS)
        self._path = path

    def connect(self) -> None:
        """Waits a little for a door that starts again or has a queue before it: nothing was sent yet."""
        until = time.monotonic() + _PATIENCE
        while True:
            self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.sock.settimeout(self.timeout)
            try:
                self.sock.connect(self._path)
            except OSError:
                self.sock.close()
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)
            else:
                return


def with_door(application: Application, path: str, threads: int) -> Application:
    """Hand requests of the door on to the socket at `path`; everything else stays here.

    Of this process's `threads`, three in four may be about the door: half wait for its answers, a quarter for forms
    that are still arriving, each in its turn. A crowd passes so; who would have to wait longer is asked to come again.
    """
    inside = threading.BoundedSemaphore(max(1, threads * 3 // 4))
    answered = threading.BoundedSemaphore(max(1, threads // 2))
    arriving = threading.BoundedSemaphore(max(1, threads // 4))

    def answering(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if not DOOR.match(environ.get("PATH_INFO", "")):
            return application(environ, start_response)
        announced = _announced(environ)
        if announced is None:
            return refuse(start_response, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if not inside.acquire(blocking=False):
            return _later(start_response)
        try:
            return taken(environ, announced, start_response)
        finally:
            inside.release()

    def taken(environ: dict[str, Any], announced: int, start_response: Callable[..., Any]) -> Iterable[bytes]:
        body = b""
        if announced:
            if not arriving.acquire(timeout=_TURN):
                return _later(start_response)
            try:
                body = read_body(environ, announced)
            except TooSlow:
                return refuse(start_response, HTTPStatus.REQUEST_TIMEOUT)
            finally:
                arriving.release()
        if not answered.acquire(timeout=_TURN):
            return _later(start_response)
        try:
            return _handed_on(path, environ, body, start_response)
        finally:
            answered.release()

    return answering


def _handed_on(
    path: str, environ: dict[str, Any], body: bytes, start_response: Callable[..., Any]
) -> Iterable[bytes]:
    # A connection a request: one that was kept open might break after the door had taken a report, and nobody could
    # tell whether to send it again.
    connection = _UnixConnection(path)
    try:
        connection.request(environ["REQUEST_METHOD"], _target(environ), body, _headers(environ))
        answer = connection.getresponse()
        told = answer.read()
    except (OSError, http.client.HTTPException):
        return _later(start_response)
    finally:
        connection.close()
    headers = [(name, value) for name, value in answer.getheaders() if name.lower() not in _NOT_BACK]
    if environ["REQUEST_METHOD"] != "HEAD":
        headers = [(name, value) for name, value in headers if name.lower() != "content-length"]
        headers.append(("Content-Length", str(len(told))))
    start_response(f"{answer.status} {answer.reason}", headers)
    return [told]


def _announced(environ: dict[str, Any]) -> int | None:
    """Bytes; None where it is longer than any form of the door, or nobody says how long it is."""
    try:
        announced = int(environ.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return None
    if not 0 <= announced <= MOST_BODY or environ.get("HTTP_TRANSFER_ENCODING"):
        return None
    return announced


def _target(environ: dict[str, Any]) -> str:
    raw = environ.get("RAW_URI")  # gunicorn's: as it came, not decoded
    if raw and raw.startswith("/"):
        return str(raw)
    return quote(environ.get("PATH_INFO", "").encode("latin-1"))


def _headers(environ: dict[str, Any]) -> dict[str, str]:
    found = {}
    for name in _HANDED_ON:
        value = environ.get("HTTP_" + name.upper().replace("-", "_"))
        if value:
            found[name] = value
    if environ.get("CONTENT_TYPE"):
        found["Content-Type"] = environ["CONTENT_TYPE"]
    found["Connection"] = "close"
    return found


def _later(start_response: Callable[..., Any]) -> Iterable[bytes]:
    said = f"{_LATER}\n".encode()
    headers = [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(said))),
        ("Cache-Control", "no-store"),
        ("Retry-After", "60"),
    ]
    status = HTTPStatus.SERVICE_UNAVAILABLE
    start_response(f"{status.value} {status.phrase}", headers)
    return [said]
