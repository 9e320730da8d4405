"""The list of rings: what moved last stands first; above it what a unit should know and nobody has seen yet."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from amaan.accounts.audience import audience, may
from amaan.accounts.selectors import unit_list, unit_names
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action
from amaan.authority.matrix import may as allowed
from amaan.cases.selectors import cases_among
from amaan.desk.pages.rings.forms import LARGEST
from amaan.desk.reading import own_unit, record_reading, shown_when_recorded
from amaan.ledger.services import Act
from amaan.linking.domain.strength import Strength
from amaan.linking.panels import alerts_beside, alerts_panel, is_alert, rings_panel
from amaan.linking.selectors.showing import Place, RingsAsked
from amaan.reports.selectors.recurring import cases_of

READ_RINGS: Final = "rings.read"
_PLACE = re.compile(r"([0-9]{1,18})-([0-9]{1,18})")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@audience(may(Action.EXPLAIN_TRIAGE))
@require_safe
@shown_when_recorded
def rings(request: HttpRequest) -> HttpResponse:
    """`?unit=`, `?strength=plain|strong`, `?case=1`, `?crossing=1` narrow it down; `?after=` goes on."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    units = {unit.code: unit.pk for unit in unit_list()}
    unit = request.GET.get("unit", "")
    strength = request.GET.get("strength", "")
    chosen = {
        "unit": unit if unit in units else "",
        "strength": strength if strength in {Strength.PLAIN, Strength.STRONG} else "",
        "case": "1" if request.GET.get("case") == "1" else "",
        "crossing": "1" if request.GET.get("crossing") == "1" else "",
    }
    after = _place(request.GET.get("after", ""))
    asked = RingsAsked(
        unit=units.get(chosen["unit"]),
        strength=Strength(chosen["strength"]) if chosen["strength"] else None,
        crossing=bool(chosen["crossing"]),
        cases=_in_cases if chosen["case"] else None,
    )
    lines, further = rings_panel(actor, asked, after=after)
    alerts = alerts_panel(actor, partial(cases_among, actor)) if after is None else None
    body = {
        **chosen,
        "references": [line.reference for line in lines],
        "alerts": [[one.ring, one.number, one.detail, *one.cases] for one in alerts.lines] if alerts else [],
    }
    record_reading(actor, Act(READ_RINGS, "rings", own_unit(actor), body))
    in_case = cases_of([report for line in lines for report in line.reports])
    names = unit_names()
    context = {
        "lines": [(line, sorted({c for r in line.reports for c in in_case.get(r, ())})) for line in lines],
        "alerts": alerts,
        "may_see": allowed(actor, Action.DECIDE_REPORT),
        "chosen": chosen,
        "filtered": any(chosen.values()),
        "filters": _filters(chosen),
        "units": [(code, names.get(code, code)) for code in units],
        "after": f"{_query(chosen)}&after={_place_text(further)}" if further else "",
        "further": after is not None,
        "now": timezone.now(),
    }
    return render(request, "desk/rings/list.html", context)


def _in_cases(report_ids: Collection[int]) -> Collection[int]:
    return cases_of(list(report_ids)).keys()


def _filters(chosen: dict[str, str]) -> list[tuple[str, list[tuple[str, str, bool]]]]:
    """Name of a filter, and its choices: words, address, whether it is chosen."""
    asked = {
        "strength": (
            _("Links"),
            [("", _("any")), ("strong", _("mostly strong")), ("plain", _("mostly plain"))],
        ),
        "case": (_("Cases"), [("", _("any")), ("1", _("with an open case"))]),
        "crossing": (_("Offices"), [("", _("any")), ("1", _("in more than one"))]),
    }
    return [
        (name, [(words, _query({**chosen, key: value}), chosen[key] == value) for value, words in choices])
        for key, (name, choices) in asked.items()
    ]


def _query(chosen: dict[str, str]) -> str:
    return "?" + urlencode({name: value for name, value in chosen.items() if value})


@audience(may(Action.DECIDE_REPORT))
@require_POST
@shown_when_recorded
def seen(request: HttpRequest, number: int | None = None) -> HttpResponse:
    """One alert, or all that stand on the page, were seen: for everybody of the unit."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if number is not None and (number > LARGEST or not is_alert(actor, number)):
        raise Http404
    from amaan.linking.services import see_alerts  # beside what weighs, which reads numpy

    lines = [one.number for one in alerts_panel(actor).lines] if number is None else [number]
    if see_alerts(actor, alerts=[one for line in lines for one in alerts_beside(actor, line)]):
        messages.success(request, _("Noted as seen, for your whole office."))
    return HttpResponseRedirect(reverse("desk:rings"))


def _place(text: str) -> Place | None:
    """Where to go on, from an address; what does not fit begins at the top."""
    found = _PLACE.fullmatch(text)
    if found is None:
        return None
    return (_EPOCH + timedelta(microseconds=min(int(found[1]), 2**57)), int(found[2]))


def _place_text(place: Place) -> str:
    return f"{(place[0] - _EPOCH) // timedelta(microseconds=1)}-{place[1]}"


urlpatterns = [
    path("rings/", rings, name="rings"),
    path("rings/alerts/seen/", seen, name="ring_alerts_seen"),
    path("rings/alerts/<int:number>/seen/", seen, name="ring_alert_seen"),
]
