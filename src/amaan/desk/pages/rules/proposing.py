"""Proposing rules: the whole text, or the common change of one rule."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from amaan.accounts.audience import audience, may
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action
from amaan.desk.pages.rules.forms import ChangeForm, TextForm
from amaan.desk.pages.rules.telling import FaultTold, fault_told, rule_told
from amaan.triage.domain.proposals import RuleProposalError, RuleProposalNotFound
from amaan.triage.domain.rewriting import next_version, rewrite_rule
from amaan.triage.domain.ruleset import BadRuleFile
from amaan.triage.rule_words import refusal
from amaan.triage.selectors import NoRulesAdopted
from amaan.triage.selectors.proposals import (
    RulesInForce,
    rule_proposal,
    rules_in_force,
    text_of_rules,
    text_shipped,
    versions_taken,
)
from amaan.triage.services import proposing as writing


@audience(may(Action.PROPOSE_RULES))
@require_http_methods(["GET", "HEAD", "POST"])
def propose_rules(request: HttpRequest) -> HttpResponse:
    """The rule file as text. `?version=pk-2026.2` begins with an earlier one, `?proposal=7` with a proposed one,
    `?shipped` with the one that came with the program."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    held = _held(actor)
    fault: FaultTold | None = None
    form = (
        TextForm(request.POST)
        if request.method == "POST"
        else TextForm(initial={"body": _begun(request, held)})
    )
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            number = writing.propose_rules(actor, body=told["body"], reason=told["reason"])
        except BadRuleFile as error:
            fault = fault_told(error, told["body"])
            form.add_error("body", _("These rules can't be taken. Nothing of what you typed is lost."))
        except RuleProposalError as error:
            form.add_error(None, refusal(error))
        else:
            return _proposed(request, number)
    return _page(request, "desk/rules/propose.html", form, {"held": held, "fault": fault})


@audience(may(Action.PROPOSE_RULES))
@require_http_methods(["GET", "HEAD", "POST"])
def change_rule(request: HttpRequest, rule: str) -> HttpResponse:
    """Another weight, floor or wording for one rule; the text around it stays as it is."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    held = _held(actor)
    try:
        found = held.ruleset.rule(rule)
    except KeyError as absent:
        raise Http404 from absent
    fault: FaultTold | None = None
    form = ChangeForm(request.POST if request.method == "POST" else None, rule=found, ruleset=held.ruleset)
    if form.is_valid():
        version = next_version(held.ruleset.version, versions_taken())
        try:
            body = rewrite_rule(held.ruleset, rule, form.wish(), version=version)
            number = writing.propose_rules(actor, body=body, reason=form.cleaned_data["reason"])
        except BadRuleFile as error:
            fault = fault_told(error, "")
            form.add_error(None, fault.cause)
        except RuleProposalError as error:
            form.add_error(None, refusal(error))
        else:
            return _proposed(request, number)
    context = {"held": held, "rule": rule_told(found, held.ruleset), "fault": fault}
    return _page(request, "desk/rules/change.html", form, context)


def _held(actor: Actor) -> RulesInForce:
    try:
        return rules_in_force(actor)
    except NoRulesAdopted as nothing:
        raise Http404 from nothing


def _begun(request: HttpRequest, held: RulesInForce) -> str:
    """The text that the form begins with; that of the rules in force gets the next version's name."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    number = request.GET.get("proposal", "")
    if number.isascii() and number.isdigit() and len(number) < 18:
        try:
            return rule_proposal(actor, int(number)).body
        except RuleProposalNotFound as absent:
            raise Http404 from absent
    if "shipped" in request.GET:
        return text_shipped(actor)
    wanted = request.GET.get("version", "")
    if wanted and wanted != held.ruleset.version:
        text = text_of_rules(actor, wanted)
        if text is None:
            raise Http404
        return text
    name = next_version(held.ruleset.version, versions_taken())
    return re.sub(r"(?m)^version\s*=.*$", f'version = "{name}"', held.ruleset.body, count=1)


def _proposed(request: HttpRequest, number: int) -> HttpResponse:
    messages.success(request, _("It is proposed. Nothing changes until a second person puts it in force."))
    return HttpResponseRedirect(reverse("desk:rule_proposal", args=[number]))


def _page(request: HttpRequest, template: str, form: forms.Form, context: dict[str, Any]) -> HttpResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, template, {**context, "form": form}, status=status)


urlpatterns = [
    path("rules/propose/", propose_rules, name="propose_rules"),
    path("rules/change/<slug:rule>/", change_rule, name="change_rule"),
]
