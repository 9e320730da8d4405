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
from amaan.reports.domain.references import NotAReference, read_reference

_PAGES: Final = {"R": "desk:report", "C": "desk:case", "G": "desk:ring"}


@audience(may(Action.VIEW_QUEUE))
@require_safe
def open_named(request: HttpRequest) -> HttpResponse:
    """`?reference=`. Whether there is one, and who may open it, is the page's own question."""
    typed = request.GET.get("reference", "").strip()
    letter = typed[:1].upper()
    for begins in dict.fromkeys((letter if letter in _PAGES else "R", "R")):
        with suppress(NotAReference):
            written = read_reference(typed, begins)
            return HttpResponseRedirect(reverse(_PAGES[begins], args=[written]))
    return render(request, "desk/open.html", {"typed": typed}, status=HTTPStatus.UNPROCESSABLE_ENTITY)


urlpatterns = [path("open/", open_named, name="open")]
