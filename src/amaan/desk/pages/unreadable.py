"""What the public sent and the desk could not read: each envelope with its cause, and reading it once more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from amaan.accounts.audience import audience
from amaan.accounts.audience import may as for_whoever_may
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, may
from amaan.correspondence.domain.words import Fault, ReadAlready
from amaan.correspondence.selectors import UnreadableArrival, unreadable_arrivals
from amaan.correspondence.services import retry_unreadable
from amaan.correspondence.words import FAULTS
from amaan.desk.reading import own_unit, record_reading, recorded, shown_when_recorded
from amaan.ledger.services import Act

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

READ_UNREADABLE: Final = "unreadable.read"
_OURS: Final = gettext_lazy("Tell whoever looks after Amaan, with the number, and try again after an update.")
ADVICE: Final[dict[Fault, _StrPromise]] = {
    Fault.NOT_OPENED: gettext_lazy(
        "Tell whoever runs this server: the desk's key for the door may have been changed or lost."
    ),
    Fault.NOT_UNDERSTOOD: _OURS,
    Fault.NO_CONVERSATION: gettext_lazy("What it belongs to may come yet. Try again later."),
    Fault.STORE: gettext_lazy("Try again. If it lasts, tell whoever runs this server."),
    Fault.FAULT: _OURS,
}


@dataclass(frozen=True)
class Unread:
    """An envelope with its cause in words."""

    arrival: UnreadableArrival
    what: str
    advice: str


@audience(for_whoever_may(Action.VIEW_IMPORT))
@require_safe
@shown_when_recorded
def unreadable(request: HttpRequest) -> HttpResponse:
    """The oldest first. Nothing of what it holds is shown: nobody has read it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = unreadable_arrivals(actor)
    body: dict[str, object] = {"envelopes": [one.number for one in found]}
    record_reading(actor, Act(READ_UNREADABLE, "envelopes", own_unit(actor), body))
    context = {
        "shown": [_told(one) for one in found],
        "may_retry": may(actor, Action.RETRY_QUARANTINE),
        "now": timezone.now(),
    }
    return render(request, "desk/unreadable.html", context)


@audience(for_whoever_may(Action.RETRY_QUARANTINE))
@require_POST
@shown_when_recorded
def retry(request: HttpRequest) -> HttpResponse:
    """Have one envelope (`number`) read again, or all of them."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    text = request.POST.get("number", "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None
    if text and number is None:
        return HttpResponseRedirect(reverse("desk:unreadable"))
    try:
        with recorded():
            done = retry_unreadable(actor, number=number)
    except ReadAlready:
        messages.info(request, _("Somebody had it read again before you."))
    else:
        if done.read:
            messages.success(
                request, _("%(n)s could be read now, and came in as if nothing had been.") % {"n": done.read}
            )
        if done.left:
            messages.warning(request, _("%(n)s still can't be read. They stay here.") % {"n": done.left})
    return HttpResponseRedirect(reverse("desk:unreadable"))


def _told(one: UnreadableArrival) -> Unread:
    fault = Fault(one.fault)
    return Unread(one, str(FAULTS[fault]), str(ADVICE[fault]))


urlpatterns = [
    path("unreadable/", unreadable, name="unreadable"),
    path("unreadable/retry/", retry, name="retry_unreadable"),
]
