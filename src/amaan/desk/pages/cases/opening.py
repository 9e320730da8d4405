"""From a report to a case: open one, or join one that stands."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from amaan.accounts.audience import audience, may
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action
from amaan.cases import services
from amaan.cases.domain import CaseError, read_case_reference
from amaan.cases.selectors import CaseLine, CaseNotFound, CasesOfReport, cases_for, cases_of_report
from amaan.desk.pages.cases import forms
from amaan.desk.pages.cases.listing import READ_CASES
from amaan.desk.reading import own_unit, record_reading, shown_when_recorded
from amaan.desk.telling import ASKED, telling_read, warn
from amaan.ledger.services import Act
from amaan.reports.domain.references import NotAReference
from amaan.reports.selectors import ReportNotFound, access_report
from amaan.reports.services import ToldAgain

if TYPE_CHECKING:
    from amaan.reports.models import Report

CHOICES: Final = 12


@audience(may(Action.OPEN_CASE))
@require_http_methods(["GET", "HEAD", "POST"])
@shown_when_recorded
def open_case(request: HttpRequest, reference: str) -> HttpResponse:
    """The reason and perhaps a title; then the new case's page."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    report = _report(actor, reference)
    held = cases_of_report(actor, report.reference)
    form = forms.OpenForm(
        request.POST or None, initial=telling_read(request, report), also=bool(held.lines or held.others)
    )
    if request.method == "POST" and form.is_valid():
        try:
            opened = services.open_case(
                actor,
                report_reference=report.reference,
                version=form.cleaned_data["version"],
                reason=form.cleaned_data["reason"],
                title=form.cleaned_data["title"],
                also=form.also(),
            )
        except ToldAgain as meanwhile:
            warn(form, report, meanwhile.newest)
        except CaseError as refused:
            _refuse(form, refused)
        else:
            messages.success(request, _("The case is open, and you lead it."))
            return HttpResponseRedirect(reverse("desk:case", args=[opened]))
    _record(actor, report, [line.reference for line in held.lines])
    return _page(request, "desk/cases/open.html", report, form, held)


@audience(may(Action.OPEN_CASE))
@require_http_methods(["GET", "HEAD", "POST"])
@shown_when_recorded
def join_case(request: HttpRequest, reference: str) -> HttpResponse:
    """The cases on which the actor works, those that moved last first, or another by its reference.

    `?case=` is the case from whose page somebody comes: it stands in the form already.
    """
    actor: Actor = request.actor  # type: ignore[attr-defined]
    report = _report(actor, reference)
    held = cases_of_report(actor, report.reference)
    standing = {line.reference for line in held.lines}
    mine = cases_for(actor, mine=True, action=Action.OPEN_CASE, limit=CHOICES + len(standing)).lines
    choices = [line for line in mine if line.reference not in standing][:CHOICES]
    initial = {**telling_read(request, report), **_case_asked(request, choices)}
    form = forms.JoinForm(
        request.POST or None, initial=initial, cases=choices, also=bool(held.lines or held.others)
    )
    if request.method == "POST" and form.is_valid():
        try:
            joined = services.join_report(
                actor,
                case_reference=form.chosen(),
                report_reference=report.reference,
                version=form.cleaned_data["version"],
                reason=form.cleaned_data["reason"],
                also=form.also(),
            )
        except CaseNotFound:
            form.add_error("typed", _("There is no such case that you may join to. Check the reference."))
        except ToldAgain as meanwhile:
            warn(form, report, meanwhile.newest)
        except CaseError as refused:
            _refuse(form, refused)
        else:
            messages.success(request, _("The report is in this case now."))
            return HttpResponseRedirect(reverse("desk:case", args=[joined]))
    _record(actor, report, [*standing, *(line.reference for line in choices)])
    return _page(request, "desk/cases/join.html", report, form, held)


def _record(actor: Actor, report: Report, references: Sequence[str]) -> None:
    """Titles of cases are shown only when that is recorded."""
    if references:
        body = {"for": report.reference, "references": list(references)}
        record_reading(actor, Act(READ_CASES, "cases", own_unit(actor), body))


def _report(actor: Actor, reference: str) -> Report:
    try:
        return access_report(actor, reference, Action.OPEN_CASE)
    except ReportNotFound as absent:
        raise Http404 from absent


def _case_asked(request: HttpRequest, choices: Sequence[CaseLine]) -> dict[str, str]:
    """Which field of the form stands filled; what is no case's reference fills none."""
    try:
        asked = read_case_reference(request.GET.get("case", ""))
    except NotAReference:
        return {}
    return {"case" if asked in {line.reference for line in choices} else "typed": asked}


def _refuse(form: forms.PurposeForm, refused: CaseError) -> None:
    """Somebody else may have been quicker than this page: then it asks what it did not ask before."""
    if isinstance(refused, services.AlreadyInACase):
        form.fields["also"] = forms.Also()
        form.add_error("also", forms.refusal(refused))
    else:
        form.add_error(None, forms.refusal(refused))


def _page(
    request: HttpRequest, template: str, report: Report, form: Form, held: CasesOfReport
) -> HttpResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    context = {
        "report": report,
        "form": form,
        "held": held,
        "unread": "case" in request.GET and ASKED not in request.GET,
        "now": timezone.now(),
    }
    return render(request, template, context, status=status)


urlpatterns = [
    path("reports/<str:reference>/open-case/", open_case, name="open_case"),
    path("reports/<str:reference>/join-case/", join_case, name="join_case"),
]
