"""The gate. Closed by default: what does not declare an audience is not served, to nobody."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib.auth import logout
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from amaan.accounts import sessions
from amaan.accounts.audience import Door, audience_of
from amaan.accounts.domain import Policy, is_loopback
from amaan.accounts.second_factor import policy
from amaan.accounts.selectors import actor_of, has_second_factor
from amaan.authority.matrix import NotAllowed

if TYPE_CHECKING:
    from amaan.accounts.models import User

GetResponse = Callable[[HttpRequest], HttpResponse]
View = Callable[..., HttpResponse]


class PageHeaders:
    """Headers that Django does not set: nothing of a signed-in page is kept, and no device is asked for."""

    PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), display-capture=()"

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", self.PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Cache-Control", "no-store, private")
        return response


class SessionLimits:
    """Ends a session after its longest time, and renews its idle time while somebody works."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            if sessions.has_ended(request):
                logout(request)
            else:
                sessions.keep_alive(request)
        return self.get_response(request)


class HoldToAudience:
    """Gives every request its `actor` and lets only the view's audience through.

    Absent and forbidden get the same answer: who may not see an object does not learn whether there is one.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        # Asked at the start of the process: a demo world beyond the loopback ends it, whoever started it.
        self.policy = policy()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = None  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: View, args: list[Any], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        who = audience_of(view)
        if who is None:
            raise Http404("This view declares no audience.")
        user = request.user
        actor = actor_of(user)
        if actor is None or isinstance(user, AnonymousUser):
            return None if who.door is Door.PUBLIC else _to_sign_in(request)
        request.actor = actor  # type: ignore[attr-defined]
        if who.door is Door.STAFF and (step := self._missing_step(request, user)):
            return HttpResponseRedirect(reverse(step))
        if not who.admits(actor):
            raise Http404("Absent, or not for this actor.")
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        if isinstance(exception, NotAllowed):
            raise Http404("Absent, or not for this actor.") from exception

    def _missing_step(self, request: HttpRequest, user: User) -> str | None:
        """The page that somebody must complete before they can work; None if nothing is missing."""
        # The visitor's address is asked too: AMAAN_BIND is what the operator said, not what a proxy does.
        if self.policy is Policy.RELAXED and is_loopback(request.META.get("REMOTE_ADDR", "")):
            return None
        if not has_second_factor(user):
            return "mfa_index"
        return "account_change_password" if user.password_is_initial else None


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    # A form cannot be sent again after signing in, so only a page is remembered.
    return redirect_to_login(request.get_full_path() if request.method == "GET" else "/")
