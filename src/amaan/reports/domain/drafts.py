"""A report as its reader understood it: plain values, still unsealed, in memory only.

Every room that brings reports in (import, the platforms' wire, the public's door, staff) fills these; from here on
all reports are treated alike.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any


class PartyRole(StrEnum):
    """What somebody is in a report. «Reported» is an account until a person is identified."""

    VICTIM = "victim"
    REPORTED = "reported"
    RECIPIENT = "recipient"
    REPORTER = "reporter"
    ASSOCIATED = "associated"


class Said(StrEnum):
    """Three states, always: silence is not a no."""

    YES = "yes"
    NO = "no"
    NOT_SAID = "not_said"


class Venue(StrEnum):
    """What kind of place below the district; empty where nobody said."""

    NOT_SAID = ""
    HOME = "home"
    APARTMENT = "apartment"
    SCHOOL = "school"
    WORKPLACE = "workplace"
    WORSHIP = "worship"
    SHOP = "shop"
    HOTEL = "hotel"
    VEHICLE = "vehicle"
    PUBLIC = "public"
    OTHER = "other"


class Setting(StrEnum):
    URBAN = "urban"
    RURAL = "rural"
    NOT_SAID = "not_said"


class Source(StrEnum):
    CYBERTIPLINE_XML = "cybertipline_xml"
    LE_JSON = "le_json"
    CSV = "csv"
    API = "api"
    PORTAL = "portal"
    STAFF = "staff"


@dataclass(slots=True)
class IdentifierDraft:
    """One mention. `at` is the time as written; `port` belongs to an IP address behind carrier NAT.

    `captured`: whoever uploaded, wrote or shared something was seen with it; nobody may have said who that was.
    """

    type: str
    raw: str
    platform: str = ""
    at: str = ""
    port: int | None = None
    event: str = ""
    verified: Said = Said.NOT_SAID
    proxy: Said = Said.NOT_SAID
    captured: bool = False


@dataclass(slots=True)
class PlaceDraft:
    """`district` is whatever the document calls it; `text` the address or venue as written."""

    role: str
    text: str = ""
    district: str = ""
    country: str = ""
    venue: Venue = Venue.NOT_SAID
    verified: Said = Said.NOT_SAID


@dataclass(slots=True)
class PartyDraft:
    role: PartyRole
    names: list[str] = field(default_factory=list)
    age: int | None = None
    band: str = ""  # an age band, where somebody told no more than that
    birth: date | None = None
    sex: str = "not_said"
    school: list[str] = field(default_factory=list)
    relationship: str = "not_said"
    setting: Setting = Setting.NOT_SAID
    identifiers: list[IdentifierDraft] = field(default_factory=list)
    places: list[PlaceDraft] = field(default_factory=list)
    texts: list[tuple[str, str]] = field(default_factory=list)
    flags: dict[str, str] = field(default_factory=dict)
    prior_reports: int = 0
    of_party: int | None = None  # an associated account belongs to the party at this index
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class ContentDraft:
    """A content item: hashes and labels, never media. `pdq_quality` is known where we made the PDQ hash ourselves."""

    file_id: str = ""
    md5: str = ""
    sha1: str = ""
    sha256: str = ""
    pdq: str = ""
    pdq_quality: int | None = None
    photodna: str = ""
    names: list[str] = field(default_factory=list)
    classification: str = ""
    annotations: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    viewed: Said = Said.NOT_SAID
    public: Said = Said.NOT_SAID
    relevance: str = ""
    exif: bool = False  # what the camera wrote into the file came with it
    uploaded_at: str = ""
    identifiers: list[IdentifierDraft] = field(default_factory=list)
    texts: list[tuple[str, str]] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class IncidentDraft:
    """One technology through which it happened (web, chat, …)."""

    channel: str = ""
    identifiers: list[IdentifierDraft] = field(default_factory=list)
    places: list[PlaceDraft] = field(default_factory=list)
    texts: list[tuple[str, str]] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class ReportDraft:
    source: Source
    entity: str
    number: str
    incident_type: str = "not_said"
    incident_at: str = ""
    platform: str = ""
    annotations: list[str] = field(default_factory=list)
    escalation: str = ""
    batched: bool = False
    told_police: Said = Said.NOT_SAID
    legal_process: Said = Said.NOT_SAID
    told: dict[str, list[str]] = field(default_factory=dict)  # words chosen at the door, by question (`told`)
    incidents: list[IncidentDraft] = field(default_factory=list)
    parties: list[PartyDraft] = field(default_factory=list)
    contents: list[ContentDraft] = field(default_factory=list)
    texts: list[tuple[str, str]] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)
    flags: list[str] = field(default_factory=list)
