"""Lists that a service fills: fetched page by page, stored with the place where to go on.

A page's entries and the checkpoint behind it are one transaction: whatever ends the work in between, nothing is lost
and nothing counts twice. No request is made inside a transaction. Of two runs at once the one that stores first goes
on, and the other notices at the checkpoint.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, require
from amaan.clients.asking import Service, ServiceFault, Unreachable
from amaan.clients.exchanging import ListClient, Page, held, kept, number, text
from amaan.clients.ncmec_hash_sharing import NcmecHashSharing
from amaan.clients.stopncii import StopNcii
from amaan.formats.hash_lists import Invalid, ListEntry
from amaan.matching.domain.errors import ListDoesNotCount
from amaan.matching.domain.lists import ListKind, ListState
from amaan.matching.models import Exchange, SignalList
from amaan.matching.selectors import access_list
from amaan.matching.selectors.exchanging import service_of
from amaan.matching.services.growing import grow_list

EVERY: Final = timedelta(minutes=15)
TURN_SECONDS: Final = 20.0
"""How long a turn of the worker begins new requests."""
GATHER: Final = 1_000
"""Entries stored at once. Measured on SQLite, 5,000 held the one writer for half a second and more."""
GATHER_SECONDS: Final = 10.0

CLIENTS: Final[dict[str, Callable[[Service], ListClient]]] = {
    "ncmec": NcmecHashSharing,
    "stopncii": StopNcii,
}


@dataclass
class Exchanged:
    """What a run brought. `more`: it stopped with pages left. `fault`: why it could not go on, or ""."""

    pages: int = 0
    read: int = 0
    added: int = 0
    withdrawn: int = 0
    invalid: int = 0
    more: bool = False
    fault: str = ""


class _Overtaken(Exception):
    """Another run stored this list's next pages first, or the list was switched off meanwhile."""


def run_exchange(
    actor: Actor, *, slug: str, seconds: float = TURN_SECONDS, client: ListClient | None = None
) -> Exchanged:
    """Fetch what an exchange's list has new, beginning requests for `seconds`. A service's fault stands in
    Exchange.fault and in what is returned.

    Raises ListNotFound, ListDoesNotCount, and without a credential ExchangeOff, NotAnExchange.
    """
    found = access_list(actor, slug, Action.MANAGE_LISTS)
    if found.state != ListState.APPROVED or not found.enabled:
        raise ListDoesNotCount(
            f"Nothing is fetched for {slug} until a second person approves it and it is on: amaan lists show"
        )
    if client is None:
        service = service_of(found.exchange)
        client = CLIENTS[found.exchange](service)
    reading, _ = Exchange.objects.get_or_create(list=found)
    try:
        done = _Run(actor, found, reading.checkpoint, client).run(seconds)
    except Exception as error:
        # Whatever it is, it had its turn: the other exchanges' come first, and the list's page says so.
        fault = f"not_understood: {type(error).__name__}"
        Exchange.objects.filter(list=found).update(ran_at=timezone.now(), fault=fault[:300])
        raise
    Exchange.objects.filter(list=found).update(ran_at=timezone.now(), fault=done.fault[:300])
    return done


def run_due_exchange(actor: Actor) -> int:
    """Give the exchange that waited longest its turn, if one is due; the pages fetched. For the worker.

    An exchange is due every quarter of an hour, and at once while pages are left. Raises NotAllowed.
    """
    require(actor, Action.MANAGE_LISTS)
    now = timezone.now()
    lists = SignalList.objects.filter(
        kind=ListKind.EXCHANGE,
        state=ListState.APPROVED,
        enabled=True,
        exchange__in=sorted(settings.AMAAN_EXCHANGES),
    )
    readings = {one.list_id: one for one in Exchange.objects.filter(list__in=lists)}
    waiting = sorted(
        (reading.ran_at.timestamp() if reading and reading.ran_at else 0.0, row.slug)
        for row in lists
        if _due(reading := readings.get(row.pk), now)
    )
    return run_exchange(actor, slug=waiting[0][1]).pages if waiting else 0


def _due(reading: Exchange | None, now: datetime) -> bool:
    if reading is None or reading.ran_at is None:
        return True
    place = held(reading.checkpoint)
    if now.timestamp() < number(place, "wait"):
        return False
    if place.get("more") and not reading.fault:
        return True
    # A clock that was set back does not stop an exchange for as long.
    return not timedelta(0) <= now - reading.ran_at < EVERY


@dataclass
class _Run:
    """One run over a list. `stored` is Exchange.checkpoint as this run knows it: the client's own `at`, whether
    `more` waits, the digest of the `page` that came last, and until when the service wants to be left alone."""

    actor: Actor
    filled: SignalList
    stored: str
    client: ListClient
    done: Exchanged = field(default_factory=Exchanged)

    def run(self, seconds: float) -> Exchanged:
        until = time.monotonic() + seconds
        self.done.more = True
        try:
            while self.done.more and (not self.done.pages or time.monotonic() < until):
                self._gather(until)
        except _Overtaken:
            self.done.more = False
        return self.done

    def _gather(self, until: float) -> None:
        """Fetch some pages and store them as one."""
        place = held(self.stored)
        at, digest = text(place, "at"), text(place, "page")
        pages: list[Page] = []
        fault: ServiceFault | None = None
        stop = min(until, time.monotonic() + GATHER_SECONDS)
        while not pages or (
            pages[-1].more and sum(len(page.entries) for page in pages) < GATHER and time.monotonic() < stop
        ):
            try:
                pages.append(self.client.page(pages[-1].checkpoint if pages else at, timezone.now()))
            except ServiceFault as found:
                fault = found
                break
        after = pages[-1].checkpoint if pages else at
        entries = [entry for page in pages for entry in page.entries]
        if pages:
            # What an inclusive beginning brings again and again is no news.
            newest = sha256(repr(pages[-1].entries).encode()).hexdigest()
            entries = [] if len(pages) == 1 and newest == digest else entries
            digest = newest
        parts: dict[str, object] = {"at": after, "page": digest, "more": bool(pages) and pages[-1].more}
        if fault is not None:
            self._note(fault, parts)
        self._store(entries, kept(parts), _window(pages))
        self.done.pages += len(pages)
        self.done.more = fault is None and pages[-1].more

    def _note(self, fault: ServiceFault, parts: dict[str, object]) -> None:
        self.done.fault = f"{fault.code}: {fault}"
        if fault.checkpoint:
            parts["at"] = fault.checkpoint
        if isinstance(fault, Unreachable) and fault.after:
            parts["wait"] = int(timezone.now().timestamp() + fault.after)

    def _store(self, entries: list[ListEntry | Invalid], after: str, window: str) -> None:
        with transaction.atomic():
            # First of all, so that whoever is second waits here, and finds the checkpoint moved.
            moved = Exchange.objects.filter(list=self.filled, checkpoint=self.stored).update(
                checkpoint=after, ran_at=timezone.now()
            )
            counts = SignalList.objects.filter(pk=self.filled.pk, state=ListState.APPROVED, enabled=True)
            if not moved or not counts.exists():
                raise _Overtaken
            if entries:
                growth = grow_list(
                    self.actor, slug=self.filled.slug, entries=entries, origin=window, revive=True
                )
                self.done.read += growth.read
                self.done.added += growth.added
                self.done.withdrawn += growth.withdrawn
                self.done.invalid += growth.invalid
        self.stored = after


def _window(pages: list[Page]) -> str:
    """Where the entries came from, for the batch: the window, and how many pages of it."""
    if not pages:
        return ""
    return f"{pages[-1].window}, {len(pages)} {'page' if len(pages) == 1 else 'pages'}"[:200]
