"""CyberTipline documents to drafts. `formats` knows the wire; here its words become ours.

Whatever a branch holds beyond the fields that have a place of their own goes to its `details` (sealed): nothing
that was understood is dropped.
"""

from __future__ import annotations

import re
from typing import Any

from amaan.formats.cybertipline.shapes import INCIDENT_TYPES
from amaan.formats.reading import Tree, text_of
from amaan.referrals.domain.branches import (
    country_of,
    drop_schema_attributes,
    has_exif,
    read_closings,
    said_of,
    take,
    take_age,
    take_birth,
    take_event,
    take_flags,
    take_port,
    take_said,
    take_text,
    take_word,
    yes_no,
)
from amaan.reports.domain.drafts import (
    ContentDraft,
    IdentifierDraft,
    IncidentDraft,
    PartyDraft,
    PartyRole,
    PlaceDraft,
    ReportDraft,
    Said,
    Source,
)

CHANNELS = {
    "webPageIncident": "web",
    "emailIncident": "email",
    "newsgroupIncident": "newsgroup",
    "chatImIncident": "chat",
    "onlineGamingIncident": "gaming",
    "cellPhoneIncident": "phone",
    "nonInternetIncident": "offline",
    "peer2peerIncident": "p2p",
}
REPORT_ANNOTATIONS = {
    "sextortion": "sextortion",
    "csamSolicitation": "csam_solicitation",
    "minorToMinorInteraction": "minor_to_minor",
    "spam": "spam",
    "sadisticOnlineExploitation": "sadistic",
    "informational": "informational",
    "potentialAggravatingFactors": "aggravating",
    "instrumentalUse": "instrumental_use",
    "ageAssertionDiscrepancy": "age_discrepancy",
}
FILE_ANNOTATIONS = {
    "animeDrawingVirtualHentai": "anime",
    "potentialMeme": "potential_meme",
    "viral": "viral",
    "possibleSelfProduction": "possible_self_production",
    "physicalHarm": "physical_harm",
    "violenceGore": "violence_gore",
    "bestiality": "bestiality",
    "liveStreaming": "live_streaming",
    "infant": "infant",
    "generativeAi": "generative_ai",
}
HASH_FIELDS = {
    "md5": "md5",
    "sha1": "sha1",
    "sha256": "sha256",
    "pdq": "pdq",
    "photodna": "photodna",
    "pdna": "photodna",
}
NEWER = frozenset(
    {"informational", "potentialAggravatingFactors", "instrumentalUse", "ageAssertionDiscrepancy"}
)
CLASSES = frozenset({"A1", "A2", "B1", "B2"})
RELEVANCE = frozenset({"Reported", "Supplemental Reported"})
# A member of an enumeration is looked up by a Python function each time it is named (until Python 3.12).
_YES, _NO, _NOT_SAID = Said.YES, Said.NO, Said.NOT_SAID
_PARTIES = (
    ("personOrUserReported", PartyRole.REPORTED),
    ("intendedRecipient", PartyRole.RECIPIENT),
    ("victim", PartyRole.VICTIM),
)
_REPORTER = PartyRole.REPORTER
_FILE_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")


def read_report(tree: Tree, *, entity: str, number: str) -> ReportDraft:
    """A `report` document's tree (consumed) as a draft, without its files."""
    draft = ReportDraft(Source.CYBERTIPLINE_XML, entity, number)
    drop_schema_attributes(tree)
    draft.batched = bool(tree.get("batchedReport"))
    for summary in take(tree, "incidentSummary"):
        if isinstance(summary, dict):
            _summary(draft, summary)
    for details in take(tree, "internetDetails"):
        if isinstance(details, dict):
            draft.incidents.extend(_incidents(details))
    _law_enforcement(draft, tree.get("lawEnforcement", []))
    for name, role in _PARTIES:
        for branch in take(tree, name):
            _party(draft, branch if isinstance(branch, dict) else {"#": branch}, role)
    for branch in take(tree, "reporter"):
        _reporter(draft, branch if isinstance(branch, dict) else {"#": branch})
    draft.texts.extend(("additionalInfo", text) for v in take(tree, "additionalInfo") if (text := text_of(v)))
    if any("age_discrepancy" in party.flags for party in draft.parties):
        draft.annotations.append("age_discrepancy")
        draft.flags.append("newer_than_schema")
    draft.details.update(tree)
    return draft


def _law_enforcement(draft: ReportDraft, branches: list[Any]) -> None:
    """Read and left where it stands: which of the two processes was served is a detail that somebody may need."""
    for law in branches:
        if isinstance(law, dict):
            draft.told_police = said_of(law, "reportedToLe")
            served = {
                said_of(law, "servedLegalProcessDomestic"),
                said_of(law, "servedLegalProcessInternational"),
            }
            draft.legal_process = next((s for s in (Said.YES, Said.NO) if s in served), Said.NOT_SAID)


def read_file(tree: Tree) -> ContentDraft:
    """A `fileDetails` document's tree (consumed) as a content item."""
    content = ContentDraft()
    drop_schema_attributes(tree)
    content.file_id = take_file_id(tree, "fileId")
    take_text(tree, "reportId")  # it is the report's number
    for value in take(tree, "originalFileHash"):
        _hash(content, value)
    for name in ("originalFileName", "fileName"):
        content.names.extend(text for v in take(tree, name) if (text := text_of(v)))
    content.uploaded_at = take_text(tree, "uploadedToEspTimestamp")
    content.viewed = take_said(tree, "fileViewedByEsp")
    content.public = take_said(tree, "publiclyAvailable")
    content.relevance = take_word(tree, "fileRelevance", RELEVANCE)
    content.classification = take_word(tree, "industryClassification", CLASSES)
    content.annotations = take_flags(tree, "fileAnnotations", FILE_ANNOTATIONS)
    if said_of(tree, "potentialMeme") is Said.YES and "potential_meme" not in content.annotations:
        content.annotations.append("potential_meme")
    for value in take(tree, "locationOfFile"):
        _add(content.identifiers, "url", text_of(value))
    content.identifiers.extend(_devices(take(tree, "deviceId"), "", content.details))
    content.identifiers.extend(_ip_events(take(tree, "ipCaptureEvent"), content.details))
    content.texts.extend(
        ("additionalInfo", text) for v in take(tree, "additionalInfo") if (text := text_of(v))
    )
    content.exif = has_exif(tree)
    content.details.update(tree)
    return content


def take_file_id(tree: Tree, name: str) -> str:
    """A file's id, where it looks like one: it stands unsealed."""
    values = tree.get(name)
    return take_text(tree, name) if values and _FILE_ID.fullmatch(text_of(values[0])) else ""


def _summary(draft: ReportDraft, summary: Tree) -> None:
    kind = take_text(summary, "incidentType")
    draft.incident_type = INCIDENT_TYPES.get(kind, "other" if kind else "not_said")
    if draft.incident_type == "other":
        draft.flags.append("incident_type_unknown")
        draft.texts.append(("incidentType", kind))
    draft.platform = take_text(summary, "platform")
    draft.incident_at = take_text(summary, "incidentDateTime")
    if summary.get("escalateToHighPriority") and said_of(summary, "escalateToHighPriority") is not Said.NO:
        # An empty element asks for haste too; only its reason is missing.
        draft.escalation = take_text(summary, "escalateToHighPriority") or "yes"
    if any(isinstance(b, dict) and NEWER & set(b) for b in summary.get("reportAnnotations", [])):
        draft.flags.append("newer_than_schema")
    draft.annotations.extend(take_flags(summary, "reportAnnotations", REPORT_ANNOTATIONS))
    for value in take(summary, "incidentDateTimeDescription"):
        draft.texts.append(("incidentDateTimeDescription", text_of(value)))
    if summary:
        draft.details.setdefault("incidentSummary", []).append(summary)


def _incidents(details: Tree) -> list[IncidentDraft]:
    found = []
    for kind, branches in details.items():
        for value in branches:
            incident = IncidentDraft(channel=CHANNELS.get(kind, ""))
            branch = value if isinstance(value, dict) else {"#": value}
            for name in ("content", "additionalInfo", "fileNames"):
                incident.texts.extend((name, text) for v in take(branch, name) if (text := text_of(v)))
            for url in take(branch, "url"):
                _add(incident.identifiers, "url", text_of(url))
            for email in take(branch, "emailAddress"):
                _verified(incident.identifiers, "email", email, incident.details)
            for phone in take(branch, "phoneNumber"):
                _verified(incident.identifiers, "phone", phone, incident.details)
            incident.identifiers.extend(_ip_events(take(branch, "ipCaptureEvent"), incident.details))
            incident.places.extend(
                PlaceDraft("incident", text=text_of(v)) for v in take(branch, "locationName")
            )
            incident.places.extend(
                _address(v, "incident", incident.details) for v in take(branch, "incidentAddress")
            )
            incident.details.update(branch)
            found.append(incident)
    return found


def _party(draft: ReportDraft, branch: Tree, role: PartyRole) -> None:
    party = PartyDraft(role)
    index = len(draft.parties)
    draft.parties.append(party)
    for name in ("personOrUserReportedPerson", "intendedRecipientPerson", "victimPerson"):
        for person in take(branch, name):
            if isinstance(person, dict):
                _person(party, person)
                if person:
                    party.details.setdefault(name, []).append(person)
    associated = take(branch, "associatedAccount")
    _account(party, branch)
    party.school = [text for v in take(branch, "schoolName") if (text := text_of(v))]
    for vehicle in take(branch, "vehicleDescription"):
        _add(party.identifiers, "vehicle", text_of(vehicle))
    for value in branch.get("estimatedLocation", []):
        if isinstance(value, dict):
            party.places.append(_location(value))
    party.details.update(branch)
    for value in associated:
        _associated(draft, value if isinstance(value, dict) else {"#": value}, index)


def _associated(draft: ReportDraft, branch: Tree, of_party: int) -> None:
    party = PartyDraft(PartyRole.ASSOCIATED, of_party=of_party)
    kind = str(branch.get("@type") or branch.get("@accountType") or "")
    party.flags["kind"] = kind.lower().replace("/", "_") or "not_said"
    platform = text_of(branch["platform"][0]) if branch.get("platform") else ""
    _person(party, branch)
    _account(party, branch, platform)
    party.details.update(branch)
    draft.parties.append(party)


def _reporter(draft: ReportDraft, branch: Tree) -> None:
    for name in ("reportingPerson", "contactPerson"):
        for person in take(branch, name):
            if isinstance(person, dict):
                party = PartyDraft(_REPORTER)
                party.flags["kind"] = name
                _person(party, person)
                party.details.update(person)
                draft.parties.append(party)
    if not any(i.type == "email" for p in draft.parties if p.role is _REPORTER for i in p.identifiers):
        draft.flags.append("no_reporter_email")
    if branch:
        draft.details.setdefault("reporter", []).append(branch)


def _person(party: PartyDraft, person: Tree) -> None:
    for name in ("firstName", "middleName", "lastName"):
        party.names.extend(text for v in take(person, name) if (text := text_of(v)))
    take_age(party, person, "age")
    take_age(party, person, "approximateAge")
    take_birth(party, person)
    if person.get("ageAssertionDiscrepancy") and said_of(person, "ageAssertionDiscrepancy") is not _NO:
        party.flags["age_discrepancy"] = str(_YES)
    for phone in take(person, "phone"):
        _verified(party.identifiers, "phone", phone, party.details)
    for email in take(person, "email"):
        _verified(party.identifiers, "email", email, party.details)
    party.places.extend(_address(v, "address", party.details) for v in take(person, "address"))


def _account(party: PartyDraft, branch: Tree, platform: str = "") -> None:
    service = text_of(branch["espService"][0]) if branch.get("espService") else ""
    platform = platform or service
    for value in take(branch, "espIdentifier"):
        _add(party.identifiers, "platform_account", text_of(value), platform)
    for value in take(branch, "screenName"):
        _add(party.identifiers, "handle", text_of(value), platform)
    for value in take(branch, "profileUrl"):
        _add(party.identifiers, "url", text_of(value), platform)
    for name in ("displayName", "profileBio", "additionalInfo"):
        party.texts.extend((name, text) for v in take(branch, name) if (text := text_of(v)))
    party.identifiers.extend(_ip_events(take(branch, "ipCaptureEvent"), party.details))
    party.identifiers.extend(_devices(take(branch, "deviceId"), platform, party.details))
    for name in ("priorCTReports", "priorCTReport"):
        for value in take(branch, name):
            party.prior_reports += 1
            _add(party.identifiers, "ct_report", text_of(value))
    for value in take(branch, "groupIdentifier"):
        _add(party.identifiers, "group_id", text_of(value), platform)
    for name, flag in (("compromisedAccount", "compromised"), ("thirdPartyUserReported", "third_party")):
        state = take_said(branch, name)
        if state is not _NOT_SAID:
            party.flags[flag] = str(state)
    read_closings(party, branch)


def _add(identifiers: list[IdentifierDraft], kind: str, raw: str, platform: str = "") -> None:
    if raw:
        identifiers.append(IdentifierDraft(kind, raw, platform))


def _verified(identifiers: list[IdentifierDraft], kind: str, value: Any, details: dict[str, Any]) -> None:
    raw = text_of(value)
    if isinstance(value, dict):
        rest = {k: v for k, v in value.items() if k != "#"}
        code = str(value.get("@countryCallingCode", ""))
        if raw and code and not raw.startswith(("+", "00")):
            rest["#"], raw = raw, f"{code}{raw.lstrip('0')}"
        if rest:
            details.setdefault(kind, []).append(rest)
    if raw:
        verified = yes_no(value.get("@verified")) if isinstance(value, dict) else _NOT_SAID
        identifiers.append(IdentifierDraft(kind, raw, verified=verified))


def _ip_events(values: list[Any], details: dict[str, Any]) -> list[IdentifierDraft]:
    found = []
    for value in values:
        if not isinstance(value, dict) or not (raw := take_text(value, "ipAddress")):
            if value:
                details.setdefault("ipCaptureEvent", []).append(value)
            continue
        at, port, event = take_text(value, "dateTime"), take_port(value), take_event(value)
        proxy = take_said(value, "possibleProxy")
        # By position, which the most frequent of all drafts is made quickest by.
        found.append(IdentifierDraft("ip", raw, "", at, port, event, _NOT_SAID, proxy, True))
        if value:
            details.setdefault("ipCaptureEvent", []).append({"of": raw, **value})
    return found


def _devices(values: list[Any], platform: str, details: dict[str, Any]) -> list[IdentifierDraft]:
    found = []
    for value in values:
        if not isinstance(value, dict) or not (raw := take_text(value, "idValue")):
            if value:
                details.setdefault("deviceId", []).append(value)
            continue
        kind = take_text(value, "idType")
        at, event = take_text(value, "dateTime"), take_event(value)
        named = f"{kind}:{raw}" if kind else raw
        found.append(IdentifierDraft("device", named, platform, at, None, event, captured=True))
        if value:
            details.setdefault("deviceId", []).append({"of": raw, **value})
    return found


def _address(value: Any, role: str, details: dict[str, Any]) -> PlaceDraft:
    if not isinstance(value, dict):
        return PlaceDraft(role, text=text_of(value))
    parts = [text_of(v) for name in value for v in (value[name] if isinstance(value[name], list) else [])]
    parts.append(str(value.get("#", "")))
    city = text_of(value["city"][0]) if value.get("city") else ""
    country = text_of(value["country"][0]) if value.get("country") else ""
    if "@type" in value:
        details.setdefault("address", []).append(value["@type"])
    text = ", ".join(p for p in parts if p)
    return PlaceDraft(role, text=text, district=city, country=country_of(country))


def _location(value: Tree) -> PlaceDraft:
    def one(name: str) -> str:
        return text_of(value[name][0]) if value.get(name) else ""

    return PlaceDraft(
        "estimated",
        text=", ".join(filter(None, (one("city"), one("region")))),
        district=one("city"),
        country=country_of(one("countryCode")),
        verified=yes_no(value.get("@verified")),
    )


def _hash(content: ContentDraft, value: Any) -> None:
    text = text_of(value)
    kind = str(value.get("@hashType", "")) if isinstance(value, dict) else ""
    field = HASH_FIELDS.get("".join(c for c in kind.lower() if c.isalnum()))
    if field is None or not text or getattr(content, field):
        content.details.setdefault("originalFileHash", []).append({"hashType": kind, "value": text})
    else:
        setattr(content, field, text)


def number_in(tree: Tree) -> str:
    """The report number that a fileDetails names."""
    values = tree.get("reportId")
    return text_of(values[0]) if values else ""
