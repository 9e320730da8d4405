"""Writing: bundling, folding, settling with the canonical report, taking apart."""

from amaan.bundles.services.bundling import BundleRun, bundle_reports
from amaan.bundles.services.following import bring_back, follow_decided, follow_left, let_stand, place_read
from amaan.bundles.services.placing import place_behind, place_reports
from amaan.bundles.services.splitting import (
    NotSplit,
    ReasonMissing,
    StandsAlone,
    split_report,
    undo_split,
)
from amaan.bundles.services.turn import take_turn

__all__ = [
    "BundleRun",
    "NotSplit",
    "ReasonMissing",
    "StandsAlone",
    "bring_back",
    "bundle_reports",
    "follow_decided",
    "follow_left",
    "let_stand",
    "place_behind",
    "place_read",
    "place_reports",
    "split_report",
    "take_turn",
    "undo_split",
]
