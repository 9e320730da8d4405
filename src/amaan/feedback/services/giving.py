"""What is to be told of a report: derived from the decision, and then whatever a person says instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from amaan.authority.actors import Actor
from amaan.authority.matrix import Action
from amaan.bundles.selectors import fronts_of
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
    taken back. What was settled with another report waits as long as that one's sender does: what one platform may not
    hear yet, no other hears by a copy.
    """
    require_system(actor)
    ids = sorted(set(report_ids))
    outcomes = standing_outcomes(ids)
    waits = _waits_of_fronts(outcomes)
    rows = Feedback.objects.filter(report_id__in=ids)
    held = {row.report_id: row for row in (rows.select_for_update() if on_postgres() else rows)}
    changed: list[tuple[Referred, Feedback]] = []
    forgotten = []
    for report in referred(ids):
        row, outcome = held.get(report.report_id), outcomes.get(report.report_id)
        if not is_partners(report):
            continue
        if outcome is not None:
            new = _derived(actor, report, row, outcome, waits.get(report.report_id, 0))
        elif row is not None and row.told == 0:
            new = None
            forgotten.append(row.pk)
        else:
            new = _withdrawn(actor, row)
        if new is not None:
            changed.append((report, new))
    Feedback.objects.filter(pk__in=forgotten).delete()
    Feedback.objects.bulk_create([row for _, row in changed if row.pk is None])
    Feedback.objects.bulk_update(
        [row for _, row in changed if row.pk is not None and row.revision > 1], _CHANGED
    )
    append(actor, [_act(report.reference, report.unit, row) for report, row in changed])
    return len(changed) + len(forgotten)


_CHANGED: Final = ("code", "missing", "tell_from", "derived", "revision", "by", "at")


def _waits_of_fronts(outcomes: Mapping[int, StandingOutcome]) -> dict[int, int]:
    """Days that the decisions wait with which these were settled, of those that followed one."""
    fronts = fronts_of([report for report, outcome in outcomes.items() if outcome.followed])
    decided = standing_outcomes(sorted(set(fronts.values())))
    codes = vocabulary().codes
    return {
        report: codes[derived(decided[front].decision, decided[front].stage)].wait_days
        for report, front in fronts.items()
        if front in decided
    }


def _derived(
    actor: Actor, report: Referred, row: Feedback | None, outcome: StandingOutcome, wait_days: int
) -> Feedback | None:
    """What follows from the decision, not saved; None where that stands already, or a person's word does. It waits for
    `wait_days` at the least."""
    known = vocabulary()
    code = derived(outcome.decision, outcome.stage)
    missing = " ".join(known.missing(report.facts)) if code == TOO_LITTLE else ""
    if row is not None and (not row.derived or (row.code, row.missing) == (code, missing)):
        return None
    if row is None:
        row = Feedback(report_id=report.report_id, entity_id=report.entity_id, revision=0, derived=True)
    wait = timedelta(days=max(wait_days, known.codes[code].wait_days))
    return _set(row, actor, code, missing, outcome.at + wait)


def _withdrawn(actor: Actor, row: Feedback | None) -> Feedback | None:
    """What was told is taken back; the next decision says again what follows from it. Not saved."""
    if row is None or row.code == WITHDRAWN:
        return None
    row.derived = True
    return _set(row, actor, WITHDRAWN, "", timezone.now())


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
    _set(row, actor, code, " ".join(known.known_fields(missing)), tell_from).save()
    last = Told.objects.filter(report=report).order_by("-revision").values_list("code", "missing").first()
    if last == (row.code, row.missing):
        Feedback.objects.filter(pk=row.pk).update(told=row.revision)  # they have heard exactly this
    append(actor, [_act(report.reference, report.unit.code, row, reason=reason, until=until)])


def _set(row: Feedback, actor: Actor, code: str, missing: str, tell_from: datetime) -> Feedback:
    row.code, row.missing, row.tell_from = code, missing, tell_from
    row.by, row.at = actor.key, timezone.now()
    row.revision += 1
    return row


def _act(reference: str, unit: str, row: Feedback, *, reason: str = "", until: date | None = None) -> Act:
    body: dict[str, object] = {
        "code": row.code,
        "missing": row.missing,
        "revision": row.revision,
        "hold": row.hold,
        "until": until.isoformat() if until else "",
        "reason": reason,
    }
    return Act("feedback.set", reference, unit, body)
