"""The order of the queue is measured by what was planted; the measure itself is held here, by arithmetic."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amaan.cli.evaluation.baselines import BASELINES, completeness, said, weighted_score
from amaan.cli.evaluation.command import environment
from amaan.cli.evaluation.measures import NothingPlanted, found_by_kind, measure, reach
from amaan.cli.evaluation.page import Run, evaluation_page, table_lines

pytestmark = pytest.mark.pure

LABELS = st.sampled_from(["now", "serious", "none", "none", "none"])
ORDERS = st.lists(LABELS, min_size=1, max_size=120).filter(lambda order: "now" in order)


def test_by_hand() -> None:
    """Twenty reports, two in danger: one at the front, one at the end."""
    found = measure(["now", *["none"] * 18, "now"])
    assert found.as_json()["recall"] == {"0.01": 0.5, "0.05": 0.5, "0.10": 0.5}
    assert measure(["now", "serious"]).ndcg == 1
    assert measure(["serious", "now"]).ndcg == pytest.approx((1 + 3 / 1.58496) / (3 + 1 / 1.58496), abs=1e-4)


def test_a_share_is_rounded_down_and_holds_one_report_at_least() -> None:
    assert [reach(2_000, share) for share in (0.01, 0.05, 0.10)] == [20, 100, 200]
    assert (reach(199, 0.01), reach(5, 0.01)) == (1, 1)
    assert reach(700, 0.01) == 7


def test_an_order_without_danger_has_no_measure() -> None:
    with pytest.raises(NothingPlanted):
        measure(["none", "serious"])


@settings(deadline=None, max_examples=40)
@given(order=ORDERS, data=st.data())
def test_bringing_danger_forward_never_measures_less(order: list[str], data: st.DataObject) -> None:
    at = data.draw(st.sampled_from([n for n, danger in enumerate(order) if danger == "now"]))
    to = data.draw(st.integers(0, at))
    better = order.copy()
    better.insert(to, better.pop(at))
    before, after = measure(order), measure(better)
    assert all(after.recall[share] >= before.recall[share] for share in before.recall)
    assert after.ndcg >= before.ndcg - 1e-9
    assert 0 <= before.ndcg <= 1 + 1e-9


def test_kinds_are_counted_in_the_first_twentieth() -> None:
    order = [("a", "now")] + [("b", "none")] * 38 + [("a", "now")]
    assert [(one.kind, one.planted, one.found) for one in found_by_kind(order)] == [("a", 2, 1), ("b", 38, 1)]


@pytest.mark.parametrize("value", ["not_said", False, 0, "", [], ["not_said"]])
def test_what_was_not_told_fills_no_field(value: Any) -> None:
    assert not said(value)
    assert completeness({"source": "le_json", "victim.sexes": value, "reported.count": 1}) == 0.5


def test_the_weighted_score_counts_what_it_says() -> None:
    assert weighted_score({"incident.escalated": True}) == 30 + 10
    assert weighted_score({"incident.batched": True}) == 10 - 10
    assert set(BASELINES) == {"oldest_first", "completeness", "file_count", "weighted_score"}


def test_nothing_of_the_operators_installation_reaches_the_scratch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMAAN_DATABASE", "postgresql://the.operators/own")
    monkeypatch.setenv("AMAAN_PORTAL_HOME", "/the/operators/own")
    told = environment(Path("/scratch"))
    assert {name: value for name, value in told.items() if name.startswith("AMAAN_")} == {
        "AMAAN_HOME": "/scratch/home",
        "AMAAN_KEYS": "/scratch/keys",
    }
    assert told["PATH"] == os.environ["PATH"]


def test_the_promised_line_and_the_page_say_the_same_figures() -> None:
    one = measure(["now", "none"]).as_json()
    found = {
        "measured": dict.fromkeys(("amaan", *BASELINES), one),
        "kinds": {"amaan": [{"kind": "live", "danger": "now", "planted": 3, "found": 2}]},
        "reports": 2000,
        "rules": "pk-9",
    }
    run = Run(7, "1.0", found)
    line = json.loads(json.dumps(run.as_json()))
    assert set(line) == {"amaan", "baselines"}
    assert set(line["baselines"]) == set(BASELINES)
    assert set(line["amaan"]["recall"]) == {"0.01", "0.05", "0.10"}
    page = evaluation_page(run)
    assert "--seed 7 --reports 2000" in page
    assert "| now | `live` | 3 | 2 |" in page
    assert any("Amaan's queue" in told for told in table_lines(run))
