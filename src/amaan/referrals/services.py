"""Importing: from paths to reports, in slices that leave the database to others, and nothing lost on the way."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
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
from amaan.formats.reading import Unreadable
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
from amaan.referrals.sources import all_packages, rows_of
from amaan.reports.domain.preparing import Prepared, Seals, dumps
from amaan.reports.services import DUPLICATE, STORED, VERSION, ReferenceTaken, receive_reports
from amaan.store.rows import forget

if TYPE_CHECKING:
    from amaan.accounts.models import Unit

SLICE_SECONDS = 0.05
"""One writer is shared with people: a slice commits after about this long and whoever waits goes first."""

Result = Prepared | Refused

MOST_REFERENCES = 20


@dataclass
class Summary:
    """Counts of packages. `received` is the sum of the other four."""

    received: int = 0
    stored: int = 0
    versions: int = 0
    duplicates: int = 0
    quarantined: int = 0
    batch: int = 0
    references: list[str] = field(default_factory=list)
    """Of the first new reports and versions, so that who imported a few can go on to them."""
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
    forget()


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
    fresh = [receipt.reference for receipt in receipts if receipt.result != DUPLICATE]
    run.summary.references.extend(fresh[: MOST_REFERENCES - len(run.summary.references)])
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
    context = Context(
        Seals(sealer, index_keys()), exhibit_sealer(sealer), timezone.now(), kept["entity"], mapping
    )
    run = _Run(actor, item.unit, item.batch, sealer, context, summary)
    results = _read_again(item, kept, context)
    with transaction.atomic():
        item.retries += 1
        if results is None or (isinstance(results[0], Refused) and results[0].digest == bytes(item.digest)):
            refused = results[0] if results else None
            if isinstance(refused, Refused):
                item.code = refused.code
                item.sealed = sealer.seal(place, dumps({**kept, "detail": refused.detail}))
            _count(summary, "quarantined")
            summary.reasons[item.code] = summary.reasons.get(item.code, 0) + 1
        else:
            for result in results:
                item.reference = _settled(run, item, result) or item.reference
            item.resolved_at = timezone.now()
        item.save(update_fields=["retries", "code", "sealed", "resolved_at", "reference"])
        body = {"code": item.code, "reference": item.reference}
        append(actor, [Act("quarantine.retried", str(item.batch), item.unit.code, body)], sealer=sealer)


def _settled(run: _Run, item: Quarantined, result: Result) -> str:
    """One result of reading a quarantined package again; its reference where it became a report."""
    _note(run.summary, result)
    if isinstance(result, Refused):  # a row of a table that was refused as a whole
        _quarantine(run, result, [], item.received_at)
        _count(run.summary, "quarantined")
        return ""
    receipt = receive_reports(
        run.actor,
        [result],
        unit=item.unit,
        received_at=item.received_at,  # the clock began when it came, not when it was understood
        origin=str(item.batch),
        sealer=run.sealer,
    )[0]
    _count(run.summary, {STORED: "stored", VERSION: "versions", DUPLICATE: "duplicates"}[receipt.result])
    return receipt.reference


def _count(summary: Summary, name: str) -> None:
    summary.received += 1
    setattr(summary, name, getattr(summary, name) + 1)


_NOT_BY_READING = frozenset({"bomb", "too_many", "encrypted", "compression", "damaged"})
"""What only the sender can mend."""
_ROW = re.compile(r"\.[ct]sv#\d+$", re.IGNORECASE)


def _read_again(item: Quarantined, kept: dict[str, Any], context: Context) -> list[Result] | None:
    """What reading gives today; None where there is nothing that could be read."""
    numbers = json.loads(item.exhibits)
    if not numbers or item.code in _NOT_BY_READING or sum(exhibit_sizes(numbers)) > MOST_DOCUMENT_BYTES:
        return None
    names = kept["names"]
    documents = [
        (name, open_exhibit(number)) for name, number in zip(chain(names, repeat("")), numbers, strict=False)
    ]
    first, raw = documents[0]
    if context.mapping and first.lower().endswith((".csv", ".tsv")):
        return _table_again(first, raw, context)
    members = tuple(Member(name, "", len(raw)) for name, raw in documents)
    row = raw.decode() if _ROW.search(first) else ""
    return [read_documents(Package(kept["entity"], kept["number"], members, row=row), documents, context)]


def _table_again(name: str, raw: bytes, context: Context) -> list[Result]:
    assert context.mapping is not None
    whole = Package("", "", (Member(name, "", len(raw)),))
    try:
        text = io.StringIO(raw.decode(context.mapping.encoding), newline="")
        packages = list(rows_of(text, name, context.mapping))
    except Unreadable as refusal:
        packages = [replace(whole, refused=(refusal.code, refusal.detail))]
    except (UnicodeError, LookupError, csv.Error) as error:
        packages = [replace(whole, refused=("malformed", f"The table cannot be read: {error}."))]
    if not packages:
        packages = [replace(whole, refused=("empty", "The table holds no row."))]
    return [
        read_documents(p, [(p.members[0].name, p.row.encode() if p.row else raw)], context) for p in packages
    ]
