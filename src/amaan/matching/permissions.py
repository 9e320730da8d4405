"""Who may see and work on lists and proposals: one object, and the filter for many. A test proves that they agree.

Lists belong to no unit: who may see them somewhere sees them all. A proposal belongs to its report's unit, and one that
rests on a survivor's hash to every unit.
"""

from __future__ import annotations

from django.db.models import Q, QuerySet

from amaan.authority.actors import Actor, ActorKind
from amaan.authority.matrix import Action, may, units_where
from amaan.matching.models import Proposal, SignalList


def may_on_list(actor: Actor, action: Action, signals: SignalList) -> bool:
    return may(actor, action)


def lists_where(actor: Actor, action: Action) -> QuerySet[SignalList]:
    return SignalList.objects.all() if may(actor, action) else SignalList.objects.none()


def may_on_proposal(actor: Actor, action: Action, proposal: Proposal) -> bool:
    return may(actor, action, proposal.unit or None)


def proposals_where(actor: Actor, action: Action) -> QuerySet[Proposal]:
    units = units_where(actor, action)
    if not units:
        return Proposal.objects.none()
    return Proposal.objects.filter(Q() if units.all else Q(unit="") | Q(unit__in=units.codes))


class OnlyTheSystemMatches(Exception):
    """A person does not write a match by hand; who knows better says so where the report is decided."""

    def __init__(self, actor: Actor) -> None:
        super().__init__(f"{actor.key} may not run the matching; the worker does, by the lists in force.")


def require_system(actor: Actor) -> None:
    """Raises OnlyTheSystemMatches."""
    if actor.kind is not ActorKind.SYSTEM:
        raise OnlyTheSystemMatches(actor)
