"""Hashes that somebody made of their own pictures: offered to the survivors' list, and taken back.

Matching wakes on `hash.offered` and `hash.withdrawn`, and says by `note_hash_status` what became of each.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from amaan.authority.actors import Actor
from amaan.correspondence.domain import places
from amaan.correspondence.models import Conversation, OfferedHash
from amaan.correspondence.permissions import require_system
from amaan.correspondence.selectors import hash_of
from amaan.correspondence.services.letters import post
from amaan.correspondence.services.tellings import Seal
from amaan.keyring.domain import IndexKeys, blind_index
from amaan.keyring.services import index_keys, new_sealer, opener
from amaan.ledger.services import Act, append
from amaan.outbox.services import publish
from amaan.portal.domain.envelopes import Telling
from amaan.portal.domain.hashes import BadHash, read_hash
from amaan.portal.domain.hashes import OfferedHash as Offer
from amaan.portal.domain.letters import HashStatus, Letter, hash_letter
from amaan.reports.domain.preparing import dumps
from amaan.store.rows import forget


def key_of(sha256: str, index: IndexKeys) -> bytes:
    """By what a box finds its own hash again: the reporters' key, which links nothing."""
    return blind_index(index.reporters, "offered_hash", sha256.lower())


def offer_hashes(
    conversation: Conversation, telling: Telling, seal: Seal, now: datetime
) -> list[tuple[Conversation, Letter]]:
    """Keep those that are new in this conversation and announce them; letters that say so.

    What is no well-formed hash stays in the telling, where somebody may read it.
    """
    wanted: dict[bytes, Offer] = {}
    for raw in telling.hashes:
        try:
            one = read_hash(raw)
        except BadHash:
            continue
        wanted.setdefault(key_of(one.sha256.hex(), seal.index), one)
    if not wanted:
        return []
    rows = OfferedHash.objects.filter(conversation=conversation, key__in=list(wanted))
    held = {bytes(row.key): row for row in rows}
    announced = []
    for key, one in wanted.items():
        row = held.get(key) or OfferedHash(conversation=conversation, key=key, at=now)
        if key in held and row.status != HashStatus.WITHDRAWN:
            continue
        row.sealed = seal.sealer.seal(places.offered(key), dumps(one.as_json()))
        row.status, row.changed_at = HashStatus.WAITING, now
        row.save()
        announced.append((row.pk, one))
    if announced:
        publish("hash.offered", [number for number, _ in announced])
    return [
        (conversation, hash_letter(now.date(), one.sha256.hex(), one.kind, HashStatus.WAITING))
        for _, one in announced
    ]


def take_back_hash(actor: Actor, conversation: Conversation, sha256: str, unit: str) -> None:
    """Announce that a box takes its own hash back; another box's hash stays whatever is said here."""
    row = OfferedHash.objects.filter(conversation=conversation, key=key_of(sha256, index_keys())).first()
    if row is None or row.status == HashStatus.WITHDRAWN:
        return
    publish("hash.withdrawn", [row.pk])
    append(actor, [Act("hash.taken_back", conversation.submission, unit, {"offered": row.pk})])


@transaction.atomic
def note_hash_status(
    actor: Actor, *, number: int, status: HashStatus | str, references: Sequence[str] = ()
) -> None:
    """Say what became of an offered hash; its box gets a letter. The same again changes nothing.

    `references` is what the bank takes it back with. Taken back, its values are gone here. Raises NotAProcess.
    """
    require_system(actor)
    row = OfferedHash.objects.select_for_update().select_related("conversation").get(pk=number)
    status = HashStatus(status)
    if row.status == status and not references:
        return
    one = hash_of(row, opener())
    key, sealer, now = bytes(row.key), new_sealer(), timezone.now()
    changed = row.status != status
    row.status, row.changed_at = status, now
    if status is HashStatus.WITHDRAWN:
        row.sealed = row.references = None
        transaction.on_commit(forget)
    elif references:
        row.references = sealer.seal(places.offered_references(key), dumps(list(references)))
    row.save()
    if changed and one is not None:
        letter = hash_letter(now.date(), one.sha256.hex(), one.kind, status)
        post([(row.conversation, letter)], sealer=sealer)
    body: dict[str, object] = {"offered": row.pk, "status": str(status)}
    append(actor, [Act("hash.status_changed", row.conversation.submission, "", body)], sealer=sealer)
