"""What became of a partner's reports, over HTTP: Basic with its credential at the wire, JSON, below /feedback/v1/.

Each partner reads the stream of its own entity; no parameter names another. docs/reference/feedback-api.md says more,
and `openapi.json` beside the code is what /feedback/v1/openapi.json answers.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from pathlib import Path
from typing import Final

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from amaan.accounts.audience import PUBLIC, audience
from amaan.feedback.domain.codes import vocabulary
from amaan.feedback.domain.cursors import BadCursor
from amaan.feedback.services import acknowledge, read_stream
from amaan.feedback.services.exporting import item_data
from amaan.feedback.services.telling import MOST_A_PAGE, MOST_ACKNOWLEDGED
from amaan.keyring.domain.errors import KeyringError
from amaan.referrals.domain.wire import Sender
from amaan.referrals.partners import Pace, later, message, sender_of, turned_away

A_SECOND: Final = 2.0
BURST: Final = 30.0
USUAL: Final = 100
OPENAPI: Final = Path(__file__).parent / "openapi.json"

_pace = Pace(A_SECOND, BURST)
Endpoint = Callable[[HttpRequest, Sender], HttpResponse]


class BadBody(ValueError):
    """A body that is none of ours; the message says what is wanted."""


def partner(*methods: str) -> Callable[[Endpoint], Callable[[HttpRequest], HttpResponse]]:
    """An endpoint that wants a credential and takes these methods; refusals are JSON."""

    def guard(endpoint: Endpoint) -> Callable[[HttpRequest], HttpResponse]:
        @wraps(endpoint)
        def guarded(request: HttpRequest) -> HttpResponse:
            sender = sender_of(request)
            if sender is None:
                return turned_away(request, "feedback")
            wait = _pace.wait(sender)
            if wait:
                return later(
                    HTTPStatus.TOO_MANY_REQUESTS, "Too many requests; ask again after Retry-After.", wait
                )
            if request.method not in methods:
                response = message(HTTPStatus.METHOD_NOT_ALLOWED, f"Use {methods[0]}.")
                response.headers["Allow"] = ", ".join(methods)
                return response
            try:
                response = endpoint(request, sender)
            except (BadCursor, BadBody) as slip:
                return message(HTTPStatus.BAD_REQUEST, str(slip))
            except (DatabaseError, KeyringError, OSError):
                # What can't be recorded is not told.
                return later(HTTPStatus.SERVICE_UNAVAILABLE, "Nothing can be recorded now; ask again.", 60)
            response.headers["Cache-Control"] = "no-store"
            return response

        guarded.asks_credential = True  # type: ignore[attr-defined] # a test looks for it on every endpoint
        return guarded

    return guard


@audience(PUBLIC)
@csrf_exempt
@partner("GET", "HEAD")
def reports(request: HttpRequest, sender: Sender) -> HttpResponse:
    """`?cursor=` goes on after what was read; `?limit=` 1 to 500."""
    page = read_stream(sender, cursor=request.GET.get("cursor", ""), limit=_limit(request))
    held = [{"item": item.number, **item_data(item)} for item in page.items]
    return JsonResponse({"items": held, "cursor": page.cursor, "more": page.more})


@audience(PUBLIC)
@csrf_exempt
@partner("POST")
def acknowledgements(request: HttpRequest, sender: Sender) -> HttpResponse:
    """`{"items": [1, 2, 3]}`: that these arrived. Saying it again is no fault."""
    known, unknown = acknowledge(sender, numbers=_numbers(request))
    return JsonResponse({"acknowledged": known, "unknown": unknown})


@audience(PUBLIC)
@csrf_exempt
@partner("GET", "HEAD")
def codes(request: HttpRequest, sender: Sender) -> HttpResponse:
    """Every code and field in words."""
    held = vocabulary()
    return JsonResponse(
        {
            "version": held.version,
            "codes": [
                {"code": c.id, "useful": c.useful, "en": c.words.en, "ur": c.words.ur}
                for c in held.codes.values()
            ],
            "fields": [{"field": f.id, "en": f.words.en, "ur": f.words.ur} for f in held.fields.values()],
        }
    )


@audience(PUBLIC)
@csrf_exempt
@partner("GET", "HEAD")
def openapi(request: HttpRequest, sender: Sender) -> HttpResponse:
    """This interface, described (OpenAPI 3.1)."""
    return HttpResponse(OPENAPI.read_bytes(), content_type="application/json")


def _limit(request: HttpRequest) -> int:
    text = request.GET.get("limit", "")
    if not text:
        return USUAL
    if not (text.isascii() and text.isdigit() and len(text) < 6) or not 1 <= int(text) <= MOST_A_PAGE:
        raise BadBody(f"limit is 1 to {MOST_A_PAGE}.")
    return int(text)


def _numbers(request: HttpRequest) -> list[int]:
    try:
        held = json.loads(request.body)
    except (
        ValueError,
        RecursionError,
        UnreadablePostError,
        RequestDataTooBig,
        SuspiciousOperation,
        BadRequest,
    ) as fault:
        raise BadBody('Send JSON: {"items": [1, 2, 3]}') from fault
    items = held.get("items") if isinstance(held, dict) else None
    if not isinstance(items, list) or len(items) > MOST_ACKNOWLEDGED:
        raise BadBody(f'Send JSON: {{"items": [1, 2, 3]}}, at most {MOST_ACKNOWLEDGED} of them.')
    if not all(isinstance(n, int) and not isinstance(n, bool) and 0 < n < 2**53 for n in items):
        raise BadBody("items are the numbers that /feedback/v1/reports gave.")
    return items


urlpatterns = [
    path("v1/reports", reports, name="feedback_reports"),
    path("v1/acknowledgements", acknowledgements, name="feedback_acknowledgements"),
    path("v1/codes", codes, name="feedback_codes"),
    path("v1/openapi.json", openapi, name="feedback_openapi"),
]
