"""One's shift: what happened since the last one; what others keep only for a while; and the load of an office."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from amaan.accounts.audience import audience, may
from amaan.accounts.selectors import unit_names
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action
from amaan.authority.matrix import may as allowed
from amaan.desk.pages.care import closes_with_somebody
from amaan.desk.queue_shown import changes_in_words
from amaan.desk.reading import own_unit, record_reading, shown_when_recorded
from amaan.desk.sentences import said
from amaan.ledger.services import Act
from amaan.triage.domain.preserving import WARN, terms
from amaan.triage.domain.ruleset import Band
from amaan.triage.selectors import NoRulesAdopted, caught_by_none, counts_for
from amaan.triage.selectors.load import AGES, Load, loads_for
from amaan.triage.selectors.preserving import endings_for
from amaan.triage.selectors.shift import MOST, digest_for
from amaan.triage.selectors.waking import calls_for, messages_failing, plan_of
from amaan.triage.services import digest_hour, end_shift, note_work, wish_digest
from amaan.ui.moments import length

READ_SHIFT: Final = "shift.read"
READ_LOAD: Final = "load.read"
READ_ENDINGS: Final = "endings.read"


def _bands(actor: Actor) -> dict[Band, str]:
    try:
        return {count.band: said(count.name) for count in counts_for(actor)}
    except NoRulesAdopted:
        return {}


@audience(may(Action.VIEW_QUEUE))
@require_safe
@shown_when_recorded
def shift(request: HttpRequest) -> HttpResponse:
    """What came in, what was decided, what is overdue, what one holds, and what is new of what one read."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    now = timezone.now()
    digest, bands = digest_for(actor, now=now), _bands(actor)
    held = [line.reference for line in digest.held]
    ending = [one.reference for one in digest.ending]
    references = sorted({*held, *ending, *digest.late, *digest.changed, *digest.by_me, *digest.wrote})
    act = Act(READ_SHIFT, "shift", own_unit(actor), {"references": references})
    record_reading(actor, act, also=partial(note_work, actor, now=now))
    context = {
        "digest": digest,
        "bands": [
            (name, digest.came.get(band, 0), digest.overdue.get(band, 0)) for band, name in bands.items()
        ],
        "most": MOST,
        "changed": [(reference, changes_in_words(new)) for reference, new in digest.changed.items()],
        "open_calls": [one for one in calls_for(actor, now=now) if one.ended_at is None],
        "hour": digest_hour(actor),
        "hours": range(24),
        "decides": allowed(actor, Action.DECIDE_REPORT),
        "answers": allowed(actor, Action.VIEW_LOAD),
        "now": now,
    }
    return render(request, "desk/shift/shift.html", context)


@audience(may(Action.VIEW_QUEUE))
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """My shift ends: what comes from now on is in my next digest."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    given = end_shift(actor, now=timezone.now())
    messages.success(request, _("Your shift is ended. What comes from now on stands on this page next time."))
    if given:
        said_ = ngettext(
            "%(n)d urgent report that you held and did not decide waits for others again.",
            "%(n)d urgent reports that you held and did not decide wait for others again.",
            len(given),
        )
        messages.info(request, said_ % {"n": len(given)})
    # Where one can ask a colleague for a few minutes, for whoever chose one, or read something heavy.
    hard = closes_with_somebody(actor, now=timezone.now())
    return HttpResponseRedirect(reverse("desk:care" if hard else "desk:shift"))


@audience(may(Action.VIEW_QUEUE))
@require_POST
def by_mail(request: HttpRequest) -> HttpResponse:
    """The digest by mail at `hour`, or, without one, no more."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    hour = request.POST.get("hour", "")
    known = hour.isascii() and hour.isdigit() and len(hour) < 3 and int(hour) < 24
    wish_digest(actor, hour=int(hour) if known else None, now=timezone.now())
    messages.success(request, _("Saved."))
    return HttpResponseRedirect(reverse("desk:shift"))


@audience(may(Action.VIEW_QUEUE))
@require_safe
@shown_when_recorded
def endings(request: HttpRequest) -> HttpResponse:
    """What waits and speaks of things that others keep only for some days more."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    now = timezone.now()
    found = endings_for(actor, now=now)
    record_reading(
        actor, Act(READ_ENDINGS, "endings", own_unit(actor), {"references": [one.reference for one in found]})
    )
    bands, offices = _bands(actor), unit_names()
    context = {
        "endings": [(one, bands.get(one.band, ""), offices.get(one.unit, one.unit)) for one in found],
        "days": WARN.days,
        "terms": [(said(term.name), term.source) for term in terms()],
        "now": now,
    }
    return render(request, "desk/shift/endings.html", context)


@audience(may(Action.VIEW_LOAD))
@require_safe
@shown_when_recorded
def load(request: HttpRequest) -> HttpResponse:
    """Age and load of one's offices. Nobody is ranked: no count stands beside a name."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    now = timezone.now()
    found = loads_for(actor, now=now)
    references = sorted({one.reference for load in found for one in load.held})
    record_reading(actor, Act(READ_LOAD, "load", own_unit(actor), {"references": references}))
    offices, bands, loose = unit_names(), _bands(actor), caught_by_none(actor, Action.VIEW_LOAD)
    calls = calls_for(actor, now=now)
    context = {
        "ages": _ages(),
        "loads": [
            {
                "load": one,
                "office": offices.get(one.unit, one.unit),
                "rows": _rows(one, bands),
                "held": [(held, bands.get(held.band, "")) for held in one.held],
                "loose": loose.get(one.unit, 0),
                "unanswered": [call for call in calls if call.unit == one.unit and call.end == "unanswered"],
                "calls": plan_of(one.unit).on,
                "manages": allowed(actor, Action.MANAGE_ON_CALL, one.unit),
            }
            for one in found
        ],
        "failing": messages_failing(),
        "now": now,
    }
    return render(request, "desk/shift/load.html", context)


def _ages() -> list[str]:
    """`up to 1 day`, …, `longer`."""
    return [*(_("up to %(length)s") % {"length": length(age + timedelta(0))} for age in AGES), _("longer")]


def _rows(load: Load, bands: dict[Band, str]) -> list[tuple[str, tuple[int, ...], int]]:
    return [(name, load.ages[band], load.overdue[band]) for band, name in bands.items()]


urlpatterns = [
    path("shift/", shift, name="shift"),
    path("shift/end/", leave, name="end_shift"),
    path("shift/by-mail/", by_mail, name="digest_by_mail"),
    path("shift/kept-until/", endings, name="endings"),
    path("load/", load, name="load"),
]
