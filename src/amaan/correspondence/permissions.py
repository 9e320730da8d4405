"""Who may do what with conversations: the report's unit decides, as everywhere; some verbs are the worker's alone."""

from __future__ import annotations

from amaan.authority.actors import Actor, ActorKind
from amaan.correspondence.domain.words import CorrespondenceError


class NotAProcess(CorrespondenceError):
    """What the worker does is not done by hand."""


def require_system(actor: Actor) -> None:
    """Raises NotAProcess."""
    if actor.kind is not ActorKind.SYSTEM:
        raise NotAProcess("Only a process of this installation does this.")
