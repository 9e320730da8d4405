"""Envelopes carried from the door to the desk, each once, whoever dies and whenever.

An envelope leaves the door only when what became of it stands on the disk here; its number, unique in both databases,
keeps it from coming twice. A slice of envelopes is one transaction. One that spoils it is taken alone, and what can't
be carried then is kept sealed, shown, and tried again on demand: nothing that somebody sent is dropped.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import accumulate
from typing import Final

from django.db import IntegrityError, OperationalError, transaction
from django.utils import timezone

from amaan.accounts.selectors import default_unit
from amaan.authority.actors import Actor
from amaan.correspondence.domain.opening import NotUnderstood, is_leaf_of, telling_in
from amaan.correspondence.domain.words import ArrivalState, Fault, LeafState, NoConversation, ReadAlready
from amaan.correspondence.models import Arrival
from amaan.correspondence.services.storing import carried_of, store
from amaan.correspondence.services.tellings import Seal
from amaan.evidence.services import store_exhibits
from amaan.keyring.services import door_private_key
from amaan.ledger.services import Act, Made, append, append_made
from amaan.portal.domain.envelopes import Telling
from amaan.portal.domain.sealing import NotOpened, open_with
from amaan.portal.services import Waiting, drop_carried, waiting_envelopes
from amaan.reports.domain.preparing import dumps
from amaan.store.rows import durable

DOOR: Final = "door"


@dataclass(frozen=True)
class Opened:
    """An envelope as far as it could be read: the telling and its bytes, or the sealed bytes and the fault.

    `before` is its row where it was kept unread; what the ledger holds of it was settled then. `at`: when it was
    opened.
    """

    waiting: Waiting
    telling: Telling | None
    raw: bytes
    fault: Fault = Fault.NOTHING
    before: Arrival | None = None
    at: datetime = field(default_factory=timezone.now)

    @property
    def leaf(self) -> LeafState:
        if self.before is not None:
            return LeafState(self.before.leaf)
        one = self.waiting
        if not one.leaf:
            return LeafState.NONE
        submission = self.telling.submission if self.telling else ""
        fits = is_leaf_of(one.leaf, one.salt, one.body, one.sealed, submission, now=self.at)
        return LeafState.KEPT if fits else LeafState.REFUSED


def carry_some(limit: int = 25) -> int:
    """Carry the oldest envelopes; how many left the door. The worker's chore.

    Raises OperationalError where a database cannot go on: then nothing left the door that isn't here.
    """
    waiting = waiting_envelopes(limit)
    if not waiting:
        return 0
    numbers = [one.number for one in waiting]
    known = {bytes(n) for n in Arrival.objects.filter(number__in=numbers).values_list("number", flat=True)}
    private = door_private_key()
    fresh = [open_envelope(one, private) for one in waiting if one.number not in known]
    if fresh:
        carry(Actor.system(DOOR), fresh)
    drop_carried(waiting)
    return len(waiting)


def open_envelope(waiting: Waiting, private: bytes, before: Arrival | None = None) -> Opened:
    """Never raises for what an envelope holds."""
    try:
        value = open_with(private, waiting.sealed)
        return Opened(waiting, telling_in(value), dumps(value).encode(), before=before)
    except NotOpened:
        fault = Fault.NOT_OPENED
    except NotUnderstood:
        fault = Fault.NOT_UNDERSTOOD
    except Exception:  # noqa: BLE001 - a fault of ours must not lose what somebody sent; it is shown and retried
        fault = Fault.FAULT
    return Opened(waiting, None, waiting.sealed, fault, before)


def carry(actor: Actor, opened: Sequence[Opened]) -> None:
    """A slice in one transaction; if it fails, each alone, and what fails alone is kept unread.

    Raises OperationalError, and what the database says to a row that holds nothing but sealed bytes.
    """
    try:
        _carry(actor, opened)
    except OperationalError:
        raise  # the database itself cannot go on: no envelope is to blame
    except Exception:  # noqa: BLE001 - whatever one envelope does, the others are carried
        for one in opened:
            _carry_alone(actor, one)


def _carry_alone(actor: Actor, opened: Opened, *, again: bool = True) -> None:
    try:
        _carry(actor, [opened])
    except OperationalError:
        raise
    except IntegrityError:
        # Another writer stored one of the same values meanwhile, or carried this very envelope.
        if _is_here(opened):
            return
        if again:
            _carry_alone(actor, opened, again=False)
        else:
            _keep_unread(actor, opened, Fault.STORE)
    except ReadAlready:
        return
    except NoConversation:
        _keep_unread(actor, opened, Fault.NO_CONVERSATION)
    except Exception:  # noqa: BLE001 - see `carry`
        _keep_unread(actor, opened, Fault.FAULT)


def _is_here(opened: Opened) -> bool:
    found = Arrival.objects.filter(number=opened.waiting.number)
    return (found.exclude(state=ArrivalState.UNREADABLE) if opened.before else found).exists()


def _keep_unread(actor: Actor, opened: Opened, fault: Fault) -> None:
    """What was opened is let go again: the sealed envelope is what is kept."""
    _carry(actor, [replace(opened, telling=None, raw=opened.waiting.sealed, fault=fault)])


def _carry(actor: Actor, opened: Sequence[Opened]) -> None:
    seal, now = Seal.fresh(), timezone.now()
    # What takes time, and the bytes' way to the disk, come before the transaction begins that everybody waits for.
    given = [_bytes_of(one) for one in opened]
    exhibits = seal.keep([raw for some in given for raw in some])
    starts = list(accumulate(map(len, given), initial=0))
    made = [
        carried_of(one.telling, one.raw, exhibits[start], seal, now) if one.telling is not None else None
        for one, start in zip(opened, starts, strict=False)
    ]
    unit = default_unit()
    with durable(), transaction.atomic():
        ids = store_exhibits(exhibits)
        arrivals = [
            _arrive(one, ids[start : start + len(some)], now)
            for one, some, start in zip(opened, given, starts, strict=False)
        ]
        _to_the_ledger(actor, opened, seal, unit.code)
        carried = []
        for one, arrival in zip(made, arrivals, strict=True):
            if one is None:
                arrival.save()
            else:
                carried.append(replace(one, arrival=arrival))
        store(actor, carried, seal, unit=unit, now=now)


def _bytes_of(opened: Opened) -> list[bytes]:
    """What is kept of an envelope; with it the door's entry where the ledger refuses it."""
    one = opened.waiting
    if opened.before is not None or opened.leaf is not LeafState.REFUSED:
        return [opened.raw]
    refused = {"leaf": one.leaf.hex(), "salt": one.salt.hex(), "body": one.body.hex()}
    return [opened.raw, dumps(refused).encode()]


def _arrive(opened: Opened, ids: list[int], now: datetime) -> Arrival:
    """Its row, not yet saved; one that was kept unread is held until the transaction ends."""
    if opened.before is None:
        arrival = Arrival(
            number=opened.waiting.number,
            leaf=opened.leaf,
            many=opened.waiting.many,
            received_at=min(opened.waiting.received_at, now),
            carried_at=now,
        )
    else:
        arrival = Arrival.objects.select_for_update().get(pk=opened.before.pk)
        if arrival.state != ArrivalState.UNREADABLE:
            raise ReadAlready("This envelope was carried meanwhile.")
        ids = [*ids, *json.loads(arrival.exhibits)]
    arrival.exhibits = json.dumps(list(dict.fromkeys(ids)))
    arrival.fault = opened.fault
    if opened.telling is None:
        arrival.state = ArrivalState.UNREADABLE
    else:
        arrival.kind = opened.telling.kind
        arrival.state = ArrivalState.RESOLVED if opened.before else ArrivalState.CARRIED
        arrival.resolved_at = now if opened.before else None
    return arrival


def _to_the_ledger(actor: Actor, opened: Sequence[Opened], seal: Seal, unit: str) -> None:
    new = [one for one in opened if one.before is None]
    made = [
        Made(one.waiting.leaf, one.waiting.salt, one.waiting.body)
        for one in new
        if one.leaf is LeafState.KEPT
    ]
    append_made(made, sealer=seal.sealer)
    acts = [_act("envelope.unreadable", one, unit) for one in new if one.telling is None]
    acts += [_act("envelope.entry_refused", one, unit) for one in new if one.leaf is LeafState.REFUSED]
    append(actor, acts, sealer=seal.sealer)


def _act(act: str, one: Opened, unit: str) -> Act:
    return Act(act, f"envelope/{one.waiting.number.hex()}", unit, {"fault": str(one.fault)})
