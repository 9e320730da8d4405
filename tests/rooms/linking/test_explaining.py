"""Why a pair weighs what it weighs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rooms.linking.made_evidence import counts_of, evidences, key_of, made

from amaan.linking.domain.evidence import Stance, Trust
from amaan.linking.domain.explaining import NotAmongEvidence, Reason, waterfall
from amaan.linking.domain.frequency import NOTHING_COUNTED
from amaan.linking.domain.kinds import KINDS, EvidenceKind
from amaan.linking.domain.strength import MOST_OF_PUBLIC, PRIOR, WEAK_AT
from amaan.linking.domain.weighing import weigh


@given(st.data())
def test_the_steps_end_at_the_weight(data: st.DataObject) -> None:
    evidence = data.draw(evidences())
    counts = data.draw(counts_of(evidence))
    pairs = weigh(evidence, counts)
    weights = {
        (low, high): weight
        for low, high, weight in zip(
            pairs.low.tolist(), pairs.high.tolist(), pairs.weight.tolist(), strict=True
        )
    }
    for low in range(len(evidence.reports)):
        for high in range(low + 1, len(evidence.reports)):
            steps = waterfall(evidence, counts, int(evidence.reports[low]), int(evidence.reports[high]))
            assert steps == waterfall(
                evidence, counts, int(evidence.reports[high]), int(evidence.reports[low])
            )
            assert steps[0].reasons == (Reason.PRIOR,)
            assert sum(step.adds for step in steps) == steps[-1].total
            assert all(step.adds >= 0 for step in steps[1:] if step.reasons != (Reason.PUBLIC,))
            assert all(step.adds <= step.bits <= step.base for step in steps if step.kind)
            if steps[-1].total >= WEAK_AT:
                assert weights[low, high] == steps[-1].total
            else:
                assert (low, high) not in weights


def test_each_cap_is_told() -> None:
    links, supports = Stance.LINKS, Stance.SUPPORTS
    two = (0, 1)
    rows = [(EvidenceKind.MOBILE_WALLET, 0, report, links) for report in two]
    rows += [(EvidenceKind.PLATFORM_ACCOUNT, 0, report, links) for report in two]
    rows += [(EvidenceKind.HANDLE, 0, report, links) for report in two]
    rows += [(EvidenceKind.PHONE, 0, report, supports) for report in two]
    rows += [(EvidenceKind.IP_MOMENT, 0, report, links) for report in range(30)]
    public = int(Trust.PUBLIC)
    evidence = made(rows, reports=30, trust={0: public | int(Trust.COMPROMISED), 1: public})
    steps = waterfall(evidence, NOTHING_COUNTED, 10, 20)
    assert [(step.kind, step.reasons) for step in steps] == [
        (None, (Reason.PRIOR,)),
        (EvidenceKind.MOBILE_WALLET, ()),
        (EvidenceKind.PLATFORM_ACCOUNT, (Reason.COMPROMISED, Reason.SUPPORTS)),
        (EvidenceKind.PHONE, (Reason.COMPROMISED, Reason.SUPPORTS)),
        (EvidenceKind.HANDLE, (Reason.COMPROMISED, Reason.FAMILY, Reason.SUPPORTS)),
        (EvidenceKind.IP_MOMENT, (Reason.HUB,)),
        (None, (Reason.PUBLIC,)),
    ]
    assert [step.adds for step in steps[:5]] == [PRIOR, 26, 26 - 8, 26 - (26 - 8), 0]
    assert steps[-1].total == pytest.approx(MOST_OF_PUBLIC, abs=0.01)
    hub = steps[5]
    assert (hub.reports, hub.most) == (30, KINDS[EvidenceKind.IP_MOMENT].most)
    assert steps[2].key == key_of(EvidenceKind.PLATFORM_ACCOUNT, 0)


def test_one_source_s_second_value_adds_nothing() -> None:
    rows = [
        (kind, 0, report, Stance.LINKS)
        for kind in (EvidenceKind.BANK, EvidenceKind.PHONE)
        for report in (0, 1)
    ]
    steps = waterfall(made(rows, reports=2, sources={0: 7, 1: 7}), NOTHING_COUNTED, 10, 20)
    assert [(step.adds, step.reasons) for step in steps[1:]] == [(26, ()), (0, (Reason.SAME_SOURCE,))]


def test_what_is_not_among_the_evidence_is_refused() -> None:
    with pytest.raises(NotAmongEvidence, match="evidence_around"):
        waterfall(made([], reports=2), NOTHING_COUNTED, 10, 15)
