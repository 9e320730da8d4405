"""Take a report out of its bundle, or put it back."""

from __future__ import annotations

from http import HTTPStatus

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
from amaan.bundles.panels import bundle_panel
from amaan.bundles.services import NotSplit, StandsAlone, split_report, undo_split
from amaan.bundles.services.splitting import MOST_REASON
from amaan.reports.selectors import ReportNotFound, access_report


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        help_text=gettext_lazy("What a colleague needs to agree with you. Kept sealed, for good."),
        max_length=MOST_REASON,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
    )


@audience(may(Action.DECIDE_REPORT))
@require_http_methods(["GET", "HEAD", "POST"])
def split(request: HttpRequest, reference: str) -> HttpResponse:
    """Say that a report does not belong with the others; said of one that was taken out, that it does after all."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    try:
        report = access_report(actor, reference, Action.DECIDE_REPORT)
    except ReportNotFound as absent:
        raise Http404 from absent
    panel = bundle_panel(actor, report)
    if panel is None:
        raise Http404
    sent = request.method == "POST"
    form = ReasonForm(request.POST if sent else None)
    if sent and form.is_valid():
        verb = undo_split if panel.split else split_report
        try:
            verb(actor, reference=report.reference, reason=form.cleaned_data["reason"])
        except (StandsAlone, NotSplit):
            messages.info(request, _("Somebody was quicker: nothing was left to do."))
        else:
            done = _("It stands with the others again.") if panel.split else _("It stands by itself now.")
            messages.success(request, done)
        return HttpResponseRedirect(reverse("desk:report", args=[report.reference]))
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(
        request, "desk/split.html", {"report": report, "form": form, "back": panel.split}, status=status
    )


urlpatterns = [path("reports/<str:reference>/split/", split, name="split")]
