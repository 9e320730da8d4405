"""Rings and links as pages show them: frozen values in the reader's language, seals opened as far as they may."""

from amaan.linking.panels.link import LinkPanel, link_panel
from amaan.linking.panels.listing import (
    AlertShown,
    LinksPanel,
    RingShown,
    alerts_panel,
    is_alert,
    links_panel,
    offices_by_row,
    rings_panel,
)
from amaan.linking.panels.ring import export_rows, ring_panel
from amaan.linking.panels.values import LinkLine, RingPanel

__all__ = [
    "AlertShown",
    "LinkLine",
    "LinkPanel",
    "LinksPanel",
    "RingPanel",
    "RingShown",
    "alerts_panel",
    "export_rows",
    "is_alert",
    "link_panel",
    "links_panel",
    "offices_by_row",
    "ring_panel",
    "rings_panel",
]
