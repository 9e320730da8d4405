"""What somebody saw, and that they are at work: noted beside the reading that the ledger holds."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from amaan.authority.actors import Actor, ActorKind
from amaan.triage.domain.shifts import BREAK, FRESH
from amaan.triage.models import Assessment, Seen, Shift
from amaan.triage.services.claiming import let_go_of_emergencies


def note_seen(actor: Actor, *, report_id: int, now: datetime) -> None:
    """The actor reads this report, as it stands. Call it in the transaction that records the reading."""
    row = (
        Assessment.objects.filter(report_id=report_id, current=True).values_list("version_id", "band").first()
    )
    if row is None or actor.kind is not ActorKind.STAFF:
        return
    Seen.objects.bulk_create(
        [Seen(by=actor.key, report_id=report_id, version_id=row[0], band=row[1], at=now)],
        update_conflicts=True,
        unique_fields=["by", "report"],
        update_fields=["version_id", "band", "at"],
    )


def note_work(actor: Actor, *, now: datetime) -> None:
    """The actor does something. After a long break a new shift begins; who ended theirs begins one at once."""
    if actor.kind is not ActorKind.STAFF:
        return
    held = Shift.objects.filter(by=actor.key).first()
    if held is None:
        Shift.objects.get_or_create(by=actor.key, defaults={"began_at": now, "last_at": now})
    elif held.ended_at is not None or now - held.last_at > BREAK:
        before = held.ended_at or held.last_at
        Shift.objects.filter(pk=held.pk).update(began_at=now, last_at=now, before_at=before, ended_at=None)
    elif now - held.last_at > FRESH:
        Shift.objects.filter(pk=held.pk).update(last_at=now)


@transaction.atomic
def end_shift(actor: Actor, *, now: datetime) -> list[str]:
    """The actor leaves; what comes from now on is in their next digest. The emergencies that they held and did not
    decide wait for others again: their references."""
    note_work(actor, now=now)
    Shift.objects.filter(by=actor.key).update(last_at=now, ended_at=now)
    return let_go_of_emergencies(actor)
