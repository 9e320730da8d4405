"""`amaan vault check`: whether every exhibit is there and whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from amaan.evidence.models import Exhibit
from amaan.evidence.services.media import compare_sealed
from amaan.evidence.services.storing import ExhibitReader, the_vault
from amaan.evidence.vault import ExhibitBytesMissing, Place
from amaan.keyring.domain import KeyringError


@dataclass
class VaultChecked:
    """`broken` and `missing` name exhibits and what is wrong; orphans are bytes that no row names: left by
    a crash or a rollback, or written at this moment by somebody who hasn't committed yet. `bytes` is plaintext that was
    read; `sealed_to_recipient` counts exhibits that can't be opened here: their form, length and digest were
    compared with what the row says."""

    exhibits: int = 0
    bytes: int = 0
    broken: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    orphan_packs: list[str] = field(default_factory=list)
    orphan_records: int = 0
    orphan_bytes: int = 0
    unfinished: list[str] = field(default_factory=list)
    sealed_to_recipient: int = 0

    @property
    def sound(self) -> bool:
        return not self.broken and not self.missing


def check_vault() -> VaultChecked:
    """Reads every exhibit to its end, computes its address anew, and looks for bytes that no row names.

    Of what is sealed to a recipient it computes the digest of the sealed bytes: they are what was stored. What they
    hold, and whether it is what the hashes in the report say, only the examiner's key can show.
    """
    found = VaultChecked()
    reader = ExhibitReader()
    named: dict[str, set[int]] = {}
    rows = Exhibit.objects.order_by("pack", "offset").values_list(
        "id", "address", "pack", "offset", "length", "size", "recipient", "sealed_digest"
    )
    for exhibit_id, address, pack, offset, length, size, recipient, digest in rows.iterator(2000):
        found.exhibits += 1
        named.setdefault(pack, set()).add(offset)
        place = Place(pack, offset, length)
        try:
            if recipient is not None:
                found.sealed_to_recipient += 1
                compare_sealed(place, size, bytes(recipient), bytes(digest or b""))
                continue
            read = _count(reader.open(bytes(address), place))
            if read != size:
                found.broken.append(f"exhibit {exhibit_id}: {read} bytes, and the database says {size}")
            found.bytes += read
        except ExhibitBytesMissing as fault:
            found.missing.append(f"exhibit {exhibit_id}: {fault}")
        except KeyringError as fault:
            found.broken.append(f"exhibit {exhibit_id}, pack {pack} at byte {offset}: {fault}")
    for pack in the_vault().packs():
        offsets = named.get(pack)
        if offsets is None:
            found.orphan_packs.append(pack)
        for place in the_vault().records(pack):
            if not offsets or place.offset not in offsets:
                found.orphan_records += 1
                found.orphan_bytes += place.length
    found.unfinished = [path.name for path in the_vault().parts()]
    return found


def _count(chunks: Iterable[bytes]) -> int:
    return sum(len(chunk) for chunk in chunks)
