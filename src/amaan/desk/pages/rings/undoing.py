"""Taking one decision out, from the page of a link or of a ring."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from amaan.authority.actors import Actor
from amaan.desk.pages.rings.forms import LARGEST, ReasonForm, refusal
from amaan.linking.domain.errors import LinkingError, NotDecided
from amaan.linking.selectors import decisions_told


def require_told(number: int) -> None:
    """Raises Http404 where nobody took a decision of this number."""
    if number > LARGEST or not decisions_told(numbers=[number]):
        raise Http404


def undo_by(request: HttpRequest, number: int) -> ReasonForm | None:
    """None where it is undone now; else the form, with what is wrong. Raises Http404 where the actor may not."""
    from amaan.linking.services import undo_decision  # it reads numpy

    actor: Actor = request.actor  # type: ignore[attr-defined]
    form = ReasonForm(request.POST, prefix=f"undo-{number}")
    if not form.is_valid():
        return form
    try:
        undo_decision(actor, decision=number, reason=form.cleaned_data["reason"])
    except NotDecided as absent:
        raise Http404 from absent
    except LinkingError as refused:
        form.add_error(None, refusal(refused))
        return form
    messages.success(request, _("Undone. What counted before it counts again."))
    return None
