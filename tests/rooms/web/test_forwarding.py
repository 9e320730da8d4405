"""Handing on to the door: what goes along, and what happens while it isn't there."""

from __future__ import annotations

import io
import socket
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from amaan.web import forwarding
from amaan.web.forwarding import with_door


class Door(threading.Thread):
    """Answers one request with what it was sent; begins to listen after `delay` seconds."""

    def __init__(self, path: Path, delay: float = 0.0) -> None:
        super().__init__(daemon=True)
        self._path, self._delay, self.heard = path, delay, b""
        self.start()

    def run(self) -> None:
        time.sleep(self._delay)
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(self._path))
            listening.listen()
            connection, _ = listening.accept()
            with connection:
                self.heard = connection.recv(65_536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")


def ask(path: Path, address: str, **more: Any) -> tuple[str, bytes]:
    said: list[str] = []

    def here(_environ: dict[str, Any], start: Any) -> list[bytes]:
        start("200 OK", [])
        return [b"the desk"]

    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": address,
        "RAW_URI": address,
        "wsgi.input": io.BytesIO(),
        **more,
    }
    body = with_door(here, str(path))(environ, lambda status, _headers: said.append(status))
    return said[0], b"".join(body)


def test_what_was_asked_goes_along_and_who_asks_does_not(tmp_path: Path) -> None:
    door = Door(tmp_path / "s", delay=0.2)
    status, body = ask(
        tmp_path / "s",
        "/ur/report/",
        REMOTE_ADDR="203.0.113.7",
        HTTP_X_FORWARDED_FOR="203.0.113.7",
        HTTP_COOKIE="sessionid=secret",
        HTTP_USER_AGENT="A phone",
        HTTP_ACCEPT_LANGUAGE="ur",
    )
    assert (status, body) == ("200 OK", b"hello")
    door.join(5)
    assert b"GET /ur/report/ HTTP/1.1" in door.heard
    assert b"Accept-Language: ur" in door.heard
    for private in (b"203.0.113.7", b"secret", b"phone"):
        assert private not in door.heard


@pytest.mark.parametrize(
    "address", ["/desk/", "/", "//en/", "/EN/", "/english/", "/ispws/submit", "/.well-known/x"]
)
def test_everything_else_stays_at_the_desk(tmp_path: Path, address: str) -> None:
    assert ask(tmp_path / "none", address) == ("200 OK", b"the desk")


def test_a_door_that_is_not_there_is_said_in_both_languages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forwarding, "_PATIENCE", 0.0)
    status, body = ask(tmp_path / "none", "/en/")
    assert status.startswith("503")
    assert "reload" in body.decode()
    assert "دوبارہ" in body.decode()


@pytest.mark.parametrize(
    "said",
    [{"CONTENT_LENGTH": "many"}, {"CONTENT_LENGTH": str(2**22)}, {"HTTP_TRANSFER_ENCODING": "chunked"}],
)
def test_a_body_that_no_form_has_is_refused_unread(tmp_path: Path, said: dict[str, str]) -> None:
    assert ask(tmp_path / "none", "/en/report/", REQUEST_METHOD="POST", **said)[0].startswith("413")
