"""The desk's first page: the queue, or what one's role does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from amaan.accounts.audience import SIGNED_IN, audience
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, may
from amaan.desk.queue import Queue, queue_page
from amaan.desk.reading import own_unit, record_reading, shown_when_recorded
from amaan.desk.roles import WORK
from amaan.ledger.services import Act
from amaan.triage.domain.ruleset import Band
from amaan.ui.words import ROLES

READ_QUEUE: Final = "queue.read"


@dataclass(frozen=True)
class HeldRole:
    """A role of the person who looks, in words."""

    name: str
    unit: str
    work: str


@audience(SIGNED_IN)
@require_safe
@shown_when_recorded
def home(request: HttpRequest) -> HttpResponse:
    """The queue for those who work it; for everybody else, what their role does. `?band=1` shows one band."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not may(actor, Action.VIEW_QUEUE):
        return render(request, "desk/welcome.html", {"roles": _roles(actor)})
    queue = queue_page(actor, band=_band(request.GET.get("band", "")), now=timezone.now())
    _record_reading(actor, queue)
    return render(request, "desk/home.html", {"queue": queue})


def _band(text: str) -> Band | None:
    """The band that the address asks for; anything else shows all of them."""
    return Band(int(text)) if text in {str(int(band)) for band in Band} else None


def _record_reading(actor: Actor, queue: Queue) -> None:
    """One entry a page, with the references that it shows."""
    body = {"band": queue.band, "references": [line.reference for line in queue.lines]}
    record_reading(actor, Act(READ_QUEUE, on="queue", unit=own_unit(actor), body=body))


def _roles(actor: Actor) -> list[HeldRole]:
    held = sorted(actor.grants, key=lambda grant: (grant.role, grant.unit))
    return [HeldRole(str(ROLES[grant.role]), grant.unit, str(WORK[grant.role])) for grant in held]


urlpatterns = [path("", home, name="home")]
