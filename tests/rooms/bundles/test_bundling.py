"""What stands together, and what never does."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rooms.bundles.laid import (
    WORKER,
    Story,
    bundle_numbers,
    bundled,
    lay,
    pdq,
    picture,
    pile_numbers,
    stand_together,
    tell,
)

from amaan.authority.actors import Actor, ActorKind, Grant, Role
from amaan.bundles.domain.binding import Evidence, Held, HeldKey, bind
from amaan.bundles.domain.keys import HUB, MOST_BY_ACCOUNT, FileKey, Kind
from amaan.bundles.models import Anchor, Key, Member, Pile
from amaan.bundles.permissions import OnlyTheSystemBundles
from amaan.bundles.selectors import bundles_of, facts_of_bundles
from amaan.bundles.services import bundle_reports
from amaan.keyring.services import prepare_keys
from amaan.ledger.models import Entry


@pytest.mark.django_db
def test_the_same_file_stands_together_across_platforms_and_weeks() -> None:
    first, later, other = bundled(
        Story([picture(1, "md5", "sha1")], entity="Pix Board"),
        Story([picture(1, "sha1")], entity="Chat Place", day=21),
        Story([picture(2, "md5", "sha1")]),
    )
    assert stand_together(first, later)
    assert not stand_together(first, other)
    assert pile_numbers([first]) == pile_numbers([later])
    assert bundles_of([first.pk, later.pk, other.pk]).keys() == {first.pk, later.pk}
    assert facts_of_bundles([first.pk, other.pk]) == {first.pk: {"bundle.independent_sources": 2}}


@pytest.mark.django_db
def test_two_addresses_that_differ_only_in_the_query_are_two() -> None:
    page = "https://videos.example/watch?v=a"
    first, other, same, roots, root = bundled(
        Story(urls=[page]),
        Story(urls=["https://videos.example/watch?v=b"]),
        Story(urls=[page], entity="Chat Place", day=9),
        Story(urls=["https://videos.example/"]),
        Story(urls=["https://videos.example/"]),
    )
    assert stand_together(first, same)
    assert not stand_together(first, other)
    assert not stand_together(roots, root)


@pytest.mark.django_db
def test_a_near_picture_stands_with_its_like_and_makes_no_chain() -> None:
    original, near, far, poor, poor_too, blank, blank_too = bundled(
        Story([pdq(1)]),
        Story([pdq(1, turned=31, quality=60)]),
        Story([pdq(1, turned=62)]),  # near to the second, and not to the first
        Story([pdq(2, quality=49)]),
        Story([pdq(2, quality=49)]),
        Story([{"pdq": bytes(32)}]),
        Story([{"pdq": bytes(32)}]),
    )
    assert stand_together(original, near)
    assert not stand_together(near, far)
    assert not stand_together(poor, poor_too)
    assert not stand_together(blank, blank_too)
    assert list(Anchor.objects.order_by("pk").values_list("value", flat=True)) == [
        pdq(1)["pdq"],
        pdq(1, turned=62)["pdq"],
    ]
    assert Member.objects.get(report=near).why == "near"


@pytest.mark.django_db
def test_near_pictures_of_one_batch_find_each_other_and_those_before() -> None:
    reports = [lay(Story([pdq(n, turned=turned)])) for n in (1, 2) for turned in (0, 5, 9)]
    bundle_reports(WORKER, report_ids=[report.pk for report in reports])
    later = lay(Story([pdq(2, turned=12)]))
    bundle_reports(WORKER, report_ids=[later.pk])
    assert stand_together(*reports[:3])
    assert stand_together(*reports[3:], later)
    assert Anchor.objects.count() == 2


@pytest.mark.django_db
def test_an_account_relates_and_a_victim_never_binds() -> None:
    one, two, of_victim, of_victim_too = bundled(
        Story([picture(1)], accounts=["+923001"]),
        Story([picture(2)], accounts=["+923001"], entity="Chat Place"),
        Story([picture(3)], accounts=["+923009"], victims=["+923009"]),
        Story([picture(4)], accounts=["+923009"], victims=["+923009"]),
    )
    assert stand_together(one, two)
    assert pile_numbers([one]) != pile_numbers([two])
    assert not stand_together(of_victim, of_victim_too)
    assert facts_of_bundles([one.pk, two.pk, of_victim.pk]) == {
        one.pk: {"reported.told_independently": 2},
        two.pk: {"reported.told_independently": 2},
    }


@pytest.mark.django_db
def test_tellings_of_one_sender_and_day_are_one_source() -> None:
    reports = bundled(*(Story([picture(n)], accounts=["+923001"]) for n in range(3)))
    assert facts_of_bundles([report.pk for report in reports]) == {}


@pytest.mark.django_db
def test_a_batch_without_hash_or_address_is_one_by_sender_and_day() -> None:
    batch = {"incident.batched": True, "incident.type": "csam", "incident.days_before_receipt": 2}
    one, two, other = bundled(
        Story([{}], facts=batch), Story([{}], facts=batch), Story([{}], facts=batch, entity="Chat Place")
    )
    assert stand_together(one, two)
    assert not stand_together(one, other)


@pytest.mark.django_db
def test_empty_files_and_belied_digests_bind_nobody() -> None:
    empty = {"md5": bytes.fromhex("d41d8cd98f00b204e9800998ecf8427e")}
    one, two, real, forged, known_again = bundled(
        Story([empty]),
        Story([empty]),
        Story([picture(1, "md5", "sha256")]),
        Story([{**picture(1, "md5"), **picture(2, "sha256")}]),
        Story([picture(1, "md5")]),
    )
    assert not stand_together(one, two)
    assert not stand_together(real, forged)
    assert stand_together(real, known_again)


@pytest.mark.django_db
def test_a_report_with_the_keys_of_two_bundles_merges_them() -> None:
    reports = bundled(Story([picture(1)]), Story([picture(1)]), Story([picture(2)]))
    before = bundle_numbers(reports)
    (between,) = bundled(Story([picture(1), picture(2)]))
    assert stand_together(*reports, between)
    # The smaller joined the larger; its own reference leads to where it stands now.
    assert bundle_numbers([between]) == [before[0]]
    assert Pile.objects.get(pk=before[2]).bundle == before[0]
    assert list(Pile.objects.filter(size__gt=0).values_list("pk", "size")) == [(before[0], 4)]
    # Files that were told together once are a pile of their own.
    (copy,) = bundled(Story([picture(2), picture(1)]))
    assert pile_numbers([copy]) == pile_numbers([between])


@pytest.mark.django_db
def test_what_is_told_again_stays_where_it_is_and_brings_what_is_new() -> None:
    one, two = bundled(Story([picture(1)]), Story([picture(2)]))
    assert bundle_reports(WORKER, report_ids=[one.pk, two.pk]).bundled == 0
    tell(one, Story([picture(1), picture(2)]))
    assert bundle_reports(WORKER, report_ids=[one.pk, two.pk]).bundled == 1
    assert stand_together(one, two)
    assert Member.objects.count() == 2
    assert set(Key.objects.values_list("count", flat=True)) == {1}


@pytest.mark.django_db
def test_a_run_leaves_one_entry_and_people_do_not_bundle() -> None:
    analyst = Actor(ActorKind.STAFF, "staff:1", frozenset({Grant(Role.ANALYST, "lahore")}))
    report = lay(Story([picture(1)]))
    bundle_reports(WORKER, report_ids=[report.pk, 987_654])
    assert [b"bundle.run" in bytes(row.leaf_bytes) for row in Entry.objects.all()] == [True]
    with pytest.raises(OnlyTheSystemBundles):
        bundle_reports(analyst, report_ids=[report.pk])


@pytest.mark.django_db
def test_a_batch_costs_a_fixed_number_of_statements() -> None:
    counts = []
    for first, size in ((0, 4), (100, 40)):
        stories = [
            Story([picture(first + n // 2), pdq(first + n)], accounts=[f"+92{first + n // 3}"])
            for n in range(size)
        ]
        ids = [lay(story).pk for story in stories]
        with CaptureQueriesContext(connection) as asked:
            bundle_reports(WORKER, report_ids=ids)
        counts.append(len(asked))
    assert counts[1] <= counts[0] + 6  # rows go in a few sizes of statement on SQLite, none by the report


# ---------------------------------------------------------------- pure


class Store:
    """A database in a dictionary, for reports that come one batch after another."""

    def __init__(self) -> None:
        self.held = Held()

    def take(self, batch: list[Evidence]) -> None:
        bound = bind(batch, self.held)
        first = max([0, *self.held.root]) + 1
        numbers = {-n: first + n - 1 for n in range(1, bound.piles + 1)}
        ended = dict(bound.merged)

        def root(pile: int) -> int:
            found = self.held.root.get(pile, pile)
            while found in ended:
                found = ended[found]
            return numbers.get(found, found)

        self.held.root = {pile: root(pile) for pile in self.held.root} | {
            number: root(temporary) for temporary, number in numbers.items()
        }
        for key, held in bound.keys.items():
            self.held.keys[key] = held._replace(pile=numbers.get(held.pile, held.pile))
        for key, more in bound.counted.items():
            old = self.held.keys[key]
            self.held.keys[key] = HeldKey(old.pile, old.reports + more, old.other)
        for one in bound.placed:
            self.held.piles[one.report] = numbers.get(one.pile, one.pile)
        self.held.size = {}
        for pile in self.held.piles.values():
            bundle = self.held.root[pile]
            self.held.size[bundle] = self.held.size.get(bundle, 0) + 1

    def partition(self) -> set[frozenset[int]]:
        found: dict[int, set[int]] = {}
        for report, pile in self.held.piles.items():
            found.setdefault(self.held.root[pile], set()).add(report)
        return {frozenset(reports) for reports in found.values()}


def evidence(report: int, files: set[int] = frozenset(), accounts: set[int] = frozenset()) -> Evidence:  # type: ignore[assignment]
    return Evidence(
        report,
        tuple((FileKey(100 + n, Kind.MD5),) for n in sorted(files)),
        accounts=tuple(200 + n for n in sorted(accounts)),
    )


_FEW = st.sets(st.integers(0, 6), max_size=2)


@settings(max_examples=60)
@given(
    told=st.lists(st.tuples(_FEW, _FEW), min_size=1, max_size=10),
    seed=st.integers(0, 999),
    cut=st.integers(1, 4),
)
def test_the_order_of_arrival_never_shows(told: list[tuple[set[int], set[int]]], seed: int, cut: int) -> None:
    reports = [evidence(n, files, accounts) for n, (files, accounts) in enumerate(told)]
    at_once, shuffled = Store(), Store()
    at_once.take(reports)
    other = random.Random(seed).sample(reports, len(reports))
    for start in range(0, len(other), cut):
        shuffled.take(other[start : start + cut])
    assert at_once.partition() == shuffled.partition()
    # And it is the partition that sharing anything makes.
    for one in reports:
        for two in reports:
            if set(one.files) & set(two.files) or set(one.accounts) & set(two.accounts):
                (home,) = [group for group in at_once.partition() if one.report in group]
                assert two.report in home


def test_what_half_the_world_shares_binds_no_more() -> None:
    store = Store()
    store.take([evidence(n, {n}, {7}) for n in range(HUB + 5)])
    assert sorted(map(len, store.partition())) == [1, 1, 1, 1, 1, HUB]


def test_an_account_does_not_tie_what_is_large_already() -> None:
    store = Store()
    store.take([evidence(n, {1}) for n in range(MOST_BY_ACCOUNT)])
    store.take([evidence(1000, {2}, {7}), evidence(1001, {1}, {7}), evidence(1002, {3}, {7})])
    assert {frozenset({1000, 1002})} <= store.partition()
    # The same material has no such end.
    store.take([evidence(1003, {1}), evidence(1004, {1, 2})])
    assert max(map(len, store.partition())) == MOST_BY_ACCOUNT + 5


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_make_one_bundle() -> None:
    prepare_keys()
    reports = [lay(Story([picture(1), pdq(1, turned=n)], entity=f"Platform {n}")) for n in range(2)]
    both_ready = Barrier(2)

    def work(report: int) -> int:
        try:
            both_ready.wait(timeout=30)
            return bundle_reports(WORKER, report_ids=[report]).bundled
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(work, [report.pk for report in reports])) == [1, 1]
    assert stand_together(*reports)
    assert Pile.objects.count() == 1
    assert Anchor.objects.count() == 1
