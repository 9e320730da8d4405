"""Names of rings survive growth, split and merge; every name that was ever given still leads somewhere."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amaan.linking.domain.references import ring_number, ring_reference
from amaan.linking.domain.ring_names import Members, Past, name_rings
from amaan.reports.domain.references import NotAReference


@dataclass
class Book:
    """What services keep of names, in memory."""

    held: dict[int, Members] = field(default_factory=dict)
    past: dict[int, Members] = field(default_factory=dict)
    into: dict[int, int] = field(default_factory=dict)
    newest: int = 0

    def leads_to(self, ring: int) -> int:
        for _ in range(self.newest):
            if ring in self.held or ring not in self.into:
                return ring
            ring = self.into[ring]
        raise AssertionError("names lead in a circle")

    def become(self, *parts: set[int]) -> list[int]:
        """The rings' numbers, in the order of the parts."""
        groups = [frozenset(part) for part in parts]
        past = {
            ring: Past(members, root if (root := self.leads_to(ring)) in self.held else None)
            for ring, members in self.past.items()
        }
        naming = name_rings(self.held, groups, past)
        numbers = []
        before = dict(self.past)
        for one in naming.named:
            ring = one.ring
            if ring is None:
                self.newest += 1
                ring = self.newest
            elif one.back:
                assert 2 * len(before[ring] & one.members) > len(before[ring]), "a name went to others"
                del self.past[ring]
                self.into.pop(ring, None)
            else:
                assert self.held[ring] & one.members, "a name went to others"
            numbers.append(ring)
        for gone in naming.ended:
            self.past[gone.ring] = self.held[gone.ring]
            if gone.into is not None:
                self.into[gone.ring] = numbers[gone.into]
        self.held = dict(zip(numbers, groups, strict=True))
        return numbers


_partitions = st.lists(st.integers(0, 4), min_size=12, max_size=12).map(
    lambda places: [
        {report for report, at in enumerate(places) if at == place}
        for place in sorted(set(places))
        if places.count(place) >= 3
    ]
)


@given(st.lists(_partitions, max_size=7))
def test_names_are_never_given_to_others_and_always_lead_somewhere(history: list[list[set[int]]]) -> None:
    book = Book()
    for parts in history:
        numbers = book.become(*parts)
        assert len(set(numbers)) == len(numbers)
        assert set(book.held) | set(book.past) == set(range(1, book.newest + 1))
        for ring in range(1, book.newest + 1):
            assert book.leads_to(ring) in book.held or book.leads_to(ring) in book.past
        assert book.become(*parts) == numbers, "nothing changed, and names did"
        assert sorted(book.become(*reversed(parts))) == sorted(numbers)


@given(_partitions, st.integers(0, 4), st.integers(0, 4))
def test_an_undone_joining_gives_each_its_name_back(parts: list[set[int]], one: int, other: int) -> None:
    book = Book()
    numbers = book.become(*parts)
    if len(parts) < 2:
        return
    one, other = one % len(parts), other % len(parts)
    joined = [part for n, part in enumerate(parts) if n not in (one, other)]
    book.become(*joined, parts[one] | parts[other])
    assert book.become(*parts) == numbers


def test_the_part_that_keeps_most_keeps_the_name_and_the_other_says_where_it_came_from() -> None:
    named = name_rings({7: frozenset(range(7))}, [frozenset({0, 1, 2}), frozenset({3, 4, 5, 6, 9})], {}).named
    assert [(one.ring, one.came_from) for one in named] == [(None, 7), (7, None)]


def test_who_comes_after_a_joining_does_not_take_a_name_away_when_it_is_undone() -> None:
    book = Book()
    assert book.become({1, 2, 3}, {4, 5, 6}) == [1, 2]
    assert book.become({1, 2, 3, 4, 5, 6, 7, 8}) == [1]
    assert book.leads_to(2) == 1
    assert book.become({1, 2, 3}, {4, 5, 6, 7, 8}) == [1, 2]


def test_a_name_that_came_back_from_a_ring_that_ended_stays() -> None:
    book = Book()
    whole = set(range(12))
    assert book.become(whole) == [1]
    assert book.become({1, 2, 3, 5, 7, 9, 10, 11}, {0, 4, 6}) == [1, 2]
    assert book.become({1, 2, 3, 8}, {0, 4, 5, 6, 7, 9}) == [3, 1]
    parts = {1, 2, 3, 5, 7, 8, 9, 10, 11}, {0, 4, 6}
    assert book.become(*parts) == [3, 2]
    assert book.leads_to(1) == 2
    assert book.become(*parts) == [3, 2]


def test_a_ring_that_fell_apart_is_gone_and_comes_back_with_most_of_its_reports() -> None:
    book = Book()
    assert book.become({1, 2, 3, 4}) == [1]
    assert book.become() == []
    assert book.leads_to(1) == 1
    assert book.become({1, 2, 8}) == [2]  # half of them is not most
    assert book.become({1, 2, 8}, {3, 4, 5}) == [2, 3]
    assert book.become() == []
    assert book.become({1, 2, 3}) == [1]


def test_a_rings_reference_is_read_back_and_is_no_reports() -> None:
    for number in (1, 2, 77, 10**9):
        written = ring_reference(number)
        assert written.startswith("G-")
        assert ring_number(written.lower().replace("-", " ")) == number
    assert len({ring_reference(number) for number in range(1, 500)}) == 499
    with pytest.raises(NotAReference):
        ring_number("R" + ring_reference(1)[1:])
