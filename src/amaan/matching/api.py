"""Whether one hash is on a list, for platforms whose credential may ask: HTTP Basic, JSON, below /api/.

The answer has the shape of Hasher-Matcher-Actioner's `/m/lookup` by signal, and says more beside it. It tells of one
signal, and never how near: with the exact distance, 256 questions about a hash's neighbours would give the listed one
away. docs/reference/look-up-api.md documents it, and what remains.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, Final

from django.core.cache import cache
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.urls import path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from amaan.accounts.audience import PUBLIC, audience
from amaan.matching.services.looking_up import Hit, IndexBehind, NotASignal, look_up_signal, read_signal
from amaan.referrals.domain.wire import Sender
from amaan.referrals.partners import Pace, later, message, sender_of, turned_away

A_SECOND: Final = 5.0
BURST: Final = 50.0
"""Look-ups of one credential and process: enough for a moderator's queue."""
A_DAY: Final = 20_000
"""Look-ups of one credential in a day (UTC), over all processes and restarts; too few to try a list out."""

_pace = Pace(A_SECOND, BURST)


@audience(PUBLIC)
@csrf_exempt
def lookup(request: HttpRequest) -> HttpResponse:
    """GET or POST with `signal_type` (md5, sha1, sha256, pdq) and `signal` in hexadecimal digits."""
    sender = sender_of(request)
    if sender is None:
        return turned_away(request, "lookup")
    return _kept_away(request, sender) or _looked_up(request, sender)


def _kept_away(request: HttpRequest, sender: Sender) -> HttpResponse | None:
    """The answer to a credential that may not ask, or not now, or not like this."""
    if not sender.may_look_up:
        return message(HTTPStatus.FORBIDDEN, "This credential may not look up; ask whoever gave it to you.")
    if request.method not in {"GET", "HEAD", "POST"}:
        response = message(HTTPStatus.METHOD_NOT_ALLOWED, "Use GET or POST.")
        response.headers["Allow"] = "GET, HEAD, POST"
        return response
    wait = _pace.wait(sender)
    if wait:
        return later(HTTPStatus.TOO_MANY_REQUESTS, "Too many look-ups; ask again after Retry-After.", wait)
    left = _of_today(sender)
    if left:
        return later(HTTPStatus.TOO_MANY_REQUESTS, "This credential has asked enough for a day.", left)
    return None


def _of_today(sender: Sender) -> float:
    """Count one more look-up of today; the seconds until tomorrow where there were too many."""
    now = timezone.now()
    midnight = datetime.combine(now.date(), datetime.min.time(), UTC) + timedelta(days=1)
    left = (midnight - now).total_seconds()
    key = f"lookup.day.{now.date().isoformat()}.{sender.id}"
    try:
        asked = cache.incr(key)
    except ValueError:
        cache.add(key, 0, int(left) + 1)
        asked = cache.incr(key)
    return left if asked > A_DAY else 0.0


def _looked_up(request: HttpRequest, sender: Sender) -> HttpResponse:
    try:
        given = request.POST if request.method == "POST" else request.GET
        kind, value = read_signal(given.get("signal_type", ""), given.get("signal", ""))
        found = look_up_signal(sender.actor, kind=kind, value=value)
    except NotASignal as slip:
        return message(HTTPStatus.BAD_REQUEST, str(slip))
    except (UnreadablePostError, SuspiciousOperation, BadRequest):
        return message(HTTPStatus.BAD_REQUEST, "Send signal_type and signal as a form.")
    except IndexBehind:
        return later(HTTPStatus.SERVICE_UNAVAILABLE, "The index is being built; ask again in a minute.", 60)
    return JsonResponse(_answer(found))


def _answer(found: list[Hit]) -> dict[str, list[dict[str, Any]]]:
    """By bank, named as HMA names banks; `bank_content_id` and `distance` are HMA's, the rest explains.

    HMA's `distance` holds the list's threshold for whatever is near. The order tells nothing of nearness either.
    """
    told: dict[str, list[dict[str, Any]]] = {}
    for hit in sorted(found, key=lambda hit: (not hit.same, hit.member)):
        told.setdefault(hit.slug.upper().replace("-", "_"), []).append(
            {
                "bank_content_id": hit.member,
                "distance": "0" if hit.same else str(hit.threshold),
                "match": "exact" if hit.same else "near",
                "list": hit.slug,
                "category": str(hit.category),
                "threshold": hit.threshold,
                "algorithm": hit.algorithm,
            }
        )
    return told


urlpatterns = [path("lookup", lookup, name="lookup")]
