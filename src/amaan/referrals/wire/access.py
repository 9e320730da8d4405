"""Who may speak at the wire: HTTP Basic with a platform's credential, and how much one may ask.

Every endpoint carries `credential`, and gets the `Sender` that it verified. Staff sessions count for nothing here.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import Counter
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, Final

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError

from amaan.formats.cybertipline.answers import Code
from amaan.referrals.domain.wire import Allowance, Sender, WireRefused, read_basic, visitor
from amaan.referrals.selectors import verified_sender
from amaan.referrals.wire.answering import answer, refusal

Endpoint = Callable[..., HttpResponse]  # (request, sender, …)

VERIFIED_SECONDS: Final = 5.0
"""A credential that was verified is believed for so long in this process: a revocation is felt at the latest then."""
REQUESTS_A_SECOND: Final = 500.0
BURST: Final = 2000.0
"""For one credential and process. A national agency's whole month, four requests a report, comes in a quarter of an
hour at this pace."""
AT_ONCE: Final = max(1, settings.AMAAN_THREADS * 3 // 4)
"""Requests of all platforms that a process works at together: three of its four threads (`amaan serve --threads`), so
slow uploads never keep the desk waiting."""
EACH: Final = max(1, AT_ONCE // 2)
"""Of these, requests of one platform: whoever holds all of its own open leaves as many to the others."""
FAILURES: Final = 20
FAILURE_SECONDS: Final = 300
"""After so many wrong credentials from one address within so long, it is told to wait. A right one still passes: a
platform behind the same proxy must not be shut out by somebody's guessing."""
_MOST_REMEMBERED: Final = 1000

_verified: dict[bytes, tuple[Sender, float]] = {}
_allowances: dict[int, Allowance] = {}
_lock = threading.Lock()
_places = threading.BoundedSemaphore(AT_ONCE)
_at_work: Counter[int] = Counter()


def forget_verified() -> None:
    """What this process believes and counts; tests begin with it."""
    with _lock:
        _verified.clear()
        _allowances.clear()


def credential(method: str | None) -> Callable[[Endpoint], Callable[..., HttpResponse]]:
    """An endpoint that wants a credential and takes `method` (None: any); refusals are answered as documented."""

    def guard(endpoint: Endpoint) -> Callable[..., HttpResponse]:
        @wraps(endpoint)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            sender = _sender(request)
            if sender is None:
                return _turned_away(request)
            wait = _allowance(sender.id)
            if wait:
                return _too_many(request, wait)
            if method and request.method not in {method, "HEAD" if method == "GET" else method}:
                response = refusal(request, Code.INVALID_REQUEST, status=HTTPStatus.METHOD_NOT_ALLOWED)
                response.headers["Allow"] = method
                return response
            if not _take_place(sender.id):
                return _too_many(request, 1)
            try:
                return endpoint(request, sender, *args, **kwargs)
            except WireRefused as refused:
                return _refused(request, refused)
            finally:
                _leave_place(sender.id)

        guarded.asks_credential = True  # type: ignore[attr-defined] # a test looks for it on every endpoint
        return guarded

    return guard


UNREADABLE: Final = (MultiPartParserError, UnreadablePostError, SuspiciousOperation, BadRequest)
"""What reading a form raises where it is cut or none."""


def address_of(request: HttpRequest) -> str:
    meta = request.META
    return visitor(
        str(meta.get("REMOTE_ADDR", "")),
        str(meta.get("HTTP_X_FORWARDED_FOR", "")),
        settings.ALLAUTH_TRUSTED_PROXY_COUNT,
    )


def _sender(request: HttpRequest) -> Sender | None:
    header = str(request.META.get("HTTP_AUTHORIZATION", ""))
    key, now = hashlib.sha256(header.encode("utf-8", "surrogatepass")).digest(), time.monotonic()
    believed = _verified.get(key)
    if believed and now < believed[1]:
        return believed[0]
    given = read_basic(header)
    found = verified_sender(*given) if given else None
    if found:
        with _lock:
            if len(_verified) >= _MOST_REMEMBERED:
                _verified.clear()
            _verified[key] = (found, now + VERIFIED_SECONDS)
    return found


def _turned_away(request: HttpRequest) -> HttpResponse:
    key = f"ispws.failed.{hashlib.sha256(address_of(request).encode()).hexdigest()[:32]}"
    failed = int(cache.get(key, 0))
    if failed >= FAILURES:
        return _too_many(request, FAILURE_SECONDS)
    if request.META.get("HTTP_AUTHORIZATION"):  # asking without one is how many clients begin
        cache.set(key, failed + 1, FAILURE_SECONDS)
    response = refusal(request, Code.NOT_AUTHENTICATED)
    response.headers["WWW-Authenticate"] = 'Basic realm="ispws", charset="UTF-8"'
    return response


def _allowance(sender: int) -> float:
    now = time.monotonic()
    with _lock:
        held = _allowances.setdefault(sender, Allowance(REQUESTS_A_SECOND, BURST, now))
        return held.take(now)


def _take_place(sender: int) -> bool:
    """Whether there is a place, of all and of this platform's share. Nobody waits for one: that would take a thread."""
    with _lock:
        if _at_work[sender] >= EACH or not _places.acquire(blocking=False):
            return False
        _at_work[sender] += 1
        return True


def _leave_place(sender: int) -> None:
    with _lock:
        _places.release()
        _at_work[sender] -= 1
        if not _at_work[sender]:
            del _at_work[sender]


def _refused(request: HttpRequest, refused: WireRefused) -> HttpResponse:
    if refused.retry_after:
        return _too_many(request, refused.retry_after, refused.words)
    return answer(refused.code, refused.words, number=refused.number)


def _too_many(request: HttpRequest, seconds: float, words: str = "") -> HttpResponse:
    words = words or "Too many requests; send this again after the time in Retry-After."
    response = refusal(request, Code.SERVER_ERROR, words, status=HTTPStatus.TOO_MANY_REQUESTS)
    response.headers["Retry-After"] = str(max(1, round(seconds)))
    return response
