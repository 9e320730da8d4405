"""Named queues are made, changed and retired by supervisors; people choose theirs; reports find theirs anew."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from amaan.accounts.selectors import colleagues, unit_ids
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, NotAllowed, Units, require, units_where
from amaan.ledger.services import Act, append
from amaan.triage.domain.queues import MOST_QUEUES, NO_QUEUE, Terms, first_fit
from amaan.triage.models import Assessment, Queue, QueueMember, Rerouting
from amaan.triage.permissions import require_system
from amaan.triage.selectors.inputs import inputs
from amaan.triage.selectors.queues import NoSuchQueue, catching, facets_among

_SLICE: Final = 500
_AGAIN_AFTER: Final = timedelta(minutes=2)
"""Who bands while a queue changes may still go by the old one; so the reports are looked at a second time."""


class TooManyQueues(Exception):
    """The unit has as many queues as it may have."""

    def __init__(self, unit: str) -> None:
        super().__init__(f"{unit} has {MOST_QUEUES} queues; retire one before you add another.")


class NameTaken(Exception):
    """Another queue of the unit has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Another queue of this office is called {name}; choose another name.")


@transaction.atomic
def keep_queue(
    actor: Actor,
    *,
    unit: str,
    name: str,
    terms: Mapping[str, Iterable[str]],
    name_ur: str = "",
    members: Sequence[int] = (),
    number: int | None = None,
) -> int:
    """Make a queue of the unit with this code, or change the one of this number; its number.

    Whoever may not decide the unit's reports is left out of the members: a queue gives nobody a right.
    Raises NotAllowed, NoSuchQueue, BadTerms, TooManyQueues, NameTaken.
    """
    require(actor, Action.MANAGE_QUEUES, unit)
    (unit_id,) = unit_ids(Units(codes=frozenset({unit}))) or [0]
    held, body = Terms.of(terms), json.dumps(Terms.of(terms).words(), sort_keys=True)
    others = Queue.objects.filter(unit_id=unit_id, retired_at__isnull=True).exclude(pk=number or NO_QUEUE)
    if others.filter(name=name).exists():
        raise NameTaken(name)
    if number is None:
        if others.count() >= MOST_QUEUES:
            raise TooManyQueues(unit)
        last = Queue.objects.filter(unit_id=unit_id).aggregate(last=Max("position"))["last"] or 0
        queue = Queue.objects.create(
            unit_id=unit_id, name=name, name_ur=name_ur, terms=body, position=last + 1
        )
    else:
        queue = _queue(unit_id, number)
        queue.name, queue.name_ur, queue.terms = name, name_ur, body
        queue.save(update_fields=["name", "name_ur", "terms"])
    _set_members(queue, unit, members)
    told = {"name": name, "terms": held.words(), "members": sorted(members)}
    append(actor, [Act("queue.kept", f"queue:{queue.pk}", unit, told)])
    _route_again(unit_id)
    return queue.pk


@transaction.atomic
def retire_queue(actor: Actor, *, unit: str, number: int) -> None:
    """It catches nothing more; what waited in it waits in another one, or in none. Raises NotAllowed, NoSuchQueue."""
    require(actor, Action.MANAGE_QUEUES, unit)
    (unit_id,) = unit_ids(Units(codes=frozenset({unit}))) or [0]
    queue = _queue(unit_id, number)
    queue.retired_at = timezone.now()
    queue.save(update_fields=["retired_at"])
    queue.members.all().delete()
    append(actor, [Act("queue.retired", f"queue:{queue.pk}", unit, {"name": queue.name})])
    _route_again(unit_id)


@transaction.atomic
def prefer_queues(actor: Actor, *, numbers: Iterable[int]) -> None:
    """From now on the actor's next reports come from these queues first; of other units' queues none is taken.

    Raises NotAllowed.
    """
    units = units_where(actor, Action.DECIDE_REPORT)
    if not units:
        raise NotAllowed(actor, Action.DECIDE_REPORT)
    person = int(actor.key.removeprefix("staff:"))
    theirs = Queue.objects.filter(retired_at__isnull=True, unit_id__in=unit_ids(units))
    wanted = set(theirs.filter(pk__in=list(numbers)).values_list("pk", flat=True))
    QueueMember.objects.filter(person_id=person).exclude(queue_id__in=wanted).delete()
    held = set(QueueMember.objects.filter(person_id=person).values_list("queue_id", flat=True))
    QueueMember.objects.bulk_create(
        QueueMember(queue_id=one, person_id=person) for one in sorted(wanted - held)
    )
    append(actor, [Act("queue.preferred", "queue", "", {"queues": sorted(wanted)})])


def route_some(actor: Actor) -> int:
    """Look at the next waiting reports of a unit whose queues changed; how many. The worker's chore.

    Each slice is a transaction and notes how far it came, so that whoever is killed loses nothing.
    """
    require_system(actor)
    if not Rerouting.objects.filter(not_before__lte=timezone.now()).exists():
        return 0
    with transaction.atomic():
        due = (
            Rerouting.objects.select_for_update()
            .filter(not_before__lte=timezone.now())
            .order_by("id")
            .first()
        )
        return _route_slice(due) if due else 0


def _route_slice(due: Rerouting) -> int:
    rows = Assessment.objects.filter(waiting=True, unit_id=due.unit_id, id__gt=due.after).order_by("id")
    slice_ = list(rows.values_list("id", "report_id", "queue_id")[:_SLICE])
    if not slice_:
        due.after, due.passes_left = 0, due.passes_left - 1
        due.not_before = timezone.now() + _AGAIN_AFTER
        if due.passes_left > 0:
            due.save()
        else:
            due.delete()
        return 0
    found = facets_among(inputs([report for _, report, _ in slice_]))
    queues = catching([due.unit_id]).get(due.unit_id, [])
    moved: dict[int | None, list[int]] = {}
    for number, report, queue in slice_:
        fitting = first_fit(queues, found[report]) if report in found else None
        if fitting != queue:
            moved.setdefault(fitting, []).append(number)
    for fitting, numbers in moved.items():
        Assessment.objects.filter(id__in=numbers).update(queue_id=fitting)
    due.after = slice_[-1][0]
    due.save(update_fields=["after"])
    return len(slice_)


def _route_again(unit_id: int) -> None:
    now: datetime = timezone.now()
    Rerouting.objects.update_or_create(
        unit_id=unit_id, defaults={"after": 0, "not_before": now, "passes_left": 2}
    )


def _queue(unit_id: int, number: int) -> Queue:
    found = Queue.objects.filter(pk=number, unit_id=unit_id, retired_at__isnull=True).first()
    if found is None:
        raise NoSuchQueue(number)
    return found


def _set_members(queue: Queue, unit: str, members: Sequence[int]) -> None:
    allowed = {one.id for one in colleagues(Action.DECIDE_REPORT, unit)}
    wanted = allowed & set(members)
    queue.members.exclude(person_id__in=wanted).delete()
    held = set(queue.members.values_list("person_id", flat=True))
    QueueMember.objects.bulk_create(QueueMember(queue=queue, person_id=one) for one in sorted(wanted - held))
