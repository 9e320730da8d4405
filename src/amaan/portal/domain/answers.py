"""Reading what somebody typed into a question's fields. Pure; nothing is refused that could be kept.

A browser sends lists of texts by input name. A date has three inputs: KEY-day, KEY-month, KEY-year.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final, TypeAlias

from amaan.portal.domain.questions import (
    DISTRICTS,
    FIELDS,
    NONE,
    Answer,
    Field,
    FieldKind,
    Question,
    Way,
    fields_of,
    options_of,
)

Typed: TypeAlias = Mapping[str, Sequence[str]]
PARTS: Final = ("day", "month", "year")
_EARLIEST: Final = 1940
_TWO_DIGITS: Final = 100


class Fault(StrEnum):
    """What keeps a field from being read."""

    TOO_LONG = "too_long"
    TOO_MANY = "too_many"
    NO_DATE = "no_date"
    AHEAD = "ahead"


class Unreadable(Exception):
    """A field can't be kept as it was typed. `most` is the limit, `size` what there is; both 0 for dates."""

    def __init__(self, fault: Fault, most: int = 0, size: int = 0) -> None:
        super().__init__(f"{fault} ({size} of {most})")
        self.fault, self.most, self.size = fault, most, size


@dataclass(frozen=True, slots=True)
class Read:
    """`answers` by field, without those that are empty; `faults` by field."""

    answers: Mapping[str, Answer]
    faults: Mapping[str, Unreadable]


_PICTURE: Final = re.compile(
    r"data:(?:image|video|audio)/[\w.+-]*(?:;[\w=.+-]*)*,(?:[\w+/=%-]|\s(?=[\w+/=]{40}))*",
    re.IGNORECASE | re.ASCII,
)
"""A picture written out as text, as some programs paste it. The lines of a long one are long themselves."""
LEFT_OUT: Final = "[picture left out / تصویر نہیں لی گئی]"
_TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that make what follows read backwards: they would show another account name than the one that was typed."""


def clean_text(text: str) -> str:
    """NFC, line ends as LF, without control characters; joiners stay, since Urdu is written with them. No picture
    comes as text either: nobody may send one, and nobody here may hold one."""
    whole = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    readable = "".join(
        c
        for c in whole
        if c in "\n\t" or (unicodedata.category(c) not in {"Cc", "Cs", "Co"} and c not in _TURNING)
    )
    return _PICTURE.sub(LEFT_OUT, readable).strip()


def input_names(field: Field) -> tuple[str, ...]:
    """The names of a field's inputs in a form."""
    if field.kind in {FieldKind.DATE, FieldKind.COMING}:
        return tuple(f"{field.key}-{part}" for part in PARTS)
    return (field.key,)


def typed_into(question: Question, data: Typed) -> dict[str, list[str]]:
    """What of `data` belongs to this question, exactly as it was typed."""
    names = [name for field in question.fields for name in input_names(field)]
    return {name: list(data[name]) for name in names if any(data.get(name, ()))}


def read_question(way: Way, question: Question, data: Typed, today: date) -> Read:
    """All fields of a page."""
    answers: dict[str, Answer] = {}
    faults: dict[str, Unreadable] = {}
    for field in fields_of(way, question):
        try:
            answer = read_field(field, data, today, options_of(way, field))
        except Unreadable as fault:
            faults[field.key] = fault
            continue
        if answer:
            answers[field.key] = answer
    return Read(answers, faults)


def read_field(field: Field, data: Typed, today: date, options: Sequence[str] | None = None) -> Answer:
    """One field's answer, empty where nothing was said. Raises Unreadable. What isn't offered isn't an answer."""
    if field.kind in {FieldKind.DATE, FieldKind.COMING}:
        return _date(field, data, today)
    values = data.get(field.key, ())
    if field.kind is FieldKind.CHOICES:
        offered = field.options if options is None else options
        chosen = tuple(option for option in offered if option in values)
        return chosen if len(chosen) < 2 else tuple(option for option in chosen if option != NONE)
    value = values[-1] if values else ""
    if field.kind is FieldKind.CHOICE:
        return value if value in (field.options if options is None else options) else ""
    if field.kind is FieldKind.DISTRICT:
        return value if value in DISTRICTS else ""
    if field.kind is FieldKind.LINES:
        return _lines(field, value)
    text = clean_text(value)
    if field.kind is FieldKind.LINE:
        text = " ".join(text.split())
    if len(text) > field.limit:
        raise Unreadable(Fault.TOO_LONG, field.limit, len(text))
    return text


def _lines(field: Field, value: str) -> tuple[str, ...]:
    lines = tuple(line.strip() for line in clean_text(value).splitlines() if line.strip())
    if len(lines) > field.most:
        raise Unreadable(Fault.TOO_MANY, field.most, len(lines))
    for line in lines:
        if len(line) > field.limit:
            raise Unreadable(Fault.TOO_LONG, field.limit, len(line))
    return lines


def _number(text: str) -> int | None:
    digits = [unicodedata.digit(c, None) for c in text.strip()[:5]]
    if not digits or None in digits:
        return None
    return int("".join(map(str, digits)))


def _date(field: Field, data: Typed, today: date) -> str:
    """`2026-11-03`, `2026-11` or `2026`; digits of any script; `26` is 2026. Raises Unreadable."""
    texts = [(list(data.get(name, ())) or [""])[-1].strip() for name in input_names(field)]
    if not any(texts):
        return ""
    day, month, year = (_number(text) for text in texts)
    wrong = any(text and number is None for text, number in zip(texts, (day, month, year), strict=True))
    if field.kind is FieldKind.COMING and year is None and not texts[2]:
        year = today.year  # nobody says the year of next Saturday
        if day and month and (month, day) < (today.month, today.day):
            year += 1
    if wrong or year is None or (day is not None and month is None):
        raise Unreadable(Fault.NO_DATE)
    year += 2000 if year < _TWO_DIGITS else 0
    try:
        first = date(year, month or 1, day or 1)
    except ValueError:
        raise Unreadable(Fault.NO_DATE) from None
    if field.kind is FieldKind.COMING:
        if day is None:
            raise Unreadable(Fault.NO_DATE)
    elif first > today + timedelta(days=1):  # it may be tomorrow already where somebody is
        raise Unreadable(Fault.AHEAD)
    if year < _EARLIEST or year > today.year + 2:
        raise Unreadable(Fault.NO_DATE)
    return first.isoformat()[: 10 if day is not None else 7 if month is not None else 4]


def typed_again(question: Question, answers: Mapping[str, Answer]) -> dict[str, list[str]]:
    """What a form holds so that these answers are read from it again."""
    typed: dict[str, list[str]] = {}
    for field in question.fields:
        answer = answers.get(field.key)
        if not answer:
            continue
        if field.kind in {FieldKind.DATE, FieldKind.COMING}:
            parts = str(answer).split("-")[::-1]
            for part, number in zip(PARTS[3 - len(parts) :], parts, strict=True):
                typed[f"{field.key}-{part}"] = [str(int(number))]
        elif field.kind is FieldKind.LINES:
            typed[field.key] = ["\n".join(answer)]
        else:
            typed[field.key] = [answer] if isinstance(answer, str) else list(answer)
    return typed


def known_answers(value: object) -> dict[str, Answer]:
    """Answers out of JSON: lists become tuples, what is no field of this version is left out."""
    if not isinstance(value, Mapping):
        return {}
    return {
        key: tuple(str(one) for one in answer) if isinstance(answer, (list, tuple)) else str(answer)
        for key, answer in value.items()
        if key in FIELDS and answer
    }
