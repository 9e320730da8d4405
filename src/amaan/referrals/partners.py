"""What every JSON interface for partners asks first: whose credential it is, how often it asks, and refusals in words.

HTTP Basic with the credential at the wire. Rooms that answer partners (matching, feedback) come in here.
"""

from __future__ import annotations

import hashlib
import threading
import time
from http import HTTPStatus
from typing import Final

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, JsonResponse

from amaan.referrals.domain.wire import Allowance, Sender, read_basic, visitor
from amaan.referrals.selectors import verified_sender

FAILURES: Final = 20
FAILURE_SECONDS: Final = 300


class Pace:
    """How often one credential may ask, in one process: `a_second` on average, `burst` at once."""

    def __init__(self, a_second: float, burst: float) -> None:
        self._a_second, self._burst = a_second, burst
        self._held: dict[int, Allowance] = {}
        self._lock = threading.Lock()

    def wait(self, sender: Sender) -> float:
        """Seconds until the sender may ask again; 0 where it may now, which counts."""
        with self._lock:
            now = time.monotonic()
            return self._held.setdefault(sender.id, Allowance(self._a_second, self._burst, now)).take(now)

    def forget(self) -> None:
        """Everybody may ask a whole burst again."""
        with self._lock:
            self._held.clear()


def sender_of(request: HttpRequest) -> Sender | None:
    """Whose credential a request carries; None where it carries none that is good."""
    given = read_basic(str(request.META.get("HTTP_AUTHORIZATION", "")))
    return verified_sender(*given) if given else None


def turned_away(request: HttpRequest, realm: str) -> HttpResponse:
    """The answer to a request without a good credential; too many wrong ones from one address wait."""
    meta = request.META
    address = visitor(
        str(meta.get("REMOTE_ADDR", "")),
        str(meta.get("HTTP_X_FORWARDED_FOR", "")),
        settings.ALLAUTH_TRUSTED_PROXY_COUNT,
    )
    key = f"{realm}.failed.{hashlib.sha256(address.encode()).hexdigest()[:32]}"
    failed = int(cache.get(key, 0))
    if failed >= FAILURES:
        return later(HTTPStatus.TOO_MANY_REQUESTS, "Too many wrong credentials.", FAILURE_SECONDS)
    if meta.get("HTTP_AUTHORIZATION"):
        cache.set(key, failed + 1, FAILURE_SECONDS)
    response = message(HTTPStatus.UNAUTHORIZED, "A credential is wanted: HTTP Basic.")
    response.headers["WWW-Authenticate"] = f'Basic realm="{realm}", charset="UTF-8"'
    return response


def message(status: HTTPStatus, words: str) -> HttpResponse:
    return JsonResponse({"message": words}, status=status)


def later(status: HTTPStatus, words: str, seconds: float) -> HttpResponse:
    response = message(status, words)
    response.headers["Retry-After"] = str(max(1, round(seconds)))
    return response
