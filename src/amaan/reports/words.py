"""The codes of reports in words, for pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from amaan.reports.domain.identifiers import TYPES
from amaan.reports.domain.outcomes import CloseReason, Decision, PublicStatus
from amaan.vocabulary.domain import AGE_BANDS, district, incident_types

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

CHANNELS: Final[Mapping[str, _StrPromise]] = {
    "web": _("web page"),
    "email": _("e-mail"),
    "newsgroup": _("newsgroup"),
    "chat": _("chat"),
    "gaming": _("online game"),
    "phone": _("mobile phone"),
    "offline": _("away from the internet"),
    "p2p": _("file sharing"),
}
ANNOTATIONS: Final[Mapping[str, _StrPromise]] = {
    "sextortion": _("threat to share pictures"),
    "csam_solicitation": _("a child was asked for pictures"),
    "minor_to_minor": _("between minors"),
    "spam": _("spam"),
    "sadistic": _("sadistic exploitation"),
    "informational": _("for information only"),
    "aggravating": _("aggravating circumstances possible"),
    "instrumental_use": _("used to harm somebody else"),
    "age_discrepancy": _("the platform doubts the stated age"),
    "threat_now": _("threatened at this moment"),
    "meeting_arranged": _("a meeting is arranged"),
    "self_harm": _("thinks of harming themselves"),
    "child_missing": _("a child is missing"),
    "not_safe": _("says that they are not safe"),
    "anime": _("drawn or animated"),
    "potential_meme": _("perhaps passed around as a joke"),
    "viral": _("widely shared"),
    "possible_self_production": _("perhaps made by the child"),
    "physical_harm": _("physical harm"),
    "violence_gore": _("violence"),
    "bestiality": _("with an animal"),
    "live_streaming": _("live stream"),
    "infant": _("infant"),
    "generative_ai": _("made with a generator"),
}
SEXES: Final[Mapping[str, _StrPromise]] = {
    "male": _("male"),
    "female": _("female"),
    "other": _("other"),
    "not_said": _("sex not said"),
}
RELATIONSHIPS: Final[Mapping[str, _StrPromise]] = {
    "parent": _("parent or guardian"),
    "relative": _("relative"),
    "teacher": _("teacher"),
    "carer": _("carer"),
    "acquaintance": _("acquaintance"),
    "online": _("known from online"),
    "stranger": _("stranger"),
    "other": _("other relation"),
}
SETTINGS: Final[Mapping[str, _StrPromise]] = {"urban": _("in a town"), "rural": _("in the country")}
SAID: Final[Mapping[str, _StrPromise]] = {"yes": _("yes"), "no": _("no"), "not_said": _("not said")}
EVENTS: Final[Mapping[str, _StrPromise]] = {
    "login": _("sign-in"),
    "registration": _("registration"),
    "purchase": _("purchase"),
    "upload": _("upload"),
    "other": _("other"),
    "unknown": _("not known"),
}
PARTIES: Final[Mapping[str, _StrPromise]] = {
    "victim": _("Victim"),
    "recipient": _("Recipient"),
    "reporter": _("Reporter"),
    "reported": _("Reported account"),
    "associated": _("Associated account"),
    "incident": _("Incident"),
    "content": _("Content item"),
}
FLAGS: Final[Mapping[str, _StrPromise]] = {
    "access_to_children": _("has access to children"),
    "access_to_victim": _("has access to the victim"),
    "convicted": _("convicted before"),
    "firearms": _("has firearms"),
    "compromised": _("the account may be taken over"),
    "third_party": _("user of another platform"),
    "occupation": _("occupation"),
}
PARTS: Final[Mapping[str, _StrPromise]] = {
    "name": _("Name"),
    "birth": _("Date of birth"),
    "age": _("Age"),
    "school": _("School"),
    "address": _("Address"),
    "notes": _("Notes"),
    "details": _("Further details"),
}
TEXTS: Final[Mapping[str, _StrPromise]] = {
    "additionalInfo": _("What the sender adds"),
    "additionalInformations": _("What the sender adds"),
    "content": _("What was written"),
    "contents": _("What was written"),
    "text": _("What is told"),
    "note": _("Note"),
    "fileNames": _("File names"),
    "incidentDateTimeDescription": _("About the time"),
    "incidentType": _("The sender's word for it"),
    "incident.type": _("The sender's word for it"),
    "displayName": _("Shown name"),
    "profileBio": _("Profile text"),
    "escalation": _("Why the sender calls it urgent"),
    "meeting": _("About the meeting"),
    "chat": _("The chat, as it was typed or pasted"),
    "demanded": _("About what is demanded"),
    "promised": _("About what was promised"),
    "police": _("About the police"),
    "more": _("What else is told"),
    "message": _("Written later by the reporter"),
    "find_child": _("What helps to find the child"),
    "about_person": _("About this person"),
}
ASKED: Final[Mapping[str, _StrPromise]] = {
    "law_enforcement.reported": _("Told to the police as well"),
    "law_enforcement.legal_process": _("Legal process was served"),
}
VERIFIED: Final[Mapping[str, _StrPromise]] = {"yes": _("verified"), "no": _("not verified")}
NO_PDQ: Final[Mapping[str, _StrPromise]] = {
    "no_photo": _("No PDQ of our own: not a photo of a known format."),
    "too_large": _("No PDQ of our own: too large to be looked at in memory."),
    "too_small": _("No PDQ of our own: the picture is too small."),
    "no_room": _("No PDQ of our own: other files took the memory at that moment."),
    "undecodable": _("No PDQ of our own: the picture is damaged."),
    "too_slow": _("No PDQ of our own: reading the picture took too long."),
    "died": _("No PDQ of our own: whatever tried to read the picture broke down."),
    "busy": _("No PDQ of our own: too much was being read at that moment."),
}
"""Why a file that came over the wire has none, by `evidence.domain.NoPdq`."""
URGENT: Final = _("the sender calls it urgent")
COERCED: Final = _("possibly coerced")
DECISIONS: Final[Mapping[str, _StrPromise]] = {
    Decision.CASE_OPENED: _("A case was opened"),
    Decision.CASE_JOINED: _("Joined to a case"),
    Decision.REFERRED: _("Referred"),
    Decision.CLOSED: _("Closed"),
    Decision.STAGE_REACHED: _("The case moved on"),
    "case_left": _("Taken out of a case"),
    Decision.STANDS_AGAIN: _("Not settled with the other report after all: it waits to be read"),
}
CLOSE_REASONS: Final[Mapping[str, _StrPromise]] = {
    CloseReason.NO_OFFENCE: _("Nothing in it is an offence against a child"),
    CloseReason.TOO_LITTLE: _("It holds too little to act on"),
    CloseReason.TOLD_ALREADY: _("Another report tells the same"),
    CloseReason.SHARED_WIDELY: _("Shared widely without intent to harm; the child is known and safe"),
    CloseReason.OUT_OF_REACH: _("Neither person nor place is within reach, and nobody to refer it to"),
    CloseReason.OTHER: _("Another reason, told below"),
}
PUBLIC: Final[Mapping[str, _StrPromise]] = {
    PublicStatus.RECEIVED: _("received"),
    PublicStatus.READ: _("read"),
    PublicStatus.ACTED_ON: _("being acted on"),
    PublicStatus.PASSED_ON: _("passed on"),
    PublicStatus.CLOSED: _("closed"),
}
SOURCES: Final[Mapping[str, _StrPromise]] = {
    "cybertipline_xml": _("CyberTipline documents"),
    "le_json": _("law-enforcement JSON"),
    "csv": _("a table"),
    "api": _("the platforms' wire"),
    "portal": _("the public's door"),
    "staff": _("entered by staff"),
}


def word(words: Mapping[str, _StrPromise], code: str) -> str:
    """A code in words; one without a word stands as it is."""
    return str(words[code]) if code in words else code


def type_word(name: str) -> str:
    """An identifier's type; one that is unknown here stands as it is."""
    if name not in TYPES:
        return name
    label = TYPES[name].label
    return label.ur if get_language() == "ur" else label.en


def incident_word(code: str) -> str:
    known = incident_types().get(code)
    if known is None:
        return str(_("Kind not said")) if code == "not_said" else str(_("Another kind"))
    return known.name_ur if get_language() == "ur" else known.name


def age_word(band: str) -> str:
    """`11 to 13`, with its unit."""
    if band == "not_said":
        return str(_("age not said"))
    found = next((one for one in AGE_BANDS if one.id == band), None)
    if found is None:
        return band
    if get_language() == "ur":
        return found.name_ur
    return found.name if found.to_age is None else str(_("%(years)s years") % {"years": found.name})


def child_word(sex: str, band: str) -> str:
    """`boy`, `girl` for a minor; else the sex."""
    if band not in {"18+", "not_said"}:
        return {"male": str(_("boy")), "female": str(_("girl"))}.get(sex, word(SEXES, sex))
    return word(SEXES, sex)


def district_word(code: str) -> str:
    found = district(code) if code else None
    if found is None:
        return code
    return found.name_ur if get_language() == "ur" else found.name
