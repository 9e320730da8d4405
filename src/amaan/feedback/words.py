"""The codes of feedback in words, for pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from amaan.feedback.domain import errors
from amaan.feedback.domain.codes import Hold, vocabulary

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

HOLDS: Final[Mapping[Hold, _StrPromise]] = {
    Hold.NONE: _("nothing: it may be told"),
    Hold.COULD_WARN: _("it could warn who is reported"),
    Hold.OPERATION: _("it would tell of work that is under way"),
    Hold.SAFETY: _("a child would be less safe"),
    Hold.ORDER: _("a court or a prosecutor ordered it"),
}
REFUSALS: Final[Mapping[type[errors.FeedbackError], _StrPromise]] = {
    errors.NoPartner: _("The public told this report. What became of it goes to them by letter."),
    errors.NothingDecided: _("Nothing is decided on this report yet. Decide first."),
    errors.ChangedMeanwhile: _("Somebody changed this while you read. Read it again, then decide."),
    errors.UnknownCode: _("Choose one of the codes."),
    errors.ReasonNeeded: _("Write why it is held back."),
    errors.PurposeNeeded: _("Write for whom and what for."),
    errors.UnknownEntity: _("No reports of this sender are here."),
}


def refusal(error: errors.FeedbackError) -> str:
    """Why a service refused, in the reader's language."""
    return str(REFUSALS.get(type(error), error))


def code_words(code: str) -> str:
    words = vocabulary().codes[code].words
    return words.ur if get_language() == "ur" else words.en


def field_words(name: str) -> str:
    words = vocabulary().fields[name].words
    return words.ur if get_language() == "ur" else words.en
