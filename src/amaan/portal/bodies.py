"""Bodies as they may come to the door: announced, and no larger than a long story."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, Final

MOST_BODY: Final = 2 * 1024 * 1024

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def with_small_bodies(application: Application) -> Application:
    """Refuses, unread, a body in chunks (411) or above MOST_BODY bytes (413)."""

    def reading(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("HTTP_TRANSFER_ENCODING"):
            return _refuse(start_response, HTTPStatus.LENGTH_REQUIRED)
        try:
            announced = int(environ.get("CONTENT_LENGTH") or 0)
        except ValueError:
            announced = MOST_BODY + 1
        if announced > MOST_BODY:
            return _refuse(start_response, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return application(environ, start_response)

    return reading


def _refuse(start_response: Callable[..., Any], status: HTTPStatus) -> Iterable[bytes]:
    said = f"{status.phrase}\n".encode()
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(said)))]
    start_response(f"{status.value} {status.phrase}", headers)
    return [said]
