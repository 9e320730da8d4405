"""What the desk's worker does at the door: fetch envelopes, throw away what is across, leave letters.

Called in a process of the desk, whose database `portal` is the door's. Everything here may be done twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import router, transaction
from django.db.models import BinaryField
from django.db.models.functions import Substr

from amaan.portal.domain.sealing import seal_to
from amaan.portal.models import Envelope, Letter, Mailbox

MOST_SEALED: Final = 3 * 1024 * 1024
"""Bytes; a form has 2 MiB at most (`portal.bodies`), and padding adds an eighth."""
_MOST: Final = {"number": 16, "sealed": MOST_SEALED, "leaf": 4096, "salt": 256, "body": 4096}
"""What is fetched of each column. A door that was taken may hold anything, and the worker has no memory for it: what is
cut here does not open, and is kept and shown as such."""


@dataclass(frozen=True)
class Waiting:
    """An envelope as it lies at the door; `number` (16 bytes) is its name on both sides, `row` its id there."""

    number: bytes
    sealed: bytes
    leaf: bytes
    salt: bytes
    body: bytes
    many: bool
    received_at: datetime
    row: int = 0


def waiting_envelopes(limit: int = 100) -> list[Waiting]:
    """The oldest first."""
    cut = {f"{name}_cut": Substr(name, 1, most, output_field=BinaryField()) for name, most in _MOST.items()}
    rows = Envelope.objects.order_by("id").annotate(**cut).values_list(*cut, "many", "received_at", "id")
    found = []
    for *blobs, many, at, row in rows[:limit]:
        # SQLite makes nothing of a part of nothing.
        number, sealed, leaf, salt, body = (bytes(blob or b"") for blob in blobs)
        found.append(Waiting(number, sealed, leaf, salt, body, many, at, row))
    return found


def drop_carried(waiting: Sequence[Waiting]) -> None:
    """Remove envelopes that the desk has stored; the SQLite backend zeroes what was deleted."""
    Envelope.objects.filter(pk__in=[one.row for one in waiting]).delete()


@dataclass(frozen=True)
class Leaving:
    """A letter for the box at `address` (16 bytes, whose public key is `public`); `number` is 16 bytes."""

    address: bytes
    public: bytes
    number: bytes
    value: dict[str, object]


def leave_letter(*, address: bytes, public: bytes, number: bytes, value: dict[str, object]) -> None:
    """Put a letter into a box, once for each `number` (16 bytes); the box is made if the door lost it."""
    leave_many([Leaving(address, public, number, value)])


def leave_many(letters: Sequence[Leaving]) -> None:
    """The same for several, in one transaction: the disk is waited for once.

    They are sealed to the key that the desk holds, never to what stands at the door: whoever can write there would have
    put a key of their own. A box whose key was exchanged gets its own back, or its code would open it no more.
    """
    boxes = {one.address: one.public for one in letters}
    with transaction.atomic(using=router.db_for_write(Letter)):
        # Nobody waits here for sealing: it takes a tenth of a millisecond a letter.
        Mailbox.objects.bulk_create(
            [Mailbox(address=address, public=public) for address, public in boxes.items()],
            ignore_conflicts=True,
        )
        there = {bytes(box.address): box for box in Mailbox.objects.filter(address__in=list(boxes))}
        for address, box in there.items():
            if bytes(box.public) != boxes[address]:
                box.public = boxes[address]
                box.save(update_fields=["public"])
        Letter.objects.bulk_create(
            [
                Letter(mailbox=there[one.address], number=one.number, sealed=seal_to(one.public, one.value))
                for one in letters
            ],
            ignore_conflicts=True,
        )
