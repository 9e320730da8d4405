"""One ring: who and what it is, its picture, when and where, what it rests on, and what was decided about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from amaan.accounts.audience import audience, may
from amaan.accounts.selectors import unit_names
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action
from amaan.authority.matrix import may as allowed
from amaan.cases.selectors import cases_among
from amaan.desk.pages.rings.facets import facets
from amaan.desk.pages.rings.forms import ReasonForm
from amaan.desk.pages.rings.lines import lines_of
from amaan.desk.reading import own_unit, record_reading, shown_when_recorded
from amaan.ledger.services import Act
from amaan.linking.domain.errors import RingNotFound
from amaan.linking.selectors.showing import SeenRing, seen_ring
from amaan.reports.selectors.recurring import cases_of

READ_RING: Final = "ring.read"


@dataclass(frozen=True)
class InCases:
    """The cases that hold reports of the ring: references that the reader may open, and how many they may not.

    `by_report`: of each report's id, the references that they may open, or "" for a case of another office.
    """

    open_to_see: tuple[str, ...]
    others: int
    by_report: Mapping[int, tuple[str, ...]]


@audience(may(Action.EXPLAIN_TRIAGE))
@require_safe
@shown_when_recorded
def ring(request: HttpRequest, reference: str) -> HttpResponse:
    """An old reference leads to the ring of which its reports are a part now, and the page says so."""
    return show(request, found(request, reference))


def found(request: HttpRequest, reference: str) -> SeenRing:
    """The ring of the address. Raises Http404."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    try:
        return seen_ring(actor, reference)
    except RingNotFound as absent:
        raise Http404 from absent


def show(request: HttpRequest, seen: SeenRing, bound: Mapping[int, Form] | None = None) -> HttpResponse:
    """The page; `bound` is a form that was refused, by the decision that it would undo. Recorded before it is shown."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    body = {
        "reports": [report.reference for report in seen.seen.values()],
        "elsewhere": seen.hidden,
        "asked": seen.asked.reference if seen.asked else "",
    }
    record_reading(actor, Act(READ_RING, seen.ring.reference, own_unit(actor), body))
    from amaan.linking.panels.ring import ring_panel  # it weighs by numpy: read by whoever looks at a ring

    panel = ring_panel(actor, seen)
    held = in_cases(actor, seen)
    refused = dict(bound or {})
    context = {
        "ring": panel,
        "offices": unit_names(),
        "rows": [(one, held.by_report.get(one.report_id, ())) for one in panel.reports],
        "lines": lines_of(actor, seen, panel.reports, held.by_report),
        "facets": list(facets(panel)),
        "cases": held,
        "undo": [
            (one, refused.get(one.number) or ReasonForm(prefix=f"undo-{one.number}"), one.number in refused)
            for one in panel.decisions
        ],
        "may_open": any(allowed(actor, Action.OPEN_CASE, one.unit.code) for one in seen.seen.values()),
        "now": timezone.now(),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if bound else HTTPStatus.OK
    return render(request, "desk/rings/ring.html", context, status=status)


def in_cases(actor: Actor, seen: SeenRing) -> InCases:
    """Of the reports that the actor may open."""
    held = cases_of(list(seen.seen))
    every = {case for cases in held.values() for case in cases}
    mine = cases_among(actor, every)
    return InCases(
        tuple(sorted(mine)),
        len(every - mine),
        {
            report: tuple(dict.fromkeys(case if case in mine else "" for case in cases))
            for report, cases in held.items()
        },
    )


urlpatterns = [path("rings/<str:reference>/", ring, name="ring")]
