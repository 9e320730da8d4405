"""Put a rule set in force."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from amaan.authority.actors import Actor
from amaan.ledger.services import Act, append
from amaan.triage import models
from amaan.triage.domain.proposals import VersionAlreadyTaken
from amaan.triage.domain.ruleset import RuleSet, load_ruleset
from amaan.triage.permissions import require_system
from amaan.triage.rulebook import SHIPPED, in_force


@transaction.atomic
def adopt_ruleset(actor: Actor, *, data: bytes) -> RuleSet:
    """Make a rule file the one in force; adopting the one in force again changes nothing.

    Raises BadRuleFile, VersionAlreadyTaken. Reports keep the band that earlier rules gave them until they are
    banded again.
    """
    require_system(actor)
    ruleset = load_ruleset(data)
    held = models.RuleSet.objects.filter(digest=ruleset.digest)
    current = in_force()
    if current and current[1].digest == ruleset.digest:
        return current[1]
    now = timezone.now()
    if not held.update(loaded_at=now):
        if models.RuleSet.objects.filter(version=ruleset.version).exists():
            raise VersionAlreadyTaken(ruleset.version)
        models.RuleSet.objects.create(
            version=ruleset.version, digest=ruleset.digest, body=ruleset.body, loaded_at=now
        )
    body = {"version": ruleset.version, "digest": ruleset.digest, "rules": len(ruleset.rules)}
    append(actor, [Act("triage.rules_adopted", f"rules:{ruleset.version}", "", body)])
    return ruleset


def prepare_rules() -> None:
    """At start: adopt the rule file that came with the program, unless it was met before."""
    data = SHIPPED.read_bytes()
    digest = load_ruleset(data).digest
    if not models.RuleSet.objects.filter(digest=digest).exists():
        adopt_ruleset(Actor.system("start"), data=data)
