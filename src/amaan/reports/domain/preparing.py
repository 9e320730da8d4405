"""From a draft to rows: identifiers cleaned and indexed, identities sealed, facts made. Runs in any process.

Nothing here touches a database, so that an import can do it on another core; ids are filled in by
`reports.services.receive_reports`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from amaan.keyring.domain import IndexKeys, Sealer, blind_index, blind_indexer
from amaan.reports.domain import identifiers as types
from amaan.reports.domain.drafts import (
    ContentDraft,
    IdentifierDraft,
    PartyDraft,
    PartyRole,
    PlaceDraft,
    ReportDraft,
    Said,
)
from amaan.reports.domain.facts import band_of, facts_of, is_protected, read_time
from amaan.reports.domain.naming import Tokens
from amaan.reports.domain.references import derive_reference
from amaan.vocabulary.domain import find_district

Row = tuple[Any, ...]
_INVITATION = re.compile(r"(?i)chat\.whatsapp\.com/|t\.me/(?:\+|joinchat)|discord\.(?:gg|com/invite)/")
_MARKS_OF_INVITATIONS = ("whatsapp.com/", "t.me/", "scord.")  # what none lacks; no dotless i can change them
_ALWAYS_SEALED = frozenset({"cnic"})


@dataclass(frozen=True, slots=True)
class Seals:
    """What a preparing process needs; it can be pickled."""

    sealer: Sealer
    index: IndexKeys
    country: str = "PK"


@dataclass(slots=True)
class Prepared:
    """A report as rows without ids. `place` names it in every seal: reference, dot, start of the digest."""

    reference: str
    place: str
    entity: str
    entity_key: str
    number: str
    digest: bytes
    source: str
    facts: str
    receipt: str
    sealed: bytes
    flags: list[str]
    incidents: list[Row] = field(default_factory=list)
    parties: list[Row] = field(default_factory=list)
    contents: list[Row] = field(default_factory=list)
    identifiers: list[Row] = field(default_factory=list)
    mentions: list[Row] = field(default_factory=list)
    places: list[Row] = field(default_factory=list)
    exhibits: list[Any] = field(default_factory=list)


def entity_key(name: str) -> str:
    """An entity's name, folded: «Pix Board» and «pixboard » are one."""
    return "".join(name.casefold().split())[:120] or "unknown"


def looks_like_invitation(address: str) -> bool:
    """Folding first: the expression, tried at each character, takes longer than all that cleans an address."""
    folded = address.casefold()
    return any(mark in folded for mark in _MARKS_OF_INVITATIONS) and bool(_INVITATION.search(address))


def dumps(value: object) -> str:
    """Compact JSON. orjson is ten times quicker; what it refuses (half characters in file names) is replaced."""
    return _dumped(value).decode()


def _dumped(value: object) -> bytes:
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()


def prepare_report(
    draft: ReportDraft,
    *,
    seals: Seals,
    digest: bytes,
    received_at: datetime,
    receipt: list[Any],
    remainder: list[tuple[str, str]],
) -> Prepared:
    """Rows of one report. `digest` is SHA-256 over its documents; `remainder` what was not understood."""
    protected = [is_protected(p, received_at.date(), draft.parties) for p in draft.parties]
    tokens = Tokens(draft.parties, protected)
    entity, number = _unnamed(draft.entity, tokens, seals), _unnamed(draft.number, tokens, seals)
    key = entity_key(entity)
    reference = derive_reference(seals.index.references, key, number)
    place = f"{reference}.{digest[:8].hex()}"
    work = _Preparing(draft, seals, place, received_at, protected=protected, tokens=tokens)
    work.run()
    facts = facts_of(
        draft,
        received_at,
        types=work.types,
        district_codes=work.districts,
        remainder=len(remainder),
        country=seals.country,
    )
    kept = {
        "details": draft.details,
        "texts": draft.texts,
        "escalation": draft.escalation,
        "platform": draft.platform,
        "incidents": [_dropping_empty({"texts": i.texts, "details": i.details}) for i in draft.incidents],
        "remainder": remainder,
        "unread": work.unread,
        "said_entity": draft.entity if entity != draft.entity else "",
        "said_number": draft.number if number != draft.number else "",
    }
    return Prepared(
        reference=reference,
        place=work.place,
        entity=entity,
        entity_key=key,
        number=number,
        digest=digest,
        source=str(draft.source),
        facts=dumps(facts),
        receipt=dumps(receipt),
        sealed=seals.sealer.seal(f"reports_version/{work.place}/sealed", _dumped(_dropping_empty(kept))),
        flags=sorted(set(draft.flags)),
        incidents=work.incidents,
        parties=work.parties,
        contents=work.contents,
        identifiers=work.identifiers,
        mentions=work.mentions,
        places=work.places,
    )


def _unnamed(text: str, tokens: Tokens, seals: Seals) -> str:
    """An entity's name or a report number that names a protected party stands sealed, and a keyed digest for it."""
    if not tokens or not tokens.name(text):
        return text
    return "sealed:" + blind_index(seals.index.references, "said", text).hex()


def _dropping_empty(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}


class _Preparing:
    """The rows of one report, growing."""

    def __init__(
        self,
        draft: ReportDraft,
        seals: Seals,
        place: str,
        received_at: datetime,
        *,
        protected: list[bool],
        tokens: Tokens,
    ) -> None:
        self.draft, self.seals, self.place = draft, seals, place
        self.protected, self.tokens = protected, tokens
        # Nobody says which of the reported uploaded a file: if one of them is a child, it may have been the child.
        self.child_uploaded = any(
            sealed and party.role is PartyRole.REPORTED
            for party, sealed in zip(draft.parties, protected, strict=True)
        )
        self.received_at, self.on = received_at, received_at.date()
        self.types: set[str] = set()
        self.districts: dict[int | None, list[str]] = {}
        self.incidents: list[Row] = []
        self.parties: list[Row] = []
        self.contents: list[Row] = []
        self.identifiers: list[Row] = []
        self.order: dict[bytes, int] = {}
        """Where each key stands in `identifiers`."""
        self.mentions: list[Row] = []
        self.places: list[Row] = []
        self.unread: list[tuple[str, str]] = []
        """Values that were understood as part of the report and not as what they should be; they are sealed."""

    def run(self) -> None:
        draft = self.draft
        happened = self._time(draft.incident_at)
        for incident in draft.incidents:
            self.incidents.append((draft.incident_type, incident.channel, happened))
            self._mention_unsaid(incident.identifiers, "incident", None)
            self._place_all(incident.places, None)
        if not draft.incidents:
            self.incidents.append((draft.incident_type, "", happened))
        for number, party in enumerate(draft.parties):
            self._party(number, party)
        for number, content in enumerate(draft.contents):
            self._content(number, content)
        self._seal_what_names_a_protected_party()

    def _time(self, text: str) -> datetime | None:
        at = read_time(text)
        if text and at is None:
            self.draft.flags.append("time_not_understood")
            self.unread.append(("time", text))
        elif at is not None and at > self.received_at:
            self.draft.flags.append("time_in_future")
        return at

    def _party(self, number: int, party: PartyDraft) -> None:
        protected = self.protected[number]
        reporter = party.role is PartyRole.REPORTER
        self._mention_all(
            party.identifiers, str(party.role), number, None, protected=protected, reporter=reporter
        )
        self._place_all(party.places, number)
        kept = _dropping_empty(
            {
                "names": party.names,
                "birth": party.birth.isoformat() if party.birth else "",
                "age": party.age,
                "school": party.school,
                "texts": party.texts,
                "flags": party.flags,
                "details": party.details,
            }
        )
        codes = self.districts.get(number, [])
        self.parties.append(
            (
                number,
                str(party.role),
                party.of_party,
                band_of(party, self.on),
                party.sex,
                party.relationship,
                party.flags.get("possibly_coerced", str(Said.NOT_SAID)),
                codes[0] if codes else "",
                str(party.setting),
                protected,
                self._seal("reports_party", number, kept),
            )
        )

    def _content(self, number: int, content: ContentDraft) -> None:
        self._mention_unsaid(content.identifiers, "content", number)
        hashes = [
            self._hash(content.md5, 16),
            self._hash(content.sha1, 20),
            self._hash(content.sha256, 32),
            self._hash(content.pdq, 32),
        ]
        kept = _dropping_empty(
            {
                "names": content.names,
                "texts": content.texts,
                "details": content.details,
                "labels": content.labels,
            }
        )
        file_id = content.file_id[:64]
        if self.tokens and self.tokens.name(file_id):
            kept["file_id"], file_id = file_id, ""
        # The labels go on into the facts, which stand unsealed.
        content.labels = [label for label in content.labels if not self.tokens.name(label)]
        self.contents.append(
            (
                number,
                file_id,
                *hashes,
                None if hashes[-1] is None else content.pdq_quality,
                content.photodna.encode()[:4096] if content.photodna else None,
                content.classification[:4],
                " ".join(content.annotations),
                str(content.viewed),
                str(content.public),
                content.relevance[:24],
                self._time(content.uploaded_at),
                self._seal("reports_contentitem", number, kept),
            )
        )

    def _hash(self, text: str, size: int) -> bytes | None:
        if not text:
            return None
        try:
            value = bytes.fromhex(text.strip())
        except ValueError:
            value = b""
        if len(value) != size:
            self.draft.flags.append("hash_not_understood")
            self.unread.append(("hash", text))
            return None
        return value

    def _seal(self, table: str, number: int, kept: dict[str, Any]) -> bytes | None:
        if not kept:
            return None
        return self.seals.sealer.seal(f"{table}/{self.place}.{number}/sealed", _dumped(kept))

    def _mention_unsaid(self, drafts: list[IdentifierDraft], role: str, content: int | None) -> None:
        """Mentions of which nobody says whose they are: what was captured may be a child's, and is then sealed."""
        if not self.child_uploaded:
            self._mention_all(drafts, role, None, content, protected=False, reporter=False)
            return
        for draft in drafts:
            self._mention_all([draft], role, None, content, protected=draft.captured, reporter=False)

    def _mention_all(
        self,
        drafts: Iterable[IdentifierDraft],
        role: str,
        party: int | None,
        content: int | None,
        *,
        protected: bool,
        reporter: bool,
    ) -> None:
        # A reporter's identifiers are indexed under a key of their own and so can never link to a party's.
        keys = self.seals.index
        key_of = blind_indexer(keys.reporters if reporter else keys.parties)
        for draft in drafts:
            cleaned = self._clean(draft)
            if cleaned is None:
                continue
            kind = cleaned.type
            seen_at = self._time(draft.at) if draft.at else None
            seal = protected or kind in _ALWAYS_SEALED
            index = self._identifier(key_of(kind, cleaned.normalised), cleaned, seal=seal)
            verified = str(draft.verified)
            self.mentions.append((index, party, content, role, seen_at, draft.port, draft.event, verified))
            self.types.add(kind)

    def _clean(self, draft: IdentifierDraft) -> types.Cleaned | None:
        country = self.seals.country
        if draft.type == "url" and looks_like_invitation(draft.raw):
            with suppress(types.NotUnderstood):  # an address like one that is none stays an address
                return types.clean("invitation", draft.raw, platform=draft.platform, country=country)
        try:
            return types.clean(draft.type, draft.raw, platform=draft.platform, country=country)
        except types.NotUnderstood:
            self.draft.flags.append(f"{draft.type}_not_understood")
            self.unread.append((draft.type, draft.raw))
        try:
            return types.clean("other", draft.raw, platform=draft.platform, country=country)
        except types.NotUnderstood:
            return None  # nothing that could be compared; it stays among what was not read

    def _identifier(self, key: bytes, cleaned: types.Cleaned, *, seal: bool) -> int:
        held = self.order.get(key)
        if held is None:
            held = self.order[key] = len(self.order)
            self.identifiers.append(self._identifier_row(key, cleaned, seal=seal))
        elif seal and self.identifiers[held][3] is not None:
            self.identifiers[held] = self._identifier_row(key, cleaned, seal=True)
        return held

    def _identifier_row(self, key: bytes, cleaned: types.Cleaned, *, seal: bool) -> Row:
        if seal:
            return (key, cleaned.type, cleaned.linking, None, self._seal_identifier(key, cleaned.normalised))
        return (key, cleaned.type, cleaned.linking, cleaned.normalised, None)

    def _seal_identifier(self, key: bytes, normalised: str) -> bytes:
        return self.seals.sealer.seal(f"reports_identifier/{key.hex()}/value", normalised)

    def _place_all(self, places: Iterable[PlaceDraft], party: int | None) -> None:
        for place in places:
            number = len(self.places)
            district = find_district(place.district) if place.district else None
            code = district.pcode if district else ""
            if code:
                self.districts.setdefault(party, []).append(code)
            kept = _dropping_empty({"text": place.text, "district": "" if code else place.district})
            sealed = self._seal("reports_place", number, kept)
            country = place.country[:2].upper()
            venue, verified = str(place.venue), str(place.verified)
            self.places.append((party, place.role, code, country, venue, verified, sealed))

    def _seal_what_names_a_protected_party(self) -> None:
        """A clear URL may carry a victim's handle in its path: such a value is sealed as well."""
        # Mostly none does, and one look at all of them together says so.
        if not self.tokens.name("\0".join([row[3] for row in self.identifiers if row[3] is not None])):
            return
        for number, (key, kind, linking, clear, _) in enumerate(self.identifiers):
            if clear is not None and self.tokens.name(clear):
                self.identifiers[number] = (key, kind, linking, None, self._seal_identifier(key, clear))
