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
from amaan.desk.reading import record_reading, shown_when_recorded
from amaan.ledger.services import Act
from amaan.reports.selectors import ReportNotFound, access_report
from amaan.triage.selectors import NoSuchReport, explanation_of

READ_REPORT: Final = "report.read"


@audience(may(Action.VIEW_REPORT))
@require_safe
@shown_when_recorded
def show(request: HttpRequest, reference: str) -> HttpResponse:
    """One report. Reading it is one entry in the ledger, on its reference."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    try:
        report = access_report(actor, reference)
    except ReportNotFound as absent:
        raise Http404 from absent
    record_reading(actor, Act(READ_REPORT, report.reference, report.unit.code, {"version": report.version}))
    try:
        explanation = explanation_of(report.reference)
    except NoSuchReport:
        explanation = None
    context = {"report": report, "explanation": explanation, "now": timezone.now()}
    return render(request, "desk/report.html", context)


urlpatterns = [path("reports/<str:reference>/", show, name="report")]
