"""Care for whoever reads: one's own page, which nobody else can open, and an office's numbers, which name nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from amaan.accounts.audience import audience, may
from amaan.accounts.selectors import unit_names
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, units_where
from amaan.authority.matrix import may as allowed
from amaan.care.domain.categories import CHOOSABLE, Category, each
from amaan.care.domain.enough import FEWEST, Caps, Standing, State, Why
from amaan.care.domain.wishes import NO_CAP
from amaan.care.selectors import (
    asked_of,
    check_ins_of,
    help_lines,
    office_care,
    office_help,
    own_care,
    standing_for,
)
from amaan.care.services import (
    NoSuchColleague,
    answer_check_in,
    ask_check_in,
    buddies_of,
    keep_caps,
    keep_wishes,
    note_left,
)
from amaan.desk.reading import record_reading, shown_when_recorded
from amaan.ledger.services import Act
from amaan.triage.selectors import passed_over

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

READ_OWN: Final = "care.read"
READ_OFFICE: Final = "care.office_read"

CATEGORIES: Final[Mapping[Category, _StrPromise]] = {
    Category.YOUNG_CHILD: gettext_lazy("A young child"),
    Category.VIOLENCE: gettext_lazy("Violence, or abuse in person"),
    Category.SEXTORTION: gettext_lazy("Threats to share pictures"),
    Category.SELF_HARM: gettext_lazy("A danger of self-harm"),
    Category.LIVE: gettext_lazy("Abuse before a camera"),
    Category.FAMILY: gettext_lazy("Abuse in the family"),
    Category.FILES: gettext_lazy("Reports that speak of files"),
}
WHY: Final[Mapping[Why, _StrPromise]] = {
    Why.HEAVY_JUST_NOW: gettext_lazy(
        "You have just read something heavy. Lighter work comes first for a while."
    ),
    Why.HEAVY_DAY: gettext_lazy("You have read many heavy reports in 24 hours. Lighter work comes first."),
    Why.MINUTES_DAY: gettext_lazy("You have read enough for today."),
    Why.MINUTES_WEEK: gettext_lazy("You have read enough for this week."),
}


@dataclass(frozen=True)
class Note:
    """What the queue's page says to the one who reads it, and to nobody else. `asked` are colleagues who would like
    a few minutes."""

    words: str
    until: datetime | None
    asked: tuple[str, ...]


def care_note(actor: Actor, *, now: datetime) -> Note | None:
    """None where nothing is to be said."""
    standing = standing_for(actor, now=now)
    asked = asked_of(actor)
    if standing.state is State.OPEN and not asked:
        return None
    return Note(str(WHY.get(standing.why, "")), standing.until, asked)


def avoids_something(actor: Actor, *, now: datetime) -> bool:
    """Whether something may wait that is not offered to the actor."""
    return standing_for(actor, now=now).avoid != Category.NONE


def alone_with_an_emergency(actor: Actor, *, now: datetime) -> bool:
    """Whether an emergency waits that the actor is not given, for whatever reason, and that nobody else at work is.

    Then nothing else is given in silence: they are asked. Who has read enough is told so in any case.
    """
    standing = standing_for(actor, now=now)
    if standing.avoid is Category.NONE or standing.state is State.ENOUGH:
        return False
    return passed_over(actor, avoid=int(standing.avoid), now=now) == 0


def closes_with_somebody(actor: Actor, *, now: datetime) -> bool:
    """Whether the actor chose a colleague to close a day with, or read something heavy in the last 24 hours."""
    own = own_care(actor, now=now)
    return own.wishes.buddy is not None or own.read.heavy_day > 0


class WishesForm(forms.Form):
    """What one chooses for oneself."""

    opted_out = forms.TypedMultipleChoiceField(
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label=gettext_lazy("What I would rather leave to others"),
        help_text=gettext_lazy(
            "“Pull next” passes it over for you. Nobody is shown what you choose, nor why."
        ),
    )
    minutes_day = forms.IntegerField(
        min_value=5, required=False, label=gettext_lazy("Minutes a day, at most")
    )
    minutes_week = forms.IntegerField(
        min_value=5, required=False, label=gettext_lazy("Minutes a week, at most")
    )
    heavy_day = forms.IntegerField(
        min_value=0, required=False, label=gettext_lazy("Heavy reports a day, at most")
    )
    cooling_minutes = forms.IntegerField(
        min_value=0,
        max_value=24 * 60,
        required=False,
        label=gettext_lazy("Minutes of lighter work after a heavy one, at least"),
    )
    buddy = forms.TypedChoiceField(
        coerce=int,
        empty_value=None,
        required=False,
        label=gettext_lazy("The colleague with whom I close a hard day"),
    )
    shares_name = forms.BooleanField(
        required=False, label=gettext_lazy("My supervisor may see my name when I am near a cap")
    )

    def __init__(self, *args: Any, buddies: Mapping[int, str], **how: Any) -> None:
        super().__init__(*args, **how)
        self.fields["opted_out"].choices = [(int(one), CATEGORIES[one]) for one in CHOOSABLE]  # type: ignore[attr-defined]
        people = sorted(buddies.items(), key=lambda one: one[1])
        self.fields["buddy"].choices = [("", _("nobody yet")), *people]  # type: ignore[attr-defined]


class CapsForm(forms.Form):
    """What an office allows."""

    minutes_day = forms.IntegerField(
        min_value=30, max_value=720, label=gettext_lazy("Minutes a day, at most")
    )
    minutes_week = forms.IntegerField(
        min_value=60, max_value=3600, label=gettext_lazy("Minutes a week, at most")
    )
    heavy_day = forms.IntegerField(
        min_value=1, max_value=200, label=gettext_lazy("Heavy reports a day, at most")
    )
    cooling_minutes = forms.IntegerField(
        min_value=0, max_value=480, label=gettext_lazy("Minutes of lighter work after a heavy one, at least")
    )
    help_ = forms.CharField(
        max_length=300,
        required=False,
        label=gettext_lazy("Whom people of this office can turn to"),
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )


@audience(may(Action.VIEW_QUEUE))
@require_http_methods(["GET", "HEAD", "POST"])
@shown_when_recorded
def care(request: HttpRequest) -> HttpResponse:
    """One's own: what one read, what comes next, what one wishes, and whom one can turn to."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    now = timezone.now()
    own, buddies = own_care(actor, now=now), buddies_of(actor)
    wished = {name: value for name, value in vars(own.wishes.caps).items() if 0 < value < NO_CAP}
    form = WishesForm(
        request.POST if request.method == "POST" else None,
        buddies=buddies,
        initial={
            **wished,
            "opted_out": [int(one) for one in each(own.wishes.opted_out)],
            "buddy": own.wishes.buddy,
            "shares_name": own.shares_name,
        },
    )
    if request.method == "POST" and form.is_valid():
        _keep(actor, form.cleaned_data)
        messages.success(request, _("Saved. Only you see it."))
        return HttpResponseRedirect(reverse("desk:care"))
    record_reading(actor, Act(READ_OWN, "care", "", {}), also=partial(note_left, actor, now=now))
    others = _others(actor, own.standing, now)
    context = {
        "own": own,
        "words": WHY.get(own.standing.why, ""),
        "categories": [(CATEGORIES[one], count) for one, count in own.by_category.items() if count],
        "form": form,
        "check_ins": check_ins_of(actor),
        "buddy": buddies.get(own.wishes.buddy or 0, ""),
        "buddy_id": own.wishes.buddy,
        "emergency": others is not None and allowed(actor, Action.DECIDE_REPORT),
        "others": bool(others),
        "lighter": own.standing.state is State.LIGHTER,
        "enough": own.standing.state is State.ENOUGH,
        "help": [
            (_in(one.name, one.name_ur), one.number, _in(one.note, one.note_ur)) for one in help_lines()
        ],
        "office_help": office_help(actor),
        "offices": [
            (code, unit_names().get(code, code))
            for code in sorted(units_where(actor, Action.VIEW_CARE).codes)
        ],
        "now": now,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "desk/care/own.html", context, status=status)


def _others(actor: Actor, standing: Standing, now: datetime) -> int | None:
    """How many at work could take the emergency that the actor is not given; None where there is none."""
    if standing.state is State.ENOUGH:
        return passed_over(actor, avoid=None, now=now)
    if standing.avoid is Category.NONE:
        return None
    return passed_over(actor, avoid=int(standing.avoid), now=now)


def _in(english: str, urdu: str) -> str:
    return urdu if get_language() == "ur" else english


def _keep(actor: Actor, said: dict[str, Any]) -> None:
    def cap(name: str) -> int:
        value = said[name]
        return NO_CAP if value is None else int(value)

    caps = Caps(cap("minutes_day"), cap("minutes_week"), cap("heavy_day"), said["cooling_minutes"] or 0)
    keep_wishes(
        actor,
        opted_out=Category(sum(said["opted_out"])),
        caps=caps,
        buddy=said["buddy"],
        shares_name=said["shares_name"],
    )


@audience(may(Action.VIEW_QUEUE))
@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Ask one's buddy for a few minutes."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    buddy = request.POST.get("buddy", "")
    try:
        ask_check_in(
            actor, buddy=int(buddy) if buddy.isdecimal() and len(buddy) < 18 else 0, now=timezone.now()
        )
    except NoSuchColleague as nobody:
        raise Http404 from nobody
    messages.success(request, _("Your colleague sees that you ask. Nothing is written down of what you say."))
    return HttpResponseRedirect(reverse("desk:care"))


@audience(may(Action.VIEW_QUEUE))
@require_POST
def answer(request: HttpRequest, number: int) -> HttpResponse:
    """It took place (`yes`), or it will (anything else)."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    try:
        answer_check_in(actor, number=number, yes=request.POST.get("answer") == "yes", now=timezone.now())
    except NoSuchColleague as nobody:
        raise Http404 from nobody
    return HttpResponseRedirect(reverse("desk:care"))


@audience(may(Action.VIEW_CARE))
@require_http_methods(["GET", "HEAD", "POST"])
@shown_when_recorded
def office(request: HttpRequest, unit: str) -> HttpResponse:
    """How much an office reads, and what it allows. It names nobody who does not wish it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if unit not in units_where(actor, Action.VIEW_CARE) or unit not in unit_names():
        raise Http404
    found = office_care(actor, unit, now=timezone.now())
    form = CapsForm(
        request.POST if request.method == "POST" else None, initial={**vars(found.caps), "help_": found.help}
    )
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        help_ = said.pop("help_")
        keep_caps(actor, unit=unit, caps=Caps(**said), help_=help_)
        messages.success(request, _("Saved."))
        return HttpResponseRedirect(reverse("desk:office_care", args=[unit]))
    record_reading(actor, Act(READ_OFFICE, "care", unit, {}))
    parts = [
        _("to a quarter"),
        _("to a half"),
        _("to three quarters"),
        _("to the cap"),
        _("the cap or beyond"),
    ]
    context = {
        "found": found,
        "office": unit_names().get(unit, unit),
        "spread": list(zip(parts, found.spread, strict=True)) if found.spread else [],
        "fewest": FEWEST,
        "form": form,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "desk/care/office.html", context, status=status)


urlpatterns = [
    path("care/", care, name="care"),
    path("care/check-in/", ask, name="ask_check_in"),
    path("care/check-in/<int:number>/", answer, name="answer_check_in"),
    path("care/<slug:unit>/", office, name="office_care"),
]
