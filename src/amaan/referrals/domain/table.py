"""A row of a table, read with a mapping file, as a draft."""

from __future__ import annotations

from amaan.formats.reading import Tree
from amaan.referrals.domain.branches import (
    port_of,
    take,
    take_age,
    take_birth,
    take_said,
    take_text,
    take_word,
)
from amaan.referrals.domain.cybertipline import (
    CHANNELS,
    CLASSES,
    FILE_ANNOTATIONS,
    HASH_FIELDS,
    REPORT_ANNOTATIONS,
)
from amaan.referrals.domain.le_json import relationship, sex_of
from amaan.reports.domain.drafts import (
    ContentDraft,
    IdentifierDraft,
    IncidentDraft,
    PartyDraft,
    PartyRole,
    PlaceDraft,
    ReportDraft,
    Said,
    Setting,
    Source,
    Venue,
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


_CHANNELS = frozenset(CHANNELS.values())
_REPORT_WORDS = frozenset(REPORT_ANNOTATIONS.values())
_VENUES = frozenset(map(str, Venue)) - {""}
_SETTINGS = frozenset({"urban", "rural"})
_FILE_WORDS = frozenset(FILE_ANNOTATIONS.values())


def read_report(tree: Tree, *, entity: str, number: str) -> ReportDraft:
    """A row's tree (consumed) as a draft. A word that is none of ours is flagged and kept among the details."""
    draft = ReportDraft(Source.CSV, entity, number)
    take_text(tree, "entity")
    take_text(tree, "number")
    kind = take_text(tree, "incident.type")
    draft.incident_type = kind if kind in INCIDENT_TYPES else ("other" if kind else "not_said")
    if draft.incident_type == "other":
        draft.flags.append("incident_type_unknown")
        draft.texts.append(("incident.type", kind))
    draft.incident_at = take_text(tree, "incident.at")
    draft.escalation = take_text(tree, "incident.escalation")
    draft.annotations = _words(draft, tree, "incident.annotation", _REPORT_WORDS)
    incident = IncidentDraft(channel=take_word(tree, "incident.channel", _CHANNELS))
    incident.identifiers = [IdentifierDraft("url", url) for url in take(tree, "incident.url")]
    incident.texts = [("text", text) for text in take(tree, "incident.text")]
    venue = take_word(tree, "incident.venue_kind", _VENUES)
    incident.places.extend(_places(tree, "incident", "incident.venue", "incident.district", Venue(venue)))
    draft.incidents.append(incident)
    for role in (PartyRole.REPORTED, PartyRole.RECIPIENT, PartyRole.VICTIM, PartyRole.REPORTER):
        said = _under(tree, f"{role}.")
        if said:
            draft.parties.append(_party(said, role))
    said = _under(tree, "content.")
    if said:
        draft.contents.append(_content(draft, said))
    if "incident.channel" in tree:
        draft.flags.append("word_not_understood")
    draft.details = tree
    return draft


def _under(tree: Tree, prefix: str) -> Tree:
    return {name.removeprefix(prefix): take(tree, name) for name in list(tree) if name.startswith(prefix)}


def _words(draft: ReportDraft, tree: Tree, name: str, known: frozenset[str]) -> list[str]:
    values = take(tree, name)
    strange = [value for value in values if value not in known]
    if strange:
        draft.flags.append("word_not_understood")
        tree[name] = strange
    return [value for value in values if value in known]


def _places(
    said: Tree, role: str, text: str, district: str, venue: Venue = Venue.NOT_SAID
) -> list[PlaceDraft]:
    if not said.get(text) and not said.get(district) and not venue:
        return []
    written = ", ".join(take(said, text))
    return [PlaceDraft(role, text=written, district=take_text(said, district), venue=venue)]


def _party(said: Tree, role: PartyRole) -> PartyDraft:
    party = PartyDraft(role, names=take(said, "name"), school=take(said, "school"))
    take_age(party, said, "age")
    take_birth(party, said, "birth")
    party.sex = sex_of(next(iter(said.get("sex", [])), ""))
    if party.sex != "not_said":
        take_text(said, "sex")
    party.relationship = relationship(next(iter(said.get("relationship", [])), ""))
    platform = next(iter(said.get("platform", [])), "")
    for name, kind in _IDENTIFIERS.items():
        place = platform if kind in {"handle", "platform_account", "device"} else ""
        party.identifiers.extend(IdentifierDraft(kind, raw, place) for raw in take(said, name))
    at = next(iter(said.get("ip_at", [])), "")
    port = port_of(next(iter(said.get("ip_port", [])), ""))
    party.identifiers.extend(IdentifierDraft("ip", raw, at=at, port=port) for raw in take(said, "ip"))
    party.places.extend(_places(said, "address", "address", "district"))
    party.texts = [("note", text) for text in take(said, "note")]
    party.setting = Setting(take_word(said, "setting", _SETTINGS) or "not_said")
    coerced = take_said(said, "possibly_coerced")
    if coerced is not Said.NOT_SAID:
        party.flags["possibly_coerced"] = str(coerced)
    party.details = said
    return party


def _content(draft: ReportDraft, said: Tree) -> ContentDraft:
    content = ContentDraft(names=take(said, "name"))
    for name in ("md5", "sha1", "sha256", "pdq"):
        setattr(content, HASH_FIELDS[name], take_text(said, name))
    content.viewed = take_said(said, "viewed")
    content.classification = take_word(said, "classification", CLASSES)
    content.annotations = _words(draft, said, "annotation", _FILE_WORDS)
    content.uploaded_at = take_text(said, "uploaded_at")
    content.identifiers = [IdentifierDraft("url", url) for url in take(said, "url")]
    content.details = said
    return content
