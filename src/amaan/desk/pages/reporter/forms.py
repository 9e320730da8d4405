"""What one writes about a report's conversation: to the reporter, for the office alone, or why its texts are hidden."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from django import forms
from django.utils.translation import gettext_lazy

from amaan.correspondence.domain.words import (
    MOST_MESSAGE,
    MOST_NOTE,
    MOST_REASON,
    CorrespondenceError,
    NoConversation,
    NothingWritten,
    TooLong,
)
from amaan.desk.fields import Words

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
    text = Words(
        most=MOST_MESSAGE,
        rows=4,
        label=gettext_lazy("Ask the reporter"),
        help_text=gettext_lazy(
            "Plain words, short sentences, no names. Whoever holds the code reads this: perhaps a child, perhaps"
            " somebody who took the code away. Don't repeat what they told."
        ),
    )


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
