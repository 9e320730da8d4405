"""Rings are measured by what was planted; the measures themselves are held here, by hand and against scikit-learn."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from amaan.cli.evaluation.rings.baselines import components, shared
from amaan.cli.evaluation.rings.measures import (
    NothingPlanted,
    by_shape,
    joined_wrongly,
    measure,
    measure_links,
    rings_joined,
    rings_of,
)
from amaan.cli.evaluation.rings.names import Names, febrl, measured, measured_by_likeness, spellings
from amaan.cli.evaluation.rings.page import Run, evaluation_page, table_lines
from amaan.linking.domain.names import name_key

pytestmark = pytest.mark.pure

GROUPS = st.lists(st.sampled_from(["", "a", "b", "c"]), min_size=9, max_size=30)


def split(text: str) -> list[str]:
    """One letter a report; a dot stands alone."""
    return ["" if sign == "." else sign for sign in text]


def test_by_hand() -> None:
    """Four of a, three of b; found: three of a with one of b, and nothing else."""
    found = measure(split("aaaabbb.."), split("xxx.x...."))
    assert found.precision == 3 / 6
    assert found.recall == 3 / 9
    # Precision: three reports at 3/4, one at 1/4, five alone. Recall: three at 3/4, one at 1/4, three at 1/3, two.
    precision, recall = (3 * 3 / 4 + 1 / 4 + 5) / 9, (3 * 3 / 4 + 1 / 4 + 3 * 1 / 3 + 2) / 9
    assert found.bcubed_f1 == pytest.approx(2 * precision * recall / (precision + recall))


def test_everything_found_is_one_and_nothing_found_joins_nobody() -> None:
    assert set(measure(split("aaabbb.."), split("yyyzzz..")).as_json().values()) == {1.0}
    nothing = measure(split("aaabbb.."), split("........"))
    assert (nothing.precision, nothing.recall, nothing.ari) == (1.0, 0.0, 0.0)


def test_two_are_no_ring() -> None:
    assert rings_of(split("aabbb.")) == ["", "", "b", "b", "b", ""]
    assert measure(split("aabbb."), split("..bbb.")).recall == 1
    with pytest.raises(NothingPlanted):
        measure(split("aabb.."), split("aabb.."))


@settings(deadline=None, max_examples=60)
@given(planted=GROUPS, data=st.data())
def test_against_every_pair_and_scikit_learn(planted: list[str], data: st.DataObject) -> None:
    planted += ["ring"] * 3
    found = data.draw(st.lists(st.sampled_from(["", "x", "y"]), min_size=len(planted), max_size=len(planted)))
    truth = [name or f"-{place}" for place, name in enumerate(rings_of(planted))]
    told = [name or f"-{place}" for place, name in enumerate(rings_of(found))]
    pairs = [
        (truth[one] == truth[other], told[one] == told[other])
        for one, other in combinations(range(len(truth)), 2)
    ]
    right = pairs.count((True, True))
    measured = measure(planted, found)
    assert measured.recall == right / sum(together for together, _ in pairs)
    in_found = sum(together for _, together in pairs)
    assert measured.precision == (right / in_found if in_found else 1)
    assert measured.ari == pytest.approx(adjusted_rand_score(truth, told))
    assert 0 < measured.bcubed_f1 <= 1


def test_a_ring_is_found_where_more_than_half_is_common() -> None:
    shapes = ["star"] * 7 + ["lure"] * 3
    one, other = by_shape(split("aaaabbbccc"), split("xxx.yy.zzz"), shapes)
    assert (other.shape, other.rings, other.found, other.pairs, other.together) == ("star", 2, 1, 9, 3)
    assert (one.shape, one.rings, one.found, one.together) == ("lure", 1, 1, 3)


def test_innocents_are_counted_where_they_stand_with_anybody_else() -> None:
    planted = ["a", "a", "", "", "own", "own", "own", ""]
    beside = ["", "", "family-0001", "flood-0000", "imitated-0001", "imitated-0001", "imitated-0001", ""]
    found = ["x", "x", "x", "", "y", "y", "y", ""]
    assert joined_wrongly(planted, found, beside) == {"family": 1, "flood": 0, "imitated": 0}


def test_planted_rings_in_one_found_ring_are_told() -> None:
    assert rings_joined(split("aaabbbccc"), split("xxxxyyyyy")) == [("a", "b"), ("b", "c")]


def test_links_are_right_between_two_of_one_person_and_missed_only_in_rings() -> None:
    planted = split("aaapp.")
    found = measure_links(planted, [(0, 1), (1, 2), (3, 4), (4, 5)], split("xxxyyy"))
    assert found.precision == 3 / 4
    assert (found.recall_direct, found.recall) == (2 / 3, 1)


def test_components_go_by_paths_and_shared_values() -> None:
    assert components(5, [(0, 1), (1, 2)]) == ["0", "0", "0", "", ""]
    told = [(0, 7), (1, 7), (1, 8), (2, 8), (3, 9)]
    assert shared(4, told) == ["0", "0", "0", ""]
    assert shared(4, [*told, (2, 7)], most=2) == ["", "1", "1", ""]


def test_the_promised_line_and_the_page_say_the_same_figures() -> None:
    one = measure(split("aaa."), split("aaa.")).as_json()
    shape = {"shape": "star", "rings": 3, "found": 2, "pairs": 30, "together": 20}
    names = ("amaan", "shared_identifier", "shared_without_hubs", "components_of_links")
    found = {
        "reports": 2000,
        "measured": dict.fromkeys(names, one),
        "innocents": {name: {"family": 0, "flood": 4} for name in names},
        "rings_joined": dict.fromkeys(names, 0),
        "shapes": {"amaan": [shape]},
        "strong": {"links": 12, "precision": 0.997, "recall": 0.5, "recall_direct": 0.4},
        "names": {"spellings": {"the same letters": {"precision": 1.0, "recall": 0.125}}},
        "left_out": {"splink": "Splink is not installed."},
    }
    run = Run(7, "1.0", found)
    line = json.loads(json.dumps(run.as_json()))
    assert set(line["amaan"]) == {"precision", "recall", "bcubed_f1", "ari"}
    assert set(line["baselines"]) == set(names[1:])
    assert line["strong"]["precision"] == 0.997
    page = evaluation_page(run)
    assert "--seed 7 --reports 2000" in page
    assert "| `star` | 3 | 2 | 0.67 |" in page
    assert "Splink is not installed." in page
    assert "**0.997**" in page
    assert "| the same letters | 1.000 | 0.125 |" in page
    assert any("Amaan's rings" in told for told in table_lines(run))


def test_names_by_hand() -> None:
    known = Names(["ab", "ab", "cd", "ce"], frozenset({(0, 1), (2, 3)}))
    assert measured(known, lambda name: [name]).as_json() == {"precision": 1.0, "recall": 0.5}
    assert measured(known, lambda name: [name[0]]).as_json() == {"precision": 1.0, "recall": 1.0}
    everything = measured_by_likeness(known, lambda one, other: 1.0, 0.9)
    assert everything.as_json() == {"precision": 0.3333, "recall": 1.0}


def key_of(name: str) -> set[str]:
    return {key} if (key := name_key([name])) else set()


def test_names_are_found_again_through_their_spellings() -> None:
    """A vector that nobody tuned: vowels fall away, so that a few different names fall together."""
    found = measured(spellings(), key_of)
    assert found.recall > 0.9
    assert found.precision > 0.7


@pytest.mark.shared
def test_names_of_febrl_are_found_better_than_by_their_letters(shared: Path) -> None:
    known = febrl(shared / "vectors" / "er")
    assert (len(known.names), len(known.same)) == (1_000, 500)
    ours, plain = measured(known, key_of), measured(known, lambda name: [name])
    assert ours.precision > 0.98
    assert ours.recall > plain.recall + 0.1
