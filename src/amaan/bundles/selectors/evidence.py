"""What reports tell that others may tell too, read for many at once in three questions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from amaan.bundles.domain.binding import Evidence
from amaan.bundles.domain.folding import Tells
from amaan.bundles.domain.keys import (
    FileKey,
    Kind,
    file_keys,
    key_of,
    key_of_all,
    key_of_id,
    names_a_page,
)
from amaan.matching.domain.lists import QUALITY
from amaan.reports.domain.drafts import PartyRole, Source
from amaan.reports.domain.facts import holds_text
from amaan.reports.selectors import Told, ToldFile, told_files, told_identifiers, told_now

WIDELY: Final = frozenset({"viral", "potential_meme", "meme"})
FIRST_HAND: Final = frozenset({str(Source.PORTAL), str(Source.STAFF)})
_DISTRICTS: Final = ("incident.districts", "victim.districts", "reported.districts")
_VICTIM: Final = ("victim.named", "victim.contact", "victim.school", "victim.located")
_NEVER: Final = frozenset({str(PartyRole.VICTIM), str(PartyRole.RECIPIENT)})


@dataclass
class Read:
    """One report, read. `pdq` holds the value of each PDQ key; `accounts` are keys with the identifier's row id."""

    told: Told
    files: list[tuple[FileKey, ...]] = field(default_factory=list)
    pdq: dict[int, bytes] = field(default_factory=dict)
    unhashed: int = 0
    wide: bool = False
    urls: list[int] = field(default_factory=list)
    accounts: dict[int, int] = field(default_factory=dict)
    victims: set[int] = field(default_factory=set)

    @property
    def source(self) -> tuple[int, int, str]:
        """Entity, day and door: what makes a telling independent of another one."""
        return self.told.entity_id, day_of(self.told.received_at), self.told.source

    def evidence(self, near: Mapping[int, int], ignored: frozenset[int] = frozenset()) -> Evidence:
        """`near`: of PDQ keys the picture's key that they are near to."""
        facts = self.told.facts
        bare = not self.files and not self.unhashed and not self.urls and not facts.get("text.length")
        return Evidence(
            report=self.told.report_id,
            files=tuple(_with(keys, near) for keys in self.files),
            urls=tuple(self.urls),
            accounts=tuple(self.accounts),
            batch=0 if self.files else self._batch(),
            unhashed=self.unhashed,
            bare=self._bare() if bare and self.accounts else 0,
            ignored=ignored,
        )

    def tells(self, near: Mapping[int, int]) -> Tells:
        facts = self.told.facts
        districts = (word for name in _DISTRICTS for word in _words(facts.get(name)))
        return Tells(
            report=self.told.report_id,
            files=tuple(
                frozenset(one.key for one in keys)
                | {near[one.key] for one in keys if one.kind is Kind.PDQ and near.get(one.key)}
                for keys in self.files
                if keys
            ),
            unhashed=self.unhashed,
            accounts=frozenset(self.accounts) | frozenset(self.urls),
            victims=frozenset(self.victims),
            victim_told=bool(facts.get("victim.count")) or any(facts.get(name) is True for name in _VICTIM),
            districts=frozenset(districts),
            contact_here=facts.get("reported.contact_verified") is True
            and facts.get("reported.in_country") == "yes",
            text=bool(facts.get("text.length")) or holds_text(facts),
            first_hand=self.told.source in FIRST_HAND,
            wide=self.wide,
        )

    def _batch(self) -> int:
        """One sender's batch of one day, where neither hash nor address tells batches apart."""
        if not self.told.facts.get("incident.batched") or self.urls:
            return 0
        days = self.told.facts.get("incident.days_before_receipt", "")
        happened = day_of(self.told.received_at) - days if isinstance(days, int) else ""
        kind = self.told.facts.get("incident.type", "")
        return key_of(Kind.BATCH, f"{self.told.entity_id}/{kind}/{happened}".encode())

    def _bare(self) -> int:
        kind = key_of(Kind.BARE, str(self.told.facts.get("incident.type", "")).encode())
        return key_of_all(Kind.BARE, [*self.accounts, kind])


def day_of(at: datetime) -> int:
    return at.date().toordinal()


def _words(value: object) -> Iterable[str]:
    return value if isinstance(value, list) else ()


def _with(keys: tuple[FileKey, ...], near: Mapping[int, int]) -> tuple[FileKey, ...]:
    if not near or keys[-1].key not in near:
        return keys
    last = keys[-1]
    return (*keys[:-1], FileKey(last.key, last.kind, near[last.key]))


def read(report_ids: Sequence[int]) -> list[Read]:
    """In the order of ids; unknown ids are left out."""
    told = told_now(report_ids)
    found = {one.version_id: Read(one) for one in told}
    versions = list(found)
    files: dict[int, list[ToldFile]] = defaultdict(list)
    for file in told_files(versions):
        files[file.version_id].append(file)
    for version, held in files.items():
        _read_files(found[version], held)
    for one in found.values():
        one.wide |= one.told.facts.get("incident.batched") is True
    _read_identifiers(found)
    return list(found.values())


def _read_files(one: Read, files: Sequence[ToldFile]) -> None:
    one.wide = all(WIDELY & set(file.annotations.split()) for file in files)
    for file in files:
        pdq = _bytes(file.pdq)
        keys = file_keys(
            sha256=_bytes(file.sha256),
            sha1=_bytes(file.sha1),
            md5=_bytes(file.md5),
            pdq=pdq,
            quality=file.pdq_quality,
            least=QUALITY,
        )
        if not keys:
            one.unhashed += 1
            continue
        one.files.append(keys)
        if pdq and keys[-1].kind is Kind.PDQ:
            one.pdq[keys[-1].key] = pdq


def _bytes(value: bytes | memoryview | None) -> bytes | None:
    return None if value is None else bytes(value)


def _read_identifiers(found: Mapping[int, Read]) -> None:
    accused: dict[int, dict[int, str]] = defaultdict(dict)
    guarded: dict[int, set[int]] = defaultdict(set)
    addresses: dict[int, dict[int, None]] = defaultdict(dict)
    for version, role, type_, links, identifier, clear in told_identifiers(list(found)):
        if role in _NEVER:
            guarded[version].add(identifier)
        elif type_ == "url":
            if names_a_page(clear):
                addresses[version][identifier] = None
        elif links and role == PartyRole.REPORTED:
            accused[version][identifier] = type_
    for version, one in found.items():
        # An identifier that a victim has too (a family's telephone) says of nobody that they are accused twice.
        kept = guarded[version]
        one.victims = {key_of_id(Kind.ACCOUNT, number) for number in kept}
        one.accounts = {key_of_id(Kind.ACCOUNT, n): n for n in accused[version] if n not in kept}
        one.urls = [key_of_id(Kind.URL, n) for n in addresses[version] if n not in kept]
