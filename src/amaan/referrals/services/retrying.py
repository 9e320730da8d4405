"""Reading what waits in quarantine once more."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, repeat
from typing import Any

from django.db import DatabaseError, OperationalError, transaction
from django.utils import timezone

from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, require
from amaan.evidence.services import exhibit_sealer, exhibit_sizes, open_exhibit
from amaan.formats.reading import Unreadable
from amaan.formats.table import ColumnMapping
from amaan.keyring.services import index_keys, new_sealer, opener
from amaan.ledger.services import Act, append
from amaan.referrals.domain.intake import Context, Refused, read_documents
from amaan.referrals.domain.packages import MOST_DOCUMENT_BYTES, Member, Package
from amaan.referrals.domain.wire import MOST_PACKAGE_BYTES
from amaan.referrals.models import OpenReport, Quarantined
from amaan.referrals.selectors import NotInQuarantine, quarantine_place
from amaan.referrals.services.importing import settle
from amaan.referrals.services.storing import Result, Run, Summary, note, quarantine
from amaan.referrals.sources import rows_of
from amaan.reports.domain.preparing import Seals, dumps
from amaan.reports.services import DUPLICATE, STORED, VERSION, ReferenceTaken, receive_reports
from amaan.store.rows import on_postgres


class AlreadyResolved(Exception):
    """This package has become a report already; the message says which."""

    def __init__(self, number: int, reference: str) -> None:
        super().__init__(f"Number {number} is a report already: {reference or 'several, by its rows'}.")


def retry_quarantined(
    actor: Actor, *, ids: Sequence[int], mapping: ColumnMapping | None = None, wait: bool = True
) -> Summary:
    """Read what waits in quarantine once more, with today's readers. What still fails stays, with its new reason.

    With `wait`, as a command wants it, the call ends with bands and a checkpoint: it delivers whatever waits in the
    whole installation. A page leaves that to the worker. Raises NotInQuarantine, AlreadyResolved (also where somebody
    else was quicker), NotAllowed; SealBroken, KeyMissing, ExhibitBytesMissing where it can't be opened.
    """
    summary = Summary()
    for number in ids:
        item = Quarantined.objects.select_related("unit", "batch").filter(pk=number).first()
        if item is None:
            raise NotInQuarantine(f"Nothing waits under number {number}. See amaan quarantine list.")
        require(actor, Action.RETRY_QUARANTINE, item.unit.code)
        if item.resolved_at:
            raise AlreadyResolved(number, item.reference)
        _retry(actor, item, mapping, summary)
    if wait:
        settle()
    return summary


def _retry(actor: Actor, item: Quarantined, mapping: ColumnMapping | None, summary: Summary) -> None:
    sealer = new_sealer()
    place = quarantine_place(item.digest)
    kept = json.loads(opener().open(place, bytes(item.sealed)))
    context = Context(
        Seals(sealer, index_keys()), exhibit_sealer(sealer), timezone.now(), kept["entity"], mapping
    )
    run = Run(actor, item.unit, item.batch, sealer, context, summary)
    results = _read_again(item, kept, context)
    before = replace(summary, reasons=dict(summary.reasons), flags=dict(summary.flags))
    try:
        _settle(run, item, kept, results)
    except OperationalError:
        raise  # the database itself cannot go on
    except (DatabaseError, ReferenceTaken, ValueError, OverflowError) as error:
        vars(summary).update(vars(before))
        refusal = Refused(
            "store",
            f"The database refused it ({type(error).__name__}). Retry after an update.",
            kept["entity"],
            kept["number"],
            kept["names"],
            bytes(item.digest),
            [],
        )
        item.refresh_from_db()
        _settle(run, item, kept, [refusal])


def _settle(run: Run, item: Quarantined, kept: dict[str, Any], results: list[Result] | None) -> None:
    """Keep what reading again gave: reports, or the item with its new reason. Raises AlreadyResolved."""
    place = quarantine_place(item.digest)
    with transaction.atomic():
        _hold(item)
        item.retries += 1
        if results is None or (isinstance(results[0], Refused) and results[0].digest == bytes(item.digest)):
            refused = results[0] if results else None
            if isinstance(refused, Refused):
                item.code = refused.code
                item.sealed = run.sealer.seal(place, dumps({**kept, "detail": refused.detail}))
            _count(run.summary, "quarantined")
            run.summary.reasons[item.code] = run.summary.reasons.get(item.code, 0) + 1
        else:
            for result in results:
                item.reference = _settled(run, item, result) or item.reference
            item.resolved_at = timezone.now()
            _tell_the_wire(item, kept["number"])
        item.save(update_fields=["retries", "code", "sealed", "resolved_at", "reference"])
        body = {"code": item.code, "reference": item.reference}
        act = Act("quarantine.retried", str(item.batch), item.unit.code, body)
        append(run.actor, [act], sealer=run.sealer)


def _hold(item: Quarantined) -> None:
    """Hold the item's row, as it is now: of two who had it read at once, one settles it. Raises AlreadyResolved."""
    rows = Quarantined.objects.filter(pk=item.pk)
    # SQLite has one writer: whoever stands in a transaction is alone already.
    now = (
        (rows.select_for_update() if on_postgres() else rows)
        .only("resolved_at", "reference", "retries")
        .get()
    )
    if now.resolved_at:
        raise AlreadyResolved(item.pk, now.reference)
    item.retries = now.retries


def _tell_the_wire(item: Quarantined, number: str) -> None:
    """Which report it became, so that its page can say until when the platform preserves what it reported."""
    platform = item.batch.platform_id
    if platform is not None:
        ended = OpenReport.objects.filter(platform_id=platform, number=int(number))
        ended.update(reference=item.reference)


def _settled(run: Run, item: Quarantined, result: Result) -> str:
    """One result of reading a quarantined package again; its reference where it became a report."""
    note(run.summary, result)
    if isinstance(result, Refused):  # a row of a table that was refused as a whole
        quarantine(run, result, [], item.received_at)
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


_NOT_BY_READING = frozenset(
    {"bomb", "too_many", "encrypted", "compression", "damaged", "unreachable", "path"}
)
"""What only the sender can mend."""
_ROW = re.compile(r"\.[ct]sv#\d+$", re.IGNORECASE)


def _read_again(item: Quarantined, kept: dict[str, Any], context: Context) -> list[Result] | None:
    """What reading gives today; None where there is nothing that could be read."""
    numbers = json.loads(item.exhibits)
    wire = item.batch.platform_id is not None
    most = MOST_PACKAGE_BYTES if wire else MOST_DOCUMENT_BYTES
    if not numbers or item.code in _NOT_BY_READING or sum(exhibit_sizes(numbers)) > most:
        return None
    names = kept["names"]
    if len(numbers) < len(names):
        return None  # a document of the package was never held: what is left must not pass for the whole
    documents = [
        (name, open_exhibit(number)) for name, number in zip(chain(names, repeat("")), numbers, strict=False)
    ]
    first, raw = documents[0]
    if context.mapping and first.lower().endswith((".csv", ".tsv")):
        return _table_again(first, raw, context)
    members = tuple(Member(name, "", len(raw)) for name, raw in documents)
    row = raw.decode() if _ROW.search(first) else ""
    package = Package(kept["entity"], kept["number"], members, row=row, wire=wire)
    return [read_documents(package, documents, context)]


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
