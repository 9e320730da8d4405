"""One report, in the order an officer reads; its panels come from the rooms."""

from __future__ import annotations

from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from amaan.accounts.audience import audience, may
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action
from amaan.desk.dossier import offers_for, why
from amaan.desk.reading import record_reading, shown_when_recorded
from amaan.ledger.services import Act
from amaan.referrals.domain.document_trees import MOST_NODES
from amaan.referrals.panels import completeness, document_trees
from amaan.referrals.selectors import preservation_of
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
    """One report. Reading it is one entry in the ledger, on its reference."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    now = timezone.now()
    try:
        report = access_report(actor, reference)
    except ReportNotFound as absent:
        raise Http404 from absent
    reference, unit = report.reference, report.unit.code
    record_reading(actor, Act(READ_REPORT, reference, unit, {"version": report.version}))
    context = {
        "report": report_panels(actor, reference),
        "why": why(actor, reference, unit),
        "claim": claim_panel(actor, reference, now=now),
        "preservation": preservation_of(actor, reference),
        "receipts": completeness(actor, reference),
        "offers": offers_for(actor, reference, unit),
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


urlpatterns = [
    path("reports/<str:reference>/", show, name="report"),
    path("reports/<str:reference>/document/", document, name="document"),
]
