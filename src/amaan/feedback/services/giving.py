"""What is to be told of a report: derived from the decision, and then whatever a person says instead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from amaan.authority.actors import Actor
from amaan.authority.matrix import Action
from amaan.feedback.domain.codes import TOO_LITTLE, WITHDRAWN, Hold, derived, vocabulary
from amaan.feedback.domain.errors import (
    ChangedMeanwhile,
    NoPartner,
    NothingDecided,
    ReasonNeeded,
    UnknownCode,
)
from amaan.feedback.models import Feedback, Told
from amaan.feedback.permissions import require_system
from amaan.feedback.selectors import is_partners
from amaan.ledger.services import Act, append
from amaan.reports.selectors import StandingOutcome, access_report, standing_outcomes
from amaan.reports.selectors.referring import Referred, referred
from amaan.store.rows import on_postgres

MOST_REASON: Final = 2000


@transaction.atomic(savepoint=False)
def derive(actor: Actor, *, report_ids: Sequence[int]) -> int:
    """Say of decided reports what follows from the decision; how many were changed. Doing it again changes nothing.

    What a person said stands. Where a decision was undone, what nobody was told is forgotten, and what was told is
    taken back.
    """
    require_system(actor)
    ids = sorted(set(report_ids))
    outcomes = standing_outcomes(ids)
    rows = Feedback.objects.filter(report_id__in=ids)
    held = {row.report_id: row for row in (rows.select_for_update() if on_postgres() else rows)}
    changed = 0
    for report in referred(ids):
        if not is_partners(report):
            continue
        row, outcome = held.get(report.report_id), outcomes.get(report.report_id)
        if outcome is not None:
            changed += _derive(actor, report, row, outcome)
        elif row is not None:
            changed += _undo(actor, report, row)
    return changed


def _derive(actor: Actor, report: Referred, row: Feedback | None, outcome: StandingOutcome) -> int:
    known = vocabulary()
    code = derived(outcome.decision, outcome.stage)
    missing = " ".join(known.missing(report.facts)) if code == TOO_LITTLE else ""
    if row is not None and (not row.derived or (row.code, row.missing) == (code, missing)):
        return 0
    wait = timedelta(days=known.codes[code].wait_days)
    if row is None:
        row = Feedback(report_id=report.report_id, entity_id=report.entity_id, revision=0, derived=True)
    _set(row, actor, code, missing, outcome.at + wait)
    _record(actor, report.reference, report.unit, row)
    return 1


def _undo(actor: Actor, report: Referred, row: Feedback) -> int:
    if row.told == 0:
        row.delete()
        return 1
    if row.code == WITHDRAWN:
        return 0
    row.derived = True  # the next decision says again what follows from it
    _set(row, actor, WITHDRAWN, "", timezone.now())
    _record(actor, report.reference, report.unit, row)
    return 1


@transaction.atomic
def give(
    actor: Actor,
    *,
    reference: str,
    code: str,
    missing: Sequence[str] = (),
    hold: Hold = Hold.NONE,
    until: date | None = None,
    reason: str = "",
    read: int,
) -> None:
    """Say how useful a report was, or hold it back: `until` a day, or until somebody says otherwise.

    `read` is the revision that the actor saw. Held back, what went out before stays out: nothing can be unsaid, only
    `withdrawn`. Raises ReportNotFound, NoPartner, NothingDecided, UnknownCode, ReasonNeeded, ChangedMeanwhile.
    """
    report = access_report(actor, reference, Action.GIVE_FEEDBACK)
    (told,) = referred([report.pk])
    if not is_partners(told):
        raise NoPartner(report.reference)
    known = vocabulary()
    if code not in known.codes or not known.codes[code].offered:
        raise UnknownCode(code)
    reason = reason.strip()[:MOST_REASON]
    if hold and not reason:
        raise ReasonNeeded
    rows = Feedback.objects.filter(report=report)
    row = (rows.select_for_update() if on_postgres() else rows).first()
    if row is None:
        raise NothingDecided(report.reference)
    if row.revision != read:
        raise ChangedMeanwhile(report.reference)
    # What was about to go out keeps its time; another code waits its own from now on.
    earliest = timezone.now() + timedelta(days=known.codes[code].wait_days)
    tell_from = min(row.tell_from, earliest) if code == row.code else earliest
    if hold and until is not None:
        day = datetime.combine(until, datetime.min.time(), timezone.get_current_timezone())
        tell_from = max(tell_from, day)
    row.hold, row.withheld, row.derived = str(hold), bool(hold) and until is None, False
    _set(row, actor, code, " ".join(known.known_fields(missing)), tell_from)
    last = Told.objects.filter(report=report).order_by("-revision").values_list("code", "missing").first()
    if last == (row.code, row.missing):
        Feedback.objects.filter(pk=row.pk).update(told=row.revision)  # they have heard exactly this
    _record(actor, report.reference, report.unit.code, row, reason=reason, until=until)


def _set(row: Feedback, actor: Actor, code: str, missing: str, tell_from: datetime) -> None:
    row.code, row.missing, row.tell_from = code, missing, tell_from
    row.by, row.at = actor.key, timezone.now()
    row.revision += 1
    row.save()


def _record(
    actor: Actor, reference: str, unit: str, row: Feedback, *, reason: str = "", until: date | None = None
) -> None:
    body: dict[str, object] = {
        "code": row.code,
        "missing": row.missing,
        "revision": row.revision,
        "hold": row.hold,
        "until": until.isoformat() if until else "",
        "reason": reason,
    }
    append(actor, [Act("feedback.set", reference, unit, body)])
