"""Named queues: what each catches, who works them, and how many no queue catches."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet
from django.utils.translation import get_language

from amaan.accounts.selectors import unit_ids
from amaan.authority.actors import Actor, ActorKind
from amaan.authority.matrix import Action, Units, units_where
from amaan.correspondence.selectors import languages_told
from amaan.triage.domain.queues import NO_QUEUE, Catching, Facets, Terms, facets_of
from amaan.triage.domain.sections import fitting
from amaan.triage.models import Assessment, Queue, QueueMember
from amaan.triage.rulebook import law
from amaan.triage.selectors.inputs import Input


@dataclass(frozen=True)
class NamedQueue:
    """`number` is the row's; `unit` a code; `members` the row ids of people; `waiting` how many it holds."""

    number: int
    unit: str
    name: str
    name_en: str
    name_ur: str
    position: int
    terms: Terms
    members: tuple[int, ...]
    waiting: int = 0


class NoSuchQueue(Exception):
    """No queue of this number, or none that this actor may see: the answer is the same."""


def queues_for(
    actor: Actor, action: Action = Action.VIEW_QUEUE, *, counted: bool = False, peopled: bool = True
) -> list[NamedQueue]:
    """The queues of the units in which the actor may do `action`, in their order. One query, unless it is asked how
    many wait in each (`counted`) or who their members are (`peopled`)."""
    units = units_where(actor, action)
    if not units:
        return []
    rows = Queue.objects.filter(retired_at__isnull=True)
    if not units.all:
        rows = rows.filter(unit__code__in=units.codes)
    if peopled:
        rows = rows.prefetch_related("members")
    waiting = _waiting(unit_ids(units)) if counted else {}
    urdu = get_language() == "ur"
    return [
        NamedQueue(
            row.pk,
            row.unit.code,
            (row.name_ur if urdu else "") or row.name,
            row.name,
            row.name_ur,
            row.position,
            Terms.of(json.loads(row.terms)),
            tuple(sorted(one.person_id for one in row.members.all())) if peopled else (),
            waiting.get(row.pk, 0),
        )
        for row in rows.select_related("unit").order_by("unit_id", "position", "id")
    ]


def caught_by_none(actor: Actor, action: Action = Action.VIEW_QUEUE) -> dict[str, int]:
    """By unit, how many wait that no queue catches. Nothing hides them: everybody's whole queue shows them too."""
    units = units_where(actor, action)
    rows = _by_unit(unit_ids(units)).filter(queue__isnull=True) if units else Assessment.objects.none()
    return dict(rows.values_list("unit__code").annotate(Count("id")))


def own_queues(actor: Actor, units: Units) -> list[tuple[int, int]]:
    """(unit id, queue id) of the queues whose reports come first to this person, in the units that they may work in."""
    if actor.kind is not ActorKind.STAFF or not units:
        return []
    person = int(actor.key.removeprefix("staff:"))
    held = QueueMember.objects.filter(person_id=person, queue__retired_at__isnull=True)
    if not units.all:
        held = held.filter(queue__unit__code__in=units.codes)
    return sorted(held.values_list("queue__unit_id", "queue_id"))


def catching(units: Iterable[int]) -> dict[int, list[Catching]]:
    """The queues of these units (row ids), each unit's in their order; units without one are left out."""
    found: dict[int, list[Catching]] = {}
    rows = Queue.objects.filter(retired_at__isnull=True, unit_id__in=list(units)).order_by("position", "id")
    for number, unit, terms in rows.values_list("id", "unit_id", "terms"):
        found.setdefault(unit, []).append(Catching(number, Terms.of(json.loads(terms))))
    return found


def facets_among(found: Sequence[Input]) -> dict[int, Facets]:
    """By report, what decides its queue."""
    told = languages_told([one.told.report_id for one in found])
    sections = law()
    fits = {one.told.report_id: fitting(sections, one.facts).sections for one in found}
    return {
        (report := one.told.report_id): facets_of(
            one.facts, told.get(report, ""), [section.offence.id for section in fits[report]]
        )
        for one in found
    }


def _by_unit(units: list[int]) -> QuerySet[Assessment]:
    return Assessment.objects.filter(waiting=True, folded=False, unit_id__in=units)


def _waiting(units: list[int]) -> dict[int | None, int]:
    return dict(_by_unit(units).values_list("queue_id").annotate(Count("id")))


__all__ = [
    "NO_QUEUE",
    "NamedQueue",
    "NoSuchQueue",
    "catching",
    "caught_by_none",
    "facets_among",
    "own_queues",
    "queues_for",
]
