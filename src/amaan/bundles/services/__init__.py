"""Writing: bundling, folding, settling with the canonical report, taking apart."""

from amaan.bundles.services.bundling import BundleRun, bundle_reports

__all__ = ["BundleRun", "bundle_reports"]
