"""Sealing what somebody sends. Until here nothing of it is on this machine; afterwards this machine can't read it."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import router, transaction
from django.db.models import F
from django.utils import timezone

from amaan.portal.domain.codes import BoxKeys, keys_of, make_code
from amaan.portal.domain.envelopes import Kind, Telling
from amaan.portal.domain.once import Made, made_from
from amaan.portal.domain.receipts import MadeLeaf, leaf_for
from amaan.portal.domain.sealing import seal_to
from amaan.portal.keys import DoorKeys, read_door_keys
from amaan.portal.models import Envelope, Mailbox, Minute
from amaan.reports.domain.references import BITS, write_reference

MANY: Final = 120
"""Envelopes of one minute from which on each is marked; a national campaign's busiest minute is far below."""
_MINUTE: Final = timedelta(minutes=1)
_SLOW: Final = 1.0
"""Seconds that each waits then. Nobody is refused."""
_SLOWED: Final = threading.BoundedSemaphore(4)
"""So many of a process wait at once; whoever comes beyond them is marked alone. The other threads go on answering."""
_MADE: Final = MadeLeaf(b"", b"", b"")


@dataclass(frozen=True)
class Sent:
    """`code` is empty where the box was there already. `leaf` and `sealed` are for the proof of submission.

    `again`: this very form was sent before. Once the desk has fetched the first envelope there is nothing left here to
    prove, and `leaf` and `sealed` are empty.
    """

    code: str
    submission: str
    leaf: bytes = b""
    sealed: bytes = b""
    again: bool = False


def door_keys() -> DoorKeys:
    """Raises DoorNotReady."""
    return read_door_keys(Path(settings.AMAAN_PORTAL_KEYS))


def new_box() -> tuple[str, BoxKeys]:
    """A fresh code and what it opens. The box is there once something is sent with it, or `keep_box` is called."""
    keys = door_keys()
    code = make_code()
    return code, keys_of(code, keys.salt, keys.pepper)


def send(
    kind: Kind,
    *,
    language: str,
    box: BoxKeys | None = None,
    answers: Mapping[str, Any] | None = None,
    hashes: Sequence[Mapping[str, Any]] = (),
    text: str = "",
    hash_: str = "",
    safe: str = "not_said",
    once: str = "",
) -> Sent:
    """Seal and keep, durably, in one transaction. Without a `box` a new one is made, and its code returned.

    `once` (`domain.once.new_nonce`): the same form sent again keeps nothing more, and gives the same code.

    Raises DoorNotReady, and what the database raises: then nothing was sent, and the page says so.
    """
    keys = door_keys()
    named = Made(make_code(), write_reference(secrets.randbits(BITS), "S"), secrets.token_bytes(16))
    if once:
        into = [text, hash_, safe, box.address.hex()] if box else []
        named = made_from(keys.pepper, once, [kind, answers or {}, hashes, *into])
    if box is None:
        box = keys_of(named.code, keys.salt, keys.pepper)
    else:
        named = replace(named, code="")
    now = timezone.now()
    submission = named.submission if kind in {Kind.REPORT, Kind.HASHES} else ""
    telling = Telling(
        kind=kind,
        at=now.isoformat(timespec="seconds"),
        language=language,
        address=box.address.hex(),
        public=box.public.hex(),
        submission=submission,
        answers=dict(answers or {}),
        text=text,
        hashes=tuple(hashes),
        hash=hash_,
        safe=safe,
    )
    sealed = seal_to(keys.desk, telling.as_json())
    made = leaf_for(submission, now, sealed) if submission else _MADE
    many = _came_lately(now) >= MANY
    if many and _SLOWED.acquire(blocking=False):
        try:
            time.sleep(_SLOW)
        finally:
            _SLOWED.release()
    with transaction.atomic(using=router.db_for_write(Envelope)):
        _, fresh = Mailbox.objects.get_or_create(address=box.address, defaults={"public": box.public})
        if once and named.code and not fresh:
            return _sent_before(named)
        # A form of an open box may come again after its envelope was fetched: the desk knows the number.
        _, kept = Envelope.objects.get_or_create(
            number=named.number,
            defaults={
                "sealed": sealed,
                "leaf": made.leaf,
                "salt": made.salt,
                "body": made.body,
                "many": many,
                "received_at": now,
            },
        )
        if kept:
            _count(now)
    return Sent(named.code, submission, made.leaf, sealed) if kept else _sent_before(named)


def _came_lately(now: datetime) -> float:
    """Envelopes of the last sixty seconds, nearly: of the minute before this one, the share that is not over yet."""
    this = now.replace(second=0, microsecond=0)
    sent = dict(Minute.objects.filter(began_at__gte=this - _MINUTE).values_list("began_at", "sent"))
    return sent.get(this, 0) + sent.get(this - _MINUTE, 0) * (1 - (now - this) / _MINUTE)


def _count(now: datetime) -> None:
    this = now.replace(second=0, microsecond=0)
    _, fresh = Minute.objects.get_or_create(began_at=this, defaults={"sent": 1})
    if fresh:
        Minute.objects.filter(began_at__lt=this - _MINUTE).delete()
    else:
        Minute.objects.filter(began_at=this).update(sent=F("sent") + 1)


def _sent_before(made: Made) -> Sent:
    waiting = Envelope.objects.filter(number=made.number).first()
    if waiting is None:
        return Sent(made.code, made.submission, again=True)
    return Sent(made.code, made.submission, bytes(waiting.leaf), bytes(waiting.sealed), again=True)
