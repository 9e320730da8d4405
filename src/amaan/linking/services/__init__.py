"""Writing: what is noted, linked, counted, decided and named."""

from amaan.linking.services.alerting import alert_of_reports, note_case_from_ring, see_alerts
from amaan.linking.services.deciding import (
    confirm_link,
    reject_link,
    reject_resting,
    split_ring,
    undo_decision,
    undo_together,
)
from amaan.linking.services.exporting import record_explanation, record_export
from amaan.linking.services.linking import LinkRun, link_reports
from amaan.linking.services.noting import note_clues
from amaan.linking.services.rebuilding import RebuildTold, rebuild_links
from amaan.linking.services.ring_writing import RingRun
from amaan.linking.services.ringing import ring_all, ring_reports
from amaan.linking.services.turn import RebuildUnderWay

__all__ = [
    "LinkRun",
    "RebuildTold",
    "RebuildUnderWay",
    "RingRun",
    "alert_of_reports",
    "confirm_link",
    "link_reports",
    "note_case_from_ring",
    "note_clues",
    "rebuild_links",
    "record_explanation",
    "record_export",
    "reject_link",
    "reject_resting",
    "ring_all",
    "ring_reports",
    "see_alerts",
    "split_ring",
    "undo_decision",
    "undo_together",
]
