"""Who is on call, which calls are open, what they are for, and which messages went out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from amaan.accounts.selectors import names_of, unit_ids
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, Units, may, units_where
from amaan.reports.selectors import decided_reports
from amaan.triage.domain.claims import CLAIM_HOLDS
from amaan.triage.domain.waking import MOST_NAMED, MOST_TRIES, PAKISTAN, Cause, Channel, End
from amaan.triage.models import Assessment, Claim, Notice, OnCall, Wake, WakingPlan


class NoSuchWake(Exception):
    """No call of this number, or none of an office in which this actor may decide: the answer is the same."""


@dataclass(frozen=True)
class CallWords:
    """One call as it is sent. The mail names references and hours, the message by telephone not even those."""

    subject: str
    mail: str
    sms: str


@dataclass(frozen=True)
class Call:
    """One call. `references` still wait and nobody holds them; `total` joined it in all."""

    number: int
    unit: str
    cause: Cause
    raised_at: datetime
    asked: tuple[str, ...]
    next_at: datetime | None
    ended_at: datetime | None
    end: End | None
    ended_by: str
    references: tuple[str, ...]
    total: int


@dataclass(frozen=True)
class Sent:
    """One message: to whom, by which way, and how it stands. `text` is all that it says."""

    name: str
    channel: Channel
    subject: str
    text: str
    made_at: datetime
    sent_at: datetime | None
    failed: bool
    waits: bool
    attempts: int
    fault: str


def plan_of(unit: str) -> WakingPlan:
    """A unit's plan, or the one that it would begin with: off."""
    (unit_id,) = unit_ids(Units(codes=frozenset({unit}))) or [0]
    return WakingPlan.objects.filter(unit_id=unit_id).first() or WakingPlan(unit_id=unit_id)


def on_call_in(unit: str) -> list[OnCall]:
    """A unit's list, in order. Who may look is the caller's question."""
    return list(OnCall.objects.filter(unit__code=unit).select_related("person").order_by("position", "id"))


def still_waiting(wake: Wake, *, now: datetime) -> list[Assessment]:
    """What of a call waits and is held by nobody, what is due first, first."""
    reports = list(wake.reports.values_list("report_id", flat=True))
    held = Claim.objects.filter(
        report_id__in=reports, released_at__isnull=True, claimed_at__gte=now - CLAIM_HOLDS
    )
    rows = Assessment.objects.filter(report_id__in=reports, current=True, waiting=True, folded=False)
    rows = (
        rows.exclude(report_id__in=held.values("report_id")).select_related("report").order_by("due_at", "id")
    )
    decided = decided_reports(reports)
    return [row for row in rows if not decided.get(row.report_id)]


def call_of(actor: Actor, number: int, *, now: datetime) -> Call:
    """Raises NoSuchWake."""
    wake = Wake.objects.select_related("unit").filter(pk=number).first()
    if wake is None or not may(actor, Action.DECIDE_REPORT, wake.unit.code):
        raise NoSuchWake(number)
    return _call(wake, now)


def calls_for(actor: Actor, *, now: datetime, limit: int = 10) -> list[Call]:
    """The newest calls of the units in which the actor decides; those that are open stand first."""
    units = units_where(actor, Action.DECIDE_REPORT)
    if not units:
        return []
    rows = (
        Wake.objects.filter(unit_id__in=unit_ids(units)).select_related("unit").order_by("-raised_at")[:limit]
    )
    return sorted((_call(wake, now) for wake in rows), key=lambda call: call.ended_at is not None)


def messages_of(actor: Actor, unit: str, *, limit: int = 30) -> list[Sent]:
    """What went out for a unit, the newest first; nothing for whoever may not say whom it wakes."""
    if not may(actor, Action.MANAGE_ON_CALL, unit):
        return []
    rows = (
        Notice.objects.filter(unit=unit, wake__isnull=False)
        .select_related("person")
        .order_by("-made_at", "-id")
    )
    return [sent(row) for row in rows[:limit]]


def sent(row: Notice) -> Sent:
    return Sent(
        name=row.person.name,
        channel=Channel(row.channel),
        subject=row.subject,
        text=row.text,
        made_at=row.made_at,
        sent_at=row.sent_at,
        failed=row.sent_at is None and row.try_at is None and row.attempts >= MOST_TRIES,
        waits=row.try_at is not None,
        attempts=row.attempts,
        fault=row.fault,
    )


def messages_failing() -> int:
    """Messages that were tried at least once and did not go out yet, or never will."""
    return Notice.objects.filter(sent_at__isnull=True, attempts__gt=0).exclude(fault="").count()


def _call(wake: Wake, now: datetime) -> Call:
    people = Notice.objects.filter(wake=wake).order_by("id").values_list("person__name", flat=True)
    waiting = still_waiting(wake, now=now) if wake.ended_at is None else []
    return Call(
        number=wake.pk,
        unit=wake.unit.code,
        cause=Cause(wake.cause),
        raised_at=wake.raised_at,
        asked=tuple(dict.fromkeys(people)),
        next_at=wake.next_at,
        ended_at=wake.ended_at,
        end=End(wake.end) if wake.end else None,
        ended_by=names_of([wake.ended_by]).get(wake.ended_by, "") if wake.ended_by else "",
        references=tuple(row.report.reference for row in waiting),
        total=wake.reports.count(),
    )


def link_to(path: str) -> str:
    """An address for a mail: whole where the operator said where the desk is, else the path alone."""
    return f"{settings.AMAAN_ORIGIN.rstrip('/')}{path}"


def here(moment: datetime) -> str:
    return f"{moment.astimezone(PAKISTAN):%Y-%m-%d %H:%M}"


def call_in_words(wake: Wake, waiting: Sequence[Assessment], next_at: datetime) -> CallWords:
    """In English and Urdu, since nobody's language is known. References, counts and hours; nothing that was told."""
    link, count = link_to(f"/desk/calls/{wake.pk}/"), len(waiting)
    named = [row.report.reference for row in waiting[:MOST_NAMED]]
    more = [f"+ {count - len(named)}"] if count > len(named) else []
    due, again = here(waiting[0].due_at), here(next_at)
    mail = "\n".join(
        [
            f"Reports that nobody has claimed: {count}. The first is due at {due} (Pakistan).",
            f"ایسی رپورٹیں جو کسی نے نہیں لیں: {count}۔ پہلی کی مدت {due} (پاکستان) تک ہے۔",
            "",
            *named,
            *more,
            "",
            f"Sign in and say that you are on it: {link}",
            f"If nobody does, the next on the list is asked at {again}.",
            f"سائن اِن کریں اور بتائیں کہ آپ دیکھ رہے ہیں۔ ورنہ {again} پر فہرست کے اگلے فرد کو بلایا جائے گا۔",
        ]
    )
    return CallWords(
        f"Amaan: {count} unclaimed, due {due}", mail, f"Amaan: {count} unclaimed, due {due}. {link}"
    )
