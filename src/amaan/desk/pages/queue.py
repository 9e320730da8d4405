"""The desk's first page: the queue, or what one's role does; and taking a report into one's hands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from amaan.accounts.audience import SIGNED_IN, audience
from amaan.accounts.audience import may as for_whoever_may
from amaan.accounts.selectors import names_of, unit_names
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, may
from amaan.care.services import note_left
from amaan.correspondence.selectors import WaitingReply, conversations_waiting
from amaan.desk.pages.care import alone_with_an_emergency, avoids_something, care_note
from amaan.desk.queue_shown import Queue, asked_for, queue_page
from amaan.desk.reading import own_unit, record_reading, shown_when_recorded
from amaan.desk.roles import WORK
from amaan.ledger.services import Act
from amaan.linking.panels import alerts_counted
from amaan.reports.lookups import alerts_for
from amaan.reports.selectors import ReportNotFound
from amaan.triage.services import (
    ClaimedBySomebody,
    EnoughForNow,
    NotClaimed,
    NotWaiting,
    ReasonMissing,
    claim_report,
    note_work,
    pull_next,
    release_report,
)
from amaan.ui.words import ROLES

READ_QUEUE: Final = "queue.read"
MOST_REPLIES: Final = 20
MOST_RING_NEWS: Final = 9
"""Of more it says `9+`: the page of rings tells them one by one."""


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
    """The queue for those who work it; for everybody else, what their role does.

    `?band=1&unit=lahore&holder=nobody&due=soon` narrows it, `after` leads on; `queue_shown.Asked` says what they take.
    """
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not may(actor, Action.VIEW_QUEUE):
        alerts = len(alerts_for(actor)) if may(actor, Action.READ_LEDGER) else 0
        return render(request, "desk/welcome.html", {"roles": _roles(actor), "alerts": alerts})
    queue = queue_page(actor, asked_for(actor, request.GET), now=timezone.now())
    replies = [] if queue.asked.after else conversations_waiting(actor, limit=MOST_REPLIES)
    care = care_note(actor, now=queue.now) if queue.may_claim else None
    news = "" if queue.asked.after else _ring_news(actor)
    _record_reading(actor, queue, replies, news)
    context = {"queue": queue, "replies": replies, "care": care, "ring_news": news}
    return render(request, "desk/home.html", context)


def _ring_news(actor: Actor) -> str:
    """How many things are new about rings: `3`, or `9+`; "" for none."""
    count = alerts_counted(actor, most=MOST_RING_NEWS + 1)
    return f"{MOST_RING_NEWS}+" if count > MOST_RING_NEWS else str(count or "")


def _record_reading(actor: Actor, queue: Queue, replies: Sequence[WaitingReply], news: str) -> None:
    """One entry a page, with the references that it shows; of rings it shows a number alone."""
    body: dict[str, object] = {**queue.asked.as_body(), "references": queue.references}
    if replies:
        body["reporters_wrote"] = [one.reference for one in replies]
    if news:
        body["ring_news"] = news
    unit = queue.asked.unit or own_unit(actor)
    act = Act(READ_QUEUE, on="queue", unit=unit, body=body)
    record_reading(actor, act, also=partial(_left, actor, queue.now))


def _left(actor: Actor, now: datetime) -> None:
    """Who looks at the queue is at work, and has left the report that they read."""
    note_work(actor, now=now)
    note_left(actor, now=now)


def _roles(actor: Actor) -> list[HeldRole]:
    held = sorted(actor.grants, key=lambda grant: (grant.role, grant.unit))
    names = unit_names()
    return [
        HeldRole(str(ROLES[grant.role]), names.get(grant.unit, grant.unit), str(WORK[grant.role]))
        for grant in held
    ]


@audience(for_whoever_may(Action.DECIDE_REPORT))
@require_POST
def pull(request: HttpRequest) -> HttpResponse:
    """The most urgent report that nobody holds, of what the page behind was narrowed to."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    asked = asked_for(actor, request.POST)
    knowingly, lighter = request.POST.get("knowingly", "") == "1", request.POST.get("lighter", "") == "1"
    if not (knowingly or lighter) and alone_with_an_emergency(actor, now=timezone.now()):
        return HttpResponseRedirect(reverse("desk:care"))
    try:
        reference = pull_next(
            actor, band=asked.band, unit=asked.unit or None, queue=asked.queue, knowingly=knowingly
        )
    except EnoughForNow:
        return HttpResponseRedirect(reverse("desk:care"))
    if reference is None:
        if avoids_something(actor, now=timezone.now()):
            messages.info(
                request, _("Nothing waits here now that you are offered. See what comes next for you.")
            )
            return HttpResponseRedirect(reverse("desk:care"))
        messages.info(request, _("Nothing waits here that a colleague has not claimed already."))
        return HttpResponseRedirect(reverse("desk:home"))
    return _to_report(reference)


@audience(for_whoever_may(Action.DECIDE_REPORT))
@require_POST
def claim(request: HttpRequest, reference: str) -> HttpResponse:
    """Take this report; then it is open before one."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    try:
        written = claim_report(actor, reference)
    except ReportNotFound as absent:
        raise Http404 from absent
    except NotWaiting:
        messages.warning(request, _("This report does not wait any more; somebody has decided it."))
        return _to_report(reference)
    except ClaimedBySomebody as taken:
        name = names_of([taken.by]).get(taken.by, taken.by)
        messages.warning(request, _("%(name)s has taken this report before you.") % {"name": name})
        return _to_report(taken.reference)
    return _to_report(written)


@audience(for_whoever_may(Action.DECIDE_REPORT))
@require_POST
def release(request: HttpRequest, reference: str) -> HttpResponse:
    """Let this report go: one's own, or with a reason (`reason`) a colleague's."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    try:
        written = release_report(actor, reference, reason=request.POST.get("reason", ""))
    except ReportNotFound as absent:
        raise Http404 from absent
    except NotClaimed:
        messages.info(request, _("Nobody has claimed this report."))
        return _to_report(reference)
    except ReasonMissing:
        messages.error(request, _("Say why: a colleague has claimed this report. Nothing was changed."))
        return _to_report(reference)
    messages.success(
        request, _("%(reference)s is free again, for whoever pulls next.") % {"reference": written}
    )
    return HttpResponseRedirect(reverse("desk:home"))


def _to_report(reference: str) -> HttpResponse:
    return HttpResponseRedirect(reverse("desk:report", args=[reference]))


urlpatterns = [
    path("", home, name="home"),
    path("pull/", pull, name="pull"),
    path("reports/<str:reference>/claim/", claim, name="claim"),
    path("reports/<str:reference>/release/", release, name="release"),
]
