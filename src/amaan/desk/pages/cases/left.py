"""Work of people who left: what they had claimed, and the cases on which they stand, given on by a supervisor."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from amaan.accounts.audience import audience, may
from amaan.accounts.selectors import colleagues, names_of, unit_names
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action
from amaan.cases.domain import REASON, CaseError, NotAtWork
from amaan.cases.selectors import CaseNotFound, LeftCase, cases_left
from amaan.cases.services import reassign
from amaan.desk.fields import Words
from amaan.desk.pages.cases.forms import refusal
from amaan.desk.reading import own_unit, record_reading, shown_when_recorded
from amaan.ledger.services import Act
from amaan.reports.selectors import ReportNotFound
from amaan.triage.selectors import LeftClaim, claims_left
from amaan.triage.services import NotClaimed, release_report

READ_LEFT_WORK: Final = "left_work.read"


@dataclass(frozen=True)
class Left:
    """What one person left in one office. `key` names the two together, on the page and in its form."""

    key: str
    name: str
    unit: str
    office: str
    claims: tuple[LeftClaim, ...]
    cases: tuple[LeftCase, ...]

    @property
    def references(self) -> list[str]:
        return [*(one.reference for one in self.claims), *(one.reference for one in self.cases)]


class GiveOnForm(forms.Form):
    """What is given on, to whom, and what they should know. Reports go back to the queue, cases to a colleague."""

    reports = forms.MultipleChoiceField(
        required=False,
        label=gettext_lazy("Reports, back to the queue"),
        widget=forms.CheckboxSelectMultiple,
    )
    cases = forms.MultipleChoiceField(
        required=False,
        label=gettext_lazy("Cases, to a colleague"),
        widget=forms.CheckboxSelectMultiple,
    )
    person = forms.TypedChoiceField(
        coerce=int,
        label=gettext_lazy("Colleague"),
        error_messages={"required": gettext_lazy("Choose who takes the cases over.")},
    )
    note = Words(
        most=REASON,
        rows=2,
        label=gettext_lazy("Why, and what they should know"),
        help_text=gettext_lazy("It stands in each case's timeline, and in the record. It is sealed."),
    )

    def __init__(self, data: Any, *, left: Left, **how: Any) -> None:
        super().__init__(data, prefix=left.key, **how)
        held = {
            "reports": [one.reference for one in left.claims],
            "cases": [one.reference for one in left.cases],
        }
        for name, references in held.items():
            if references:
                self.fields[name].choices = [(one, one) for one in references]  # type: ignore[attr-defined]
                self.initial[name] = references
            else:
                del self.fields[name]
        if left.cases:
            people = [(one.id, one.name) for one in colleagues(Action.WORK_CASE, left.unit)]
            self.fields["person"].choices = [("", _("Choose somebody")), *people]  # type: ignore[attr-defined]
        else:
            del self.fields["person"]

    def clean(self) -> dict[str, Any]:
        held: dict[str, Any] = super().clean() or self.cleaned_data
        if not held.get("cases") and "cases" not in self.errors:
            self.errors.pop("person", None)  # reports alone go to nobody
        if not self.errors and not held.get("cases") and not held.get("reports"):
            self.add_error(None, _("Tick what you give on."))
        return held


@audience(may(Action.ASSIGN_CASE))
@require_http_methods(["GET", "HEAD", "POST"])
@shown_when_recorded
def left_work(request: HttpRequest) -> HttpResponse:
    """What people left who may not work in an office any more; one form a person and office gives it on."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    all_left = _left(actor)
    bound: dict[str, GiveOnForm] = {}
    if request.method == "POST":
        left = next((one for one in all_left if one.key == request.POST.get("left", "")), None)
        if left is None:
            messages.info(request, _("Somebody gave it on before you."))
            return HttpResponseRedirect(reverse("desk:left_work"))
        form = GiveOnForm(request.POST, left=left)
        if form.is_valid() and _given_on(actor, left, form):
            messages.success(request, _("It is given on."))
            return HttpResponseRedirect(reverse("desk:left_work"))
        bound[left.key] = form
    body = {"references": [reference for one in all_left for reference in one.references]}
    record_reading(actor, Act(READ_LEFT_WORK, "left-work", own_unit(actor), body))
    shown = [_shown(one, bound.get(one.key) or GiveOnForm(None, left=one)) for one in all_left]
    status = HTTPStatus.UNPROCESSABLE_ENTITY if bound else HTTPStatus.OK
    return render(request, "desk/left_work.html", {"shown": shown, "now": timezone.now()}, status=status)


def _shown(left: Left, form: GiveOnForm) -> dict[str, object]:
    """Each box stands beside the line that it gives on."""
    boxes = {name: list(form[name].subwidgets) for name in ("reports", "cases") if name in form.fields}
    return {
        "left": left,
        "form": form,
        "claims": list(zip(boxes.get("reports", ()), left.claims, strict=True)),
        "cases": list(zip(boxes.get("cases", ()), left.cases, strict=True)),
    }


def _left(actor: Actor) -> list[Left]:
    claims, cases = claims_left(actor), cases_left(actor)
    found: dict[tuple[str, str], tuple[list[LeftClaim], list[LeftCase]]] = {}
    for claim in claims:
        found.setdefault((claim.unit, claim.by), ([], []))[0].append(claim)
    for case in cases:
        found.setdefault((case.unit, f"staff:{case.person}"), ([], []))[1].append(case)
    names, offices = names_of({by for _unit, by in found}), unit_names()
    return [
        Left(
            f"{unit}-{by.partition(':')[2]}",
            names.get(by, by),
            unit,
            offices.get(unit, unit),
            tuple(held),
            tuple(led),
        )
        for (unit, by), (held, led) in sorted(found.items())
    ]


def _given_on(actor: Actor, left: Left, form: GiveOnForm) -> bool:
    """All of it or nothing; what a colleague gave on in this moment is passed over."""
    said = form.cleaned_data
    people = {one.reference: one.person for one in left.cases}
    try:
        with transaction.atomic():
            for reference in said.get("reports", ()):
                _freed(actor, reference, said["note"])
            for reference in said.get("cases", ()):
                _moved(actor, reference, people[reference], said["person"], said["note"])
    except CaseError as refused:
        form.add_error(None, refusal(refused))
        return False
    return True


def _freed(actor: Actor, reference: str, reason: str) -> None:
    try:
        release_report(actor, reference, reason=reason)
    except NotClaimed:
        return
    except ReportNotFound as absent:
        raise Http404 from absent


def _moved(actor: Actor, reference: str, person: int, to: int, note: str) -> None:
    try:
        reassign(actor, case_reference=reference, person=person, to=to, note=note)
    except NotAtWork:
        return
    except CaseNotFound as absent:
        raise Http404 from absent


def something_left(actor: Actor) -> bool:
    """Whether there is anything to give on; False for whoever may not."""
    return bool(claims_left(actor) or cases_left(actor))


urlpatterns = [path("left-work/", left_work, name="left_work")]
