"""Exhibits stored and opened.

Opening here is for services. A person who reads an exhibit's plaintext unseals it, with a role, a reason
and an entry in the ledger; that is another service, and it doesn't stand here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from amaan.evidence import domain, vault
from amaan.evidence.domain import DiscardingSink, ExhibitSealer, Head, MediaSink, SealedExhibit
from amaan.evidence.models import Exhibit
from amaan.evidence.vault import Costs, ExhibitBytesMissing, Place, Vault
from amaan.keyring.domain import KeyringError, Sealer
from amaan.keyring.domain.streams import CHUNK, SEALED_CHUNK
from amaan.keyring.services import Opener, index_keys, new_sealer, opener
from amaan.store.rows import allocate_ids, insert_rows, on_postgres, select_in

__all__ = [
    "Costs",
    "ExhibitBytesMissing",
    "ExhibitUnknown",
    "VaultChecked",
    "check_vault",
    "exhibit_sealer",
    "exhibit_sizes",
    "media_sink",
    "open_exhibit",
    "store_exhibits",
    "store_stream",
    "stream_exhibit",
    "vault_costs",
]

_TABLE = Exhibit._meta.db_table
_COLUMNS = ("address", "pack", "offset", "length", "size", "created_at")


class ExhibitUnknown(Exception):
    """No exhibit has this number."""


@lru_cache(maxsize=8)
def _vault_at(home: Path) -> Vault:
    return Vault(home / "vault")


def _vault() -> Vault:
    return _vault_at(Path(settings.AMAAN_HOME))


def exhibit_sealer(under: Sealer | None = None) -> ExhibitSealer:
    """A sealer that can go into a spawned process. One a batch: without `under` it makes a data key of its
    own, with it the batch's data key serves (another key is derived from it). Raises KeysMissing."""
    sealer = under or new_sealer()
    return ExhibitSealer(sealer.key_id, domain.wrapping_key(sealer.key), index_keys().vault)


def vault_costs() -> Costs:
    """What this process has written since it began, and how long it waited for the disk."""
    return vault.costs


@transaction.atomic(savepoint=False)
def store_exhibits(items: Sequence[SealedExhibit]) -> list[int]:
    """Ids of the exhibits, in the order of `items`; what is known already keeps its id and isn't written
    again.

    The bytes are durable on return, so before the caller's commit; what a rollback leaves in a pack is
    harmless (`amaan vault check` counts it). One fsync a call: take many at once.
    """
    first = {item.address: item for item in items}
    known = _ids_of(list(first))
    fresh = [item for address, item in first.items() if address not in known]
    places = _vault().append([item.blob for item in fresh])
    known |= _insert([(item.address, place, item.size) for item, place in zip(fresh, places, strict=True)])
    return [known[item.address] for item in items]


def store_stream(file: IO[bytes], *, sealer: ExhibitSealer | None = None) -> int:
    """The exhibit id of everything `file` still holds, of any size, in flat memory. Durable on return.

    Call it outside a transaction where you can: reading and sealing take as long as they take, and inside
    one they would hold SQLite's only writer.
    """
    stream = (sealer or exhibit_sealer()).stream()
    with _vault().incoming() as part:
        part.write(stream.head)
        for chunk, last in _full_chunks(file):
            part.write(stream.push(chunk, last=last))
        address = stream.address()
        known = _ids_of([address])
        if address in known:
            return known[address]
        place = part.keep()
    with transaction.atomic():
        known = _ids_of([address])  # on SQLite nobody can come between from here on
        exhibit_id = known.get(address) or _insert([(address, place, stream.size)])[address]
        stored = Exhibit.objects.filter(id=exhibit_id, pack=place.pack).exists()
    if not stored:
        _vault().discard(place)  # another process stored the same exhibit meanwhile
    return exhibit_id


def _full_chunks(file: IO[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Chunks of exactly CHUNK bytes but the last, each with whether it is the last; there is at least one."""
    held = _read_chunk(file)
    while True:
        following = _read_chunk(file) if len(held) == CHUNK else b""
        if not following:
            yield held, True
            return
        yield held, False
        held = following


def _read_chunk(file: IO[bytes]) -> bytes:
    chunk = file.read(CHUNK)
    while len(chunk) < CHUNK and (more := file.read(CHUNK - len(chunk))):  # pipes and sockets give less
        chunk += more
    return chunk


def _ids_of(addresses: Sequence[bytes]) -> dict[bytes, int]:
    sql = f'SELECT address, id FROM "{_TABLE}" WHERE address IN {{values}}'  # noqa: S608 - a table's name
    return (
        {bytes(address): exhibit_id for address, exhibit_id in select_in(sql, addresses)} if addresses else {}
    )


def _insert(rows: Sequence[tuple[bytes, Place, int]]) -> dict[bytes, int]:
    """Rows that `_ids_of` didn't find. Returns the ids by address, another writer's where that was first."""
    if not rows:
        return {}
    now = timezone.now()
    if on_postgres():
        return _insert_beside_others(rows, now)
    ids = allocate_ids(Exhibit, len(rows))  # one writer: nobody can have come between
    insert_rows(
        Exhibit,
        ("id", *_COLUMNS),
        [(i, address, *place, size, now) for i, (address, place, size) in zip(ids, rows, strict=True)],
    )
    return {address: i for i, (address, _, _) in zip(ids, rows, strict=True)}


def _insert_beside_others(rows: Sequence[tuple[bytes, Place, int]], now: datetime) -> dict[bytes, int]:
    # Sorted, so that two writers of the same exhibits wait for each other in one order and don't deadlock.
    rows = sorted(rows)
    columns = ", ".join(f'"{name}"' for name in _COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{_TABLE}" ({columns}) '  # noqa: S608 - a table's name
            "SELECT a, p, o, l, s, %s FROM "
            "unnest(%s::bytea[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[]) AS t(a, p, o, l, s) "
            "ON CONFLICT (address) DO NOTHING RETURNING address, id",
            [
                now,
                [address for address, _, _ in rows],
                [place.pack for _, place, _ in rows],
                [place.offset for _, place, _ in rows],
                [place.length for _, place, _ in rows],
                [size for _, _, size in rows],
            ],
        )
        ids = {bytes(address): exhibit_id for address, exhibit_id in cursor.fetchall()}
    return ids | _ids_of([address for address, _, _ in rows if address not in ids])


def open_exhibit(exhibit_id: int) -> bytes:
    """An exhibit's plaintext, in memory, checked to its end. For services only, never to show to a person
    (see the module's docstring). Raises ExhibitUnknown, ExhibitBytesMissing, SealBroken, KeyMissing,
    KeysDoNotFit."""
    return b"".join(stream_exhibit(exhibit_id))


def stream_exhibit(exhibit_id: int) -> Iterator[bytes]:
    """The same in chunks of 64 KiB, in flat memory. Each chunk is authentic; only the end proves that it is
    all and that it is this exhibit, so act on nothing before the iterator is exhausted."""
    row = Exhibit.objects.filter(id=exhibit_id).first()
    if row is None:
        raise ExhibitUnknown(f"There is no exhibit {exhibit_id}.")
    return _Reader().open(bytes(row.address), Place(row.pack, row.offset, row.length))


class _Reader:
    """Opens many exhibits with each wrapping key derived once."""

    def __init__(self) -> None:
        self._opener: Opener = opener()
        self._address_key = index_keys().vault
        self._vault = _vault()
        self._wrapping: dict[int, bytes] = {}

    def open(self, address: bytes, place: Place) -> Iterator[bytes]:
        blocks = self._vault.blocks(place, domain.HEAD_BYTES, SEALED_CHUNK)
        head = Head.read(next(blocks, b""))
        if head.key_id not in self._wrapping:
            self._wrapping[head.key_id] = domain.wrapping_key(self._opener.data_key(head.key_id))
        yield from head.open(self._wrapping[head.key_id], self._address_key, address, blocks)


@dataclass
class VaultChecked:
    """`broken` and `missing` name exhibits and what is wrong; orphans are bytes that no row names: left by
    a crash or a rollback, or written at this moment by somebody who hasn't committed yet."""

    exhibits: int = 0
    bytes: int = 0
    broken: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    orphan_packs: list[str] = field(default_factory=list)
    orphan_records: int = 0
    orphan_bytes: int = 0
    unfinished: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        return not self.broken and not self.missing


def check_vault() -> VaultChecked:
    """Reads every exhibit to its end, computes its address anew, and looks for bytes that no row names."""
    found = VaultChecked()
    reader = _Reader()
    named: dict[str, set[int]] = {}
    rows = Exhibit.objects.order_by("pack", "offset").values_list(
        "id", "address", "pack", "offset", "length", "size"
    )
    for exhibit_id, address, pack, offset, length, size in rows.iterator(2000):
        found.exhibits += 1
        named.setdefault(pack, set()).add(offset)
        try:
            read = _count(reader.open(bytes(address), Place(pack, offset, length)))
            if read != size:
                found.broken.append(f"exhibit {exhibit_id}: {read} bytes, and the database says {size}")
            found.bytes += read
        except ExhibitBytesMissing as fault:
            found.missing.append(f"exhibit {exhibit_id}: {fault}")
        except KeyringError as fault:
            found.broken.append(f"exhibit {exhibit_id}, pack {pack} at byte {offset}: {fault}")
    for pack in _vault().packs():
        offsets = named.get(pack)
        if offsets is None:
            found.orphan_packs.append(pack)
        for place in _vault().records(pack):
            if not offsets or place.offset not in offsets:
                found.orphan_records += 1
                found.orphan_bytes += place.length
    found.unfinished = [path.name for path in _vault().parts()]
    return found


def _count(chunks: Iterable[bytes]) -> int:
    return sum(len(chunk) for chunk in chunks)


def exhibit_sizes(exhibit_ids: Sequence[int]) -> list[int]:
    """Plaintext bytes of each exhibit, in order. Raises ExhibitUnknown."""
    sizes = dict(Exhibit.objects.filter(id__in=exhibit_ids).values_list("id", "size"))
    missing = [number for number in exhibit_ids if number not in sizes]
    if missing:
        raise ExhibitUnknown(f"No exhibit has the number {missing[0]}.")
    return [sizes[number] for number in exhibit_ids]


def media_sink() -> MediaSink:
    """Where an uploaded file's bytes go, by the media policy in force."""
    return DiscardingSink()
