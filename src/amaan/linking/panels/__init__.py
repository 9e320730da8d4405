"""Rings and links as pages show them: frozen values in the reader's language, seals opened as far as they may.

`ring.ring_panel`, `ring.export_rows` and `link.link_panel` weigh, and so read numpy: pages import them where they show.
"""

from amaan.linking.panels.listing import (
    AlertShown,
    AlertsPanel,
    LinksPanel,
    RingShown,
    alerts_beside,
    alerts_counted,
    alerts_panel,
    is_alert,
    links_panel,
    offices_by_row,
    rings_panel,
)
from amaan.linking.panels.values import LinkLine, RingPanel

__all__ = [
    "AlertShown",
    "AlertsPanel",
    "LinkLine",
    "LinksPanel",
    "RingPanel",
    "RingShown",
    "alerts_beside",
    "alerts_counted",
    "alerts_panel",
    "is_alert",
    "links_panel",
    "offices_by_row",
    "rings_panel",
]
