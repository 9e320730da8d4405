"""The lists as they stand, and one list with what came into it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from amaan.accounts.audience import audience
from amaan.accounts.audience import may as for_whoever_may
from amaan.accounts.selectors import names_of
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, may
from amaan.desk.acts import who_in_words
from amaan.desk.reading import own_unit, record_reading, shown_when_recorded
from amaan.ledger.services import Act
from amaan.matching.domain.errors import ListNotFound
from amaan.matching.domain.lists import EXCHANGES, ListKind, ListState
from amaan.matching.selectors import (
    BatchLine,
    ListLine,
    batches_of,
    faults_of,
    index_state,
    list_line,
    lists_for,
    proposals_waiting,
    rounds_under_way,
)
from amaan.matching.selectors.exchanging import exchange_on
from amaan.matching.words import CATEGORIES, EXCHANGE_FAULTS, KINDS, ORIGINS, source_of, title_of

READ_LISTS: Final = "lists.read"
READ_LIST: Final = "list.read"
LINES: Final = 30
MOST_FAULTS: Final = 100


@dataclass(frozen=True)
class Told:
    """A list in the reader's language. `mark` is a css class and `sign` a shape that differs without colour."""

    line: ListLine
    title: str
    source: str
    category: str
    kind: str
    state: str
    mark: str
    sign: str
    proposed_by: str
    set_by: str
    approved_by: str
    withdrawn_by: str
    wanted_by: str
    exchange: str


def told(lines: list[ListLine]) -> list[Told]:
    keys = {
        key
        for one in lines
        for key in (one.proposed_by, one.set_by, one.approved_by, one.withdrawn_by, one.wanted_by)
    }
    names = names_of(keys)

    def who(key: str) -> str:
        return who_in_words(key, names) if key else ""

    found = []
    for one in lines:
        state, mark, sign = _state(one)
        found.append(
            Told(
                line=one,
                title=title_of(one.kind, one.title),
                source=source_of(one.kind, one.source),
                category=str(CATEGORIES[one.category]),
                kind=str(KINDS[one.kind]),
                state=state,
                mark=mark,
                sign=sign,
                proposed_by=who(one.proposed_by),
                set_by=who(one.set_by),
                approved_by=who(one.approved_by),
                withdrawn_by=who(one.withdrawn_by),
                wanted_by=who(one.wanted_by),
                exchange=_exchange(one),
            )
        )
    return found


def _state(line: ListLine) -> tuple[str, str, str]:
    if line.state is ListState.WITHDRAWN:
        return _("withdrawn"), "", "○"
    if line.state is ListState.PROPOSED:
        return _("waits for a second person"), "soon", "◆"
    if not line.enabled:
        return _("switched off"), "soon", "◆"
    return _("in force"), "", "●"


def _exchange(line: ListLine) -> str:
    """What stands in the way of an exchange; "" where nothing does, or it is none."""
    if line.kind is not ListKind.EXCHANGE:
        return ""
    if not exchange_on(line.exchange):
        return _("Off: there is no credential for it. An operator sets %(variable)s.") % {
            "variable": EXCHANGES.get(line.exchange, "")
        }
    if line.exchange_fault:
        why = EXCHANGE_FAULTS.get(line.exchange_fault.partition(":")[0], EXCHANGE_FAULTS["unreachable"])
        return _("The last run failed: %(fault)s") % {"fault": why}
    return "" if line.exchange_ran_at else _("It has not run yet.")


@audience(for_whoever_may(Action.VIEW_LISTS))
@require_safe
@shown_when_recorded
def lists(request: HttpRequest) -> HttpResponse:
    """Every list: whose word it is, what it is about, whether it counts."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    record_reading(actor, Act(READ_LISTS, "lists", own_unit(actor), {}))
    confirms = may(actor, Action.CONFIRM_KNOWN)
    context = {
        "lists": told(lists_for(actor)),
        "may_manage": may(actor, Action.MANAGE_LISTS),
        "confirms": confirms,
        "waits": confirms and bool(proposals_waiting(actor, limit=1)),
        "index": index_state(),
        "rounds": rounds_under_way(),
        "now": timezone.now(),
    }
    return render(request, "desk/lists/lists.html", context)


@audience(for_whoever_may(Action.VIEW_LISTS))
@require_safe
@shown_when_recorded
def list_(request: HttpRequest, slug: str) -> HttpResponse:
    """One list: its rules, who stands for it, and what came into it. `?before=12` goes on below batch 12."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    text = request.GET.get("before", "")
    before = int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None
    try:
        line = list_line(actor, slug)
        batches: list[BatchLine] = batches_of(actor, slug, before=before, limit=LINES + 1)
    except ListNotFound as absent:
        raise Http404 from absent
    manages = may(actor, Action.MANAGE_LISTS)
    record_reading(actor, Act(READ_LIST, f"list/{line.slug}", own_unit(actor), {"before": before or 0}))
    names = names_of([one.by for one in batches])
    standing = line.state is not ListState.WITHDRAWN
    waits = line.state is ListState.PROPOSED or bool(line.wanted)
    first = {line.proposed_by, line.set_by} if line.state is ListState.PROPOSED else {line.wanted_by}
    context = {
        "told": told([line])[0],
        "batches": [(one, _origin(one), who_in_words(one.by, names)) for one in batches[:LINES]],
        "before": before,
        "next": batches[LINES - 1].id if len(batches) > LINES else None,
        "waits": waits and standing,
        "may_approve": waits and standing and may(actor, Action.APPROVE_LIST) and actor.key not in first,
        "own_proposal": waits and standing and actor.key in first,
        "may_refuse": bool(line.wanted) and may(actor, Action.APPROVE_LIST),
        "may_manage": manages and standing,
        "may_set": manages and standing and not (line.stays and line.state is ListState.PROPOSED),
        "may_see_reports": may(actor, Action.VIEW_REPORT),
        "filled_from_files": line.kind is ListKind.IMPORTED and standing,
        "faults": faults_of(actor, slug)[:MOST_FAULTS] if manages else [],
        "now": timezone.now(),
    }
    return render(request, "desk/lists/list.html", context)


def _origin(batch: BatchLine) -> str:
    """A file is called as it is called, even where that is one of our words."""
    return batch.origin if batch.digest else str(ORIGINS.get(batch.origin, batch.origin))


urlpatterns = [
    path("lists/", lists, name="lists"),
    path("lists/<slug:slug>/", list_, name="list"),
]
