"""The own list: propose a decided report's file, answer as the second person; survivors' hashes beside it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from amaan.accounts.audience import audience, may
from amaan.accounts.selectors import names_of
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action
from amaan.authority.matrix import may as allowed
from amaan.desk.acts import who_in_words
from amaan.desk.pages.lists.forms import AnswerForm, KnownForm, ReasonForm, SurvivorForm
from amaan.desk.reading import own_unit, record_reading, shown_when_recorded
from amaan.ledger.services import Act
from amaan.matching import services
from amaan.matching.domain.errors import ListError, ProposalNotFound, SurvivorNotFound
from amaan.matching.selectors import (
    Waiting,
    proposals_waiting,
    survivor_line,
    survivors_waiting,
    waiting_proposal,
)
from amaan.matching.words import CATEGORIES, refusal
from amaan.reports.selectors import ReportNotFound, access_report

READ_KNOWN: Final = "known.read"
LINES: Final = 50


MOST_FILES: Final = 2**31 - 1  # what the column of their numbers holds


@audience(may(Action.CONFIRM_KNOWN))
@require_safe
@shown_when_recorded
def known(request: HttpRequest) -> HttpResponse:
    """What waits for a second person, the oldest first, and survivors' hashes that nobody has compared yet."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    after, later = _number(request.GET.get("after", "")), _number(request.GET.get("later", ""))
    waiting = proposals_waiting(actor, after=after, limit=LINES + 1)
    survivors, more_survivors = survivors_waiting(actor, after=later, limit=LINES)
    body = {"proposals": [one.number for one in waiting[:LINES]], "survivors": len(survivors)}
    record_reading(actor, Act(READ_KNOWN, "list/own", own_unit(actor), body))
    context = {
        "waiting": _told(waiting[:LINES]),
        "next": waiting[LINES - 1].number if len(waiting) > LINES else None,
        "after": after,
        "survivors": survivors,
        "more_survivors": more_survivors,
        "later": later,
        "now": timezone.now(),
    }
    return render(request, "desk/lists/known.html", context)


@audience(may(Action.CONFIRM_KNOWN))
@require_http_methods(["GET", "HEAD", "POST"])
@shown_when_recorded
def proposal(request: HttpRequest, number: int) -> HttpResponse:
    """One proposal and the second person's answer; whoever proposed may only take it back."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    try:
        found = waiting_proposal(actor, number)
    except ProposalNotFound as absent:
        raise Http404 from absent
    form = (ReasonForm if found.own else AnswerForm)(request.POST or None)
    if request.method == "POST" and form.is_valid():
        confirms = form.cleaned_data.get("answer") == "confirm"
        answer = services.confirm_known if confirms else services.refuse_known
        try:
            answer(actor, proposal=number, reason=form.cleaned_data["reason"])
        except ListError as refused:
            form.add_error(None, refusal(refused))
        else:
            said = _("It is known from now on, and earlier reports are compared with it.")
            messages.success(request, said if confirms else _("It does not become known."))
            return HttpResponseRedirect(reverse("desk:known"))
    record_reading(actor, Act(READ_KNOWN, "list/own", found.unit, {"proposals": [number]}))
    context = {"told": _told([found])[0], "now": timezone.now()}
    return _page(request, "desk/lists/proposal.html", form, context)


@audience(may(Action.CONFIRM_KNOWN))
@require_http_methods(["GET", "HEAD", "POST"])
def propose_known(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """Propose that a file of a decided report is known; `number` is the file's on the report's page, from 1."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    try:
        report = access_report(actor, reference, Action.CONFIRM_KNOWN)
    except ReportNotFound as absent:
        raise Http404 from absent
    if not 0 < number <= MOST_FILES:
        raise Http404
    form = KnownForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.propose_known(
                actor, report_reference=report.reference, content=number - 1, **form.cleaned_data
            )
        except ListError as refused:
            form.add_error(None, refusal(refused))
        else:
            messages.success(request, _("It is proposed, and counts when a second person has confirmed it."))
            back = "desk:report" if allowed(actor, Action.VIEW_REPORT, report.unit.code) else "desk:known"
            return HttpResponseRedirect(
                reverse(back, args=[report.reference] if back == "desk:report" else [])
            )
    return _page(request, "desk/lists/propose_known.html", form, {"report": report, "number": number})


@audience(may(Action.CONFIRM_KNOWN))
@require_http_methods(["GET", "HEAD", "POST"])
@shown_when_recorded
def survivor(request: HttpRequest, number: int) -> HttpResponse:
    """Say that a survivor's hash was compared with a lawful copy; a second person confirms it then."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    try:
        found = survivor_line(actor, number)
    except SurvivorNotFound as absent:
        raise Http404 from absent
    form = SurvivorForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            services.confirm_survivor(
                actor, number=number, category=said["category"], compared_with=said["reason"]
            )
        except ListError as refused:
            form.add_error(None, refusal(refused))
        else:
            messages.success(request, _("It is proposed, and counts when a second person has confirmed it."))
            return HttpResponseRedirect(reverse("desk:known"))
    record_reading(actor, Act(READ_KNOWN, "list/survivors", own_unit(actor), {"survivor": number}))
    return _page(request, "desk/lists/survivor.html", form, {"line": found, "now": timezone.now()})


def _told(found: list[Waiting]) -> list[tuple[Waiting, str, str]]:
    names = names_of([one.by for one in found])
    return [(one, str(CATEGORIES[one.category]), who_in_words(one.by, names)) for one in found]


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0


def _page(request: HttpRequest, template: str, form: Any, context: dict[str, Any]) -> HttpResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, template, {**context, "form": form}, status=status)


urlpatterns = [
    path("known/", known, name="known"),
    path("known/<int:number>/", proposal, name="proposal"),
    path("reports/<str:reference>/files/<int:number>/known/", propose_known, name="propose_known"),
    path("survivors/<int:number>/", survivor, name="survivor"),
]
