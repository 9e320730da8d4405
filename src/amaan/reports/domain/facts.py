"""Facts made at intake: what may be known of a report without knowing anybody in it.

Triage and statistics read only these. Every value is a bool, an int, a word or a list of words; what was not said
is said to be so, never taken for a no. `docs/reference/facts.md` lists them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime

from amaan.reports.domain.drafts import ContentDraft, IncidentDraft, PartyDraft, PartyRole, ReportDraft, Said
from amaan.reports.domain.told import told_facts
from amaan.vocabulary.domain import age_band

Fact = bool | int | str | list[str]
Facts = dict[str, Fact]

# An enumeration's member is looked up by a Python function each time it is named (until Python 3.12).
_YES, _NO, _NOT_SAID = Said.YES, Said.NO, Said.NOT_SAID
_VICTIM, _REPORTED = PartyRole.VICTIM, PartyRole.REPORTED
_RECIPIENT, _ASSOCIATED = PartyRole.RECIPIENT, PartyRole.ASSOCIATED
_PROTECTED_ROLES = frozenset({PartyRole.VICTIM, PartyRole.RECIPIENT, PartyRole.REPORTER})

PAYMENT_TYPES = frozenset({"bank", "mobile_wallet", "crypto"})
_OF_AGE = 18
CONTACT_TYPES = frozenset({"phone", "email"})
_ACCOUNT_TYPES = frozenset({"platform_account", "handle"})
_WORD = re.compile(r"[^a-z0-9]+")
_WORKS_WITH_CHILDREN = re.compile(
    r"teach|tutor|coach|school|madras|qari|imam|nurs|paediat|pediat|day ?care|child|youth|scout|driver|camp",
    re.I,
)


def read_time(text: str) -> datetime | None:
    """An ISO 8601 time as aware UTC; a time without an offset is taken as UTC; anything else is None."""
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if at.tzinfo is UTC:
        return at
    try:
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:
        return None


def word(text: str) -> str:
    """A label as one lower-case ASCII word, so that no text of the document reaches the facts."""
    return _WORD.sub("_", text.lower()).strip("_")[:40]


def is_minor(party: PartyDraft, on: date) -> Said:
    """Minor: not yet 18 (PECA 2016 s.2(xxiv)). Not said stays not said."""
    return _minor(band_of(party, on))


def _minor(band: str) -> Said:
    if band == "not_said":
        return _NOT_SAID
    return _NO if band == "18+" else _YES


def band_of(party: PartyDraft, on: date) -> str:
    band = age_band(party.age, party.birth, on)
    return party.band if band == "not_said" and party.band else band


def is_protected(party: PartyDraft, on: date, parties: list[PartyDraft]) -> bool:
    """Whose identity is sealed: victims, recipients, reporters, minors, and whoever belongs to one of them."""
    if party.role in _PROTECTED_ROLES:
        return True
    if is_minor(party, on) is _YES or (party.age is not None and party.age < _OF_AGE):
        return True  # where the age and the birth date contradict each other, the younger one protects
    if "age_discrepancy" in party.flags:
        return True  # the platform doubts that the person is as old as they say
    if party.of_party is not None:
        return party.flags.get("kind") == "parent_guardian" or is_protected(
            parties[party.of_party], on, parties
        )
    return False


def _days(at: datetime | None, received_at: datetime) -> int | None:
    return None if at is None else (received_at - at).days


def _any(values: Sequence[str]) -> Said:
    if _YES in values:
        return _YES
    return _NO if _NO in values else _NOT_SAID


def _ordered(values: Collection[str]) -> list[str]:
    return sorted(set(values)) if len(values) > 1 else list(values)


class _Districts:
    """Districts of a report's places, as found by `preparing`."""

    def __init__(self, found: dict[int | None, list[str]]) -> None:
        self._found = found

    def of(self, numbers: Iterable[int | None]) -> list[str]:
        found = self._found
        return _ordered([code for number in numbers if number in found for code in found[number]])


def facts_of(
    draft: ReportDraft,
    received_at: datetime,
    *,
    types: set[str],
    district_codes: dict[int | None, list[str]],
    remainder: int,
    country: str,
) -> Facts:
    """`types`: identifier types found; `district_codes`: party number (None: the incident) to district codes."""
    on = received_at.date()
    districts = _Districts(district_codes)
    happened = read_time(draft.incident_at)
    facts: Facts = {
        "source": str(draft.source),
        "incident.type": draft.incident_type,
        "incident.channels": _ordered([i.channel for i in draft.incidents if i.channel]),
        "incident.annotations": _ordered(draft.annotations),
        "incident.escalated": bool(draft.escalation),
        "incident.batched": draft.batched,
        "incident.in_future": happened is not None and happened > received_at,
        "incident.districts": districts.of([None]),
        "law_enforcement.reported": str(draft.told_police),
        "law_enforcement.legal_process": str(draft.legal_process),
        "identifiers.types": sorted(types),
        "receipt.not_understood": remainder,
    }
    days = _days(happened, received_at)
    if days is not None:
        facts["incident.days_before_receipt"] = days
    numbered = list(enumerate(draft.parties))
    _victims(facts, [(n, p) for n, p in numbered if p.role is _VICTIM], on, districts)
    _reported(facts, [(n, p) for n, p in numbered if p.role is _REPORTED], on, districts, country)
    roles = [p.role for p in draft.parties]
    facts["reported.associated_accounts"] = roles.count(_ASSOCIATED)
    facts["recipient.count"] = roles.count(_RECIPIENT)
    if _RECIPIENT in roles:
        recipients = [p for p in draft.parties if p.role is _RECIPIENT]
        _if_said(facts, "recipient.minor", _any([is_minor(p, on) for p in recipients]))
    _contents(facts, draft, received_at)
    _captured(facts, [*draft.incidents, *draft.contents])
    if [i for i in draft.incidents if i.places or "latitude" in i.details]:
        facts["incident.place"] = True
    if draft.told:
        facts.update(told_facts(draft.told))
    length = sum([len(text) for texts in _texts(draft) for _, text in texts])
    facts["text.present"] = length > 0
    facts["text.length"] = length
    return facts


def holds_text(facts: Facts) -> bool:
    """Whether a telling holds any text at all, as its facts say."""
    return bool(facts.get("text.present")) or bool(facts.get("incident.escalated"))


def _if_said(facts: Facts, name: str, said: Said) -> None:
    """Facts that few reports have are left out where nobody told them, so that each costs only who tells it."""
    if said is not _NOT_SAID:
        facts[name] = str(said)


def _captured(facts: Facts, holders: Iterable[IncidentDraft | ContentDraft]) -> None:
    """Addresses seen with a file or with the incident itself: nobody said whose."""
    ips = [i for holder in holders for i in holder.identifiers if i.type == "ip"]
    if ips:
        facts["content.ip_count"] = len(ips)
        facts["content.ip_with_port_time"] = len([i for i in ips if i.at and i.port is not None])


def _texts(draft: ReportDraft) -> list[list[tuple[str, str]]]:
    return [
        draft.texts,
        *[incident.texts for incident in draft.incidents],
        *[party.texts for party in draft.parties],
        *[content.texts for content in draft.contents],
    ]


def _victims(facts: Facts, victims: list[tuple[int, PartyDraft]], on: date, districts: _Districts) -> None:
    codes = districts.of([n for n, _ in victims])
    mentions = [i for _, p in victims for i in p.identifiers]
    kinds = {i.type for i in mentions}
    facts |= {
        "victim.count": len(victims),
        "victim.age_bands": _ordered([band_of(p, on) for _, p in victims]),
        "victim.sexes": _ordered([_CHILD.get(p.sex, "not_said") for _, p in victims]),
        "victim.named": any(p.names for _, p in victims),
        "victim.school": any(p.school for _, p in victims),
        "victim.contact": not CONTACT_TYPES.isdisjoint(kinds),
        "victim.located": bool(codes),
        "victim.districts": codes,
        "victim.possibly_coerced": str(_any([p.flags.get("possibly_coerced", "") for _, p in victims])),
    }
    if not victims:
        return
    if "ip" in kinds and any(i.at for i in mentions if i.type == "ip"):
        facts["victim.network"] = True
    if not _ACCOUNT_TYPES.isdisjoint(kinds):
        facts["victim.account"] = True
    if prior := sum(p.prior_reports for _, p in victims):
        facts["victim.prior_reports"] = prior
    if any(p.flags.get("disability") == Said.YES for _, p in victims):
        facts["victim.disability"] = True


_CHILD = {"male": "boy", "female": "girl", "other": "other"}
_SAID_OF_REPORTED = {
    name: f"reported.{name}"
    for name in (
        "compromised",
        "third_party",
        "access_to_children",
        "access_to_victim",
        "convicted",
        "firearms",
    )
}
_IF_SAID_OF_REPORTED = {name: f"reported.{name}" for name in ("gang", "aware", "disabled")}


def _reported(
    facts: Facts, reported: list[tuple[int, PartyDraft]], on: date, districts: _Districts, country: str
) -> None:
    mentions = [i for _, p in reported for i in p.identifiers]
    kinds = [i.type for i in mentions]
    contacts = [i for i in mentions if i.type in CONTACT_TYPES]
    ips = [i for i in mentions if i.type == "ip"]
    flags = [p.flags for _, p in reported]
    bands = [band_of(p, on) for _, p in reported]
    codes = districts.of([n for n, _ in reported])
    countries = {c.upper() for _, p in reported for place in p.places if (c := place.country)}
    facts |= {
        "reported.count": len(reported),
        "reported.named": any(p.names for _, p in reported),
        "reported.age_bands": _ordered(bands),
        "reported.minor": str(_any([_minor(band) for band in bands])),
        "reported.contacts": len(contacts),
        "reported.contact_verified": any(i.verified is _YES for i in contacts),
        "reported.ip_count": len(ips),
        "reported.ip_with_port_time": len([i for i in ips if i.at and i.port is not None]),
        "reported.ip_upload": any(i.event == "upload" and bool(i.at) for i in ips),
        "reported.ip_proxy": any(i.proxy is _YES for i in ips),
        "reported.in_country": _in_country(countries, bool(codes), mentions, country),
        "reported.districts": codes,
        "reported.prior_reports": sum([p.prior_reports for _, p in reported]),
        "reported.group": "group_id" in kinds,
        "reported.devices": kinds.count("device"),
        "reported.payment": not PAYMENT_TYPES.isdisjoint(kinds),
        "reported.works_with_children": "yes"
        if any("occupation" in f and _WORKS_WITH_CHILDREN.search(f["occupation"]) for f in flags)
        else "not_said",
        "reported.relationship": next(
            (p.relationship for _, p in reported if p.relationship != "not_said"), "not_said"
        ),
    }
    for flag, name in _SAID_OF_REPORTED.items():
        facts[name] = str(_any([f[flag] for f in flags if flag in f]))
    for flag, name in _IF_SAID_OF_REPORTED.items():
        _if_said(facts, name, _any([f[flag] for f in flags if flag in f]))
    if not _ACCOUNT_TYPES.isdisjoint(kinds):
        facts["reported.account"] = True
    if any(place.verified is _YES for _, p in reported for place in p.places):
        facts["reported.location_verified"] = True


def _in_country(countries: set[str], located: bool, mentions: list, country: str) -> str:  # type: ignore[type-arg]
    if country in countries or located:
        return "yes"
    if country == "PK" and any(i.type == "phone" and i.raw.lstrip("0+ ").startswith("92") for i in mentions):
        return "yes"
    return "no" if countries else "not_said"


def _contents(facts: Facts, draft: ReportDraft, received_at: datetime) -> None:
    contents = draft.contents
    viewed = [c.viewed for c in contents]
    facts |= {
        "content.count": len(contents),
        "content.hashed": len([c for c in contents if c.md5 or c.sha1 or c.sha256 or c.pdq or c.photodna]),
        "content.viewed_yes": viewed.count(_YES),
        "content.viewed_no": viewed.count(_NO),
        "content.viewed_not_said": viewed.count(_NOT_SAID),
        "content.classes": _ordered([c.classification for c in contents if c.classification]),
        "content.annotations": _ordered([a for c in contents for a in c.annotations]),
        "content.labels": _ordered([word(label) for c in contents for label in c.labels if word(label)]),
        "content.public": str(_any([c.public for c in contents])),
    }
    if any(c.exif for c in contents):
        facts["content.exif"] = True
    uploads = [at for c in contents if (at := read_time(c.uploaded_at))]
    if uploads:
        facts["content.uploaded_days_before_receipt"] = (received_at - max(uploads)).days
