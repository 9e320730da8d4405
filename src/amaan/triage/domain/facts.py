"""The facts that a rule may read: their kinds, their words, and which of them speak of danger.

"Not said" is an answer of its own. A fact that nobody told is absent, or reads `not_said`; it is never False.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from amaan.reports.domain.told import TOLD_WORDS

FactValue = bool | int | str | list[str]
Facts = Mapping[str, FactValue]

NOT_SAID = "not_said"


class Kind(StrEnum):
    FLAG = "flag"  # true or false: whether the report holds it at all
    NUMBER = "number"
    WORD = "word"  # one of `words`
    WORDS = "words"  # a list of `words`


@dataclass(frozen=True)
class FactSpec:
    """`words` empty means an open vocabulary (district codes, the clearing house's labels).

    `danger` are the words that tell of a child at risk; `True` among them stands for the whole fact (a flag
    that is set, a number that grows). `quiet` are words, or the whole fact, that say how well a report was
    made or how often the material was seen: no rule about danger may read them.
    """

    kind: Kind
    words: frozenset[str] = frozenset()
    danger: frozenset[str | bool] = frozenset()
    quiet: frozenset[str | bool] = frozenset()


_ALL: frozenset[str | bool] = frozenset({True})


def _flag(*, danger: bool = False, quiet: bool = False) -> FactSpec:
    return FactSpec(Kind.FLAG, danger=_ALL if danger else frozenset(), quiet=_ALL if quiet else frozenset())


def _number(*, danger: bool = False, quiet: bool = False) -> FactSpec:
    return FactSpec(Kind.NUMBER, danger=_ALL if danger else frozenset(), quiet=_ALL if quiet else frozenset())


def _answer(*, danger: bool = False) -> FactSpec:
    return FactSpec(
        Kind.WORD, frozenset({"yes", "no", NOT_SAID}), frozenset({"yes"}) if danger else frozenset()
    )


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _word(words: str, danger: str = "") -> FactSpec:
    return FactSpec(Kind.WORD, _set(words), frozenset(_set(danger)))


def _words(words: str, danger: str = "", quiet: str = "") -> FactSpec:
    return FactSpec(Kind.WORDS, _set(words), frozenset(_set(danger)), frozenset(_set(quiet)))


def _told(key: str, danger: str | None = None) -> FactSpec:
    """A question of the door; where `danger` isn't given, every word but `other` tells of one."""
    words = TOLD_WORDS[key]
    told = words - {"other"} if danger is None else _set(danger)
    return FactSpec(Kind.WORDS, words, frozenset(told))


_INDICATORS = (
    "threat_to_share money_demand more_images_demand self_harm_risk meeting_arranged child_with_suspect_now "
    "false_job_offer live_stream missing_child trusted_position ai_or_morphed group_or_ring commercial "
    "ongoing_contact already_paid"
)
_CATEGORIES = "csam csam_suspected exploitative self_generated generated"
_AGES = "0-5 6-10 11-13 14-15 16-17 18+ not_said"
_CHILDREN = "0-5 6-10 11-13 14-15 16-17"
_HARM = "possible_self_production physical_harm violence_gore bestiality live_streaming infant generative_ai"

FACTS: Mapping[str, FactSpec] = {
    "source": _word("cybertipline_xml le_json csv api portal staff"),
    "incident.type": _word(
        "csam sex_trafficking sex_tourism molestation misleading_domain misleading_words enticement "
        "obscene_to_child other not_said",
        danger="csam sex_trafficking sex_tourism molestation enticement obscene_to_child",
    ),
    "incident.days_before_receipt": _number(),
    "incident.channels": _words("web email newsgroup chat gaming phone offline p2p", danger="offline"),
    "incident.annotations": _words(
        "sextortion csam_solicitation minor_to_minor spam sadistic informational age_discrepancy aggravating "
        "instrumental_use threat_now meeting_arranged self_harm child_missing not_safe",
        danger="sextortion csam_solicitation minor_to_minor sadistic aggravating instrumental_use threat_now "
        "meeting_arranged self_harm child_missing not_safe",
        quiet="spam informational",
    ),
    "incident.escalated": _flag(danger=True),
    "incident.batched": _flag(quiet=True),
    "incident.in_future": _flag(),
    "incident.districts": FactSpec(Kind.WORDS),
    "law_enforcement.reported": _answer(),
    "law_enforcement.legal_process": _answer(),
    "victim.count": _number(danger=True),
    "victim.age_bands": _words(_AGES, danger=_CHILDREN),
    "victim.sexes": _words("boy girl other not_said"),
    "victim.named": _flag(danger=True),
    "victim.school": _flag(danger=True),
    "victim.contact": _flag(danger=True),
    "victim.located": _flag(danger=True),
    "victim.districts": FactSpec(Kind.WORDS),
    "victim.possibly_coerced": _answer(danger=True),
    "reported.count": _number(),
    "reported.named": _flag(),
    "reported.age_bands": _words(_AGES),
    "reported.minor": _answer(danger=True),
    "reported.contact_verified": _flag(),
    "reported.contacts": _number(),
    "reported.ip_count": _number(),
    "reported.ip_with_port_time": _number(),
    "reported.ip_upload": _flag(),
    "reported.ip_proxy": _flag(),
    "reported.in_country": _answer(),
    "reported.districts": FactSpec(Kind.WORDS),
    "reported.prior_reports": _number(danger=True),
    "reported.group": _flag(danger=True),
    "reported.associated_accounts": _number(),
    "reported.compromised": _answer(),
    "reported.third_party": _answer(),
    "reported.devices": _number(),
    "reported.payment": _flag(danger=True),
    "reported.access_to_children": _answer(danger=True),
    "reported.access_to_victim": _answer(danger=True),
    "reported.convicted": _answer(danger=True),
    "reported.firearms": _answer(danger=True),
    "reported.relationship": _word(
        "parent relative teacher carer acquaintance stranger online other not_said",
        danger="parent relative teacher carer acquaintance",
    ),
    "reported.works_with_children": _word("yes not_said", danger="yes"),
    "recipient.count": _number(danger=True),
    "content.count": _number(),
    "content.hashed": _number(quiet=True),
    "content.viewed_yes": _number(quiet=True),
    "content.viewed_no": _number(quiet=True),
    "content.viewed_not_said": _number(quiet=True),
    "content.classes": _words("A1 A2 B1 B2", danger="A1 A2 B1 B2"),
    "content.annotations": _words(
        f"anime potential_meme viral {_HARM}",
        danger=_HARM,
        quiet="anime potential_meme viral",
    ),
    "content.public": _answer(),
    "content.uploaded_days_before_receipt": _number(),
    "content.labels": FactSpec(Kind.WORDS),
    "text.present": _flag(quiet=True),
    "text.length": _number(quiet=True),
    # Of what the texts say (lexicon). Words only raise: each is flagged, so that none can cost a point anywhere.
    "text.indicators": _words(_INDICATORS, danger=_INDICATORS),
    "identifiers.types": FactSpec(Kind.WORDS),
    # Told seldom, and absent where nobody told them (reports.domain.fact_words).
    "incident.place": _flag(),
    "victim.prior_reports": _number(danger=True),
    "victim.network": _flag(danger=True),
    "victim.account": _flag(danger=True),
    "victim.disability": _flag(danger=True),
    "reported.account": _flag(),
    "reported.gang": _answer(danger=True),
    "reported.aware": _answer(danger=True),
    "reported.disabled": _answer(),
    "reported.location_verified": _flag(),
    "recipient.minor": _answer(danger=True),
    "content.ip_count": _number(),
    "content.ip_with_port_time": _number(),
    "content.exif": _flag(),
    # Chosen at the public's door, or by staff in the same questions (reports.domain.told).
    "told.way": _told("way", danger=""),
    "told.happening": _told("happening"),
    "told.demanded": _told("demanded"),
    "told.promised": _told("promised"),
    "told.pay_ways": _told("pay_ways"),
    "told.paid": _answer(danger=True),
    "told.others": _answer(danger=True),
    "told.person": _told(
        "person",
        danger="acquaintance friend relative parent carer teacher religious_teacher employer official",
    ),
    "told.when": _told("when", danger="now"),
    "told.venue": _told("venue", danger=""),
    "told.platforms": _number(danger=True),
    "told.contact": _told("contact", danger=""),
    "told.find_child": _flag(danger=True),
    # Of matches with known material (matching.domain.facts). A survivor's own hash is quiet: no rule may carry it to
    # danger.
    "match.exact": _words(_CATEGORIES, danger=_CATEGORIES),
    "match.near": _words(_CATEGORIES, danger=_CATEGORIES),
    "match.known": _number(quiet=True),
    "match.alike": _number(quiet=True),
    "match.unknown": _number(quiet=True),
    "match.viral": _flag(quiet=True),
    "match.lists": _number(quiet=True),
    "match.own": _flag(),
    "match.survivor": _flag(quiet=True),
    # Of the bundle (bundles.domain). How widely material spread is quiet; that several told of one account is not.
    "bundle.independent_sources": _number(quiet=True),
    "reported.told_independently": _number(danger=True),
    "version": _number(quiet=True),
    "receipt.not_understood": _number(quiet=True),
}
