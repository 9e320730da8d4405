"""Who may: the machine derives and tells, staff say more or hold back, each partner reads its own."""

from __future__ import annotations

from amaan.authority.actors import Actor, ActorKind


class OnlyTheSystemTells(Exception):
    """Nobody sends feedback by hand."""

    def __init__(self, actor: Actor) -> None:
        super().__init__(f"{actor.key} may not do this; the worker does.")


def require_system(actor: Actor) -> None:
    if actor.kind is not ActorKind.SYSTEM:
        raise OnlyTheSystemTells(actor)
