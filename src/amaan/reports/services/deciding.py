"""What becomes of a report, and what its reporter is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from amaan.authority.actors import Actor
from amaan.authority.matrix import Action
from amaan.keyring.services import new_sealer
from amaan.ledger.services import Act, append
from amaan.outbox.services import publish
from amaan.reports.domain.outcomes import MOVES, Decision, PublicStatus, check_move
from amaan.reports.domain.searching import LEADS_WITHIN, LedTo
from amaan.reports.models import (
    LookUp,
    Outcome,
    Report,
)
from amaan.store.rows import on_postgres

if TYPE_CHECKING:
    pass

_IDENTIFIER_COLUMNS = ("id", "key", "type", "links", "clear", "sealed")


class ToldAgain(Exception):
    """The report was told again after the one who decides had read it."""


@transaction.atomic
def record_outcome(
    actor: Actor,
    *,
    reference: str,
    decision: Decision,
    reason: str,
    stage: str = "",
    case_reference: str = "",
) -> int:
    """Write what became of a report, and why. Append-only: a later outcome stands beside the earlier one."""
    report = _writable(actor, reference)
    reference = report.reference  # as it is written, however it was typed
    now = timezone.now()
    sealed = new_sealer().seal(f"reports_outcome/{reference}/reason", reason)
    outcome = Outcome.objects.create(
        report=report,
        decision=decision,
        stage=stage,
        reason=sealed,
        case_reference=case_reference,
        version=report.version,
        by=actor.key,
        at=now,
    )
    body = {"decision": str(decision), "stage": stage, "case": case_reference, "reason": reason}
    append(actor, [Act("report.outcome", reference, report.unit.code, body)])
    if decision is not Decision.STAGE_REACHED:
        publish("report.decided", [report.pk])
    note_what_followed(actor, [reference, case_reference], LedTo.OUTCOME)
    return outcome.pk


@transaction.atomic
def close_out(
    actor: Actor, *, reference: str, decision: Decision, reason: str, version: int, stage: str = ""
) -> str:
    """Refer or close the report whose telling `version` the actor has read; its reference as it is written.

    The public status follows where it may. Raises ReportNotFound, ToldAgain.
    """
    report = _writable(actor, reference)
    rows = Report.objects.filter(pk=report.pk)
    newest = (rows.select_for_update() if on_postgres() else rows).values_list("version", flat=True).get()
    if newest != version:
        raise ToldAgain(report.reference)
    record_outcome(actor, reference=reference, decision=decision, reason=reason, stage=stage)
    status = {Decision.REFERRED: PublicStatus.PASSED_ON, Decision.CLOSED: PublicStatus.CLOSED}[decision]
    if status in MOVES[PublicStatus(report.public_status)]:
        set_public_status(actor, reference=reference, status=status)
    return report.reference


def note_what_followed(actor: Actor, purposes: Sequence[str], to: LedTo) -> None:
    """The actor's look-ups of the last day for these purposes led somewhere."""
    now = timezone.now()
    LookUp.objects.filter(
        day__gte=timezone.localdate(now - LEADS_WITHIN),
        by=actor.key,
        purpose__in=[purpose for purpose in purposes if purpose],
        led_at=None,
        at__gt=now - LEADS_WITHIN,
    ).update(led_at=now, led_to=str(to))


@transaction.atomic
def set_public_status(actor: Actor, *, reference: str, status: PublicStatus) -> None:
    """Move what a reporter is told. Raises IllegalMove."""
    report = _writable(actor, reference)
    check_move(PublicStatus(report.public_status), status)
    Report.objects.filter(pk=report.pk).update(public_status=status)
    append(actor, [Act("report.public_status", report.reference, report.unit.code, {"status": str(status)})])


def _writable(actor: Actor, reference: str) -> Report:
    from amaan.reports.selectors import access_report

    return access_report(actor, reference, Action.DECIDE_REPORT)
