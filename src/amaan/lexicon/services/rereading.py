"""Read past reports when another lexicon came with the program: slice by slice, from where it stopped."""

from __future__ import annotations

import time
from typing import Final

from django.db import transaction
from django.utils import timezone

from amaan.authority.actors import Actor
from amaan.lexicon.domain.shipped import named
from amaan.lexicon.models import Round
from amaan.lexicon.permissions import require_system
from amaan.lexicon.services.reading import read_ahead, read_reports
from amaan.reports.selectors import received_before, reports_after
from amaan.store.rows import on_postgres

REPORTS_A_SLICE: Final = 200


def reread_some(actor: Actor, *, limit_ms: int = 100) -> int:
    """Go on reading with the lexicon in force, for about `limit_ms`; how many slices were done.

    0 when nothing is left to do. What was read with it already, as it came, is passed over.
    """
    require_system(actor)
    until = time.monotonic() + limit_ms / 1000
    done = 0
    while (round_ := _round()) is not None and _slice(actor, round_):
        done += 1
        if time.monotonic() > until:
            break
    return done


_ended: set[str] = set()
"""Digests of lexicons whose round ended, as this process knows: so that it asks nothing five times a second."""


def _round() -> Round | None:
    """The round of the lexicon in force, begun where it is new; None where it ended."""
    digest, version = named()
    if digest in _ended:
        return None
    round_, _ = Round.objects.get_or_create(
        lexicon=digest, defaults={"version": version, "began_at": timezone.now()}
    )
    if round_.ended_at is not None:
        _ended.add(digest)
        return None
    return round_


def _slice(actor: Actor, round_: Round) -> bool:
    """One slice, read ahead and written in one transaction with how far it came. False where somebody else did.

    What came since the round began is read as it comes, by this lexicon already: both at once would read it twice.
    """
    reports = reports_after(round_.after_report, limit=REPORTS_A_SLICE)
    past = received_before(round_.began_at, reports)
    if past:
        read_ahead(report_ids=past)
    with transaction.atomic():
        rows = Round.objects.filter(pk=round_.pk, after_report=round_.after_report, ended_at=None)
        current = (rows.select_for_update(skip_locked=True) if on_postgres() else rows).first()
        if current is None:
            return False
        if reports:
            run = read_reports(actor, report_ids=past)
            current.read += run.read
            current.worded += run.worded
            current.after_report = reports[-1]
        else:
            current.ended_at = timezone.now()
        current.save()
    return True
