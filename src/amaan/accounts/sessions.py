"""How long somebody stays signed in: 30 minutes without a click, ten hours at most."""

from __future__ import annotations

import time
from typing import Final

from django.conf import settings
from django.http import HttpRequest

_BEGAN: Final = "signed_in_at"
_SEEN: Final = "seen_at"
_TOUCH_SECONDS: Final = (
    60  # a page view a minute renews the session; one write a click would cost more than it gives
)


def begin(request: HttpRequest) -> None:
    request.session[_BEGAN] = request.session[_SEEN] = int(time.time())


def signed_in_at(request: HttpRequest) -> int | None:
    """When this session was signed in, in seconds since 1970; None for a visitor."""
    began = request.session.get(_BEGAN)
    return began if isinstance(began, int) else None


def has_ended(request: HttpRequest) -> bool:
    """Whether the longest time is over. A session that does not say when it began has ended."""
    began = signed_in_at(request)
    return began is None or time.time() - began > settings.AMAAN_SESSION_HOURS * 3600


def keep_alive(request: HttpRequest) -> None:
    """Renew the idle time, which the session store itself keeps (SESSION_COOKIE_AGE)."""
    if time.time() - request.session.get(_SEEN, 0) > _TOUCH_SECONDS:
        request.session[_SEEN] = int(time.time())
