"""Facts made at intake: what may be known of a report without knowing anybody in it.

Triage and statistics read only these. Every value is a bool, an int, a word or a list of words; what was not said
is said to be so, never taken for a no. `docs/reference/facts.md` lists them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime

from amaan.reports.domain.drafts import ContentDraft, IncidentDraft, PartyDraft, PartyRole, ReportDraft, Said
from amaan.reports.domain.told import told_facts
from amaan.vocabulary.domain import age_band

Fact = bool | int | str | list[str]
Facts = dict[str, Fact]

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
    band = band_of(party, on)
    if band == "not_said":
        return Said.NOT_SAID
    return Said.NO if band == "18+" else Said.YES


def band_of(party: PartyDraft, on: date) -> str:
    band = age_band(party.age, party.birth, on)
    return party.band if band == "not_said" and party.band else band


def is_protected(party: PartyDraft, on: date, parties: list[PartyDraft]) -> bool:
    """Whose identity is sealed: victims, recipients, reporters, minors, and whoever belongs to one of them."""
    if party.role in {PartyRole.VICTIM, PartyRole.RECIPIENT, PartyRole.REPORTER}:
        return True
    if is_minor(party, on) is Said.YES or (party.age is not None and party.age < _OF_AGE):
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


def _any(values: Iterable[str]) -> Said:
    held = set(values)
    if Said.YES in held:
        return Said.YES
    return Said.NO if Said.NO in held else Said.NOT_SAID


def _ordered(values: Iterable[str]) -> list[str]:
    return sorted(set(values))


class _Districts:
    """Districts of a report's places, as found by `preparing`."""

    def __init__(self, found: dict[int | None, list[str]]) -> None:
        self._found = found

    def of(self, numbers: Iterable[int]) -> list[str]:
        return _ordered(code for number in numbers for code in self._found.get(number, []))


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
        "incident.channels": _ordered(i.channel for i in draft.incidents if i.channel),
        "incident.annotations": _ordered(draft.annotations),
        "incident.escalated": bool(draft.escalation),
        "incident.batched": draft.batched,
        "incident.in_future": happened is not None and happened > received_at,
        "incident.districts": districts.of([None]),  # type: ignore[list-item]
        "law_enforcement.reported": str(draft.told_police),
        "law_enforcement.legal_process": str(draft.legal_process),
        "identifiers.types": sorted(types),
        "receipt.not_understood": remainder,
    }
    days = _days(happened, received_at)
    if days is not None:
        facts["incident.days_before_receipt"] = days
    numbered = list(enumerate(draft.parties))
    _victims(facts, [(n, p) for n, p in numbered if p.role is PartyRole.VICTIM], on, districts)
    _reported(facts, [(n, p) for n, p in numbered if p.role is PartyRole.REPORTED], on, districts, country)
    facts["reported.associated_accounts"] = sum(p.role is PartyRole.ASSOCIATED for p in draft.parties)
    recipients = [p for p in draft.parties if p.role is PartyRole.RECIPIENT]
    facts["recipient.count"] = len(recipients)
    if recipients:
        _if_said(facts, "recipient.minor", _any(is_minor(p, on) for p in recipients))
    _contents(facts, draft, received_at)
    _captured(facts, [*draft.incidents, *draft.contents])
    if any(i.places or "latitude" in i.details for i in draft.incidents):
        facts["incident.place"] = True
    if draft.told:
        facts.update(told_facts(draft.told))
    length = sum(len(text) for texts in _texts(draft) for _, text in texts)
    facts["text.present"] = length > 0
    facts["text.length"] = length
    return facts


def holds_text(facts: Facts) -> bool:
    """Whether a telling holds any text at all, as its facts say."""
    return bool(facts.get("text.present")) or bool(facts.get("incident.escalated"))


def _if_said(facts: Facts, name: str, said: Said) -> None:
    """Facts that few reports have are left out where nobody told them, so that each costs only who tells it."""
    if said is not Said.NOT_SAID:
        facts[name] = str(said)


def _captured(facts: Facts, holders: Iterable[IncidentDraft | ContentDraft]) -> None:
    """Addresses seen with a file or with the incident itself: nobody said whose."""
    ips = [i for holder in holders for i in holder.identifiers if i.type == "ip"]
    if ips:
        facts["content.ip_count"] = len(ips)
        facts["content.ip_with_port_time"] = sum(bool(i.at) and i.port is not None for i in ips)


def _texts(draft: ReportDraft) -> Iterable[list[tuple[str, str]]]:
    yield draft.texts
    yield from (incident.texts for incident in draft.incidents)
    yield from (party.texts for party in draft.parties)
    yield from (content.texts for content in draft.contents)


def _victims(facts: Facts, victims: list[tuple[int, PartyDraft]], on: date, districts: _Districts) -> None:
    codes = districts.of(n for n, _ in victims)
    facts |= {
        "victim.count": len(victims),
        "victim.age_bands": _ordered(band_of(p, on) for _, p in victims),
        "victim.sexes": _ordered(_child(p.sex) for _, p in victims),
        "victim.named": any(p.names for _, p in victims),
        "victim.school": any(p.school for _, p in victims),
        "victim.contact": any(i.type in CONTACT_TYPES for _, p in victims for i in p.identifiers),
        "victim.located": bool(codes),
        "victim.districts": codes,
        "victim.possibly_coerced": str(_any(p.flags.get("possibly_coerced", "") for _, p in victims)),
    }
    if not victims:
        return
    mentions = [i for _, p in victims for i in p.identifiers]
    if any(i.type == "ip" and i.at for i in mentions):
        facts["victim.network"] = True
    if any(i.type in _ACCOUNT_TYPES for i in mentions):
        facts["victim.account"] = True
    if prior := sum(p.prior_reports for _, p in victims):
        facts["victim.prior_reports"] = prior
    if any(p.flags.get("disability") == Said.YES for _, p in victims):
        facts["victim.disability"] = True


def _child(sex: str) -> str:
    return {"male": "boy", "female": "girl", "other": "other"}.get(sex, "not_said")


def _reported(
    facts: Facts, reported: list[tuple[int, PartyDraft]], on: date, districts: _Districts, country: str
) -> None:
    mentions = [i for _, p in reported for i in p.identifiers]
    ips = [i for i in mentions if i.type == "ip"]
    flags = [p.flags for _, p in reported]
    codes = districts.of(n for n, _ in reported)
    countries = {c.upper() for _, p in reported for place in p.places if (c := place.country)}
    facts |= {
        "reported.count": len(reported),
        "reported.named": any(p.names for _, p in reported),
        "reported.age_bands": _ordered(band_of(p, on) for _, p in reported),
        "reported.minor": str(_any(is_minor(p, on) for _, p in reported)),
        "reported.contacts": sum(i.type in CONTACT_TYPES for i in mentions),
        "reported.contact_verified": any(
            i.type in CONTACT_TYPES and i.verified is Said.YES for i in mentions
        ),
        "reported.ip_count": len(ips),
        "reported.ip_with_port_time": sum(bool(i.at) and i.port is not None for i in ips),
        "reported.ip_upload": any(i.event == "upload" and bool(i.at) for i in ips),
        "reported.ip_proxy": any(i.proxy is Said.YES for i in ips),
        "reported.in_country": _in_country(countries, bool(codes), mentions, country),
        "reported.districts": codes,
        "reported.prior_reports": sum(p.prior_reports for _, p in reported),
        "reported.group": any(i.type == "group_id" for i in mentions),
        "reported.devices": sum(i.type == "device" for i in mentions),
        "reported.payment": any(i.type in PAYMENT_TYPES for i in mentions),
        "reported.works_with_children": "yes"
        if any(_WORKS_WITH_CHILDREN.search(f.get("occupation", "")) for f in flags)
        else "not_said",
        "reported.relationship": next(
            (p.relationship for _, p in reported if p.relationship != "not_said"), "not_said"
        ),
    }
    for name in (
        "compromised",
        "third_party",
        "access_to_children",
        "access_to_victim",
        "convicted",
        "firearms",
    ):
        facts[f"reported.{name}"] = str(_any(f.get(name, "") for f in flags))
    for name in ("gang", "aware", "disabled"):
        _if_said(facts, f"reported.{name}", _any(f.get(name, "") for f in flags))
    if any(i.type in _ACCOUNT_TYPES for i in mentions):
        facts["reported.account"] = True
    if any(place.verified is Said.YES for _, p in reported for place in p.places):
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
        "content.hashed": sum(bool(c.md5 or c.sha1 or c.sha256 or c.pdq or c.photodna) for c in contents),
        "content.viewed_yes": viewed.count(Said.YES),
        "content.viewed_no": viewed.count(Said.NO),
        "content.viewed_not_said": viewed.count(Said.NOT_SAID),
        "content.classes": _ordered(c.classification for c in contents if c.classification),
        "content.annotations": _ordered(a for c in contents for a in c.annotations),
        "content.labels": _ordered(word(label) for c in contents for label in c.labels if word(label)),
        "content.public": str(_any(c.public for c in contents)),
    }
    if any(c.exif for c in contents):
        facts["content.exif"] = True
    uploads = [at for c in contents if (at := read_time(c.uploaded_at))]
    if uploads:
        facts["content.uploaded_days_before_receipt"] = (received_at - max(uploads)).days
