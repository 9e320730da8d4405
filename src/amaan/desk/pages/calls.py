"""Calls for somebody: what they are for, saying that one is on it, and whom an office wakes, when and how."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.validators import RegexValidator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amaan.accounts.audience import audience, may
from amaan.accounts.selectors import colleagues, unit_names
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, units_where
from amaan.desk.reading import own_unit, record_reading, shown_when_recorded
from amaan.ledger.services import Act
from amaan.triage.domain.waking import Cause, End
from amaan.triage.selectors.waking import (
    Call,
    NoSuchWake,
    call_of,
    calls_for,
    messages_of,
    on_call_in,
    plan_of,
)
from amaan.triage.services import Listed, Plan, answer_wake, keep_on_call, keep_plan

READ_CALL: Final = "call.read"
READ_CALLS: Final = "calls.read"
READ_ON_CALL: Final = "on_call.read"
_FREE: Final = 3
"""Empty lines that the list is shown with."""


def cause_in_words(cause: Cause) -> str:
    return {
        Cause.DUE: _("a day was promised, and nobody has claimed it"),
        Cause.NIGHT: _("it waits while nobody is at work, and nothing may lower it"),
    }[cause]


def end_in_words(call: Call) -> str:
    words = {
        End.ANSWERED: _("%(name)s is on it") % {"name": call.ended_by},
        End.CLAIMED: _("all of it was claimed or decided"),
        End.UNANSWERED: _("nobody answered"),
    }
    return words[call.end] if call.end else ""


def _told(call: Call, offices: dict[str, str]) -> dict[str, object]:
    return {
        "call": call,
        "office": offices.get(call.unit, call.unit),
        "cause": cause_in_words(call.cause),
        "end": end_in_words(call),
        "unanswered": call.end is End.UNANSWERED,
    }


@audience(may(Action.DECIDE_REPORT))
@require_safe
@shown_when_recorded
def calls(request: HttpRequest) -> HttpResponse:
    """The newest calls of one's offices, the open ones first."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    now = timezone.now()
    found = calls_for(actor, now=now)
    references = sorted({one for call in found for one in call.references})
    record_reading(actor, Act(READ_CALLS, "calls", own_unit(actor), {"references": references}))
    context = {
        "calls": [_told(call, unit_names()) for call in found],
        "managed": [(code, unit_names().get(code, code)) for code in _managed(actor)],
        "now": now,
    }
    return render(request, "desk/calls/list.html", context)


@audience(may(Action.DECIDE_REPORT))
@require_safe
@shown_when_recorded
def call(request: HttpRequest, number: int) -> HttpResponse:
    """One call: what of it still waits, and who was asked."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    now = timezone.now()
    try:
        found = call_of(actor, number, now=now)
    except NoSuchWake as absent:
        raise Http404 from absent
    record_reading(
        actor, Act(READ_CALL, f"wake:{number}", found.unit, {"references": list(found.references)})
    )
    return render(request, "desk/calls/call.html", {"told": _told(found, unit_names()), "now": now})


@audience(may(Action.DECIDE_REPORT))
@require_POST
def answer(request: HttpRequest, number: int) -> HttpResponse:
    """I am on it: nobody else is asked."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    try:
        answer_wake(actor, number=number, now=timezone.now())
    except NoSuchWake as absent:
        raise Http404 from absent
    messages.success(request, _("Nobody else is asked. Claim what you take, so that colleagues see it."))
    return HttpResponseRedirect(reverse("desk:call", args=[number]))


class _Hour(forms.IntegerField):
    def __init__(self, **how: Any) -> None:
        super().__init__(min_value=0, max_value=23, **how)


class PlanForm(forms.Form):
    """When an office wakes somebody."""

    on = forms.BooleanField(required=False, label=gettext_lazy("Wake somebody"))
    before_due_minutes = forms.IntegerField(
        min_value=15,
        max_value=24 * 60,
        label=gettext_lazy("Minutes before a day’s promise runs out"),
        help_text=gettext_lazy("What nobody has claimed by then calls. 360 is six hours."),
    )
    next_after_minutes = forms.IntegerField(
        min_value=1, max_value=240, label=gettext_lazy("Minutes until the next on the list is asked")
    )
    night_from = _Hour(label=gettext_lazy("The night begins at"))
    night_to = _Hour(
        label=gettext_lazy("and ends at"),
        help_text=gettext_lazy("Hours of Pakistan, 0 to 23. By night, what nothing may lower calls at once."),
    )


class ListedForm(forms.Form):
    """One on the list. A line without a person is left out."""

    person = forms.TypedChoiceField(
        coerce=int, empty_value=None, required=False, label=gettext_lazy("Colleague")
    )
    from_hour = _Hour(initial=0, required=False, label=gettext_lazy("from hour"))
    to_hour = _Hour(initial=0, required=False, label=gettext_lazy("to hour"))
    phone = forms.CharField(
        required=False,
        max_length=20,
        label=gettext_lazy("Telephone"),
        validators=[RegexValidator(r"^\+[0-9]{8,15}\Z", gettext_lazy("Write it as +923001234567."))],
        widget=forms.TextInput(attrs={"dir": "ltr", "inputmode": "tel", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, people: list[tuple[int, str]], **how: Any) -> None:
        super().__init__(*args, **how)
        self.fields["person"].choices = [("", "—"), *people]  # type: ignore[attr-defined]


_List = forms.formset_factory(ListedForm, extra=_FREE, max_num=30, absolute_max=30)


@audience(may(Action.MANAGE_ON_CALL))
@require_http_methods(["GET", "HEAD", "POST"])
@shown_when_recorded
def on_call(request: HttpRequest, unit: str) -> HttpResponse:
    """Whom an office wakes, in order, and what went out."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if unit not in _managed(actor):
        raise Http404
    people = [(one.id, one.name) for one in colleagues(Action.DECIDE_REPORT, unit)]
    sent = request.POST if request.method == "POST" else None
    plan, listed = plan_of(unit), on_call_in(unit)
    form = PlanForm(sent, initial={name: getattr(plan, name) for name in PlanForm.base_fields})
    lines = _List(
        sent,
        initial=[
            {"person": one.person_id, "from_hour": one.from_hour, "to_hour": one.to_hour, "phone": one.phone}
            for one in listed
        ],
        form_kwargs={"people": people},
    )
    if sent is not None and form.is_valid() and lines.is_valid():
        keep_plan(actor, unit=unit, plan=Plan(**form.cleaned_data))
        named = [one.cleaned_data for one in lines if one.cleaned_data.get("person")]
        keep_on_call(
            actor,
            unit=unit,
            listed=[
                Listed(one["person"], one["from_hour"] or 0, one["to_hour"] or 0, one["phone"])
                for one in named
            ],
        )
        messages.success(request, _("Saved."))
        return HttpResponseRedirect(reverse("desk:on_call", args=[unit]))
    record_reading(actor, Act(READ_ON_CALL, "on-call", unit, {}))
    context = {
        "form": form,
        "lines": lines,
        "office": unit_names().get(unit, unit),
        "sent": messages_of(actor, unit),
        "by_mail": "smtp" in settings.EMAIL_BACKEND,
        "by_sms": settings.AMAAN_SMS is not None,
        "now": timezone.now(),
    }
    status = HTTPStatus.OK if sent is None else HTTPStatus.UNPROCESSABLE_ENTITY
    return render(request, "desk/calls/on_call.html", context, status=status)


def _managed(actor: Actor) -> list[str]:
    return sorted(code for code in unit_names() if code in units_where(actor, Action.MANAGE_ON_CALL))


urlpatterns = [
    path("calls/", calls, name="calls"),
    path("calls/<int:number>/", call, name="call"),
    path("calls/<int:number>/answer/", answer, name="answer_call"),
    path("on-call/<slug:unit>/", on_call, name="on_call"),
]
