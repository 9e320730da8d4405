"""People confirm, reject, split and undo: rings follow at once, names survive, and nothing is lost."""

from __future__ import annotations

import json
import threading

import pytest
from django.db import IntegrityError, connection, transaction
from tests.rooms.linking.rung import (
    ANALYST,
    BOTH,
    COLLEAGUE,
    ELSEWHERE,
    WORKER,
    chain,
    link,
    reports,
    ring,
    stands,
)

from amaan.ledger.models import Entry
from amaan.linking.domain.decisions import PairState
from amaan.linking.domain.errors import (
    DecidedAlready,
    DecidedMeanwhile,
    KeptApart,
    NotDecided,
    NothingLinks,
    NotInTheRing,
    ReasonMissing,
    RingChanged,
    RingNotFound,
    UndoneAlready,
)
from amaan.linking.domain.evidence import Trust
from amaan.linking.models import Decision, Former, Link, Member, Noted, Ring, RingChange, Side
from amaan.linking.permissions import OnlyTheSystemLinks
from amaan.linking.selectors.leading import leads
from amaan.linking.selectors.states import links_of, state_of_pairs
from amaan.linking.selectors.whole_rings import Slice
from amaan.linking.services import ringing
from amaan.linking.services.deciding import confirm_link, reject_link, split_ring, undo_decision
from amaan.linking.services.ringing import ring_all, ring_reports
from amaan.reports.selectors import ReportNotFound
from amaan.store.rows import on_postgres

pytestmark = pytest.mark.django_db


def test_a_wrong_link_is_rejected_the_ring_splits_and_an_undo_gives_each_its_name_back() -> None:
    held = reports(7)
    chain(held[:4])
    chain(held[4:])
    ring(*held)
    before = stands()
    assert sorted(map(len, before.values())) == [3, 4]
    link((held[3], held[4]))
    ring(held[4])
    (joined,) = stands()
    assert before[joined] == set(held[:4])
    (lesser,) = set(before) - {joined}
    number = reject_link(ANALYST, low=held[4], high=held[3], reason="one shop, two customers", seen=0)
    assert stands() == before
    change = RingChange.objects.filter(decision_id=number, kind="back").get()
    assert (change.ring.reference, json.loads(change.came)) == (lesser, held[4:])
    undo_decision(ANALYST, decision=number, reason="it was one customer")
    assert set(stands()) == {joined}
    assert leads([Ring.objects.get(reference=lesser).pk]).popitem()[1] == Ring.objects.get(size=7).pk
    undo_decision(COLLEAGUE, decision=Decision.objects.latest("pk").pk, reason="two after all")
    assert stands() == before
    assert b"one shop" not in bytes(Decision.objects.get(pk=number).reason)
    leaves = [bytes(row.leaf_bytes) for row in Entry.objects.order_by("id")]
    assert sum(b'"link.rejected"' in leaf for leaf in leaves) == 2  # for each of the two reports
    # At the ring, and at each of the two reports, both times.
    assert sum(b'"link.undone"' in leaf for leaf in leaves) == 6


def test_a_rejection_outlives_the_link_and_more_evidence_is_shown_and_decides_nothing() -> None:
    held = reports(3)
    chain(held)
    ring(*held)
    reject_link(ANALYST, low=held[0], high=held[1], reason="not the same")
    assert stands() == {}
    Link.objects.all().delete()
    ring(*held)
    chain(held, weight=25.0)
    ring(*held)
    assert stands() == {}
    told = state_of_pairs([(held[1], held[0])])[held[0], held[1]]
    assert (told.state, told.weight_then, told.weight, told.more_since) == (
        PairState.REJECTED,
        10.0,
        25.0,
        True,
    )
    assert [(one.low, one.high) for one in links_of([held[2]])] == [(held[1], held[2])]


def test_who_is_set_apart_stays_apart_whatever_links_them_later() -> None:
    held = reports(7)
    chain(held[:6])
    ring(*held)
    (name,) = stands()
    row = Ring.objects.get()
    number = split_ring(ANALYST, ring=name, apart=held[3:6], reason="two schools", seen=row.changed_at)
    apart = stands()
    assert apart[name] == set(held[:3]) or apart[name] == set(held[3:6])
    assert sorted(map(sorted, apart.values())) == [held[:3], held[3:6]]
    new = Ring.objects.exclude(reference=name).get()
    assert new.came_from_id == row.pk
    # A later report that both sides link to goes with the heavier one; a confirmation does not bridge it either.
    link((held[6], held[0]), weight=11.0)
    link((held[6], held[5]), weight=12.0)
    link((held[0], held[5]), weight=30.0)
    ring(held[6])
    assert sorted(map(sorted, stands().values())) == [held[:3], held[3:7]]
    with pytest.raises(KeptApart, match=str(number)):
        confirm_link(ANALYST, low=held[0], high=held[5], reason="the same")
    undo_decision(ANALYST, decision=number, reason="one school after all")
    assert list(stands().values()) == [set(held)]


def test_what_the_page_showed_no_longer_holds() -> None:
    held = reports(4)
    chain(held)
    ring(*held)
    (name,) = stands()
    seen = Ring.objects.get().changed_at
    number = confirm_link(ANALYST, low=held[0], high=held[1], reason="the same wallet", seen=0)
    with pytest.raises(DecidedMeanwhile):
        reject_link(COLLEAGUE, low=held[0], high=held[1], reason="no", seen=0)
    with pytest.raises(DecidedAlready):
        confirm_link(COLLEAGUE, low=held[0], high=held[1], reason="yes")
    link((held[3], *reports(1)))
    ring(held[3])
    with pytest.raises(RingChanged):
        split_ring(ANALYST, ring=name, apart=held[:1], reason="not these", seen=seen)
    undo_decision(ANALYST, decision=number, reason="an error")
    with pytest.raises(UndoneAlready):
        undo_decision(COLLEAGUE, decision=number, reason="an error")
    Link.objects.filter(low_id=held[2]).delete()
    with pytest.raises(NothingLinks):
        reject_link(ANALYST, low=held[2], high=held[3], reason="no")
    assert Decision.objects.count() == 2


def test_only_who_decides_both_reports_judges_a_pair_and_nobody_without_a_reason() -> None:
    """A split takes a unit's own reports out of a ring of several; of others' it says nothing, not that they exist."""
    mine, theirs = reports(3), reports(2, "quetta")
    chain([*mine, *theirs])
    ring(*mine)
    (name,) = stands()
    cases = [
        (ANALYST, mine[2], theirs[0], "x", ReportNotFound),
        (ELSEWHERE, mine[2], theirs[0], "x", ReportNotFound),
        (ELSEWHERE, mine[0], mine[1], "x", ReportNotFound),
        (ANALYST, mine[0], 10**9, "x", ReportNotFound),
        (ANALYST, mine[0], mine[1], " \n", ReasonMissing),
    ]
    for actor, low, high, reason, refused in cases:
        with pytest.raises(refused):
            reject_link(actor, low=low, high=high, reason=reason)
        with pytest.raises(refused):
            confirm_link(actor, low=low, high=high, reason=reason)
    for actor, apart, refused in (
        (ANALYST, theirs, RingNotFound),
        (ELSEWHERE, [*theirs, mine[0]], RingNotFound),
        (ANALYST, [], RingNotFound),
        (BOTH, [*mine, *theirs], NotInTheRing),
        (ANALYST, reports(1), NotInTheRing),
    ):
        with pytest.raises(refused):
            split_ring(actor, ring=name, apart=apart, reason="x")
    with pytest.raises(RingNotFound):
        split_ring(ANALYST, ring="G-0000", apart=mine, reason="x")
    with pytest.raises(ReasonMissing):
        split_ring(ELSEWHERE, ring=name, apart=theirs, reason=" ")
    number = split_ring(ELSEWHERE, ring=name, apart=theirs, reason="another matter")
    assert stands() == {name: set(mine)}
    for actor, decision in ((ANALYST, number), (ELSEWHERE, 10**9)):
        with pytest.raises(NotDecided):
            undo_decision(actor, decision=decision, reason="x")
    with pytest.raises(OnlyTheSystemLinks):
        ring_reports(ANALYST, report_ids=mine)


def test_what_was_decided_is_never_rewritten() -> None:
    held = reports(3)
    chain(held)
    ring(*held)
    split_ring(ANALYST, ring=next(iter(stands())), apart=held[:1], reason="x")
    for rows in (Decision.objects.all(), Side.objects.all(), RingChange.objects.all()):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.delete() if rows.model is not Decision else rows.update(by="staff:9")


def test_a_ring_that_fell_below_three_is_gone_and_comes_back_under_its_name() -> None:
    held = reports(4)
    chain(held[:3])
    ring(*held)
    (name,) = stands()
    Link.objects.filter(low_id=held[0]).delete()
    ring(held[0])
    assert stands() == {}
    assert set(Former.objects.values_list("report_id", flat=True)) == set(held[:3])
    chain(held)
    ring(held[3])
    assert stands() == {name: set(held)}
    assert not Former.objects.exists()
    kinds = list(RingChange.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["formed", "gone", "back"]


def test_one_by_one_equals_all_at_once() -> None:
    """The same rings, whether each report was rung when it came or everything was at the end; decisions included."""
    held = reports(26)
    bridge = held[16]
    Noted.objects.create(report_id=bridge, version_id=0, source=1, trust=Trust.PUBLIC)
    for side in (held[17:21], held[21:26]):
        chain(side)
        link((bridge, side[0]))
    for n, pair in enumerate([(0, 1), (1, 2), (2, 3), (5, 6), (6, 7), (7, 8), (3, 5), (9, 10), (10, 11)]):
        link((held[pair[0]], held[pair[1]]), weight=(10.0, 5.0, 12.0)[n % 3])
        ring(held[pair[0]], held[pair[1]])
    reject_link(ANALYST, low=held[3], high=held[5], reason="x")
    link((held[11], held[12]), (held[8], held[9]), weight=20.0)
    confirm_link(ANALYST, low=held[11], high=held[12], reason="x")
    name = next(reference for reference, members in stands().items() if held[8] in members)
    split_ring(ANALYST, ring=name, apart=[held[8], held[7], held[6]], reason="x")
    ring(bridge)
    one_by_one = {frozenset(members) for members in stands().values()}
    assert {frozenset({bridge, *held[17:21]}), frozenset(held[21:26])} < one_by_one
    run = ring_all(WORKER)
    assert run.changed == {}
    assert {frozenset(members) for members in stands().values()} == one_by_one
    Ring.objects.update(into=None, came_from=None)
    Member.objects.all().delete()
    Ring.objects.update(size=0)
    ring_all(WORKER)
    assert {frozenset(members) for members in stands().values()} == one_by_one
    assert len(one_by_one) == 5


@pytest.mark.parametrize("meanwhile", ["formed", "ended", "kept apart"])
def test_what_changed_while_all_was_read_is_not_written_over(
    meanwhile: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = reports(8)
    chain(held)
    if meanwhile != "formed":
        ring(*held)
        chain(held[:3], weight=12.0)
        Link.objects.filter(low_id=held[3], high_id=held[4]).update(weight=1.0)
    read = ringing.out_of_place
    rounds = 0

    def read_and_wait() -> list[Slice]:
        nonlocal rounds
        rounds += 1
        found = read()
        if rounds > 1:
            return found
        assert found
        if meanwhile == "formed":
            ring(held[0])
        elif meanwhile == "ended":
            Link.objects.all().delete()
            ring(*held)
        else:
            (name,) = stands()
            split_ring(ANALYST, ring=name, apart=held[:4], reason="x")
            Link.objects.filter(low_id=held[3], high_id=held[4]).update(weight=20.0)
        return found

    monkeypatch.setattr(ringing, "out_of_place", read_and_wait)
    ring_all(WORKER)
    assert rounds == 2, "the first round left nothing to mend"
    found = sorted(map(sorted, stands().values()))
    assert found == {"formed": [held], "ended": [], "kept apart": [held[:4], held[4:]]}[meanwhile]
    formed = RingChange.objects.filter(kind="formed").count()
    assert formed == (2 if meanwhile == "kept apart" else 1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite has one writer: two can't decide at once"
)
def test_two_people_decide_the_same_pair_at_once() -> None:
    """The second waits for the first, sees what was decided, and is told so."""
    assert on_postgres()
    held = reports(3)
    chain(held)
    ring(*held)
    refused: list[Exception] = []
    ready = threading.Barrier(2, timeout=20)

    def decide(actor: object) -> None:
        ready.wait()
        try:
            reject_link(actor, low=held[0], high=held[1], reason="x", seen=0)  # type: ignore[arg-type]
        except DecidedMeanwhile as refusal:
            refused.append(refusal)
        finally:
            connection.close()

    both = [threading.Thread(target=decide, args=(actor,)) for actor in (ANALYST, COLLEAGUE)]
    for one in both:
        one.start()
    for one in both:
        one.join(30)
    assert (len(refused), Decision.objects.count()) == (1, 1)
