"""One report, in the order an officer reads; its panels come from the rooms."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from amaan.accounts.audience import audience, may
from amaan.accounts.selectors import unit_names
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action
from amaan.authority.matrix import may as allowed
from amaan.bundles.panels import bundle_panel
from amaan.care import services as care
from amaan.cases.selectors import cases_among
from amaan.correspondence.panels import conversation_of
from amaan.correspondence.selectors import hidden_text
from amaan.desk.dossier import offers_for, why
from amaan.desk.known_files import files_to_know
from amaan.desk.look_alikes import look_alikes
from amaan.desk.pages.reporter.showing import UNHIDE, around, without_texts
from amaan.desk.reading import record_reading, shown_when_recorded
from amaan.feedback.panels import feedback_panel
from amaan.learning.panels import turn_panel
from amaan.ledger.services import Act
from amaan.lexicon.panels import words_panel
from amaan.linking.panels import links_panel
from amaan.matching.panels import match_panel
from amaan.referrals.domain.document_trees import MOST_NODES
from amaan.referrals.panels import document_trees
from amaan.referrals.selectors import preservation_of, receipts_of
from amaan.reports.lookups import note_opened
from amaan.reports.panels import report_panels
from amaan.reports.selectors import ReportNotFound, access_report
from amaan.triage.selectors import categories_beside, claim_panel
from amaan.triage.services import note_seen, note_work

if TYPE_CHECKING:
    from amaan.reports.models import Report

READ_REPORT: Final = "report.read"
READ_DOCUMENT: Final = "report.document_read"
FIRST_NODES: Final = 2000


@audience(may(Action.VIEW_REPORT))
@require_safe
@shown_when_recorded
def show(request: HttpRequest, reference: str) -> HttpResponse:
    """One report. Reading it is one entry in the ledger, on its reference.

    `?from=12` says that look-up 12 led here. Whether it did is asked of the look-up and noted with the reading, never
    without it; what is not so is ignored. `?texts=shown` shows texts that somebody hid.
    """
    return page(request, reference)


def page(request: HttpRequest, reference: str, bound: Mapping[str, Form] | None = None) -> HttpResponse:
    """The page of a report; `bound` is a form of its reporter's panel that was refused, by its name."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    now = timezone.now()
    try:
        report = access_report(actor, reference)
    except ReportNotFound as absent:
        raise Http404 from absent
    reference, unit = report.reference, report.unit.code
    look_up = _number(request.GET.get("from", ""))
    hidden = hidden_text(actor, reference)
    covered = hidden is not None and request.GET.get("texts", "") != UNHIDE
    body: dict[str, object] = {"version": report.version}
    if hidden is not None:
        body["hidden_texts"] = "left out" if covered else "shown"
    alike = look_alikes(actor, reference, unit)
    if alike and alike.nearest:
        body["look_alikes"] = [one.reference for one in alike.nearest]
    links = links_panel(actor, report)
    if links and links.links:
        body["linked"] = [one.other for one in links.links]
    record_reading(
        actor,
        Act(READ_REPORT, reference, unit, body),
        also=partial(_note, actor, report, look_up, now),
    )
    worded = words_panel(report)
    panels = report_panels(actor, reference, worded.marks if worded else None)
    if covered:
        panels = without_texts(panels)
    context = {
        "around": around(actor, reference, unit, hidden=hidden, covered=covered, bound=bound),
        "report": panels,
        "office": unit_names().get(unit, unit),
        "cases": cases_among(actor, (one.case_reference for one in panels.outcomes)),
        "why": why(actor, reference, unit),
        "alike": alike,
        "turn": turn_panel(report),
        **_feedback(actor, report),
        "claim": claim_panel(actor, reference, now=now),
        "preservation": preservation_of(actor, reference),
        "receipts": receipts_of(actor, reference),
        "worded": worded,
        "matches": match_panel(actor, report),
        "bundle": bundle_panel(actor, report),
        "links": links,
        "known": files_to_know(actor, report, panels.contents.items),
        "offers": offers_for(actor, reference, unit, telling=report.version),
        "address": reverse("desk:report", args=[reference]),
        "now": now,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if bound else HTTPStatus.OK
    return render(request, "desk/report.html", context, status=status)


def _note(actor: Actor, report: Report, look_up: int | None, now: datetime) -> None:
    """What goes with the reading's entry: that a look-up led here, what was seen of it, that somebody is at work."""
    if look_up:
        note_opened(actor, number=look_up, reference=report.reference)
    note_seen(actor, report_id=report.pk, now=now)
    categories = categories_beside(report.pk)
    care.note_opened(actor, report_id=report.pk, unit=report.unit.code, categories=categories, now=now)
    note_work(actor, now=now)


@audience(may(Action.VIEW_REPORT))
@require_safe
@shown_when_recorded
def document(request: HttpRequest, reference: str) -> HttpResponse:
    """The documents as they came, as trees that name nobody protected. `?all=1` shows as much as a page can.

    Where somebody hid the texts, `?texts=shown` shows them.
    """
    actor: Actor = request.actor  # type: ignore[attr-defined]
    try:
        report = access_report(actor, reference)
    except ReportNotFound as absent:
        raise Http404 from absent
    reference, unit = report.reference, report.unit.code
    hidden = hidden_text(actor, reference)
    if hidden is not None and request.GET.get("texts", "") != UNHIDE:
        # Nothing of the report stands on this page, only why its texts are hidden.
        context = {"report": report, "around": {"hidden": hidden, "covered": True}, "address": request.path}
        return render(request, "desk/document.html", context)
    record_reading(
        actor,
        Act(READ_DOCUMENT, reference, unit, {"version": report.version}),
        also=partial(_note, actor, report, None, timezone.now()),
    )
    everything = request.GET.get("all") == "1"
    trees = document_trees(actor, reference, most=MOST_NODES if everything else FIRST_NODES)
    left_out = sum(tree.left_out for tree in trees)
    context = {
        "report": report,
        "documents": trees,
        "left_out": left_out,
        "everything": everything,
        "answered": not trees and conversation_of(actor, reference) is not None,
    }
    return render(request, "desk/document.html", context)


def _feedback(actor: Actor, report: Report) -> dict[str, object]:
    """What the report's sender hears of it, and where the reader may say more."""
    panel = feedback_panel(report)
    if panel is None or not panel.partner:
        return {}
    says = allowed(actor, Action.GIVE_FEEDBACK, report.unit.code)
    return {
        "feedback": panel,
        "feedback_address": reverse("desk:give_feedback", args=[report.reference]) if says else "",
    }


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None


urlpatterns = [
    path("reports/<str:reference>/", show, name="report"),
    path("reports/<str:reference>/document/", document, name="document"),
]
