"""One link: why, step by step; confirm it, reject it, undo what was decided."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from amaan.accounts.audience import audience, may
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action
from amaan.desk.pages.rings.forms import ReasonForm, refusal
from amaan.desk.pages.rings.undoing import require_told, undo_by
from amaan.desk.reading import own_unit, record_reading, shown_when_recorded
from amaan.desk.telling import with_values
from amaan.ledger.services import Act, append
from amaan.linking.domain.errors import LinkingError
from amaan.linking.selectors.showing import LinkNotFound, SeenLink, seen_link
from amaan.reports.selectors import ReportNotFound

READ_LINK: Final = "link.read"
CONFIRM, REJECT = "confirm", "reject"


@audience(may(Action.EXPLAIN_TRIAGE))
@require_safe
@shown_when_recorded
def link(request: HttpRequest, one: str, other: str) -> HttpResponse:
    """Both reports must be the reader's to open."""
    return _show(request, _found(request, one, other))


def _found(request: HttpRequest, one: str, other: str) -> SeenLink:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    try:
        return seen_link(actor, one, other)
    except LinkNotFound as absent:
        raise Http404 from absent


def _show(
    request: HttpRequest, seen: SeenLink, refused: tuple[str, ReasonForm] | None = None
) -> HttpResponse:
    """`refused`: a form with what is wrong with it, by its name: confirm, reject, or undo and the decision's number."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    body = {"reports": [seen.low.reference, seen.high.reference]}
    acts = [
        Act(READ_LINK, report.reference, own_unit(actor) or report.unit.code, body)
        for report in (seen.low, seen.high)
    ]
    # One reading, and the history of both reports knows of it.
    record_reading(actor, acts[0], also=lambda: append(actor, acts[1:]))
    # Here and below: it reads numpy, and so is read by whoever asks, not by every process.
    from amaan.linking.panels.link import link_panel

    panel = link_panel(actor, seen)
    forms = {
        name: ReasonForm(prefix=name, initial={"seen": panel.newest})
        for name, allowed in ((CONFIRM, panel.may_confirm), (REJECT, panel.may_reject))
        if allowed
    }
    undoing = {f"undo-{one.number}": one for one in panel.decisions}
    if refused is not None and refused[0] not in undoing:
        # What was decided meanwhile stands on the page now: whoever sends it again has seen it.
        refused[1].data = with_values(refused[1].data, {f"{refused[0]}-seen": str(panel.newest)})
        forms[refused[0]] = refused[1]
    context = {
        "link": panel,
        "forms": forms,
        "refused": refused[0] if refused else "",
        "undo": [
            (
                told,
                refused[1] if refused and refused[0] == name else ReasonForm(prefix=name),
                bool(refused and refused[0] == name),
            )
            for name, told in undoing.items()
        ],
        "now": timezone.now(),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK
    return render(request, "desk/rings/link.html", context, status=status)


@audience(may(Action.DECIDE_REPORT))
@require_POST
@shown_when_recorded
def decide(request: HttpRequest, one: str, other: str, what: str) -> HttpResponse:
    """`what` is confirm or reject."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if what not in {CONFIRM, REJECT}:
        raise Http404
    seen = _found(request, one, other)
    form = ReasonForm(request.POST, prefix=what)
    if form.is_valid():
        from amaan.linking.services import confirm_link, reject_link

        verb = confirm_link if what == CONFIRM else reject_link
        shown = form.cleaned_data["seen"]
        try:
            verb(
                actor,
                low=seen.low.pk,
                high=seen.high.pk,
                reason=form.cleaned_data["reason"],
                seen=int(shown) if shown.isascii() and shown.isdigit() and len(shown) < 18 else -1,
            )
        except ReportNotFound as absent:
            raise Http404 from absent
        except LinkingError as refused:
            form.add_error(None, refusal(refused))
        else:
            done = (
                _("Confirmed. The two stand together.")
                if what == CONFIRM
                else _("Rejected. This link joins nothing now.")
            )
            messages.success(request, done)
            return _back(seen)
    return _show(request, _found(request, one, other), (what, form))


@audience(may(Action.DECIDE_REPORT))
@require_POST
@shown_when_recorded
def undo(request: HttpRequest, one: str, other: str, number: int) -> HttpResponse:
    """Take one decision about the two out."""
    require_told(number)
    seen = _found(request, one, other)
    form = undo_by(request, number)
    if form is None:
        return _back(seen)
    return _show(request, _found(request, one, other), (f"undo-{number}", form))


def _back(seen: SeenLink) -> HttpResponse:
    return HttpResponseRedirect(reverse("desk:link", args=[seen.low.reference, seen.high.reference]))


urlpatterns = [
    path("links/<str:one>/<str:other>/", link, name="link"),
    path("links/<str:one>/<str:other>/undo/<int:number>/", undo, name="undo_link_decision"),
    path("links/<str:one>/<str:other>/<str:what>/", decide, name="decide_link"),
]
