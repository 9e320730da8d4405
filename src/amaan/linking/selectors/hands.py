"""Which similar user names one hand carries, by all evidence and by the platforms at which it was seen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from amaan.linking.domain.evidence import Evidence
from amaan.linking.domain.handles import platform_of, stem
from amaan.linking.domain.hands import FEWEST_PLATFORMS, hands_of
from amaan.linking.domain.keys import digest_key
from amaan.linking.domain.kinds import EvidenceKind
from amaan.linking.selectors.material import clue_secret, handles_told
from amaan.linking.selectors.tellings import tellings_of


def stems_of_one_hand(evidence: Evidence) -> NDArray[np.uint64]:
    """Their keys, ascending. A fixed number of queries, by the reports that show it. Raises KeysMissing."""
    hands = hands_of(evidence)
    seen_at = _platforms({report for hand in hands for report in hand.reports})
    kept = {
        hand.stem
        for hand in hands
        if len(set[str]().union(*(seen_at[report, hand.stem] for report in hand.reports))) >= FEWEST_PLATFORMS
    }
    return np.array(sorted(kept), dtype=np.uint64)


def _platforms(report_ids: Collection[int]) -> defaultdict[tuple[int, int], set[str]]:
    """Report and name → the platforms of the reported accounts that bear it."""
    found: defaultdict[tuple[int, int], set[str]] = defaultdict(set)
    if not report_ids:
        return found
    tellings = tellings_of(sorted(report_ids))
    report_of = dict(zip(tellings.version.tolist(), tellings.report.tolist(), strict=True))
    secret = clue_secret()
    for told in handles_told(list(report_of)):
        made, platform = stem(told.handle), platform_of(told.handle)
        if made and platform and told.role == "reported":
            key = digest_key(secret, EvidenceKind.HANDLE_STEM, made.encode())
            found[report_of[told.version_id], key].add(platform)
    return found
