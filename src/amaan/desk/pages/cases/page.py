"""One case: who works on it, its reports, what happened, and what can be done next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from amaan.accounts.audience import audience, may
from amaan.accounts.selectors import names_of, unit_names
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action
from amaan.authority.matrix import may as allowed
from amaan.cases import selectors
from amaan.cases.domain import person_of
from amaan.cases.selectors import CaseNotFound, ReportInCase, access_case
from amaan.desk.pages.cases import forms
from amaan.desk.reading import record_reading, shown_when_recorded
from amaan.desk.sentences import said
from amaan.ledger.services import Act
from amaan.triage.selectors.briefs import Brief, briefs_of

if TYPE_CHECKING:
    from django.http import QueryDict

    from amaan.cases.models import Case

READ_CASE: Final = "case.read"
REPORTS: Final = 10  # shown at once: the story beside them counts more


@dataclass(frozen=True)
class HeldReport:
    """A report in the case, with its band and what weighs most for it, where it has one."""

    line: ReportInCase
    band: str
    reasons: tuple[str, ...]


@audience(may(Action.VIEW_CASE))
@require_safe
@shown_when_recorded
def case(request: HttpRequest, reference: str) -> HttpResponse:
    """`?before=` goes back in the timeline, `?reports=` on in the list of reports."""
    return show(request, found(request, reference))


def found(request: HttpRequest, reference: str, action: Action = Action.VIEW_CASE) -> Case:
    """The case of the address. Raises Http404."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    try:
        return access_case(actor, reference, action)
    except CaseNotFound as absent:
        raise Http404 from absent


def show(request: HttpRequest, case: Case, bound: Mapping[str, Form] | None = None) -> HttpResponse:
    """The page of a case; `bound` is a form that was refused, by its name. The reading is recorded first."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    unit = case.unit.code
    held = selectors.reports_in(actor, case, before=_number(request, "reports"), limit=REPORTS)
    timeline = selectors.timeline_of(actor, case, before=_number(request, "before"))
    shown = [line.reference for line in held.lines if line.reference]
    body = {"events": [line.number for line in timeline.lines], "reports": shown}
    record_reading(actor, Act(READ_CASE, case.reference, unit, body))
    briefs = briefs_of(shown)
    context = {
        "case": case,
        "office": unit_names().get(unit, unit),
        "title": selectors.title_of(case),
        "opened_by": names_of([case.opened_by]).get(case.opened_by, case.opened_by),
        "people": selectors.people_at_work(case),
        "me": person_of(actor.key),
        "reports": [_held(line, briefs) for line in held.lines],
        "reports_total": held.total,
        "reports_after": held.after,
        "lines": timeline.lines,
        "before": timeline.before,
        "earlier": bool(request.GET.get("before")),
        "forms": _forms(actor, case) | dict(bound or {}),
        "refused": next(iter(bound), "") if bound else "",
        "look_up": allowed(actor, Action.LOOK_UP, unit),
        "now": timezone.now(),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if bound else HTTPStatus.OK
    return render(request, "desk/cases/case.html", context, status=status)


def _forms(actor: Actor, case: Case) -> dict[str, Form]:
    """What the actor may do here; a name that is missing is not offered."""
    unit = case.unit.code
    offered: dict[str, Form] = {}
    if allowed(actor, Action.WORK_CASE, unit):
        offered["note"] = forms.NoteForm(prefix="note")
        if selectors.works_on(actor, case):
            offered["hand_over"] = hand_over_form(actor, case)
    if allowed(actor, Action.ASSIGN_CASE, unit):
        offered["assign"] = assign_form(case)
        offered["end"] = end_form(case)
    if allowed(actor, Action.OPEN_CASE, unit):
        offered["join"] = forms.JoinReportForm(prefix="join")
        offered["take_out"] = forms.TakeOutForm(prefix="take_out")
    return offered


def hand_over_form(actor: Actor, case: Case, data: QueryDict | None = None) -> forms.HandOverForm:
    others = [one for one in selectors.colleagues_of(case) if one.id != person_of(actor.key)]
    return forms.HandOverForm(data, prefix="hand_over", people=others)


def assign_form(case: Case, data: QueryDict | None = None) -> forms.AssignForm:
    return forms.AssignForm(data, prefix="assign", people=selectors.colleagues_of(case))


def end_form(case: Case, data: QueryDict | None = None) -> forms.EndForm:
    people = [(one.person, one.name) for one in selectors.people_at_work(case)]
    return forms.EndForm(data, prefix="end", people=people)


def _held(line: ReportInCase, briefs: Mapping[str, Brief]) -> HeldReport:
    brief = briefs.get(line.reference or "")
    if brief is None:
        return HeldReport(line, "", ())
    return HeldReport(line, said(brief.band.name), tuple(said(reason) for reason in brief.reasons[:1]))


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


urlpatterns = [path("cases/<str:reference>/", case, name="case")]
