"""The public's questions on one page, for staff who take a report down while somebody tells it, or answers later.

The questions, their limits and their words are the door's own; nothing of them is repeated here. What was typed is
read by the door's reader, so that a report by telephone and one by the door are the same report.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar, Final

from django import forms
from django.core.validators import RegexValidator
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amaan.correspondence.domain.words import Channel, Sender
from amaan.correspondence.services import LetterTaken
from amaan.correspondence.words import CHANNELS, SENDERS
from amaan.portal.domain.answers import PARTS, Fault, Unreadable, input_names, read_field
from amaan.portal.domain.questions import (
    ABROAD,
    FIELDS,
    ORDER,
    QUESTIONS,
    WAYS,
    Answer,
    Field,
    FieldKind,
    Question,
    Way,
    fields_of,
    is_enough,
    options_of,
)
from amaan.portal.words import (
    WAY_WORDS,
    field_words,
    has_own_words,
    option_words,
    place_name,
    question_words,
)
from amaan.vocabulary.domain import districts, languages

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

TAKEN_DOWN: Final = (Channel.TELEPHONE, Channel.WALK_IN, Channel.LETTER)
_LETTER: Final = ("letter_sender", "letter_name", "letter_number", "letter_dated")
_CONTACT: Final = ("contact_how", "contact_to", "contact_when", "contact_care")
_FEW: Final = 4
"""Options that stand as buttons; more of them fold into a list."""
_PARTS: Final[Mapping[str, _StrPromise]] = {
    "day": gettext_lazy("Day"),
    "month": gettext_lazy("Month"),
    "year": gettext_lazy("Year"),
}


@dataclass(frozen=True)
class Part:
    """What one field of the door asks. `title` stands above the three boxes of a date, and is empty otherwise."""

    title: str
    hint: str
    fields: tuple[forms.BoundField, ...]


@dataclass(frozen=True)
class Group:
    """A question as the page shows it. `headed`: it has a title of its own; else its first field carries it."""

    key: str
    title: str
    hint: str
    parts: tuple[Part, ...]
    headed: bool


class QuestionsForm(forms.Form):
    """The questions of the door. `way` chooses in whose words they are asked, and their order.

    `once` makes one of a form that is sent twice.
    """

    left_out: ClassVar[frozenset[str]] = frozenset()

    once = forms.CharField(
        widget=forms.HiddenInput, validators=[RegexValidator(r"\A[A-Za-z0-9_-]{16,64}\Z")], max_length=64
    )

    def __init__(self, way: Way, data: QueryDict | None = None, *, kept: QueryDict | None = None) -> None:
        """`kept` fills the form with what was typed into another one, before anybody means to send it."""
        super().__init__(data, initial={"once": secrets.token_urlsafe(24), "language": "ur"})
        self.way = way
        self._said: Mapping[str, list[str]] = dict((data or kept or QueryDict()).lists())
        self._today = timezone.localdate()
        for question in self._questions():
            for field in question.fields:
                self.fields.update(self._inputs(field))
        for name in self.fields:
            if kept is not None and name in self._said:
                several = isinstance(self.fields[name], forms.MultipleChoiceField)
                self.initial[name] = self._said[name] if several else self._said[name][-1]

    def _questions(self) -> Iterator[Question]:
        """Those of the way in its order; then whatever was typed under another way, so that nothing is lost."""
        for key in ORDER[self.way]:
            if key not in self.left_out:
                yield QUESTIONS[key]
        for key, question in QUESTIONS.items():
            typed = any(self._was_said(field) for field in question.fields)
            if key not in ORDER[self.way] and key not in self.left_out and typed:
                yield question

    def _is_shown(self, field: Field) -> bool:
        asked = any(field in fields_of(self.way, question) for question in QUESTIONS.values())
        return asked or self._was_said(field)

    def _was_said(self, field: Field) -> bool:
        return any(any(self._said.get(name, ())) for name in input_names(field))

    def _inputs(self, field: Field) -> Iterator[tuple[str, forms.Field]]:
        if not self._is_shown(field):
            return
        words = field_words(field.key, self.way)
        if field.kind in {FieldKind.DATE, FieldKind.COMING}:
            for part in PARTS:
                attributes = {"inputmode": "numeric", "autocomplete": "off", "size": "4", "dir": "ltr"}
                widget = forms.TextInput(attrs=attributes)
                one = forms.CharField(required=False, label=_PARTS[part], max_length=10, widget=widget)
                yield f"{field.key}-{part}", one
            return
        how: dict[str, Any] = {"required": False, "label": words.title, "help_text": words.hint}
        yield field.key, self._input(field, how)

    def _input(self, field: Field, how: dict[str, Any]) -> forms.Field:
        if field.kind is FieldKind.CHOICES:
            return forms.MultipleChoiceField(
                choices=list(self._options(field)), widget=forms.CheckboxSelectMultiple, **how
            )
        if field.kind is FieldKind.CHOICE:
            options = list(self._options(field))
            if len(options) <= _FEW:
                return forms.ChoiceField(choices=options, widget=forms.RadioSelect, **how)
            return forms.ChoiceField(choices=[("", _("Not said")), *options], **how)
        if field.kind is FieldKind.DISTRICT:
            return forms.ChoiceField(choices=list(_places(self.way)), **how)
        attributes = {"autocomplete": "off", "dir": "ltr" if field.latin else "auto"}
        if field.kind is FieldKind.LINE:
            return forms.CharField(widget=forms.TextInput(attrs=attributes), **how)
        rows = 3 if field.kind is FieldKind.LINES or field.limit < 5000 else 6
        return forms.CharField(widget=forms.Textarea(attrs={**attributes, "rows": rows}), **how)

    def _options(self, field: Field) -> Iterator[tuple[str, str]]:
        """What is offered to whoever comes this way, and what was ticked before the way was changed."""
        offered = set(options_of(self.way, field)) | set(self._said.get(field.key, ()))
        for option in field.options:
            if option in offered:
                yield option, str(option_words(field.key, option, self.way))

    def groups(self) -> Iterator[Group]:
        """The questions in their order, with the fields that stand in this form."""
        for question in self._questions():
            shown = [field for field in question.fields if self._is_shown(field)]
            if shown:
                words = question_words(question.key, self.way)
                parts = tuple(self._part(field) for field in shown)
                headed = has_own_words(shown[0].key)
                yield Group(question.key, str(words.title), str(words.hint), parts, headed)

    def _part(self, field: Field) -> Part:
        fields = tuple(self[name] for name in input_names(field))
        if len(fields) == 1:
            return Part("", "", fields)
        words = field_words(field.key, self.way)
        return Part(str(words.title), str(words.hint), fields)

    def _told(self, answers: Mapping[str, Answer]) -> dict[str, str | list[str]]:
        """As they lie in a telling."""
        return {"way": str(self.way), **_plain(answers)}

    def _read(self) -> dict[str, Answer]:
        answers: dict[str, Answer] = {}
        for field in FIELDS.values():
            names = [name for name in input_names(field) if name in self.fields]
            if not names or any(name in self.errors for name in names):
                continue
            try:
                answer = read_field(field, self._said, self._today)
            except Unreadable as fault:
                title = str(field_words(field.key, self.way).title)
                self.add_error(names[0], f"{title}: {_fault(fault)}" if len(names) > 1 else _fault(fault))
                continue
            if answer:
                answers[field.key] = answer
        return answers


class AnswersForm(QuestionsForm):
    """What a reporter answers after they have told: any question but how they may be reached, which they agreed on
    when they told."""

    left_out = frozenset({"contact", "contact_how"})

    def clean(self) -> dict[str, Any]:
        held: dict[str, Any] = super().clean() or self.cleaned_data
        answers = self._read()
        if not self.errors and not answers:
            self.add_error(None, _("Write at least one answer."))
        held["answers"] = self._told(answers)
        return held


class TakeDownForm(QuestionsForm):
    """How it came, then every question of the door."""

    unit = forms.ChoiceField(label=gettext_lazy("Office"))
    channel = forms.ChoiceField(
        label=gettext_lazy("How it comes"),
        choices=[(str(one), CHANNELS[one]) for one in TAKEN_DOWN],
        widget=forms.RadioSelect,
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Their language"),
        help_text=gettext_lazy("In it they read what we write to them later."),
    )
    letter_sender = forms.ChoiceField(required=False, label=gettext_lazy("Who wrote the letter"))
    letter_name = forms.CharField(
        required=False,
        max_length=200,
        label=gettext_lazy("Their office"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )
    letter_number = forms.CharField(
        required=False,
        max_length=100,
        label=gettext_lazy("The letter's number"),
        help_text=gettext_lazy("Exactly as it is written there."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )
    letter_dated = forms.DateField(
        required=False,
        label=gettext_lazy("The letter's date"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(
        self,
        way: Way,
        units: Mapping[str, str],
        data: QueryDict | None = None,
        *,
        kept: QueryDict | None = None,
    ) -> None:
        """`units`: names of the offices for which the actor takes reports down, by code.

        `kept` fills the form with what was typed into another one, before anybody means to send it.
        """
        super().__init__(way, data, kept=kept)
        first = () if len(units) == 1 else (("", _("Choose an office")),)
        self.fields["unit"].choices = [*first, *units.items()]  # type: ignore[attr-defined]
        if len(units) == 1:
            self.fields["unit"].widget = forms.HiddenInput()
            self.initial["unit"] = next(iter(units))
        self.fields["language"].choices = [  # type: ignore[attr-defined]
            (one.code, one.own_name) for one in languages().values()
        ]
        self.fields["letter_sender"].choices = [  # type: ignore[attr-defined]
            ("", _("Choose")),
            *((str(one), SENDERS[one]) for one in Sender),
        ]

    def letter_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in _LETTER]

    def clean(self) -> dict[str, Any]:
        held: dict[str, Any] = super().clean() or self.cleaned_data
        answers = self._read()
        if held.get("channel") == Channel.LETTER:
            for name in ("letter_sender", "letter_number"):
                if name in held and not held[name]:
                    self.add_error(name, _("A letter needs this, so that it can be found again."))
        elif held.get("channel") and any(held.get(name) for name in _LETTER):
            self.add_error("channel", _("You wrote about a letter: choose the letter, or empty its fields."))
        if any(answers.get(key) for key in _CONTACT) and answers.get("contact") != "yes":
            self.add_error("contact", _("You wrote how to reach them. Ask whether that is safe for them."))
        if not self.errors and not is_enough(answers):
            self.add_error(
                None,
                _(
                    "This is not enough to act on: what happened, a link, an account, a number, a group or the"
                    " chat. One of them is needed."
                ),
            )
        held["answers"] = self._told(answers)
        return held

    def letter(self) -> LetterTaken | None:
        """What was said of the letter; None for whatever came another way. For a form that is valid."""
        held = self.cleaned_data
        if held["channel"] != Channel.LETTER:
            return None
        dated: date | None = held["letter_dated"]
        return LetterTaken(
            sender=Sender(held["letter_sender"]),
            name=held["letter_name"],
            number=held["letter_number"],
            dated=dated.isoformat() if dated else "",
        )


def way_of(text: str) -> Way | None:
    return Way(text) if text in {str(way) for way in WAYS} else None


def ways() -> list[tuple[str, str, str]]:
    """The four ways in: code, name, and what stands below it."""
    return [(str(way), str(WAY_WORDS[way].title), str(WAY_WORDS[way].hint)) for way in WAYS]


def _plain(answers: Mapping[str, Answer]) -> dict[str, str | list[str]]:
    return {key: one if isinstance(one, str) else list(one) for key, one in answers.items()}


def _places(way: Way) -> Iterator[tuple[str, Any]]:
    yield "", _("Not said")
    yield ABROAD, str(option_words("district", ABROAD, way))
    by_province: dict[str, list[tuple[str, str]]] = {}
    for one in districts():
        by_province.setdefault(place_name(one.province), []).append((one.pcode, place_name(one)))
    for province in sorted(by_province):
        yield province, sorted(by_province[province], key=lambda place: place[1])


def _fault(unreadable: Unreadable) -> str:
    numbers = {"most": unreadable.most, "size": unreadable.size}
    if unreadable.fault is Fault.TOO_LONG:
        return _("This is too long: %(size)s characters, and at most %(most)s fit.") % numbers
    if unreadable.fault is Fault.TOO_MANY:
        return _("These are %(size)s lines, and at most %(most)s fit.") % numbers
    if unreadable.fault is Fault.AHEAD:
        return _("This day has not come yet.")
    return _("This is no date. Write a day, a month and a year, or the year alone.")
