"""Reads fail closed: what a page shows is in the ledger, committed, before the page is rendered."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from http import HTTPStatus
from typing import Concatenate, ParamSpec, cast

from django.db import DatabaseError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from amaan.authority.actors import Actor
from amaan.keyring.domain.errors import KeyringError
from amaan.ledger.domain.faults import LedgerBroken
from amaan.ledger.services import Act, append

logger = logging.getLogger(__name__)

Extra = ParamSpec("Extra")
View = Callable[Concatenate[HttpRequest, Extra], HttpResponse]


class NotRecorded(Exception):
    """The ledger could not be written, so nothing is shown."""


def record_reading(actor: Actor, act: Act, *, also: Callable[[], object] | None = None) -> None:
    """One entry a page, durable: it is committed when this returns, and what `also` writes with it.

    Raises NotRecorded.
    """
    with recorded(), transaction.atomic(durable=True):
        append(actor, [act])
        if also is not None:
            also()


@contextmanager
def recorded(*absent: type[Exception]) -> Iterator[None]:
    """Around a service that records before it answers: where it can't, nothing is shown. Raises NotRecorded.

    What the service raises as `absent` is answered as a page that is not there. Raises Http404.
    """
    try:
        yield
    except absent as nothing:
        raise Http404 from nothing
    except (DatabaseError, KeyringError, LedgerBroken, OSError) as fault:
        logger.exception("The ledger could not be written; the page was not shown.")
        raise NotRecorded from fault


def shown_when_recorded(view: View[Extra]) -> View[Extra]:
    """Answers NotRecorded with a page that says to try again. Stands below `@audience`."""

    @wraps(view)
    def closed(request: HttpRequest, *args: Extra.args, **kwargs: Extra.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except NotRecorded:
            return _unrecorded(request)

    return cast("View[Extra]", closed)


def own_unit(actor: Actor) -> str:
    """The unit of somebody who works in one only, for entries about no single report; else ""."""
    units = {grant.unit for grant in actor.grants}
    return units.pop() if len(units) == 1 else ""


def _unrecorded(request: HttpRequest) -> HttpResponse:
    context = {
        "title": _("The desk is closed for a moment"),
        "text": _("Every reading is recorded before it is shown, and the record can't be written now."),
        "next": _("Try again in a minute. If it lasts, tell whoever runs this server."),
        "code": HTTPStatus.SERVICE_UNAVAILABLE.value,
    }
    return render(request, "desk/unavailable.html", context, status=HTTPStatus.SERVICE_UNAVAILABLE)
