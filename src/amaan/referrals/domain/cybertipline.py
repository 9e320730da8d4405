"""CyberTipline documents to drafts. `formats` knows the wire; here its words become ours.

Whatever a branch holds beyond the fields that have a place of their own goes to its `details` (sealed): nothing
that was understood is dropped.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from amaan.formats.cybertipline.shapes import INCIDENT_TYPES
from amaan.formats.reading import Tree, text_of
from amaan.referrals.domain.branches import flags_of, said, take, take_said, take_text
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
NEWER = frozenset({"informational", "potentialAggravatingFactors", "instrumentalUse"})


def read_report(tree: Tree, *, entity: str, number: str) -> ReportDraft:
    """A `report` document's tree (consumed) as a draft, without its files."""
    draft = ReportDraft(Source.CYBERTIPLINE_XML, entity, number)
    _drop_schema_attributes(tree)
    draft.batched = bool(tree.get("batchedReport"))
    for summary in take(tree, "incidentSummary"):
        if isinstance(summary, dict):
            _summary(draft, summary)
    for details in take(tree, "internetDetails"):
        if isinstance(details, dict):
            draft.incidents.extend(_incidents(details))
    for law in tree.get("lawEnforcement", []):
        if isinstance(law, dict):
            draft.told_police = take_said(law, "reportedToLe")
            domestic = take_said(law, "servedLegalProcessDomestic")
            international = take_said(law, "servedLegalProcessInternational")
            if Said.YES in (domestic, international):
                draft.legal_process = Said.YES
            elif Said.NO in (domestic, international):
                draft.legal_process = Said.NO
    for name, role in (
        ("personOrUserReported", PartyRole.REPORTED),
        ("intendedRecipient", PartyRole.RECIPIENT),
        ("victim", PartyRole.VICTIM),
    ):
        for branch in take(tree, name):
            _party(draft, branch if isinstance(branch, dict) else {"#": branch}, role)
    for branch in take(tree, "reporter"):
        _reporter(draft, branch if isinstance(branch, dict) else {"#": branch})
    draft.texts.extend(("additionalInfo", text_of(v)) for v in take(tree, "additionalInfo"))
    draft.details = tree
    return draft


def read_file(tree: Tree) -> ContentDraft:
    """A `fileDetails` document's tree (consumed) as a content item."""
    content = ContentDraft()
    _drop_schema_attributes(tree)
    content.file_id = take_text(tree, "fileId")
    take(tree, "reportId")
    for value in take(tree, "originalFileHash"):
        _hash(content, value)
    for name in ("originalFileName", "fileName"):
        content.names.extend(text for v in take(tree, name) if (text := text_of(v)))
    content.uploaded_at = take_text(tree, "uploadedToEspTimestamp")
    content.viewed = take_said(tree, "fileViewedByEsp")
    content.public = take_said(tree, "publiclyAvailable")
    content.relevance = take_text(tree, "fileRelevance")
    content.classification = take_text(tree, "industryClassification")
    content.annotations = flags_of(take(tree, "fileAnnotations"), FILE_ANNOTATIONS)
    if take_said(tree, "potentialMeme") is Said.YES and "potential_meme" not in content.annotations:
        content.annotations.append("potential_meme")
    for value in take(tree, "locationOfFile"):
        _add(content.identifiers, "url", text_of(value))
    content.identifiers.extend(_devices(take(tree, "deviceId"), ""))
    content.identifiers.extend(_ip_events(take(tree, "ipCaptureEvent")))
    content.texts.extend(("additionalInfo", text_of(v)) for v in take(tree, "additionalInfo"))
    content.details = tree
    return content


def _drop_schema_attributes(tree: Tree) -> None:
    for name in [n for n in tree if n.startswith("@{")]:
        del tree[name]  # where the sender's copy of the schema lies; nothing about the report


def _summary(draft: ReportDraft, summary: Tree) -> None:
    kind = take_text(summary, "incidentType")
    draft.incident_type = INCIDENT_TYPES.get(kind, "other" if kind else "not_said")
    if draft.incident_type == "other":
        draft.flags.append("incident_type_unknown")
        draft.texts.append(("incidentType", kind))
    draft.platform = take_text(summary, "platform")
    draft.incident_at = take_text(summary, "incidentDateTime")
    draft.escalation = take_text(summary, "escalateToHighPriority")
    annotations = take(summary, "reportAnnotations")
    draft.annotations.extend(flags_of(annotations, REPORT_ANNOTATIONS))
    if any(isinstance(b, dict) and NEWER & set(b) for b in annotations):
        draft.flags.append("newer_than_schema")
    for value in take(summary, "incidentDateTimeDescription"):
        draft.texts.append(("incidentDateTimeDescription", text_of(value)))
    if summary:
        draft.details["incidentSummary"] = summary


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
            incident.identifiers.extend(_ip_events(take(branch, "ipCaptureEvent")))
            incident.places.extend(
                PlaceDraft("incident", text=text_of(v)) for v in take(branch, "locationName")
            )
            incident.places.extend(_address(v, "incident") for v in take(branch, "incidentAddress"))
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
    party.school = [text_of(v) for v in take(branch, "schoolName")]
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
                party = PartyDraft(PartyRole.REPORTER)
                party.flags["kind"] = name
                _person(party, person)
                party.details.update(person)
                draft.parties.append(party)
    if not any(
        i.type == "email" for p in draft.parties if p.role is PartyRole.REPORTER for i in p.identifiers
    ):
        draft.flags.append("no_reporter_email")
    if branch:
        draft.details["reporter"] = branch


def _person(party: PartyDraft, person: Tree) -> None:
    for name in ("firstName", "middleName", "lastName"):
        party.names.extend(text for v in take(person, name) if (text := text_of(v)))
    for name in ("age", "approximateAge"):
        text = take_text(person, name)
        if text:
            if text.isascii() and text.isdigit() and int(text[:4]) <= 150:
                party.age = int(text)
            else:
                party.details[name] = text
    text = take_text(person, "dateOfBirth")
    if text:
        try:
            party.birth = date.fromisoformat(text[:10])
        except ValueError:
            party.details["dateOfBirth"] = text
    for phone in take(person, "phone"):
        _verified(party.identifiers, "phone", phone, party.details)
    for email in take(person, "email"):
        _verified(party.identifiers, "email", email, party.details)
    party.places.extend(_address(v, "address") for v in take(person, "address"))


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
    party.identifiers.extend(_ip_events(take(branch, "ipCaptureEvent")))
    party.identifiers.extend(_devices(take(branch, "deviceId"), platform))
    for name in ("priorCTReports", "priorCTReport"):
        for value in take(branch, name):
            party.prior_reports += 1
            _add(party.identifiers, "ct_report", text_of(value))
    for value in take(branch, "groupIdentifier"):
        _add(party.identifiers, "group_id", text_of(value), platform)
    for name, flag in (("compromisedAccount", "compromised"), ("thirdPartyUserReported", "third_party")):
        state = take_said(branch, name)
        if state is not Said.NOT_SAID:
            party.flags[flag] = str(state)


def _add(identifiers: list[IdentifierDraft], kind: str, raw: str, platform: str = "") -> None:
    if raw:
        identifiers.append(IdentifierDraft(kind, raw, platform))


def _verified(identifiers: list[IdentifierDraft], kind: str, value: Any, details: dict[str, Any]) -> None:
    raw = text_of(value)
    if not raw:
        return
    draft = IdentifierDraft(kind, raw)
    if isinstance(value, dict):
        draft.verified = said(value.get("@verified"))
        code = value.get("@countryCallingCode", "")
        if code and not raw.startswith(("+", "00")):
            draft.raw = f"{code}{raw.lstrip('0')}"
        rest = {k: v for k, v in value.items() if k != "#"}
        if rest:
            details.setdefault(kind, []).append(rest)
    identifiers.append(draft)


def _ip_events(values: list[Any]) -> list[IdentifierDraft]:
    found = []
    for value in values:
        if not isinstance(value, dict):
            continue
        port = take_text(value, "port")
        found.append(
            IdentifierDraft(
                "ip",
                take_text(value, "ipAddress"),
                at=take_text(value, "dateTime"),
                port=int(port) if port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65536 else None,
                event=take_text(value, "eventName").lower()[:16],
                proxy=take_said(value, "possibleProxy"),
            )
        )
    return [draft for draft in found if draft.raw]


def _devices(values: list[Any], platform: str) -> list[IdentifierDraft]:
    found = []
    for value in values:
        if isinstance(value, dict) and (raw := take_text(value, "idValue")):
            kind = take_text(value, "idType")
            found.append(
                IdentifierDraft(
                    "device",
                    f"{kind}:{raw}" if kind else raw,
                    platform,
                    at=take_text(value, "dateTime"),
                    event=take_text(value, "eventName").lower()[:16],
                )
            )
    return found


def _address(value: Any, role: str) -> PlaceDraft:
    if not isinstance(value, dict):
        return PlaceDraft(role, text=text_of(value))
    parts = [text_of(v) for name in value for v in (value[name] if isinstance(value[name], list) else [])]
    city = text_of(value["city"][0]) if value.get("city") else ""
    country = text_of(value["country"][0]) if value.get("country") else ""
    return PlaceDraft(role, text=", ".join(p for p in parts if p), district=city, country=country)


def _location(value: Tree) -> PlaceDraft:
    def one(name: str) -> str:
        return text_of(value[name][0]) if value.get(name) else ""

    return PlaceDraft(
        "estimated",
        text=", ".join(filter(None, (one("city"), one("region")))),
        district=one("city"),
        country=one("countryCode"),
        verified=said(value.get("@verified")),
    )


def _hash(content: ContentDraft, value: Any) -> None:
    text = text_of(value)
    kind = str(value.get("@hashType", "")) if isinstance(value, dict) else ""
    field = HASH_FIELDS.get("".join(c for c in kind.lower() if c.isalnum()))
    if field is None or getattr(content, field):
        content.details.setdefault("originalFileHash", []).append({"hashType": kind, "value": text})
    else:
        setattr(content, field, text)


def number_in(tree: Tree) -> str:
    """The report number that a fileDetails names."""
    values = tree.get("reportId")
    return text_of(values[0]) if values else ""
