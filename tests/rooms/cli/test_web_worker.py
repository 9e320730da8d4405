"""What Amaan's web worker does otherwise than gunicorn's: nobody who is slow holds it up."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from gunicorn.workers.gthread import ThreadWorker

from amaan.cli import door_gunicorn, gunicorn_settings, web_worker
from amaan.cli.web_worker import PromptWorker, end
from amaan.portal.bodies import DEADLINES

pytestmark = pytest.mark.pure


@pytest.fixture
def line() -> Iterator[tuple[socket.socket, Any]]:
    """A visitor's end, and gunicorn's connection at ours."""
    visitor, ours = socket.socketpair()
    with visitor, ours:
        yield visitor, SimpleNamespace(sock=ours)


@pytest.fixture
def worker() -> PromptWorker:
    return PromptWorker.__new__(PromptWorker)  # its start opens listeners, which nobody needs here


def test_the_desk_and_the_door_are_served_by_it() -> None:
    named = f"{PromptWorker.__module__}.{PromptWorker.__name__}"
    assert gunicorn_settings.worker_class == door_gunicorn.worker_class == named


def test_a_head_that_does_not_come_is_given_up(
    line: tuple[socket.socket, Any], worker: PromptWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[bytes] = []

    def read_head(_: Any, conn: Any) -> bool:
        heard.append(conn.sock.recv(100))
        heard.append(conn.sock.recv(100))
        return False

    monkeypatch.setattr(ThreadWorker, "handle", read_head)
    monkeypatch.setattr(web_worker, "HEAD_SECONDS", 0.05)
    visitor, conn = line
    visitor.sendall(b"GET /en/ HT")
    assert worker.handle(conn) is False
    assert heard == [b"GET /en/ HT", b""]


def test_once_the_head_came_the_answer_has_its_own_time(
    line: tuple[socket.socket, Any], worker: PromptWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(_: Any, _req: Any, conn: Any) -> bool:
        assert id(conn.sock) not in DEADLINES._due
        return True

    def handle(self: PromptWorker, conn: Any) -> bool:
        assert id(conn.sock) in DEADLINES._due
        return bool(self.handle_request(SimpleNamespace(body=None), conn))

    monkeypatch.setattr(ThreadWorker, "handle_request", answer)
    monkeypatch.setattr(ThreadWorker, "handle", handle)
    visitor, conn = line
    assert worker.handle(conn) is True
    visitor.sendall(b"next")
    assert conn.sock.recv(4) == b"next", "a connection that is kept stays open"


@pytest.mark.parametrize(("unread", "kept"), [(1000, False), (0, True)])
def test_what_is_left_of_a_body_is_not_waited_for(
    unread: int, kept: bool, line: tuple[socket.socket, Any], worker: PromptWorker, monkeypatch: Any
) -> None:
    monkeypatch.setattr(ThreadWorker, "handle_request", lambda *_: True)
    request = SimpleNamespace(body=SimpleNamespace(reader=SimpleNamespace(length=unread)))
    assert worker.handle_request(request, line[1]) is kept


def test_a_visitor_who_leaves_the_connection_open_is_not_waited_for_by_everybody(
    line: tuple[socket.socket, Any], worker: PromptWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ThreadWorker, "handle", lambda *_: False)
    monkeypatch.setattr(web_worker, "LINGER_SECONDS", 0.05)
    visitor, conn = line
    worker.handle(conn)
    conn.sock.settimeout(None)
    assert conn.sock.recv(1) == b"", "gunicorn's loop, which reads until the end, finds it at once"
    assert visitor.recv(1) == b""


def test_an_answer_is_fetched_before_the_end_and_what_still_comes_is_taken(
    line: tuple[socket.socket, Any],
) -> None:
    visitor, conn = line
    conn.sock.sendall(b"answer")
    visitor.sendall(b"rest of a form")
    visitor.shutdown(socket.SHUT_WR)
    end(conn.sock, 10)
    assert visitor.recv(100) == b"answer"
    assert visitor.recv(100) == b""


def test_a_visitor_who_is_gone_is_no_fault() -> None:
    visitor, ours = socket.socketpair()
    with ours:
        visitor.close()
        end(ours, 10)
        end(ours, 10)
