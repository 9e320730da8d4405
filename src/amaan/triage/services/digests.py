"""The digest of a shift by mail, for whoever wants it: references and counts only."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from amaan.accounts.selectors import actor_of
from amaan.authority.actors import Actor, ActorKind
from amaan.authority.matrix import Action, NotAllowed, may
from amaan.ledger.services import Act, append
from amaan.triage.domain.waking import Channel, next_hour
from amaan.triage.models import DigestWish, Notice
from amaan.triage.permissions import require_system
from amaan.triage.selectors.shift import Digest, digest_for
from amaan.triage.selectors.waking import here, link_to


@transaction.atomic
def wish_digest(actor: Actor, *, hour: int | None, now: datetime) -> None:
    """The actor's digest comes by mail at this hour of the day in Pakistan; None: no more. Raises NotAllowed."""
    if actor.kind is not ActorKind.STAFF or not may(actor, Action.VIEW_QUEUE):
        raise NotAllowed(actor, Action.VIEW_QUEUE)
    person = int(actor.key.removeprefix("staff:"))
    if hour is None:
        DigestWish.objects.filter(person_id=person).delete()
    else:
        DigestWish.objects.update_or_create(
            person_id=person, defaults={"hour": hour, "next_at": next_hour(hour, now)}
        )
    append(actor, [Act("digest.wished", "digest", "", {"hour": hour})])


def digest_hour(actor: Actor) -> int | None:
    """When the actor's digest comes by mail, if it does."""
    person = actor.key.removeprefix("staff:")
    rows = (
        DigestWish.objects.filter(person_id=int(person)) if person.isdecimal() else DigestWish.objects.none()
    )
    return rows.values_list("hour", flat=True).first()


def make_digests(actor: Actor, *, now: datetime) -> int:
    """Write the digests whose hour has come; how many. Whoever sees no queue any more gets none."""
    require_system(actor)
    due = list(DigestWish.objects.filter(next_at__lte=now).values_list("pk", flat=True))
    return sum(_make(actor, wish, now) for wish in due)


@transaction.atomic
def _make(actor: Actor, wish_id: int, now: datetime) -> bool:
    wish = (
        DigestWish.objects.select_for_update(of=("self",)).select_related("person").filter(pk=wish_id).first()
    )
    if wish is None or wish.next_at > now:
        return False
    key = f"digest/{wish.person_id}/{wish.next_at:%Y-%m-%dT%H}"
    wish.next_at = next_hour(wish.hour, now)
    wish.save(update_fields=["next_at"])
    reader = actor_of(wish.person)
    if reader is None or not may(reader, Action.VIEW_QUEUE):
        return False
    subject, text = digest_in_words(digest_for(reader, now=now))
    _, new = Notice.objects.get_or_create(
        key=key,
        defaults={
            "person": wish.person,
            "channel": str(Channel.MAIL),
            "subject": subject,
            "text": text,
            "made_at": now,
            "try_at": now,
        },
    )
    if new:
        append(actor, [Act("digest.made", "digest", "", {"to": reader.key})])
    return new


def digest_in_words(digest: Digest) -> tuple[str, str]:
    """Subject and text, in English and Urdu, since nobody's language is known."""
    came, late = sum(digest.came.values()), sum(digest.overdue.values())
    held = [line.reference for line in digest.held]
    ending = [f"{one.reference} {here(one.until)}" for one in digest.ending]
    parts = (
        (f"Came in since {here(digest.since)}", "اس کے بعد آئیں", [str(came)]),
        ("Decided", "فیصلہ ہوا", [str(digest.decided), *digest.by_me]),
        ("Overdue", "مدت گزر چکی", [str(late), *digest.late]),
        ("You hold", "آپ کے پاس", [str(len(held)), *held]),
        ("New since you read it", "آپ کے پڑھنے کے بعد نیا", [str(len(digest.changed)), *digest.changed]),
        ("Reporters wrote", "اطلاع دینے والوں نے لکھا", [str(len(digest.wrote)), *digest.wrote]),
        ("Kept elsewhere only until", "دوسروں کے پاس صرف اس تاریخ تک محفوظ", [str(len(ending)), *ending]),
    )
    blocks = ["\n".join([f"{en} · {ur}: {lines[0]}", *lines[1:]]) for en, ur, lines in parts]
    text = "\n\n".join([*blocks, link_to("/desk/shift/")])
    return f"Amaan: {came} came in, {late} overdue, {len(held)} held", text
