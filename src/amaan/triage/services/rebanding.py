"""Band what waits again since rules were put in force: in slices, from where it stopped.

Meanwhile the queue stands: each report keeps the band that its own assessment gave it, by the rules that this names,
until its slice comes. What was decided keeps the assessment by which it was read.
"""

from __future__ import annotations

import time
from typing import Final

from django.db import transaction
from django.utils import timezone

from amaan.authority.actors import Actor
from amaan.ledger.services import Act, append
from amaan.store.rows import on_postgres
from amaan.triage.models import Assessment, Rebanding
from amaan.triage.permissions import require_system
from amaan.triage.services.banding import assess_ahead, triage_reports

REPORTS_A_SLICE: Final = 300
"""About 50 ms of writing."""


def reband_some(actor: Actor, *, limit_ms: int = 100) -> int:
    """Go on banding what waits by other rules than those in force, for about `limit_ms`; how many slices were done."""
    require_system(actor)
    until = time.monotonic() + limit_ms / 1000
    done = 0
    while _slice(actor):
        done += 1
        if time.monotonic() > until:
            break
    return done


def _slice(actor: Actor) -> bool:
    """One slice, assessed ahead and written in one transaction with how far it came; False where none is left."""
    round_ = Rebanding.objects.filter(ended_at=None).order_by("-began_at", "-pk").first()
    if round_ is None:
        return False
    rows = Assessment.objects.filter(current=True, waiting=True, report_id__gt=round_.after_report)
    rows = rows.exclude(ruleset=round_.ruleset_id).order_by("report_id")
    ids = list(rows.values_list("report_id", flat=True)[:REPORTS_A_SLICE])
    assess_ahead(report_ids=ids)
    with transaction.atomic():
        held = Rebanding.objects.filter(pk=round_.pk, after_report=round_.after_report, ended_at=None)
        current = (held.select_for_update(skip_locked=True) if on_postgres() else held).first()
        if current is None:
            return False
        if ids:
            run = triage_reports(actor, report_ids=ids)
            current.after_report = ids[-1]
            current.seen += len(ids)
            current.banded += run.banded
        elif current.after_report:
            current.after_report = (
                0  # a walk that finds nothing ends it: what slipped behind this one is not lost
            )
        else:
            _end(actor, current)
        current.save()
    return True


def _end(actor: Actor, round_: Rebanding) -> None:
    round_.ended_at = timezone.now()
    body = {"digest": round_.ruleset.digest, "banded": round_.banded}
    append(actor, [Act("triage.rules_applied", f"rules:{round_.ruleset.version}", "", body)])
