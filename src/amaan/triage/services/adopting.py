"""Put a rule set in force: by the installation itself, or by two people (`proposing`)."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from amaan.authority.actors import Actor
from amaan.ledger.services import Act, append
from amaan.triage import models
from amaan.triage.domain.proposals import State, VersionAlreadyTaken
from amaan.triage.domain.ruleset import RuleSet, load_ruleset
from amaan.triage.permissions import require_system
from amaan.triage.rulebook import SHIPPED, in_force


@transaction.atomic
def adopt_ruleset(actor: Actor, *, data: bytes) -> RuleSet:
    """Make a rule file the one in force; adopting the one in force again changes nothing.

    Raises BadRuleFile, VersionAlreadyTaken. Reports that wait are banded again by the worker, slice by slice.
    """
    require_system(actor)
    ruleset = load_ruleset(data)
    current = in_force()
    if current and current[1].digest == ruleset.digest:
        return current[1]
    put_in_force(ruleset)
    body = {"version": ruleset.version, "digest": ruleset.digest, "rules": len(ruleset.rules)}
    append(actor, [Act("triage.rules_adopted", f"rules:{ruleset.version}", "", body)])
    return ruleset


def prepare_rules() -> None:
    """At start: adopt the rule file that came with the program, unless it was met before.

    Where two people put the rules in force that stand, a new program doesn't overrule them: its file can be proposed.
    """
    data = SHIPPED.read_bytes()
    digest = load_ruleset(data).digest
    if models.RuleSet.objects.filter(digest=digest).exists() or people_decided():
        return
    adopt_ruleset(Actor.system("start"), data=data)


def people_decided() -> bool:
    """Whether the rules in force are those that two people put in force."""
    newest = models.RuleSet.objects.order_by("-loaded_at", "-id").values("digest")[:1]
    return models.RuleProposal.objects.filter(state=State.ADOPTED, digest__in=newest).exists()


def put_in_force(ruleset: RuleSet) -> None:
    """In the caller's transaction: the rule set counts from its commit on, whole, and what waits is banded again.

    Raises VersionAlreadyTaken.
    """
    newest = models.RuleSet.objects.order_by("-loaded_at", "-id").first()
    now = timezone.now()
    if newest is not None:
        now = max(now, newest.loaded_at + timedelta(microseconds=1))  # a clock set back changes no order
    row = models.RuleSet.objects.filter(digest=ruleset.digest).first()
    if row is None:
        if models.RuleSet.objects.filter(version=ruleset.version).exists():
            raise VersionAlreadyTaken(ruleset.version)
        row = models.RuleSet(version=ruleset.version, digest=ruleset.digest, body=ruleset.body)
    row.loaded_at = now
    row.save()
    models.Rebanding.objects.filter(ended_at=None).update(ended_at=now)
    if newest is not None:
        waiting = models.QueueTally.objects.aggregate(all=Sum("count"))["all"] or 0
        models.Rebanding.objects.create(ruleset=row, waiting=waiting, began_at=now)
