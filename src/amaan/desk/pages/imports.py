"""Imports with their receipts, and the quarantine with its retries."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.contrib import messages
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from amaan.accounts.audience import audience
from amaan.accounts.audience import may as for_whoever_may
from amaan.accounts.selectors import names_of, unit_names
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, may, units_where
from amaan.correspondence.selectors import unreadable_arrivals
from amaan.desk.acts import who_in_words
from amaan.desk.reading import own_unit, record_reading, shown_when_recorded
from amaan.desk.set_aside import Cause, cause_of
from amaan.evidence.services import ExhibitBytesMissing
from amaan.keyring.domain.errors import KeyringError
from amaan.ledger.services import Act
from amaan.referrals.selectors import (
    Arrival,
    ImportLine,
    ImportNotFound,
    NotInQuarantine,
    RefusedCount,
    SetAside,
    access_import,
    access_quarantined,
    arrivals_of,
    contents_of,
    imports_for,
    refusals_of,
    waiting_for,
)
from amaan.referrals.services import AlreadyResolved, retry_quarantined

logger = logging.getLogger(__name__)

LINES: Final = 50
MOST_NAMES: Final = 50
READ_IMPORTS: Final = "imports.read"
READ_IMPORT: Final = "import.read"
READ_QUARANTINE: Final = "quarantine.read"
READ_SET_ASIDE: Final = "quarantine.item_read"


@dataclass(frozen=True)
class Told:
    """An import in the reader's language: who brought it, for which office."""

    line: ImportLine
    by: str
    unit: str


@dataclass(frozen=True)
class Waiting:
    """A package in quarantine, with its cause in words."""

    item: SetAside
    cause: Cause
    unit: str


def _told(lines: list[ImportLine]) -> list[Told]:
    names, offices = names_of([line.by for line in lines]), unit_names()
    return [
        Told(line, line.platform or who_in_words(line.by, names), offices.get(line.unit, line.unit))
        for line in lines
    ]


def _waiting(items: list[SetAside]) -> list[Waiting]:
    offices = unit_names()
    return [Waiting(item, cause_of(item.code), offices.get(item.unit, item.unit)) for item in items]


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None


@audience(for_whoever_may(Action.VIEW_IMPORT))
@require_safe
@shown_when_recorded
def imports(request: HttpRequest) -> HttpResponse:
    """Every import and every day of a platform's wire, the newest first. `?before=12` goes on below number 12."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    before = _number(request.GET.get("before", ""))
    found = imports_for(actor, before=before, limit=LINES + 1)
    record_reading(
        actor,
        Act(READ_IMPORTS, "imports", own_unit(actor), {"imports": [line.origin for line in found[:LINES]]}),
    )
    context = {
        "imports": _told(found[:LINES]),
        "before": before,
        "next": found[LINES - 1].id if len(found) > LINES else None,
        "waits": len(waiting_for(actor, limit=1)) > 0,
        "public_waits": len(unreadable_arrivals(actor)) > 0,
        "now": timezone.now(),
    }
    return render(request, "desk/imports.html", context)


@audience(for_whoever_may(Action.VIEW_IMPORT))
@require_safe
@shown_when_recorded
def import_(request: HttpRequest, number: int) -> HttpResponse:
    """One import: its counts, why packages were set aside, and its reports with their receipts. `?after=` pages."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    try:
        line = access_import(actor, number)
        refused: list[RefusedCount] = refusals_of(actor, number)
        after = _number(request.GET.get("after", "")) or 0
        came: list[Arrival] = arrivals_of(actor, number, after=after, limit=LINES + 1)
    except ImportNotFound as absent:
        raise Http404 from absent
    body = {"references": [one.reference for one in came[:LINES]]}
    record_reading(actor, Act(READ_IMPORT, line.origin, line.unit, body))
    context = {
        "told": _told([line])[0],
        "refused": [(one, cause_of(one.code)) for one in refused],
        "arrivals": came[:LINES],
        "after": after,
        "next": came[LINES - 1].id if len(came) > LINES else None,
        "may_open": may(actor, Action.VIEW_REPORT),
        "now": timezone.now(),
    }
    return render(request, "desk/import.html", context)


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def _place(text: str) -> tuple[datetime, int] | None:
    micros, _dash, number = text.partition("-")
    at, last = _number(micros), _number(number)
    if at is None or last is None:
        return None
    try:
        return _EPOCH + timedelta(microseconds=at), last
    except OverflowError:
        return None


@audience(for_whoever_may(Action.VIEW_IMPORT))
@require_safe
@shown_when_recorded
def quarantine(request: HttpRequest) -> HttpResponse:
    """What waits, the oldest first. `?unit=lahore` narrows it, `after` goes on."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    codes = sorted(units_where(actor, Action.VIEW_IMPORT).codes)
    unit = request.GET.get("unit", "")
    unit = unit if unit in codes else ""
    after = _place(request.GET.get("after", ""))
    found = waiting_for(actor, unit=unit or None, after=after, limit=LINES + 1)
    shown = found[:LINES]
    body: dict[str, object] = {"items": [item.id for item in shown]}
    record_reading(actor, Act(READ_QUARANTINE, "quarantine", unit or own_unit(actor), body))
    names = unit_names()
    last = shown[-1] if len(found) > LINES else None
    context = {
        "items": _waiting(shown),
        "units": [(code, names.get(code, code), code == unit) for code in codes] if len(codes) > 1 else [],
        "unit": unit,
        "after": after,
        "next": f"{(last.received_at - _EPOCH) // timedelta(microseconds=1)}-{last.id}" if last else "",
        "now": timezone.now(),
    }
    return render(request, "desk/quarantine.html", context)


@audience(for_whoever_may(Action.VIEW_IMPORT))
@require_safe
@shown_when_recorded
def quarantined(request: HttpRequest, number: int) -> HttpResponse:
    """One package that could not be read; its reason in full for those who may have it read again."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    item = _accessed(actor, number)
    opens = may(actor, Action.RETRY_QUARANTINE, item.unit)
    record_reading(actor, Act(READ_SET_ASIDE, f"quarantine:{item.id}", item.unit, {"opened": opens}))
    contents, sealed = None, False
    if opens:
        try:
            contents = contents_of(actor, number)
        except KeyringError:
            logger.exception("What is known of item %s of the quarantine can't be opened.", number)
            sealed = True
    context = {
        "waiting": _waiting([item])[0],
        "contents": contents,
        "sealed": sealed,
        "names": contents.names[:MOST_NAMES] if contents else (),
        "more_names": max(0, len(contents.names) - MOST_NAMES) if contents else 0,
        "now": timezone.now(),
    }
    return render(request, "desk/quarantined.html", context)


@audience(for_whoever_may(Action.RETRY_QUARANTINE))
@require_POST
def retry(request: HttpRequest, number: int) -> HttpResponse:
    """Have one package read again with today's readers; what it became stands on its page."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    item = _accessed(actor, number)
    try:
        retry_quarantined(actor, ids=[item.id], wait=False)
    except (AlreadyResolved, NotInQuarantine):
        messages.info(request, _("Somebody had it read again before you."))
    except (ExhibitBytesMissing, KeyringError):
        logger.exception("Item %s of the quarantine can't be opened.", number)
        messages.error(
            request,
            _(
                "What was kept of it can’t be opened: it is damaged, or a key is missing. Nothing was changed."
                " Tell whoever runs this server; the vault must be checked."
            ),
        )
    except OperationalError:
        messages.error(
            request, _("The database is too busy now. Nothing was changed; try again in a minute.")
        )
    else:
        say, words = _outcome(access_quarantined(actor, number))
        say(request, words)
    return HttpResponseRedirect(reverse("desk:quarantined", args=[number]))


def _outcome(item: SetAside) -> tuple[Callable[[HttpRequest, str], None], str]:
    if item.resolved_at is None:
        return messages.warning, _("It still can’t be read. It stays here, with today’s reason.")
    if item.reference:
        return messages.success, _("It was read: it is %(reference)s, and has its band in a moment.") % {
            "reference": item.reference
        }
    return messages.success, _("It was read, row by row. What became of the rows stands in the import.")


def _accessed(actor: Actor, number: int) -> SetAside:
    try:
        return access_quarantined(actor, number)
    except NotInQuarantine as absent:
        raise Http404 from absent


urlpatterns = [
    path("imports/", imports, name="imports"),
    path("imports/<int:number>/", import_, name="import"),
    path("quarantine/", quarantine, name="quarantine"),
    path("quarantine/<int:number>/", quarantined, name="quarantined"),
    path("quarantine/<int:number>/retry/", retry, name="retry"),
]
