"""The rules in force, and one proposal with what it changes and what it would move."""

from __future__ import annotations

from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from amaan.accounts.audience import audience
from amaan.accounts.audience import may as for_whoever_may
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, may
from amaan.desk.pages.rules.telling import (
    axes_told,
    changes_told,
    fault_told,
    proposals_told,
    replay_told,
)
from amaan.desk.reading import own_unit, record_reading, shown_when_recorded
from amaan.desk.sentences import said
from amaan.ledger.services import Act
from amaan.triage.domain.differences import compare, text_diff
from amaan.triage.domain.proposals import RuleProposalNotFound, State
from amaan.triage.domain.ruleset import BadRuleFile
from amaan.triage.selectors import NoRulesAdopted
from amaan.triage.selectors.proposals import (
    examples_for,
    proposals_of_rules,
    rebanding_under_way,
    rule_proposal,
    rules_in_force,
    versions,
)

READ_RULES: Final = "rules.read"
READ_PROPOSAL: Final = "rules.proposal_read"


@audience(for_whoever_may(Action.VIEW_RULES))
@require_safe
@shown_when_recorded
def rules(request: HttpRequest) -> HttpResponse:
    """By which rules reports are banded, what is proposed, and what was in force before."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    try:
        held = rules_in_force(actor)
    except NoRulesAdopted:
        return render(request, "desk/rules/rules.html", {"held": None})
    record_reading(actor, Act(READ_RULES, f"rules:{held.line.version}", own_unit(actor), {}))
    context = {
        "held": held,
        "axes": axes_told(held.ruleset),
        "bands": [
            (said(spec.name), said(spec.promise), [_way(way) for way in spec.when])
            for spec in held.ruleset.bands.values()
        ],
        "waiting": proposals_told(proposals_of_rules(actor, waiting=True)),
        "answered": proposals_told(proposals_of_rules(actor, waiting=False)),
        "earlier": versions(actor)[1:],
        "rebanding": rebanding_under_way(),
        "may_propose": may(actor, Action.PROPOSE_RULES),
        "now": timezone.now(),
    }
    return render(request, "desk/rules/rules.html", context)


def _way(way: object) -> str:
    assert isinstance(way, dict)
    return " · ".join(f"{axis} ≥ {least}" for axis, least in way.items())


@audience(for_whoever_may(Action.VIEW_RULES))
@require_safe
@shown_when_recorded
def proposal(request: HttpRequest, number: int) -> HttpResponse:
    """One proposal: what differs, rule by rule and line by line, which reports would move, and the answer."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    try:
        found = rule_proposal(actor, number)
    except RuleProposalNotFound as absent:
        raise Http404 from absent
    examples = examples_for(actor, found.replay)
    shown = sorted({reference for some in examples.values() for reference in some})
    body: dict[str, object] = {"proposal": number, "references": shown}
    record_reading(actor, Act(READ_PROPOSAL, f"rules:{found.line.version}", own_unit(actor), body))
    context = {
        "told": proposals_told([found.line])[0],
        "found": found,
        "diff": text_diff(found.base_body, found.body),
        "own": found.line.by == actor.key,
        "waits": found.line.state is State.PROPOSED,
        "may_propose": may(actor, Action.PROPOSE_RULES),
        "may_answer": may(actor, Action.APPROVE_RULES) and found.line.by != actor.key,
        "now": timezone.now(),
    }
    try:
        before, after = found.read()
    except BadRuleFile as error:
        context["fault"] = fault_told(error, found.body)
    else:
        differences = compare(before, after)
        context["changes"] = changes_told(differences, before, after)
        context["floors_lost"] = [
            *((one.id, said(one.rule.reason)) for one in differences.floors_lost),
            *((name, f"{hours.before} → {hours.after}") for name, hours in differences.hours_grown),
        ]
        context["replay"] = replay_told(found.replay, after, examples)
    return render(request, "desk/rules/proposal.html", context)


urlpatterns = [
    path("rules/", rules, name="rules"),
    path("rules/proposals/<int:number>/", proposal, name="rule_proposal"),
]
