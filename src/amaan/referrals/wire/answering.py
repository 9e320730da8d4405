"""How the wire answers: XML always, a Request-ID always, one HTTP status a code."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from amaan.formats.cybertipline.answers import Code, report_done_response, report_response

_log = logging.getLogger("amaan.wire")

BASE: Final = "/ispws"
XML: Final = "application/xml; charset=utf-8"

# Clients retry on 5xx, some on everything that is not 2xx: what they can mend is 4xx, a fault of ours 5xx.
STATUS: Final = {
    Code.SUCCESS: HTTPStatus.OK,
    Code.SERVER_ERROR: HTTPStatus.INTERNAL_SERVER_ERROR,
    Code.SAVE_FAILED: HTTPStatus.INTERNAL_SERVER_ERROR,
    Code.UPLOAD_FAILED: HTTPStatus.INTERNAL_SERVER_ERROR,
    Code.FILE_UPLOAD_FAILED: HTTPStatus.BAD_REQUEST,
    Code.NOT_FOUND: HTTPStatus.NOT_FOUND,
    Code.UPDATE_FAILED: HTTPStatus.CONFLICT,
    Code.NOT_AUTHENTICATED: HTTPStatus.UNAUTHORIZED,
    Code.NOT_AUTHORISED: HTTPStatus.FORBIDDEN,
    Code.MAY_NOT_SUBMIT: HTTPStatus.FORBIDDEN,
    Code.MAY_NOT_UPDATE: HTTPStatus.FORBIDDEN,
    Code.INVALID_REQUEST: HTTPStatus.BAD_REQUEST,
    Code.NOT_VALID: HTTPStatus.BAD_REQUEST,
    Code.MALFORMED_XML: HTTPStatus.BAD_REQUEST,
    Code.MALFORMED_FILE: HTTPStatus.BAD_REQUEST,
    Code.NO_REPORT: HTTPStatus.NOT_FOUND,
    Code.NO_FILE: HTTPStatus.NOT_FOUND,
    Code.RETRACTED: HTTPStatus.CONFLICT,
    Code.FINISHED: HTTPStatus.CONFLICT,
}


def answer(
    code: Code,
    words: str = "",
    *,
    status: int = 0,
    number: int | None = None,
    file_id: str | None = None,
    hash_value: str | None = None,
) -> HttpResponse:
    """A `reportResponse`. `status` where HTTP has a better word than the code's own."""
    content = report_response(
        code, words or None, report_id=number or None, file_id=file_id, hash_value=hash_value
    )
    return HttpResponse(content, content_type=XML, status=status or STATUS[code])


def done_answer(code: Code, number: int, file_ids: tuple[str, ...] = (), *, status: int = 0) -> HttpResponse:
    """A `reportDoneResponse`: what `/finish` answers, whatever happened."""
    content = report_done_response(code, number, file_ids)
    return HttpResponse(content, content_type=XML, status=status or STATUS[code])


def refusal(request: HttpRequest, code: Code, words: str = "", *, status: int = 0) -> HttpResponse:
    """A refusal before an endpoint was asked, in the shape that its clients read."""
    if request.path_info.rstrip("/").endswith("/finish"):
        return done_answer(code, 0, status=status)
    return answer(code, words, status=status)


def _at_the_wire(request: HttpRequest) -> bool:
    return request.path_info.lstrip("/").split("/", 1)[0] == BASE.strip("/")


class WireAnswers:
    """The outermost middleware: under /ispws everything has a Request-ID, and what another part of the program said in
    HTML (a path that is none, a host that isn't ours, a fault) is said in XML."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not _at_the_wire(request):
            return response
        if response.headers.get("Content-Type") != XML:
            response = _in_xml(request, response.status_code)
        response.headers["Request-ID"] = request_id = secrets.token_hex(16)
        fault = getattr(request, "wire_fault", "")
        if fault:
            _log.error("The wire failed, Request-ID %s: %s", request_id, fault)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """What failed and where, for the operator's log. Never its message, which may quote a document."""
        if _at_the_wire(request):
            frame = exception.__traceback__
            while frame and frame.tb_next:
                frame = frame.tb_next
            where = f"{frame.tb_frame.f_code.co_qualname}:{frame.tb_lineno}" if frame else "unknown place"
            request.wire_fault = f"{type(exception).__name__} in {where}"  # type: ignore[attr-defined]


def _in_xml(request: HttpRequest, status: int) -> HttpResponse:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        code = Code.SERVER_ERROR
    elif status == HTTPStatus.NOT_FOUND:
        code = Code.NOT_FOUND
    else:
        code, status = Code.INVALID_REQUEST, max(status, HTTPStatus.BAD_REQUEST)
    return refusal(request, code, status=status)
