"""The codes of learning in words, for pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from amaan.learning.domain import states
from amaan.learning.domain.model import BadModel
from amaan.learning.domain.states import State

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from amaan.triage.domain.ruleset import Words

STATES: Final[Mapping[State, tuple[_StrPromise, str, str]]] = {
    State.ON: (_("on: it orders what waits"), "", "●"),
    State.OFF: (_("off: the rules order alone"), "", "○"),
    State.RESTING: (_("resting: reports look different now"), "soon", "◆"),
}
"""In words, with a css class and a shape."""
ORDERS: Final[Mapping[str, _StrPromise]] = {
    "danger": _("the rules’ danger alone"),
    "both": _("danger and the model together, as it would be used"),
    "model": _("the model alone"),
}
REFUSALS: Final[Mapping[type[Exception], _StrPromise]] = {
    states.NoModel: _("No model is fitted yet."),
    states.ModelNoBetter: _(
        "By its own figures this model orders no better than the rules do, so it can’t be turned on."
    ),
    states.ModelDrifted: _(
        "Reports look different from those that it was fitted on. It must be fitted again first."
    ),
    states.SwitchedMeanwhile: _(
        "Somebody turned it on or off while you read. Read how it stands, then decide."
    ),
    states.ReasonNeeded: _("Write why, in your own words."),
    BadModel: _("This model can’t be used any more. It must be fitted again."),
}


def refusal(error: Exception) -> str:
    """Why a service refused, in the reader's language."""
    return str(REFUSALS.get(type(error), error))


def said(words: Words) -> str:
    return words.ur if get_language() == "ur" else words.en
