"""The own list: a member is proposed by one person from what was decided, and counts when a second one confirms it."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from amaan.authority.actors import Actor, ActorKind
from amaan.authority.matrix import Action
from amaan.formats.hash_lists.entries import is_blank
from amaan.keyring.services import new_sealer
from amaan.ledger.services import Act, append
from amaan.matching.domain.errors import (
    AnsweredAlready,
    KnownAlready,
    NotDecided,
    NothingToCompare,
    ProposedAlready,
    SecondPersonNeeded,
    SurvivorNotFound,
)
from amaan.matching.domain.lists import (
    OWN,
    QUALITY,
    SURVIVORS,
    Answer,
    ListState,
    MemberState,
    SignalType,
    checked_category,
    checked_reason,
)
from amaan.matching.models import Batch, Member, Proposal, Signal
from amaan.matching.selectors import access_proposal, answer_place, reason_place
from amaan.matching.services.listing import CHANGED, approve_held, standing_list
from amaan.outbox.services import publish
from amaan.reports.selectors import access_report, comparable_contents, decided_reports
from amaan.store.rows import slices

DECISION = "decision"
"""The origin of the own list's batches. Which report it was stands in the proposal, for those who may read that."""
Values = Mapping[SignalType, tuple[bytes, int | None]]
"""Of each type the value, and a PDQ hash's quality where it is known."""


@transaction.atomic
def propose_known(actor: Actor, *, report_reference: str, content: int, category: str, reason: str) -> int:
    """Propose that a file of a decided report is known from now on; the proposal's number.

    `content` is the file's number in the newest telling, from 0. Raises ReportNotFound, NotDecided,
    NothingToCompare, KnownAlready, ProposedAlready, BadList, ReasonNeeded, SecondPersonNeeded (for a process).
    """
    report = access_report(actor, report_reference, Action.CONFIRM_KNOWN)
    only_a_person(actor)
    if not decided_reports([report.pk]).get(report.pk):
        raise NotDecided(f"Decide first what becomes of {report.reference}, as it was told last.")
    found = next((one for one in comparable_contents([report.pk]) if one.number == content), None)
    if found is None:
        raise NothingToCompare(f"{report.reference} has no file {content + 1} with a hash.")
    hashes = {
        SignalType.SHA256: found.sha256,
        SignalType.SHA1: found.sha1,
        SignalType.MD5: found.md5,
        SignalType.PDQ: found.pdq,
    }
    return propose_member(
        actor,
        values={
            kind: (bytes(value), found.pdq_quality if kind is SignalType.PDQ else None)
            for kind, value in hashes.items()
            if value
            and not is_blank(bytes(value))
            and not (kind is SignalType.PDQ and _says_little(found.pdq_quality))
        },
        category=category,
        reason=reason,
        on=report.reference,
        rests_on={"report_id": report.pk, "telling": report.version, "content": content},
        unit=report.unit.code,
    )


def _says_little(quality: int | None) -> bool:
    """Whether a PDQ hash of this quality would find the wrong pictures; where nobody said it, it is taken."""
    return quality is not None and quality < QUALITY


def propose_member(
    actor: Actor,
    *,
    values: Values,
    category: str,
    reason: str,
    on: str,
    rests_on: Mapping[str, int],
    unit: str,
) -> int:
    """A member of the own list that waits for a second person, in the caller's transaction; the proposal's number.

    `on` is what the ledger's entry is about. The batch does not say it: whoever reads lists sees every unit's.
    """
    category = checked_category(category).value
    reason = checked_reason(reason)
    if not values:
        raise NothingToCompare("This file has no hash that a list could hold.")
    held = standing_list(OWN)
    name = values[min(values)][0].hex()
    member = Member.objects.filter(list=held, name=name).first()
    if member is not None and member.state == MemberState.ACTIVE:
        raise KnownAlready("The own list has this file already.")
    if member is not None and member.state == MemberState.PROPOSED:
        raise ProposedAlready("This file is proposed already, and waits for a second person.")
    now = timezone.now()
    batch = Batch.objects.create(list=held, origin=DECISION, by=actor.key, began_at=now, read=1)
    if member is None:
        member = Member(list=held, name=name)
    member.batch, member.category, member.state = batch, category, MemberState.PROPOSED
    member.proposed_by, member.confirmed_by = actor.key, ""
    member.withdrawn_at, member.withdrawn_by = None, ""
    member.save()
    Signal.objects.filter(member=member).delete()
    Signal.objects.bulk_create(
        Signal(member=member, batch=batch, type=kind, value=value, quality=quality)
        for kind, (value, quality) in values.items()
    )
    proposal = Proposal.objects.create(member=member, unit=unit, reason=b"", by=actor.key, at=now, **rests_on)
    sealer = new_sealer()
    proposal.reason = sealer.seal(reason_place(proposal.pk), reason)
    proposal.save(update_fields=["reason"])
    body = {"proposal": proposal.pk, "category": category, "reason": reason, "member": name}
    append(actor, [Act("known.proposed", on, unit, body)], sealer=sealer)
    return proposal.pk


@transaction.atomic
def confirm_known(actor: Actor, *, proposal: int, reason: str) -> None:
    """Confirm, as the second person, that a proposed member is what it is said to be. It counts from now on.

    The first member that is confirmed approves the own list with it. Raises ProposalNotFound, AnsweredAlready,
    SecondPersonNeeded, ListWithdrawn, SurvivorNotFound (whoever sent it took it back), ReasonNeeded.
    """
    found = _held(actor, proposal)
    only_a_person(actor)
    if found.by == actor.key:
        raise SecondPersonNeeded("Whoever proposed it can't confirm it; a second person does.")
    if found.survivor is not None and found.survivor.state != MemberState.ACTIVE:
        raise SurvivorNotFound("The survivor's hash that this rests on was taken back.")
    now = timezone.now()
    held = standing_list(OWN)
    Batch.objects.filter(pk=found.member.batch_id).update(ended_at=now, added=1)
    Member.objects.filter(pk=found.member_id).update(state=MemberState.ACTIVE, confirmed_by=actor.key)
    _answer(actor, found, Answer.CONFIRMED, reason, "known.confirmed")
    if held.state == ListState.PROPOSED:
        approve_held(actor, held)
    else:
        publish(CHANGED, [held.pk])


@transaction.atomic
def refuse_known(actor: Actor, *, proposal: int, reason: str) -> None:
    """Refuse a proposed member, or take back one's own proposal. It may be proposed again.

    Raises ProposalNotFound, AnsweredAlready, SecondPersonNeeded (for a process), ReasonNeeded.
    """
    found = _held(actor, proposal)
    only_a_person(actor)
    _refuse(actor, found, reason)


def refuse_waiting(actor: Actor, members: list[int], reason: str) -> None:
    """Refuse, in the caller's transaction, what waits on these members: of the own list, or of the survivors'.

    Whoever takes a member away answers with it: no page may offer to confirm what is no more.
    """
    for part in slices(members, 1_000):
        rows = _rows().filter(Q(member__in=part) | Q(survivor__in=part), answer=Answer.WAITING)
        for found in rows.order_by("pk"):
            _refuse(actor, found, reason)


def forget_taken_back(survivor: Member) -> None:
    """Erase what was copied from a survivor's hash for the own list and never confirmed, the name made of it too."""
    copies = Proposal.objects.filter(survivor=survivor).exclude(answer=Answer.CONFIRMED)
    for number in set(copies.values_list("member", flat=True)):
        newest = Proposal.objects.filter(member=number).order_by("-pk").first()
        if (
            newest is not None and newest.survivor_id == survivor.pk
        ):  # else it is known from elsewhere meanwhile
            Signal.objects.filter(member=number).delete()
            Member.objects.filter(pk=number).update(name=f"taken-back-{number}")


def _refuse(actor: Actor, found: Proposal, reason: str) -> None:
    now = timezone.now()
    Batch.objects.filter(pk=found.member.batch_id).update(ended_at=now)
    Member.objects.filter(pk=found.member_id).update(state=MemberState.WITHDRAWN, withdrawn_at=now)
    _answer(actor, found, Answer.REFUSED, reason, "known.refused")


def only_a_person(actor: Actor) -> None:
    """Raises SecondPersonNeeded."""
    if actor.kind is not ActorKind.STAFF:
        raise SecondPersonNeeded("What is known is judged by people who are signed in, never by a process.")


def _held(actor: Actor, number: int) -> Proposal:
    """The proposal, waiting, its row held until the transaction ends; before it the survivor's, as taking back does."""
    found = access_proposal(actor, number)
    if found.survivor_id is not None:
        Member.objects.select_for_update().get(pk=found.survivor_id)
    held = _rows().get(pk=found.pk)
    if held.answer != Answer.WAITING:
        raise AnsweredAlready("This was confirmed or refused before.")
    return held


def _rows() -> QuerySet[Proposal]:
    rows = Proposal.objects.select_for_update(of=("self",))
    return rows.select_related("member", "report", "survivor")


def _answer(actor: Actor, found: Proposal, answer: Answer, reason: str, act: str) -> None:
    reason = checked_reason(reason)
    sealer = new_sealer()
    Proposal.objects.filter(pk=found.pk).update(
        answer=answer,
        answered_by=actor.key,
        answered_at=timezone.now(),
        answer_reason=sealer.seal(answer_place(found.pk), reason),
    )
    body = {"proposal": found.pk, "proposed_by": found.by, "reason": reason, "member": found.member.name}
    on = found.report.reference if found.report is not None else f"list/{SURVIVORS}"
    append(actor, [Act(act, on, found.unit, body)], sealer=sealer)


__all__ = [
    "confirm_known",
    "forget_taken_back",
    "only_a_person",
    "propose_known",
    "propose_member",
    "refuse_known",
    "refuse_waiting",
]
