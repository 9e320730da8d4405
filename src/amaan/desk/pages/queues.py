"""The queues inside an office: which come first to oneself, and, for its supervisor, what each catches."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amaan.accounts.audience import audience, may
from amaan.accounts.selectors import colleagues, names_of, unit_names
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, units_where
from amaan.authority.matrix import may as allowed
from amaan.desk.reading import own_unit, record_reading, shown_when_recorded
from amaan.ledger.services import Act
from amaan.triage.domain.queues import BadTerms, Terms
from amaan.triage.selectors import NamedQueue, NoSuchQueue, caught_by_none, queues_for
from amaan.triage.services import NameTaken, TooManyQueues, keep_queue, prefer_queues, retire_queue
from amaan.vocabulary.domain import districts, incident_types, languages, offences

READ_QUEUES: Final = "queues.read"


def _urdu() -> bool:
    return get_language() == "ur"


def _districts() -> list[tuple[str, str]]:
    return sorted(
        ((one.pcode, one.name_ur if _urdu() else one.name) for one in districts()), key=lambda d: d[1]
    )


def _languages() -> list[tuple[str, str]]:
    return [(one.code, one.own_name if _urdu() else one.name) for one in languages().values()]


def _types() -> list[tuple[str, str]]:
    kinds = [one for one in incident_types().values() if one.id != "not_said"]
    return [(one.id, one.name_ur if _urdu() else one.name) for one in kinds]


def _sections() -> list[tuple[str, str]]:
    return [(one.id, f"{one.act}, {one.section}") for one in offences().values() if one.in_force]


class _Several(forms.SelectMultiple):
    def __init__(self) -> None:
        super().__init__(attrs={"size": 8})


class QueueForm(forms.Form):
    """What a queue is called, what it catches, and whose work comes from it first."""

    name = forms.CharField(max_length=80, label=gettext_lazy("Name"))
    name_ur = forms.CharField(
        max_length=80,
        required=False,
        label=gettext_lazy("Name in Urdu"),
        widget=forms.TextInput(attrs={"dir": "rtl", "lang": "ur"}),
    )
    districts = forms.MultipleChoiceField(
        choices=_districts,
        required=False,
        widget=_Several,
        label=gettext_lazy("Districts"),
        help_text=gettext_lazy("Of the event, of a child, or of whoever is reported: any of them."),
    )
    languages = forms.MultipleChoiceField(
        choices=_languages,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label=gettext_lazy("Languages"),
        help_text=gettext_lazy("In which somebody told it, where that is known: at the public's door."),
    )
    incident_types = forms.MultipleChoiceField(
        choices=_types,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label=gettext_lazy("What is reported"),
    )
    sections = forms.MultipleChoiceField(
        choices=_sections, required=False, widget=_Several, label=gettext_lazy("Sections of the law that fit")
    )
    members = forms.TypedMultipleChoiceField(
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label=gettext_lazy("Whose next report comes from here first"),
        help_text=gettext_lazy("Only where it is as urgent as any other. They see no more than before."),
    )

    def __init__(self, data: Any, *, unit: str, **how: Any) -> None:
        super().__init__(data, **how)
        people = colleagues(Action.DECIDE_REPORT, unit)
        self.fields["members"].choices = [(one.id, one.name) for one in people]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        held: dict[str, Any] = super().clean() or self.cleaned_data
        if not any(held.get(one) for one in _TERMS):
            self.add_error(
                None, _("A queue that asks for nothing would catch everything. Choose at least one word.")
            )
        return held


_TERMS: Final = ("districts", "languages", "incident_types", "sections")


@audience(may(Action.VIEW_QUEUE))
@require_safe
@shown_when_recorded
def queues(request: HttpRequest) -> HttpResponse:
    """The queues of one's offices with what waits in each; which of them come first to oneself."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = queues_for(actor, counted=True)
    record_reading(
        actor, Act(READ_QUEUES, "queues", own_unit(actor), {"queues": [one.number for one in found]})
    )
    managed, offices = units_where(actor, Action.MANAGE_QUEUES), unit_names()
    people = names_of([f"staff:{person}" for one in found for person in one.members])
    person = int(actor.key.removeprefix("staff:"))
    loose = caught_by_none(actor)
    context = {
        "offices": [
            {
                "code": code,
                "name": offices.get(code, code),
                "loose": loose.get(code, 0),
                "managed": code in managed,
                "queues": [_shown(one, people, person) for one in found if one.unit == code],
            }
            for code in sorted(units_where(actor, Action.VIEW_QUEUE).codes)
        ],
        "chooses": allowed(actor, Action.DECIDE_REPORT) and bool(found),
    }
    return render(request, "desk/queues/list.html", context)


def _shown(one: NamedQueue, people: dict[str, str], person: int) -> dict[str, object]:
    names = [people.get(f"staff:{member}", "") for member in one.members]
    return {"queue": one, "asks": asks(one.terms), "people": sorted(names), "mine": person in one.members}


def asks(terms: Terms) -> list[tuple[str, str]]:
    """What a queue asks for, in words: a heading and its words, each."""
    kinds = (
        (_("Districts"), dict(_districts()), terms.districts),
        (_("Languages"), dict(_languages()), terms.languages),
        (_("What is reported"), dict(_types()), terms.incident_types),
        (_("Sections of the law that fit"), dict(_sections()), terms.sections),
    )
    comma = "، " if _urdu() else ", "
    return [
        (name, comma.join(sorted(known.get(one, one) for one in held))) for name, known, held in kinds if held
    ]


@audience(may(Action.DECIDE_REPORT))
@require_POST
def prefer(request: HttpRequest) -> HttpResponse:
    """The queues that were ticked come first to oneself from now on."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    prefer_queues(
        actor,
        numbers=[int(one) for one in request.POST.getlist("queue") if one.isdecimal() and len(one) < 18],
    )
    messages.success(
        request, _("Your next reports come from there first, where they are as urgent as others.")
    )
    return HttpResponseRedirect(reverse("desk:queues"))


@audience(may(Action.MANAGE_QUEUES))
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, unit: str) -> HttpResponse:
    """A new queue of an office."""
    return _edit(request, unit, None)


@audience(may(Action.MANAGE_QUEUES))
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, unit: str, number: int) -> HttpResponse:
    """Another name, other terms, other people, or `retire` it."""
    return _edit(request, unit, number)


def _edit(request: HttpRequest, unit: str, number: int | None) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if unit not in units_where(actor, Action.MANAGE_QUEUES) or unit not in unit_names():
        raise Http404
    found = next((one for one in queues_for(actor) if (one.number, one.unit) == (number, unit)), None)
    if number is not None and found is None:
        raise Http404
    if request.method == "POST" and found and "retire" in request.POST:
        retire_queue(actor, unit=unit, number=found.number)
        messages.success(request, _("The queue is gone. What waited in it waits with everything else."))
        return HttpResponseRedirect(reverse("desk:queues"))
    initial = (
        {
            "name": found.name_en,
            "name_ur": found.name_ur,
            "members": list(found.members),
            **found.terms.words(),
        }
        if found
        else {}
    )
    form = QueueForm(request.POST if request.method == "POST" else None, unit=unit, initial=initial)
    if request.method == "POST" and form.is_valid() and _kept(actor, unit, number, form):
        messages.success(request, _("The queue is saved. Reports that wait already find it within minutes."))
        return HttpResponseRedirect(reverse("desk:queues"))
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    context = {"form": form, "queue": found, "office": unit_names().get(unit, unit)}
    return render(request, "desk/queues/edit.html", context, status=status)


def _kept(actor: Actor, unit: str, number: int | None, form: QueueForm) -> bool:
    said = form.cleaned_data
    try:
        keep_queue(
            actor,
            unit=unit,
            name=said["name"],
            name_ur=said["name_ur"],
            terms={one: said[one] for one in _TERMS},
            members=said["members"],
            number=number,
        )
    except NameTaken:
        form.add_error("name", _("Another queue of this office has this name."))
    except (BadTerms, TooManyQueues):
        form.add_error(
            None, _("This office has as many queues as it may have, or one of the words is unknown.")
        )
    except NoSuchQueue as gone:
        raise Http404 from gone
    return not form.errors


urlpatterns = [
    path("queues/", queues, name="queues"),
    path("queues/prefer/", prefer, name="prefer_queues"),
    path("queues/<slug:unit>/new/", new, name="new_queue"),
    path("queues/<slug:unit>/<int:number>/", change, name="change_queue"),
]
