"""The second person's answer, and what whoever proposed may do with their own."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from amaan.accounts.audience import audience, may
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action
from amaan.desk.pages.rules.forms import WhyForm
from amaan.desk.pages.rules.telling import proposals_told
from amaan.triage.domain.proposals import RuleProposalError, RuleProposalNotFound
from amaan.triage.domain.ruleset import BadRuleFile
from amaan.triage.rule_words import cause_of, refusal
from amaan.triage.selectors.proposals import rule_proposal
from amaan.triage.services import proposing


@audience(may(Action.APPROVE_RULES))
@require_POST
def adopt_rules(request: HttpRequest, number: int) -> HttpResponse:
    """Put in force what stood on the proposal's page."""
    base = request.POST.get("base", "")
    return _done(
        request,
        number,
        lambda actor: proposing.adopt_rules(actor, number=number, base=base),
        _("These rules are in force. What waits is banded again by them, little by little."),
    )


@audience(may(Action.APPROVE_RULES))
@require_http_methods(["GET", "HEAD", "POST"])
def reject_rules(request: HttpRequest, number: int) -> HttpResponse:
    """The rules stay as they are, with a reason."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    try:
        found = rule_proposal(actor, number)
    except RuleProposalNotFound as absent:
        raise Http404 from absent
    form = WhyForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            proposing.reject_rules(actor, number=number, reason=form.cleaned_data["reason"])
        except RuleProposalError as refused:
            form.add_error(None, refusal(refused))
        else:
            messages.success(request, _("It is rejected. The rules stay as they are."))
            return HttpResponseRedirect(reverse("desk:rule_proposal", args=[number]))
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    context = {"form": form, "told": proposals_told([found.line])[0]}
    return render(request, "desk/rules/reject.html", context, status=status)


@audience(may(Action.PROPOSE_RULES))
@require_POST
def withdraw_rules(request: HttpRequest, number: int) -> HttpResponse:
    """Take one's own proposal back."""
    return _done(
        request,
        number,
        lambda actor: proposing.withdraw_rules(actor, number=number),
        _("It is taken back."),
    )


@audience(may(Action.PROPOSE_RULES))
@require_POST
def compare_again(request: HttpRequest, number: int) -> HttpResponse:
    """Lay one's own proposal upon the rules that are in force by now."""
    return _done(
        request,
        number,
        lambda actor: proposing.compare_again(actor, number=number),
        _("It is compared with the rules in force now, and what it would move is found out anew."),
    )


def _done(request: HttpRequest, number: int, act: Callable[[Actor], None], said: str) -> HttpResponse:
    """A button of the proposal's page: done or refused, the same page says which."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    try:
        act(actor)
    except RuleProposalNotFound as absent:
        raise Http404 from absent
    except RuleProposalError as refused:
        messages.error(request, refusal(refused))
    except BadRuleFile as error:
        messages.error(request, cause_of(error))
    else:
        messages.success(request, said)
    return HttpResponseRedirect(reverse("desk:rule_proposal", args=[number]))


urlpatterns = [
    path("rules/proposals/<int:number>/adopt/", adopt_rules, name="adopt_rules"),
    path("rules/proposals/<int:number>/reject/", reject_rules, name="reject_rules"),
    path("rules/proposals/<int:number>/withdraw/", withdraw_rules, name="withdraw_rules"),
    path("rules/proposals/<int:number>/compare/", compare_again, name="compare_rules_again"),
]
