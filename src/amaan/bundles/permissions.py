"""Who may: the machine bundles; who decides a report may take it out of its bundle (`access_report`)."""

from __future__ import annotations

from amaan.authority.actors import Actor, ActorKind


class OnlyTheSystemBundles(Exception):
    """Nobody bundles by hand: what stands together was told together."""

    def __init__(self, actor: Actor) -> None:
        super().__init__(f"{actor.key} may not bundle reports; the worker does, by what they tell.")


def require_system(actor: Actor) -> None:
    if actor.kind is not ActorKind.SYSTEM:
        raise OnlyTheSystemBundles(actor)
