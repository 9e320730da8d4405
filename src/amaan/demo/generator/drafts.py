"""What a report says, before it is written as XML or JSON. Field order follows the documents."""

from __future__ import annotations

from dataclasses import dataclass, field

# The protocol's own strings; Amaan's word is "child sexual abuse material".
INCIDENT_TYPES = {
    "csam": "Child Pornography (possession, manufacture, and distribution)",
    "sex_trafficking": "Child Sex Trafficking",
    "sex_tourism": "Child Sex Tourism",
    "molestation": "Child Sexual Molestation",
    "misleading_domain": "Misleading Domain Name",
    "misleading_words": "Misleading Words or Digital Images on the Internet",
    "enticement": "Online Enticement of Children for Sexual Acts",
    "obscene_to_child": "Unsolicited Obscene Material Sent to a Child",
}


@dataclass(slots=True)
class Capture:
    """An IP address as the platform saw it; `at` is ISO 8601."""

    address: str
    event: str = ""
    at: str = ""
    port: int | None = None
    proxy: bool | None = None


@dataclass(slots=True)
class Device:
    kind: str
    value: str
    event: str = ""
    at: str = ""


@dataclass(slots=True)
class Contact:
    """A phone number or an e-mail address; `verified` None is not said."""

    value: str
    verified: bool | None = None
    kind: str = ""


@dataclass(slots=True)
class Location:
    city: str
    region: str
    country: str = "PK"
    verified: bool | None = None


@dataclass(slots=True)
class Associated:
    """Another account of the same person, such as the one that is paid."""

    kind: str
    platform: str = ""
    identifier: str = ""
    screen_name: str = ""
    phones: list[Contact] = field(default_factory=list)
    notes: str = ""


@dataclass(slots=True)
class Account:
    """A reported account, a recipient or a victim. Empty strings, None and empty lists are left out."""

    first: str = ""
    last: str = ""
    phones: list[Contact] = field(default_factory=list)
    emails: list[Contact] = field(default_factory=list)
    street: str = ""
    city: str = ""
    province: str = ""
    age: int | None = None
    birth: str = ""
    age_discrepancy: str = ""  # newer than the schema
    vehicle: str = ""
    identifier: str = ""
    service: str = ""
    compromised: bool | None = None
    screen_name: str = ""
    display_names: list[str] = field(default_factory=list)
    profile_urls: list[str] = field(default_factory=list)
    bio: str = ""
    captures: list[Capture] = field(default_factory=list)
    devices: list[Device] = field(default_factory=list)
    school: str = ""  # victims only
    third_party: bool | None = None  # reported accounts only
    prior_reports: list[int] = field(default_factory=list)
    group: str = ""  # never victims
    disabled_at: str = ""
    location: Location | None = None
    associated: list[Associated] = field(default_factory=list)  # never recipients
    notes: str = ""
    # Only the JSON that law enforcement receives has room for these.
    gender: str = ""
    occupation: str = ""
    relationship: str = ""
    access_to_children: bool | None = None
    access_to_victim: bool | None = None


@dataclass(slots=True)
class Channel:
    """Where it happened: webPageIncident, chatImIncident, … with (element, value) pairs in the schema's
    order.
    """

    kind: str
    parts: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class Agency:
    name: str
    case_number: str = ""
    reported: bool | None = None
    legal_process: bool | None = None


@dataclass(slots=True)
class File:
    number: int
    identifier: str
    name: str = ""
    original_name: str = ""
    uploaded_at: str = ""
    location: str = ""
    viewed: bool | None = None
    exif_viewed: bool | None = None
    public: bool | None = None
    relevance: str = "Reported"
    annotations: tuple[str, ...] = ()
    classification: str = ""
    hashes: list[tuple[str, str]] = field(default_factory=list)
    capture: Capture | None = None
    devices: list[Device] = field(default_factory=list)
    details: list[tuple[str, str]] = field(default_factory=list)
    notes: str = ""
    tags: tuple[str, ...] = ()  # the clearing house's own; only in the JSON


@dataclass(slots=True)
class Report:
    """`incident` is a key of INCIDENT_TYPES; annotations are the schema's element names."""

    incident: str = "csam"
    at: str = "2025-06-01T10:00:00Z"
    at_said: str = ""
    batched: bool = False
    platform: str = ""
    escalated: str = ""
    annotations: tuple[str, ...] = ()
    channels: list[Channel] = field(default_factory=list)
    agency: Agency | None = None
    entity: str = "Chatteral"
    entity_email: str = "safety@chatteral.example"
    reported: list[Account] = field(default_factory=list)
    recipients: list[Account] = field(default_factory=list)
    victims: list[Account] = field(default_factory=list)
    notes: str = ""
    number: int = 0
    received_at: str = ""  # only in the JSON
