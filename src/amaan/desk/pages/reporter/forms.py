"""What one writes about a report's conversation: to the reporter, for the office alone, or why its texts are hidden."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from amaan.correspondence.domain.words import (
    MOST_MESSAGE,
    MOST_NOTE,
    MOST_REASON,
    CorrespondenceError,
    NoConversation,
    NothingWritten,
    TooLong,
)
from amaan.correspondence.words import READY, ready_text, written_in
from amaan.desk.fields import Words
from amaan.vocabulary.domain import languages

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

REFUSALS: Final[Mapping[type[CorrespondenceError], _StrPromise]] = {
    NoConversation: gettext_lazy("There is nobody behind this report to whom something could be written."),
    NothingWritten: gettext_lazy("Write something first."),
    TooLong: gettext_lazy("This is too long. Say it in fewer words."),
}


def refusal(error: CorrespondenceError) -> str:
    """Why a service refused, in the reader's language."""
    return str(REFUSALS[type(error)])


class AskReporterForm(forms.Form):
    """Words of one's own, sentences that are ready in the reporter's language, or both."""

    text = Words(
        most=MOST_MESSAGE,
        rows=4,
        required=False,
        label=gettext_lazy("Ask the reporter"),
        help_text=gettext_lazy(
            "Plain words, short sentences, no names. Whoever holds the code reads this: perhaps a child, perhaps"
            " somebody who took the code away. Don't repeat what they told."
        ),
    )
    ready = forms.MultipleChoiceField(
        label=gettext_lazy("Or sentences that are ready"),
        required=False,
        choices=lambda: list(READY.items()),
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, language: str, **how: Any) -> None:
        super().__init__(*args, **how)
        self._language = language
        if written_in(language) == get_language():
            return
        name = languages()[written_in(language)].own_name
        self.fields["ready"].help_text = _("They read them in %(language)s, before your own words.") % {
            "language": name
        }

    def clean(self) -> dict[str, Any]:
        held: dict[str, Any] = super().clean() or self.cleaned_data
        if "text" in held and "ready" in held:
            held["message"] = "\n".join(
                filter(None, (ready_text(held["ready"], self._language), held["text"].strip()))
            )
            if not held["message"]:
                self.add_error("text", refusal(NothingWritten()))
            elif len(held["message"]) > MOST_MESSAGE:
                self.add_error("text", refusal(TooLong(MOST_MESSAGE)))
        return held


class NoteForm(forms.Form):
    text = Words(
        most=MOST_NOTE,
        rows=3,
        label=gettext_lazy("A note for the office"),
        help_text=gettext_lazy("The reporter never sees this. It is sealed, and stays as it is."),
    )


class HideForm(forms.Form):
    reason = Words(
        most=MOST_REASON,
        rows=2,
        label=gettext_lazy("Why colleagues should not meet these words unprepared"),
        help_text=gettext_lazy("Nothing is deleted, and nothing is decided by it. Whoever must read it can."),
    )


class ShowForm(forms.Form):
    reason = Words(most=MOST_REASON, rows=2, label=gettext_lazy("Why they are shown again"))
