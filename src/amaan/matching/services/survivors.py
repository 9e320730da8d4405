"""Survivors' own hashes: never exported, never raising danger, naming nobody; until two people know better."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from hashlib import sha256

from django.db import transaction
from django.utils import timezone

from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, require
from amaan.formats.hash_lists.entries import is_blank
from amaan.ledger.services import Act, append
from amaan.matching.domain.errors import BadList, QualityTooLow, SurvivorNotFound
from amaan.matching.domain.lists import (
    QUALITY,
    SURVIVORS,
    Category,
    MemberState,
    SignalType,
)
from amaan.matching.models import Batch, Member, Signal
from amaan.matching.services.known import forget_taken_back, only_a_person, propose_member, refuse_waiting
from amaan.matching.services.listing import CHANGED, standing_list
from amaan.outbox.services import publish
from amaan.store.rows import forget

ON = f"list/{SURVIVORS}"


@transaction.atomic
def add_survivor_hash(
    actor: Actor,
    *,
    pdq: bytes | None = None,
    quality: int | None = None,
    sha256: bytes | None = None,
    sha1: bytes | None = None,
    md5: bytes | None = None,
    frames: Sequence[tuple[bytes, int]] = (),
) -> str:
    """Take in what a survivor's own device made of their picture; the reference with which it is taken back.

    A picture too plain for PDQ is known by its bytes alone; a video by its bytes and by the PDQ hash and quality of
    each of its `frames`. The reference is random, so that nobody who knows a hash can take it back, or ask whether it
    is here; and only its digest is kept, so that nobody who reads here can. The same picture sent twice is two
    members. Raises NotAllowed, QualityTooLow, BadList, ListWithdrawn.
    """
    require(actor, Action.CONFIRM_KNOWN)
    pictures: dict[bytes, int | None] = {}
    for value, good in [(pdq, quality), *frames]:
        if value is not None:
            pictures.setdefault(value, good)
    digests = [(SignalType.SHA256, sha256), (SignalType.SHA1, sha1), (SignalType.MD5, md5)]
    given = [
        *((SignalType.PDQ, value, good) for value, good in pictures.items()),
        *((kind, value, None) for kind, value in digests if value is not None),
    ]
    _checked(given)
    held = standing_list(SURVIVORS)
    reference, now = secrets.token_hex(16), timezone.now()
    batch = Batch.objects.create(
        list=held, origin="survivor", by=actor.key, began_at=now, ended_at=now, read=1, added=1
    )
    member = Member.objects.create(list=held, batch=batch, name=_name(reference), category=Category.SURVIVOR)
    Signal.objects.bulk_create(
        Signal(member=member, batch=batch, type=kind, value=value, quality=good)
        for kind, value, good in given
    )
    append(actor, [Act("survivor.added", ON, "", {"member": member.pk, "quality": quality})])
    publish(CHANGED, [held.pk])
    return reference


def _checked(given: Sequence[tuple[SignalType, bytes, int | None]]) -> None:
    if not given:
        raise BadList("sha256", "There is nothing to take in: no hash was given.")
    for kind, value, good in given:
        if kind is SignalType.PDQ and (good is None or not QUALITY <= good <= 100):
            raise QualityTooLow(
                f"A PDQ hash of quality {good} finds the wrong pictures; at least {QUALITY} is needed."
            )
        if len(value) != kind.size:
            raise BadList(kind.name.lower(), f"A {kind.name} value has {kind.size} bytes, not {len(value)}.")
        if is_blank(value):
            raise BadList(kind.name.lower(), f"This {kind.name} value is that of an empty file or picture.")


@transaction.atomic
def withdraw_survivor_hash(actor: Actor, *, reference: str) -> None:
    """Take back the survivor's hash that got this reference: it matches nothing more, and its values are erased here.

    A copy that waits to become the own list's is refused and erased with it. What it matched before stays, as from a
    member that was taken back, with the hash that was compared. What two people confirmed meanwhile is the own list's.
    Raises NotAllowed, SurvivorNotFound.
    """
    require(actor, Action.CONFIRM_KNOWN)
    member = _held(name=_name(reference))
    refuse_waiting(actor, [member.pk], "Whoever sent the hash took it back.")
    forget_taken_back(member)
    Signal.objects.filter(member=member).delete()
    Member.objects.filter(pk=member.pk).update(state=MemberState.WITHDRAWN, withdrawn_at=timezone.now())
    Batch.objects.filter(pk=member.batch_id).update(withdrawn=1)
    append(actor, [Act("survivor.withdrawn", ON, "", {"member": member.pk})])
    publish(CHANGED, [member.list_id])
    transaction.on_commit(forget)


@transaction.atomic
def confirm_survivor(actor: Actor, *, number: int, category: str, compared_with: str) -> int:
    """Say that a survivor's hash was compared with a lawful copy; a copy of it is proposed for the own list.

    `number` is the member's (`SurvivorLine`); `compared_with` says where that copy lies and what was seen, sealed as
    the proposal's reason. A second person confirms it as any other, so that nobody can send a hash and make it count
    alone. The survivor's own stays where it is. The proposal's number. Raises NotAllowed, SurvivorNotFound,
    KnownAlready, ProposedAlready, BadList, ReasonNeeded, SecondPersonNeeded (for a process).
    """
    require(actor, Action.CONFIRM_KNOWN)
    only_a_person(actor)
    member = _held(pk=number)
    # Of a video's frames the first stands for it, beside the digest of its bytes.
    values = {
        SignalType(one.type): (bytes(one.value), one.quality)
        for one in Signal.objects.filter(member=member).order_by("-pk")
    }
    return propose_member(
        actor,
        values=values,
        category=category,
        reason=compared_with,
        on=ON,
        rests_on={"survivor_id": member.pk},
        unit="",
    )


def _name(reference: str) -> str:
    """What is kept of a reference: enough to know it again. It is random and long, so that no trying finds it."""
    return sha256(reference.encode()).hexdigest()


def _held(**which: str | int) -> Member:
    held = Member.objects.select_for_update().filter(list__slug=SURVIVORS, state=MemberState.ACTIVE, **which)
    found = held.first()
    if found is None:
        raise SurvivorNotFound("No survivor's hash has this reference, or it was taken back.")
    return found


__all__ = ["add_survivor_hash", "confirm_survivor", "withdraw_survivor_hash"]
