"""What becomes of a report, and what its reporter is told."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from amaan.authority.actors import Actor
from amaan.authority.matrix import Action
from amaan.keyring.services import new_sealer
from amaan.ledger.services import Act, append
from amaan.outbox.services import publish
from amaan.reports.domain.outcomes import MOVES, Decision, PublicStatus, check_move
from amaan.reports.domain.searching import LedTo
from amaan.reports.models import Outcome, Report
from amaan.reports.selectors import access_report
from amaan.reports.services.following import note_what_followed
from amaan.store.rows import on_postgres


class ToldAgain(Exception):
    """The report was told again after the one who decides had read it. `newest` is the telling that counts now."""

    def __init__(self, reference: str, newest: int) -> None:
        super().__init__(
            f"{reference} was told again: its telling {newest} counts now. Read it, then decide."
        )
        self.newest = newest


@transaction.atomic
def record_outcome(
    actor: Actor,
    *,
    reference: str,
    decision: Decision,
    reason: str,
    stage: str = "",
    case_reference: str = "",
    despite: Sequence[str] = (),
) -> int:
    """Write what became of a report, and why. Append-only: a later outcome stands beside the earlier one.

    `despite`: the rules that kept it at one day, which whoever decided has read; they stand in the ledger.
    """
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
    body: dict[str, object] = {
        "decision": str(decision),
        "stage": stage,
        "case": case_reference,
        "reason": reason,
    }
    if despite:
        body["despite"] = list(despite)
    append(actor, [Act("report.outcome", reference, report.unit.code, body)])
    if decision is not Decision.STAGE_REACHED:
        publish("report.decided", [report.pk])
    note_what_followed(actor, [reference, case_reference], LedTo.OUTCOME)
    return outcome.pk


@transaction.atomic
def close_out(
    actor: Actor,
    *,
    reference: str,
    decision: Decision,
    reason: str,
    version: int,
    stage: str = "",
    despite: Sequence[str] = (),
) -> str:
    """Refer or close the report whose telling `version` the actor has read; its reference as it is written.

    The public status follows where it may; where a later telling is decided as the one before it was, the reporter is
    told the same once more. Raises ReportNotFound, ToldAgain.
    """
    report = _writable(actor, reference)
    hold_to_telling(report, version)
    first = not _decided_by_people(report, version)
    record_outcome(actor, reference=reference, decision=decision, reason=reason, stage=stage, despite=despite)
    status = {Decision.REFERRED: PublicStatus.PASSED_ON, Decision.CLOSED: PublicStatus.CLOSED}[decision]
    if status in MOVES[PublicStatus(report.public_status)]:
        set_public_status(actor, reference=reference, status=status)
    elif first and status == report.public_status:
        publish("report.status_changed", [report.pk])
    return report.reference


def _decided_by_people(report: Report, version: int) -> bool:
    rows = Outcome.objects.filter(report=report, version=version).exclude(decision=Decision.STAGE_REACHED)
    return rows.exclude(by__startswith=Actor.system("").key).exists()


def hold_to_telling(report: Report, version: int) -> None:
    """Hold a report's row until the transaction ends, so that no other telling than `version` is decided upon.

    Call it before anything else is written. Raises ToldAgain.
    """
    rows = Report.objects.filter(pk=report.pk)
    # SQLite has one writer: whoever stands in a transaction is alone already.
    newest = (rows.select_for_update() if on_postgres() else rows).values_list("version", flat=True).get()
    if newest != version:
        raise ToldAgain(report.reference, newest)


@transaction.atomic
def set_public_status(actor: Actor, *, reference: str, status: PublicStatus) -> None:
    """Move what a reporter is told. Raises IllegalMove."""
    report = _writable(actor, reference)
    check_move(PublicStatus(report.public_status), status)
    Report.objects.filter(pk=report.pk).update(public_status=status)
    append(actor, [Act("report.public_status", report.reference, report.unit.code, {"status": str(status)})])
    publish("report.status_changed", [report.pk])


def _writable(actor: Actor, reference: str) -> Report:
    return access_report(actor, reference, Action.DECIDE_REPORT)
