"""One shared value of a ring: see which links rest on it alone, and reject them in one act; or undo such an act."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amaan.accounts.audience import audience, may
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action
from amaan.desk.pages.rings.forms import LARGEST, ReasonForm, refusal
from amaan.desk.pages.rings.page import READ_RING, found
from amaan.desk.reading import own_unit, record_reading, shown_when_recorded
from amaan.desk.telling import with_values
from amaan.ledger.services import Act
from amaan.linking.domain.errors import LinkingError, NotDecided, RingNotFound
from amaan.linking.selectors.showing import SeenRing


@audience(may(Action.DECIDE_REPORT))
@require_http_methods(["GET", "HEAD", "POST"])
@shown_when_recorded
def value(request: HttpRequest, reference: str, mark: str) -> HttpResponse:
    """`mark` is the pseudonym by which the ring's page calls the value. What is held has no such page."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    seen = found(request, reference)
    # Here and below: it reads numpy, and so is read by whoever asks, not by every process.
    from amaan.linking.panels.value import thing_of, value_panel
    from amaan.linking.selectors.resting import decidable_in

    if seen.gone or not decidable_in(actor, seen):
        raise Http404
    _record(actor, seen, "value", mark)
    thing = thing_of(actor, seen, mark)
    if thing is None:
        raise Http404
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        from amaan.linking.services import reject_resting

        try:
            act = reject_resting(
                actor,
                ring=seen.ring.reference,
                keys=thing.keys,
                mark=mark,
                reason=form.cleaned_data["reason"],
                seen=form.cleaned_data["seen"],
            )
        except RingNotFound as absent:
            raise Http404 from absent
        except LinkingError as refused:
            form.add_error(None, refusal(refused))
        else:
            messages.success(request, _("Rejected. These links join nothing now."))
            return _to_act(seen, act)
    panel = value_panel(actor, seen, thing)
    if form.is_bound:
        # What was decided meanwhile is what this page shows: whoever sends it again has seen it.
        form.data = with_values(form.data, {"seen": panel.token})
    else:
        form.initial = {"seen": panel.token}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    context = {"ring": seen.ring, "cut": seen.cut, "value": panel, "thing": thing, "form": form}
    return render(request, "desk/rings/value.html", context, status=status)


@audience(may(Action.EXPLAIN_TRIAGE))
@require_safe
@shown_when_recorded
def act(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """What somebody decided in one act, link by link."""
    return _show_act(request, found(request, reference), number)


@audience(may(Action.DECIDE_REPORT))
@require_POST
@shown_when_recorded
def undo(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """Take out all of an act that still counts."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    seen = found(request, reference)
    form = ReasonForm(request.POST)
    if number <= LARGEST and form.is_valid():
        from amaan.linking.services import undo_together

        try:
            undone = undo_together(actor, act=number, reason=form.cleaned_data["reason"])
        except NotDecided as absent:
            raise Http404 from absent
        except LinkingError as refused:
            form.add_error(None, refusal(refused))
        else:
            messages.success(request, _("Undone. What counted before it counts again."))
            return _to_act(seen, undone)
    return _show_act(request, seen, number, form)


def _show_act(
    request: HttpRequest, seen: SeenRing, number: int, refused: ReasonForm | None = None
) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    from amaan.linking.panels.together import act_panel

    _record(actor, seen, "act", str(number))
    panel = act_panel(actor, number) if number <= LARGEST else None
    if panel is None:
        raise Http404
    context = {
        "ring": seen.ring,
        "act": panel,
        "form": refused or ReasonForm(),
        "refused": refused is not None,
        "now": timezone.now(),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK
    return render(request, "desk/rings/act.html", context, status=status)


def _record(actor: Actor, seen: SeenRing, what: str, which: str) -> None:
    body = {
        "reports": [report.reference for report in seen.seen.values()],
        "elsewhere": seen.hidden,
        "for": what,
        what: which,
    }
    record_reading(actor, Act(READ_RING, seen.ring.reference, own_unit(actor), body))


def _to_act(seen: SeenRing, number: int) -> HttpResponse:
    return HttpResponseRedirect(reverse("desk:ring_act", args=[seen.ring.reference, number]))


urlpatterns = [
    path("rings/<str:reference>/value/<str:mark>/", value, name="ring_value"),
    path("rings/<str:reference>/act/<int:number>/", act, name="ring_act"),
    path("rings/<str:reference>/act/<int:number>/undo/", undo, name="undo_ring_act"),
]
