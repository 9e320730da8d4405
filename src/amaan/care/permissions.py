"""Who may: everybody their own, the machine its chore. What an office may know is asked of the matrix."""

from __future__ import annotations

from amaan.authority.actors import Actor, ActorKind


class OnlyTheSystemForgets(Exception):
    """Readings become counts by the worker's chore, and by nobody's hand."""


class OnlyTheSystemCounts(Exception):
    """Whether somebody else could read something is the machine's question, and its answer is a number."""


def require_counting(actor: Actor) -> None:
    if actor.kind is not ActorKind.SYSTEM:
        raise OnlyTheSystemCounts(f"{actor.key} may not ask what others could read; a pull and a call do.")


def require_system(actor: Actor) -> None:
    if actor.kind is not ActorKind.SYSTEM:
        raise OnlyTheSystemForgets(f"{actor.key} may not drop readings; the worker does, after a year.")
