"""Writing: bundling, folding, settling with the canonical report, taking apart."""

from amaan.bundles.services.bundling import BundleRun, bundle_reports
from amaan.bundles.services.following import follow_decided
from amaan.bundles.services.placing import place_reports
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
    "bundle_reports",
    "follow_decided",
    "place_reports",
    "split_report",
    "take_turn",
    "undo_split",
]
