"""Splitting a ring, and undoing what somebody decided about it."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus

from django.contrib import messages
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
from amaan.desk.pages.rings.forms import SplitForm, refusal
from amaan.desk.pages.rings.lines import ReportLine, choosing, lines_of
from amaan.desk.pages.rings.page import READ_RING, found, show
from amaan.desk.pages.rings.undoing import require_told, undo_by
from amaan.desk.reading import own_unit, record_reading, shown_when_recorded
from amaan.desk.telling import with_values
from amaan.ledger.services import Act
from amaan.linking.domain.errors import LinkingError, RingNotFound
from amaan.linking.panels.values import ThingShown
from amaan.linking.selectors.showing import SeenRing
from amaan.reports.selectors import ReportNotFound


@audience(may(Action.DECIDE_REPORT))
@require_http_methods(["GET", "HEAD", "POST"])
@shown_when_recorded
def split(request: HttpRequest, reference: str) -> HttpResponse:
    """Tick the reports that belong elsewhere: they stand apart from the others for good, until somebody undoes it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    seen = found(request, reference)
    if seen.gone or not _decidable(actor, seen):
        raise Http404
    changed = seen.ring.changed_at.isoformat()
    lines, things = _lines(actor, seen)
    choices = [(line.one.reference, line.one.reference) for line in lines]
    form = SplitForm(request.POST or None, initial={"seen": changed}, choices=choices)
    if request.method == "POST" and form.is_valid():
        ids = {report.reference: number for number, report in seen.seen.items()}
        from amaan.linking.services import split_ring

        try:
            split_ring(
                actor,
                ring=seen.ring.reference,
                apart=[ids[one] for one in form.cleaned_data["reports"]],
                reason=form.cleaned_data["reason"],
                seen=_moment(form.cleaned_data["seen"]),
            )
        except (RingNotFound, ReportNotFound) as absent:
            raise Http404 from absent
        except LinkingError as refused:
            form.add_error(None, refusal(refused))
            form.data = with_values(form.data, {"seen": changed, "reports": form.cleaned_data["reports"]})
        else:
            messages.success(request, _("They stand apart now. The ring's page says what became of both."))
            return HttpResponseRedirect(reverse("desk:ring", args=[seen.ring.reference]))
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    context = {
        "ring": seen.ring,
        "form": form,
        "choosing": choosing(form["reports"], lines, things),
        "hidden": seen.hidden,
        "now": timezone.now(),
    }
    return render(request, "desk/rings/split.html", context, status=status)


def _lines(actor: Actor, seen: SeenRing) -> tuple[list[ReportLine], tuple[ThingShown, ...]]:
    """The reports that the actor may decide, as the ring's page names them; that they were read is recorded."""
    shown = [report.reference for report in seen.seen.values()]
    body = {"reports": shown, "elsewhere": seen.hidden, "for": "split"}
    record_reading(actor, Act(READ_RING, seen.ring.reference, own_unit(actor), body))
    # Here and below: it reads numpy, and so is read by whoever asks, not by every process.
    from amaan.linking.panels.ring import reports_shown

    reports, things = reports_shown(seen)
    mine = [one for one in reports if allowed(actor, Action.DECIDE_REPORT, one.office)]
    return lines_of(actor, seen, mine), things


def _decidable(actor: Actor, seen: SeenRing) -> bool:
    return any(allowed(actor, Action.DECIDE_REPORT, report.unit.code) for report in seen.seen.values())


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return timezone.now()  # nothing that a page showed: the service finds that the ring is another one


@audience(may(Action.DECIDE_REPORT))
@require_POST
@shown_when_recorded
def undo(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """Take one decision about the ring out."""
    require_told(number)
    seen = found(request, reference)
    form = undo_by(request, number)
    if form is None:
        return HttpResponseRedirect(reverse("desk:ring", args=[seen.ring.reference]))
    return show(request, seen, {number: form})


urlpatterns = [
    path("rings/<str:reference>/split/", split, name="split_ring"),
    path("rings/<str:reference>/undo/<int:number>/", undo, name="undo_ring_decision"),
]
