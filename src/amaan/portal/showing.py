"""Questions and answers as a page shows them: words, ids, what was typed, what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Final

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from amaan.portal.domain.answers import PARTS, Fault, Typed, Unreadable, typed_again
from amaan.portal.domain.questions import (
    ABROAD,
    Answer,
    Answers,
    Field,
    FieldKind,
    Question,
    Way,
    fields_of,
    options_of,
    questions_of,
)
from amaan.portal.words import field_words, has_own_words, option_words, place_name, question_words
from amaan.vocabulary.domain.places import districts

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    Said = _StrPromise | str

_PARTS: Final = {"day": _("Day"), "month": _("Month"), "year": _("Year")}
_FAULTS: Final[Mapping[Fault, Said]] = {
    Fault.TOO_LONG: _("Please make this shorter: at most %(most)s letters. Now it has %(size)s."),
    Fault.TOO_MANY: _("At most %(most)s lines, please. Now there are %(size)s."),
    Fault.NO_DATE: _("We can't read this date. Write it in numbers, such as 24 12 2025."),
    Fault.AHEAD: _("This day is still to come. Write the day on which it happened."),
}


@dataclass(frozen=True, slots=True)
class ShownOption:
    value: str
    words: Said
    id: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class ShownPart:
    """One of a date's three inputs; `size` in digits."""

    name: str
    words: Said
    value: str
    size: int


@dataclass(frozen=True, slots=True)
class ShownField:
    """`id`: where the error summary leads. `groups`: districts by province. `alone`: labelled by the page's title."""

    key: str
    kind: str
    id: str
    title: Said
    hint: Said
    alone: bool
    latin: bool
    long: bool
    value: str
    options: tuple[ShownOption, ...]
    groups: tuple[tuple[str, tuple[ShownOption, ...]], ...]
    parts: tuple[ShownPart, ...]
    fault: str

    @property
    def described(self) -> str:
        """The ids for aria-describedby."""
        hint = f"{self.key}-hint" if self.hint else ""
        return f"{hint} {self.key}-fault".strip() if self.fault else hint


@dataclass(frozen=True, slots=True)
class ShownQuestion:
    """`number` of `count` in this way, as the answers stand."""

    key: str
    title: Said
    hint: Said
    fields: tuple[ShownField, ...]
    number: int
    count: int
    hashes: bool

    @property
    def faults(self) -> list[ShownField]:
        return [field for field in self.fields if field.fault]


@dataclass(frozen=True, slots=True)
class ShownAnswer:
    """A row of the check: under each label the texts that were said. `spoilt`: something in it could not be read."""

    key: str
    title: Said
    said: tuple[tuple[Said, tuple[Said, ...], bool], ...]
    spoilt: bool = False


def show_question(
    way: Way, question: Question, answers: Answers, typed: Typed, faults: Mapping[str, Unreadable]
) -> ShownQuestion:
    asked = questions_of(way, answers)
    words = question_words(question.key, way)
    fields = fields_of(way, question)
    return ShownQuestion(
        key=question.key,
        title=words.title,
        hint=words.hint,
        fields=tuple(_field(way, field, typed, faults.get(field.key)) for field in fields),
        number=next((n for n, one in enumerate(asked, 1) if one.key == question.key), 1),
        count=len(asked),
        hashes=question.hashes,
    )


def _field(way: Way, field: Field, typed: Typed, fault: Unreadable | None) -> ShownField:
    words, alone = field_words(field.key, way), not has_own_words(field.key)
    values = typed.get(field.key, ())
    is_date = field.kind in {FieldKind.DATE, FieldKind.COMING}
    return ShownField(
        key=field.key,
        kind=str(field.kind),
        id=f"{field.key}-day" if is_date else field.key,
        title=words.title,
        hint="" if alone else words.hint,
        alone=alone,
        latin=field.latin,
        long=field.limit >= 5000,
        value=values[-1] if values and not field.options else "",
        options=tuple(
            ShownOption(option, option_words(field.key, option, way), _id(field, n), option in values)
            for n, option in enumerate(options_of(way, field))
        ),
        groups=_districts(way, values) if field.kind is FieldKind.DISTRICT else (),
        parts=tuple(
            ShownPart(
                f"{field.key}-{part}",
                _PARTS[part],
                (list(typed.get(f"{field.key}-{part}", ())) or [""])[-1],
                4 if part == "year" else 2,
            )
            for part in PARTS
        )
        if is_date
        else (),
        fault=str(_FAULTS[fault.fault]) % {"most": fault.most, "size": fault.size} if fault else "",
    )


def _id(field: Field, number: int) -> str:
    return f"{field.key}-{number}" if number else field.key


def _districts(way: Way, values: Sequence[str]) -> tuple[tuple[str, tuple[ShownOption, ...]], ...]:
    def shown(code: str) -> ShownOption:
        return ShownOption(code, option_words("district", code, way), "", code in values)

    by_province = groupby(districts(), key=lambda place: place.province)
    return (
        *(
            (place_name(province), tuple(shown(one.pcode) for one in group))
            for province, group in by_province
        ),
        ("", (shown(ABROAD),)),
    )


def show_answers(
    way: Way, answers: Answers, unread: Mapping[str, object], hashes: int
) -> tuple[list[ShownAnswer], list[ShownAnswer]]:
    """What was said, and the questions to which nothing was."""
    rows = [
        ShownAnswer(
            one.key, question_words(one.key, way).title, _said(way, one, answers, hashes), one.key in unread
        )
        for one in questions_of(way, answers)
        if one.fields
    ]
    said = [row for row in rows if row.said or row.spoilt]
    return said, [row for row in rows if row not in said]


def _said(
    way: Way, question: Question, answers: Answers, hashes: int
) -> tuple[tuple[Said, tuple[Said, ...], bool], ...]:
    fields = fields_of(way, question)
    found = [
        (
            field_words(field.key, way).title if has_own_words(field.key) else "",
            _texts(way, field, answers[field.key]),
            field.latin,
        )
        for field in fields
        if answers.get(field.key)
    ]
    if question.hashes and hashes:
        found.append((_("Pictures of which this phone made a number"), (str(hashes),), False))
    return tuple(found)


def _texts(way: Way, field: Field, answer: Answer) -> tuple[Said, ...]:
    if field.options or field.kind is FieldKind.DISTRICT:
        chosen = (answer,) if isinstance(answer, str) else answer
        return tuple(option_words(field.key, option, way) for option in chosen)
    if field.kind in {FieldKind.DATE, FieldKind.COMING}:
        return (_as_people_say(str(answer)),)
    return (answer,) if isinstance(answer, str) else answer


def _as_people_say(told: str) -> str:
    """`3 November 2026`, `November 2026` or `2026`, with the month's name in the language of the page."""
    parts = [int(part) for part in told.split("-")]
    day = date(parts[0], *parts[1:], *[1] * (3 - len(parts)))
    return date_format(day, ("Y", "F Y", "j F Y")[len(parts) - 1], use_l10n=False)


def typed_of(question: Question, answers: Answers, unread: Mapping[str, Typed]) -> Typed:
    """What a form shows: what was read, and over it what could not be read."""
    return {**typed_again(question, answers), **unread.get(question.key, {})}
