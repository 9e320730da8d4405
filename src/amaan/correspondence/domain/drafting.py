"""From what a reporter told at the door to a draft, as every room that brings reports in makes one. Pure.

A draft is made of everything that its reporter has sent: the answers, and later messages. What is said later adds; it
takes nothing back, so that nobody can lower a danger by writing again, or by asking to withdraw.

The reporter is never a reported person here. What the answers hold beyond what is understood stays among the details.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from amaan.correspondence.domain import typed
from amaan.correspondence.domain.merging import merged
from amaan.correspondence.domain.words import Channel, Sender
from amaan.portal.domain.envelopes import Kind, Telling
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
    Venue,
)
from amaan.reports.domain.told import TOLD

PUBLIC_DOOR: Final = "Public door"
"""The reporting entity of everything that comes through the door."""
_BY_STAFF: Final = "Told to staff"
_SENDERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        Sender.INTERPOL_NCB: "INTERPOL NCB",
        Sender.COURT: "Court",
        Sender.HOTLINE: "Hotline",
        Sender.POLICE: "Police",
        Sender.OTHER: "Letter",
    }
)
_ABROAD: Final = "abroad"
_VENUES: Final = frozenset(map(str, Venue)) - {""}
_AGES: Final = frozenset(["0-5", "6-10", "11-13", "14-15", "16-17", "18+"])
_SELVES: Final = frozenset({"me", "threat"})
"""Ways in by which the one who tells is the one to whom it happens."""

# The gravest first: a report has one kind, and the others stand among its marks and details.
_KINDS: Final = (
    ("molestation", frozenset({"hurt"})),
    ("sex_trafficking", frozenset({"taken"})),
    ("enticement", frozenset({"threat", "asks_pictures", "asks_video", "asks_meeting", "offer"})),
    ("obscene_to_child", frozenset({"sends_sexual"})),
    ("csam", frozenset(["pictures_shared", "hidden_camera", "fake_pictures", "group", "selling", "live"])),
    ("other", frozenset({"other"})),
)
_ASKED_FOR_PICTURES: Final = frozenset({"asks_pictures", "asks_video", "more_pictures", "video_call"})
_MARKS_OF_DANGER: Final[Mapping[str, str]] = MappingProxyType(
    {
        "meeting": "meeting_arranged",
        "self_harm": "self_harm",
        "missing": "child_missing",
        "threat_now": "threat_now",
    }
)
_RELATIONSHIPS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "stranger_online": "online",
        "acquaintance": "acquaintance",
        "friend": "acquaintance",
        "relative": "relative",
        "parent": "parent",
        "carer": "carer",
        "teacher": "teacher",
        "religious_teacher": "teacher",
        "employer": "other",
        "official": "other",
        "other": "other",
    }
)
_CHANNELS: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(
            ["whatsapp", "messenger", "snapchat", "telegram", "imo", "discord", "dating_app"], "chat"
        ),
        **dict.fromkeys(["facebook", "instagram", "tiktok", "youtube", "x", "website", "job_site"], "web"),
        "game": "gaming",
        "calls_sms": "phone",
        "in_person": "offline",
    }
)
_TEXTS: Final = (
    ("what_happened", "text"),
    ("meeting", "meeting"),
    ("chat", "chat"),
    ("demanded_about", "demanded"),
    ("promised_about", "promised"),
    ("police_about", "police"),
    ("more", "more"),
)
"""Free texts by the key of their answer, with the kind under which a page shows them."""
_CHOSEN: Final = (
    *(
        "way",
        "danger",
        "meeting_date",
        "happening",
        "platforms",
        "person",
        "when",
        "when_date",
        "district",
        "venue",
    ),
    *("promised", "demanded", "pay_ways", "paid", "pictures", "victim_relation", "victim_age", "victim_sex"),
    *("others", "police", "contact", "contact_how"),
)
"""Answers of few words, of which a part alone finds a place in the spine."""


def entity_of(channel: Channel, sender: str) -> str:
    """The reporting entity. A letter's own sender may be a person, so only its kind stands here."""
    if channel is Channel.DOOR:
        return PUBLIC_DOOR
    return _SENDERS.get(sender, _BY_STAFF)


@dataclass
class Answers:
    """Answers as they lie in tellings: texts and lists of texts; everything that is taken is noted."""

    said: Mapping[str, Any]
    taken: set[str] = field(default_factory=set)

    def one(self, key: str) -> str:
        value = self.said.get(key)
        if isinstance(value, str):
            self.taken.add(key)
            return value
        return ""

    def many(self, key: str) -> list[str]:
        value = self.said.get(key)
        if isinstance(value, list | tuple) and all(isinstance(one, str) for one in value):
            self.taken.add(key)
            return list(value)
        return []

    def left(self) -> dict[str, Any]:
        """What nobody asked for here, whole."""
        return {key: value for key, value in self.said.items() if key not in self.taken}


def draft_of(
    tellings: Sequence[Telling], *, number: str, source: Source = Source.PORTAL, entity: str = PUBLIC_DOOR
) -> ReportDraft:
    """`tellings` in the order in which they came; the first is what made the report."""
    answers = Answers(merged(tellings))
    draft = ReportDraft(source, entity, number)
    way = answers.one("way")
    danger, happening = set(answers.many("danger")), set(answers.many("happening"))
    demanded = answers.many("demanded")
    draft.incident_type = _kind(way, danger, happening)
    draft.annotations = sorted(_marks(way, danger, happening, set(demanded), tellings))
    draft.incident_at = _time(answers, danger, tellings)
    draft.told_police = _said(answers.one("police"))
    draft.incidents = _incidents(answers, draft)
    forced = bool({*demanded} - {"other"}) or "sextortion" in draft.annotations
    place = _place(answers)
    draft.parties = list(_parties(answers, way, danger, place, forced=forced))
    if place and way == "saw":
        draft.incidents[0].places.append(place)
    draft.contents = list(_contents(answers, happening, danger, tellings))
    draft.texts = list(_texts(answers, tellings))
    draft.details = _details(answers, tellings)
    draft.told = _told(answers.said)
    return draft


def _kind(way: str, danger: set[str], happening: set[str]) -> str:
    said = happening | ({"asks_meeting"} if "meeting" in danger else set())
    for kind, words in _KINDS:
        if said & words:
            return kind
    # Threats of this kind are counted as enticement by those who count (CyberTipline schema, incidentType).
    return "enticement" if way == "threat" else "not_said"


def _marks(
    way: str, danger: set[str], happening: set[str], demanded: set[str], tellings: Sequence[Telling]
) -> Iterator[str]:
    if way == "threat" or "threat" in happening:
        yield "sextortion"
    if (happening | demanded) & _ASKED_FOR_PICTURES:
        yield "csam_solicitation"
    yield from (mark for word, mark in _MARKS_OF_DANGER.items() if word in danger)
    if any(one.kind is Kind.WITHDRAW and one.safe == "no" for one in tellings):
        yield "not_safe"


def _time(answers: Answers, danger: set[str], tellings: Sequence[Telling]) -> str:
    """A day that is known: of the meeting, of what happened; else the day of telling, where it goes on."""
    meeting, told, when = (answers.one(key) for key in ("meeting_date", "when_date", "when"))
    if meeting and "meeting" in danger:
        return meeting
    if _is_day(told):
        return told
    if when in {"now", "today"} and tellings:
        return tellings[0].at
    return ""


def _is_day(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _said(word: str) -> Said:
    return {"yes": Said.YES, "no": Said.NO}.get(word, Said.NOT_SAID)


def _incidents(answers: Answers, draft: ReportDraft) -> list[IncidentDraft]:
    platforms, other = answers.many("platforms"), answers.one("platform_other")
    draft.platform = ", ".join([*(one for one in platforms if one != "other"), *([other] if other else [])])
    channels = dict.fromkeys(_CHANNELS[one] for one in platforms if one in _CHANNELS)
    incidents = [IncidentDraft(channel=channel) for channel in channels] or [IncidentDraft()]
    pages = [IdentifierDraft("url", line) for line in answers.many("links")]
    incidents[0].identifiers = pages + typed.groups(answers.many("groups"), "", named=False)
    return incidents


def _place(answers: Answers) -> PlaceDraft | None:
    district, venue, text = (answers.one(key) for key in ("district", "venue", "place"))
    abroad = district == _ABROAD
    kind = Venue(venue) if venue in _VENUES else Venue.NOT_SAID
    if not text and not kind and (abroad or not district):
        return None
    return PlaceDraft("told", text=text, district="" if abroad else district, venue=kind)


def _parties(
    answers: Answers, way: str, danger: set[str], place: PlaceDraft | None, *, forced: bool
) -> Iterator[PartyDraft]:
    victim = _victim(answers, way, forced=forced)
    if victim is not None:
        if place and way != "saw":
            victim.places.append(place)
        yield victim
    reported = _reported(answers)
    with_child = bool(danger & {"child_with_person", "live_now"})
    if reported.identifiers or reported.texts or reported.relationship != "not_said" or with_child:
        if with_child:
            reported.flags["access_to_victim"] = str(Said.YES)
        yield reported
    reporter = _reporter(answers)
    if reporter is not None:
        yield reporter


def _victim(answers: Answers, way: str, *, forced: bool) -> PartyDraft | None:
    band, sex, relation = (answers.one(key) for key in ("victim_age", "victim_sex", "victim_relation"))
    find = answers.one("find_child")
    if way == "saw" and not (band or sex or relation or find):
        return None
    victim = PartyDraft(PartyRole.VICTIM)
    victim.band = band if band in _AGES else ""
    victim.sex = {"boy": "male", "girl": "female"}.get(sex, "not_said")
    if forced:
        victim.flags["possibly_coerced"] = str(Said.YES)
    if find:
        victim.texts.append(("find_child", find))
    if relation:
        victim.details["relation_to_reporter"] = relation
    if way in _SELVES:
        victim.details["told_by"] = "the victim"
    return victim


def _reported(answers: Answers) -> PartyDraft:
    reported = PartyDraft(PartyRole.REPORTED)
    platform = typed.only_platform(answers.many("platforms"), answers.one("platform_other"))
    ways = answers.many("pay_ways")
    reported.identifiers = [
        *(typed.account(line, platform) for line in answers.many("accounts")),
        *(IdentifierDraft("phone", line) for line in answers.many("phones")),
        *typed.groups(answers.many("groups"), platform, named=True),
        *typed.paid_to(answers.many("pay_numbers"), ways),
    ]
    person = answers.one("person")
    reported.relationship = _RELATIONSHIPS.get(person, "not_said")
    if person == "religious_teacher":
        reported.flags["occupation"] = "religious teacher"
    if about := answers.one("person_about"):
        reported.texts.append(("about_person", about))
    return reported


def _reporter(answers: Answers) -> PartyDraft | None:
    """Only what a reporter gave to be reached by; who tells nothing of themselves is no party."""
    how, to = answers.many("contact_how"), answers.one("contact_to")
    texts = [(key, text) for key in ("contact_when", "contact_care") if (text := answers.one(key))]
    if not (to or texts):
        return None
    reporter = PartyDraft(PartyRole.REPORTER, texts=texts)
    if to:
        reporter.identifiers.append(typed.reached_at(to, how))
        reporter.details["contact"] = {"how": how, "to": to}
    return reporter


def _contents(
    answers: Answers, happening: set[str], danger: set[str], tellings: Sequence[Telling]
) -> Iterator[ContentDraft]:
    marks = []
    if answers.one("pictures") == "computer_made" or "fake_pictures" in happening:
        marks.append("generative_ai")
    if "live" in happening or "live_now" in danger:
        marks.append("live_streaming")
    seen: set[str] = set()
    for one in _hashes(tellings):
        if one["sha256"] in seen:
            continue
        seen.add(one["sha256"])
        content = ContentDraft(sha256=one["sha256"], pdq=one["pdq"], pdq_quality=one["quality"])
        content.annotations = marks
        content.details = {"kind": one["kind"], "frames": one["frames"]}
        yield content
    if marks and not seen:
        yield ContentDraft(annotations=marks)


def _hashes(tellings: Sequence[Telling]) -> Iterator[dict[str, Any]]:
    """Well-formed ones alone; the others are kept with the raw telling."""
    for telling in tellings:
        for raw in telling.hashes:
            sha256, pdq = raw.get("sha256"), raw.get("pdq")
            if isinstance(sha256, str) and isinstance(pdq, str | None):
                quality = raw.get("quality")
                yield {
                    "sha256": sha256,
                    "pdq": pdq or "",
                    "quality": quality if type(quality) is int and 0 <= quality <= 100 else None,
                    "kind": raw.get("kind", ""),
                    "frames": raw.get("frames", []),
                }


def _texts(answers: Answers, tellings: Iterable[Telling]) -> Iterator[tuple[str, str]]:
    for key, kind in _TEXTS:
        for name in sorted(name for name in answers.said if name.split("#")[0] == key):
            if text := answers.one(name):
                yield kind, text
    for telling in tellings:
        if telling.text and telling.kind in {Kind.MESSAGE, Kind.WITHDRAW}:
            yield "message", telling.text


def _told(said: Mapping[str, Any]) -> dict[str, list[str]]:
    """Every word that was chosen, in whichever telling, by its question's field: words chosen later add."""
    told: dict[str, list[str]] = {}
    for name, value in said.items():
        key = name.split("#")[0]
        words = value if isinstance(value, list | tuple) else [value]
        if key == "find_child" and any(words):
            told[key] = ["yes"]
        elif key in TOLD:
            told.setdefault(key, []).extend(word for word in words if isinstance(word, str))
    return told


def _details(answers: Answers, tellings: Sequence[Telling]) -> dict[str, Any]:
    """Chosen words as they were chosen, whatever was made of them, and all that is not known here."""
    kept: dict[str, Any] = {key: answers.said[key] for key in _CHOSEN if answers.said.get(key)}
    if left := {key: value for key, value in answers.left().items() if key not in _CHOSEN}:
        kept["not_known"] = left
    if languages := sorted({one.language for one in tellings}):
        kept["languages"] = languages
    return kept
