"""Lists proposed, approved by a second person, set, withdrawn."""

from __future__ import annotations

import json
from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from amaan.authority.actors import Actor, ActorKind
from amaan.authority.matrix import Action, require
from amaan.ledger.services import Act, append
from amaan.matching.domain.errors import (
    AlwaysThere,
    ListExists,
    ListMovedOn,
    ListNotFound,
    ListWithdrawn,
    NotFilledThisWay,
    NothingToApprove,
    NotInForceYet,
    SecondPersonNeeded,
)
from amaan.matching.domain.lists import (
    ALWAYS_THERE,
    DISTANCE,
    HOUSE,
    OF_SURVIVORS,
    QUALITY,
    Category,
    ListKind,
    ListState,
    checked_category,
    checked_exchange,
    checked_map,
    checked_reason,
    checked_slug,
    checked_threshold,
    checked_words,
    widens,
)
from amaan.matching.models import SignalList
from amaan.matching.selectors import access_list
from amaan.outbox.services import publish

CHANGED = "list.changed"


@transaction.atomic
def propose_list(
    actor: Actor,
    *,
    slug: str,
    title: str,
    category: str,
    source: str,
    ground: str,
    kind: ListKind = ListKind.IMPORTED,
    exchange: str = "",
    categories: Mapping[str, str] | None = None,
    distance: int = DISTANCE,
    quality: int = QUALITY,
) -> str:
    """Propose a list; it matches nothing until a second person approves it. Its slug.

    `category` is one of the closed vocabulary; `categories` maps the source's own classes to it; `ground` says on
    what ground the list may be held and used. What an exchange of `OF_SURVIVORS` fills has their category, whatever
    is said. Raises NotAllowed, BadList, ListExists, NotFilledThisWay.
    """
    require(actor, Action.MANAGE_LISTS)
    if kind not in {ListKind.IMPORTED, ListKind.EXCHANGE}:
        raise NotFilledThisWay("The own list and the survivors' list are there already.")
    slug = checked_slug(slug)
    checked_threshold(distance, quality)
    own_word = exchange.strip() in OF_SURVIVORS
    fields = {
        "title": checked_words("title", title),
        "kind": kind.value,
        "category": (Category.SURVIVOR if own_word else checked_category(category)).value,
        "source": checked_words("source", source),
        "ground": checked_words("ground", ground),
        "exchange": checked_exchange(exchange, needed=kind is ListKind.EXCHANGE),
        "categories": json.dumps(checked_map(categories)) if categories and not own_word else "",
        "distance": distance,
        "quality": quality,
    }
    if slug in ALWAYS_THERE or SignalList.objects.filter(slug=slug).exists():
        raise ListExists(f"A list {slug} stands already, perhaps withdrawn. A slug names one list for ever.")
    SignalList.objects.create(slug=slug, proposed_by=actor.key, proposed_at=timezone.now(), **fields)
    append(actor, [Act("list.proposed", _on(slug), "", fields)])
    return slug


@transaction.atomic
def approve_list(actor: Actor, *, slug: str, revision: int | None = None) -> None:
    """Approve, as the second person, a proposed list, or the wider thresholds that somebody wants for one.

    `revision` is the one that the actor has read. Raises ListNotFound, ListWithdrawn, ListMovedOn, NothingToApprove,
    SecondPersonNeeded.
    """
    held = _held(actor, slug, Action.APPROVE_LIST)
    _unmoved(held, revision)
    approve_held(actor, held)


def approve_held(actor: Actor, held: SignalList) -> None:
    """The same, of a list whose row the caller holds and for which the caller asked the matrix."""
    standing = held.state == ListState.APPROVED
    if standing and not held.wanted:
        raise NothingToApprove(f"The list {held.slug} is approved, and nothing of it waits.")
    wanted = json.loads(held.wanted) if standing else {}
    _second_person(actor, *((held.wanted_by,) if standing else (held.proposed_by, held.set_by)))
    if standing:
        held.distance, held.quality = wanted["distance"], wanted["quality"]
        assert held.wanted_at is not None  # the database's constraint list_wanted
        held.proposed_by, held.proposed_at, held.set_by = held.wanted_by, held.wanted_at, ""
        _forget_wanted(held)
    held.state = ListState.APPROVED
    held.approved_by, held.approved_at = actor.key, timezone.now()
    held.revision += 1
    held.save()
    body = {
        "proposed_by": held.proposed_by,
        "set_by": held.set_by,
        "category": held.category,
        "distance": held.distance,
        "quality": held.quality,
        "revision": held.revision,
    }
    append(actor, [Act("list.approved", _on(held.slug), "", body)])
    publish(CHANGED, [held.pk])


@transaction.atomic
def set_list(
    actor: Actor,
    *,
    slug: str,
    enabled: bool | None = None,
    distance: int | None = None,
    quality: int | None = None,
    revision: int | None = None,
) -> bool:
    """Switch a list on or off, or set what counts as near. True where a second person must approve it first.

    Narrower, and on or off, holds at once. Wider (more distance, less quality) waits while the list goes on matching
    as it did. Whoever sets what is still proposed can't approve it, as little as whoever proposed it. What is so
    already changes nothing. A list's category, source and ground never change: withdraw it and propose another. Raises
    ListNotFound, ListWithdrawn, ListMovedOn, BadList, NotInForceYet (the own list, the survivors').
    """
    held = _held(actor, slug, Action.MANAGE_LISTS)
    _unmoved(held, revision)
    to_distance = held.distance if distance is None else distance
    to_quality = held.quality if quality is None else quality
    checked_threshold(to_distance, to_quality)
    moves = (to_distance, to_quality) != (held.distance, held.quality)
    if not moves and enabled in {None, held.enabled}:
        return False  # past reports need not be compared again
    proposed = held.state == ListState.PROPOSED
    if moves and proposed and slug in ALWAYS_THERE:
        raise NotInForceYet(f"The list {slug} comes as it is, and is set when it is in force.")
    if enabled is not None:
        held.enabled = enabled
    waits = (
        moves
        and not proposed
        and widens(
            distance=held.distance, quality=held.quality, to_distance=to_distance, to_quality=to_quality
        )
    )
    if waits:
        held.wanted = json.dumps({"distance": to_distance, "quality": to_quality})
        held.wanted_by, held.wanted_at = actor.key, timezone.now()
    elif moves:
        held.distance, held.quality = to_distance, to_quality
        _forget_wanted(held)
        held.set_by = actor.key if proposed else held.set_by
    held.revision += 1
    held.save()
    body = {"enabled": held.enabled, "distance": to_distance, "quality": to_quality, "waits": waits}
    append(actor, [Act("list.set", _on(slug), "", body)])
    publish(CHANGED, [held.pk])
    return waits


@transaction.atomic
def refuse_change(actor: Actor, *, slug: str, reason: str) -> None:
    """Refuse the wider thresholds that somebody wants. (A list that is only proposed is refused by withdrawing it.)

    Raises ListNotFound, ListWithdrawn, NothingToApprove, ReasonNeeded.
    """
    action = Action.APPROVE_LIST
    held = _held(actor, slug, action)
    reason = checked_reason(reason)
    if not held.wanted:
        raise NothingToApprove(f"Nothing is wanted changed of the list {slug}.")
    body = {"reason": reason, "wanted": json.loads(held.wanted), "wanted_by": held.wanted_by}
    _forget_wanted(held)
    held.revision += 1
    held.save()
    append(actor, [Act("list.change_refused", _on(slug), "", body)])


@transaction.atomic
def withdraw_list(actor: Actor, *, slug: str, reason: str) -> None:
    """Withdraw a list for good: it matches nothing more, and what it matched says so. The reason lies sealed.

    The own list and the survivors' are what others have sent and judged: nobody ends them, they are switched off.
    Raises ListNotFound, ListWithdrawn, AlwaysThere, ReasonNeeded.
    """
    held = _held(actor, slug, Action.MANAGE_LISTS)
    if slug in ALWAYS_THERE:
        raise AlwaysThere(
            f"The list {slug} comes with the program and stays. Switch it off: amaan lists disable."
        )
    reason = checked_reason(reason)
    held.state, held.enabled = ListState.WITHDRAWN, False
    held.withdrawn_by, held.withdrawn_at = actor.key, timezone.now()
    _forget_wanted(held)
    held.revision += 1
    held.save()
    append(actor, [Act("list.withdrawn", _on(slug), "", {"reason": reason})])
    publish(CHANGED, [held.pk])


def standing_list(slug: str) -> SignalList:
    """The own list or the survivors', its row held; made when it is first needed. Raises ListWithdrawn."""
    kind, category, title, source, ground = ALWAYS_THERE[slug]
    fields = {
        "title": title,
        "kind": kind.value,
        "category": category.value,
        "source": source,
        "ground": ground,
        "distance": DISTANCE,
        "quality": QUALITY,
        "proposed_by": HOUSE,
        "proposed_at": timezone.now(),
    }
    made, _new = SignalList.objects.get_or_create(slug=slug, defaults=fields)
    held = SignalList.objects.select_for_update().get(pk=made.pk)
    _not_withdrawn(held)
    return held


def _held(actor: Actor, slug: str, action: Action) -> SignalList:
    """The list, its row held until the transaction ends. Raises ListNotFound, ListWithdrawn."""
    if slug in ALWAYS_THERE and not SignalList.objects.filter(slug=slug).exists():
        raise ListNotFound(f"There is no list {slug} yet; it is there from its first member on.")
    found = access_list(actor, slug, action)
    held = SignalList.objects.select_for_update().get(pk=found.pk)
    _not_withdrawn(held)
    return held


def _not_withdrawn(held: SignalList) -> None:
    if held.state == ListState.WITHDRAWN:
        raise ListWithdrawn(f"The list {held.slug} was withdrawn, which is final. Propose another one.")


def _unmoved(held: SignalList, revision: int | None) -> None:
    if revision is not None and held.revision != revision:
        raise ListMovedOn(f"The list {held.slug} changed after you read it. Read it again.")


def _second_person(actor: Actor, *first: str) -> None:
    if actor.kind is not ActorKind.STAFF:
        raise SecondPersonNeeded("A list is approved by a person who is signed in, never by a process.")
    if actor.key in first:
        raise SecondPersonNeeded("Whoever proposed or set it can't approve it; a second person does.")


def _forget_wanted(held: SignalList) -> None:
    held.wanted, held.wanted_by, held.wanted_at = "", "", None


def _on(slug: str) -> str:
    return f"list/{slug}"
