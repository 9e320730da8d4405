"""Opening what somebody names: a report, a case or a ring by its reference, however it was typed."""

from __future__ import annotations

from contextlib import suppress
from http import HTTPStatus
from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from amaan.accounts.audience import audience, may
from amaan.authority.matrix import Action
from amaan.reports.domain.references import NotAReference, letter_of, read_reference

_PAGES: Final = {"R": "desk:report", "C": "desk:case", "G": "desk:ring"}


@audience(may(Action.VIEW_QUEUE))
@require_safe
def open_named(request: HttpRequest) -> HttpResponse:
    """`?reference=`. Whether there is one, and who may open it, is the page's own question."""
    typed = request.GET.get("reference", "").strip()
    letter = letter_of(typed) or "R"
    if letter in _PAGES:
        with suppress(NotAReference):
            return HttpResponseRedirect(reverse(_PAGES[letter], args=[read_reference(typed, letter)]))
    return render(request, "desk/open.html", {"typed": typed}, status=HTTPStatus.UNPROCESSABLE_ENTITY)


urlpatterns = [path("open/", open_named, name="open")]
