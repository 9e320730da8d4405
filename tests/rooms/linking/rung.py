"""Reports in their units, and links between them as the machine would propose: rows alone, without evidence."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from tests.rooms.bundles.laid import Story, lay

from amaan.authority.actors import Actor, ActorKind, Grant, Role
from amaan.linking.models import Link, Member, Ring
from amaan.linking.services.ringing import ring_reports

WORKER = Actor.system("linking")
ANALYST = Actor(ActorKind.STAFF, "staff:1", frozenset({Grant(Role.ANALYST, "lahore")}))
COLLEAGUE = Actor(ActorKind.STAFF, "staff:2", frozenset({Grant(Role.SUPERVISOR, "lahore")}))
ELSEWHERE = Actor(ActorKind.STAFF, "staff:3", frozenset({Grant(Role.ANALYST, "quetta")}))
BOTH = Actor(
    ActorKind.STAFF, "staff:4", frozenset({Grant(Role.ANALYST, "lahore"), Grant(Role.ANALYST, "quetta")})
)


def reports(count: int, unit: str = "lahore") -> list[int]:
    return [lay(Story(unit=unit, day=day)).pk for day in range(count)]


def link(*pairs: tuple[int, int], weight: float = 10.0) -> None:
    for low, high in pairs:
        Link.objects.update_or_create(
            low_id=min(low, high),
            high_id=max(low, high),
            defaults={"weight": weight, "kinds": 1, "snapshot": 1},
        )


def chain(held: Sequence[int], weight: float = 10.0) -> None:
    link(*pairwise(held), weight=weight)


def ring(*held: int) -> None:
    ring_reports(WORKER, report_ids=held)


def stands() -> dict[str, set[int]]:
    """Ring's reference → its reports now."""
    found: dict[str, set[int]] = {}
    for reference, report in Member.objects.values_list("ring__reference", "report_id"):
        found.setdefault(reference, set()).add(report)
    sizes = dict(Ring.objects.filter(size__gt=0).values_list("reference", "size"))
    assert sizes == {reference: len(held) for reference, held in found.items()}
    return found
