"""The panel that says who works on one report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from amaan.accounts.selectors import names_of
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, may
from amaan.reports.selectors import access_report, decided_reports
from amaan.triage.models import Assessment
from amaan.triage.selectors.queue import Holder, holders_of


@dataclass(frozen=True)
class ClaimPanel:
    """Who works on a report, and what the actor who looks may do about it.

    `name` is the holder's, empty where nobody holds it. `needs_reason`: releasing it takes it out of a colleague's
    hands.
    """

    reference: str
    waiting: bool
    told_again: bool
    holder: Holder | None
    name: str
    mine: bool
    may_claim: bool
    may_release: bool
    needs_reason: bool


def claim_panel(actor: Actor, reference: str, *, now: datetime) -> ClaimPanel:
    """Raises ReportNotFound. It shows nothing of the report, so reading it is no entry of its own."""
    report = access_report(actor, reference)
    row = Assessment.objects.filter(report=report, current=True).values_list("waiting", "told_again").first()
    waiting = bool(row and row[0]) and not decided_reports([report.pk]).get(report.pk)
    holder = holders_of([report.pk], now=now).get(report.pk) if waiting else None
    mine = holder is not None and holder.by == actor.key
    may_decide = may(actor, Action.DECIDE_REPORT, report.unit.code)
    may_free = mine or (holder is not None and may(actor, Action.ASSIGN_CASE, report.unit.code))
    return ClaimPanel(
        reference=report.reference,
        waiting=waiting,
        told_again=bool(row and row[1]) and waiting,
        holder=holder,
        name=names_of([holder.by]).get(holder.by, holder.by) if holder else "",
        mine=mine,
        may_claim=waiting and may_decide and (holder is None or holder.abandoned),
        may_release=may_decide and may_free,
        needs_reason=not mine,
    )
