"""What happens next: the table of contents of the whole system.

One line an event: the event's name, the subscriber's name (a row of `delivery` carries it), and the task that
receives the ids. A subscriber's name never changes once rows may exist under it.
"""

from __future__ import annotations

SUBSCRIPTIONS: dict[str, dict[str, str]] = {
    # Matching stands first, so that one worker bands a report once, with its matches; neither waits for the other.
    "report.received": {
        "matching.match": "amaan.matching.tasks.match",
        "lexicon.read": "amaan.lexicon.tasks.read",
        "bundles.bundle": "amaan.bundles.tasks.bundle",
        "triage.band": "amaan.triage.tasks.band_reports",
        "linking.link": "amaan.linking.tasks.link",
    },
    "report.worded": {"triage.band": "amaan.triage.tasks.band_reports"},
    "report.read": {"lexicon.compare": "amaan.lexicon.tasks.compare"},
    "report.compared": {
        "bundles.place_read": "amaan.bundles.tasks.place_read",
        "linking.link": "amaan.linking.tasks.link",
    },
    "report.bundled": {
        "triage.band": "amaan.triage.tasks.band_reports",
        "linking.link": "amaan.linking.tasks.link",
    },
    "report.linked": {"linking.ring": "amaan.linking.tasks.ring"},
    "bundle.decided": {"bundles.follow": "amaan.bundles.tasks.follow"},
    "hash.offered": {"matching.bank_survivors": "amaan.matching.tasks.bank_survivor_hashes"},
    "hash.withdrawn": {"matching.withdraw_survivors": "amaan.matching.tasks.withdraw_survivor_hashes"},
    "list.changed": {"matching.rematch": "amaan.matching.tasks.rematch"},
    "report.matched": {"triage.band": "amaan.triage.tasks.band_reports"},
    "report.banded": {"learning.propose": "amaan.learning.tasks.propose_turns"},
    "report.decided": {
        "triage.settle": "amaan.triage.tasks.settle_reports",
        "bundles.follow": "amaan.bundles.tasks.follow",
        "feedback.derive": "amaan.feedback.tasks.derive_feedback",
        "linking.alert": "amaan.linking.tasks.alert",
    },
    "report.status_changed": {"correspondence.tell": "amaan.correspondence.tasks.tell_reporters"},
}

BEHIND: tuple[frozenset[str], ...] = (
    frozenset({"lexicon.compare"}),
    frozenset({"bundles.bundle", "bundles.place_read"}),
    frozenset({"linking.link", "linking.ring"}),
)
"""Subscribers that go after all others, group by group: bands don't wait for them, and each is quicker once what stands
before it is known."""
