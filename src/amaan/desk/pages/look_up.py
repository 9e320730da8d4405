"""Looking an identifier up for a report or case that is named, and the auditor's view of what led nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amaan.accounts.audience import audience, may
from amaan.accounts.selectors import names_of, unit_names
from amaan.authority import matrix
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action
from amaan.cases.selectors import CaseNotFound, access_case, cases_among
from amaan.desk.acts import who_in_words
from amaan.desk.reading import own_unit, record_reading, recorded, shown_when_recorded
from amaan.desk.sentences import said
from amaan.ledger.selectors import BodyErased
from amaan.ledger.services import Act
from amaan.linking.selectors import rings_of_reports
from amaan.matching.selectors import reports_that_match
from amaan.matching.services.looking_up import Hit, known_files, readings_of
from amaan.matching.words import CATEGORIES
from amaan.reports.domain.identifiers import TYPES
from amaan.reports.domain.searching import DAILY_CAP, LONGEST, LOOKED_BACK, MARKED_FROM, SHOWN, Trace
from amaan.reports.lookups import (
    FILE_HASH,
    TRACED,
    Alert,
    DailyCapReached,
    Finding,
    LookedUp,
    LookUpNotFound,
    NothingToLookUp,
    TracedLookUp,
    alerts_for,
    led_nowhere,
    look_up_for,
    made_today,
    read_terms,
    remaining_today,
)
from amaan.reports.selectors import ReportNotFound, access_report
from amaan.reports.selectors.recurring import cases_of
from amaan.reports.words import PARTIES, type_word, word
from amaan.triage.selectors.briefs import Brief, briefs_of
from amaan.ui.moments import length

READ_ALERTS: Final = "alert.read"
TRACES: Final = {
    Trace.NOTHING: gettext_lazy("found nothing"),
    Trace.OUT_OF_REACH: gettext_lazy("found only what is held or lies elsewhere"),
    Trace.NEVER_OPENED: gettext_lazy("nothing it found was opened"),
    Trace.STILL_OPEN: gettext_lazy("may still lead somewhere"),
}


class LookUpForm(forms.Form):
    """What to look up. The types' names are the reader's."""

    text = forms.CharField(
        label=gettext_lazy("Number, name or address"),
        max_length=LONGEST,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "dir": "auto"}),
    )
    kind = forms.ChoiceField(label=gettext_lazy("What it is"), required=False)
    platform = forms.CharField(
        label=gettext_lazy("At which platform"),
        required=False,
        max_length=100,
        help_text=gettext_lazy("Only for a name at a platform that is rarely met."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        kinds = [("", _("Whatever it may be")), *((name, type_word(name)) for name in TYPES)]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Purpose:
    """What a search is for. `case` says that it is a case's reference."""

    reference: str
    unit: str
    case: bool


@dataclass(frozen=True)
class Line:
    """A finding in words."""

    reference: str
    unit: str
    received_at: datetime
    roles: str
    types: str
    band: str  # empty while it has none
    why: str  # the reason that weighs most
    ring: str  # the ring's reference, empty outside any
    cases: tuple[str, ...]  # cases that hold it and that the reader may open
    other_cases: int  # and those that they may not


@dataclass(frozen=True)
class Files:
    """What lists know of a hash that was looked up, each with its category in words; whether pictures were compared."""

    known: tuple[tuple[Hit, str], ...]
    compared: bool


@dataclass(frozen=True)
class Traced:
    """A search of the auditor's list in words."""

    number: int
    who: str
    key: str
    at: datetime
    purpose: str
    unit: str
    found: int
    trace: str
    left: str  # how long it can still lead somewhere, in words; empty when that is over


@dataclass(frozen=True)
class Person:
    """Somebody of whom searches are counted."""

    who: str
    key: str
    count: int
    latest: datetime | None = None
    marked: bool = False


@audience(may(Action.LOOK_UP))
@require_http_methods(["GET", "HEAD", "POST"])
@shown_when_recorded
def look_up(request: HttpRequest, purpose: str) -> HttpResponse:
    """The form, and below it the answer to what was posted: no term ever stands in an address."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    serves = _purpose(actor, purpose)
    if request.method != "POST":
        return _page(request, serves, LookUpForm(), None, remaining_today(actor))
    form = LookUpForm(request.POST)
    if not form.is_valid():
        return _page(request, serves, form, None, remaining_today(actor))
    asked = form.cleaned_data
    hashes = [] if asked["kind"] else readings_of(asked["text"])
    hits, compared = known_files(hashes) if hashes else ([], True)
    try:
        with recorded():
            answer = look_up_for(
                actor,
                text=asked["text"],
                purpose=serves.reference,
                unit=serves.unit,
                type=asked["kind"],
                platform=asked["platform"],
                files=reports_that_match([hit.member for hit in hits]),
                known=[(hit.slug, hit.member, hit.distance) for hit in hits],
            )
    except NothingToLookUp:
        form.add_error("text", _("This fits nothing that can be looked up. Check it, or change what it is."))
        return _page(request, serves, form, None, remaining_today(actor))
    except DailyCapReached as reached:
        return _no_more_today(request, reached)
    return _page(request, serves, form, answer, answer.left_today, files=Files(_known(hits), compared))


def _purpose(actor: Actor, typed: str) -> Purpose:
    """Raises Http404: a purpose that the actor can't see is none."""
    found = _report(actor, typed) or _case(actor, typed)
    if found is None:
        raise Http404
    return found


def _report(actor: Actor, typed: str) -> Purpose | None:
    try:
        report = access_report(actor, typed, Action.LOOK_UP)
    except ReportNotFound:
        return None
    return Purpose(report.reference, report.unit.code, case=False)


def _case(actor: Actor, typed: str) -> Purpose | None:
    try:
        case = access_case(actor, typed)
    except CaseNotFound:
        return None
    may_here = matrix.may(actor, Action.LOOK_UP, case.unit.code)
    return Purpose(case.reference, case.unit.code, case=True) if may_here else None


def _page(
    request: HttpRequest,
    serves: Purpose,
    form: LookUpForm,
    answer: LookedUp | None,
    left: int,
    *,
    files: Files | None = None,
) -> HttpResponse:
    names = unit_names()
    actor: Actor = request.actor  # type: ignore[attr-defined]
    context = {
        "purpose": serves,
        "form": form,
        "answer": answer,
        "files": files,
        "lines": _lines(actor, answer.findings, names) if answer else [],
        "elsewhere": [names.get(code, code) for code in answer.elsewhere] if answer else [],
        "types": [type_word(name) for name in answer.types] if answer else [],
        "many_units": answer is not None and len({finding.unit for finding in answer.findings}) > 1,
        "shown": SHOWN,
        "left": left,
        "cap": DAILY_CAP,
        "team": _team(actor),
    }
    return render(request, "desk/look_up.html", context)


def _known(hits: Sequence[Hit]) -> tuple[tuple[Hit, str], ...]:
    return tuple((hit, str(CATEGORIES[hit.category])) for hit in hits[:SHOWN])


def _team(actor: Actor) -> list[Person]:
    """For a supervisor: how often their people searched today."""
    if not matrix.may(actor, Action.VIEW_PEOPLE):
        return []
    made = made_today(actor)
    names = names_of({one.by for one in made})
    return [Person(who_in_words(one.by, names), one.by, one.count) for one in made]


def _lines(actor: Actor, findings: Sequence[Finding], offices: dict[str, str]) -> list[Line]:
    """Of reports that the reader may open, as every finding is: whoever works on one is told with it."""
    briefs = briefs_of(finding.reference for finding in findings)
    ids = [finding.report_id for finding in findings]
    rings, held = rings_of_reports(ids), cases_of(ids)
    mine = cases_among(actor, {case for cases in held.values() for case in cases})
    return [
        replace(
            _line(finding, briefs.get(finding.reference), offices),
            ring=rings.get(finding.report_id, ""),
            cases=tuple(case for case in held.get(finding.report_id, ()) if case in mine),
            other_cases=sum(case not in mine for case in held.get(finding.report_id, ())),
        )
        for finding in findings
    ]


def _line(finding: Finding, brief: Brief | None, offices: dict[str, str]) -> Line:
    return Line(
        finding.reference,
        offices.get(finding.unit, finding.unit),
        finding.received_at,
        ", ".join(word(PARTIES, role) for role in finding.roles),
        ", ".join(_("a file's hash") if name == FILE_HASH else type_word(name) for name in finding.types),
        said(brief.band.name) if brief else "",
        said(brief.reasons[0]) if brief and brief.reasons else "",
        ring="",
        cases=(),
        other_cases=0,
    )


def _no_more_today(request: HttpRequest, reached: DailyCapReached) -> HttpResponse:
    context = {
        "title": _("Today's look-ups are used up"),
        "text": _("There are new ones from %(clock)s on %(day)s.")
        % {"clock": f"{reached.opens_at:%H:%M %Z}", "day": f"{reached.opens_at:%Y-%m-%d}"},
        "next": _("If a child is in danger now, ask a colleague to look it up for the same report."),
        "code": HTTPStatus.TOO_MANY_REQUESTS.value,
    }
    return render(request, "ui/error.html", context, status=HTTPStatus.TOO_MANY_REQUESTS)


@audience(may(Action.READ_LEDGER))
@require_safe
@shown_when_recorded
def alerts(request: HttpRequest) -> HttpResponse:
    """Searches that led nowhere, and whose they were."""
    return _alerts(request, None, "")


@audience(may(Action.READ_LEDGER))
@require_POST
@shown_when_recorded
def alert_terms(request: HttpRequest, number: int) -> HttpResponse:
    """What was typed in one search. The reading is recorded for itself."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    try:
        with recorded(LookUpNotFound):
            terms = read_terms(actor, number=number)
    except BodyErased:
        terms = ""
    return _alerts(request, number, terms)


def _alerts(request: HttpRequest, number: int | None, terms: str) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    since = timezone.now() - LOOKED_BACK
    record_reading(actor, Act(READ_ALERTS, "alerts", own_unit(actor), {"since": since.isoformat()}))
    people, traced = alerts_for(actor), led_nowhere(actor, since=since, limit=TRACED)
    today = made_today(actor)
    offices = unit_names()
    names = names_of([*(a.by for a in people), *(t.by for t in traced), *(m.by for m in today)])
    context = {
        "people": [_alerting(one, names) for one in people],
        "traced": [_traced(one, names, offices) for one in traced],
        "today": [Person(who_in_words(one.by, names), one.by, one.count) for one in today],
        "days": LOOKED_BACK // timedelta(days=1),
        "full": len(traced) == TRACED,
        "most": TRACED,
        "marked_from": MARKED_FROM,
        "cap": DAILY_CAP,
        "opened": number,
        "terms": terms,
    }
    return render(request, "desk/alerts.html", context)


def _alerting(alert: Alert, names: dict[str, str]) -> Person:
    return Person(who_in_words(alert.by, names), alert.by, alert.count, alert.latest, alert.marked)


def _traced(one: TracedLookUp, names: dict[str, str], offices: dict[str, str]) -> Traced:
    return Traced(
        one.number,
        who_in_words(one.by, names),
        one.by,
        one.at,
        one.purpose,
        offices.get(one.unit, one.unit),
        one.found,
        str(TRACES[one.trace]),
        length(one.closes_at - timezone.now()) if one.trace is Trace.STILL_OPEN else "",
    )


urlpatterns = [
    path("look-up/<str:purpose>/", look_up, name="look_up"),
    path("alerts/", alerts, name="alerts"),
    path("alerts/<int:number>/terms/", alert_terms, name="alert_terms"),
]
