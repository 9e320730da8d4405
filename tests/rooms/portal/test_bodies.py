"""Bodies at the door: read whole while they come at some pace, ended when they don't."""

from __future__ import annotations

import io
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from amaan.portal import bodies
from amaan.portal.bodies import MOST_BODY, Deadlines, TooSlow, read_body, with_small_bodies

pytestmark = pytest.mark.pure


@pytest.fixture
def line() -> Iterator[tuple[socket.socket, dict[str, Any]]]:
    """A visitor's end, and the environ of the request that comes from it."""
    visitor, ours = socket.socketpair()
    with visitor, ours, ours.makefile("rb") as body:
        yield visitor, {"gunicorn.socket": ours, "wsgi.input": body}


def test_a_body_that_stops_coming_is_given_up(line: tuple[socket.socket, dict[str, Any]]) -> None:
    visitor, environ = line
    visitor.sendall(b"a=")
    with pytest.raises(TooSlow):
        read_body(environ, 1000, patience=0.05)


def test_single_bytes_now_and_then_do_not_begin_the_time_anew(
    line: tuple[socket.socket, dict[str, Any]],
) -> None:
    visitor, environ = line
    over = threading.Event()

    def drip() -> None:
        while not over.wait(0.01):
            visitor.sendall(b"a")

    dripping = threading.Thread(target=drip)
    dripping.start()
    try:
        with pytest.raises(TooSlow):
            read_body(environ, 10**6, patience=0.1)
    finally:
        over.set()
        dripping.join()


def test_whoever_sends_at_some_pace_is_read_to_the_end(line: tuple[socket.socket, dict[str, Any]]) -> None:
    visitor, environ = line
    whole = b"0123456789" * 20_000
    sending = threading.Thread(target=visitor.sendall, args=(whole,))
    sending.start()
    assert read_body(environ, len(whole)) == whole
    sending.join()
    assert bodies.DEADLINES._due == {}, "nothing ends a socket whose body was read"


def test_a_body_that_breaks_off_is_given_up() -> None:
    with pytest.raises(TooSlow):
        read_body({"wsgi.input": io.BytesIO(b"a=")}, 1000)


def test_only_the_socket_whose_time_is_over_is_ended() -> None:
    deadlines = Deadlines()
    late, other = socket.socketpair(), socket.socketpair()
    with late[0], late[1], other[0], other[1]:
        deadlines.set(other[0], 3600)
        deadlines.set(late[0], 0.0)
        assert late[0].recv(1) == b"", "who waits is told that nothing comes"
        late[0].sendall(b"408")
        assert late[1].recv(3) == b"408", "and may still be answered"
        deadlines.lift(other[0])
        other[1].sendall(b"a")
        assert other[0].recv(1) == b"a"


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"HTTP_TRANSFER_ENCODING": "chunked"}, "411 Length Required"),
        ({"CONTENT_LENGTH": str(MOST_BODY + 1)}, "413 "),
        ({"CONTENT_LENGTH": "many"}, "413 "),
        ({"CONTENT_LENGTH": "1000"}, "408 Request Timeout"),
        ({"CONTENT_LENGTH": "2"}, "200 OK"),
        ({}, "200 OK"),
    ],
)
def test_what_no_form_is_reaches_no_page(said: dict[str, str], status: str) -> None:
    heard: list[str] = []
    read: list[bytes] = []

    def page(environ: dict[str, Any], start: Any) -> list[bytes]:
        read.append(environ["wsgi.input"].read(2))
        start("200 OK", [])
        return []

    environ = {"wsgi.input": io.BytesIO(b"a="), **said}
    list(with_small_bodies(page)(environ, lambda told, _headers: heard.append(told)))
    assert heard[0].startswith(status)
    assert read == ([b"a="] if status == "200 OK" else [])
