"""What followed upon a look-up: a report was read, its purpose decided, or a seal asked about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from amaan.authority.actors import Actor
from amaan.reports.domain.searching import LEADS_WITHIN, LedTo
from amaan.reports.domain.unsealings import Answer
from amaan.reports.models import LookUp, Unsealing

if TYPE_CHECKING:
    from django.db.models import QuerySet

_ASKED = str(LedTo.UNSEALING)


def still_open(by: str, now: datetime) -> QuerySet[LookUp]:
    """A person's look-ups of the last day upon which nothing followed but, at most, a question about a seal.

    That question may be withdrawn, so what follows more firmly takes its place.
    """
    since = now - LEADS_WITHIN
    # The day, which `at` says already, walks the index that holds the cap.
    recent = LookUp.objects.filter(by=by, day__gte=timezone.localdate(since), at__gt=since)
    return recent.filter(Q(led_at=None) | Q(led_to=_ASKED))


def note_what_followed(actor: Actor, purposes: Sequence[str], to: LedTo) -> None:
    """The actor's look-ups of the last day for these purposes led somewhere.

    To a question about a seal only those that answered «held»: no other answer is a reason to ask.
    """
    now = timezone.now()
    found = still_open(actor.key, now).filter(purpose__in=[purpose for purpose in purposes if purpose])
    if to is LedTo.UNSEALING:
        found = found.filter(held=True, led_at=None)
    found.update(led_at=now, led_to=str(to))


def note_withdrawn(request: Unsealing) -> None:
    """What led to a request that was withdrawn led nowhere after all, unless another request stands for it."""
    since = request.asked_at - LEADS_WITHIN
    led = LookUp.objects.filter(
        by=request.asked_by,
        day__gte=timezone.localdate(since),
        at__range=(since, request.asked_at),
        purpose=request.report.reference,
        led_to=_ASKED,
    )
    others = Unsealing.objects.filter(report=request.report, asked_by=request.asked_by).exclude(
        answer=str(Answer.WITHDRAWN)
    )
    asked = list(others.exclude(pk=request.pk).values_list("asked_at", flat=True))
    alone = [
        row.pk
        for row in led.only("id", "at")
        if not any(row.at <= at < row.at + LEADS_WITHIN for at in asked)
    ]
    LookUp.objects.filter(pk__in=alone, led_to=_ASKED).update(led_at=None, led_to="")
