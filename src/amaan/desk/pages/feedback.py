"""Feedback to senders: what the sender of one report is told, what is taken out, and how senders' reports fare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from http import HTTPStatus
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from amaan.accounts.audience import audience, may
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action
from amaan.authority.matrix import may as allowed
from amaan.desk.fields import Words
from amaan.desk.reading import own_unit, record_reading, recorded, shown_when_recorded
from amaan.feedback import services
from amaan.feedback.domain.codes import Hold, vocabulary
from amaan.feedback.domain.errors import FeedbackError
from amaan.feedback.panels import feedback_panel
from amaan.feedback.selectors import QualityLine, months_counted, partners_of, quality_for
from amaan.feedback.services.exporting import MOST_PURPOSE, Format
from amaan.feedback.services.giving import MOST_REASON
from amaan.feedback.words import HOLDS, code_words, field_words, refusal
from amaan.ledger.services import Act
from amaan.reports.selectors import ReportNotFound, access_report

READ_QUALITY: Final = "feedback.page_read"


def _codes() -> list[tuple[str, str]]:
    return [(code.id, code_words(code.id)) for code in vocabulary().codes.values() if code.offered]


class GiveForm(forms.Form):
    """`read` is the revision that the page showed."""

    read = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)
    code = forms.ChoiceField(
        label=gettext_lazy("How useful it was"), widget=forms.RadioSelect, choices=_codes
    )
    missing = forms.MultipleChoiceField(
        label=gettext_lazy("What would have helped, and was missing"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=lambda: [(name, field_words(name)) for name in vocabulary().fields],
    )
    hold = forms.ChoiceField(
        label=gettext_lazy("What speaks against telling it now"),
        help_text=gettext_lazy(
            "A platform that hears of a case may act on the account, and so warn whoever uses it."
        ),
        required=False,
        widget=forms.RadioSelect,
        choices=lambda: [(str(hold), str(words)) for hold, words in HOLDS.items()],
    )
    until = forms.DateField(
        label=gettext_lazy("Hold it back until this day"),
        help_text=gettext_lazy("Left empty, until somebody says otherwise."),
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "dir": "ltr"}),
    )
    reason = Words(
        most=MOST_REASON,
        required=False,
        label=gettext_lazy("Why it is held back"),
        help_text=gettext_lazy("Kept sealed, for good. The sender never sees it."),
    )


class ExportForm(forms.Form):
    entity = forms.ChoiceField(label=gettext_lazy("For which sender"))
    since = forms.DateField(
        label=gettext_lazy("From this day on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "dir": "ltr"}),
    )
    until = forms.DateField(
        label=gettext_lazy("Up to this day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "dir": "ltr"}),
    )
    form = forms.ChoiceField(
        label=gettext_lazy("As"),
        choices=[(str(Format.CSV), "CSV"), (str(Format.JSON_LINES), "JSON Lines")],
        widget=forms.RadioSelect,
        initial=str(Format.CSV),
    )
    purpose = Words(
        most=MOST_PURPOSE,
        label=gettext_lazy("For whom and what for"),
        help_text=gettext_lazy("Kept sealed in the ledger, for good."),
    )

    def __init__(self, partners: Sequence[str], *given: Any, **how: Any) -> None:
        super().__init__(*given, **how)
        self.fields["entity"].choices = [(name, name) for name in partners]  # type: ignore[attr-defined]


@audience(may(Action.GIVE_FEEDBACK))
@require_http_methods(["GET", "HEAD", "POST"])
def give(request: HttpRequest, reference: str) -> HttpResponse:
    """What the sender of one report is told, or why not yet."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    try:
        report = access_report(actor, reference, Action.GIVE_FEEDBACK)
    except ReportNotFound as absent:
        raise Http404 from absent
    panel = feedback_panel(report)
    if panel is None or not panel.partner:
        return render(request, "desk/feedback/give.html", {"report": report, "panel": panel, "form": None})
    first = {
        "read": panel.revision,
        "code": panel.code,
        "missing": list(panel.missing_ids),
        "hold": str(panel.hold),
    }
    form = GiveForm(request.POST if request.method == "POST" else None, initial=first)
    if request.method == "POST" and form.is_valid():
        held = form.cleaned_data
        try:
            services.give(
                actor,
                reference=report.reference,
                code=held["code"],
                missing=held["missing"],
                hold=Hold(held["hold"]),
                until=held["until"],
                reason=held["reason"],
                read=held["read"],
            )
        except FeedbackError as refused:
            form.add_error(None, refusal(refused))
        else:
            messages.success(
                request, _("It is noted. %(sender)s hears nothing else.") % {"sender": panel.entity}
            )
            return HttpResponseRedirect(reverse("desk:report", args=[report.reference]))
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    context = {"report": report, "panel": panel, "form": form, "now": timezone.now()}
    return render(request, "desk/feedback/give.html", context, status=status)


@dataclass(frozen=True)
class Line:
    """One sender's month; shares in percent as text, "" where suppressed or nothing to divide by."""

    line: QualityLine
    complete: str
    viewed: str
    not_understood: str
    informational: str
    useful: str
    quality: int | None
    missed: list[str]


def _line(line: QualityLine) -> Line:
    held = line.counted
    useful = held.share_useful()
    return Line(
        line,
        _percent(held.complete, held.reports),
        _percent(held.with_files - held.viewed_not_said, held.with_files),
        _percent(held.not_understood, held.reports),
        _percent(held.informational, held.reports),
        "" if useful is None else f"{100 * useful:.0f} %",
        held.median_quality,
        [field_words(name) for name, _count in held.most_missed()],
    )


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else ""


@audience(may(Action.VIEW_STATISTICS))
@require_safe
@shown_when_recorded
def quality(request: HttpRequest) -> HttpResponse:
    """How each sender's reports fare. `?month=2026-01` names a month, `?sender=12` a sender with all its months."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    months = months_counted(actor)
    sender = _number(request.GET.get("sender", ""))
    month = None if sender else _month(request.GET.get("month", ""), months)
    record_reading(
        actor,
        Act(
            READ_QUALITY,
            "feedback",
            own_unit(actor),
            {"month": month.isoformat() if month else "", "sender": sender or 0},
        ),
    )
    lines = quality_for(actor, month=month, entity_id=sender) if months else []
    context = {
        "lines": [_line(one) for one in lines],
        "months": months,
        "month": month,
        "sender": lines[0].entity if sender and lines else "",
        "may_export": allowed(actor, Action.EXPORT_FEEDBACK),
    }
    return render(request, "desk/feedback/quality.html", context)


@audience(may(Action.VIEW_STATISTICS))
@require_safe
@shown_when_recorded
def quality_csv(request: HttpRequest) -> HttpResponse:
    """The same table, all months, as a file."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    with recorded():
        text = services.export_quality(actor)
    return _file(text, "text/csv", "senders-by-month.csv")


@audience(may(Action.EXPORT_FEEDBACK))
@require_http_methods(["GET", "HEAD", "POST"])
@shown_when_recorded
def export(request: HttpRequest) -> HttpResponse:
    """What one sender was told, as a file to give to it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    partners = partners_of(actor)
    form = ExportForm(partners, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        held = form.cleaned_data
        until = held["until"] + timedelta(days=1) if held["until"] else None
        try:
            with recorded():
                found = services.export_feedback(
                    actor,
                    entity=held["entity"],
                    since=_begin(held["since"]),
                    until=_begin(until),
                    purpose=held["purpose"],
                    form=Format(held["form"]),
                )
        except FeedbackError as refused:
            form.add_error(None, refusal(refused))
        else:
            kind = "text/csv" if held["form"] == Format.CSV else "application/jsonl"
            return _file(found.text, kind, f"feedback.{held['form']}")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "desk/feedback/export.html", {"form": form, "partners": partners}, status=status)


def _file(text: str, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(text, content_type=f"{kind}; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _begin(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), UTC) if day else None


def _month(text: str, months: Sequence[date]) -> date | None:
    """The month that is asked for, if there are figures of it; else the newest."""
    asked = [month for month in months if f"{month:%Y-%m}" == text]
    return asked[0] if asked else (months[0] if months else None)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None


urlpatterns = [
    path("reports/<str:reference>/feedback/", give, name="give_feedback"),
    path("senders/", quality, name="senders"),
    path("senders/table.csv", quality_csv, name="senders_csv"),
    path("senders/feedback/", export, name="export_feedback"),
]
