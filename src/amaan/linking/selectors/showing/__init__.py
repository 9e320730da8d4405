"""Reading rings and links for pages: what somebody may see of them, by what they may see of the reports.

A ring is seen by whoever may see one of its reports. Of reports of other offices it tells how many and where, no more.
"""

from amaan.linking.selectors.showing.joined import Joined, joined_by
from amaan.linking.selectors.showing.links import Beside, LinkNotFound, SeenLink, links_beside, seen_link
from amaan.linking.selectors.showing.listing import Place, RingLine, RingsAsked, rings_seen
from amaan.linking.selectors.showing.seen import SeenRing, rings_open, rings_with, seen_ring

__all__ = [
    "Beside",
    "Joined",
    "LinkNotFound",
    "Place",
    "RingLine",
    "RingsAsked",
    "SeenLink",
    "SeenRing",
    "joined_by",
    "links_beside",
    "rings_open",
    "rings_seen",
    "rings_with",
    "seen_link",
    "seen_ring",
]
