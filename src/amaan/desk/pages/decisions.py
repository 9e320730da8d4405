"""What an officer decides on a report besides opening or joining a case: refer it, or close it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from amaan.accounts.audience import audience, may
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action
from amaan.correspondence.domain.words import MOST_MESSAGE
from amaan.correspondence.panels import conversation_of
from amaan.correspondence.services import tell_outcome
from amaan.desk.dossier import holding
from amaan.desk.fields import Words
from amaan.desk.pages.reporter.showing import not_safe
from amaan.desk.telling import TellingForm, telling_read, warn
from amaan.portal.domain.letters import Became
from amaan.portal.letter_words import BECAME
from amaan.reports.domain.outcomes import CloseReason, Decision
from amaan.reports.selectors import ReportNotFound, access_report
from amaan.reports.services import ToldAgain, close_out
from amaan.reports.words import CLOSE_REASONS

if TYPE_CHECKING:
    from amaan.reports.models import Report

MOST_REASON: Final = 4000
NOTHING: Final = "nothing"
FITTING: Final = "fitting"
SENTENCES: Final[Mapping[CloseReason, Became]] = {
    CloseReason.NO_OFFENCE: Became.NO_OFFENCE,
    CloseReason.TOO_LITTLE: Became.TOO_LITTLE,
    CloseReason.TOLD_ALREADY: Became.KNOWN,
    CloseReason.SHARED_WIDELY: Became.WORKED_ON,
    CloseReason.OUT_OF_REACH: Became.OUT_OF_REACH,
    CloseReason.OTHER: Became.OTHER,
}
"""What a reporter is told of a report that is closed for this reason, unless whoever closes it chooses otherwise."""


class DecisionForm(TellingForm):
    """What was decided, and what its reporter is told of it; nothing of the second where nobody can be told."""

    field_order = ("version", "to", "code", "reason", "became", "told")
    sentences: tuple[Became, ...] = tuple(Became)
    became = forms.ChoiceField(
        label=gettext_lazy("What the reporter is told"),
        help_text=gettext_lazy("They read it in these words when they come back with their code."),
        widget=forms.RadioSelect,
    )
    told = Words(
        most=MOST_MESSAGE,
        required=False,
        label=gettext_lazy("And in your own words"),
        help_text=gettext_lazy(
            "What became of it, if it can be said: plain words, no names. Whoever holds the code reads it."
        ),
    )

    def __init__(self, *args: Any, reporter: bool, **how: Any) -> None:
        """`reporter`: somebody holds a code, and can be told."""
        super().__init__(*args, **how)
        if not reporter:
            del self.fields["became"], self.fields["told"]
            return
        self.fields["became"].choices = [  # type: ignore[attr-defined]
            *self.ahead(),
            *((str(one), BECAME[one]) for one in self.sentences),
            (NOTHING, _("Nothing now: to write to them could harm them")),
        ]

    def ahead(self) -> list[tuple[str, str]]:
        """What is offered before the sentences."""
        return []

    def clean(self) -> dict[str, Any]:
        held: dict[str, Any] = super().clean() or self.cleaned_data
        if held.get("became") == NOTHING and held.get("told"):
            self.add_error("became", _("You wrote something to the reporter: choose what they are told."))
        return held

    def sentence(self) -> Became | None:
        """What is told; None for nothing. For a form that is valid."""
        chosen = self.cleaned_data.get("became", NOTHING)
        return None if chosen == NOTHING else Became(chosen)


class ReferForm(DecisionForm):
    sentences = (Became.PASSED_ON, Became.WORKED_ON, Became.TAKEN_DOWN, Became.OTHER)
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


class CloseForm(DecisionForm):
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

    def __init__(self, *args: Any, held: Mapping[str, str], **how: Any) -> None:
        """`held`: what keeps the report at one day; whoever closes it says that they have read it."""
        super().__init__(*args, **how)
        if held:
            self.fields["despite"] = forms.BooleanField(
                label=_(
                    "I have read why it is to be seen to within a day; my words say why it is closed all the same"
                ),
                error_messages={
                    "required": _("Read why it is to be seen to within a day, and tick this box.")
                },
            )

    def ahead(self) -> list[tuple[str, str]]:
        return [(FITTING, _("The sentence that fits the reason above"))]

    def sentence(self) -> Became | None:
        if self.cleaned_data.get("became") == FITTING:
            return SENTENCES[CloseReason(self.cleaned_data["code"])]
        return super().sentence()


@audience(may(Action.DECIDE_REPORT))
@require_http_methods(["GET", "HEAD", "POST"])
def refer(request: HttpRequest, reference: str) -> HttpResponse:
    """Write down to whom a report was passed on. It stays with the unit: Amaan sends it nowhere."""
    return _decide(request, reference, ReferForm, {"became": str(Became.PASSED_ON)})


@audience(may(Action.DECIDE_REPORT))
@require_http_methods(["GET", "HEAD", "POST"])
def close(request: HttpRequest, reference: str) -> HttpResponse:
    """Close a report, with a reason of the list and one in words."""
    return _decide(request, reference, CloseForm, {"became": FITTING})


def _decide(
    request: HttpRequest, reference: str, asked: type[DecisionForm], initial: Mapping[str, str]
) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    try:
        report = access_report(actor, reference, Action.DECIDE_REPORT)
    except ReportNotFound as absent:
        raise Http404 from absent
    talk = conversation_of(actor, report.reference)
    tells = talk is not None and talk.reachable
    sent = request.method == "POST"
    held = holding(report.reference) if asked is CloseForm else {}
    form = asked(
        request.POST if sent else None,
        initial={**telling_read(request, report), **initial},
        reporter=tells,
        **({"held": held} if asked is CloseForm else {}),
    )
    if sent and form.is_valid():
        try:
            _write(actor, report, form, despite=list(held))
        except ToldAgain as meanwhile:
            warn(form, report, meanwhile.newest)
        else:
            messages.success(request, _done(form.cleaned_data) % {"reference": report.reference})
            if (became := form.sentence()) is not None:
                messages.success(request, _("The reporter is told: “%(words)s”") % {"words": BECAME[became]})
            return HttpResponseRedirect(reverse("desk:home"))
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    context = {
        "report": report,
        "form": form,
        "not_safe": talk is not None and not_safe(talk),
        "held": list(held.values()),
    }
    template = "desk/close.html" if asked is CloseForm else "desk/refer.html"
    return render(request, template, context, status=status)


@transaction.atomic
def _write(actor: Actor, report: Report, form: DecisionForm, *, despite: Sequence[str]) -> None:
    """The decision and the letter about it, or neither. Raises ToldAgain."""
    said = form.cleaned_data
    version, reference = said["version"], report.reference
    if isinstance(form, CloseForm):
        close_out(
            actor,
            reference=reference,
            decision=Decision.CLOSED,
            reason=said["reason"],
            version=version,
            stage=said["code"],
            despite=despite,
        )
    else:
        reason = f"{said['to']}\n\n{said['reason']}"
        close_out(actor, reference=reference, decision=Decision.REFERRED, reason=reason, version=version)
    if (became := form.sentence()) is not None:
        tell_outcome(actor, reference=reference, became=became, text=said["told"])


def _done(said: dict[str, Any]) -> str:
    return _("%(reference)s is closed.") if "code" in said else _("%(reference)s is referred.")


urlpatterns = [
    path("reports/<str:reference>/refer/", refer, name="refer"),
    path("reports/<str:reference>/close/", close, name="close"),
]
