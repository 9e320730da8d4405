"""What is asked of whoever proposes, sets or withdraws a list, or says that a file is known."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from amaan.desk.fields import Words
from amaan.matching.domain.lists import (
    CATEGORIES,
    DISTANCE,
    EXCHANGES,
    MOST_DISTANCE,
    QUALITY,
    REASON,
    Category,
)
from amaan.matching.words import CATEGORIES as IN_WORDS

_CODE = {"autocomplete": "off", "spellcheck": "false", "dir": "ltr", "class": "code"}


def categories() -> list[tuple[str, str]]:
    return [(code, str(IN_WORDS[Category(code)])) for code in CATEGORIES]


class CategoryField(forms.ChoiceField):
    """The closed vocabulary, as choices: there is no field for anything else."""

    widget = forms.RadioSelect

    def __init__(self, **how: Any) -> None:
        super().__init__(choices=categories, **how)


class Distance(forms.IntegerField):
    def __init__(self, **how: Any) -> None:
        super().__init__(
            min_value=0,
            max_value=MOST_DISTANCE,
            label=_("How far a near match may be"),
            help_text=_("Bits of 256 that may differ. 31 is usual; more finds more, and more that is wrong."),
            **how,
        )


class Quality(forms.IntegerField):
    def __init__(self, **how: Any) -> None:
        super().__init__(
            min_value=0,
            max_value=100,
            label=_("The least quality that is compared"),
            help_text=_("0 to 100. 50 is usual: below it, plain pictures look alike."),
            **how,
        )


class ProposeForm(forms.Form):
    title = forms.CharField(label=_("Name of the list"), max_length=120)
    slug = forms.CharField(
        label=_("Short name"),
        help_text=_("For commands and addresses, for good: a-z, 0-9 and -."),
        max_length=40,
        widget=forms.TextInput(attrs=_CODE),
    )
    category = CategoryField(
        label=_("What its members show"),
        help_text=_("A list that is about anything else does not belong here, whoever wants it."),
    )
    source = forms.CharField(
        label=_("Whom it comes from"), help_text=_("A public page names the source."), max_length=200
    )
    ground = Words(
        most=2000,
        label=_("On what ground it may be held and used"),
        help_text=_("The law, the agreement or the order, with its number and date."),
    )
    exchange = forms.ChoiceField(
        label=_("What fills it"),
        choices=[("", _("Files, on the machine that runs Amaan")), *((name, name) for name in EXCHANGES)],
        required=False,
        widget=forms.RadioSelect,
        help_text=_("An exchange needs a credential of its own; without one it stays off."),
    )
    distance = Distance(initial=DISTANCE)
    quality = Quality(initial=QUALITY)


class ThresholdForm(forms.Form):
    revision = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    distance = Distance()
    quality = Quality()


class RevisionForm(forms.Form):
    """Approving or switching what one has read. `enabled` is asked of a switch only."""

    revision = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


class ReasonForm(forms.Form):
    reason = Words(
        most=REASON,
        label=_("Why"),
        help_text=_("Kept sealed, for good."),
    )


class KnownForm(forms.Form):
    category = CategoryField(label=_("What the file shows, as it was decided"))
    reason = Words(
        most=REASON,
        label=_("How you know"),
        help_text=_("What a second person needs in order to agree. Kept sealed, for good."),
    )


class AnswerForm(forms.Form):
    answer = forms.ChoiceField(
        label=_("Your answer"),
        choices=[
            ("confirm", _("Yes: it is what it is said to be, and counts from now on")),
            ("refuse", _("No: it does not become known")),
        ],
        widget=forms.RadioSelect,
    )
    reason = Words(most=REASON, label=_("Why"), help_text=_("Kept sealed, for good."))


class SurvivorForm(forms.Form):
    category = CategoryField(label=_("What the lawful copy shows"))
    reason = Words(
        most=REASON,
        label=_("Which lawful copy it was compared with"),
        help_text=_("Where it lies, under which order or exhibit, and what you saw. Kept sealed, for good."),
    )
