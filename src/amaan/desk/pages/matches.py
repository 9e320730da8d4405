"""What a list matched, in reports that the reader may see."""

from __future__ import annotations

from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from amaan.accounts.audience import audience, may
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action
from amaan.desk.reading import own_unit, record_reading, shown_when_recorded
from amaan.ledger.services import Act
from amaan.matching.domain.errors import ListNotFound
from amaan.matching.panels import list_matches
from amaan.matching.selectors import list_line

READ: Final = "list.matches_read"


@audience(may(Action.VIEW_REPORT))
@require_safe
@shown_when_recorded
def matches(request: HttpRequest, reference: str) -> HttpResponse:
    """`?before=12` goes on where the last page ended."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    before = _number(request.GET.get("before", ""))
    try:
        line = list_line(actor, reference)
        record_reading(actor, Act(READ, f"list/{line.slug}", own_unit(actor), {"before": before or 0}))
        found = list_matches(actor, line.slug, before=before)
    except ListNotFound as absent:
        raise Http404 from absent
    return render(request, "desk/lists/matches.html", {"line": line, "found": found, "before": before})


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None


urlpatterns = [path("lists/<slug:reference>/matches/", matches, name="list_matches")]
