"""Reports coming in: many at once; one is a batch of one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, NotAllowed, may
from amaan.evidence.services import store_exhibits
from amaan.keyring.domain import Sealer
from amaan.ledger.services import Act, append
from amaan.outbox.services import publish
from amaan.reports.domain.drafts import Source
from amaan.reports.domain.outcomes import PublicStatus
from amaan.reports.domain.preparing import Prepared
from amaan.reports.models import (
    ContentItem,
    Entity,
    Identifier,
    Incident,
    Mention,
    Party,
    Place,
    Report,
    Version,
)
from amaan.store.rows import allocate_ids, insert_absent, insert_rows, on_postgres, select_in

if TYPE_CHECKING:
    from amaan.accounts.models import Unit

_IDENTIFIER_COLUMNS = ("id", "key", "type", "links", "clear", "sealed")
STORED, VERSION, DUPLICATE = "stored", "version", "duplicate"

_CHILDREN = (
    (Incident, ("type", "channel", "happened_at"), "incidents"),
    (
        Party,
        (
            *("number", "role", "of_party", "age_band", "sex", "relationship", "possibly_coerced"),
            *("district", "setting", "protected", "sealed"),
        ),
        "parties",
    ),
    (
        ContentItem,
        (
            *("number", "file_id", "md5", "sha1", "sha256", "pdq", "pdq_quality", "photodna"),
            *("classification", "annotations", "viewed", "public", "relevance", "uploaded_at", "sealed"),
        ),
        "contents",
    ),
    (Place, ("party", "role", "district", "country", "venue", "verified", "sealed"), "places"),
)


class ReferenceTaken(Exception):
    """Two different reports were given one reference (once in ten million reports or so). It goes to quarantine."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one prepared report."""

    reference: str
    result: str  # stored, version or duplicate
    report_id: int
    version: int


@dataclass(frozen=True, slots=True)
class _Held:
    report_id: int
    entity_id: int
    number: str
    version: int
    digests: dict[bytes, int]


@transaction.atomic(savepoint=False)
def receive_reports(
    actor: Actor,
    batch: Sequence[Prepared],
    *,
    unit: Unit,
    received_at: datetime,
    origin: str,
    sealer: Sealer | None = None,
) -> list[Receipt]:
    """Store prepared reports, each once: known digests are duplicates, a changed telling is a new version.

    Set-based: a handful of statements for the whole batch. Raises NotAllowed and ReferenceTaken, and IntegrityError
    where another writer stored one of the same values meanwhile: undo the transaction and call it again.
    """
    # Who may take reports down may hand in those, and no documents of platforms.
    taken_down = all(prepared.source == Source.STAFF for prepared in batch)
    action = Action.ENTER_REPORT if taken_down else Action.IMPORT_REFERRALS
    if not may(actor, action, unit.code):
        raise NotAllowed(actor, action, unit.code)
    entities = _entities(batch)
    held = _held(batch)
    new_ids = iter(allocate_ids(Report, sum(p.reference not in held for p in _first_of_each(batch))))
    receipts: list[Receipt] = []
    fresh: list[tuple[Prepared, int, int]] = []
    reports: dict[str, list[Any]] = {}
    for prepared in batch:
        known = held.get(prepared.reference)
        if known is None:
            known = _Held(next(new_ids), entities[prepared.entity_key], prepared.number, 0, {})
            reports[prepared.reference] = [prepared, known.report_id]
        elif (known.entity_id, known.number) != (entities[prepared.entity_key], prepared.number):
            raise ReferenceTaken(prepared.reference)
        if prepared.digest in known.digests:
            version = known.digests[prepared.digest]
            receipts.append(Receipt(prepared.reference, DUPLICATE, known.report_id, version))
            continue
        number = known.version + 1
        result = STORED if number == 1 else VERSION
        receipts.append(Receipt(prepared.reference, result, known.report_id, number))
        fresh.append((prepared, known.report_id, number))
        digests = {**known.digests, prepared.digest: number}
        held[prepared.reference] = _Held(known.report_id, known.entity_id, known.number, number, digests)
    if not fresh:
        return receipts
    _insert_reports(reports, held, entities, unit, received_at)
    entries = append(actor, [_act(p, number, unit.code, origin) for p, _, number in fresh], sealer=sealer)
    _insert_versions(fresh, received_at, origin, entries)
    _raise_versions(fresh, reports)
    publish("report.received", list(dict.fromkeys(r for _, r, _ in fresh)))
    return receipts


def _first_of_each(batch: Sequence[Prepared]) -> list[Prepared]:
    return list({p.reference: p for p in batch}.values())


def _entities(batch: Sequence[Prepared]) -> dict[str, int]:
    names = {p.entity_key: p.entity for p in batch}
    found = _known_entities(names)
    missing = [Entity(key=key, name=name) for key, name in names.items() if key not in found]
    if missing:
        Entity.objects.bulk_create(missing, ignore_conflicts=True)
        found = _known_entities(names)
    return found


def _known_entities(keys: Iterable[str]) -> dict[str, int]:
    return dict(select_in("SELECT key, id FROM reports_entity WHERE key IN {values}", list(keys)))


def _held(batch: Sequence[Prepared]) -> dict[str, _Held]:
    rows = select_in(
        "SELECT r.reference, r.id, r.entity_id, r.number, r.version, v.digest, v.number"
        " FROM reports_report r JOIN reports_version v ON v.report_id = r.id WHERE r.reference IN {values}",
        list({p.reference for p in batch}),
    )
    held: dict[str, _Held] = {}
    for reference, report_id, entity_id, number, version, digest, version_number in rows:
        one = held.setdefault(reference, _Held(report_id, entity_id, number, version, {}))
        one.digests[bytes(digest)] = version_number
    return held


def _insert_reports(
    reports: dict[str, list[Any]],
    held: dict[str, _Held],
    entities: dict[str, int],
    unit: Unit,
    received_at: datetime,
) -> None:
    insert_rows(
        Report,
        ("id", "reference", "entity_id", "number", "unit_id", "received_at", "version", "public_status"),
        [
            (
                report_id,
                reference,
                entities[prepared.entity_key],
                prepared.number,
                unit.pk,
                received_at,
                held[reference].version,
                str(PublicStatus.RECEIVED),
            )
            for reference, (prepared, report_id) in reports.items()
        ],
    )


def _insert_versions(
    fresh: Sequence[tuple[Prepared, int, int]], received_at: datetime, origin: str, entries: Sequence[int]
) -> None:
    exhibits = iter(store_exhibits(list(chain.from_iterable(p.exhibits for p, _, _ in fresh))))
    version_ids = allocate_ids(Version, len(fresh))
    insert_rows(
        Version,
        (
            *("id", "report_id", "number", "digest", "source", "origin", "received_at"),
            *("exhibits", "receipt", "facts", "sealed", "entry"),
        ),
        [
            (
                version_id,
                report_id,
                number,
                p.digest,
                p.source,
                origin,
                received_at,
                json.dumps([next(exhibits) for _ in p.exhibits]),
                p.receipt,
                p.facts,
                p.sealed,
                entry,
            )
            for version_id, entry, (p, report_id, number) in zip(version_ids, entries, fresh, strict=True)
        ],
    )
    for model, columns, name in _CHILDREN:
        insert_rows(
            model,
            ("version_id", *columns),
            [(v, *row) for v, (p, _, _) in zip(version_ids, fresh, strict=True) for row in getattr(p, name)],
        )
    identifiers = _identifier_ids([p for p, _, _ in fresh])
    insert_rows(
        Mention,
        (
            *("identifier_id", "report_id", "version_id", "party", "content", "role"),
            *("seen_at", "port", "event", "verified"),
        ),
        [
            (identifiers[p.identifiers[row[0]][0]], report_id, version_id, *row[1:])
            for version_id, (p, report_id, _) in zip(version_ids, fresh, strict=True)
            for row in p.mentions
        ],
    )


def _identifier_ids(batch: Sequence[Prepared]) -> dict[bytes, int]:
    """Ids by key. New values are inserted; one that a protected party uses is never left, or made, clear."""
    rows: dict[bytes, tuple[Any, ...]] = {}
    for prepared in batch:
        for row in prepared.identifiers:
            earlier = rows.get(row[0])
            if earlier is None or (earlier[3] is not None and row[3] is None):
                rows[row[0]] = row
    ids = {} if on_postgres() else _insert_absent(rows)
    known = _known_identifiers([key for key in rows if key not in ids])
    _seal_known(sorted(k for k, (_, sealed) in known.items() if not sealed and rows[k][3] is None), rows)
    ids |= {key: identifier_id for key, (identifier_id, _) in known.items()}
    missing = sorted(row for key, row in rows.items() if key not in ids)
    if not missing:
        return ids
    # On PostgreSQL another writer may insert one of these meanwhile. Then the database refuses ours, the caller's
    # transaction is undone, and it is tried again with what the other wrote: rarer than ON CONFLICT is slow.
    fresh = allocate_ids(Identifier, len(missing))
    insert_rows(
        Identifier,
        _IDENTIFIER_COLUMNS,
        [(identifier_id, *row) for identifier_id, row in zip(fresh, missing, strict=True)],
    )
    return ids | {row[0]: identifier_id for identifier_id, row in zip(fresh, missing, strict=True)}


def _insert_absent(rows: dict[bytes, tuple[Any, ...]]) -> dict[bytes, int]:
    """Ids of the values that were new, by key: most are, and on SQLite trying costs half of looking first."""
    ordered = sorted(rows)
    numbered = list(zip(allocate_ids(Identifier, len(ordered)), ordered, strict=True))
    new = insert_absent(
        Identifier,
        _IDENTIFIER_COLUMNS,
        [(identifier_id, *rows[key]) for identifier_id, key in numbered],
        "key",
    )
    return {key: identifier_id for identifier_id, key in numbered if identifier_id in new}


def _seal_known(keys: Sequence[bytes], rows: dict[bytes, tuple[Any, ...]]) -> None:
    """A value that stood in clear is a protected party's from now on (`store.rows.forget` clears the log of it)."""
    if keys:
        with connection.cursor() as cursor:
            cursor.executemany(
                "UPDATE reports_identifier SET clear = NULL, sealed = %s WHERE key = %s",
                [(rows[key][4], key) for key in keys],
            )


def _known_identifiers(keys: Sequence[bytes]) -> dict[bytes, tuple[int, bool]]:
    rows = select_in("SELECT key, id, clear IS NULL FROM reports_identifier WHERE key IN {values}", keys)
    return {bytes(key): (identifier_id, bool(sealed)) for key, identifier_id, sealed in rows}


def _raise_versions(fresh: Sequence[tuple[Prepared, int, int]], reports: dict[str, list[Any]]) -> None:
    """Reports that stood before this batch now count their newest telling."""
    newest = {report_id: number for p, report_id, number in fresh if p.reference not in reports}
    if newest:
        with connection.cursor() as cursor:
            cursor.executemany(
                "UPDATE reports_report SET version = %s WHERE id = %s",
                sorted((number, report_id) for report_id, number in newest.items()),
            )


def _act(prepared: Prepared, number: int, unit: str, origin: str) -> Act:
    return Act(
        "report.received",
        prepared.reference,
        unit,
        {
            "entity": prepared.entity,
            "number": prepared.number,
            "version": number,
            "documents": prepared.digest.hex(),
            "origin": origin,
        },
    )
