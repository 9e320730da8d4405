"""One report, in the order an officer reads; its panels come from the rooms."""

from __future__ import annotations

from functools import partial
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from amaan.accounts.audience import audience, may
from amaan.accounts.selectors import unit_names
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action
from amaan.cases.selectors import cases_among
from amaan.desk.dossier import offers_for, why
from amaan.desk.known_files import files_to_know
from amaan.desk.reading import record_reading, shown_when_recorded
from amaan.ledger.services import Act
from amaan.matching.panels import match_panel
from amaan.referrals.domain.document_trees import MOST_NODES
from amaan.referrals.panels import document_trees
from amaan.referrals.selectors import preservation_of, receipts_of
from amaan.reports.lookups import note_opened
from amaan.reports.panels import report_panels
from amaan.reports.selectors import ReportNotFound, access_report
from amaan.triage.selectors import claim_panel

READ_REPORT: Final = "report.read"
READ_DOCUMENT: Final = "report.document_read"
FIRST_NODES: Final = 2000


@audience(may(Action.VIEW_REPORT))
@require_safe
@shown_when_recorded
def show(request: HttpRequest, reference: str) -> HttpResponse:
    """One report. Reading it is one entry in the ledger, on its reference.

    `?from=12` says that look-up 12 led here. Whether it did is asked of the look-up and noted with the reading, never
    without it; what is not so is ignored.
    """
    actor: Actor = request.actor  # type: ignore[attr-defined]
    now = timezone.now()
    try:
        report = access_report(actor, reference)
    except ReportNotFound as absent:
        raise Http404 from absent
    reference, unit = report.reference, report.unit.code
    look_up = _number(request.GET.get("from", ""))
    record_reading(
        actor,
        Act(READ_REPORT, reference, unit, {"version": report.version}),
        also=partial(note_opened, actor, number=look_up, reference=reference) if look_up else None,
    )
    panels = report_panels(actor, reference)
    context = {
        "report": panels,
        "office": unit_names().get(unit, unit),
        "cases": cases_among(actor, (one.case_reference for one in panels.outcomes)),
        "why": why(actor, reference, unit),
        "claim": claim_panel(actor, reference, now=now),
        "preservation": preservation_of(actor, reference),
        "receipts": receipts_of(actor, reference),
        "matches": match_panel(actor, report),
        "known": files_to_know(actor, report, panels.contents.items),
        "offers": offers_for(actor, reference, unit, telling=report.version),
        "now": now,
    }
    return render(request, "desk/report.html", context)


@audience(may(Action.VIEW_REPORT))
@require_safe
@shown_when_recorded
def document(request: HttpRequest, reference: str) -> HttpResponse:
    """The documents as they came, as trees that name nobody protected. `?all=1` shows as much as a page can."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    try:
        report = access_report(actor, reference)
    except ReportNotFound as absent:
        raise Http404 from absent
    reference, unit = report.reference, report.unit.code
    record_reading(actor, Act(READ_DOCUMENT, reference, unit, {"version": report.version}))
    everything = request.GET.get("all") == "1"
    trees = document_trees(actor, reference, most=MOST_NODES if everything else FIRST_NODES)
    left_out = sum(tree.left_out for tree in trees)
    context = {"report": report, "documents": trees, "left_out": left_out, "everything": everything}
    return render(request, "desk/document.html", context)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None


urlpatterns = [
    path("reports/<str:reference>/", show, name="report"),
    path("reports/<str:reference>/document/", document, name="document"),
]
