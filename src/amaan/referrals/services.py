"""Importing: from paths to reports, in slices that leave the database to others, and nothing lost on the way."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import DatabaseError, OperationalError, transaction
from django.db.models import F
from django.utils import timezone

from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, require
from amaan.evidence.services import exhibit_sealer, exhibit_sizes, open_exhibit, store_exhibits, store_stream
from amaan.formats.table import ColumnMapping
from amaan.keyring.domain import Sealer
from amaan.keyring.services import index_keys, new_sealer, opener
from amaan.ledger.services import Act, append, sequence, sequence_all
from amaan.outbox.services import deliver, pending
from amaan.referrals.domain.intake import Context, Refused, read_documents
from amaan.referrals.domain.packages import MOST_DOCUMENT_BYTES, Member, Package
from amaan.referrals.domain.receipts import KINDS, names_of, shape_digest
from amaan.referrals.models import Batch, Quarantined, Shape
from amaan.referrals.readers import read_all
from amaan.referrals.sources import all_packages
from amaan.reports.domain.preparing import Prepared, Seals, dumps
from amaan.reports.services import DUPLICATE, STORED, VERSION, ReferenceTaken, receive_reports

if TYPE_CHECKING:
    from amaan.accounts.models import Unit

SLICE_SECONDS = 0.05
"""One writer is shared with people: a slice commits after about this long and whoever waits goes first."""

Result = Prepared | Refused


@dataclass
class Summary:
    """Counts of packages. `received` is the sum of the other four."""

    received: int = 0
    stored: int = 0
    versions: int = 0
    duplicates: int = 0
    quarantined: int = 0
    batch: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    flags: dict[str, int] = field(default_factory=dict)

    def counts(self) -> dict[str, int]:
        names = ("received", "stored", "versions", "duplicates", "quarantined")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class _Run:
    actor: Actor
    unit: Unit
    batch: Batch
    sealer: Sealer
    context: Context
    summary: Summary


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
        processes = max(1, min(6, (os.cpu_count() or 2) - 1))
    slices = _Slices(run, progress)
    sequenced = time.monotonic()
    for results in read_all(all_packages(paths, mapping=mapping), run.context, processes):
        slices.take(results)
        deliver()
        if time.monotonic() - sequenced > 1:
            sequence()
            sequenced = time.monotonic()
    slices.flush()
    _finish(run)
    settle()
    return run.summary


def settle() -> None:
    """Deliver and number what is left, so that a command ends with bands, reasons and a signed checkpoint."""
    while pending() and deliver(500):
        pass
    sequence_all()


class _Slices:
    """Results gathered to slices that take about SLICE_SECONDS to store."""

    def __init__(self, run: _Run, progress: Callable[[int], None] | None) -> None:
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
        began = time.monotonic()
        _store(self._run, part)
        took = max(time.monotonic() - began, 0.001)
        self._size = max(8, min(400, int(len(part) * SLICE_SECONDS / took)))
        if self._progress:
            self._progress(self._run.summary.received)


@transaction.atomic
def _begin(
    actor: Actor, paths: Sequence[Path], unit: Unit, entity: str, mapping: ColumnMapping | None
) -> _Run:
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
    return _Run(actor, unit, batch, sealer, context, Summary(batch=batch.pk))


@transaction.atomic
def _finish(run: _Run) -> None:
    Batch.objects.filter(pk=run.batch.pk).update(finished_at=timezone.now())
    body = {**run.summary.counts(), "reasons": run.summary.reasons}
    append(run.actor, [Act("import.finished", str(run.batch), run.unit.code, body)], sealer=run.sealer)


def _store(run: _Run, results: list[Result]) -> None:
    """One slice, one transaction; a slice that fails is halved until the document that fails stands alone."""
    large = {n: _stream(r) for n, r in enumerate(results) if isinstance(r, Refused) and r.streamed}
    try:
        with transaction.atomic():
            counts = _store_slice(run, results, large)
    except OperationalError:
        raise  # the database itself cannot go on: no document is to blame
    except (DatabaseError, ReferenceTaken, ValueError, OverflowError) as error:
        if len(results) > 1:
            middle = len(results) // 2
            _store(run, results[:middle])
            _store(run, results[middle:])
        elif isinstance(results[0], Refused):
            raise  # even its refusal cannot be stored: stop loudly, the source still holds it
        else:
            _store(run, [_refusal_of(results[0], error)])
        return
    for name, count in counts.items():
        setattr(run.summary, name, getattr(run.summary, name) + count)
    for result in results:
        _note(run.summary, result)


def _note(summary: Summary, result: Result) -> None:
    if isinstance(result, Refused):
        summary.reasons[result.code] = summary.reasons.get(result.code, 0) + 1
        return
    for flag in result.flags:
        summary.flags[flag] = summary.flags.get(flag, 0) + 1


def _store_slice(run: _Run, results: Sequence[Result], large: dict[int, list[int]]) -> dict[str, int]:
    received_at = timezone.now()
    prepared = [r for r in results if not isinstance(r, Refused)]
    receipts = (
        receive_reports(
            run.actor,
            prepared,
            unit=run.unit,
            received_at=received_at,
            origin=str(run.batch),
            sealer=run.sealer,
        )
        if prepared
        else []
    )
    for number, result in enumerate(results):
        if isinstance(result, Refused):
            _quarantine(run, result, large.get(number, []), received_at)
    outcomes = [receipt.result for receipt in receipts]
    counts = {
        "received": len(results),
        "stored": outcomes.count(STORED),
        "versions": outcomes.count(VERSION),
        "duplicates": outcomes.count(DUPLICATE),
        "quarantined": len(results) - len(prepared),
    }
    Batch.objects.filter(pk=run.batch.pk).update(**{name: F(name) + count for name, count in counts.items()})
    return counts


def _stream(refused: Refused) -> list[int]:
    """Exhibits of what is too large for memory, stored before the slice's transaction."""
    ids = []
    for member in refused.streamed:
        with member.stream() as file:
            ids.append(store_stream(file))
    return ids


def _quarantine(run: _Run, refused: Refused, large: list[int], received_at: datetime) -> None:
    if Quarantined.objects.filter(unit=run.unit, digest=refused.digest).exists():
        return  # it waits already, or was resolved: sent again it is still one thing
    ids = [*store_exhibits(refused.exhibits), *large]
    place = f"referrals_quarantined/{refused.digest.hex()}/sealed"
    kept = {
        "detail": refused.detail,
        "entity": refused.entity,
        "number": refused.number,
        "names": refused.names,
    }
    Quarantined.objects.create(
        batch=run.batch,
        unit=run.unit,
        digest=refused.digest,
        code=refused.code,
        exhibits=json.dumps(ids),
        sealed=run.sealer.seal(place, dumps(kept)),
        received_at=received_at,
    )
    body = {"code": refused.code, "digest": refused.digest.hex(), **kept}
    append(run.actor, [Act("report.quarantined", str(run.batch), run.unit.code, body)], sealer=run.sealer)


def _refusal_of(prepared: Prepared, error: Exception) -> Refused:
    return Refused(
        "store",
        f"The database refused it ({type(error).__name__}). Retry after an update.",
        prepared.entity,
        prepared.number,
        [],
        prepared.digest,
        prepared.exhibits,
    )


class AlreadyResolved(Exception):
    """This package has become a report already; its reference says which."""


def retry_quarantined(actor: Actor, *, ids: Sequence[int], mapping: ColumnMapping | None = None) -> Summary:
    """Read what waits in quarantine once more, with today's readers. What still fails stays, with its new reason."""
    summary = Summary()
    for number in ids:
        item = Quarantined.objects.select_related("unit", "batch").get(pk=number)
        require(actor, Action.RETRY_QUARANTINE, item.unit.code)
        if item.resolved_at:
            raise AlreadyResolved(item.reference)
        _retry(actor, item, mapping, summary)
    settle()
    return summary


def _retry(actor: Actor, item: Quarantined, mapping: ColumnMapping | None, summary: Summary) -> None:
    sealer = new_sealer()
    place = f"referrals_quarantined/{bytes(item.digest).hex()}/sealed"
    kept = json.loads(opener().open(place, bytes(item.sealed)))
    context = Context(Seals(sealer, index_keys()), exhibit_sealer(sealer), timezone.now(), mapping=mapping)
    result = _read_again(item, kept, context)
    summary.received += 1
    with transaction.atomic():
        item.retries += 1
        if isinstance(result, Refused):
            item.code = result.code
            item.sealed = sealer.seal(place, dumps({**kept, "detail": result.detail}))
            summary.quarantined += 1
            summary.reasons[result.code] = summary.reasons.get(result.code, 0) + 1
        else:
            receipt = receive_reports(
                actor,
                [result],
                unit=item.unit,
                received_at=item.received_at,  # the clock began when it came, not when it was understood
                origin=str(item.batch),
                sealer=sealer,
            )[0]
            item.resolved_at, item.reference = timezone.now(), receipt.reference
            name = {STORED: "stored", VERSION: "versions", DUPLICATE: "duplicates"}[receipt.result]
            setattr(summary, name, getattr(summary, name) + 1)
        item.save(update_fields=["retries", "code", "sealed", "resolved_at", "reference"])
        body = {"code": item.code, "reference": item.reference}
        append(actor, [Act("quarantine.retried", str(item.batch), item.unit.code, body)], sealer=sealer)


def _read_again(item: Quarantined, kept: dict[str, Any], context: Context) -> Result:
    numbers = json.loads(item.exhibits)
    sizes = exhibit_sizes(numbers)
    names = kept["names"]
    if not numbers or sum(sizes) > MOST_DOCUMENT_BYTES or item.code in {"bomb", "too_many"}:
        detail = kept["detail"]
        return Refused(item.code, detail, kept["entity"], kept["number"], names, bytes(item.digest), [])
    documents = [
        (name, open_exhibit(number)) for name, number in zip(chain(names, repeat("")), numbers, strict=False)
    ]
    members = tuple(Member(name, "", len(raw)) for name, raw in documents)
    row = documents[0][1].decode() if "#" in names[0] and documents[0][1][:1] == b"{" else ""
    return read_documents(Package(kept["entity"], kept["number"], members, row=row), documents, context)
