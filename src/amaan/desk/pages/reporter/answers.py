"""What a reporter answers on the telephone or in a letter, written down in the words of the door's questions."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.core.cache import cache
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from amaan.accounts.audience import audience, may
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action
from amaan.correspondence.panels import way_told
from amaan.correspondence.services import write_down_answers
from amaan.desk.pages.take_down import REMEMBERED
from amaan.desk.reading import recorded, shown_when_recorded
from amaan.desk.taking_down import AnswersForm, way_of
from amaan.portal.domain.questions import Way
from amaan.reports.selectors import ReportNotFound, access_report


@audience(may(Action.WRITE_TO_REPORTER))
@require_http_methods(["GET", "HEAD", "POST"])
@shown_when_recorded
def answers(request: HttpRequest, reference: str) -> HttpResponse:
    """The questions, empty: what was answered before is read on the report's page, where the ledger notes it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    try:
        report = access_report(actor, reference, Action.WRITE_TO_REPORTER)
    except ReportNotFound as absent:
        raise Http404 from absent
    told = way_told(actor, report.reference)
    if told is None:
        raise Http404
    sent = request.method == "POST"
    way = way_of(told) or Way.CHILD
    if "again" in request.POST:
        return _page(request, report.reference, AnswersForm(way, kept=request.POST))
    form = AnswersForm(way, request.POST if sent else None)
    if not (sent and form.is_valid()):
        return _page(request, report.reference, form)
    key = f"answers-written:{actor.key}:{form.cleaned_data['once']}"
    with recorded(), transaction.atomic():
        if cache.add(key, report.reference, timeout=REMEMBERED):
            write_down_answers(actor, reference=report.reference, answers=form.cleaned_data["answers"])
    messages.success(
        request, _("Written down. The report tells it from now on, and its reasons are reckoned anew.")
    )
    return HttpResponseRedirect(f"{reverse('desk:report', args=[report.reference])}#reporter")


def _page(request: HttpRequest, reference: str, form: AnswersForm) -> HttpResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    context = {"form": form, "groups": list(form.groups()), "reference": reference}
    return render(request, "desk/reporter/answers.html", context, status=status)


urlpatterns = [path("reports/<str:reference>/reporter/answers/", answers, name="reporter_answers")]
