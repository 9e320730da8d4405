"""A wallet's number and a telephone's are one thing, whichever of the two a sender tells."""

from __future__ import annotations

import pytest
from tests.rooms.bundles.laid import Story, lay

from amaan.authority.actors import Actor
from amaan.keyring.domain import blind_index
from amaan.keyring.services import index_keys, prepare_keys
from amaan.linking.domain import frequency
from amaan.linking.domain.kinds import EvidenceKind
from amaan.linking.models import Link
from amaan.linking.selectors.around import evidence_around
from amaan.linking.selectors.wallets import all_twins, twins_of
from amaan.linking.selectors.whole import whole_evidence
from amaan.linking.services import link_reports, note_clues, rebuild_links
from amaan.reports.models import Identifier, Mention, Report

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("linking")
NUMBER = "+923000000001"


def told(kind: str, *, sealed: bool = False, noted: bool = True) -> Report:
    """A report that tells the number as this kind, and its own."""
    report = lay(Story([], day=Report.objects.count()))
    row, _ = Identifier.objects.get_or_create(
        key=blind_index(index_keys().parties, kind, NUMBER),
        defaults={
            "type": kind,
            "links": True,
            "clear": None if sealed else NUMBER,
            "sealed": b"sealed" if sealed else None,
        },
    )
    version = report.versions.get()
    Mention.objects.create(
        identifier=row, report=report, version=version, party=0, role="reported", verified="not_said"
    )
    if noted:
        note_clues(SYSTEM, report_ids=[report.pk])
    return report


def link(report: Report) -> None:
    link_reports(SYSTEM, report_ids=[report.pk])


def held() -> set[tuple[int, int, float]]:
    return set(Link.objects.values_list("low_id", "high_id", "weight"))


@pytest.mark.parametrize("kinds", [("phone", "mobile_wallet", "phone"), ("mobile_wallet", "phone", "phone")])
def test_either_is_the_earlier_one(kinds: tuple[str, ...]) -> None:
    prepare_keys()
    reports = [told(kind) for kind in kinds]
    earlier, later = Identifier.objects.filter(clear=NUMBER).order_by("pk")
    assert all_twins() == twins_of([earlier.pk]) == twins_of([later.pk]) == {later.pk: earlier.pk}
    whole = whole_evidence()
    assert set(whole.key.tolist()) == {earlier.pk}
    assert whole.reports[whole.report].tolist() == [report.pk for report in reports]
    assert len(set(whole.kind.tolist())) == 1
    for report in reports:
        around = evidence_around([report.pk])
        assert around.key.tolist() == whole.key.tolist()
        assert around.kind.tolist() == whole.kind.tolist()


def sealing(kind: str) -> None:
    Identifier.objects.filter(type=kind).update(clear=None, sealed=b"sealed")


@pytest.mark.parametrize(("sealed", "links"), [("phone", 6 + 1), ("mobile_wallet", 3 + 3)])
def test_what_is_sealed_later_parts_when_it_is_linked_and_not_before(
    sealed: str, links: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five reports told it, a hub here; apart, the two values are none."""
    prepare_keys()
    most = frequency.MOST.copy()
    most[EvidenceKind.PHONE] = most[EvidenceKind.MOBILE_WALLET] = 4
    monkeypatch.setattr(frequency, "MOST", most)
    rebuild_links(SYSTEM)  # a snapshot that knows none of them
    for kind in ("mobile_wallet", "phone", "phone", "mobile_wallet", "phone"):
        link(told(kind, noted=False))
    assert not held()  # nor of those who told the twin, long before it was a hub
    sealing(sealed)
    assert rebuild_links(SYSTEM, new_snapshot=False).changed == 0
    link(told(sealed, sealed=True, noted=False))
    assert all_twins() == {}
    apart = held()
    assert len(apart) == links
    assert rebuild_links(SYSTEM, new_snapshot=False).changed == 0
    assert held() == apart


def test_what_a_protected_party_uses_stays_apart() -> None:
    prepare_keys()
    told("mobile_wallet")
    told("phone", sealed=True)
    assert all_twins() == {}
    assert not len(whole_evidence().key)
