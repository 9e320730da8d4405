"""What is asked when somebody decides about a link or a ring, and how the room's refusals are said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amaan.cases.domain import REASON, TITLE
from amaan.desk.fields import Words
from amaan.linking.domain import errors
from amaan.linking.domain.decisions import MOST_REASON

NEW_CASE = "new"
LARGEST = 2**63 - 1
"""The largest row id that a database can be asked for."""


def refusal(error: errors.LinkingError) -> str:
    """Why a service refused, in the reader's language."""
    words = {
        errors.ReasonMissing: _("Write why: a colleague must be able to follow it."),
        errors.DecidedMeanwhile: _(
            "A colleague decided about this meanwhile. Read what they wrote, then decide."
        ),
        errors.DecidedAlready: _("This is decided so already."),
        errors.KeptApart: _("A split keeps these two apart. Undo the split first, if it was wrong."),
        errors.NothingLinks: _("Nothing links these two any more, so there is nothing to decide."),
        errors.RingChanged: _("The ring changed while you were choosing. Look at it again, then choose."),
        errors.NotInTheRing: _("Choose some of the ring's reports, and not all of them."),
        errors.NothingRests: _("No link that you may decide rests on this alone any more."),
        errors.UndoneAlready: _("Somebody was quicker: this is undone already."),
        errors.NotDecided: _("There is no such decision that you may undo."),
    }
    return words.get(type(error), _("This can't be done now. Look at the ring again."))


class ReasonForm(forms.Form):
    """`seen`: what the page showed, handed back, so that nobody decides on what they have not seen."""

    reason = Words(
        most=MOST_REASON,
        label=gettext_lazy("Why"),
        help_text=gettext_lazy("What a colleague needs to agree with you. Kept sealed, for good."),
    )
    seen = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)


class ChosenReports(forms.MultipleChoiceField):
    widget = forms.CheckboxSelectMultiple


class SplitForm(ReasonForm):
    reports = ChosenReports(label=gettext_lazy("Which reports stand apart"))

    field_order = ("reports", "reason", "seen")

    def __init__(self, *args: Any, choices: Sequence[tuple[str, str]], **how: Any) -> None:
        super().__init__(*args, **how)
        self.fields["reports"].choices = choices  # type: ignore[attr-defined]


class IntoCaseForm(forms.Form):
    """`reports` are `reference@telling`: nobody joins a telling that they have not seen."""

    into = forms.ChoiceField(label=gettext_lazy("Which case"), widget=forms.RadioSelect)
    reports = ChosenReports(label=gettext_lazy("Which reports go into it"))
    reason = Words(
        most=REASON,
        label=gettext_lazy("Why these belong together"),
        help_text=gettext_lazy(
            "What you have read yourself. That the machine linked them is no reason. It is sealed, and stays with each."
        ),
    )
    title = forms.CharField(
        max_length=TITLE,
        required=False,
        label=gettext_lazy("Working title"),
        help_text=gettext_lazy("Only for a new case: a handle without anybody's name. It is sealed."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )

    def __init__(
        self, *args: Any, cases: Sequence[str], choices: Sequence[tuple[str, str]], **how: Any
    ) -> None:
        super().__init__(*args, **how)
        names = [(case, _("the case %(case)s, which holds some of them") % {"case": case}) for case in cases]
        self.fields["into"].choices = [(NEW_CASE, _("a new case")), *names]  # type: ignore[attr-defined]
        self.fields["into"].initial = NEW_CASE
        self.fields["reports"].choices = choices  # type: ignore[attr-defined]
