"""Working on a case: notes, people, reports. Each answers a form of the case's page and leads back to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
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
    from django.http import QueryDict
    from django.utils.functional import _StrPromise

    from amaan.cases.models import Case


@dataclass(frozen=True)
class Work:
    """A form of the case's page by its name there: who may send it, what it does, and what is told when it is done.

    `do` is given the actor, the case's reference and what the form held.
    """

    name: str
    action: Action
    form: Callable[[Actor, Case, QueryDict], Form]
    do: Callable[[Actor, str, dict[str, Any]], object]
    told: _StrPromise


NOTE: Final = Work(
    "note",
    Action.WORK_CASE,
    lambda _actor, _case, sent: forms.NoteForm(sent, prefix="note"),
    lambda actor, case, held: services.write_note(actor, case_reference=case, text=held["text"]),
    gettext_lazy("The note stands in the timeline."),
)
HAND_OVER: Final = Work(
    "hand_over",
    Action.WORK_CASE,
    hand_over_form,
    lambda actor, case, held: services.hand_over(
        actor, case_reference=case, to=held["person"], note=held["note"]
    ),
    gettext_lazy("Handed over. You do not work on this case any more."),
)
ASSIGN: Final = Work(
    "assign",
    Action.ASSIGN_CASE,
    lambda _actor, case, sent: assign_form(case, sent),
    lambda actor, case, held: services.assign(
        actor, case_reference=case, person=held["person"], lead=held["lead"], note=held["note"]
    ),
    gettext_lazy("They work on this case now."),
)
END: Final = Work(
    "end",
    Action.ASSIGN_CASE,
    lambda _actor, case, sent: end_form(case, sent),
    lambda actor, case, held: services.end_assignment(
        actor, case_reference=case, person=held["person"], reason=held["reason"]
    ),
    gettext_lazy("Their work on this case has ended."),
)
TAKE_OUT: Final = Work(
    "take_out",
    Action.OPEN_CASE,
    lambda _actor, _case, sent: forms.TakeOutForm(sent, prefix="take_out"),
    lambda actor, case, held: services.take_out_report(
        actor, case_reference=case, report_reference=held["report"], reason=held["reason"]
    ),
    gettext_lazy("The report was taken out of this case."),
)


def answering(work: Work) -> Callable[[HttpRequest, str], HttpResponse]:
    """The view that does it and goes back to the case, or shows the case with the form and what is wrong with it."""

    @audience(may(work.action))
    @require_POST
    @shown_when_recorded
    def view(request: HttpRequest, reference: str) -> HttpResponse:
        case, actor = _of(request, reference, work.action)
        form = work.form(actor, case, request.POST)
        if form.is_valid():
            try:
                work.do(actor, case.reference, form.cleaned_data)
            except ReportNotFound:
                form.add_error("report", _no_such_report())
            except CaseError as refused:
                form.add_error(None, forms.refusal(refused))
            else:
                messages.success(request, str(work.told))
                return HttpResponseRedirect(reverse("desk:case", args=[case.reference]))
        return show(request, case, {work.name: form})

    return view


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


def _of(request: HttpRequest, reference: str, action: Action) -> tuple[Case, Actor]:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return found(request, reference, action), actor


def _no_such_report() -> str:
    return _("There is no such report that you may join or take out. Check it again.")


urlpatterns = [
    path("cases/<str:reference>/note/", answering(NOTE), name="write_note"),
    path("cases/<str:reference>/hand-over/", answering(HAND_OVER), name="hand_over"),
    path("cases/<str:reference>/assign/", answering(ASSIGN), name="assign"),
    path("cases/<str:reference>/end-assignment/", answering(END), name="end_assignment"),
    path("cases/<str:reference>/join/", join_report, name="join_report"),
    path("cases/<str:reference>/take-out/", answering(TAKE_OUT), name="take_out_report"),
]
