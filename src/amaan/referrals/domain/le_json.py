"""The JSON that law enforcement receives, as drafts. It carries fields that the platforms' XML does not."""

from __future__ import annotations

from datetime import date
from typing import Any

from amaan.formats.cybertipline.le_json import INCIDENT_KINDS
from amaan.formats.cybertipline.shapes import INCIDENT_TYPES
from amaan.formats.reading import Tree, text_of
from amaan.referrals.domain.branches import said, take, take_text
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
                draft.details["reportedInformation"] = information
    take(tree, "reportId")
    draft.details.update(tree)
    return draft


def _information(draft: ReportDraft, information: Tree) -> None:
    for summary in _objects(take(information, "incidentSummary")):
        _summary(draft, summary)
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
        take(esp, "espName")
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
    "device id": "device",
}


def _captures(branches: list[Any], details: dict[str, Any]) -> list[IdentifierDraft]:
    found = []
    for branch in branches:
        for capture in branch.get("sourceCaptures", []) if isinstance(branch, dict) else []:
            if not isinstance(capture, dict):
                continue
            kind = take_text(capture, "captureType")
            raw = take_text(capture, "value")
            port = take_text(capture, "port")
            if not raw:
                details.setdefault("sourceCaptures", []).append({"captureType": kind, **capture})
                continue
            found.append(
                IdentifierDraft(
                    _CAPTURE_TYPES.get(kind.lower(), "other"),
                    raw,
                    at=take_text(capture, "dateTime"),
                    port=int(port)
                    if port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65536
                    else None,
                    event=take_text(capture, "eventName").lower()[:16],
                    proxy=said(take_text(capture, "possibleProxy"))
                    if capture.get("possibleProxy")
                    else Said.NOT_SAID,
                )
            )
    return found


_TRUE = frozenset({"true", "yes", "y", "1"})
_FALSE = frozenset({"false", "no", "n", "0"})


def yes_no(text: str) -> Said:
    """«true», «Yes», «N» …; anything else is not said, never no."""
    folded = text.strip().lower()
    if folded in _TRUE:
        return Said.YES
    return Said.NO if folded in _FALSE else Said.NOT_SAID


def _person(person: Tree, role: PartyRole) -> PartyDraft:
    party = PartyDraft(role)
    for name in ("firstName", "middleName", "lastName", "preferredName"):
        party.names.extend(text for v in take(person, name) if (text := text_of(v)))
    sex = take_text(person, "gender").lower()
    party.sex = (
        {"m": "male", "f": "female"}.get(sex, sex)
        if sex in {"male", "female", "other", "m", "f"}
        else "not_said"
    )
    _age(party, person)
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
    for outer, kind in (("emails", "email"), ("phones", "phone")):
        for holder in take(person, outer):
            for one in take(holder, outer) if isinstance(holder, dict) else []:
                if isinstance(one, dict) and (raw := take_text(one, "value")):
                    state = yes_no(take_text(one, "verified"))
                    party.identifiers.append(IdentifierDraft(kind, raw, verified=state))
                    if one:
                        party.details.setdefault(outer, []).append(one)
    for holder in take(person, "addresses"):
        for one in take(holder, "addresses") if isinstance(holder, dict) else []:
            if isinstance(one, dict):
                parts = [text_of(v) for values in one.values() if isinstance(values, list) for v in values]
                city = text_of(one["city"][0]) if one.get("city") else ""
                country = text_of(one["country"][0]) if one.get("country") else ""
                text = ", ".join(p for p in parts if p)
                party.places.append(
                    PlaceDraft("address", text=text, district=city, country=_country(country))
                )
    party.identifiers.extend(_captures(take(person, "sourceInformation"), party.details))
    party.texts.extend(("additionalInformations", t) for t in _values(take(person, "additionalInformations")))
    _standing(party, person)
    party.details.update(person)
    return party


def _country(text: str) -> str:
    return "PK" if text.casefold() in {"pakistan", "pk"} else (text if len(text) == 2 else "")


def _age(party: PartyDraft, person: Tree) -> None:
    text = take_text(person, "approximateAge")
    if text.isascii() and text.isdigit() and int(text[:4]) <= 150:
        party.age = int(text)
    elif text:
        party.details["approximateAge"] = text
    text = take_text(person, "dateOfBirth")
    if text:
        try:
            party.birth = date.fromisoformat(text[:10])
        except ValueError:
            party.details["dateOfBirth"] = text


def _standing(party: PartyDraft, person: Tree) -> None:
    for name, flag in (
        ("accessToChildren", "access_to_children"),
        ("accessToChildVictim", "access_to_victim"),
        ("convictedSexOffender", "convicted"),
        ("accessToFirearms", "firearms"),
        ("compromisedAccount", "compromised"),
    ):
        text = take_text(person, name)
        state = yes_no(text)
        if state is not Said.NOT_SAID:
            party.flags[flag] = str(state)
        elif text:
            party.details[name] = text
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
    content.file_id = take_text(file, "submittalId")
    value = take_text(file, "verificationHash")
    field = {32: "md5", 40: "sha1", 64: "sha256"}.get(len(value))
    if field:
        setattr(content, field, value)
    elif value:
        content.details["verificationHash"] = value
    content.viewed = yes_no(take_text(file, "viewedByEsp"))
    for tags in take(file, "ncmecTags"):
        for group in tags.get("groups", []) if isinstance(tags, dict) else []:
            if isinstance(group, dict):
                content.labels.extend(_values(take(group, "tags")))
    content.identifiers.extend(_captures(take(file, "sourceInformation"), content.details))
    content.texts.extend(("additionalInformations", t) for t in _values(take(file, "additionalInformations")))
    content.details.update(file)
    return content
