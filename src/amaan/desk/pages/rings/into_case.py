"""From a ring to a case: reports joined by somebody who answers for each; and what may leave once a case stands."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from amaan.accounts.audience import audience, may
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action
from amaan.authority.matrix import may as allowed
from amaan.cases import services
from amaan.cases.domain import CaseError
from amaan.cases.selectors import CaseNotFound
from amaan.desk.pages.cases.forms import refusal
from amaan.desk.pages.rings.forms import NEW_CASE, IntoCaseForm
from amaan.desk.pages.rings.lines import choosing, lines_of
from amaan.desk.pages.rings.page import READ_RING, InCases, found, in_cases
from amaan.desk.reading import own_unit, record_reading, shown_when_recorded
from amaan.ledger.services import Act, append
from amaan.linking.panels.values import ReportShown
from amaan.linking.selectors.showing import SeenRing
from amaan.reports.selectors import ReportNotFound
from amaan.reports.services import ToldAgain

EXPORTED: Final = "ring.exported"
_HEAD: Final = ("ring", "one", "other", "weight", "strength", "state", "kinds")


@audience(may(Action.OPEN_CASE))
@require_http_methods(["GET", "HEAD", "POST"])
@shown_when_recorded
def into_case(request: HttpRequest, reference: str) -> HttpResponse:
    """Reports that stand in a case already are told and not offered; others go into a new case or one of those."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    seen = found(request, reference)
    held = in_cases(actor, seen)
    shown = [report.reference for report in seen.seen.values()]
    body = {"reports": shown, "elsewhere": seen.hidden, "for": "case"}
    record_reading(actor, Act(READ_RING, seen.ring.reference, own_unit(actor), body))
    # Here and below: it reads numpy, and so is read by whoever asks, not by every process.
    from amaan.linking.panels.ring import reports_shown

    reports, things = reports_shown(seen)
    free = [one for one in reports if not held.by_report.get(one.report_id)]
    offered = [one for one in free if allowed(actor, Action.OPEN_CASE, one.office)]
    if not offered and not held.by_report:
        raise Http404
    lines = lines_of(actor, seen, offered)
    choices = [(f"{one.reference}@{seen.seen[one.report_id].version}", one.reference) for one in offered]
    form = IntoCaseForm(request.POST or None, cases=held.open_to_see, choices=choices)
    if request.method == "POST" and form.is_valid():
        answer = _join(request, seen, form)
        if answer is not None:
            return answer
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    context = {
        "ring": seen.ring,
        "form": form,
        "held": _held(reports, held),
        "offered": offered,
        "choosing": choosing(form["reports"], lines, things),
        "now": timezone.now(),
    }
    return render(request, "desk/rings/into_case.html", context, status=status)


def _held(reports: Sequence[ReportShown], held: InCases) -> list[tuple[ReportShown, tuple[str, ...]]]:
    return [(one, held.by_report[one.report_id]) for one in reports if one.report_id in held.by_report]


def _join(request: HttpRequest, seen: SeenRing, form: IntoCaseForm) -> HttpResponse | None:
    """All of them or none: a case with half a ring in it would say the wrong thing."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    asked = form.cleaned_data
    chosen = [one.partition("@") for one in asked["reports"]]
    reason = asked["reason"]
    from amaan.linking.services import note_case_from_ring  # beside what weighs, which reads numpy

    try:
        with transaction.atomic():
            case = "" if asked["into"] == NEW_CASE else asked["into"]
            for report, _at, version in chosen:
                if case:
                    services.join_report(
                        actor,
                        case_reference=case,
                        report_reference=report,
                        version=int(version),
                        reason=reason,
                    )
                else:
                    case = services.open_case(
                        actor,
                        report_reference=report,
                        version=int(version),
                        reason=reason,
                        title=asked["title"],
                    )
            if not seen.gone:
                joined = {report for report, _at, _version in chosen}
                ids = [number for number, report in seen.seen.items() if report.reference in joined]
                note_case_from_ring(actor, ring=seen.ring.pk, case=case, report_ids=ids)
    except ToldAgain:
        form.add_error(
            None,
            _("A report was told again while you were choosing. Nothing was joined; load the page again."),
        )
    except (CaseNotFound, ReportNotFound):
        form.add_error(
            None, _("One of them is not open to you any more. Nothing was joined; load the page again.")
        )
    except CaseError as refused:
        form.add_error(None, f"{_('Nothing was joined.')} {refusal(refused)}")
    else:
        messages.success(request, _("They stand in the case now. Each report's history says why."))
        return HttpResponseRedirect(reverse("desk:case", args=[case]))
    return None


@audience(may(Action.OPEN_CASE))
@require_POST
@shown_when_recorded
def export(request: HttpRequest, reference: str) -> HttpResponse:
    """The links between the reports that the actor may open, as a table without names, values or texts.

    Only from a ring of which a case that the actor may open holds a report. Raises Http404 otherwise.
    """
    actor: Actor = request.actor  # type: ignore[attr-defined]
    seen = found(request, reference)
    held = in_cases(actor, seen)
    if not held.open_to_see:
        raise Http404
    from amaan.linking.panels.ring import export_rows

    rows = export_rows(seen)
    left = sorted({reference for row in rows for reference in row[:2]})
    body = {"cases": list(held.open_to_see), "links": len(rows), "reports": left}
    each = [Act(EXPORTED, report, own_unit(actor), {"ring": seen.ring.reference}) for report in left]
    record_reading(
        actor, Act(EXPORTED, seen.ring.reference, own_unit(actor), body), also=lambda: append(actor, each)
    )
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(_HEAD)
    table.writerows((seen.ring.reference, *row) for row in rows)
    answer = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{seen.ring.reference}.csv"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


urlpatterns = [
    path("rings/<str:reference>/case/", into_case, name="ring_into_case"),
    path("rings/<str:reference>/links.csv", export, name="export_ring"),
]
