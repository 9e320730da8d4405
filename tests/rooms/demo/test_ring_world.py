"""The world with rings in it: the same for one seed, true to its labels, valid, about nobody."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter, defaultdict
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from lxml import etree

from amaan.demo.generator.identifiers import person
from amaan.demo.generator.rings.acts import ACTS
from amaan.demo.generator.rings.innocents import INNOCENTS
from amaan.demo.generator.rings.plot import shapes
from amaan.demo.generator.rings.tales import Tale, dress
from amaan.demo.generator.rings.world import MOST_TOLD, RingWorld, ring_world
from amaan.demo.generator.rings.writing import COLUMNS, mapping, table_of
from amaan.demo.generator.words import PLATFORMS, TOWNS
from amaan.formats.table import read_mapping, read_rows

pytestmark = pytest.mark.pure

UNTIL = datetime(2026, 5, 1, tzinfo=UTC)
REPORTS = 1_500


@pytest.fixture(scope="module")
def world() -> RingWorld:
    return ring_world(3, REPORTS, until=UNTIL)


@pytest.fixture(scope="module")
def by_ring(world: RingWorld) -> dict[str, list[Tale]]:
    found: dict[str, list[Tale]] = defaultdict(list)
    for _, tale in world.planted:
        if tale.ring:
            found[tale.ring].append(tale)
    return dict(found)


def test_the_same_seed_gives_the_same_world_and_another_one_another(world: RingWorld) -> None:
    again = ring_world(3, REPORTS, until=UNTIL)
    assert again.planted == world.planted
    assert list(again.rows())[:5] == list(world.rows())[:5]
    assert ring_world(4, REPORTS, until=UNTIL).planted != world.planted


def test_every_report_is_delivered_once_with_a_label(world: RingWorld) -> None:
    labels = [label for _, label in world.packages()]
    labels += [label for *_, label in world.rows()]
    named = [(label.entity, label.number) for label in labels]
    assert len(named) == len(set(named)) == REPORTS - len(list(world.told()))
    assert len(list(world.told())) <= MOST_TOLD


def test_every_shape_is_planted_and_every_ring_is_big_enough(
    world: RingWorld, by_ring: dict[str, list[Tale]]
) -> None:
    assert {shape.name for shape in shapes()} == {*ACTS, *INNOCENTS}
    assert {tale.shape for _, tale in world.planted} == {*ACTS, *INNOCENTS}
    sizes = Counter(ring for ring in by_ring if not ring.endswith("-own"))
    assert all(len(by_ring[ring]) >= 3 for ring in sizes)
    assert not [tale for _, tale in world.planted if tale.shape in INNOCENTS and tale.ring]


def test_a_stem_that_thousands_use_never_gives_two_people_one_user_name() -> None:
    rng = Random(1)
    tales = [Tale(0, "xml", PLATFORMS[0], TOWNS[0], person(1, n), "lure", "en") for n in range(5_000)]
    for tale in tales:
        dress(rng, tale)
    assert len({tale.handle for tale in tales}) == len(tales)
    assert len({tale.handle.rstrip("0123456789") for tale in tales if tale.handle != tale.who.handle}) < 100


def test_a_stars_wallet_is_in_each_of_its_reports(by_ring: dict[str, list[Tale]]) -> None:
    for ring, tales in by_ring.items():
        if ring.startswith("star"):
            assert len({tale.pay for tale in tales}) == 1
            assert len({tale.account for tale in tales}) == len(tales)


def test_two_rings_behind_one_carrier_share_the_address_and_no_port(by_ring: dict[str, list[Tale]]) -> None:
    ring, other = by_ring["carrier-0000-a"], by_ring["carrier-0000-b"]
    seen = [{(c.address, c.port) for tale in tales for c in tale.captures} for tales in (ring, other)]
    assert {host for host, _ in seen[0]} == {host for host, _ in seen[1]}
    assert len({host for host, _ in seen[0]}) == 1
    told = [{*tale.phones, *tale.emails} for tale in (*ring, *other)]
    common = [
        set.intersection(*map(set, ([*ring[0].phones, *ring[0].emails], t.phones + t.emails))) for t in ring
    ]
    assert all(common)
    assert not set.union(*told[: len(ring)]) & set.union(*told[len(ring) :])


def test_a_chains_neighbours_share_something_and_its_ends_do_not(by_ring: dict[str, list[Tale]]) -> None:
    def told(tale: Tale) -> set[str]:
        other = {f"account {tale.other[1]}"} if tale.other else set()
        return {*tale.phones, *tale.emails, *filter(None, [tale.pay]), f"account {tale.account}", *other}

    for ring, tales in by_ring.items():
        if ring.startswith("chain"):
            in_time = sorted(tales, key=lambda tale: tale.at)
            assert all(told(one) & told(other) for one, other in pairwise(in_time))
            assert not told(in_time[0]) & told(in_time[-1])


def test_innocents_share_nothing_of_whoever_is_reported(world: RingWorld) -> None:
    for kind in ("family", "school", "behind_carrier"):
        groups = defaultdict(list)
        for _, tale in world.planted:
            if tale.shape == kind:
                groups[tale.beside].append(tale)
        for tales in groups.values():
            told = [value for t in tales for value in (t.account, *t.phones, *t.emails, t.pay) if value]
            assert len(told) == len(set(told)), kind


def test_a_hotlines_number_stands_in_many(world: RingWorld) -> None:
    numbers = Counter(tale.called for _, tale in world.planted if tale.called)
    assert max(numbers.values()) >= 15


def test_the_table_is_read_with_its_own_mapping(world: RingWorld) -> None:
    rows = list(world.rows())
    text = table_of(Random(1), [(number, tale) for number, tale, _ in rows])
    told = list(read_rows(io.StringIO(text), read_mapping(mapping())))
    assert len(told) == len(rows) > 3
    assert next(csv.reader(io.StringIO(text))) == list(COLUMNS)


@pytest.mark.shared
def test_every_document_is_valid(world: RingWorld, shared: Path) -> None:
    schema = etree.XMLSchema(
        etree.parse(str(shared / "formats" / "cybertipline" / "cybertipline-report.xsd"))
    )
    planted = {str(number) for number, _ in world.planted}
    for package, label in world.packages():
        if label.number in planted:
            for name, document in package.documents:
                if name.endswith(".xml"):
                    schema.assertValid(etree.fromstring(document))


def test_nobody_is_named_and_no_number_is_anybodys(world: RingWorld) -> None:
    planted = {str(number) for number, _ in world.planted}
    for package, label in world.packages():
        if label.number not in planted:
            continue
        text = "\n".join(document.decode() for _, document in package.documents)
        assert not re.search(r"\{\w*\}", text)
        for phone in re.findall(r"<phone[^>]*>([^<]+)<", text):
            digits = re.sub(r"\D", "", phone).removeprefix("0092").removeprefix("92").lstrip("0")
            assert re.fullmatch(r"3\d\d000\d{4}", digits), phone
        for host in re.findall(r"https?://([^/<\s]+)", text):
            assert host.endswith(".example") or host == "t.me", host
        for mail in re.findall(r"<email[^>]*>([^<]+)<", text):
            assert re.search(r"@(example\.(com|net|org)|[a-z]+\.example)$", mail), mail
