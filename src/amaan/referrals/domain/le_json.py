"""The JSON that law enforcement receives, as drafts. It carries fields that the platforms' XML does not."""

from __future__ import annotations

from typing import Any

from amaan.formats.cybertipline.le_json import INCIDENT_KINDS
from amaan.formats.cybertipline.shapes import INCIDENT_TYPES
from amaan.formats.reading import Tree, text_of
from amaan.referrals.domain.branches import (
    country_of,
    said_of,
    take,
    take_age,
    take_birth,
    take_event,
    take_port,
    take_said,
    take_text,
)
from amaan.referrals.domain.cybertipline import take_file_id
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

_RELATIONSHIPS = (
    ("parent", ("parent", "father", "mother", "stepfather", "stepmother", "guardian")),
    ("relative", ("uncle", "aunt", "cousin", "brother", "sister", "grand", "relative", "family")),
    ("teacher", ("teacher", "tutor", "coach", "instructor", "qari", "imam", "madras")),
    ("carer", ("carer", "babysitter", "nanny", "nurse", "driver")),
    ("acquaintance", ("neighbo", "friend", "acquaintance", "employer", "shopkeeper")),
    ("online", ("online", "internet", "game")),
    ("stranger", ("stranger", "unknown person")),
)
_NONE = frozenset({"", "no", "none", "unknown", "n/a", "not known", "false"})
_IN_THEIR_WORDS = {v.lower(): code for v, code in INCIDENT_TYPES.items()}


def relationship(text: str) -> str:
    """Our word for how somebody stands to the child, from theirs."""
    folded = text.casefold().strip()
    if not folded or folded in {"unknown", "none", "n/a"}:
        return "not_said"
    return next((code for code, words in _RELATIONSHIPS if any(w in folded for w in words)), "other")


def entity_in(tree: Tree) -> str:
    """The platform that reported, as the document names it."""
    for information in tree.get("reportedInformation", []):
        for esp in information.get("reportingEsp", []):
            if isinstance(esp, dict) and esp.get("espName"):
                return text_of(esp["espName"][0])
    return ""


def number_in(tree: Tree) -> str:
    values = tree.get("reportId")
    return text_of(values[0]) if values else ""


def read_report(tree: Tree, *, entity: str, number: str) -> ReportDraft:
    """A report's tree (consumed) as a draft with its files."""
    draft = ReportDraft(Source.LE_JSON, entity, number)
    for information in take(tree, "reportedInformation"):
        if isinstance(information, dict):
            _information(draft, information)
            if information:
                draft.details.setdefault("reportedInformation", []).append(information)
    take_text(tree, "reportId")  # it is the report's number
    draft.details.update(tree)
    return draft


def _information(draft: ReportDraft, information: Tree) -> None:
    for summary in _objects(take(information, "incidentSummary")):
        _summary(draft, summary)
        if summary:
            draft.details.setdefault("incidentSummary", []).append(summary)
    draft.texts.extend(
        ("additionalInformations", t) for t in _values(take(information, "additionalInformations"))
    )
    for details in _objects(take(information, "incidentDetails")):
        draft.incidents.extend(_incidents(details))
    for outer, inner, role in (
        ("reportedPeople", "reportedPersons", PartyRole.REPORTED),
        ("intendedRecipients", "intendedRecipients", PartyRole.RECIPIENT),
        ("victims", "victims", PartyRole.VICTIM),
    ):
        for holder in _objects(take(information, outer)):
            draft.parties.extend(_person(person, role) for person in _objects(take(holder, inner)))
    for holder in _objects(take(information, "uploadedFiles")):
        draft.contents.extend(_file(file) for file in _objects(take(holder, "uploadedFiles")))
    for esp in _objects(take(information, "reportingEsp")):
        if text_of(next(iter(esp.get("espName", [""])), "")) == draft.entity:
            take_text(esp, "espName")
        draft.parties.append(_person(esp, PartyRole.REPORTER))


def _objects(values: list[Any]) -> list[Tree]:
    return [value for value in values if isinstance(value, dict)]


def _summary(draft: ReportDraft, summary: Tree) -> None:
    kind = take_text(summary, "incidentType")
    draft.incident_type = _IN_THEIR_WORDS.get(kind.lower().strip(), "other" if kind else "not_said")
    if draft.incident_type == "other":
        draft.flags.append("incident_type_unknown")
        draft.texts.append(("incidentType", kind))
    draft.incident_at = take_text(summary, "incidentDateTime")
    draft.texts.extend(
        ("incidentDateTimeDescription", text_of(v)) for v in take(summary, "incidentDateTimeDescription")
    )


def _values(branches: list[Any]) -> list[str]:
    return [text for b in branches if isinstance(b, dict) for v in take(b, "value") if (text := text_of(v))]


def _incidents(details: Tree) -> list[IncidentDraft]:
    found = []
    for kind, branches in details.items():
        for branch in branches:
            if not isinstance(branch, dict):
                continue
            incident = IncidentDraft(channel=INCIDENT_KINDS.get(kind, ""))
            for name in ("contents", "additionalInformations"):
                incident.texts.extend((name, text) for text in _values(take(branch, name)))
            for url in take(branch, "url"):
                incident.identifiers.append(IdentifierDraft("url", text_of(url)))
            for email in _values(take(branch, "emailAddresses")):
                incident.identifiers.append(IdentifierDraft("email", email))
            incident.identifiers.extend(_captures(take(branch, "sourceInformation"), incident.details))
            incident.identifiers = [i for i in incident.identifiers if i.raw]
            incident.details.update(branch)
            found.append(incident)
    return found


_CAPTURE_TYPES = {
    "ip address": "ip",
    "profile url": "url",
    "url": "url",
    "email": "email",
    "email address": "email",
    "phone": "phone",
    "phone number": "phone",
    "device id": "device",
}


def _captures(branches: list[Any], details: dict[str, Any]) -> list[IdentifierDraft]:
    found = []
    for capture in [c for b in _objects(branches) for c in _objects(b.get("sourceCaptures", []))]:
        kind = _CAPTURE_TYPES.get(text_of(next(iter(capture.get("captureType", [])), "")).lower(), "other")
        raw = take_text(capture, "value")
        if raw:
            if kind != "other":
                take_text(capture, "captureType")
            at, port = take_text(capture, "dateTime"), take_port(capture)
            draft = IdentifierDraft(kind, raw, at=at, port=port, captured=True)
            draft.event, draft.proxy = take_event(capture), take_said(capture, "possibleProxy")
            found.append(draft)
        if capture:
            details.setdefault("sourceCaptures", []).append({"of": raw, **capture} if raw else capture)
    return found


_SEXES = {"m": "male", "f": "female", "male": "male", "female": "female", "other": "other"}


def sex_of(text: str) -> str:
    return {**_SEXES, "boy": "male", "girl": "female"}.get(text.lower(), "not_said")


def _person(person: Tree, role: PartyRole) -> PartyDraft:
    party = PartyDraft(role)
    for name in ("firstName", "middleName", "lastName", "preferredName"):
        party.names.extend(text for v in take(person, name) if (text := text_of(v)))
    party.sex = sex_of(text_of(next(iter(person.get("gender", [])), "")))
    if party.sex != "not_said":
        take_text(person, "gender")
    take_age(party, person, "approximateAge")
    take_birth(party, person)
    party.school = [t for v in take(person, "schoolName") if (t := text_of(v))]
    platform = text_of(person["espService"][0]) if person.get("espService") else ""
    for name, kind in (
        ("espUserId", "platform_account"),
        ("ipAddress", "ip"),
        ("vehicleTagNumber", "vehicle"),
    ):
        party.identifiers.extend(
            IdentifierDraft(kind, raw, "" if kind == "ip" else platform)
            for v in take(person, name)
            if (raw := text_of(v))
        )
    party.identifiers.extend(
        IdentifierDraft("handle", t, platform) for t in _values(take(person, "screenName"))
    )
    party.texts.extend(("displayName", t) for t in _values(take(person, "displayName")))
    _contacts(party, person)
    party.identifiers.extend(_captures(take(person, "sourceInformation"), party.details))
    party.texts.extend(("additionalInformations", t) for t in _values(take(person, "additionalInformations")))
    _standing(party, person)
    party.details.update(person)
    return party


def _contacts(party: PartyDraft, person: Tree) -> None:
    for outer, kind in (("emails", "email"), ("phones", "phone")):
        for holder in take(person, outer):
            for one in take(holder, outer) if isinstance(holder, dict) else []:
                if not isinstance(one, dict):
                    continue
                if raw := take_text(one, "value"):
                    state = take_said(one, "verified")
                    party.identifiers.append(IdentifierDraft(kind, raw, verified=state))
                if one:
                    party.details.setdefault(outer, []).append({"of": raw, **one})
    for holder in take(person, "addresses"):
        for one in take(holder, "addresses") if isinstance(holder, dict) else []:
            if isinstance(one, dict):
                parts = [text_of(v) for values in one.values() if isinstance(values, list) for v in values]
                city = text_of(one["city"][0]) if one.get("city") else ""
                country = text_of(one["country"][0]) if one.get("country") else ""
                text = ", ".join(p for p in parts if p)
                party.places.append(
                    PlaceDraft("address", text=text, district=city, country=country_of(country))
                )


def _standing(party: PartyDraft, person: Tree) -> None:
    for name, flag in (
        ("accessToChildren", "access_to_children"),
        ("accessToChildVictim", "access_to_victim"),
        ("convictedSexOffender", "convicted"),
        ("accessToFirearms", "firearms"),
        ("compromisedAccount", "compromised"),
    ):
        state = take_said(person, name)
        if state is not Said.NOT_SAID:
            party.flags[flag] = str(state)
    for name, flag in (("gangAffiliation", "gang"), ("awareOfReport", "aware")):
        if name in person and (state := said_of(person, name)) is not Said.NOT_SAID:
            party.flags[flag] = str(state)
    if any(text_of(one).casefold().strip() not in _NONE for one in person.get("disabilities", [])):
        party.flags["disability"] = str(Said.YES)
    occupation = take_text(person, "occupation")
    if occupation:
        party.flags["occupation"] = occupation
    stands = take_text(person, "relationshipToChildVictim")
    party.relationship = relationship(stands)
    if stands:
        party.details["relationshipToChildVictim"] = stands


def _file(file: Tree) -> ContentDraft:
    content = ContentDraft()
    for name in ("originalFilename", "filename"):
        content.names.extend(text for v in take(file, name) if (text := text_of(v)))
    content.file_id = take_file_id(file, "submittalId")
    value = take_text(file, "verificationHash")
    field = {32: "md5", 40: "sha1", 64: "sha256"}.get(len(value))
    if field:
        setattr(content, field, value)
    elif value:
        content.details["verificationHash"] = value
    content.viewed = take_said(file, "viewedByEsp")
    for group in [g for tags in _objects(take(file, "ncmecTags")) for g in _objects(tags.get("groups", []))]:
        content.labels.extend(_values(take(group, "tags")))
        if group:
            content.details.setdefault("ncmecTags", []).append(group)
    content.identifiers.extend(_captures(take(file, "sourceInformation"), content.details))
    content.texts.extend(("additionalInformations", t) for t in _values(take(file, "additionalInformations")))
    content.details.update(file)
    return content
