"""Writing: adopt rules, band reports, say who works on them, take out what is decided."""

from amaan.triage.domain.proposals import VersionAlreadyTaken
from amaan.triage.services.adopting import adopt_ruleset, prepare_rules
from amaan.triage.services.banding import (
    TriageRun,
    assess_ahead,
    run_commitment,
    triage_reports,
)
from amaan.triage.services.claiming import (
    ClaimedBySomebody,
    NotClaimed,
    NotWaiting,
    ReasonMissing,
    claim_report,
    pull_next,
    release_report,
)
from amaan.triage.services.settling import settle

__all__ = [
    "ClaimedBySomebody",
    "NotClaimed",
    "NotWaiting",
    "ReasonMissing",
    "TriageRun",
    "VersionAlreadyTaken",
    "adopt_ruleset",
    "assess_ahead",
    "claim_report",
    "prepare_rules",
    "pull_next",
    "release_report",
    "run_commitment",
    "settle",
    "triage_reports",
]
