"""What an officer decides on a report besides opening or joining a case: refer it, or close it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from amaan.accounts.audience import audience, may
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action
from amaan.desk.telling import TellingForm, telling_read, warn
from amaan.reports.domain.outcomes import CloseReason, Decision
from amaan.reports.selectors import ReportNotFound, access_report
from amaan.reports.services import ToldAgain, close_out
from amaan.reports.words import CLOSE_REASONS

if TYPE_CHECKING:
    from amaan.reports.models import Report

MOST_REASON: Final = 4000


class ReferForm(TellingForm):
    to = forms.CharField(
        label=gettext_lazy("To whom"),
        help_text=gettext_lazy(
            "The office or body, in words: who takes it on there, and how it goes to them."
        ),
        max_length=300,
    )
    reason = forms.CharField(
        label=gettext_lazy("Why to them"),
        help_text=gettext_lazy("Kept sealed with the report, for good."),
        max_length=MOST_REASON,
        widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
    )


class CloseForm(TellingForm):
    code = forms.ChoiceField(
        label=gettext_lazy("Why it is closed"),
        choices=[(str(code), CLOSE_REASONS[code]) for code in CloseReason],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=gettext_lazy("In your own words"),
        help_text=gettext_lazy(
            "What a colleague needs to agree with you a year from now. Kept sealed, for good."
        ),
        max_length=MOST_REASON,
        widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
    )


@audience(may(Action.DECIDE_REPORT))
@require_http_methods(["GET", "HEAD", "POST"])
def refer(request: HttpRequest, reference: str) -> HttpResponse:
    """Write down to whom a report was passed on. It stays with the unit: Amaan sends it nowhere."""
    return _decide(request, reference, ReferForm, "desk/refer.html")


@audience(may(Action.DECIDE_REPORT))
@require_http_methods(["GET", "HEAD", "POST"])
def close(request: HttpRequest, reference: str) -> HttpResponse:
    """Close a report, with a reason of the list and one in words."""
    return _decide(request, reference, CloseForm, "desk/close.html")


def _decide(request: HttpRequest, reference: str, asked: type[TellingForm], template: str) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    try:
        report = access_report(actor, reference, Action.DECIDE_REPORT)
    except ReportNotFound as absent:
        raise Http404 from absent
    form = asked(request.POST) if request.method == "POST" else asked(initial=telling_read(request, report))
    if request.method == "POST" and form.is_valid():
        try:
            _write(actor, report, form.cleaned_data)
        except ToldAgain as meanwhile:
            warn(form, report, meanwhile.newest)
            return _page(request, report, form, template)
        messages.success(request, _done(form.cleaned_data) % {"reference": report.reference})
        return HttpResponseRedirect(reverse("desk:home"))
    return _page(request, report, form, template)


def _write(actor: Actor, report: Report, said: dict[str, Any]) -> None:
    version, reference = said["version"], report.reference
    if "code" in said:
        close_out(
            actor,
            reference=reference,
            decision=Decision.CLOSED,
            reason=said["reason"],
            version=version,
            stage=said["code"],
        )
    else:
        reason = f"{said['to']}\n\n{said['reason']}"
        close_out(actor, reference=reference, decision=Decision.REFERRED, reason=reason, version=version)


def _done(said: dict[str, Any]) -> str:
    return _("%(reference)s is closed.") if "code" in said else _("%(reference)s is referred.")


def _page(request: HttpRequest, report: Report, form: forms.Form, template: str) -> HttpResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, template, {"report": report, "form": form}, status=status)


urlpatterns = [
    path("reports/<str:reference>/refer/", refer, name="refer"),
    path("reports/<str:reference>/close/", close, name="close"),
]
