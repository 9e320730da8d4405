"""What was done on a report or case, the auditor's view, and proofs to take away."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Final
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from amaan.accounts.audience import audience, may
from amaan.accounts.selectors import names_of, unit_names
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action
from amaan.cases.domain import LETTER
from amaan.cases.selectors import CaseNotFound, access_case
from amaan.desk.acts import act_in_words, who_in_words
from amaan.desk.reading import own_unit, record_reading, shown_when_recorded
from amaan.keyring.domain.errors import KeyringError
from amaan.ledger.selectors import (
    BodyErased,
    LedgerLine,
    NoSuchEntry,
    NotYetNumbered,
    body_of,
    history_of,
    known_acts,
    line_of,
    lines_for,
    newest_checkpoint,
    proof_of,
    published_key,
)
from amaan.ledger.services import Act
from amaan.reports.selectors import ReportNotFound, access_report, entries_of_coming

LINES: Final = 100
HISTORY: Final = 200


@dataclass(frozen=True)
class Told:
    """A line of the ledger in words. `number` is its place in the tree, None for about a second."""

    entry_id: int
    at: datetime
    who: str
    key: str
    act: str
    code: str
    on: str
    unit: str
    number: int | None
    erased: bool


def _told(lines: Sequence[LedgerLine]) -> list[Told]:
    names, offices = names_of({line.who for line in lines}), unit_names()
    return [
        Told(
            entry_id=line.entry_id,
            at=line.at,
            who=who_in_words(line.who, names),
            key=line.who,
            act=act_in_words(line.act),
            code=line.act,
            on=line.on,
            unit=offices.get(line.unit, line.unit),
            number=line.index,
            erased=line.erased,
        )
        for line in lines
    ]


@audience(may(Action.VIEW_REPORT))
@require_safe
@shown_when_recorded
def history(request: HttpRequest, reference: str) -> HttpResponse:
    """What was done to one report, newest first, for those who may read the report."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    on, unit, also = _subject(actor, reference)
    record_reading(actor, Act("ledger.history_read", on, unit, {}))
    lines = history_of(on, also=also, limit=HISTORY)
    context = {
        "reference": on,
        "case": on.startswith(f"{LETTER}-"),
        "lines": _told(lines),
        "full": len(lines) == HISTORY,
        "key": str(published_key()),
    }
    return render(request, "desk/history.html", context)


@audience(may(Action.VIEW_REPORT))
@require_safe
@shown_when_recorded
def history_proof(request: HttpRequest, reference: str, entry_id: int) -> HttpResponse:
    """The proof of one entry about a report that the actor may read."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    on, unit, also = _subject(actor, reference)
    if entry_id not in {line.entry_id for line in history_of(on, also=also, limit=HISTORY)}:
        raise Http404
    return _proof(request, actor, entry_id, on, unit)


def _subject(actor: Actor, reference: str) -> tuple[str, str, list[int]]:
    """The reference as written, its unit, and the entries that no list finds. Raises Http404."""
    try:
        report = access_report(actor, reference)
    except ReportNotFound:
        return _case(actor, reference)
    return report.reference, report.unit.code, entries_of_coming(report)


def _case(actor: Actor, reference: str) -> tuple[str, str, list[int]]:
    """Then it may be a case's. Raises Http404."""
    try:
        case = access_case(actor, reference)
    except CaseNotFound as absent:
        raise Http404 from absent
    return case.reference, case.unit.code, []


@audience(may(Action.READ_LEDGER))
@require_safe
@shown_when_recorded
def ledger(request: HttpRequest) -> HttpResponse:
    """What was done, newest first, for the auditor: by reference, person or act."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    # A database holds no NUL in a text, so no filter does.
    asked = {name: request.GET.get(name, "").replace("\0", "").strip()[:120] for name in ("on", "who", "act")}
    before = _number(request.GET.get("before", ""))
    record_reading(actor, Act("ledger.read", "ledger", own_unit(actor), {**asked, "before": before or ""}))
    found = lines_for(actor, **asked, before=before, limit=LINES + 1)
    lines, more = found[:LINES], len(found) > LINES
    older = urlencode({**{k: v for k, v in asked.items() if v}, "before": lines[-1].entry_id}) if more else ""
    context = {
        "lines": _told(lines),
        "asked": asked,
        "acts": [(act, act_in_words(act)) for act in known_acts(actor)],
        "older": older,
        "checkpoint": newest_checkpoint(),
        "key": str(published_key()),
    }
    return render(request, "desk/ledger.html", context)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None


@audience(may(Action.READ_LEDGER))
@require_safe
@shown_when_recorded
def entry(request: HttpRequest, entry_id: int) -> HttpResponse:
    """One entry with its text, opened for the auditor."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    try:
        line = line_of(actor, entry_id=entry_id)
    except NoSuchEntry as absent:
        raise Http404 from absent
    record_reading(actor, Act("ledger.entry_read", f"entry:{entry_id}", own_unit(actor), {"on": line.on}))
    body, missing = _body(actor, entry_id)
    context = {"line": _told([line])[0], "body": body, "missing": missing, "key": str(published_key())}
    return render(request, "desk/entry.html", context)


def _body(actor: Actor, entry_id: int) -> tuple[list[tuple[str, str]], str]:
    """What an entry says, name by name, or why it can't be said."""
    try:
        body = body_of(actor, entry_id=entry_id)
    except BodyErased:
        return [], _("This text was erased by an order, which the ledger records.")
    except KeyringError:
        return [], _("This text can't be opened with the keys that are here. Tell whoever runs this server.")
    said = [
        (k, v if isinstance(v, str) else json.dumps(v, ensure_ascii=False, indent=1)) for k, v in body.items()
    ]
    return said, ""


@audience(may(Action.READ_LEDGER))
@require_safe
@shown_when_recorded
def proof(request: HttpRequest, entry_id: int) -> HttpResponse:
    """The proof of any entry, for the auditor."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return _proof(request, actor, entry_id, f"entry:{entry_id}", own_unit(actor))


def _proof(request: HttpRequest, actor: Actor, entry_id: int, on: str, unit: str) -> HttpResponse:
    try:
        document = proof_of(entry_id)
    except NoSuchEntry as absent:
        raise Http404 from absent
    except NotYetNumbered:
        context = {
            "title": _("This entry is not in the tree yet"),
            "text": _("A new entry gets its place within a second or two."),
            "next": _("Go back and try again in a moment. If it lasts, tell whoever runs this server."),
            "code": HTTPStatus.CONFLICT.value,
        }
        return render(request, "desk/unavailable.html", context, status=HTTPStatus.CONFLICT)
    record_reading(actor, Act("ledger.proof_taken", on, unit, {"entry": entry_id}))
    response = HttpResponse(json.dumps(document, indent=1) + "\n", content_type="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="amaan-proof-{entry_id}.json"'
    return response


urlpatterns = [
    path("history/<str:reference>/", history, name="history"),
    path("history/<str:reference>/<int:entry_id>/proof.json", history_proof, name="history_proof"),
    path("ledger/", ledger, name="ledger"),
    path("ledger/<int:entry_id>/", entry, name="entry"),
    path("ledger/<int:entry_id>/proof.json", proof, name="proof"),
]
