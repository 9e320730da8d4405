"""What a pair of reports weighs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rooms.linking.made_evidence import counts_of, evidences, key_of, made

from amaan.linking.domain import kernels, strength
from amaan.linking.domain.evidence import Evidence, Stance, Trust
from amaan.linking.domain.frequency import NOTHING_COUNTED, Counts, count_sources
from amaan.linking.domain.kinds import KINDS, EvidenceKind
from amaan.linking.domain.strength import (
    MOST_OF_PUBLIC,
    MOST_OF_SUPPORT,
    PLAIN_AT,
    PRIOR,
    STRONG_AT,
    WEAK_AT,
    Strength,
    strength_of,
)
from amaan.linking.domain.weighing import Pairs, weigh, weigh_reference

WALLET, PHONE, HANDLE, FILE = (
    EvidenceKind.MOBILE_WALLET,
    EvidenceKind.PHONE,
    EvidenceKind.HANDLE,
    EvidenceKind.SAME_FILE,
)
LINKS, SUPPORTS = Stance.LINKS, Stance.SUPPORTS


def told(pairs: Pairs) -> dict[tuple[int, int], tuple[float, int]]:
    columns = (column.tolist() for column in pairs)
    return {(low, high): (weight, kinds) for low, high, weight, kinds in zip(*columns, strict=True)}


def weight(evidence: Evidence, counts: Counts = NOTHING_COUNTED) -> float | None:
    """Of the pair of the first two reports; None: it isn't kept."""
    found = told(weigh(evidence, counts)).get((0, 1))
    return None if found is None else found[0]


def shared(*kinds: EvidenceKind, stance: Stance = LINKS, **how: dict[int, int]) -> Evidence:
    rows = [(kind, place, report, stance) for place, kind in enumerate(kinds) for report in (0, 1)]
    return made(rows, reports=2, **how)


def base(kind: EvidenceKind) -> float:
    return KINDS[kind].base


@given(st.data(), st.sampled_from([2, 3, 50]))
def test_the_kernels_weigh_as_the_plain_rules_do(data: st.DataObject, most: int) -> None:
    evidence = data.draw(evidences())
    counts = data.draw(counts_of(evidence))
    touching = data.draw(
        st.none() | st.lists(st.booleans(), min_size=len(evidence.reports), max_size=len(evidence.reports))
    )
    some = None if touching is None else np.array(touching, np.bool_)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(strength, "MOST_TOLD_OF_PUBLIC", most)
        fast, plain = weigh(evidence, counts, touching=some), weigh_reference(evidence, counts, touching=some)
    for one, other in zip(fast, plain, strict=True):
        assert one.dtype == other.dtype
        assert one.tolist() == other.tolist()


@given(evidences(), st.randoms(use_true_random=False))
def test_who_was_received_first_changes_nothing(evidence: Evidence, chance: object) -> None:
    """Reports take other positions; the pairs weigh the same."""
    reports = len(evidence.reports)
    new = list(range(reports))
    chance.shuffle(new)  # type: ignore[attr-defined]
    place = np.array(new, np.int32)
    moved = place[evidence.report]
    order = np.lexsort((moved, evidence.key))
    back = np.argsort(place)
    other = Evidence(
        evidence.reports,
        evidence.source[back],
        evidence.trust[back],
        evidence.key[order],
        moved[order],
        evidence.kind[order],
        evidence.stance[order],
    )
    before = {
        tuple(sorted((new[low], new[high]))): held
        for (low, high), held in told(weigh(evidence, NOTHING_COUNTED)).items()
    }
    assert told(weigh(other, NOTHING_COUNTED)) == before


@given(evidences(), st.sampled_from(EvidenceKind), st.sampled_from(Stance))
def test_one_more_shared_value_never_weighs_less(
    evidence: Evidence, kind: EvidenceKind, stance: Stance
) -> None:
    before = weight(evidence)
    rows = [
        (EvidenceKind(k), int(key) & 0xFF, int(r), Stance(s))
        for key, r, k, s in zip(evidence.key, evidence.report, evidence.kind, evidence.stance, strict=True)
    ]
    more = made([*rows, (kind, 200, 0, stance), (kind, 200, 1, stance)], reports=len(evidence.reports))
    after = weight(more._replace(source=evidence.source, trust=evidence.trust))
    assert before is None or (after is not None and after >= before)


def test_a_shared_wallet_told_by_two_weighs_all_it_can() -> None:
    assert weight(shared(WALLET)) == PRIOR + base(WALLET)


def test_each_doubling_of_sources_costs_its_slope() -> None:
    counts = Counts(np.array([key_of(PHONE, 0)], np.uint64), np.array([16], np.uint32))
    assert weight(shared(PHONE), counts) == PRIOR + base(PHONE) - 3 * KINDS[PHONE].slope


@pytest.mark.parametrize("kind", EvidenceKind)
def test_a_hub_links_nothing(kind: EvidenceKind) -> None:
    most = KINDS[kind].most
    counts = Counts(np.array([key_of(kind, 0)], np.uint64), np.array([most + 1], np.uint32))
    assert weight(shared(kind, WALLET), counts) == PRIOR + base(WALLET)


def test_a_value_becomes_a_hub_before_it_is_counted() -> None:
    most = KINDS[EvidenceKind.IP_MOMENT].most
    reports = [(EvidenceKind.IP_MOMENT, 0, report, LINKS) for report in range(most + 1)]
    assert told(weigh(made(reports, reports=most + 1), NOTHING_COUNTED)) == {}
    assert len(weigh(made(reports[:-1], reports=most), NOTHING_COUNTED).low) == most * (most - 1) // 2


def test_a_family_counts_its_heaviest_and_a_share_of_the_others() -> None:
    two = shared(EvidenceKind.PLATFORM_ACCOUNT, HANDLE)
    assert weight(two) == PRIOR + 26 + 22 / 4
    many = shared(EvidenceKind.PLATFORM_ACCOUNT, *[HANDLE] * 9)
    assert weight(many) == PRIOR + 26 + 13
    assert weight(shared(WALLET, PHONE)) == PRIOR + base(WALLET) + base(PHONE)


def test_what_only_supports_stays_below_plain() -> None:
    assert weight(shared(PHONE, WALLET, HANDLE, stance=SUPPORTS)) == pytest.approx(MOST_OF_SUPPORT, abs=0.01)
    files = weight(shared(*[FILE] * 40))
    assert files is not None
    assert WEAK_AT <= files < PLAIN_AT


def test_the_lower_stance_of_two_counts() -> None:
    """A number that is the reported one's here and the family's there."""
    one = made([(PHONE, 0, 0, LINKS), (PHONE, 0, 1, SUPPORTS)], reports=2)
    assert weight(one) == weight(shared(PHONE, stance=SUPPORTS))


def test_support_counts_for_no_more_than_what_it_supports() -> None:
    rows = [(EvidenceKind.DOMAIN, 0, r, LINKS) for r in (0, 1)]
    rows += [(PHONE, 1, r, SUPPORTS) for r in (0, 1)]
    found = weight(made(rows, reports=2))
    assert found is not None
    assert strength_of(found) is Strength.WEAK


def test_one_source_adds_nothing_to_itself() -> None:
    alone = weight(shared(WALLET))
    assert weight(shared(WALLET, PHONE, HANDLE, sources={0: 1, 1: 1})) == alone


def test_the_public_alone_stays_below_plain() -> None:
    everything = shared(WALLET, PHONE, HANDLE, trust={0: Trust.PUBLIC, 1: Trust.PUBLIC})
    assert weight(everything) == pytest.approx(MOST_OF_PUBLIC, abs=0.01)
    mixed = weight(shared(WALLET, PHONE, trust={0: Trust.PUBLIC}))
    assert mixed is not None
    assert mixed > STRONG_AT


def test_a_taken_over_account_only_supports_and_its_wallet_links() -> None:
    """Nor does a name lift it: whoever imitates somebody copies just that."""
    taken = {0: int(Trust.COMPROMISED)}
    account = shared(EvidenceKind.PLATFORM_ACCOUNT, HANDLE, EvidenceKind.NAME, trust=taken)
    assert weight(account) == pytest.approx(MOST_OF_SUPPORT, abs=0.01)
    both = weight(shared(WALLET, EvidenceKind.PLATFORM_ACCOUNT, trust=taken))
    assert both == PRIOR + 26 + 26 - 8
    beside = shared(PHONE, trust=taken, stance=int(Stance.BESIDE))
    assert weight(beside) == weight(shared(PHONE))  # it told where the money goes, whoever it was
    assert weight(shared(WALLET, trust=taken)) == weight(shared(WALLET))


def test_an_accounts_own_page_says_no_more_than_the_account() -> None:
    account, page = EvidenceKind.PLATFORM_ACCOUNT, EvidenceKind.URL
    assert weight(shared(account, page)) == PRIOR + 26 + 25 / 4
    rows = [(account, 0, report, LINKS) for report in (0, 1)]
    rows += [(page, 1, report, stance) for report, stance in enumerate((LINKS, Stance.BESIDE))]
    assert (
        weight(made(rows, reports=2)) == PRIOR + 26 + 25
    )  # where it happened, too: that is another thing to know
    taken = {0: int(Trust.COMPROMISED)}
    assert weight(shared(page, trust=taken)) == pytest.approx(MOST_OF_SUPPORT - 0.99, abs=0.01)
    assert weight(shared(page, trust=taken, stance=Stance.BESIDE)) == weight(shared(page))


def test_what_an_imitator_copies_joins_nobody_however_much_of_it_there_is() -> None:
    alike = (EvidenceKind.HANDLE_STEM, EvidenceKind.NAME, EvidenceKind.WORDING, EvidenceKind.NEAR_FILE)
    assert weight(shared(*alike, stance=SUPPORTS)) == pytest.approx(MOST_OF_SUPPORT, abs=0.01)


def test_nothing_makes_no_pairs() -> None:
    assert told(weigh(made([], reports=0), NOTHING_COUNTED)) == {}
    assert told(weigh(made([(WALLET, 0, 0, LINKS)], reports=1), NOTHING_COUNTED)) == {}


def test_a_snapshot_counts_sources_not_reports() -> None:
    rows = [(WALLET, 0, report, LINKS) for report in range(6)]
    rows += [(PHONE, 1, report, LINKS) for report in range(3)]
    counts = count_sources(made(rows, reports=6, sources={0: 1, 1: 1}))
    assert dict(zip(counts.keys.tolist(), counts.counts.tolist(), strict=True)) == {key_of(WALLET, 0): 5}


@given(evidences())
def test_sources_and_rows_are_counted_as_the_plain_twins_do(evidence: Evidence) -> None:
    edges = np.sort(np.array([0, len(evidence.key) // 2, len(evidence.key)], np.int64))
    begin, end = edges[:-1], edges[1:]
    for name, arguments in (
        ("count_sources_of", (begin, end, evidence.report, evidence.source)),
        ("rows_by_report", (evidence.report, len(evidence.reports))),
    ):
        fast = getattr(kernels, name)(*arguments)
        plain = getattr(kernels, f"{name}_reference")(*arguments)
        assert np.concatenate(fast if isinstance(fast, tuple) else [fast]).tolist() == (
            np.concatenate(plain if isinstance(plain, tuple) else [plain]).tolist()
        )


@given(st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=30))
def test_components_are_those_of_the_plain_twin(edges: list[tuple[int, int]]) -> None:
    low = np.array([min(edge) for edge in edges], np.int32)
    high = np.array([max(edge) for edge in edges], np.int32)
    fast = kernels.components_of(low, high, 20)
    assert fast.tolist() == kernels.components_of_reference(low, high, 20).tolist()
    assert all(fast[one] == fast[other] for one, other in edges)
