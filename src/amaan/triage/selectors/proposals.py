"""Rules in force, earlier ones, and proposed ones with what a replay found of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import orjson
from django.db.models import QuerySet

from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, require
from amaan.reports.selectors import reports_among
from amaan.triage.domain.proposals import RuleProposalNotFound, State
from amaan.triage.domain.replaying import Replay, replay_from
from amaan.triage.domain.rule_tables import is_version
from amaan.triage.domain.ruleset import RuleSet, load_ruleset, read_ruleset
from amaan.triage.models import Rebanding, RuleProposal
from amaan.triage.models import RuleSet as Row
from amaan.triage.rulebook import SHIPPED, NoRulesAdopted, in_force

ANSWERED: Final = 20
"""Answered proposals and versions that a page shows, the newest."""


@dataclass(frozen=True)
class RulesLine:
    """A version that was in force, or is: since `at`, which is the last time that it was put in force.

    `number` is the proposal by which people did that last; None where the installation did it itself.
    """

    version: str
    digest: str
    at: datetime
    in_force: bool
    number: int | None


@dataclass(frozen=True)
class RulesInForce:
    """The rules by which reports are banded. `shipped` is the version that came with the program, where it is another
    one that nobody put in force yet; else ""."""

    line: RulesLine
    ruleset: RuleSet
    shipped: str


@dataclass(frozen=True)
class Progress:
    """`done` of about `of`; the whole can grow while it is worked on."""

    done: int
    of: int

    @property
    def percent(self) -> int:
        return min(100, self.done * 100 // self.of) if self.of else 0


@dataclass(frozen=True)
class ProposalLine:
    """A proposal as a list shows it. `by` and `answered_by` are actors' keys."""

    number: int
    version: str
    digest: str
    base: str
    state: State
    by: str
    at: datetime
    answered_by: str
    answered_at: datetime | None
    replayed: bool


@dataclass(frozen=True)
class ProposalShown:
    """A proposal whole. `replay` is what was found so far; `stale` that other rules are in force since.

    Its bodies are texts: whether the program can still read them is asked by `read`.
    """

    line: ProposalLine
    body: str
    base_body: str
    base_digest: str
    reason: str
    answer_reason: str
    stale: bool
    replay: Replay
    progress: Progress

    def read(self) -> tuple[RuleSet, RuleSet]:
        """The rules that it was compared with, and the proposed. Raises BadRuleFile, also where what waits to be put in
        force breaks a promise that the program has learned since."""
        proposed = load_ruleset if self.line.state is State.PROPOSED else read_ruleset
        return read_ruleset(self.base_body.encode()), proposed(self.body.encode())


def rules_in_force(actor: Actor) -> RulesInForce:
    """Raises NotAllowed, NoRulesAdopted."""
    require(actor, Action.VIEW_RULES)
    adopted = in_force()
    if adopted is None:
        raise NoRulesAdopted
    shipped = load_ruleset(SHIPPED.read_bytes())
    unmet = not Row.objects.filter(digest=shipped.digest).exists()
    return RulesInForce(_versions()[0], adopted[1], shipped.version if unmet else "")


def versions(actor: Actor) -> list[RulesLine]:
    """The versions that were in force, the one that is first. Raises NotAllowed."""
    require(actor, Action.VIEW_RULES)
    return _versions()


def _versions() -> list[RulesLine]:
    rows = list(Row.objects.order_by("-loaded_at", "-id").defer("body")[:ANSWERED])
    asked = RuleProposal.objects.filter(state=State.ADOPTED, digest__in=[row.digest for row in rows])
    decided = dict(asked.order_by("answered_at").values_list("digest", "pk"))
    return [
        RulesLine(row.version, row.digest, row.loaded_at, row is rows[0], decided.get(row.digest))
        for row in rows
    ]


def text_of_rules(actor: Actor, version: str) -> str | None:
    """The text of a version that is or was in force; None where there is none. Raises NotAllowed."""
    require(actor, Action.VIEW_RULES)
    if not is_version(version):
        return None
    return Row.objects.filter(version=version).values_list("body", flat=True).first()


def text_shipped(actor: Actor) -> str:
    """The text that came with the program. Raises NotAllowed."""
    require(actor, Action.VIEW_RULES)
    return SHIPPED.read_text("utf-8")


def versions_taken() -> frozenset[str]:
    """Names that other rules have already, in force once or proposed now."""
    proposed = RuleProposal.objects.filter(state=State.PROPOSED).values_list("version", flat=True)
    return frozenset([*Row.objects.values_list("version", flat=True), *proposed])


def proposals_where(actor: Actor) -> QuerySet[RuleProposal]:
    """Those that the actor may read. Raises NotAllowed."""
    require(actor, Action.VIEW_RULES)
    return RuleProposal.objects.select_related("base").defer("base__body", "body", "replay")


def proposals_of_rules(actor: Actor, *, waiting: bool) -> list[ProposalLine]:
    """Those that wait, the oldest first; or those that were answered, the newest first."""
    rows = proposals_where(actor)
    if waiting:
        return [_line(row) for row in rows.filter(state=State.PROPOSED).order_by("pk")]
    answered = rows.exclude(state=State.PROPOSED).order_by("-answered_at", "-pk")
    return [_line(row) for row in answered[:ANSWERED]]


def rule_proposal(actor: Actor, number: int) -> ProposalShown:
    """Raises RuleProposalNotFound, NotAllowed."""
    row = proposals_where(actor).defer(None).filter(pk=number).first()
    if row is None:
        raise RuleProposalNotFound(f"There is no proposal {number}.")
    adopted = in_force()
    replay = replay_from(orjson.loads(row.replay) if row.replay else {})
    looked_at = replay.reports + replay.copies
    return ProposalShown(
        line=_line(row),
        body=row.body,
        base_body=row.base.body,
        base_digest=row.base.digest,
        reason=row.reason,
        answer_reason=row.answer_reason,
        stale=row.state == State.PROPOSED and adopted is not None and adopted[0] != row.base_id,
        replay=replay,
        progress=Progress(looked_at, max(row.replay_of, looked_at)),
    )


def _line(row: RuleProposal) -> ProposalLine:
    return ProposalLine(
        number=row.pk,
        version=row.version,
        digest=row.digest,
        base=row.base.version,
        state=State(row.state),
        by=row.by,
        at=row.at,
        answered_by=row.answered_by,
        answered_at=row.answered_at,
        replayed=row.replayed_at is not None,
    )


def examples_for(actor: Actor, replay: Replay) -> Mapping[str, list[str]]:
    """The references of a replay's examples, by effect, of those reports that the actor may open; newest first.

    Of other units there are counts alone.
    """
    ids = [one for by_unit in replay.examples.values() for some in by_unit.values() for one in some]
    seen = reports_among(actor, ids)
    return {
        kind: [
            seen[one].reference
            for one in sorted({one for some in by_unit.values() for one in some}, reverse=True)
            if one in seen
        ]
        for kind, by_unit in replay.examples.items()
    }


def rebanding_under_way() -> Progress | None:
    """How many waiting reports were banded again by the rules in force; None where all are."""
    row = Rebanding.objects.filter(ended_at=None).order_by("-began_at", "-pk").first()
    return Progress(row.seen, max(row.waiting, row.seen)) if row else None
