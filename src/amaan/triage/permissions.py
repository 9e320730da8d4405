"""Who may: the machine bands, staff look. `units_where` is the filter for many, in `selectors`."""

from __future__ import annotations

from amaan.authority.actors import Actor, ActorKind


class OnlyTheSystemBands(Exception):
    """A person does not band a report by hand; a person who disagrees says so where the report is decided."""

    def __init__(self, actor: Actor) -> None:
        super().__init__(f"{actor.key} may not run the triage; the worker does, by the adopted rules.")


def require_system(actor: Actor) -> None:
    if actor.kind is not ActorKind.SYSTEM:
        raise OnlyTheSystemBands(actor)
