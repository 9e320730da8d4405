"""Take a report out of its bundle, and put it back: a person's judgement over what keys say."""

from __future__ import annotations

import json
from typing import Final

from django.db import transaction
from django.utils import timezone

from amaan.authority.actors import Actor
from amaan.authority.matrix import Action
from amaan.bundles.domain.binding import key_numbers
from amaan.bundles.domain.folding import New
from amaan.bundles.domain.references import bundle_reference
from amaan.bundles.models import Front, Key, Member, Pile, Split
from amaan.bundles.selectors.evidence import Read, read
from amaan.bundles.services.following import bring_back
from amaan.bundles.services.turn import take_turn
from amaan.keyring.services import new_sealer
from amaan.ledger.services import Act, append
from amaan.outbox.services import publish
from amaan.reports.selectors import access_report
from amaan.reports.services import stand_again

MOST_REASON: Final = 2_000


class ReasonMissing(Exception):
    """Who takes reports apart, or puts them together again, says why."""

    def __init__(self, reference: str) -> None:
        super().__init__(f"Say why {reference} does not belong with the others, or why it does after all.")


class StandsAlone(Exception):
    """The report is in no bundle with others."""

    def __init__(self, reference: str) -> None:
        super().__init__(f"{reference} stands alone: there is nothing to take it out of.")


class NotSplit(Exception):
    """Nobody took the report out of a bundle, or that was undone already."""

    def __init__(self, reference: str) -> None:
        super().__init__(f"{reference} was not taken out of a bundle.")


@transaction.atomic
def split_report(actor: Actor, *, reference: str, reason: str) -> str:
    """Take a report out of its bundle; its reference as it is written. It stands in the queue from now on.

    What it alone tells goes with it; by what was looked at it is never bundled with them again, nor are the two
    bundles merged by others, until it is undone. Raises ReportNotFound, ReasonMissing, StandsAlone.
    """
    report = access_report(actor, reference, Action.DECIDE_REPORT)
    reason = _said(reason, report.reference)
    take_turn()
    member = Member.objects.select_related("pile").filter(pk=report.pk).first()
    root = Pile.objects.filter(pk=member.pile.bundle).first() if member else None
    if member is None or root is None or root.size < 2:
        raise StandsAlone(report.reference)
    (one,) = read([report.pk])
    keys = sorted(_keys_of(one))
    old, alone = member.pile, _new_pile(one)
    Key.objects.filter(pk__in=keys, count=1).update(pile=alone)
    _leave(root, old)
    system = Actor.system("bundles")
    # What was settled without a person was settled because it belonged to the others.
    stand_again(system, report_ids=[report.pk], reason="A person took it out of its bundle.")
    bring_back(system, [report.pk])
    # Its old pile goes on naming the bundle where it is the one that did, though nothing of it is left there.
    split = Split(
        report=report, pile=alone, apart=root, keys=json.dumps(keys), by=actor.key, at=timezone.now()
    )
    split.reason = new_sealer().seal(f"bundles_split/{report.reference}/reason", reason)
    split.save()
    Member.objects.filter(pk=report.pk).update(
        pile=alone, stands=True, folded=False, behind=None, new=str(New.SPLIT)
    )
    body = {"reason": reason, "from": bundle_reference(root.pk), "to": bundle_reference(alone.pk)}
    append(actor, [Act("bundle.split", report.reference, report.unit.code, body)])
    publish("report.bundled", [report.pk, *_orphaned(report.pk, old, member.unit_id)])
    return report.reference


@transaction.atomic
def undo_split(actor: Actor, *, reference: str, reason: str) -> str:
    """Put a report back where somebody took it out; its reference. It goes on standing in the queue.

    Raises ReportNotFound, ReasonMissing, NotSplit.
    """
    report = access_report(actor, reference, Action.DECIDE_REPORT)
    reason = _said(reason, report.reference)
    take_turn()
    split = Split.objects.select_related("pile", "apart").filter(report=report, undone_at=None).first()
    if split is None:
        raise NotSplit(report.reference)
    split.undone_at, split.undone_by = timezone.now(), actor.key
    split.save(update_fields=["undone_at", "undone_by"])
    home, other = split.apart.bundle, split.pile.bundle
    Member.objects.filter(pk=report.pk).update(new="")
    if home != other:
        size = Pile.objects.get(pk=other).size + Pile.objects.get(pk=home).size
        Pile.objects.filter(bundle=other).update(bundle=home, size=0)
        Pile.objects.filter(pk=home).update(size=size)
    body = {"reason": reason, "to": bundle_reference(home)}
    append(actor, [Act("bundle.split_undone", report.reference, report.unit.code, body)])
    publish("report.bundled", [report.pk])
    return report.reference


def _said(reason: str, reference: str) -> str:
    reason = reason.strip()[:MOST_REASON]
    if not reason:
        raise ReasonMissing(reference)
    return reason


def _keys_of(one: Read) -> set[int]:
    near = dict(Key.objects.filter(pk__in=list(one.pdq)).exclude(other=0).values_list("pk", "other"))
    return key_numbers(one.evidence(near))


def _new_pile(one: Read) -> Pile:
    entity, day, door = one.source
    pile = Pile.objects.create(
        bundle=0, count=1, size=1, sources=1, wide=one.wide, entity_id=entity, day=day, door=door
    )
    Pile.objects.filter(pk=pile.pk).update(bundle=pile.pk)
    return pile


def _leave(root: Pile, old: Pile) -> None:
    Pile.objects.filter(pk=root.pk).update(size=root.size - 1)
    Pile.objects.filter(pk=old.pk).update(count=max(0, old.count - 1))


def _orphaned(report: int, old: Pile, unit: int) -> list[int]:
    """What waited behind a report that left waits behind the oldest of them, which stands now; all are placed again.

    What was known of those that stand is found anew: what the one that left told counts as new again.
    """
    Front.objects.filter(pile=old, unit_id=unit).delete()
    behind = Member.objects.filter(behind=report, folded=True)
    orphans = list(behind.order_by("pk").values_list("pk", flat=True))
    if not orphans:
        return []
    oldest = orphans[0]
    Member.objects.filter(pk=oldest).update(stands=True, folded=False, behind=None)
    Member.objects.filter(behind=report, folded=True).update(behind=oldest)
    return orphans
