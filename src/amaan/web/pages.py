"""The pages that belong to no room: the front, health, and what is said when something is wrong."""

from __future__ import annotations

import time
from http import HTTPStatus
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from amaan import __version__
from amaan.accounts.audience import PUBLIC, audience
from amaan.outbox.services import HEARTBEAT


@audience(PUBLIC)
def front(request: HttpRequest) -> HttpResponse:
    """The root: staff go on to the desk, everybody else to the public's door; where it isn't served, to signing in."""
    if request.user.is_authenticated:
        return HttpResponseRedirect("/desk/")
    if "public" in settings.AMAAN_DOORS:
        return HttpResponseRedirect(f"/{get_language()}/")
    return HttpResponseRedirect(reverse("account_login"))


@audience(PUBLIC)
def healthz(request: HttpRequest) -> JsonResponse:
    """`{status, version, database, worker_seconds}`: 200 when the database answers, 503 when it does not.

    `worker_seconds` is how long the worker has been silent; null when it has not been seen.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        reachable = True
    except DatabaseError:
        reachable = False
    said = {
        "status": "ok" if reachable else "failing",
        "version": __version__,
        "database": "ok" if reachable else "unreachable",
        "worker_seconds": _worker_silence(),
    }
    return JsonResponse(said, status=HTTPStatus.OK if reachable else HTTPStatus.SERVICE_UNAVAILABLE)


@audience(PUBLIC)
def robots(request: HttpRequest) -> HttpResponse:
    return HttpResponse("User-agent: *\nDisallow: /\n", content_type="text/plain")


def _worker_silence() -> int | None:
    try:
        beat = (Path(settings.AMAAN_HOME) / HEARTBEAT).stat().st_mtime
    except OSError:
        return None
    return max(0, int(time.time() - beat))


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _said(
        request, HTTPStatus.BAD_REQUEST, _("That request can't be read"), _("Please go back and try again.")
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    text = _("The form was open too long, or came from elsewhere. Nothing was changed.")
    return _said(
        request,
        HTTPStatus.FORBIDDEN,
        _("Please send that again"),
        text,
        _("Go back, reload the page, try again."),
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _said(request, HTTPStatus.FORBIDDEN, _("Not possible here"), _who_to_ask())


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        # Of the public, most likely, and mistyped: no form here, for its token would be a cookie and a stored session.
        return HttpResponse(render_to_string("ui/no_such_page.html"), status=HTTPStatus.NOT_FOUND)
    # One page for "there is none" and "not for you": the difference would tell what exists.
    text = _("It does not exist, or your roles do not include it.")
    return _said(request, HTTPStatus.NOT_FOUND, _("Nothing to show here"), text, _who_to_ask())


def too_many(request: HttpRequest) -> HttpResponse:
    text = _("There were too many attempts from here. Please wait a few minutes, then try again.")
    return _said(request, HTTPStatus.TOO_MANY_REQUESTS, _("Please wait"), text)


def server_error(request: HttpRequest) -> HttpResponse:
    title, text = (
        _("Something broke"),
        _("The fault is ours and has been logged. Nothing half-done was kept."),
    )
    try:
        return _said(request, HTTPStatus.INTERNAL_SERVER_ERROR, title, text)
    except Exception:  # noqa: BLE001 - the page's frame may be what broke; then plain words must do
        return HttpResponse(f"{title}. {text}", status=500, content_type="text/plain; charset=utf-8")


def _who_to_ask() -> str:
    return _("If your work needs it, ask an administrator to give you the role.")


def _said(
    request: HttpRequest, status: HTTPStatus, title: str, text: str, following: str = ""
) -> HttpResponse:
    context = {"title": title, "text": text, "next": following, "code": status.value}
    return HttpResponse(render_to_string("ui/error.html", context, request=request), status=status)
