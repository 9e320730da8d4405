"""The front, the way out, and what is said when something is wrong."""

from __future__ import annotations

from http import HTTPStatus

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import resolve
from django.utils import translation
from django.utils.translation import gettext as _

from amaan.portal.domain.questions import WAYS
from amaan.portal.pages.help import danger_cards, untried
from amaan.portal.services.leaving import leave_form
from amaan.portal.words import WAY_WORDS


def by_language(request: HttpRequest) -> HttpResponse:
    """`/`: on to the language that the browser asks for."""
    return HttpResponseRedirect(f"/{translation.get_language()}/")


def as_typed(request: HttpRequest) -> HttpResponse:
    """`/ur`, `/En/Report`: an address of ours as people type it from a poster and phones correct it. Raises Http404."""
    address = request.path_info.lower().rstrip("/") + "/"
    # Only what is an address of ours: «//elsewhere/» would lead away from here.
    if (
        address == request.path_info
        or request.method not in {"GET", "HEAD"}
        or resolve(address).func is as_typed
    ):
        raise Http404
    return HttpResponseRedirect(address)


def home(request: HttpRequest, language: str) -> HttpResponse:
    cards = danger_cards(language)
    ways = [(str(way), WAY_WORDS[way]) for way in WAYS]
    context = {"ways": ways, "cards": cards, "untried": untried(cards)}
    return render(request, "portal/home.html", context)


def leave(request: HttpRequest, language: str) -> HttpResponse:
    """Away at once, also without JavaScript, to a page that says nothing. The form that was open is shut.

    No Clear-Site-Data: a browser can take seconds to clear, before it leaves, and our pages are in no cache.
    """
    if told := request.GET.get("f"):
        leave_form(told)
    response = HttpResponseRedirect(settings.AMAAN_EXIT_TO)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _said(request, HTTPStatus.BAD_REQUEST, _("That can't be read"), _("Please go back and try again."))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _said(
        request, HTTPStatus.NOT_FOUND, _("There is no such page"), _("Start again from the first page.")
    )


def server_error(request: HttpRequest) -> HttpResponse:
    text = _("The fault is ours. Nothing was sent. Please try again in a few minutes.")
    return _said(request, HTTPStatus.INTERNAL_SERVER_ERROR, _("Something broke"), text)


def _said(request: HttpRequest, status: HTTPStatus, title: str, text: str) -> HttpResponse:
    return render(request, "portal/error.html", {"title": title, "text": text}, status=status)
