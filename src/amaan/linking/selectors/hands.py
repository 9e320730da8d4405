"""Which similar user names one hand carries, by all evidence and by how and where they were written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from amaan.linking.domain.evidence import Evidence
from amaan.linking.domain.handles import platform_of, stem
from amaan.linking.domain.hands import hands_of
from amaan.linking.domain.keys import digest_key
from amaan.linking.domain.kinds import EvidenceKind
from amaan.linking.domain.strength import FEWEST_PLATFORMS, FEWEST_SPELLINGS
from amaan.linking.selectors.material import clue_secret, handles_told
from amaan.linking.selectors.tellings import tellings_of


def stems_of_one_hand(evidence: Evidence) -> NDArray[np.uint64]:
    """Their keys, ascending. A fixed number of queries, by the reports that show it. Raises KeysMissing."""
    hands = hands_of(evidence)
    seen = _written({report for hand in hands for report in hand.reports})
    kept = set()
    for hand in hands:
        written = {handle for report in hand.reports for handle in seen[report, hand.stem]}
        platforms = {platform_of(handle) for handle in written}
        spellings = {handle.rpartition(":")[2] for handle in written}
        if len(platforms) >= FEWEST_PLATFORMS and len(spellings) >= FEWEST_SPELLINGS:
            kept.add(hand.stem)
    return np.array(sorted(kept), dtype=np.uint64)


def _written(report_ids: Collection[int]) -> defaultdict[tuple[int, int], set[str]]:
    """Report and name → the user names of its reported accounts that read so, where their platform is told."""
    found: defaultdict[tuple[int, int], set[str]] = defaultdict(set)
    if not report_ids:
        return found
    tellings = tellings_of(sorted(report_ids))
    report_of = dict(zip(tellings.version.tolist(), tellings.report.tolist(), strict=True))
    secret = clue_secret()
    for told in handles_told(list(report_of)):
        made = stem(told.handle)
        if made and platform_of(told.handle) and told.role == "reported":
            key = digest_key(secret, EvidenceKind.HANDLE_STEM, made.encode())
            found[report_of[told.version_id], key].add(told.handle)
    return found
