"""Working on a case: notes, people, reports. Each answers a form of the case's page and leads back to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from amaan.accounts.audience import audience, may
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action
from amaan.cases import services
from amaan.cases.domain import CaseError
from amaan.desk.pages.cases import forms
from amaan.desk.pages.cases.page import assign_form, end_form, found, hand_over_form, show
from amaan.desk.reading import shown_when_recorded
from amaan.reports.selectors import ReportNotFound, access_report

if TYPE_CHECKING:
    from amaan.cases.models import Case


@dataclass(frozen=True)
class Asked:
    """A form of the case's page by its name there, and what is told when it is done."""

    name: str
    form: Form
    told: str


@audience(may(Action.WORK_CASE))
@require_POST
@shown_when_recorded
def write_note(request: HttpRequest, reference: str) -> HttpResponse:
    """A note, from the page's first form."""
    case, actor = _of(request, reference, Action.WORK_CASE)
    form = forms.NoteForm(request.POST, prefix="note")

    def write(held: dict[str, Any]) -> None:
        services.write_note(actor, case_reference=case.reference, text=held["text"])

    return _done(request, case, Asked("note", form, _("The note stands in the timeline.")), write)


@audience(may(Action.WORK_CASE))
@require_POST
@shown_when_recorded
def hand_over(request: HttpRequest, reference: str) -> HttpResponse:
    """One's own work goes to a colleague."""
    case, actor = _of(request, reference, Action.WORK_CASE)
    form = hand_over_form(actor, case, request.POST)

    def give(held: dict[str, Any]) -> None:
        services.hand_over(actor, case_reference=case.reference, to=held["person"], note=held["note"])

    return _done(
        request,
        case,
        Asked("hand_over", form, _("Handed over. You do not work on this case any more.")),
        give,
    )


@audience(may(Action.ASSIGN_CASE))
@require_POST
@shown_when_recorded
def assign(request: HttpRequest, reference: str) -> HttpResponse:
    """Somebody of the unit is put to work."""
    case, actor = _of(request, reference, Action.ASSIGN_CASE)
    form = assign_form(case, request.POST)

    def put(held: dict[str, Any]) -> None:
        services.assign(
            actor,
            case_reference=case.reference,
            person=held["person"],
            lead=held["lead"],
            note=held["note"],
        )

    return _done(request, case, Asked("assign", form, _("They work on this case now.")), put)


@audience(may(Action.ASSIGN_CASE))
@require_POST
@shown_when_recorded
def end_assignment(request: HttpRequest, reference: str) -> HttpResponse:
    """Somebody's work on the case ends."""
    case, actor = _of(request, reference, Action.ASSIGN_CASE)
    form = end_form(case, request.POST)

    def end(held: dict[str, Any]) -> None:
        services.end_assignment(
            actor, case_reference=case.reference, person=held["person"], reason=held["reason"]
        )

    return _done(request, case, Asked("end", form, _("Their work on this case has ended.")), end)


@audience(may(Action.OPEN_CASE))
@require_POST
@shown_when_recorded
def join_report(request: HttpRequest, reference: str) -> HttpResponse:
    """A report is named by its reference. It is joined by its own form, which shows what there is to read first."""
    case, actor = _of(request, reference, Action.OPEN_CASE)
    form = forms.JoinReportForm(request.POST, prefix="join")
    if form.is_valid():
        try:
            report = access_report(actor, form.cleaned_data["report"], Action.OPEN_CASE)
        except ReportNotFound:
            form.add_error("report", _no_such_report())
        else:
            address = reverse("desk:join_case", args=[report.reference])
            return HttpResponseRedirect(f"{address}?{urlencode({'case': case.reference})}")
    return show(request, case, {"join": form})


@audience(may(Action.OPEN_CASE))
@require_POST
@shown_when_recorded
def take_out_report(request: HttpRequest, reference: str) -> HttpResponse:
    """A report that does not belong here is taken out."""
    case, actor = _of(request, reference, Action.OPEN_CASE)
    form = forms.TakeOutForm(request.POST, prefix="take_out")

    def take_out(held: dict[str, Any]) -> None:
        services.take_out_report(
            actor, case_reference=case.reference, report_reference=held["report"], reason=held["reason"]
        )

    return _done(
        request, case, Asked("take_out", form, _("The report was taken out of this case.")), take_out
    )


def _of(request: HttpRequest, reference: str, action: Action) -> tuple[Case, Actor]:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return found(request, reference, action), actor


def _done(
    request: HttpRequest, case: Case, asked: Asked, work: Callable[[dict[str, Any]], None]
) -> HttpResponse:
    """Do it and go back to the case, or show the case with the form and what is wrong with it."""
    form = asked.form
    if form.is_valid():
        try:
            work(form.cleaned_data)
        except ReportNotFound:
            form.add_error("report", _no_such_report())
        except CaseError as refused:
            form.add_error(None, forms.refusal(refused))
        else:
            messages.success(request, asked.told)
            return HttpResponseRedirect(reverse("desk:case", args=[case.reference]))
    return show(request, case, {asked.name: form})


def _no_such_report() -> str:
    return _("There is no such report that you may join or take out. Check it again.")


urlpatterns = [
    path("cases/<str:reference>/note/", write_note, name="write_note"),
    path("cases/<str:reference>/hand-over/", hand_over, name="hand_over"),
    path("cases/<str:reference>/assign/", assign, name="assign"),
    path("cases/<str:reference>/end-assignment/", end_assignment, name="end_assignment"),
    path("cases/<str:reference>/join/", join_report, name="join_report"),
    path("cases/<str:reference>/take-out/", take_out_report, name="take_out_report"),
]
