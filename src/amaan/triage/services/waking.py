"""Somebody is woken for what can't wait: raised by the worker, answered by a person, asked on down the list.

A report is in one open call of a cause at most and once in each (a row that can't be doubled), each person is asked
once for each call, and every step is a transaction of its own: a killed worker goes on where it stopped. What still
waits a while after its call ended, and nobody claimed, calls again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from amaan.accounts.selectors import colleagues, unit_ids
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, Units, may, require
from amaan.ledger.services import Act, append
from amaan.reports.selectors import decided_reports
from amaan.triage.domain.claims import CLAIM_HOLDS
from amaan.triage.domain.ruleset import Band
from amaan.triage.domain.waking import (
    AT_WORK_LATELY,
    Cause,
    Channel,
    End,
    Turn,
    again_after,
    is_night,
    order_of,
)
from amaan.triage.models import Assessment, Claim, Notice, OnCall, Wake, WakingPlan, WokenFor
from amaan.triage.permissions import require_system
from amaan.triage.selectors.emergencies import able_at_work, unclaimed_floors
from amaan.triage.selectors.waking import NoSuchWake, call_in_words, still_waiting

_AT_ONCE: Final = 500
"""Reports that join one call in one turn of the worker; what is left joins in the next."""
_ENDED: Final = {
    End.ANSWERED: "wake.answered",
    End.CLAIMED: "wake.claimed",
    End.UNANSWERED: "wake.unanswered",
}


@dataclass(frozen=True)
class Listed(Turn):
    """Somebody on the list. `phone` is "" where they are reached by mail alone."""

    phone: str


def raise_wakes(actor: Actor, *, now: datetime) -> int:
    """Call somebody for what nobody took: near its due time, or a floor while the office sleeps; how many joined."""
    require_system(actor)
    raised = 0
    plans = list(WakingPlan.objects.filter(on=True).select_related("unit"))
    for cause in Cause:
        for plan in plans:
            if _nobodys(plan, cause, now).exists():
                raised += _raise(actor, plan, cause, now)
    return raised


def _nobodys(plan: WakingPlan, cause: Cause, now: datetime) -> QuerySet[Assessment]:
    rows = Assessment.objects.filter(waiting=True, folded=False, unit_id=plan.unit_id, band=int(Band.ONE_DAY))
    by = now + timedelta(minutes=plan.before_due_minutes)
    if cause is Cause.DUE:
        rows = rows.filter(turn_at__lte=by, due_at__lte=by)
    else:
        # Whenever it was told and whenever its floor was found: nobody is there to take it. What is near due has its
        # own cause.
        rows = rows.filter(floor=int(Band.ONE_DAY), due_at__gt=by)
        if not is_night(now, plan.night_from, plan.night_to):
            rows = rows.filter(categories__in=_nobody_for(plan, now))
    held = Claim.objects.filter(
        report_id=OuterRef("report_id"), released_at__isnull=True, claimed_at__gte=now - CLAIM_HOLDS
    )
    calls = WokenFor.objects.filter(report_id=OuterRef("report_id"), cause=str(cause))
    ended = (
        calls.filter(version_id=OuterRef("version_id"), wake__ended_at__isnull=False)
        .order_by()
        .values("report_id")
    )
    rows = rows.annotate(
        called=Coalesce(Subquery(ended.annotate(count=Count("pk")).values("count")), 0),
        called_last=Subquery(ended.annotate(last=Max("wake__ended_at")).values("last")),
    )
    return rows.filter(
        _may_call(plan, now), ~Exists(held), ~Exists(calls.filter(wake__ended_at__isnull=True))
    ).order_by("turn_at", "id")


def _may_call(plan: WakingPlan, now: datetime) -> Q:
    """What was not called for yet, or so long ago that it is time to call again."""
    found = Q(called=0)
    waits = again_after(plan.next_after_minutes)
    for times, wait in enumerate(waits, 1):
        so_often = Q(called__gte=times) if times == len(waits) else Q(called=times)
        found |= so_often & Q(called_last__lte=now - wait)
    return found


def _nobody_for(plan: WakingPlan, now: datetime) -> list[int]:
    """The kinds (bits of `care.domain`) of unclaimed floors that nobody who is at work lately could be given."""
    waiting = unclaimed_floors([plan.unit_id], now=now).order_by()
    kinds = set(waiting.values_list("categories", flat=True).distinct())
    able = able_at_work(plan.unit.code, kinds, within=AT_WORK_LATELY, now=now) if kinds else {}
    return [kind for kind, count in able.items() if not count]


@transaction.atomic
def _raise(actor: Actor, plan: WakingPlan, cause: Cause, now: datetime) -> int:
    # Looked at again under the plan's lock: what another worker called for in this moment is in its call by now.
    WakingPlan.objects.select_for_update().get(pk=plan.pk)
    seen = list(_nobodys(plan, cause, now)[:_AT_ONCE])
    decided = decided_reports([one.report_id for one in seen])
    found = [one for one in seen if not decided.get(one.report_id)]
    if not found:
        return 0
    wake, _ = Wake.objects.select_for_update().get_or_create(
        unit_id=plan.unit_id, cause=str(cause), ended_at=None, defaults={"raised_at": now, "next_at": now}
    )
    WokenFor.objects.bulk_create(
        WokenFor(wake=wake, report_id=one.report_id, version_id=one.version_id, cause=str(cause), at=now)
        for one in found
    )
    body: dict[str, object] = {"cause": str(cause), "reports": len(found)}
    append(actor, [Act("wake.raised", f"wake:{wake.pk}", plan.unit.code, body)])
    return len(found)


def ask_next(actor: Actor, *, now: datetime) -> int:
    """Of each open call: end it if nothing of it waits; else, when its time has come, ask the next; how many steps."""
    require_system(actor)
    open_ = Wake.objects.filter(ended_at__isnull=True).values_list("pk", flat=True)
    return sum(_step(actor, number, now) for number in list(open_))


@transaction.atomic
def _step(actor: Actor, number: int, now: datetime) -> bool:
    wake = Wake.objects.select_for_update(of=("self",)).select_related("unit").get(pk=number)
    if wake.ended_at is not None:
        return False
    waiting = still_waiting(wake, now=now)
    if not waiting:
        return _end(actor, wake, End.CLAIMED, now)
    if wake.next_at is None or wake.next_at > now:
        return False
    plan = WakingPlan.objects.get(unit_id=wake.unit_id)
    asked = set(Notice.objects.filter(wake=wake).values_list("person_id", flat=True))
    order = [one for one in _list_of(wake) if one.person not in asked]
    last = [Listed(one.id, 0, 0, "") for one in colleagues(Action.MANAGE_ON_CALL, wake.unit.code)]
    chosen = order[:1] or [one for one in last if one.person not in asked]
    if not chosen:
        return _end(actor, wake, End.UNANSWERED, now)
    next_at = now + timedelta(minutes=plan.next_after_minutes)
    for one in chosen:
        _tell(wake, one, waiting, now, next_at)
    wake.step, wake.next_at = wake.step + 1, next_at
    wake.save(update_fields=["step", "next_at"])
    body: dict[str, object] = {"asked": [f"staff:{one.person}" for one in chosen], "step": wake.step}
    append(actor, [Act("wake.asked", f"wake:{wake.pk}", wake.unit.code, body)])
    return True


def _list_of(wake: Wake) -> list[Listed]:
    """Whom to ask, in order. Who may not decide the unit's reports any more is not asked, list or no list."""
    here = {one.id for one in colleagues(Action.DECIDE_REPORT, wake.unit.code)}
    rows = OnCall.objects.filter(unit=wake.unit, person_id__in=here).order_by("position", "id")
    listed = [Listed(one.person_id, one.from_hour, one.to_hour, one.phone) for one in rows]
    return order_of(listed, wake.raised_at)


def _tell(wake: Wake, one: Listed, waiting: Sequence[Assessment], now: datetime, next_at: datetime) -> None:
    words = call_in_words(wake, waiting, next_at)
    channels = [Channel.MAIL, *([Channel.SMS] if one.phone else [])]
    Notice.objects.bulk_create(
        [
            Notice(
                key=f"wake/{wake.pk}/{one.person}/{channel}",
                person_id=one.person,
                unit=wake.unit.code,
                wake=wake,
                channel=str(channel),
                subject=words.subject if channel is Channel.MAIL else "",
                text=words.mail if channel is Channel.MAIL else words.sms,
                made_at=now,
                try_at=now,
            )
            for channel in channels
        ],
        ignore_conflicts=True,
    )


def _end(actor: Actor, wake: Wake, end: End, now: datetime) -> bool:
    wake.ended_at, wake.end, wake.ended_by, wake.next_at = now, str(end), actor.key, None
    wake.save(update_fields=["ended_at", "end", "ended_by", "next_at"])
    # What was not sent yet need not wake anybody now.
    Notice.objects.filter(wake=wake, sent_at__isnull=True).update(try_at=None)
    append(actor, [Act(_ENDED[end], f"wake:{wake.pk}", wake.unit.code, {"step": wake.step})])
    return True


@transaction.atomic
def answer_wake(actor: Actor, *, number: int, now: datetime) -> None:
    """The actor is on it: nobody else is asked. What waits stays where it is until somebody claims it.

    Raises NoSuchWake; answering what has ended changes nothing.
    """
    wake = Wake.objects.select_for_update(of=("self",)).select_related("unit").filter(pk=number).first()
    if wake is None or not may(actor, Action.DECIDE_REPORT, wake.unit.code):
        raise NoSuchWake(number)
    if wake.ended_at is None:
        _end(actor, wake, End.ANSWERED, now)


@dataclass(frozen=True)
class Plan:
    """`WakingPlan`, as somebody sets it."""

    on: bool
    before_due_minutes: int
    next_after_minutes: int
    night_from: int
    night_to: int


@transaction.atomic
def keep_plan(actor: Actor, *, unit: str, plan: Plan) -> None:
    """Say when the unit with this code wakes somebody. Raises NotAllowed."""
    require(actor, Action.MANAGE_ON_CALL, unit)
    (unit_id,) = unit_ids(Units(codes=frozenset({unit})))
    WakingPlan.objects.update_or_create(unit_id=unit_id, defaults=vars(plan))
    append(actor, [Act("on_call.plan_set", "on-call", unit, dict(vars(plan)))])


@transaction.atomic
def keep_on_call(actor: Actor, *, unit: str, listed: Sequence[Listed]) -> None:
    """The unit's list, in order, instead of the one before. Who may not decide its reports is left out.

    Raises NotAllowed.
    """
    require(actor, Action.MANAGE_ON_CALL, unit)
    (unit_id,) = unit_ids(Units(codes=frozenset({unit})))
    here = {one.id for one in colleagues(Action.DECIDE_REPORT, unit)}
    OnCall.objects.filter(unit_id=unit_id).delete()
    OnCall.objects.bulk_create(
        OnCall(
            unit_id=unit_id,
            person_id=one.person,
            position=place,
            from_hour=one.from_hour,
            to_hour=one.to_hour,
            phone=one.phone,
        )
        for place, one in enumerate({one.person: one for one in listed if one.person in here}.values(), 1)
    )
    body = {"people": [f"staff:{one.person}" for one in listed]}
    append(actor, [Act("on_call.list_set", "on-call", unit, body)])
