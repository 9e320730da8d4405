"""Which similar user names one hand carries from account to account, and what they join."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import find, given
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn
from numpy.typing import NDArray
from tests.rooms.linking.made_evidence import Row, key_of, made

from amaan.linking.domain.evidence import Evidence, Stance, Trust
from amaan.linking.domain.explaining import Reason, waterfall
from amaan.linking.domain.frequency import Counts, count_sources
from amaan.linking.domain.hands import hands_of
from amaan.linking.domain.kinds import EvidenceKind
from amaan.linking.domain.strength import FEWEST_ACCOUNTS, MOST_OF_PUBLIC, MOST_OF_SUPPORT, STRONG_AT
from amaan.linking.domain.weighing import weigh

STEM, PHONE, WALLET, HANDLE, ACCOUNT = (
    EvidenceKind.HANDLE_STEM,
    EvidenceKind.PHONE,
    EvidenceKind.MOBILE_WALLET,
    EvidenceKind.HANDLE,
    EvidenceKind.PLATFORM_ACCOUNT,
)
LINKS, SUPPORTS = Stance.LINKS, Stance.SUPPORTS
NEXT = 3
"""The report that tells the name and nothing else."""


def hand(*more: Row, value: EvidenceKind = PHONE, of: int = 3, stem: Stance = LINKS) -> list[Row]:
    """The first `of` of four reports tell the name and one value; the last tells the name."""
    rows = [(STEM, 0, report, stem) for report in range(4)]
    return [*rows, *((value, 0, report, LINKS) for report in range(of)), *more]


def stems_of_one_hand(evidence: Evidence) -> NDArray[np.uint64]:
    return np.array(sorted({hand.stem for hand in hands_of(evidence)}), np.uint64)


def counted(evidence: Evidence) -> Counts:
    return count_sources(evidence, stems_of_one_hand(evidence))


def weight(evidence: Evidence, one: int, other: int) -> float | None:
    pairs = weigh(evidence, counted(evidence))
    found = {(int(a), int(b)): float(w) for a, b, w in zip(pairs.low, pairs.high, pairs.weight, strict=True)}
    return found.get((one, other))


@pytest.mark.parametrize("value", [PHONE, WALLET, EvidenceKind.EMAIL, EvidenceKind.CNIC])
def test_the_next_account_of_one_hand_is_joined_by_its_name(value: EvidenceKind) -> None:
    evidence = made(hand(value=value), reports=4)
    assert stems_of_one_hand(evidence).tolist() == [key_of(STEM, 0)]
    assert weight(evidence, 0, NEXT) == STRONG_AT


def test_a_name_that_was_seen_at_nobodys_hand_joins_nobody() -> None:
    """Two are one account and its successor, or somebody and who imitates them."""
    evidence = made(hand(of=2), reports=4)
    assert not len(stems_of_one_hand(evidence))
    assert weight(evidence, 0, NEXT) is None


@pytest.mark.parametrize(
    "more",
    [
        # Most who tell the name have other numbers: it is a name of many.
        [(STEM, 0, report, LINKS) for report in range(4, 6)],
        # Most who tell the wallet have other names: many are paid to it.
        [(WALLET, 0, report, LINKS) for report in range(4, 7)],
        # It is one account, told three times: nobody was seen to open another one.
        [(ACCOUNT, 0, report, LINKS) for report in range(3)],
        [(HANDLE, 0, report, LINKS) for report in range(2)],
        # Another one bears it, whose account two reports tell: one of the two may imitate the other.
        [(STEM, 0, 4, LINKS), *((ACCOUNT, 0, report, LINKS) for report in (NEXT, 4))],
        [(STEM, 0, 4, SUPPORTS), *((PHONE, 1, report, LINKS) for report in (NEXT, 4))],
    ],
)
def test_what_is_no_habit_of_one_hand(more: list[Row]) -> None:
    evidence = made(hand(*more, value=WALLET), reports=8)
    assert not len(stems_of_one_hand(evidence))
    assert weight(evidence, 0, NEXT) is None


def test_what_the_hands_own_reports_tell_too_is_no_second_hands() -> None:
    """They are joined by it already."""
    more = [(STEM, 0, 4, LINKS), *((PHONE, 1, report, LINKS) for report in (0, NEXT, 4))]
    assert len(stems_of_one_hand(made(hand(*more, value=WALLET), reports=5)))


def test_one_source_is_no_proof_however_often_it_tells() -> None:
    assert not len(stems_of_one_hand(made(hand(), reports=4, sources={0: 1, 1: 1})))


def test_what_supports_and_accounts_in_doubt_are_no_proof_and_join_nobody() -> None:
    assert not len(stems_of_one_hand(made(hand(stem=SUPPORTS), reports=4)))
    assert not len(stems_of_one_hand(made(hand(), reports=4, trust={1: Trust.COMPROMISED})))
    own = made([row for row in hand() if row[2] != NEXT] + [(STEM, 0, NEXT, SUPPORTS)], reports=4)
    assert len(stems_of_one_hand(own))
    assert weight(own, 0, NEXT) == pytest.approx(MOST_OF_SUPPORT, abs=0.01)
    taken = made(hand(), reports=4, trust={NEXT: Trust.COMPROMISED})
    assert len(stems_of_one_hand(taken))
    assert weight(taken, 0, NEXT) == 0


def test_the_publics_stay_weak() -> None:
    public = made(hand(), reports=4, trust={0: Trust.PUBLIC, NEXT: Trust.PUBLIC})
    assert weight(public, 0, NEXT) == pytest.approx(MOST_OF_PUBLIC, abs=0.01)
    assert weight(public, 1, NEXT) == STRONG_AT


def test_the_steps_say_that_it_is_one_hands() -> None:
    evidence = made(hand(), reports=4)
    steps = waterfall(evidence, counted(evidence), 10, 40)
    assert [(step.kind, step.links, step.reasons) for step in steps[1:]] == [(STEM, True, (Reason.ONE_HAND,))]
    assert steps[-1].total == STRONG_AT


def by_hand(evidence: Evidence) -> list[int]:
    """The same, name by name and value by value."""
    told: dict[tuple[int, int], dict[int, int]] = {}
    for key, report, kind, stance in zip(*(column.tolist() for column in evidence[3:]), strict=True):
        told.setdefault((kind, key), {})[report] = stance
    doubted = {n for n, bits in enumerate(evidence.trust.tolist()) if bits & Trust.COMPROMISED}
    found = []
    for (kind, key), tellers in told.items():
        if kind == STEM and any(
            _one_hand(evidence, told, tellers, others, doubted)
            for (of, _), others in told.items()
            if of in {1, 2, 6, 7, 8, 9}
        ):
            found.append(key)
    return sorted(found)


def _one_hand(
    evidence: Evidence,
    told: dict[tuple[int, int], dict[int, int]],
    tellers: dict[int, int],
    others: dict[int, int],
    doubted: set[int],
) -> bool:
    both = {
        report
        for report in tellers.keys() & others.keys() - doubted
        if tellers[report] >= LINKS and others[report] >= LINKS
    }
    alone, most = set(both), 0
    for wanted in (ACCOUNT, HANDLE):
        last = {
            report: key for (kind, key), rows in sorted(told.items()) if kind == wanted for report in rows
        }
        alone -= last.keys()
        most = max(most, len({last[report] for report in both & last.keys()}))
    return (
        len(alone) + most >= FEWEST_ACCOUNTS
        and len({int(evidence.source[report]) for report in both}) >= 3
        and 2 * len(both) > max(len(tellers), len(others))
        and not any(
            len(their & (tellers.keys() - both)) >= 2 and not their & both
            for (kind, _), rows in told.items()
            if kind in {1, 2, 3, 4, 6, 7, 8, 9}
            for their in [{report for report, stance in rows.items() if stance >= LINKS}]
        )
    )


@st.composite
def crowds(draw: DrawFn) -> Evidence:
    """A few reports of which most tell one of two names and one of two values."""
    reports = draw(st.integers(3, 8))
    kinds = st.sampled_from([ACCOUNT, HANDLE, PHONE, EvidenceKind.CRYPTO])
    place, stance = (
        st.integers(0, reports - 1),
        st.sampled_from([LINKS, LINKS, LINKS, SUPPORTS, Stance.BESIDE]),
    )
    rows = [
        (kind, int(draw(st.integers(0, 9)) == 0), report, draw(stance))
        for report in range(reports)
        for kind in (STEM, WALLET)
        if draw(st.integers(0, 9))
    ]
    rows += draw(st.lists(st.tuples(kinds, st.integers(0, 1), place, stance), max_size=8))
    sources = draw(st.dictionaries(place, st.integers(1, 2), max_size=3))
    trust = draw(st.dictionaries(place, st.integers(0, 3), max_size=2))
    return made(rows, reports=reports, sources=sources, trust=trust)


@given(crowds())
def test_it_is_found_as_by_hand(evidence: Evidence) -> None:
    assert stems_of_one_hand(evidence).tolist() == by_hand(evidence)


def test_the_crowds_hold_hands_and_none() -> None:
    assert find(crowds(), lambda evidence: len(stems_of_one_hand(evidence)) > 0)
    assert find(crowds(), lambda evidence: not len(stems_of_one_hand(evidence)))
