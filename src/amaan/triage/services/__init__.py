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
    EnoughForNow,
    NotClaimed,
    NotWaiting,
    ReasonMissing,
    claim_report,
    pull_next,
    release_report,
)
from amaan.triage.services.digests import digest_hour, make_digests, wish_digest
from amaan.triage.services.queueing import (
    NameTaken,
    TooManyQueues,
    keep_queue,
    prefer_queues,
    retire_queue,
    route_some,
)
from amaan.triage.services.seeing import end_shift, note_seen, note_work
from amaan.triage.services.settling import settle
from amaan.triage.services.telling import send_some
from amaan.triage.services.turning import TurnOutOfBand, TurnProposal, propose_turns, restore_turns
from amaan.triage.services.waking import (
    Listed,
    Plan,
    answer_wake,
    ask_next,
    keep_on_call,
    keep_plan,
    raise_wakes,
)

__all__ = [
    "ClaimedBySomebody",
    "EnoughForNow",
    "Listed",
    "NameTaken",
    "NotClaimed",
    "NotWaiting",
    "Plan",
    "ReasonMissing",
    "TooManyQueues",
    "TriageRun",
    "TurnOutOfBand",
    "TurnProposal",
    "VersionAlreadyTaken",
    "adopt_ruleset",
    "answer_wake",
    "ask_next",
    "assess_ahead",
    "claim_report",
    "digest_hour",
    "end_shift",
    "keep_on_call",
    "keep_plan",
    "keep_queue",
    "make_digests",
    "note_seen",
    "note_work",
    "prefer_queues",
    "prepare_rules",
    "propose_turns",
    "pull_next",
    "raise_wakes",
    "release_report",
    "restore_turns",
    "retire_queue",
    "route_some",
    "run_commitment",
    "send_some",
    "settle",
    "triage_reports",
    "wish_digest",
]
