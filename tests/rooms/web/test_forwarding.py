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
    body = with_door(here, str(path), threads=8)(environ, lambda status, _headers: said.append(status))
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
    "address", ["/desk/", "/", "//en/", "/english/", "/ENGLISH", "/ispws/submit", "/.well-known/x"]
)
def test_everything_else_stays_at_the_desk(tmp_path: Path, address: str) -> None:
    assert ask(tmp_path / "none", address) == ("200 OK", b"the desk")


@pytest.mark.parametrize("address", ["/EN/", "/En", "/uR/Report", "/door", "/en/report"])
def test_an_address_as_a_phone_writes_it_is_the_doors(tmp_path: Path, address: str) -> None:
    Door(tmp_path / "s")
    assert ask(tmp_path / "s", address) == ("200 OK", b"hello")


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
    [
        {"CONTENT_LENGTH": "many"},
        {"CONTENT_LENGTH": "-5"},
        {"CONTENT_LENGTH": str(2**22)},
        {"HTTP_TRANSFER_ENCODING": "chunked"},
    ],
)
def test_a_body_that_no_form_has_is_refused_unread(tmp_path: Path, said: dict[str, str]) -> None:
    assert ask(tmp_path / "none", "/en/report/", REQUEST_METHOD="POST", **said)[0].startswith("413")


def test_a_body_that_does_not_come_is_given_up_and_the_door_never_asked(tmp_path: Path) -> None:
    said = ask(tmp_path / "none", "/en/return/", REQUEST_METHOD="POST", CONTENT_LENGTH="1000")
    assert said[0] == "408 Request Timeout"


class Held(io.RawIOBase):
    """A body that comes when it is let go."""

    def __init__(self) -> None:
        self.asked, self.go = threading.Event(), threading.Event()

    def read(self, size: int = -1) -> bytes:
        self.asked.set()
        assert self.go.wait(10)
        return b"a" * size


def test_forms_that_arrive_slowly_keep_neither_the_desk_nor_the_doors_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of eight threads two may read forms of the door; a third is asked to come again, and whoever reads goes on."""
    monkeypatch.setattr(forwarding, "_TURN", 0.05)
    handing = with_door(lambda _environ, start: start("200 OK", []) or [b"the desk"], str(tmp_path / "s"), 8)

    def get(address: str, **more: Any) -> str:
        said: list[str] = []
        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": address, "wsgi.input": io.BytesIO(), **more}
        list(handing(environ, lambda status, _headers: said.append(status)))
        return said[0]

    bodies = [Held(), Held()]
    slow = [
        threading.Thread(
            target=get,
            args=("/en/return/",),
            kwargs={"REQUEST_METHOD": "POST", "CONTENT_LENGTH": "9", "wsgi.input": body},
        )
        for body in bodies
    ]
    for one in slow:
        one.start()
    try:
        assert all(body.asked.wait(10) for body in bodies)
        assert get("/en/return/", REQUEST_METHOD="POST", CONTENT_LENGTH="9").startswith("503")
        assert get("/desk/") == "200 OK"
        Door(tmp_path / "s")
        assert get("/en/") == "200 OK"
    finally:
        for body in bodies:
            body.go.set()
        for one in slow:
            one.join(10)
    assert get("/en/return/", REQUEST_METHOD="POST", CONTENT_LENGTH="9").startswith("408"), "places are free"


def test_a_crowd_of_forms_has_its_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of four threads one reads forms: the second waits for it and is not sent away."""
    monkeypatch.setattr(forwarding, "_TURN", 30.0)
    handing = with_door(lambda _environ, _start: [], str(tmp_path / "none"), 4)
    said: list[str] = []

    def post(body: io.RawIOBase) -> None:
        environ = {"REQUEST_METHOD": "POST", "PATH_INFO": "/en/", "CONTENT_LENGTH": "9", "wsgi.input": body}
        list(handing(environ, lambda status, _headers: said.append(status)))

    first = Held()
    reading = threading.Thread(target=post, args=(first,))
    reading.start()
    assert first.asked.wait(10)
    second = Held()
    waiting = threading.Thread(target=post, args=(second,))
    waiting.start()
    assert not second.asked.wait(0.05)
    monkeypatch.setattr(forwarding, "_PATIENCE", 0.0)  # nobody is behind the socket
    first.go.set()
    assert second.asked.wait(10)
    second.go.set()
    for thread in (reading, waiting):
        thread.join(10)
    assert len(said) == 2


def test_a_door_that_answers_slowly_keeps_no_more_than_half_of_the_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forwarding, "_TURN", 0.05)
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "s"))
        silent.listen()
        handing = with_door(
            lambda _environ, start: start("200 OK", []) or [b"the desk"], str(tmp_path / "s"), 4
        )
        said: list[str] = []

        def get(address: str) -> None:
            environ = {"REQUEST_METHOD": "GET", "PATH_INFO": address, "wsgi.input": io.BytesIO()}
            list(handing(environ, lambda status, _headers: said.append(status)))

        waiting = [threading.Thread(target=get, args=("/en/",)) for _ in range(2)]
        for one in waiting:
            one.start()
        reached = [silent.accept()[0] for _ in waiting]
        get("/en/")
        get("/desk/")
        assert [status[:3] for status in said] == ["503", "200"]
        for connection in reached:
            connection.close()
        for one in waiting:
            one.join(10)
    assert len(said) == 4
