"""Rules are changed by two people: one proposes a file, a replay says what it would move, another puts it in force."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils import timezone

from amaan.authority.actors import Actor, ActorKind
from amaan.authority.matrix import Action, require
from amaan.ledger.services import Act, append
from amaan.store.rows import on_postgres
from amaan.triage.domain.proposals import (
    LARGEST_FILE,
    MOST_REASON,
    AnsweredAlready,
    BaseReplaced,
    FileTooLarge,
    NothingChanged,
    NotYours,
    ProposedAlready,
    ReasonNeeded,
    ReplayUnfinished,
    RuleProposalNotFound,
    SecondPersonNeeded,
    State,
    VersionAlreadyTaken,
)
from amaan.triage.domain.ruleset import RuleSet, load_ruleset
from amaan.triage.models import RuleProposal
from amaan.triage.models import RuleSet as Row
from amaan.triage.services.adopting import prepare_rules, put_in_force


@transaction.atomic
def propose_rules(actor: Actor, *, body: str, reason: str) -> int:
    """Lay a rule file before a second person; the proposal's number. The worker replays it over past reports.

    Raises BadRuleFile, NothingChanged, VersionAlreadyTaken, ProposedAlready, FileTooLarge, ReasonNeeded,
    SecondPersonNeeded (for a process). An older file may be proposed again, under its own version.
    """
    require(actor, Action.PROPOSE_RULES)
    _only_a_person(actor)
    reason = _checked(reason)
    body = body.replace("\r\n", "\n")
    if len(body) > LARGEST_FILE:
        raise FileTooLarge(f"A rule file has at most {LARGEST_FILE:,} characters.")
    ruleset = load_ruleset(body.encode())
    base = _in_force()
    _check_new(ruleset, base)
    try:
        with transaction.atomic():
            row = RuleProposal.objects.create(
                base=base,
                version=ruleset.version,
                digest=ruleset.digest,
                body=ruleset.body,
                reason=reason,
                by=actor.key,
                at=timezone.now(),
            )
    except IntegrityError as taken:
        raise ProposedAlready("The same file waits for a second person already.") from taken
    append(
        actor, [Act("triage.rules_proposed", f"rules:{row.version}", "", {**_told(row), "reason": reason})]
    )
    return row.pk


@transaction.atomic
def compare_again(actor: Actor, *, number: int) -> None:
    """Lay one's own proposal upon the rules that are in force by now; it is replayed anew.

    Raises RuleProposalNotFound, NotYours, AnsweredAlready, NothingChanged, VersionAlreadyTaken.
    """
    require(actor, Action.PROPOSE_RULES)
    row = _waiting(number)
    if row.by != actor.key:
        raise NotYours("Only whoever proposed these rules lays them upon newer ones.")
    base = _in_force()
    if base.pk == row.base_id:
        return
    _check_new(load_ruleset(row.body.encode()), base, apart_from=row.pk)
    row.base = base
    row.replay_after, row.replay_of, row.replay, row.replayed_at = 0, 0, "", None
    row.save()
    append(actor, [Act("triage.rules_compared_again", f"rules:{row.version}", "", _told(row))])


@transaction.atomic
def withdraw_rules(actor: Actor, *, number: int) -> None:
    """Take one's own proposal back. Raises RuleProposalNotFound, NotYours, AnsweredAlready."""
    require(actor, Action.PROPOSE_RULES)
    row = _waiting(number)
    if row.by != actor.key:
        raise NotYours("Only whoever proposed these rules takes them back.")
    _answer(actor, row, State.WITHDRAWN)
    append(actor, [Act("triage.rules_withdrawn", f"rules:{row.version}", "", _told(row))])


@transaction.atomic
def reject_rules(actor: Actor, *, number: int, reason: str) -> None:
    """Say, as the second person, that these rules do not come. Raises RuleProposalNotFound, SecondPersonNeeded,
    AnsweredAlready, ReasonNeeded."""
    require(actor, Action.APPROVE_RULES)
    row = _waiting(number)
    _second_person(actor, row)
    _answer(actor, row, State.REJECTED, _checked(reason))
    body = {**_told(row), "proposed_by": row.by, "reason": row.answer_reason}
    append(actor, [Act("triage.rules_rejected", f"rules:{row.version}", "", body)])


@transaction.atomic
def adopt_rules(actor: Actor, *, number: int, base: str) -> None:
    """Put proposed rules in force, as the second person. `base` is the digest of the rules that they were compared with
    on the page that was read.

    Raises RuleProposalNotFound, SecondPersonNeeded, AnsweredAlready, BaseReplaced, ReplayUnfinished,
    VersionAlreadyTaken, BadRuleFile (where the program has changed since).
    """
    require(actor, Action.APPROVE_RULES)
    row = _waiting(number)
    _second_person(actor, row)
    current = _in_force()
    if current.pk != row.base_id or current.digest != base:
        raise BaseReplaced(current.version)
    if row.replayed_at is None:
        raise ReplayUnfinished("It is not known yet what these rules would move; the worker is finding out.")
    ruleset = load_ruleset(row.body.encode())
    put_in_force(ruleset)
    _answer(actor, row, State.ADOPTED)
    body = {
        **_told(row),
        "rules": len(ruleset.rules),
        "proposed_by": row.by,
        "approved_by": actor.key,
    }
    append(actor, [Act("triage.rules_adopted", f"rules:{row.version}", "", body)])


def _only_a_person(actor: Actor) -> None:
    if actor.kind is not ActorKind.STAFF:
        raise SecondPersonNeeded("Rules are proposed and put in force by people.")


def _second_person(actor: Actor, row: RuleProposal) -> None:
    _only_a_person(actor)
    if actor.key == row.by:
        raise SecondPersonNeeded("Whoever proposed these rules can't answer; a second person does.")


def _checked(reason: str) -> str:
    reason = reason.strip()
    if not 0 < len(reason) <= MOST_REASON:
        raise ReasonNeeded(f"Give a reason of 1 to {MOST_REASON:,} characters.")
    return reason


def _in_force() -> Row:
    """The row of the rules in force, held until the transaction ends: of two who adopt at once, one sees the other's.

    On SQLite the transaction itself is that lock.
    """
    rows = Row.objects.order_by("-loaded_at", "-id")
    if not rows.exists():
        prepare_rules()
    if not on_postgres():
        return rows[0]
    while True:
        held = Row.objects.select_for_update().get(pk=rows.values_list("pk", flat=True)[0])
        if held.pk == rows.values_list("pk", flat=True)[0]:  # nobody put others in force while we waited
            return held


def _check_new(ruleset: RuleSet, base: Row, *, apart_from: int = 0) -> None:
    if ruleset.digest == base.digest:
        raise NothingChanged(f"These are the rules in force, {base.version}.")
    others = RuleProposal.objects.filter(state=State.PROPOSED, version=ruleset.version).exclude(pk=apart_from)
    adopted = Row.objects.filter(version=ruleset.version)
    if any(rows.exclude(digest=ruleset.digest).exists() for rows in (adopted, others)):
        raise VersionAlreadyTaken(ruleset.version)


def _waiting(number: int) -> RuleProposal:
    rows = RuleProposal.objects.filter(pk=number)
    # Its own row alone: the rules in force are locked after it, by everybody in this order.
    row = (rows.select_for_update(of=("self",)) if on_postgres() else rows).first()
    if row is None:
        raise RuleProposalNotFound(f"There is no proposal {number}.")
    if row.state != State.PROPOSED:
        raise AnsweredAlready(f"Proposal {number} was {row.state} before.")
    return row


def _answer(actor: Actor, row: RuleProposal, state: State, reason: str = "") -> None:
    row.state, row.answered_by, row.answered_at, row.answer_reason = state, actor.key, timezone.now(), reason
    row.save()


def _told(row: RuleProposal) -> dict[str, object]:
    return {
        "proposal": row.pk,
        "version": row.version,
        "digest": row.digest,
        "base": row.base.version,
        "base_digest": row.base.digest,
    }
