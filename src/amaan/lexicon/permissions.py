"""Who may: the machine reads; what it found stands on the report's page, for whoever may see the report."""

from __future__ import annotations

from amaan.authority.actors import Actor, ActorKind


class OnlyTheSystemReads(Exception):
    """Nobody writes by hand what a text says."""

    def __init__(self, actor: Actor) -> None:
        super().__init__(
            f"{actor.key} may not run the reading; the worker does, by the lexicon of the program."
        )


def require_system(actor: Actor) -> None:
    """Raises OnlyTheSystemReads."""
    if actor.kind is not ActorKind.SYSTEM:
        raise OnlyTheSystemReads(actor)
