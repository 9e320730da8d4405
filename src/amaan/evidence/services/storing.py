"""Exhibits stored and opened.

Opening here is for services. A person who reads an exhibit's plaintext unseals it, with a role, a reason
and an entry in the ledger; that is another service, and it doesn't stand here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import IO, NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from amaan.evidence import domain, vault
from amaan.evidence.domain import ExhibitSealer, Head, SealedExhibit, SealedToRecipient
from amaan.evidence.models import Exhibit
from amaan.evidence.vault import Costs, Place, Vault
from amaan.keyring.domain import Sealer
from amaan.keyring.domain.streams import CHUNK, SEALED_CHUNK
from amaan.keyring.services import Opener, index_keys, new_sealer, opener
from amaan.store.rows import allocate_ids, insert_absent, insert_new, on_postgres, select_in

_TABLE = Exhibit._meta.db_table
_COLUMNS = ("address", "pack", "offset", "length", "size", "created_at")


class ExhibitUnknown(Exception):
    """No exhibit has this number."""


@lru_cache(maxsize=8)
def _vault_at(home: Path) -> Vault:
    return Vault(home / "vault")


def the_vault() -> Vault:
    return _vault_at(Path(settings.AMAAN_HOME))


def exhibit_sealer(under: Sealer | None = None) -> ExhibitSealer:
    """A sealer that can go into a spawned process. One a batch: without `under` it makes a data key of its
    own, with it the batch's data key serves (another key is derived from it). Raises KeysMissing."""
    sealer = under or new_sealer()
    return ExhibitSealer(sealer.key_id, domain.wrapping_key(sealer.key), index_keys().vault)


def sweep_unfinished() -> list[str]:
    """Remove what writers that died left in `vault/incoming`; names of what went. A server does it when it starts."""
    return the_vault().sweep()


def vault_costs() -> Costs:
    """What this process has written since it began, and how long it waited for the disk."""
    return vault.costs


class WrittenExhibit(NamedTuple):
    """An exhibit whose bytes lie in the vault already, and no row says so yet."""

    address: bytes
    place: Place
    size: int


Storable = SealedExhibit | WrittenExhibit


def write_exhibits(items: Sequence[Storable]) -> list[Storable]:
    """`items` with the bytes of those that are new on the disk, for `store_exhibits`. One fsync a call.

    For ahead of a transaction that others wait for: they need not wait for the disk. What is never stored afterwards
    is harmless in its pack.
    """
    sealed = {item.address: item for item in items if isinstance(item, SealedExhibit)}
    known = ids_of(list(sealed))
    fresh = [item for address, item in sealed.items() if address not in known]
    written = {
        item.address: WrittenExhibit(item.address, place, item.size)
        for item, place in zip(fresh, the_vault().append([item.blob for item in fresh]), strict=True)
    }
    return [written.get(item.address, item) for item in items]


@transaction.atomic(savepoint=False)
def store_exhibits(items: Sequence[Storable]) -> list[int]:
    """Ids of the exhibits, in the order of `items`; what is known already keeps its id and isn't written
    again.

    The bytes are durable on return, so before the caller's commit; what a rollback leaves in a pack is
    harmless (`amaan vault check` counts it). At most one fsync a call: take many at once.
    """
    written = {item.address: item for item in items if isinstance(item, WrittenExhibit)}
    ids = _insert(list(written.values()))
    sealed = {
        item.address: item for item in items if isinstance(item, SealedExhibit) and item.address not in ids
    }
    ids |= ids_of(list(sealed))
    fresh = [item for address, item in sealed.items() if address not in ids]
    places = the_vault().append([item.blob for item in fresh])
    ids |= _insert(
        [WrittenExhibit(item.address, place, item.size) for item, place in zip(fresh, places, strict=True)]
    )
    return [ids[item.address] for item in items]


def store_stream(file: IO[bytes], *, sealer: ExhibitSealer | None = None) -> int:
    """The exhibit id of everything `file` still holds, of any size, in flat memory. Durable on return.

    Call it outside a transaction where you can: reading and sealing take as long as they take, and inside
    one they would hold SQLite's only writer.
    """
    stream = (sealer or exhibit_sealer()).stream()
    with the_vault().incoming() as part:
        part.write(stream.head)
        for chunk, last in _full_chunks(file):
            part.write(stream.push(chunk, last=last))
        address = stream.address()
        known = ids_of([address])
        if address in known:
            return known[address]
        place = part.keep()
    with transaction.atomic():
        known = ids_of([address])  # on SQLite nobody can come between from here on
        exhibit_id = known.get(address) or _insert([WrittenExhibit(address, place, stream.size)])[address]
        stored = Exhibit.objects.filter(id=exhibit_id, pack=place.pack).exists()
    if not stored:
        the_vault().discard(place)  # another process stored the same exhibit meanwhile
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


def ids_of(addresses: Sequence[bytes]) -> dict[bytes, int]:
    sql = f'SELECT address, id FROM "{_TABLE}" WHERE address IN {{values}}'  # noqa: S608 - a table's name
    return (
        {bytes(address): exhibit_id for address, exhibit_id in select_in(sql, addresses)} if addresses else {}
    )


def _insert(items: Sequence[WrittenExhibit]) -> dict[bytes, int]:
    """The ids by address: of new rows, or of another writer's who was first."""
    if not items:
        return {}
    now = timezone.now()
    if on_postgres():
        ids = _insert_beside_others(items, now)
    else:
        numbered = list(zip(allocate_ids(Exhibit, len(items)), items, strict=True))
        rows = [(i, item.address, *item.place, item.size, now) for i, item in numbered]
        new = insert_absent(Exhibit, ("id", *_COLUMNS), rows, "address")
        ids = {item.address: i for i, item in numbered if i in new}
    return ids | ids_of([item.address for item in items if item.address not in ids])


def _insert_beside_others(items: Sequence[WrittenExhibit], now: datetime) -> dict[bytes, int]:
    # Sorted, so that two writers of the same exhibits wait for each other in one order and don't deadlock.
    rows = [(item.address, *item.place, item.size, now) for item in sorted(items)]
    new = insert_new(Exhibit, _COLUMNS, rows, ("address", "id"), unique=("address",))
    return {bytes(address): found for address, found in new}


def open_exhibit(exhibit_id: int) -> bytes:
    """An exhibit's plaintext, in memory, checked to its end. For services only, never to show to a person
    (see the module's docstring). Raises ExhibitUnknown, SealedToRecipient, ExhibitBytesMissing, SealBroken,
    KeyMissing, KeysDoNotFit."""
    return b"".join(stream_exhibit(exhibit_id))


def stream_exhibit(exhibit_id: int) -> Iterator[bytes]:
    """The same in chunks of 64 KiB, in flat memory. Each chunk is authentic; only the end proves that it is
    all and that it is this exhibit, so act on nothing before the iterator is exhausted."""
    row = Exhibit.objects.filter(id=exhibit_id).first()
    if row is None:
        raise ExhibitUnknown(f"There is no exhibit {exhibit_id}.")
    if row.recipient is not None:
        raise SealedToRecipient(exhibit_id)
    return ExhibitReader().open(bytes(row.address), Place(row.pack, row.offset, row.length))


class ExhibitReader:
    """Opens many exhibits with each wrapping key derived once."""

    def __init__(self) -> None:
        self._opener: Opener = opener()
        self._address_key = index_keys().vault
        self._vault = the_vault()
        self._wrapping: dict[int, bytes] = {}

    def open(self, address: bytes, place: Place) -> Iterator[bytes]:
        blocks = self._vault.blocks(place, domain.HEAD_BYTES, SEALED_CHUNK)
        head = Head.read(next(blocks, b""))
        if head.key_id not in self._wrapping:
            self._wrapping[head.key_id] = domain.wrapping_key(self._opener.data_key(head.key_id))
        yield from head.open(self._wrapping[head.key_id], self._address_key, address, blocks)


def exhibit_sizes(exhibit_ids: Sequence[int]) -> list[int]:
    """Plaintext bytes of each exhibit, in order. Raises ExhibitUnknown."""
    sizes = dict(Exhibit.objects.filter(id__in=exhibit_ids).values_list("id", "size"))
    missing = [number for number in exhibit_ids if number not in sizes]
    if missing:
        raise ExhibitUnknown(f"No exhibit has the number {missing[0]}.")
    return [sizes[number] for number in exhibit_ids]
