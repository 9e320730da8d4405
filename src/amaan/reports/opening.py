"""One telling of a report with its seals opened, in memory, and the veil over whoever is protected in it.

For panels and other selectors only: what leaves them is covered by the veil. Whoever shows it has recorded the reading.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from amaan.keyring.domain import blind_index
from amaan.keyring.services import index_keys, opener
from amaan.reports.domain.drafts import PartyRole, Source
from amaan.reports.domain.identifiers import recognise
from amaan.reports.domain.marking import Mark
from amaan.reports.domain.protected import Protected, veil_for
from amaan.reports.domain.veil import MOST_TOLD, Veil
from amaan.reports.models import ContentItem, Mention, Party, Place, Report, Version
from amaan.store.rows import select_in

Kept = dict[str, Any]
_OFFICES = frozenset({Source.CYBERTIPLINE_XML, Source.LE_JSON, Source.API, Source.CSV})
"""Ways by which offices report, and not people."""
_MOST_RECOGNISED = MOST_TOLD + 4096
"""Characters of one text that are read for identifiers: what is shown of it, and a little more."""
_MOST_READ = 2_000_000
"""The same for all texts of a report; no page shows more of them."""


@dataclass(frozen=True, slots=True)
class Named:
    """A mention of an identifier with its value, which is held where `sealed`."""

    mention: Mention
    identifier: int
    type: str
    value: str
    sealed: bool


@dataclass(slots=True)
class Opened:
    """`kept` holds what was sealed: of the telling, and of parties and content items by their numbers."""

    report: Report
    version: Version
    facts: Kept
    kept: Kept
    parties: list[Party]
    kept_of_party: dict[int, Kept]
    contents: list[ContentItem]
    kept_of_content: dict[int, Kept]
    places: list[tuple[Place, Kept]]
    named: list[Named]
    veil: Veil = field(default_factory=Veil)
    room: int = 400_000
    """Characters of texts that one page covers and shows."""
    marks: Mapping[str, Sequence[Mark]] = field(default_factory=dict)
    """What is to be marked in its texts, by part (`panels.reading.PartOfText`)."""

    @property
    def uploader_protected(self) -> bool:
        """Whether what was captured with a file may be a child's: nobody says which of the reported it was."""
        return _uploader_protected(self.parties)


class TellingSeals:
    """What is sealed of one telling, as it was given to the sealer. Every method raises SealBroken, KeyMissing."""

    def __init__(self, reference: str, version: Version) -> None:
        self._version = version
        self._place = f"{reference}.{bytes(version.digest)[:8].hex()}"
        self._opener = opener()

    def of_telling(self) -> Kept:
        return self._open("reports_version", "", self._version.sealed)

    def of_party(self, party: Party) -> Kept:
        return self._open("reports_party", f".{party.number}", party.sealed)

    def of_content(self, item: ContentItem) -> Kept:
        return self._open("reports_contentitem", f".{item.number}", item.sealed)

    def places(self, party: int | None = None) -> list[tuple[Place, Kept]]:
        """Every place of the telling, or one party's. Their numbers are their order: so they were stored and sealed."""
        rows = Place.objects.filter(version=self._version).order_by("id")
        return [
            (row, self._open("reports_place", f".{number}", row.sealed))
            for number, row in enumerate(rows)
            if party is None or row.party == party
        ]

    def identifier(self, key: bytes | memoryview, sealed: bytes | memoryview) -> str:
        return self._opener.open(f"reports_identifier/{bytes(key).hex()}/value", bytes(sealed)).decode()

    def _open(self, table: str, number: str, blob: bytes | memoryview | None) -> Kept:
        if not blob:
            return {}
        kept: Kept = json.loads(self._opener.open(f"{table}/{self._place}{number}/sealed", bytes(blob)))
        return kept


def opened(report: Report) -> Opened:
    """The newest telling of a report that the caller was given by `access_report`.

    Raises SealBroken, KeyMissing: nothing is shown of a report whose protected values are not known.
    """
    version = Version.objects.get(report=report, number=report.version)
    seals = TellingSeals(report.reference, version)
    parties = list(Party.objects.filter(version=version).order_by("number"))
    contents = list(ContentItem.objects.filter(version=version).order_by("number"))
    found = Opened(
        report=report,
        version=version,
        facts=json.loads(version.facts),
        kept=seals.of_telling(),
        parties=parties,
        kept_of_party={party.number: seals.of_party(party) for party in parties},
        contents=contents,
        kept_of_content={item.number: seals.of_content(item) for item in contents},
        places=seals.places(),
        named=_named(seals, version, uploader=_uploader_protected(parties)),
    )
    found.veil = veil_for(_protected(found))
    return found


def _uploader_protected(parties: Sequence[Party]) -> bool:
    return any(party.protected for party in parties if party.role == PartyRole.REPORTED)


def _named(seals: TellingSeals, version: Version, *, uploader: bool) -> list[Named]:
    mentions = list(Mention.objects.filter(version=version).order_by("id"))
    ids = sorted({mention.identifier_id for mention in mentions})
    rows = (
        select_in("SELECT id, key, type, clear, sealed FROM reports_identifier WHERE id IN {values}", ids)
        if ids
        else []
    )
    # What came in before captures of a child's upload were sealed stands in clear, and is held all the same.
    nobodys = [m for m in mentions if m.party is None] if uploader else []
    files = {m.identifier_id for m in nobodys if m.content is not None}
    seen = {m.identifier_id for m in nobodys}
    values: dict[int, tuple[str, str, bool]] = {}
    for identifier, key, kind, clear, sealed in rows:
        value = clear
        if clear is None:
            value = seals.identifier(key, sealed)
        captured = identifier in (seen if kind in {"ip", "device"} else files) and kind != "url"
        values[identifier] = (kind, value, clear is None or captured)
    return [Named(mention, mention.identifier_id, *values[mention.identifier_id]) for mention in mentions]


def _protected(found: Opened) -> list[Protected]:
    people = {party.number: Protected() for party in found.parties if party.protected}
    for party in found.parties:
        if party.protected:
            _know(people[party.number], party, found.kept_of_party[party.number], found.version.source)
    for place, kept in found.places:
        if place.party in people:
            people[place.party].places += [text for text in (kept.get("text"), kept.get("district")) if text]
    # Sealed without a protected party here: somebody protected uses the value in another report.
    others = Protected()
    for named in found.named:
        who = people.get(named.mention.party) if named.mention.party is not None else None
        if who is not None:
            who.identifiers.append((named.type, named.value))
        elif named.sealed:
            others.identifiers.append((named.type, named.value))
    others.identifiers += _sealed_in(found)
    return [*people.values(), others]


def _sealed_in(found: Opened) -> Iterator[tuple[str, str]]:
    """Identifiers in the free texts that stand sealed for somebody's sake, in this report or another."""
    keys: dict[bytes, tuple[str, str]] = {}
    index = index_keys()
    room = _MOST_READ
    for text in _free_texts(found):
        read = text[: min(_MOST_RECOGNISED, room)]
        room -= len(read)
        for one in recognise(read):
            term = (one.type, one.cleaned.normalised)
            if one.type == "cnic":
                yield term
            for key in (index.parties, index.reporters):
                keys[blind_index(key, *term)] = term
    if keys:
        rows = select_in(
            "SELECT key FROM reports_identifier WHERE sealed IS NOT NULL AND key IN {values}", list(keys)
        )
        yield from (keys[bytes(key)] for (key,) in rows)


def _free_texts(found: Opened) -> Iterator[str]:
    open_parties = [found.kept_of_party[party.number] for party in found.parties if not party.protected]
    for kept in (
        found.kept,
        *found.kept.get("incidents", []),
        *open_parties,
        *found.kept_of_content.values(),
    ):
        yield from (text for _, text in kept.get("texts", []))
    yield found.kept.get("escalation", "")


def _know(person: Protected, party: Party, kept: Kept, source: str) -> None:
    person.office = party.role == PartyRole.REPORTER and source in _OFFICES
    person.names += _texts(kept.get("names"))
    person.schools += _texts(kept.get("school"))
    person.shown_names += [text for kind, text in kept.get("texts", []) if kind == "displayName"]
    if birth := kept.get("birth"):
        person.births.append(date.fromisoformat(birth))


def _texts(value: Sequence[object] | None) -> list[str]:
    return [str(one) for one in value or ()]
