"""Asking for what is sealed, the custodian's answer, and reading while it is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amaan.accounts.audience import audience, may
from amaan.accounts.selectors import names_of, unit_names
from amaan.authority import matrix
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action
from amaan.desk.acts import who_in_words
from amaan.desk.reading import own_unit, record_reading, recorded, shown_when_recorded
from amaan.evidence.services import open_exhibit
from amaan.ledger.services import Act
from amaan.referrals.domain.document_trees import DocumentTree, trees_of
from amaan.reports.domain.searching import LOOKED_BACK
from amaan.reports.domain.unsealings import SHORTEST_REASON, PartKind, State, read_part
from amaan.reports.selectors import ReportNotFound, access_report
from amaan.reports.unsealing import (
    AlreadyAnswered,
    AlreadyWaiting,
    NoSuchPart,
    NotOpen,
    Opened,
    OwnRequest,
    ReasonTooShort,
    Request,
    SealedPart,
    UnsealingNotFound,
    access_unsealing,
    ask_unsealing,
    grant_unsealing,
    history_for,
    read_unsealed,
    reason_of,
    refuse_unsealing,
    request_of,
    sealed_parts,
    unsealing_history,
    unsealings_of,
    waiting_for,
    withdraw_unsealing,
)
from amaan.reports.words import PARTIES, TEXTS, age_word, child_word, district_word, type_word, word
from amaan.ui.moments import length

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from amaan.reports.models import Unsealing

_SHOWN: Final = 200
READ_LIST: Final = "unsealing.list_read"
READ_PARTS: Final = "unsealing.parts_read"
READ_REQUEST: Final = "unsealing.read"
HOURS: Final = (1, 2, 4, 8, 24)
_NOT_SAID: Final = "not_said"
STATES: Final[dict[State, _StrPromise]] = {
    State.WAITING: gettext_lazy("waiting"),
    State.OPEN: gettext_lazy("open"),
    State.EXPIRED: gettext_lazy("granted; its time is over"),
    State.REFUSED: gettext_lazy("refused"),
    State.WITHDRAWN: gettext_lazy("withdrawn"),
}
TOO_SHORT: Final = gettext_lazy("Write a sentence that a colleague can weigh: at least %(n)s characters.")


def _reason_field(label: _StrPromise, help_text: _StrPromise) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto", "autocomplete": "off"}),
    )


class AskForm(forms.Form):
    """Which part, and why. `parts` are a report's sealed parts."""

    part = forms.ChoiceField(label=gettext_lazy("Which part"), widget=forms.RadioSelect)
    reason = _reason_field(
        gettext_lazy("Why you need it"),
        gettext_lazy("Say what you will do with it. The custodian reads this, and it is kept for good."),
    )

    def __init__(self, parts: Sequence[SealedPart], *args: object, asked: str = "") -> None:
        """`asked` is the part that stands chosen, where it is one of them."""
        super().__init__(*args, initial={"part": asked})  # type: ignore[arg-type, misc]
        self.fields["part"].choices = [  # type: ignore[attr-defined]
            (str(part.part), part_word(part)) for part in parts
        ]


class AnswerForm(forms.Form):
    """The custodian's answer; for how long counts only when it is granted."""

    hours = forms.TypedChoiceField(
        label=gettext_lazy("Open for"), coerce=int, choices=[(n, n) for n in HOURS], initial=2
    )
    reason = _reason_field(
        gettext_lazy("Why you grant or refuse it"),
        gettext_lazy("The asker reads this, and it is kept for good."),
    )

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.fields["hours"].choices = [  # type: ignore[attr-defined]
            (n, length(timedelta(hours=n))) for n in HOURS
        ]


@dataclass(frozen=True)
class Row:
    """A request in words. `left` is how long the part stays open, empty when it is not."""

    number: int
    reference: str
    unit: str
    part: str
    who: str
    asked_at: datetime
    state: str
    code: State
    answered_by: str
    answered_at: datetime | None
    open_until: datetime | None
    left: str
    readings: int


def part_word(sealed: SealedPart) -> str:
    """«Victim 1: girl, 11–13 years, Lahore»: facts that identify nobody."""
    if sealed.part.kind is PartKind.TEXTS:
        return _("The texts of the report")
    if sealed.part.kind is PartKind.DOCUMENT:
        return _("The documents as they came")
    if not sealed.role:
        return _("A protected person")
    facts = [
        child_word(sealed.sex, sealed.age_band) if sealed.sex != _NOT_SAID else "",
        age_word(sealed.age_band) if sealed.age_band != _NOT_SAID else "",
        district_word(sealed.district),
    ]
    who = f"{word(PARTIES, sealed.role)} {sealed.number}"
    said = _(", ").join(fact for fact in facts if fact)
    return f"{who}: {said}" if said else who


def _row(one: Request, names: dict[str, str], offices: dict[str, str]) -> Row:
    left = ""
    if one.state is State.OPEN and one.open_until is not None:
        left = length(one.open_until - timezone.now())
    return Row(
        number=one.number,
        reference=one.reference,
        unit=offices.get(one.unit, one.unit),
        part=part_word(one.part),
        who=who_in_words(one.asked_by, names),
        asked_at=one.asked_at,
        state=str(STATES[one.state]),
        code=one.state,
        answered_by=who_in_words(one.answered_by, names) if one.answered_by else "",
        answered_at=one.answered_at,
        open_until=one.open_until,
        left=left,
        readings=one.readings,
    )


def _rows(found: Sequence[Request]) -> list[Row]:
    names = names_of({key for one in found for key in (one.asked_by, one.answered_by) if key})
    offices = unit_names()
    return [_row(one, names, offices) for one in found]


@audience(may(Action.VIEW_REPORT))
@require_safe
@shown_when_recorded
def unsealings(request: HttpRequest) -> HttpResponse:
    """For a custodian what waits, then all that was; for others what they asked for themselves."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    answers = matrix.may(actor, Action.UNSEAL)
    if not answers and not matrix.may(actor, Action.REQUEST_UNSEALING):
        raise Http404
    waiting = waiting_for(actor) if answers else []
    above = {one.number for one in waiting}
    history = [one for one in history_for(actor) if one.number not in above]
    shown = [one.number for one in (*waiting, *history)]
    record_reading(actor, Act(READ_LIST, "unsealings", own_unit(actor), {"requests": shown}))
    context = {"answers": answers, "waiting": _rows(waiting), "history": _rows(history)}
    return render(request, "desk/unsealings.html", context)


@audience(may(Action.READ_LEDGER))
@require_safe
@shown_when_recorded
def openings(request: HttpRequest) -> HttpResponse:
    """For the auditor: who asked for what kind of part, and what was answered, in every unit."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = unsealing_history(actor, since=timezone.now() - LOOKED_BACK, limit=_SHOWN)
    record_reading(
        actor, Act(READ_LIST, "unsealings", own_unit(actor), {"requests": [o.number for o in found]})
    )
    context = {
        "history": _rows(found),
        "days": LOOKED_BACK // timedelta(days=1),
        "full": len(found) == _SHOWN,
    }
    return render(request, "desk/openings.html", context)


@audience(may(Action.REQUEST_UNSEALING))
@require_http_methods(["GET", "HEAD", "POST"])
@shown_when_recorded
def ask(request: HttpRequest, reference: str) -> HttpResponse:
    """Choose a part of a report by its unsealed facts, and say why. `?part=party-3` chooses one."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    try:
        report = access_report(actor, reference, Action.REQUEST_UNSEALING)
    except ReportNotFound as absent:
        raise Http404 from absent
    reference = report.reference  # as it is written, however it was typed
    parts, earlier = sealed_parts(actor, reference), unsealings_of(actor, reference)
    chosen = request.GET.get("part", "")
    form = AskForm(parts, request.POST) if request.method == "POST" else AskForm(parts, asked=chosen)
    if request.method == "POST" and form.is_valid():
        try:
            part = read_part(form.cleaned_data["part"])
            with recorded():
                number = ask_unsealing(
                    actor, reference=reference, part=part, reason=form.cleaned_data["reason"]
                )
        except ReasonTooShort:
            form.add_error("reason", TOO_SHORT % {"n": SHORTEST_REASON})
        except AlreadyWaiting:
            form.add_error("part", _("You have asked for this already; the custodian has not answered yet."))
        except NoSuchPart:
            form.add_error("part", _("The report has changed. Load the page again."))
        else:
            messages.success(request, _("Your request waits for a custodian."))
            return HttpResponseRedirect(reverse("desk:unsealing", args=[number]))
    body = {"requests": [one.number for one in earlier], "parts": [str(part.part) for part in parts]}
    record_reading(actor, Act(READ_PARTS, reference, report.unit.code, body))
    context = {"reference": reference, "form": form, "earlier": _rows(earlier)}
    return render(request, "desk/ask_unsealing.html", context)


@audience(may(Action.VIEW_REPORT))
@require_safe
@shown_when_recorded
def unsealing(request: HttpRequest, number: int) -> HttpResponse:
    """One request: what was asked and answered; for a custodian the answer to give."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return _show(request, actor, _access(actor, number), AnswerForm())


@audience(may(Action.UNSEAL))
@require_POST
@shown_when_recorded
def answer(request: HttpRequest, number: int) -> HttpResponse:
    """Grant or refuse. The asker is never the one who answers, whatever else they may do."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    row = _access(actor, number)
    form = AnswerForm(request.POST)
    grants = request.POST.get("answer") == "grant"
    if not form.is_valid() or request.POST.get("answer") not in {"grant", "refuse"}:
        return _show(request, actor, row, form, HTTPStatus.BAD_REQUEST)
    reason = form.cleaned_data["reason"]
    try:
        with recorded(UnsealingNotFound, OwnRequest):
            if grants:
                grant_unsealing(actor, number=number, hours=form.cleaned_data["hours"], reason=reason)
            else:
                refuse_unsealing(actor, number=number, reason=reason)
    except ReasonTooShort:
        form.add_error("reason", TOO_SHORT % {"n": SHORTEST_REASON})
        return _show(request, actor, row, form)
    except AlreadyAnswered:
        messages.warning(request, _("This was answered already; your answer was not taken."))
    else:
        messages.success(request, _("Granted.") if grants else _("Refused."))
    return HttpResponseRedirect(reverse("desk:unsealing", args=[number]))


@audience(may(Action.REQUEST_UNSEALING))
@require_POST
@shown_when_recorded
def withdraw(request: HttpRequest, number: int) -> HttpResponse:
    """The asker needs it no longer."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    try:
        with recorded(UnsealingNotFound):
            withdraw_unsealing(actor, number=number)
    except AlreadyAnswered:
        messages.warning(request, _("This was answered already."))
    else:
        messages.success(request, _("Withdrawn."))
    return HttpResponseRedirect(reverse("desk:unsealing", args=[number]))


@audience(may(Action.REQUEST_UNSEALING))
@require_POST
@shown_when_recorded
def read(request: HttpRequest, number: int) -> HttpResponse:
    """What lies under the seal, for the asker while it is open. Posted, so that no preview reads by itself."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    try:
        with recorded(UnsealingNotFound):
            opened = read_unsealed(actor, number=number)
    except NotOpen:
        messages.warning(request, _("It is not open any more. Ask again if you still need it."))
        return HttpResponseRedirect(reverse("desk:unsealing", args=[number]))
    shown = request_of(access_unsealing(actor, number))
    context = {
        "one": _rows([shown])[0],
        "opened": opened,
        "identifiers": [(type_word(kind), value) for kind, value in opened.identifiers],
        "texts": [(word(TEXTS, kind), text) for kind, text in opened.texts],
        "documents": _documents(opened),
    }
    return render(request, "desk/unsealed.html", context)


def _documents(opened: Opened) -> tuple[DocumentTree, ...]:
    """The documents of the telling that was asked for, with nothing covered."""
    return trees_of(((kind, open_exhibit(exhibit)) for exhibit, kind in opened.exhibits if kind), None)


def _access(actor: Actor, number: int) -> Unsealing:
    try:
        return access_unsealing(actor, number)
    except UnsealingNotFound as absent:
        raise Http404 from absent


def _show(
    request: HttpRequest, actor: Actor, row: Unsealing, form: AnswerForm, status: int = HTTPStatus.OK
) -> HttpResponse:
    unit = row.report.unit.code
    record_reading(actor, Act(READ_REQUEST, row.report.reference, unit, {"unsealing": row.pk}))
    shown, (reason, answered) = request_of(row), reason_of(row)
    own = row.asked_by == actor.key
    context = {
        "one": _rows([shown])[0],
        "reason": reason,
        "answer_reason": answered,
        "form": form,
        "answers": shown.state is State.WAITING and not own and matrix.may(actor, Action.UNSEAL, unit),
        "withdraws": shown.state is State.WAITING and own,
        "reads": shown.state is State.OPEN and own,
        "own_custodian": shown.state is State.WAITING and own and matrix.may(actor, Action.UNSEAL, unit),
        "over": shown.state is State.EXPIRED and own,
    }
    return render(request, "desk/unsealing.html", context, status=status)


urlpatterns = [
    path("reports/<str:reference>/unseal/", ask, name="ask_unsealing"),
    path("unsealings/", unsealings, name="unsealings"),
    path("openings/", openings, name="openings"),
    path("unsealings/<int:number>/", unsealing, name="unsealing"),
    path("unsealings/<int:number>/answer/", answer, name="answer_unsealing"),
    path("unsealings/<int:number>/withdraw/", withdraw, name="withdraw_unsealing"),
    path("unsealings/<int:number>/read/", read, name="read_unsealed"),
]
