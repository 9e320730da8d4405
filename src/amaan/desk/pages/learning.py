"""The model that may order inside a band: how it stands and does; a supervisor turns it on or off."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from amaan.accounts.audience import audience
from amaan.accounts.audience import may as for_whoever_may
from amaan.accounts.selectors import names_of
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, may
from amaan.desk.acts import who_in_words
from amaan.desk.fields import Words
from amaan.desk.reading import own_unit, record_reading, shown_when_recorded
from amaan.learning import services
from amaan.learning.domain.model import BadModel
from amaan.learning.domain.states import MOST_REASON, LearningError, State
from amaan.learning.panels import drift_panel, model_panel
from amaan.learning.selectors import Standing, outcomes_counted, standing_for
from amaan.learning.words import STATES, refusal
from amaan.ledger.services import Act

READ_LEARNING: Final = "learning.read"


class SwitchForm(forms.Form):
    """`read` is the number of the switching that stood when the page was shown."""

    read = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)
    reason = Words(
        most=MOST_REASON, label=gettext_lazy("Why"), help_text=gettext_lazy("Kept sealed, for good.")
    )


@audience(for_whoever_may(Action.VIEW_LEARNING))
@require_safe
@shown_when_recorded
def learning(request: HttpRequest) -> HttpResponse:
    """Its state, its figures, what it weighs and what changed since."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    record_reading(actor, Act(READ_LEARNING, "learning", own_unit(actor), {}))
    standing = standing_for(actor)
    shown = standing.in_use or standing.newest
    model = shown.model if shown else None
    names = names_of({one.by for one in standing.history})
    state, mark, sign = STATES[standing.state]
    context = {
        "standing": standing,
        "shown": shown,
        "newer": standing.newest if standing.newest and shown and standing.newest != shown else None,
        "panel": model_panel(model) if model else None,
        "drift": drift_panel(model, standing.drift) if model and standing.drift else None,
        "outcomes": outcomes_counted(actor),
        "state": state,
        "mark": mark,
        "sign": sign,
        "history": [
            (one, str(STATES[one.state][0]), who_in_words(one.by, names)) for one in standing.history
        ],
        "may_switch": may(actor, Action.SWITCH_LEARNING),
        "is_on": standing.state is State.ON,
        "now": timezone.now(),
    }
    return render(request, "desk/learning/learning.html", context)


@audience(for_whoever_may(Action.SWITCH_LEARNING))
@require_http_methods(["GET", "HEAD", "POST"])
def switch_learning(request: HttpRequest) -> HttpResponse:
    """On where it is off or rests, off where it is on; always with a reason."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    standing = standing_for(actor)
    sent = request.method == "POST"
    form = SwitchForm(request.POST if sent else None, initial={"read": standing.number})
    if sent and form.is_valid():
        try:
            said = _switch(actor, standing, **form.cleaned_data)
        except (LearningError, BadModel) as refused:
            form.add_error(None, refusal(refused))
        else:
            messages.success(request, said)
            return HttpResponseRedirect(reverse("desk:learning"))
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    context = {"form": form, "is_on": standing.state is State.ON, "newest": standing.newest}
    return render(request, "desk/learning/switch.html", context, status=status)


def _switch(actor: Actor, standing: Standing, *, read: int, reason: str) -> str:
    """What was read decides which way it goes: the service refuses where that has changed."""
    if standing.state is State.ON:
        services.turn_off(actor, reason=reason, read=read)
        return _("It is off. In a moment every turn is the rules’ again.")
    services.turn_on(actor, reason=reason, read=read)
    return _("It is on. In a while it has gone over all that waits.")


urlpatterns = [
    path("learning/", learning, name="learning"),
    path("learning/switch/", switch_learning, name="switch_learning"),
]
