"""Storing what was read: a slice a transaction, halved down to the document that fails; refusals to the quarantine."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING

from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction
from django.utils import timezone

from amaan.authority.actors import Actor
from amaan.evidence.services import store_exhibits, store_stream, write_exhibits
from amaan.keyring.domain import Sealer
from amaan.ledger.services import Act, append
from amaan.referrals.domain.intake import Context, Refused, refusal_digest
from amaan.referrals.models import Batch, Quarantined
from amaan.referrals.selectors import quarantine_place
from amaan.reports.domain.preparing import Prepared, dumps
from amaan.reports.services import DUPLICATE, STORED, VERSION, ReferenceTaken, receive_reports

if TYPE_CHECKING:
    from amaan.accounts.models import Unit

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
class Run:
    """One import or retry at work."""

    actor: Actor
    unit: Unit
    batch: Batch
    sealer: Sealer
    context: Context
    summary: Summary


def store(run: Run, results: list[Result], *, again: bool = True) -> float:
    """One slice, one transaction; how many seconds others had to wait for it.

    One that fails is tried once more, since another writer may have been first, and then halved until the document
    that fails stands alone."""
    _write_ahead(results)
    large = {n: _stream(r) for n, r in enumerate(results) if isinstance(r, Refused) and r.streamed}
    try:
        with transaction.atomic():
            began = time.monotonic()
            counts, fresh = store_slice(run, results, large)
    except OperationalError as error:
        if not (again and lost_a_race(error)):
            raise  # the database itself cannot go on: no document is to blame
        return store(run, results, again=False)
    except (DatabaseError, ReferenceTaken, ValueError, OverflowError) as error:
        if again and isinstance(error, IntegrityError):
            return store(run, results, again=False)
        if len(results) > 1:
            middle = len(results) // 2
            return max(store(run, results[:middle]), store(run, results[middle:]))
        if isinstance(results[0], Refused):
            raise  # even its refusal cannot be stored: stop loudly, the source still holds it
        return store(run, [refusal_of(results[0], error)])
    took = time.monotonic() - began
    for name, count in counts.items():
        setattr(run.summary, name, getattr(run.summary, name) + count)
    run.summary.references.extend(fresh[: MOST_REFERENCES - len(run.summary.references)])
    for result in results:
        note(run.summary, result)
    return took


def _write_ahead(results: Sequence[Result]) -> None:
    """The documents' bytes go to the disk before the transaction begins that everybody waits for."""
    written = iter(write_exhibits([item for result in results for item in result.exhibits]))
    for result in results:
        result.exhibits = list(islice(written, len(result.exhibits)))


def lost_a_race(error: OperationalError) -> bool:
    """Whether PostgreSQL undid this transaction for another's sake (deadlock, serialisation)."""
    return getattr(error.__cause__, "sqlstate", "") in {"40P01", "40001"}


def note(summary: Summary, result: Result) -> None:
    if isinstance(result, Refused):
        summary.reasons[result.code] = summary.reasons.get(result.code, 0) + 1
        return
    for flag in result.flags:
        summary.flags[flag] = summary.flags.get(flag, 0) + 1


def store_slice(
    run: Run, results: Sequence[Result], large: dict[int, list[int]]
) -> tuple[dict[str, int], list[str]]:
    """Counts, and the references of what is new. Inside the caller's transaction."""
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
            quarantine(run, result, large.get(number, []), received_at)
    outcomes = [receipt.result for receipt in receipts]
    fresh = [receipt.reference for receipt in receipts if receipt.result != DUPLICATE]
    counts = {
        "received": len(results),
        "stored": outcomes.count(STORED),
        "versions": outcomes.count(VERSION),
        "duplicates": outcomes.count(DUPLICATE),
        "quarantined": len(results) - len(prepared),
    }
    # Last, because who finishes at the same time on PostgreSQL waits for this row until the commit.
    # By hand: building this update takes the ORM a hundredth of a slice.
    added = ", ".join(f"{name} = {name} + %s" for name in counts)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE referrals_batch SET {added} WHERE id = %s",  # noqa: S608 - names from above
            [*counts.values(), run.batch.pk],
        )
    return counts, fresh


def _stream(refused: Refused) -> list[int]:
    """Exhibits of what is too large for memory, stored before the slice's transaction."""
    ids = []
    for member in refused.streamed:
        with member.stream() as file:
            ids.append(store_stream(file))
    return ids


def quarantine(run: Run, refused: Refused, large: list[int], received_at: datetime) -> None:
    if Quarantined.objects.filter(unit=run.unit, digest=refused.digest).exists():
        return  # it waits already, or was resolved: sent again it is still one thing
    ids = [*store_exhibits(refused.exhibits), *large]
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
        sealed=run.sealer.seal(quarantine_place(refused.digest), dumps(kept)),
        received_at=received_at,
    )
    # Who reads the ledger opens bodies, and the reason and the names may quote the document.
    body = {"code": refused.code, "digest": refused.digest.hex()}
    append(run.actor, [Act("report.quarantined", str(run.batch), run.unit.code, body)], sealer=run.sealer)


def refusal_of(prepared: Prepared, error: Exception) -> Refused:
    return Refused(
        "store",
        f"The database refused it ({type(error).__name__}). Retry after an update.",
        prepared.entity,
        prepared.number,
        [],
        refusal_digest(prepared.digest, prepared.entity, prepared.number),
        prepared.exhibits,
    )
