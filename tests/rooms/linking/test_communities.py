"""Which reports stand together: what binds, what communities join, and that nothing else matters."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amaan.linking.domain import communities
from amaan.linking.domain.communities import Edge, components_of, edges_of, rings_of
from amaan.linking.domain.decisions import NOTHING_DECIDED, Decided, DecisionKind, State, replay
from amaan.linking.domain.ring_arrays import Links, counting, found_in
from amaan.linking.domain.strength import MOST_OF_PUBLIC, STRONG_AT

_links = st.dictionaries(
    st.tuples(st.integers(1, 14), st.integers(1, 14)).filter(lambda p: p[0] < p[1]),
    st.sampled_from([4.0, 5.5, 7.9, 8.0, 12.0, 20.0]),
    max_size=30,
)
_edges = st.builds(
    lambda links, public: edges_of(
        [(*pair, weight) for pair, weight in links.items()], NOTHING_DECIDED, public
    ),
    _links,
    st.sets(st.integers(1, 14), max_size=4),
)
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
    return [edge(low, high, weight) for low, high in combinations(reports, 2)]


def edge(low: int, high: int, weight: float) -> Edge:
    return Edge(low, high, weight, binds=weight >= STRONG_AT)


@given(_edges, _split, st.randoms())
def test_a_component_depends_on_nothing_but_itself(edges: list[Edge], state: State, random: object) -> None:
    """Not on the order of links, not on other components, not on how its reports are numbered."""
    whole = rings(edges, state)
    shuffled = list(edges)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert rings(shuffled, state) == whole
    one_by_one = [ring for component in components_of(edges) for ring in rings(component, state)]
    assert sorted(one_by_one, key=min) == whole
    moved = [
        one._replace(low=one.low + 1000, high=one.high + 1000, public=one.public and one.public + 1000)
        for one in edges
    ]
    shifted = replay(
        [
            one._replace(
                apart=frozenset(r + 1000 for r in one.apart), others=frozenset(r + 1000 for r in one.others)
            )
            for one in state.splits
        ]
    )
    assert [{report - 1000 for report in ring} for ring in rings(moved, shifted)] == whole


_decided = st.tuples(st.integers(1, 14), st.integers(1, 14), st.booleans()).filter(lambda d: d[0] < d[1])


@given(
    _links,
    st.sets(st.integers(1, 14), max_size=4),
    st.lists(_split, max_size=3),
    st.lists(_decided, max_size=3),
)
def test_by_arrays_the_same_links_count_and_make_the_same_rings(
    links: dict[tuple[int, int], float],
    public: set[int],
    splits: list[State],
    decided: list[tuple[int, int, bool]],
) -> None:
    decisions = [one.splits[0]._replace(number=n) for n, one in enumerate(splits)]
    for low, high, confirmed in decided:
        kind = DecisionKind.CONFIRM if confirmed else DecisionKind.REJECT
        decisions.append(Decided(len(decisions), kind, (low, high)))
    state = replay(decisions)
    rows = [(*pair, weight) for pair, weight in links.items()]
    edges = edges_of(rows, state, public)
    columns = np.array(rows, np.float64).reshape(-1, 3)
    low, high = columns[:, 0].astype(np.int64), columns[:, 1].astype(np.int64)
    counted = counting(low, high, columns[:, 2], np.array(sorted(public), np.int64), state)
    assert sorted(counted.edges(np.arange(len(counted.low)))) == sorted(edges)
    assert found_in(counted, state) == rings_of(edges, state)


@given(
    st.integers(3, 7),
    st.dictionaries(st.tuples(st.integers(0, 6), st.integers(0, 6)), st.none() | st.just(12.0)),
)
def test_where_each_two_gain_by_each_other_nothing_parts_them(
    parts: int, others: dict[tuple[int, int], float | None]
) -> None:
    """As networkx has it, which is asked as soon as one report more hangs on."""
    weights = dict.fromkeys(combinations(range(parts), 2), 5.0)
    weights |= {pair: weight for pair, weight in others.items() if weight and pair in weights}
    links = [(low + 1, high + 1, weight) for (low, high), weight in weights.items()]
    alone, beside = edges_of(links, NOTHING_DECIDED), edges_of([*links, (1, 50, 4.0)], NOTHING_DECIDED)
    assert rings(alone) == [set(range(1, parts + 1))]
    assert rings(beside) == [{*range(1, parts + 1), 50}]
    assert found_in(Links.of(alone), NOTHING_DECIDED) == rings_of(alone, NOTHING_DECIDED)


@given(_edges)
def test_what_a_link_that_binds_joins_stands_together(edges: list[Edge]) -> None:
    where = {report: n for n, ring in enumerate(rings(edges)) for report in ring}
    for one in edges:
        if one.binds and (one.low in where or one.high in where):
            assert where.get(one.low) == where.get(one.high)


def test_who_was_confirmed_to_belong_together_joins_before_any_that_nobody_confirmed() -> None:
    links = [(1, 5, 9.0), *((low, high, 9.0) for low, high in combinations((2, 3, 4, 5), 2))]
    parted = Decided(1, DecisionKind.SPLIT, apart=frozenset({1}), others=frozenset({2, 3, 4}))
    state = replay([parted, Decided(2, DecisionKind.CONFIRM, pair=(2, 5))])
    for weight in (9.0, 90.0):
        links[0] = (1, 5, weight)
        assert rings_of(edges_of(links, state), state).rings == [frozenset({2, 3, 4, 5})]


def test_a_chain_of_plain_links_is_one_ring_and_two_reports_are_none() -> None:
    assert rings([edge(n, n + 1, 5.0) for n in range(1, 6)]) == [{1, 2, 3, 4, 5, 6}]
    assert rings([edge(1, 2, 20.0)]) == []


def test_what_weak_links_hold_is_no_ring() -> None:
    weak = [(low, high, MOST_OF_PUBLIC) for low, high in combinations(range(1, 40), 2)]
    assert edges_of(weak, NOTHING_DECIDED) == []


def test_a_report_joins_a_ring_of_any_size_by_one_plain_link() -> None:
    for size in (3, 8, 60):
        ring = clique(range(1, size + 1), 12.0)
        assert rings([*ring, edge(size, size + 1, 4.0)]) == [set(range(1, size + 2))]


@pytest.mark.parametrize("beside", [0, 40])
def test_two_rings_behind_one_carrier_address_stay_two_whatever_else_there_is(beside: int) -> None:
    """Plain links between all of them, as one value gives them."""
    edges = clique(range(1, 6), 12.0) + clique(range(6, 11), 12.0)
    edges += [edge(low, high, 5.0) for low in range(1, 6) for high in range(6, 11)]
    for n in range(beside):  # a long tail of others, joined by plain links
        at = 100 + 4 * n
        edges += [*clique(range(at, at + 4), 12.0), edge(1 if n == 0 else at - 1, at, 4.5)]
    found = rings(edges)
    assert found[:2] == [{1, 2, 3, 4, 5}, {6, 7, 8, 9, 10}]
    assert len(found) == 2 + beside


def test_more_links_never_part_what_fewer_joined() -> None:
    """Adding links between two rings, one by one: once joined they stay so."""
    edges = clique(range(1, 5), 12.0) + clique(range(5, 8), 12.0)
    joined = []
    for low in range(1, 5):
        for high in range(5, 8):
            edges.append(edge(low, high, 4.0))
            joined.append(len(rings(edges)) == 1)
    assert joined == sorted(joined)
    assert (joined[0], joined[-1]) == (False, True)


def test_one_strong_link_between_communities_makes_them_one() -> None:
    edges = clique(range(1, 6), 12.0) + clique(range(6, 11), 12.0)
    assert rings([*edges, edge(5, 6, 7.9)]) == [{1, 2, 3, 4, 5}, {6, 7, 8, 9, 10}]
    assert rings([*edges, edge(5, 6, 8.0)]) == [set(range(1, 11))]


@pytest.mark.parametrize("poison", [1, 20])
def test_the_publics_reports_do_not_make_two_rings_one(poison: int) -> None:
    """Whoever invents reports that name both rings' accounts joins each of them to one ring, and the rings not."""
    links = [(edge.low, edge.high, 12.0) for edge in clique(range(1, 6), 12.0) + clique(range(6, 11), 12.0)]
    public = range(11, 11 + poison)
    for invented in public:
        links += [(3, invented, 20.0), (8, invented, 19.0)]
    found = rings(edges_of(links, NOTHING_DECIDED, public))
    assert found == [{1, 2, 3, 4, 5, *public}, {6, 7, 8, 9, 10}]
    # A person may say where one belongs, and that it belongs to both.
    one = replay([Decided(1, DecisionKind.CONFIRM, (8, 11))])
    assert rings(edges_of(links, one, public), one) == [{1, 2, 3, 4, 5, *public[1:]}, {6, 7, 8, 9, 10, 11}]
    both = replay([Decided(1, DecisionKind.CONFIRM, (8, 11)), Decided(2, DecisionKind.CONFIRM, (3, 11))])
    assert rings(edges_of(links, both, public), both) == [set(range(1, 11 + poison))]


def test_the_publics_report_may_join_what_is_no_ring_yet() -> None:
    """Two complaints that lay alone, and a third that names both their accounts."""
    assert rings(edges_of([(1, 3, 12.0), (2, 3, 12.0)], NOTHING_DECIDED, [3])) == [{1, 2, 3}]
    links = [(1, 9, 12.0), (2, 9, 12.0), (3, 9, 11.0), (3, 4, 12.0)]
    assert rings(edges_of(links, NOTHING_DECIDED, [9])) == [{1, 2, 3, 4, 9}]


def test_where_there_is_too_much_to_tell_only_what_binds_counts_and_it_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    edges = [*clique(range(1, 4), 12.0), edge(3, 4, 5.0), edge(4, 5, 5.0)]
    assert rings(edges) == [{1, 2, 3, 4, 5}]
    monkeypatch.setattr(communities, "MOST_PARTS", 2)
    found = rings_of(edges, NOTHING_DECIDED)
    assert (found.rings, found.narrow) == ([frozenset({1, 2, 3})], {1})


def test_a_report_that_both_sides_of_a_split_link_to_goes_with_the_heavier_one() -> None:
    state = replay([Decided(1, DecisionKind.SPLIT, apart=frozenset({1, 2}), others=frozenset({3, 4}))])
    links = [(1, 2, 9.0), (3, 4, 9.0), (1, 3, 30.0), (2, 9, 12.0), (4, 9, 13.0)]
    assert rings(edges_of(links, state), state) == [{3, 4, 9}]


@given(st.integers(1, 8), st.integers(1, 8), st.sampled_from([4.0, 5.5, 7.9, 9.3, 14.0]))
def test_louvain_joins_two_parts_as_the_rule_written_out_says(mine: int, theirs: int, weight: float) -> None:
    """A third part, far off, sends the two through networkx."""
    two = communities._louvain([mine, theirs], {(0, 1): weight})
    three = communities._louvain([mine, theirs, 8, 8], {(0, 1): weight, (2, 3): 4.0})
    assert (two[0] == two[1]) == (three[0] == three[1]) == (weight > communities.APARTNESS * mine * theirs)
