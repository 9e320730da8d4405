"""Who may erase. Reading and verifying are cells of authority's matrix."""

from __future__ import annotations

from amaan.authority.actors import Actor, ActorKind


class ErasingNotAllowed(Exception):
    """Only the installation's operator, or its retention rules, erase; no role of the desk does."""


def may_erase(actor: Actor) -> bool:
    return actor.kind is ActorKind.SYSTEM


def require_erasing(actor: Actor) -> None:
    """Raises ErasingNotAllowed."""
    if not may_erase(actor):
        raise ErasingNotAllowed(
            f"{actor.key} may not erase from the ledger; the operator does, by a named order."
        )
