"""The rank test with which `make bench` compares wrong and absent codes, beside counting every order there is."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from statistics import pvariance

import pytest
from bench.ranks import rank_test, variance_of_u
from hypothesis import given, settings
from hypothesis import strategies as st


def _u(first: list[int], second: list[int]) -> float:
    return sum((a > b) + (a == b) / 2 for a in first for b in second)


def _all_ways(values: list[int], n: int) -> list[float]:
    """u of every way to deal the values out into `n` and the rest."""
    return [
        _u([values[i] for i in chosen], [value for i, value in enumerate(values) if i not in chosen])
        for chosen in map(set, combinations(range(len(values)), n))
    ]


@settings(max_examples=40)
@given(st.lists(st.integers(0, 6), min_size=4, max_size=9), st.data())
def test_it_counts_pairs_and_knows_how_far_chance_alone_goes(values: list[int], data: st.DataObject) -> None:
    n = data.draw(st.integers(1, len(values) - 1))
    first, second = values[:n], values[n:]
    found = rank_test(first, second)
    assert found.u == _u(first, second)
    assert found.larger == pytest.approx(found.u / (len(first) * len(second)))
    assert found.p == pytest.approx(rank_test(second, first).p)
    ties = list(Counter(values).values())
    assert variance_of_u(len(first), len(second), ties) == pytest.approx(pvariance(_all_ways(values, n)))


@settings(max_examples=15)
@given(st.permutations(range(12)))
def test_without_ties_it_says_about_what_all_orders_say(values: list[int]) -> None:
    apart = [abs(u - 18) for u in _all_ways(values, 6)]
    exact = sum(way >= apart[0] for way in apart) / len(apart)
    assert rank_test(values[:6], values[6:]).p == pytest.approx(exact, abs=0.03)


def test_equal_samples_are_not_told_apart_and_moved_ones_are() -> None:
    same = [n % 37 for n in range(500)]
    assert rank_test(same, same).p == 1.0
    assert rank_test([1.0] * 9, [1.0] * 9).p == 1.0
    assert rank_test(same, [value + 4 for value in same]).p < 0.001
