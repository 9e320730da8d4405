"""The questions of a report: what is asked, of whom, in which order. Data and pure rules; the words are elsewhere.

A question is a page with up to five fields. An answer is a text or a list of texts under its field's key; a field that
was skipped has no key. The keys are kept by whoever reads reports: they change with a migration, never silently.

Nobody is asked who they are, who looks after them, whom they love, or what they agreed to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeAlias

from amaan.vocabulary.domain.ages import AGE_BANDS
from amaan.vocabulary.domain.places import districts

Answer: TypeAlias = str | tuple[str, ...]
Answers: TypeAlias = Mapping[str, Answer]


class Way(StrEnum):
    """Who is speaking: the four doors of the first page."""

    ME = "me"
    CHILD = "child"
    SAW = "saw"
    THREAT = "threat"


class FieldKind(StrEnum):
    """CHOICE one of the options · CHOICES some of them · LINE, TEXT free · LINES one a line · DATE a day, month or year
    · COMING a whole day that may lie ahead · DISTRICT a district's P-code, or ABROAD."""

    CHOICE = "choice"
    CHOICES = "choices"
    LINE = "line"
    TEXT = "text"
    LINES = "lines"
    DATE = "date"
    COMING = "coming"
    DISTRICT = "district"


@dataclass(frozen=True, slots=True)
class Field:
    """`limit`: characters, of one line where there are several; `most`: lines. `latin`: written from left to right."""

    key: str
    kind: FieldKind
    options: tuple[str, ...] = ()
    limit: int = 0
    most: int = 0
    latin: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """`fields` may be empty: then the page only says something. `hashes`: pictures can be hashed beside it."""

    key: str
    fields: tuple[Field, ...]
    hashes: bool = False


ABROAD: Final = "abroad"
NONE: Final = "none"
"""In `danger`: none of these."""
_YES_NO: Final = "yes no not_said"


def _choice(key: str, options: str) -> Field:
    return Field(key, FieldKind.CHOICE, tuple(options.split()))


def _choices(key: str, options: str) -> Field:
    return Field(key, FieldKind.CHOICES, tuple(options.split()))


def _line(key: str, limit: int, *, latin: bool = False) -> Field:
    return Field(key, FieldKind.LINE, limit=limit, latin=latin)


def _text(key: str, limit: int) -> Field:
    return Field(key, FieldKind.TEXT, limit=limit)


def _lines(key: str, most: int, limit: int) -> Field:
    return Field(key, FieldKind.LINES, limit=limit, most=most, latin=True)


_DANGER: Final = f"child_with_person live_now meeting threat_now self_harm missing {NONE}"
_HAPPENING: Final = (
    "threat asks_pictures asks_video asks_meeting sends_sexual pictures_shared hurt offer fake_pictures "
    "hidden_camera taken live group selling other"
)
_PLATFORMS: Final = (
    "whatsapp facebook messenger instagram tiktok snapchat telegram youtube imo discord x game dating_app job_site "
    "website calls_sms in_person other"
)
_PERSON: Final = (
    "stranger_online acquaintance friend relative parent carer teacher religious_teacher employer official "
    "not_known other"
)
_VENUE: Final = "online home apartment school workplace worship shop hotel vehicle public other"
_PROMISED: Final = "job modelling study money gifts game_items help friendship travel other"
_DEMANDED: Final = "money more_pictures video_call meeting passwords other_child silence other"
_PAY: Final = "easypaisa jazzcash bank crypto gift_cards top_up cash other"
_RELATION: Final = "my_child relative pupil patient neighbour friend not_known other"
_AGES: Final = " ".join(band.id for band in AGE_BANDS if band.from_age is not None)

_ALL: Final = (
    Question("danger", (_choices("danger", _DANGER),)),
    Question("danger_help", ()),
    Question("meeting", (Field("meeting_date", FieldKind.COMING), _text("meeting", 2000))),
    Question("find_child", (_text("find_child", 2000),)),
    Question("happening", (_choices("happening", _HAPPENING),)),
    Question("what_happened", (_text("what_happened", 10_000),)),
    Question("platforms", (_choices("platforms", _PLATFORMS), _line("platform_other", 200))),
    Question("accounts", (_lines("accounts", 30, 300),)),
    Question("links", (_lines("links", 30, 2000),)),
    Question("groups", (_lines("groups", 30, 500),)),
    Question("phones", (_lines("phones", 30, 100),)),
    Question("person", (_choice("person", _PERSON), _text("person_about", 2000))),
    Question(
        "when",
        (_choice("when", "now today week month year longer not_sure"), Field("when_date", FieldKind.DATE)),
    ),
    Question("where", (Field("district", FieldKind.DISTRICT), _choice("venue", _VENUE), _line("place", 300))),
    Question("promised", (_choices("promised", _PROMISED), _line("promised_about", 500))),
    Question("demanded", (_choices("demanded", _DEMANDED), _line("demanded_about", 500))),
    Question("pay", (_choices("pay_ways", _PAY), _lines("pay_numbers", 20, 200), _choice("paid", _YES_NO))),
    Question("chat", (_text("chat", 20_000),)),
    Question("pictures", (_choice("pictures", f"real computer_made not_sure {NONE}"),), hashes=True),
    Question(
        "child",
        (
            _choice("victim_relation", _RELATION),
            _choice("victim_age", _AGES),
            _choice("victim_sex", "boy girl not_said"),
        ),
    ),
    Question("others", (_choice("others", _YES_NO),)),
    Question("police", (_choice("police", _YES_NO), _line("police_about", 300))),
    Question("more", (_text("more", 5000),)),
    Question("contact", (_choice("contact", "code no yes"),)),
    Question(
        "contact_how",
        (
            _choice("contact_how", "call sms whatsapp telegram email other"),
            _line("contact_to", 200, latin=True),
            _line("contact_when", 300),
            _text("contact_care", 1000),
        ),
    ),
)
QUESTIONS: Final[Mapping[str, Question]] = MappingProxyType({one.key: one for one in _ALL})
FIELDS: Final[Mapping[str, Field]] = MappingProxyType(
    {field.key: field for one in _ALL for field in one.fields}
)
DISTRICTS: Final = frozenset({*(place.pcode for place in districts()), ABROAD})


def _in_order(middle: str) -> tuple[str, ...]:
    return (
        *("danger", "danger_help", "meeting", "find_child"),
        *middle.split(),
        *("others", "police", "more", "contact", "contact_how"),
    )


ORDER: Final[Mapping[Way, tuple[str, ...]]] = MappingProxyType(
    {
        # What stops a threat comes first: the demand, where the money goes, who it is.
        Way.THREAT: _in_order(
            "demanded pay what_happened platforms accounts phones chat happening links groups person promised "
            "pictures when where child"
        ),
        Way.ME: _in_order(
            "happening what_happened platforms accounts phones chat person demanded pay promised links groups "
            "pictures when where child"
        ),
        Way.CHILD: _in_order(
            "happening what_happened child person platforms accounts phones chat demanded pay promised links groups "
            "pictures when where"
        ),
        Way.SAW: _in_order(
            "happening links accounts groups what_happened platforms phones pay chat person pictures when where child"
        ),
    }
)
WAYS: Final = tuple(Way)

_TO_FIND: Final = frozenset({"child_with_person", "live_now", "meeting", "missing"})
_NOT_ASKED: Final[Mapping[Way, frozenset[str]]] = MappingProxyType(
    {
        Way.ME: frozenset({"victim_relation"}),
        Way.THREAT: frozenset({"victim_relation"}),
        Way.CHILD: frozenset(),
        Way.SAW: frozenset({"person"}),
    }
)
_NOT_OFFERED: Final[Mapping[Way, Mapping[str, frozenset[str]]]] = MappingProxyType(
    {
        Way.ME: {"happening": frozenset({"live", "group", "selling"}), "danger": frozenset({"missing"})},
        Way.THREAT: {
            "happening": frozenset({"threat", "live", "group", "selling", "offer"}),
            "danger": frozenset({"missing"}),
        },
        Way.CHILD: {"happening": frozenset({"live", "group"})},
        Way.SAW: {"happening": frozenset({"threat", "sends_sexual", "asks_video", "hurt"})},
    }
)


def fields_of(way: Way, question: Question) -> tuple[Field, ...]:
    """The fields that somebody who came this way is asked; their options are those of `options_of`."""
    return tuple(field for field in question.fields if field.key not in _NOT_ASKED[way])


def options_of(way: Way, field: Field) -> tuple[str, ...]:
    """What is offered to somebody who came this way, in order."""
    left_out = _NOT_OFFERED[way].get(field.key, frozenset())
    return tuple(option for option in field.options if option not in left_out)


def in_danger(answers: Answers) -> bool:
    """Whether help is shown before anything else is asked."""
    return bool(set(answers.get("danger", ())) - {NONE})


def is_asked(way: Way, key: str, answers: Answers) -> bool:
    """Whether what was said so far leaves room for this question."""
    danger = set(answers.get("danger", ()))
    if key == "danger_help":
        return in_danger(answers)
    if key == "meeting":
        return "meeting" in danger
    if key == "find_child":
        return way is Way.CHILD or bool(danger & _TO_FIND)
    if key == "pay":
        demanded = set(answers.get("demanded", ()))
        selling = "selling" in answers.get("happening", ())
        return selling or (way is not Way.SAW and (way is Way.THREAT or "money" in demanded))
    if key == "contact_how":
        return answers.get("contact") == "yes"
    return True


def questions_of(way: Way, answers: Answers) -> tuple[Question, ...]:
    """The questions of this way in their order, as the answers stand."""
    return tuple(QUESTIONS[key] for key in ORDER[way] if is_asked(way, key, answers))


def next_question(way: Way, key: str | None, answers: Answers) -> Question | None:
    """What comes after `key` (None: the first). None: everything was asked, the answers can be checked."""
    if key is None:
        return questions_of(way, answers)[0]
    after = ORDER[way][ORDER[way].index(key) + 1 :]
    return next((QUESTIONS[one] for one in after if is_asked(way, one, answers)), None)


def question_before(way: Way, key: str | None, answers: Answers) -> Question | None:
    """What came before `key` (None: the check). None: nothing did, one goes back to choosing the way."""
    before = ORDER[way] if key is None else ORDER[way][: ORDER[way].index(key)]
    return next((QUESTIONS[one] for one in reversed(before) if is_asked(way, one, answers)), None)


def standing(way: Way, answers: Answers) -> dict[str, Answer]:
    """The answers whose questions are still asked: who takes back "you may call me" takes back the number too."""
    asked = {field.key for one in questions_of(way, answers) for field in fields_of(way, one)}
    return {key: answer for key, answer in answers.items() if key in asked}


NEEDED: Final = (
    "what_happened",
    "links",
    "accounts",
    "phones",
    "groups",
    "chat",
    "pay_numbers",
    "find_child",
)
"""One of these, or a hash: without any of them nobody could act, and there would be nothing to report."""


def is_enough(answers: Answers, hashes: int = 0) -> bool:
    """Whether this can be sent. Nothing else is ever required."""
    return hashes > 0 or any(answers.get(key) for key in NEEDED)
