"""The desk's pages. What a page reads is in the ledger, committed, before the page is rendered."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from amaan.accounts.audience import SIGNED_IN, audience
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, may
from amaan.desk.queue import Queue, queue_page
from amaan.desk.roles import WORK
from amaan.keyring.domain.errors import KeyringError
from amaan.ledger.domain.faults import LedgerBroken
from amaan.ledger.services import Act, append
from amaan.triage.domain.ruleset import Band
from amaan.ui.words import ROLES

logger = logging.getLogger(__name__)

READ_QUEUE: Final = "queue.read"


@dataclass(frozen=True)
class HeldRole:
    """A role of the person who looks, in words."""

    name: str
    unit: str
    work: str


@audience(SIGNED_IN)
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The queue for those who work it; for everybody else, what their role does. `?band=1` shows one band."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not may(actor, Action.VIEW_QUEUE):
        return render(request, "desk/welcome.html", {"roles": _roles(actor)})
    queue = queue_page(actor, band=_band(request.GET.get("band", "")), now=timezone.now())
    try:
        _record_reading(actor, queue)
    except (DatabaseError, KeyringError, LedgerBroken, OSError):
        logger.exception("The ledger could not be written; the queue was not shown.")
        return _unrecorded(request)
    return render(request, "desk/home.html", {"queue": queue})


def _band(text: str) -> Band | None:
    """The band that the address asks for; anything else shows all of them."""
    return Band(int(text)) if text in {str(int(band)) for band in Band} else None


def _record_reading(actor: Actor, queue: Queue) -> None:
    """One entry a page, with the references that it shows. Durable: it is committed when this returns."""
    units = sorted({grant.unit for grant in actor.grants})
    body = {"band": queue.band, "references": [line.reference for line in queue.lines]}
    act = Act(READ_QUEUE, on="queue", unit=units[0] if len(units) == 1 else "", body=body)
    with transaction.atomic(durable=True):
        append(actor, [act])


def _unrecorded(request: HttpRequest) -> HttpResponse:
    context = {
        "title": _("The queue is closed for a moment"),
        "text": _("Every reading is recorded before it is shown, and the record can't be written now."),
        "next": _("Try again in a minute. If it lasts, tell whoever runs this server."),
        "code": HTTPStatus.SERVICE_UNAVAILABLE.value,
    }
    return render(request, "desk/unavailable.html", context, status=HTTPStatus.SERVICE_UNAVAILABLE)


def _roles(actor: Actor) -> list[HeldRole]:
    held = sorted(actor.grants, key=lambda grant: (grant.role, grant.unit))
    return [HeldRole(str(ROLES[grant.role]), grant.unit, str(WORK[grant.role])) for grant in held]
