"""Reports that are settled with another one, without a person: many at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils import timezone

from amaan.authority.actors import Actor, ActorKind
from amaan.authority.matrix import Action, NotAllowed
from amaan.keyring.services import new_sealer
from amaan.ledger.services import Act, append
from amaan.outbox.services import publish
from amaan.reports.domain.outcomes import MOVES, CloseReason, Decision, PublicStatus
from amaan.reports.models import Outcome, Report
from amaan.reports.selectors import decided_reports, settled_alone
from amaan.store.rows import insert_rows, select_in


@transaction.atomic
def settle_with(actor: Actor, *, behind: Mapping[int, int]) -> list[int]:
    """Close reports that tell what another report told, which a person decided: the ids of those that were closed.

    `behind`: each report's row id and that other one's. What somebody decided meanwhile, or whose other report is not
    decided, is left alone. The outcome says `told_already` and names the other report; what the reporter is told
    follows that report's public status, as far as it may. A handful of statements, and one ledger entry a report.
    """
    if actor.kind is not ActorKind.SYSTEM:
        raise NotAllowed(actor, Action.DECIDE_REPORT)
    decided = decided_reports(sorted({*behind, *behind.values()}))
    wanted = [one for one, other in sorted(behind.items()) if decided.get(other) and one not in decided]
    if not wanted:
        return []
    rows = {
        row[0]: row[1:]
        for row in select_in(
            "SELECT r.id, r.reference, u.code, r.version, r.public_status FROM reports_report r"
            " JOIN accounts_unit u ON u.id = r.unit_id WHERE r.id IN {values}",
            sorted({*wanted, *behind.values()}),
        )
    }
    sealer, now = new_sealer(), timezone.now()
    acts, outcomes, follows = [], [], defaultdict(list)
    for one in wanted:
        reference, unit, version, status = rows[one]
        other, _, _, other_status = rows[behind[one]]
        reason = f"Settled with {other}, which tells of the same material; this report adds nothing to it."
        sealed = sealer.seal(f"reports_outcome/{reference}/reason", reason)
        stage = str(CloseReason.TOLD_ALREADY)
        outcomes.append((one, str(Decision.CLOSED), stage, sealed, "", version, actor.key, now))
        body = {"decision": str(Decision.CLOSED), "stage": stage, "case": "", "reason": reason, "with": other}
        acts.append(Act("report.outcome", reference, unit, body))
        moves = MOVES[PublicStatus(status)]
        told = next(
            (s for s in (PublicStatus(other_status), PublicStatus.CLOSED) if s in moves), PublicStatus(status)
        )
        if told != status:
            follows[told].append(one)
            acts.append(Act("report.public_status", reference, unit, {"status": str(told)}))
    insert_rows(
        Outcome,
        ("report_id", "decision", "stage", "reason", "case_reference", "version", "by", "at"),
        outcomes,
    )
    for told, ids in follows.items():
        Report.objects.filter(pk__in=ids).update(public_status=str(told))
    append(actor, acts, sealer=sealer)
    publish("report.decided", wanted)
    publish("report.status_changed", sorted(one for ids in follows.values() for one in ids))
    return wanted


@transaction.atomic
def stand_again(actor: Actor, *, report_ids: Sequence[int], reason: str) -> list[int]:
    """Undo that these reports were settled without a person: the ids of those that wait to be decided upon again.

    What a person decided upon is left alone. A later outcome undoes the earlier one; nothing is taken away, and
    what the reporter was told stays said. One ledger entry a report.
    """
    if actor.kind is not ActorKind.SYSTEM:
        raise NotAllowed(actor, Action.DECIDE_REPORT)
    wanted = sorted(settled_alone(sorted(set(report_ids))))
    if not wanted:
        return []
    rows = select_in(
        "SELECT r.id, r.reference, u.code, r.version FROM reports_report r"
        " JOIN accounts_unit u ON u.id = r.unit_id WHERE r.id IN {values}",
        wanted,
    )
    sealer, now, decision = new_sealer(), timezone.now(), str(Decision.STANDS_AGAIN)
    acts, outcomes = [], []
    for one, reference, unit, version in rows:
        sealed = sealer.seal(f"reports_outcome/{reference}/reason", reason)
        outcomes.append((one, decision, "", sealed, "", version, actor.key, now))
        body = {"decision": decision, "stage": "", "case": "", "reason": reason}
        acts.append(Act("report.outcome", reference, unit, body))
    insert_rows(
        Outcome,
        ("report_id", "decision", "stage", "reason", "case_reference", "version", "by", "at"),
        outcomes,
    )
    append(actor, acts, sealer=sealer)
    publish("report.decided", wanted)
    return wanted
