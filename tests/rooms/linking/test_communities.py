"""Which reports stand together: what binds, what communities join, and that nothing else matters."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amaan.linking.domain import communities
from amaan.linking.domain.communities import Edge, components_of, edges_of, rings_of
from amaan.linking.domain.decisions import NOTHING_DECIDED, Decided, DecisionKind, State, replay

_edges = st.dictionaries(
    st.tuples(st.integers(1, 14), st.integers(1, 14)).filter(lambda p: p[0] < p[1]),
    st.sampled_from([4.0, 5.5, 7.9, 8.0, 12.0, 20.0]),
    max_size=30,
).map(lambda held: [Edge(low, high, weight) for (low, high), weight in held.items()])
_split = st.sets(st.integers(1, 14), min_size=2).flatmap(
    lambda reports: st.integers(1, len(reports) - 1).map(
        lambda cut: replay(
            [
                Decided(
                    1,
                    DecisionKind.SPLIT,
                    apart=frozenset(sorted(reports)[:cut]),
                    others=frozenset(sorted(reports)[cut:]),
                )
            ]
        )
    )
)


def rings(edges: list[Edge], state: State = NOTHING_DECIDED) -> list[set[int]]:
    return [set(ring) for ring in rings_of(edges, state).rings]


def clique(reports: range, weight: float) -> list[Edge]:
    return [Edge(low, high, weight) for low, high in combinations(reports, 2)]


@given(_edges, _split, st.randoms())
def test_a_component_depends_on_nothing_but_itself(edges: list[Edge], state: State, random: object) -> None:
    """Not on the order of links, not on other components, not on how its reports are numbered."""
    whole = rings(edges, state)
    shuffled = list(edges)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert rings(shuffled, state) == whole
    one_by_one = [ring for component in components_of(edges) for ring in rings(component, state)]
    assert sorted(one_by_one, key=min) == whole
    moved = [Edge(edge.low + 1000, edge.high + 1000, edge.weight) for edge in edges]
    shifted = replay(
        [
            one._replace(
                apart=frozenset(r + 1000 for r in one.apart), others=frozenset(r + 1000 for r in one.others)
            )
            for one in state.splits
        ]
    )
    assert [{report - 1000 for report in ring} for ring in rings(moved, shifted)] == whole


@given(_edges)
def test_what_a_strong_link_joins_stands_together(edges: list[Edge]) -> None:
    where = {report: n for n, ring in enumerate(rings(edges)) for report in ring}
    for edge in edges:
        if edge.weight >= 8 and (edge.low in where or edge.high in where):
            assert where.get(edge.low) == where.get(edge.high)


def test_a_chain_of_plain_links_is_one_ring_and_two_reports_are_none() -> None:
    assert rings([Edge(n, n + 1, 5.0) for n in range(1, 6)]) == [{1, 2, 3, 4, 5, 6}]
    assert rings([Edge(1, 2, 20.0)]) == []


@pytest.mark.parametrize("beside", [0, 40])
def test_two_rings_behind_one_carrier_address_stay_two_whatever_else_there_is(beside: int) -> None:
    """Plain links between all of them, as an address with port and time gives them."""
    edges = clique(range(1, 6), 12.0) + clique(range(6, 11), 12.0)
    edges += [Edge(low, high, 5.0) for low in range(1, 6) for high in range(6, 11)]
    for n in range(beside):  # a long tail of others, joined by plain links
        at = 100 + 3 * n
        edges += [*clique(range(at, at + 3), 12.0), Edge(1 if n == 0 else at - 1, at, 4.5)]
    found = rings(edges)
    assert found[:2] == [{1, 2, 3, 4, 5}, {6, 7, 8, 9, 10}]
    assert len(found) == 2 + beside


def test_one_strong_link_between_communities_makes_them_one() -> None:
    edges = clique(range(1, 6), 12.0) + clique(range(6, 11), 12.0)
    assert rings([*edges, Edge(5, 6, 7.9)]) == [{1, 2, 3, 4, 5}, {6, 7, 8, 9, 10}]
    assert rings([*edges, Edge(5, 6, 8.0)]) == [set(range(1, 11))]


def test_where_there_is_too_much_to_tell_only_strong_links_count_and_it_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    edges = [*clique(range(1, 4), 12.0), Edge(3, 4, 5.0), Edge(4, 5, 5.0)]
    assert rings(edges) == [{1, 2, 3, 4, 5}]
    monkeypatch.setattr(communities, "MOST_PARTS", 2)
    found = rings_of(edges, NOTHING_DECIDED)
    assert (found.rings, found.narrow) == ([frozenset({1, 2, 3})], {1})


def test_a_report_that_both_sides_of_a_split_link_to_goes_with_the_heavier_one() -> None:
    state = replay([Decided(1, DecisionKind.SPLIT, apart=frozenset({1, 2}), others=frozenset({3, 4}))])
    links = [(1, 2, 9.0), (3, 4, 9.0), (1, 3, 30.0), (2, 9, 12.0), (4, 9, 13.0)]
    assert rings(edges_of(links, state), state) == [{3, 4, 9}]
