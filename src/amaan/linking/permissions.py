"""Who may: the machine links and names rings; people decide about what they may read and decide themselves."""

from __future__ import annotations

from collections.abc import Collection

from amaan.authority.actors import Actor, ActorKind
from amaan.authority.matrix import Action, units_where
from amaan.reports.selectors.recurring import standing_of


class OnlyTheSystemLinks(Exception):
    """Nobody links by hand: links follow from what reports tell; a person confirms or rejects them."""

    def __init__(self, actor: Actor) -> None:
        super().__init__(f"{actor.key} may not link reports; the worker does, by what they tell.")


def require_system(actor: Actor) -> None:
    if actor.kind is not ActorKind.SYSTEM:
        raise OnlyTheSystemLinks(actor)


def decidable(actor: Actor, report_ids: Collection[int]) -> bool:
    """Whether the actor may decide on every one of these reports, and each of them exists."""
    units = units_where(actor, Action.DECIDE_REPORT)
    found = standing_of(sorted(set(report_ids)))
    return len(found) == len(set(report_ids)) and all(one.unit in units for one in found.values())
