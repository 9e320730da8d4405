"""What the panels hold: frozen values, said in the reader's language, covered where they must be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from amaan.reports.domain.veil import Told


@dataclass(frozen=True, slots=True)
class Text:
    """A text of the report under what it is. `more`: it goes on in the document."""

    name: str
    told: Told
    more: bool


@dataclass(frozen=True, slots=True)
class IdentifierShown:
    """`copy` is the value to take along, empty where it is held.

    `seen`: in how many reports, empty for this one only.
    """

    type: str
    kind: str
    platform: str
    told: Told
    copy: str
    verified: str
    seen: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in a report. `minor`: reported, and protected all the same.

    `held` says in words which parts are sealed; `part` names them for an unsealing.
    """

    number: int
    role: str
    name: Told
    protected: bool
    minor: bool
    facts: tuple[str, ...]
    cautions: tuple[str, ...]
    identifiers: tuple[IdentifierShown, ...]
    more_identifiers: int
    texts: tuple[Text, ...]
    held: tuple[str, ...]
    part: str
    accounts: tuple[Person, ...] = ()


@dataclass(frozen=True, slots=True)
class People:
    """`more` of them are not shown here."""

    people: tuple[Person, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Hash:
    kind: str
    start: str
    whole: str


@dataclass(frozen=True, slots=True)
class Content:
    """A file as its sender describes it; Amaan holds no media. `no_pdq` says why we made no PDQ hash, if we tried."""

    number: int
    file_id: Told
    hashes: tuple[Hash, ...]
    no_pdq: str
    classification: str
    marks: tuple[str, ...]
    labels: tuple[Told, ...]
    viewed: str
    public: str
    uploaded_at: datetime | None
    names_held: int
    addresses: tuple[IdentifierShown, ...]
    more_addresses: int
    texts: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Contents:
    items: tuple[Content, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Address:
    """One capture of an internet address that is nobody protected's."""

    told: Told
    copy: str
    port: int | None
    event: str
    at: datetime | None
    of: str


@dataclass(frozen=True, slots=True)
class Addresses:
    """`held` were captured of somebody protected."""

    lines: tuple[Address, ...]
    more: int
    held: int


@dataclass(frozen=True, slots=True)
class Summary:
    """`identifiers` belong to what happened and to nobody in it: links, groups, numbers."""

    kind: str
    channels: tuple[str, ...]
    happened_at: datetime | None
    platform: Told
    marks: tuple[str, ...]
    districts: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    identifiers: tuple[IdentifierShown, ...]
    more_identifiers: int
    texts: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Telling:
    number: int
    received_at: datetime
    source: str
    origin: str


@dataclass(frozen=True, slots=True)
class OutcomeTold:
    """What became of the report. `code` is a closed report's reason in words."""

    decision: str
    code: str
    reason: str
    case_reference: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ReportPanels:
    """Everything that the spine tells of one report's newest telling."""

    reference: str
    unit: str
    entity: str
    number: str
    version: int
    received_at: datetime
    public_status: str
    tellings: tuple[Telling, ...]
    summary: Summary
    reported: People
    protected: People
    contents: Contents
    addresses: Addresses
    outcomes: tuple[OutcomeTold, ...]
