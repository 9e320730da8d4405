"""Bodies as they may come to the door: announced, no larger than a long story, and no slower than a bad phone line.

A thread reads a body, and there are few. Whoever sends a byte now and then would hold them all, so a socket that is
slower than that is ended while it is read. `web` reads the desk's forms with the same means.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from io import BytesIO
from typing import Any, Final

MOST_BODY: Final = 2 * 1024 * 1024
PATIENCE: Final = 20.0
"""Seconds that a body may take before anything of it counts."""
SLOWEST: Final = 2048
"""Bytes a second that lengthen the patience: less than the worst of phone lines carries."""
_PIECE: Final = 16 * 1024

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class TooSlow(Exception):
    """The body did not come whole in its time, or broke off."""


class Deadlines:
    """Ends the reading side of a socket when its time is over: who waits for bytes of it is told that none come.

    A timeout of the socket's own wouldn't do: it begins anew with each byte.
    """

    def __init__(self) -> None:
        self._due: dict[int, tuple[float, socket.socket]] = {}
        self._changed = threading.Condition()
        self._wakes: float | None = None
        self._watching = False

    def set(self, sock: socket.socket, seconds: float) -> None:
        """From now; in place of what was set for `sock` before."""
        at = time.monotonic() + seconds
        with self._changed:
            self._due[id(sock)] = (at, sock)
            if not self._watching:
                self._watching = True
                threading.Thread(target=self._watch, daemon=True).start()
            elif self._wakes is None or at < self._wakes:
                self._changed.notify()

    def lift(self, sock: socket.socket) -> None:
        """Afterwards nothing of ours touches `sock`, whose number may soon be another's."""
        with self._changed:
            self._due.pop(id(sock), None)

    def _watch(self) -> None:
        with self._changed:
            while True:
                now = time.monotonic()
                for key, (at, sock) in list(self._due.items()):
                    if at <= now:
                        del self._due[key]
                        _end_reading(sock)
                self._wakes = min((at for at, _ in self._due.values()), default=None)
                self._changed.wait(None if self._wakes is None else max(0.0, self._wakes - now))


def _end_reading(sock: socket.socket) -> None:
    try:
        sock.shutdown(socket.SHUT_RD)
    except OSError:  # it is gone already, which is what was wanted
        return


DEADLINES: Final = Deadlines()


def read_body(
    environ: dict[str, Any], announced: int, patience: float = PATIENCE, slowest: int = SLOWEST
) -> bytes:
    """The whole body of `announced` bytes. `patience` in seconds, `slowest` in bytes a second. Raises TooSlow."""
    sock = environ.get("gunicorn.socket")
    began, come = time.monotonic(), BytesIO()
    try:
        while (left := announced - come.tell()) > 0:
            rest = began + patience + come.tell() / slowest - time.monotonic()
            if sock is not None:
                DEADLINES.set(sock, max(0.0, rest))
            piece = environ["wsgi.input"].read(min(left, _PIECE))
            if not piece:
                raise TooSlow
            come.write(piece)
    except OSError as gone:
        raise TooSlow from gone
    finally:
        if sock is not None:
            DEADLINES.lift(sock)
    return come.getvalue()


def with_small_bodies(application: Application) -> Application:
    """Refuses, unread, a body in chunks (411) or above MOST_BODY bytes (413); and one that comes too slowly (408)."""

    def reading(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("HTTP_TRANSFER_ENCODING"):
            return refuse(start_response, HTTPStatus.LENGTH_REQUIRED)
        try:
            announced = int(environ.get("CONTENT_LENGTH") or 0)
        except ValueError:
            announced = MOST_BODY + 1
        if announced > MOST_BODY:
            return refuse(start_response, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if announced > 0:
            try:
                environ["wsgi.input"] = BytesIO(read_body(environ, announced))
            except TooSlow:
                return refuse(start_response, HTTPStatus.REQUEST_TIMEOUT)
        return application(environ, start_response)

    return reading


def refuse(start_response: Callable[..., Any], status: HTTPStatus) -> Iterable[bytes]:
    """Its own words for `status`, as plain text."""
    said = f"{status.phrase}\n".encode()
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(said)))]
    start_response(f"{status.value} {status.phrase}", headers)
    return [said]
