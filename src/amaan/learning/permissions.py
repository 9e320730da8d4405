"""Who may: the machine fits and proposes, a supervisor turns it on; the model belongs to no unit."""

from __future__ import annotations

from amaan.authority.actors import Actor, ActorKind


class OnlyTheSystemLearns(Exception):
    """Nobody fits a model or proposes turns by hand."""

    def __init__(self, actor: Actor) -> None:
        super().__init__(f"{actor.key} may not do this; the worker and amaan learning fit do.")


class OnlyAPersonTurnsItOn(Exception):
    """A process never turns a model on, not even the operator's command."""

    def __init__(self) -> None:
        super().__init__(
            "A supervisor turns the model on, by name: at the desk, or amaan learning on --person ADDRESS"
        )


def require_system(actor: Actor) -> None:
    if actor.kind is not ActorKind.SYSTEM:
        raise OnlyTheSystemLearns(actor)


def require_person(actor: Actor) -> None:
    if actor.kind is not ActorKind.STAFF:
        raise OnlyAPersonTurnsItOn
