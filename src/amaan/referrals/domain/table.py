"""A row of a table, read with a mapping file, as a draft."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

from amaan.formats.reading import Tree
from amaan.referrals.domain.cybertipline import HASH_FIELDS
from amaan.referrals.domain.le_json import relationship, yes_no
from amaan.reports.domain.drafts import (
    ContentDraft,
    IdentifierDraft,
    IncidentDraft,
    PartyDraft,
    PartyRole,
    PlaceDraft,
    ReportDraft,
    Source,
)

INCIDENT_TYPES = frozenset(
    {
        *("csam", "sex_trafficking", "sex_tourism", "molestation", "misleading_domain", "misleading_words"),
        *("enticement", "obscene_to_child"),
    }
)
_IDENTIFIERS = {
    "phone": "phone",
    "email": "email",
    "handle": "handle",
    "account": "platform_account",
    "profile": "url",
    "device": "device",
    "bank": "bank",
    "wallet": "mobile_wallet",
    "crypto": "crypto",
    "cnic": "cnic",
    "vehicle": "vehicle",
}


def read_report(tree: Tree, *, entity: str, number: str) -> ReportDraft:
    draft = ReportDraft(Source.CSV, entity, number)
    kind = _one(tree, "incident.type")
    draft.incident_type = kind if kind in INCIDENT_TYPES else ("other" if kind else "not_said")
    if draft.incident_type == "other":
        draft.flags.append("incident_type_unknown")
        draft.texts.append(("incident.type", kind))
    draft.incident_at = _one(tree, "incident.at")
    draft.escalation = _one(tree, "incident.escalation")
    draft.annotations = tree.get("incident.annotation", [])
    incident = IncidentDraft(channel=_one(tree, "incident.channel"))
    incident.identifiers = [IdentifierDraft("url", url) for url in tree.get("incident.url", [])]
    incident.texts = [("text", text) for text in tree.get("incident.text", [])]
    if _one(tree, "incident.district") or _one(tree, "incident.venue"):
        incident.places.append(
            PlaceDraft(
                "incident", text=_one(tree, "incident.venue"), district=_one(tree, "incident.district")
            )
        )
    draft.incidents.append(incident)
    for role in (PartyRole.REPORTED, PartyRole.RECIPIENT, PartyRole.VICTIM, PartyRole.REPORTER):
        party = _party(tree, role)
        if party:
            draft.parties.append(party)
    content = _content(tree)
    if content:
        draft.contents.append(content)
    return draft


def _one(tree: Tree, name: str) -> str:
    values = tree.get(name)
    return str(values[0]) if values else ""


def _party(tree: Tree, role: PartyRole) -> PartyDraft | None:
    said = {name.split(".", 1)[1]: values for name, values in tree.items() if name.startswith(f"{role}.")}
    if not said:
        return None
    party = PartyDraft(role, names=said.get("name", []), school=said.get("school", []))
    age = _one(said, "age")
    if age.isdigit() and int(age[:4]) <= 150:
        party.age = int(age)
    elif age:
        party.details["age"] = age
    birth = _one(said, "birth")
    if birth:
        with suppress(ValueError):
            party.birth = date.fromisoformat(birth[:10])
        if party.birth is None:
            party.details["birth"] = birth
    sex = _one(said, "sex").lower()
    party.sex = {"m": "male", "f": "female", "boy": "male", "girl": "female"}.get(sex, sex)
    if party.sex not in {"male", "female", "other"}:
        party.sex = "not_said"
    stands = _one(said, "relationship")
    party.relationship = relationship(stands)
    if stands:
        party.details["relationship"] = stands
    platform = _one(said, "platform")
    for name, kind in _IDENTIFIERS.items():
        place = platform if kind in {"handle", "platform_account", "device"} else ""
        party.identifiers.extend(IdentifierDraft(kind, raw, place) for raw in said.get(name, []))
    port = _one(said, "ip_port")
    for raw in said.get("ip", []):
        party.identifiers.append(
            IdentifierDraft("ip", raw, at=_one(said, "ip_at"), port=int(port) if port.isdigit() else None)
        )
    if said.get("address") or said.get("district"):
        party.places.append(
            PlaceDraft("address", text=_one(said, "address"), district=_one(said, "district"))
        )
    party.texts = [("note", text) for text in said.get("note", [])]
    return party


def _content(tree: Tree) -> ContentDraft | None:
    said = {name.split(".", 1)[1]: values for name, values in tree.items() if name.startswith("content.")}
    if not said:
        return None
    content = ContentDraft(names=said.get("name", []))
    for name in ("md5", "sha1", "sha256", "pdq"):
        setattr(content, HASH_FIELDS[name], _one(said, name))
    content.viewed = yes_no(_one(said, "viewed"))
    content.classification = _one(said, "classification")
    content.annotations = said.get("annotation", [])
    content.uploaded_at = _one(said, "uploaded_at")
    content.identifiers = [IdentifierDraft("url", url) for url in said.get("url", [])]
    return content
