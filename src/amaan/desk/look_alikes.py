"""Past reports that are like one, what became of them and what differs, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, may
from amaan.matching.words import CATEGORIES
from amaan.portal.domain.questions import Way
from amaan.portal.words import option_words
from amaan.reports import words
from amaan.triage.domain.likeness import Difference, Grade
from amaan.triage.selectors.look_alikes import LookAlikes, look_alikes_of

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from amaan.triage.domain.facts import FactValue

LABELS: Final[Mapping[str, _StrPromise]] = {
    "incident.type": _("Kind"),
    "incident.channels": _("Where it happened"),
    "incident.annotations": _("The sender's marks"),
    "incident.escalated": _("The sender calls it urgent"),
    "incident.batched": _("A bundle of one viral file"),
    "law_enforcement.reported": _("Told to the police as well"),
    "law_enforcement.legal_process": _("Legal process was served"),
    "victim.count": _("Children described"),
    "victim.age_bands": _("Age of the child"),
    "victim.sexes": _("Boy or girl"),
    "victim.named": _("The child is named"),
    "victim.school": _("A school is named"),
    "victim.contact": _("A way to reach the child"),
    "victim.located": _("The child's district is known"),
    "victim.possibly_coerced": _("The child may act under pressure"),
    "reported.count": _("Reported accounts"),
    "reported.named": _("The reported person is named"),
    "reported.age_bands": _("Age of the reported person"),
    "reported.minor": _("The reported person is a minor"),
    "reported.contact_verified": _("A verified contact"),
    "reported.ip_with_port_time": _("Addresses with port and time"),
    "reported.ip_upload": _("The upload's address"),
    "reported.ip_proxy": _("Behind a proxy"),
    "reported.in_country": _("In this country"),
    "reported.prior_reports": _("Earlier reports that the sender names"),
    "reported.group": _("A group"),
    "reported.associated_accounts": _("Further accounts"),
    "reported.compromised": _("The account may be taken over"),
    "reported.third_party": _("User of another platform"),
    "reported.devices": _("Devices"),
    "reported.payment": _("A way of payment"),
    "reported.access_to_children": _("Access to children"),
    "reported.access_to_victim": _("Access to the child"),
    "reported.convicted": _("Convicted before"),
    "reported.relationship": _("Relation to the child"),
    "reported.works_with_children": _("Works with children"),
    "reported.told_independently": _("Told by independent senders"),
    "recipient.count": _("Intended recipients"),
    "content.count": _("Files"),
    "content.classes": _("The industry's class"),
    "content.annotations": _("Marks of files"),
    "content.public": _("Open to everybody"),
    "text.indicators": _("What the words tell"),
    "match.exact": _("On a list, the very same file"),
    "match.near": _("On a list, a file that looks alike"),
    "match.viral": _("Known as viral"),
    "told.happening": _("What happened, as told"),
    "told.demanded": _("What is demanded"),
    "told.promised": _("What was promised"),
    "told.person": _("Who it is, as told"),
    "told.paid": _("Whether somebody paid"),
    "told.others": _("Whether others are affected"),
    "told.when": _("When, as told"),
}
INDICATORS: Final[Mapping[str, _StrPromise]] = {
    "threat_to_share": _("a threat to share pictures"),
    "money_demand": _("money is demanded"),
    "more_images_demand": _("more pictures are demanded"),
    "self_harm_risk": _("somebody may harm themselves"),
    "meeting_arranged": _("a meeting is arranged"),
    "child_with_suspect_now": _("the child is with the suspect"),
    "false_job_offer": _("a false offer of work or study"),
    "live_stream": _("a live stream"),
    "missing_child": _("a child is missing"),
    "trusted_position": _("somebody whom the child must trust"),
    "ai_or_morphed": _("made or changed by a machine"),
    "group_or_ring": _("several offenders or several children"),
    "commercial": _("for sale"),
    "ongoing_contact": _("the contact goes on"),
    "already_paid": _("somebody paid already"),
}
CHILDREN: Final[Mapping[str, _StrPromise]] = {"boy": _("boy"), "girl": _("girl"), "other": _("other")}
GRADES: Final[Mapping[Grade, _StrPromise]] = {
    Grade.NEARLY_SAME: _("nearly the same"),
    Grade.MUCH: _("much alike"),
    Grade.PARTLY: _("alike in part"),
}
_VALUES: Final[Mapping[str, Callable[[str], str]]] = {
    "incident.type": words.incident_word,
    "incident.channels": lambda code: words.word(words.CHANNELS, code),
    "incident.annotations": lambda code: words.word(words.ANNOTATIONS, code),
    "content.annotations": lambda code: words.word(words.ANNOTATIONS, code),
    "victim.age_bands": words.age_word,
    "reported.age_bands": words.age_word,
    "victim.sexes": lambda code: words.word(CHILDREN, code),
    "reported.relationship": lambda code: words.word(words.RELATIONSHIPS, code),
    "text.indicators": lambda code: words.word(INDICATORS, code),
    "match.exact": lambda code: words.word(CATEGORIES, code),  # type: ignore[arg-type]
    "match.near": lambda code: words.word(CATEGORIES, code),  # type: ignore[arg-type]
}


@dataclass(frozen=True)
class DifferenceShown:
    """One fact that the two tell differently, in words."""

    label: str
    here: str
    there: str


@dataclass(frozen=True)
class LookAlikeShown:
    reference: str
    grade: str
    decision: str
    code: str
    at: datetime
    differ: tuple[DifferenceShown, ...]
    more: int


@dataclass(frozen=True)
class LookAlikesShown:
    """`codes` are why the closed ones were closed, and how many each; `found` holds the counts."""

    found: LookAlikes
    nearest: tuple[LookAlikeShown, ...]
    codes: tuple[tuple[str, int], ...]


def look_alikes(actor: Actor, reference: str, unit: str) -> LookAlikesShown | None:
    """None where the actor may not read why a report stands where it stands."""
    if not may(actor, Action.EXPLAIN_TRIAGE, unit):
        return None
    found = look_alikes_of(actor, reference)
    return LookAlikesShown(
        found=found,
        nearest=tuple(
            LookAlikeShown(
                reference=one.reference,
                grade=str(GRADES[one.grade]),
                decision=words.word(words.DECISIONS, one.decision),
                code=words.word(words.CLOSE_REASONS, one.code) if one.code else "",
                at=one.at,
                differ=tuple(map(_shown, one.differ)),
                more=one.more,
            )
            for one in found.nearest
        ),
        codes=tuple((words.word(words.CLOSE_REASONS, code), n) for code, n in found.codes.items() if code),
    )


def _shown(one: Difference) -> DifferenceShown:
    return DifferenceShown(
        str(LABELS[one.fact]), value_word(one.fact, one.here), value_word(one.fact, one.there)
    )


def value_word(fact: str, value: FactValue | None) -> str:
    """A fact's value in words; None is "not said"."""
    if value is None:
        return str(words.SAID["not_said"])
    if isinstance(value, bool):
        return str(words.SAID["yes" if value else "no"])
    if isinstance(value, list):
        return _now(", ").join(_word(fact, one) for one in value)
    return _word(fact, value) if isinstance(value, str) else str(value)


def _word(fact: str, code: str) -> str:
    if code in words.SAID:
        return str(words.SAID[code])
    if fact in _VALUES:
        return _VALUES[fact](code)
    if fact.startswith("told."):
        return str(option_words(fact.removeprefix("told."), code, Way.SAW))
    return code
