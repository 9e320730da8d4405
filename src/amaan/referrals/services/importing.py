"""Importing: from paths to reports, in slices that leave the database to others."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, require
from amaan.evidence.services import exhibit_sealer
from amaan.formats.table import ColumnMapping
from amaan.keyring.services import index_keys, new_sealer
from amaan.ledger.services import Act, append, sequence, sequence_all
from amaan.outbox.services import (
    beat_long_work,
    deliver,
    due,
    end_long_work,
    ids_behind,
    pending,
    with_worker,
    worker_alive,
)
from amaan.referrals.domain.intake import Context
from amaan.referrals.domain.receipts import KINDS, names_of, shape_digest
from amaan.referrals.models import Batch, Shape
from amaan.referrals.readers import read_all
from amaan.referrals.services.storing import Result, Run, Summary, store
from amaan.referrals.sources import all_packages, is_large
from amaan.reports.domain.preparing import Seals, dumps
from amaan.store.rows import forget, on_postgres

if TYPE_CHECKING:
    from amaan.accounts.models import Unit

SLICE_SECONDS = 0.06
"""SQLite's one writer is shared with people: a slice commits after about this long and whoever waits goes first."""
MANY = 10
"""Chunks after which an import is long enough to bring a worker of its own, if none is running."""
LEFT_TO_THE_WORKER = 25_000
"""Ids that wait for what goes behind (about five a report): of more the running worker takes care."""
_LOOK_AGAIN_SECONDS = 0.05
_STUCK_SECONDS = 10.0
LONG_SLICE_SECONDS = 0.25
"""On PostgreSQL nobody waits for a writer; longer slices save round trips."""


def import_paths(
    actor: Actor,
    *,
    paths: Sequence[Path],
    unit: Unit,
    entity: str = "",
    mapping: ColumnMapping | None = None,
    processes: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Summary:
    """Import everything under `paths` into `unit`. Running it again is safe: what is stored is a duplicate.

    `progress` is called with the number of packages done. Raises NotAllowed, sources.NothingThere, and
    OperationalError where the database cannot go on (a full disk); all else ends in the quarantine.
    """
    require(actor, Action.IMPORT_REFERRALS, unit.code)
    run = _begin(actor, paths, unit, entity, mapping)
    if processes is None:
        processes = min(6, os.cpu_count() or 2)
    slices = _Slices(run, progress)
    many = any(is_large(path) for path in paths)
    looked, alone = 0.0, True
    if many:
        beat_long_work()  # at once, so that a worker beside it doesn't begin with what goes behind
    with ExitStack() as beside:
        for number, results in enumerate(
            read_all(all_packages(paths, mapping=mapping), run.context, processes, many=many)
        ):
            if number == MANY and processes:
                beside.enter_context(with_worker())
            slices.take(results)
            if time.monotonic() - looked > 1:
                looked, alone = time.monotonic(), not worker_alive()
                if many or number >= MANY:
                    beat_long_work()
                if alone:
                    sequence()
            if alone:
                deliver()
        slices.flush()
    _finish(run)
    settle()
    return run.summary


def settle() -> None:
    """Deliver and number what is left, so that a command ends with bands, reasons and a signed checkpoint.

    Bundles, links and rings, too, unless there is a worker to leave them to and they take longer than one waits.
    """
    _settle_bands()
    end_long_work()
    if not (worker_alive() and ids_behind() > LEFT_TO_THE_WORKER):
        while pending() and deliver(500):
            pass
    sequence_all()
    forget()


def _settle_bands() -> None:
    """Until nothing that goes first is due, or what is left is in other hands and they get on with none of it."""
    waited, since = -1, time.monotonic()
    while due(first_only=True):
        waits = pending(first_only=True)
        if waits != waited:
            waited, since = waits, time.monotonic()
        stuck = time.monotonic() - since > _STUCK_SECONDS
        # One writer: two who reckon the same thing are slower than one.
        done = 0 if worker_alive() and not on_postgres() and not stuck else deliver(500, first_only=True)
        if not done:
            if stuck:
                return
            time.sleep(_LOOK_AGAIN_SECONDS)


class _Slices:
    """Results gathered to slices that take about SLICE_SECONDS to store."""

    def __init__(self, run: Run, progress: Callable[[int], None] | None) -> None:
        self._run, self._progress = run, progress
        self._held: list[Result] = []
        self._size = 48

    def take(self, results: list[Result]) -> None:
        self._held.extend(results)
        while len(self._held) >= self._size:
            self._write(self._size)

    def flush(self) -> None:
        while self._held:
            self._write(self._size)

    def _write(self, size: int) -> None:
        part, self._held = self._held[:size], self._held[size:]
        took = max(store(self._run, part), 0.001)
        aim = LONG_SLICE_SECONDS if on_postgres() else SLICE_SECONDS
        self._size = max(8, min(400, int(len(part) * aim / took)))
        if self._progress:
            self._progress(self._run.summary.received)


@transaction.atomic
def _begin(
    actor: Actor, paths: Sequence[Path], unit: Unit, entity: str, mapping: ColumnMapping | None
) -> Run:
    batch = Batch.objects.create(unit=unit, by=actor.key, started_at=timezone.now())
    sealer = new_sealer()
    given = [str(path) for path in paths]
    batch.sealed = sealer.seal(f"referrals_batch/{batch.pk}/sealed", dumps(given))
    batch.save(update_fields=["sealed"])
    for kind in KINDS:
        Shape.objects.get_or_create(
            digest=shape_digest(kind), defaults={"kind": kind, "names": json.dumps(names_of(kind))}
        )
    append(actor, [Act("import.started", str(batch), unit.code, {"paths": given})], sealer=sealer)
    context = Context(
        seals=Seals(sealer, index_keys()),
        exhibits=exhibit_sealer(sealer),
        received_at=timezone.now(),
        entity=entity,
        mapping=mapping,
    )
    return Run(actor, unit, batch, sealer, context, Summary(batch=batch.pk))


@transaction.atomic
def _finish(run: Run) -> None:
    Batch.objects.filter(pk=run.batch.pk).update(finished_at=timezone.now())
    body = {**run.summary.counts(), "reasons": run.summary.reasons}
    append(run.actor, [Act("import.finished", str(run.batch), run.unit.code, body)], sealer=run.sealer)
