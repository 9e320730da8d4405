"""Which pages the header offers to whom, in the order of the work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, may

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True)
class Place:
    """`views` are the names of the pages on which this place counts as the current one."""

    name: _StrPromise
    view: str
    actions: tuple[Action, ...]
    views: tuple[str, ...] = ()


@dataclass(frozen=True)
class Link:
    """A place as the header shows it."""

    name: str
    address: str
    current: bool


# A room's page adds its line here when it is built. No action means: everybody who works here.
PLACES: Final[Sequence[Place]] = (
    Place(_("Desk"), "desk:home", ()),
    Place(
        _("Shift"),
        "desk:shift",
        (Action.VIEW_QUEUE,),
        (
            *("desk:endings", "desk:load", "desk:queues", "desk:new_queue", "desk:change_queue"),
            *("desk:calls", "desk:call", "desk:on_call"),
        ),
    ),
    Place(_("Care"), "desk:care", (Action.VIEW_QUEUE,), ("desk:office_care",)),
    Place(_("Take down"), "desk:take_down", (Action.ENTER_REPORT,)),
    Place(
        _("Imports"),
        "desk:imports",
        (Action.VIEW_IMPORT,),
        ("desk:import", "desk:quarantine", "desk:quarantined", "desk:unreadable"),
    ),
    Place(_("Cases"), "desk:cases", (Action.VIEW_CASE,), ("desk:case", "desk:left_work")),
    Place(
        _("Rings"),
        "desk:rings",
        (Action.EXPLAIN_TRIAGE,),
        (
            *("desk:ring", "desk:split_ring", "desk:ring_into_case", "desk:link"),
            *("desk:ring_value", "desk:ring_act"),
        ),
    ),
    Place(
        _("Lists"),
        "desk:lists",
        (Action.VIEW_LISTS,),
        (
            *("desk:list", "desk:propose_list", "desk:set_list", "desk:withdraw_list", "desk:refuse_change"),
            *("desk:list_matches", "desk:known", "desk:proposal", "desk:survivor"),
        ),
    ),
    Place(_("Senders"), "desk:senders", (Action.VIEW_STATISTICS,), ("desk:export_feedback",)),
    Place(_("Learning"), "desk:learning", (Action.VIEW_LEARNING,), ("desk:switch_learning",)),
    Place(
        _("Rules"),
        "desk:rules",
        (Action.VIEW_RULES,),
        ("desk:rule_proposal", "desk:propose_rules", "desk:change_rule", "desk:reject_rules"),
    ),
    Place(
        _("Openings"),
        "desk:unsealings",
        (Action.UNSEAL, Action.REQUEST_UNSEALING),
        ("desk:unsealing", "desk:read_unsealed", "desk:ask_unsealing"),
    ),
    Place(_("Alerts"), "desk:alerts", (Action.READ_LEDGER,), ("desk:alert_terms",)),
    Place(_("Openings"), "desk:openings", (Action.READ_LEDGER,)),
    Place(_("Ledger"), "desk:ledger", (Action.READ_LEDGER,), ("desk:entry",)),
)


def links_for(actor: Actor | None, here: str) -> list[Link]:
    """What `actor` may enter; `here` is the name of the page that is open."""
    if actor is None:
        return []
    return [
        Link(str(place.name), reverse(place.view), here in {place.view, *place.views})
        for place in PLACES
        if not place.actions or any(may(actor, action) for action in place.actions)
    ]
