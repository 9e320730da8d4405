"""The list of cases: one's own, or the whole unit's, those that moved last first."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from amaan.accounts.audience import audience, may
from amaan.accounts.selectors import unit_names
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action
from amaan.authority.matrix import may as allowed
from amaan.cases.selectors import Place, cases_for
from amaan.desk.pages.cases.left import something_left
from amaan.desk.reading import own_unit, record_reading, shown_when_recorded
from amaan.ledger.services import Act

READ_CASES: Final = "cases.read"
MINE, ALL = "mine", "unit"

_PLACE = re.compile(r"([0-9]{1,18})-([0-9]{1,18})")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@audience(may(Action.VIEW_CASE))
@require_safe
@shown_when_recorded
def cases(request: HttpRequest) -> HttpResponse:
    """`?whose=mine|unit`; without it one's own, or, for somebody who has none, the unit's. `?after=` goes on."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    asked, after = request.GET.get("whose", ""), _place(request.GET.get("after", ""))
    whose = asked if asked in {MINE, ALL} else MINE
    page = cases_for(actor, mine=whose == MINE, after=after)
    if not asked and not page.lines:
        whose, page = ALL, cases_for(actor, after=after)
    body = {"whose": whose, "references": [line.reference for line in page.lines]}
    record_reading(actor, Act(READ_CASES, "cases", own_unit(actor), body))
    offices = unit_names()
    context = {
        "whose": whose,
        "tabs": [(MINE, _("Yours")), (ALL, _("All of your office"))],
        "lines": [replace(line, unit=offices.get(line.unit, line.unit)) for line in page.lines],
        "after": _place_text(page.after) if page.after else "",
        "further": after is not None,
        "many_units": len({line.unit for line in page.lines}) > 1,
        "left": something_left(actor),
        "gives_on": allowed(actor, Action.ASSIGN_CASE),
        "now": timezone.now(),
    }
    return render(request, "desk/cases/list.html", context)


def _place(text: str) -> Place | None:
    """Where to go on, from an address; what does not fit begins at the top."""
    found = _PLACE.fullmatch(text)
    if found is None:
        return None
    moment, row = int(found[1]), int(found[2])
    return (_EPOCH + timedelta(microseconds=min(moment, 2**57)), row)


def _place_text(place: Place) -> str:
    return f"{(place[0] - _EPOCH) // timedelta(microseconds=1)}-{place[1]}"


urlpatterns = [path("cases/", cases, name="cases")]
