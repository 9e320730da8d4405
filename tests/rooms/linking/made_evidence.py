"""Evidence made by hand or by hypothesis, as arrays."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from amaan.linking.domain.evidence import Evidence, Stance
from amaan.linking.domain.frequency import MOST, ONE_HAND, Counts
from amaan.linking.domain.kinds import KINDS, EvidenceKind

Row = tuple[EvidenceKind, int, int, Stance]
"""Kind, value, report's position, stance."""


def key_of(kind: EvidenceKind, value: int) -> int:
    return (int(kind) << 40) | value


def made(
    rows: Iterable[Row],
    *,
    reports: int,
    sources: dict[int, int] | None = None,
    trust: dict[int, int] | None = None,
) -> Evidence:
    """Each report is a source of its own and trusted, but for those named."""
    highest: dict[tuple[int, int, int], int] = {}
    for kind, value, report, stance in rows:
        place = key_of(kind, value), report, int(kind)
        highest[place] = max(highest.get(place, 0), int(stance))
    ordered = sorted(highest.items())
    source = np.arange(reports, dtype=np.int64) + 1000
    for report, same in (sources or {}).items():
        source[report] = same
    trusted = np.zeros(reports, np.uint8)
    for report, bits in (trust or {}).items():
        trusted[report] = bits
    return Evidence(
        np.arange(1, reports + 1, dtype=np.int64) * 10,
        source,
        trusted,
        np.array([key for (key, _, _), _ in ordered], np.uint64),
        np.array([report for (_, report, _), _ in ordered], np.int32),
        np.array([kind for (_, _, kind), _ in ordered], np.uint8),
        np.array([stance for _, stance in ordered], np.uint8),
    )


@st.composite
def evidences(draw: DrawFn) -> Evidence:
    """A few reports that share much: dense enough for families, sources and trust to meet."""
    reports = draw(st.integers(2, 7))
    rows = draw(
        st.lists(
            st.tuples(
                st.sampled_from(EvidenceKind),
                st.integers(0, 1),
                st.integers(0, reports - 1),
                st.sampled_from(Stance),
            ),
            max_size=60,
        )
    )
    sources = draw(st.dictionaries(st.integers(0, reports - 1), st.integers(1, 2)))
    trust = draw(st.dictionaries(st.integers(0, reports - 1), st.integers(0, 3)))
    return made(rows, reports=reports, sources=sources, trust=trust)


@st.composite
def counts_of(draw: DrawFn, evidence: Evidence) -> Counts:
    """A snapshot that holds some of the evidence's values, a few of them as hubs."""
    keys = sorted({int(key) for key in evidence.key})
    held = {key: draw(st.integers(3, int(MOST.max()) + 2)) for key in keys if draw(st.booleans())}
    for key in held:
        if key >> 40 == EvidenceKind.HANDLE_STEM and draw(st.booleans()):
            held[key] |= ONE_HAND
    return Counts(np.array(sorted(held), np.uint64), np.array([held[key] for key in sorted(held)], np.uint32))


assert max(KINDS) < 63
