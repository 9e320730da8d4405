"""What is asked when somebody works on a case, and how the room's refusals are said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amaan.accounts.selectors import Colleague
from amaan.cases import services
from amaan.cases.domain import (
    NOTE,
    REASON,
    TITLE,
    AlreadyAtWork,
    CaseError,
    NotAtWork,
    NothingWritten,
    NotToOneself,
    TooLong,
    read_case_reference,
)
from amaan.cases.selectors import CaseLine
from amaan.desk.fields import Words
from amaan.desk.telling import TellingForm
from amaan.reports.domain.references import NotAReference, read_reference

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

REFUSALS: Final[Mapping[type[CaseError], _StrPromise]] = {
    services.AlreadyInThisCase: gettext_lazy("This report is in this case already."),
    services.AlreadyInACase: gettext_lazy(
        "This report is in another case already. If it belongs to both, say so below."
    ),
    services.NotInThisCase: gettext_lazy("This report is not in this case any more."),
    services.NoSuchColleague: gettext_lazy("Choose somebody who works on cases in this office."),
    AlreadyAtWork: gettext_lazy("They work on this case already."),
    NotAtWork: gettext_lazy("They do not work on this case any more."),
    NotToOneself: gettext_lazy("Choose a colleague; you cannot hand over to yourself."),
    NothingWritten: gettext_lazy("Write why; whoever takes the case over reads it first."),
    TooLong: gettext_lazy("This is too long. Say it in fewer words."),
}


def refusal(error: CaseError) -> str:
    """Why a service refused, in the reader's language."""
    return str(REFUSALS[type(error)])


def reference_input() -> forms.TextInput:
    attributes = {"autocomplete": "off", "spellcheck": "false", "dir": "ltr", "class": "code"}
    return forms.TextInput(attrs=attributes)


class ReportReference(forms.CharField):
    """A report's reference, typed by hand: a slip is noticed before anything is looked for."""

    widget = reference_input()

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        try:
            return read_reference(typed)
        except NotAReference as slip:
            raise forms.ValidationError(slip_words("R")) from slip


def slip_words(letter: str) -> str:
    return _("This does not fit: one character is wrong or missing. A reference looks like %(example)s.") % {
        "example": f"{letter}-7K2M-9F3Q-XA4C"
    }


class Also(forms.BooleanField):
    """Asked only where a report is in a case already."""

    def __init__(self) -> None:
        super().__init__(
            required=False,
            label=gettext_lazy("It belongs to this case as well"),
            help_text=gettext_lazy("A report is in one case. Tick this only if two cases truly share it."),
        )


class PurposeForm(TellingForm):
    """What brings a report into a case. The box `also` is shown only where it is needed."""

    def __init__(self, *args: Any, also: bool = False, **how: Any) -> None:
        super().__init__(*args, **how)
        if also:
            self.fields["also"] = Also()

    def also(self) -> bool:
        return bool(self.cleaned_data.get("also"))


class OpenForm(PurposeForm):
    reason = Words(
        most=REASON,
        label=gettext_lazy("Why a case"),
        help_text=gettext_lazy(
            "What you have read that makes it one. It is sealed, and stays with the report."
        ),
    )
    title = forms.CharField(
        max_length=TITLE,
        required=False,
        label=gettext_lazy("Working title"),
        help_text=gettext_lazy("A handle for those who work on it, without anybody's name. It is sealed."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )


class JoinForm(PurposeForm):
    """Which case a report joins: one of those that moved last, or another by its reference."""

    case = forms.ChoiceField(required=False, label=gettext_lazy("Which case"), widget=forms.RadioSelect)
    typed = forms.CharField(
        required=False,
        label=gettext_lazy("Or another case, by its reference"),
        widget=reference_input(),
    )
    reason = Words(most=REASON, label=gettext_lazy("Why it belongs there"))

    def __init__(self, *args: Any, cases: Sequence[CaseLine], **how: Any) -> None:
        super().__init__(*args, **how)
        if cases:
            # The marks keep a title in another script from turning the reference around.
            choices = [
                (
                    line.reference,
                    f"{line.reference} · \u2068{line.title}\u2069" if line.title else line.reference,
                )
                for line in cases
            ]
            self.fields["case"].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields["case"]
            self.fields["typed"].label = _("The case's reference")

    def clean_typed(self) -> str:
        typed: str = self.cleaned_data["typed"]
        if not typed:
            return ""
        try:
            return read_case_reference(typed)
        except NotAReference as slip:
            raise forms.ValidationError(slip_words("C")) from slip

    def clean(self) -> dict[str, Any]:
        held: dict[str, Any] = super().clean() or self.cleaned_data
        if "typed" in held and not held["typed"] and not held.get("case"):
            self.add_error("typed", _("Choose a case, or type its reference."))
        return held

    def chosen(self) -> str:
        """What was typed goes before what was chosen: it is the more deliberate one."""
        return str(self.cleaned_data["typed"] or self.cleaned_data["case"])


class NoteForm(forms.Form):
    text = Words(
        most=NOTE,
        rows=4,
        label=gettext_lazy("A note"),
        help_text=gettext_lazy("It is sealed, and stays as it is: a later note corrects it."),
    )


def _chosen_person(people: Sequence[tuple[int, str]]) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        coerce=int, choices=[("", _("Choose somebody")), *people], label=_("Colleague")
    )


class AssignForm(forms.Form):
    person = forms.TypedChoiceField(coerce=int, label=gettext_lazy("Colleague"))
    lead = forms.BooleanField(
        required=False,
        label=gettext_lazy("They lead the case"),
        help_text=gettext_lazy("Whoever leads it now stays at work on it."),
    )
    note = Words(most=REASON, rows=2, required=False, label=gettext_lazy("What they should know"))

    def __init__(self, *args: Any, people: Sequence[Colleague], **how: Any) -> None:
        super().__init__(*args, **how)
        self.fields["person"] = _chosen_person([(one.id, one.name) for one in people])


class HandOverForm(forms.Form):
    person = forms.TypedChoiceField(coerce=int, label=gettext_lazy("Colleague"))
    note = Words(
        most=REASON,
        label=gettext_lazy("What you hand over"),
        help_text=gettext_lazy("What is done, what waits, and until when."),
    )

    def __init__(self, *args: Any, people: Sequence[Colleague], **how: Any) -> None:
        super().__init__(*args, **how)
        self.fields["person"] = _chosen_person([(one.id, one.name) for one in people])


class EndForm(forms.Form):
    person = forms.TypedChoiceField(coerce=int, label=gettext_lazy("Colleague"))
    reason = Words(most=REASON, rows=2, label=gettext_lazy("Why"))

    def __init__(self, *args: Any, people: Sequence[tuple[int, str]], **how: Any) -> None:
        super().__init__(*args, **how)
        self.fields["person"] = _chosen_person(people)


class JoinReportForm(forms.Form):
    """Leads to the report's own form, which carries the telling; nothing is joined unread."""

    report = ReportReference(label=gettext_lazy("The report's reference"))


class TakeOutForm(forms.Form):
    report = ReportReference(label=gettext_lazy("The report's reference"))
    reason = Words(most=REASON, rows=2, label=gettext_lazy("Why it does not belong here"))
