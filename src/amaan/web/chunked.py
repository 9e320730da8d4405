"""Bodies as they may come, before a view is asked: in chunks at the wire, announced and small everywhere else.

Some platforms' clients stream an upload in chunks, and WSGI knows only announced lengths. Whoever fills in a form
announces it. Elsewhere a stranger's endless body would hold a thread before anybody was asked who they are.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from http import HTTPStatus
from io import BytesIO
from typing import Any, Final

from django.utils.http import parse_header_parameters

from amaan.portal.bodies import TooSlow, read_body, refuse

UNKNOWN_LENGTH: Final = 2**62
"""Stands for «until the server says that it ends»; `referrals.uploads` knows it too."""

MOST_BODY: Final = 3 * 1024 * 1024
"""Bytes of a body outside the wire. Django itself takes forms of 2.5 MB."""

_WIRE: Final = "ispws"

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def with_chunked_bodies(application: Application) -> Application:
    """Lets a chunked body be read to its end, where the server ends it itself (`wsgi.input_terminated`, gunicorn)."""

    def reading(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        chunked = "chunked" in str(environ.get("HTTP_TRANSFER_ENCODING", "")).lower()
        if chunked and environ.get("wsgi.input_terminated") and not environ.get("CONTENT_LENGTH"):
            environ["CONTENT_LENGTH"] = str(UNKNOWN_LENGTH)
        return application(environ, start_response)

    return reading


def with_small_bodies(application: Application) -> Application:
    """Refuses, unread, what no form is: outside the wire a body in chunks (411) or above MOST_BODY (413)."""

    def reading(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if _first_step(environ) != _WIRE:
            if environ.get("HTTP_TRANSFER_ENCODING"):
                return refuse(start_response, HTTPStatus.LENGTH_REQUIRED)
            if _announced(environ) > MOST_BODY:
                return refuse(start_response, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return application(environ, start_response)

    return reading


def with_prompt_bodies(application: Application, threads: int) -> Application:
    """Reads a form whole before anything is asked, and ends what comes too slowly (408). The wire has its own bounds.

    Of `threads`, an eighth at most waits for forms; beyond that 503.
    """
    arriving = threading.BoundedSemaphore(max(1, threads // 8))

    def reading(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if _first_step(environ) != _WIRE and (announced := int(_announced(environ))) > 0:
            if not arriving.acquire(blocking=False):
                return refuse(start_response, HTTPStatus.SERVICE_UNAVAILABLE)
            try:
                environ["wsgi.input"] = BytesIO(read_body(environ, announced))
            except TooSlow:
                return refuse(start_response, HTTPStatus.REQUEST_TIMEOUT)
            finally:
                arriving.release()
        return application(environ, start_response)

    return reading


def with_readable_types(application: Application) -> Application:
    """Takes a Content-Type without its parameters where they can't be read (RFC 2231 with a charset that is none):
    Django would fail on it before anything of ours could answer."""

    def reading(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        said = str(environ.get("CONTENT_TYPE", ""))
        if "*" in said:
            try:
                parse_header_parameters(said)
            except (ValueError, LookupError):
                environ["CONTENT_TYPE"] = said.partition(";")[0]
        return application(environ, start_response)

    return reading


def _first_step(environ: dict[str, Any]) -> str:
    return str(environ.get("PATH_INFO", "")).lstrip("/").partition("/")[0]


def _announced(environ: dict[str, Any]) -> float:
    try:
        return int(environ.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return float("inf")
