"""What is learned, and what never is: forbidden facts, a danger that counts against a report, chance."""

from __future__ import annotations

import ast
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.laws.source import modules, where

from amaan.learning.domain.allowed import NEVER, BadAllowedList, allowed, load_allowed, vector
from amaan.learning.domain.drift import REST, drift_of
from amaan.learning.domain.labels import TooFewOutcomes, label_of
from amaan.learning.domain.model import BadModel, Model, read_model, write_model
from amaan.learning.domain.turns import proposed_turn, strength
from amaan.learning.fitting import Example, LearnsNothing, fit
from amaan.triage.domain.facts import FACTS, Kind
from amaan.triage.domain.turns import turn_of

pytestmark = pytest.mark.pure

FEATURES = tuple(
    f for f in allowed().features if f.id in {"viral", "known-exact"} or f.fact.startswith("incident.")
)
ARRIVED = datetime(2026, 3, 1, tzinfo=UTC)


def drawn(count: int, *, seed: int = 5, against: str = "") -> list[Example]:
    """Reports in which enticement leads to a case mostly, and «viral» seldom; `against` is a feature that misleads."""
    draw = random.Random(seed)
    found = []
    for _ in range(count):
        held = {f.id: draw.random() < 0.15 for f in FEATURES}
        held["enticement"], held["viral"] = draw.random() < 0.4, draw.random() < 0.4
        odds = 0.15 + 0.6 * held["enticement"] - 0.12 * held["viral"]
        if against:
            held[against] = draw.random() < 0.4
            odds = 0.3 + 0.5 * held["enticement"] - 0.25 * held[against]
        seen = tuple(int(held[f.id]) for f in FEATURES)
        found.append(Example(seen, draw.choice((0, 20, 50, 80)), draw.random() < odds))
    return found


@pytest.fixture(scope="module")
def fitted() -> tuple[Model, list[Example]]:
    examples = drawn(1200)
    return fit(examples, [one.seen for one in examples], FEATURES, seed=3), examples


def test_it_learns_what_stands_in_the_outcomes_and_says_how_well(fitted: tuple[Model, list[Example]]) -> None:
    model, _ = fitted
    weights = dict(zip([f.id for f in model.features], model.weights, strict=True))
    assert weights["enticement"] > 1.5
    assert weights["viral"] < -0.2
    figures = model.figures
    assert figures.brier < figures.brier_base
    assert figures.ranks["model"] > 0.7 > figures.ranks["danger"]
    assert figures.better_than_danger
    assert figures.gain < figures.ranks["both"] - figures.ranks["danger"]
    assert figures.later is None, "all were decided at once"
    assert sum(step.count for step in figures.reliability) == 1200
    assert max(abs(step.said - step.was) for step in figures.reliability) < 0.15


def test_the_same_reports_give_the_same_model(fitted: tuple[Model, list[Example]]) -> None:
    model, examples = fitted
    again = fit(examples, [one.seen for one in examples], FEATURES, seed=3)
    assert write_model(again) == write_model(model)


def test_what_is_stored_reads_back_and_predicts_the_same(fitted: tuple[Model, list[Example]]) -> None:
    model, examples = fitted
    read = read_model(write_model(model), allowed())
    assert read == model
    columns = [FEATURES.index(f) for f in model.features]
    for one in examples[:50]:
        seen = [one.seen[n] for n in columns]
        assert read.chance(seen) == model.chance(seen)


def test_many_outcomes_are_calibrated_by_steps_that_equal_the_librarys() -> None:
    """`fit` itself compares ours with scikit-learn's on every row, and raises."""
    examples = drawn(3200, seed=9)
    model = fit(examples, [], FEATURES)
    assert len(model.calibration.points) > 3


def test_a_told_danger_never_counts_against_a_report() -> None:
    examples = drawn(900, against="sextortion")
    alone = [n for n, feature in enumerate(FEATURES) if feature.id == "sextortion"]
    with pytest.raises(LearnsNothing):
        fit([Example((e.seen[alone[0]],), e.danger, e.acted_on) for e in examples], [], [FEATURES[alone[0]]])
    model = fit(examples, [], FEATURES)
    assert "sextortion" in model.left_out
    assert all(w >= 0 for f, w in zip(model.features, model.weights, strict=True) if f.danger)


def test_too_few_outcomes_are_refused_with_how_many() -> None:
    with pytest.raises(TooFewOutcomes, match="200 of each are needed"):
        fit(drawn(150), [], FEATURES)


def test_copies_of_one_bundle_are_one_outcome_of_each_kind() -> None:
    with pytest.raises(TooFewOutcomes, match="1 reports that were acted on and 1 "):
        fit([replace(one, bundle="B-1") for one in drawn(900)], [], FEATURES)


def test_no_better_than_danger_by_more_than_chance_is_no_better() -> None:
    """What danger says already, the model can only say again."""
    examples = [replace(one, danger=80 if one.acted_on else 0) for one in drawn(500)]
    figures = fit(examples, [], FEATURES).figures
    assert figures.ranks["danger"] == 1
    assert not figures.better_than_danger


def test_what_was_decided_first_is_asked_of_what_came_later() -> None:
    examples = [replace(one, at=float(n), bundle=f"B-{n // 3}") for n, one in enumerate(drawn(900))]
    model = fit(examples, [], FEATURES)
    later = model.figures.later
    assert later is not None
    assert 170 < later.count <= 180
    assert later.brier < later.brier_base
    assert later.ranks["model"] > 0.6
    assert read_model(write_model(model), allowed()).figures == model.figures


def test_a_stored_model_that_sees_what_it_may_not_is_refused(fitted: tuple[Model, list[Example]]) -> None:
    text = write_model(fitted[0])
    with pytest.raises(BadModel, match="victim-district"):
        read_model(text.replace('"enticement"', '"victim-district"'), allowed())
    with pytest.raises(BadModel, match="against a report"):
        read_model(text.replace('"weights":[', '"weights":[-', 1), allowed())
    with pytest.raises(BadModel, match="can't be read"):
        read_model("[]", allowed())


# What may enter.


@pytest.mark.parametrize(
    "fact",
    [
        *("incident.districts", "victim.districts", "reported.districts", "victim.sexes", "source"),
        *(
            "reported.in_country",
            "reported.minor",
            "reported.age_bands",
            "content.labels",
            "identifiers.types",
        ),
        *(
            "text.language",
            "victim.ethnicity",
            "reporting.entity",
            "office.unit",
            "victim.religion",
            "version",
        ),
    ],
)
def test_no_list_lets_a_forbidden_fact_in(fact: str) -> None:
    words = sorted(FACTS[fact].words) if fact in FACTS else ["x"]
    for test in (f'word = "{words[0] if words else "LHR"}"', "least = 1", "set = true"):
        text = (
            '[why]\na = { en = "x", ur = "ا" }\n'
            + "".join(f'[[never]]\nfact = "{n}"\nwhy = "{w}"\n' for n, w in allowed().never.items())
            + f'[[feature]]\nid = "some"\nfact = "{fact}"\n{test}\nwhy = "a"\nwords = {{ en = "x", ur = "ا" }}\n'
        )
        with pytest.raises(BadAllowedList):
            load_allowed(text.encode())


def test_every_feature_is_a_fact_with_a_reason_and_none_is_open() -> None:
    assert len(allowed().features) > 60
    for feature in allowed().features:
        spec = FACTS[feature.fact]
        assert not NEVER.search(feature.fact)
        assert spec.kind in {Kind.FLAG, Kind.NUMBER} or feature.word in spec.words
        assert feature.why.en
        assert feature.why.ur


def values() -> st.SearchStrategy[Any]:
    words = sorted({word for spec in FACTS.values() for word in spec.words} | {"LHR", "ur", "girl"})
    one = st.sampled_from(words)
    return st.booleans() | st.integers(-1, 9) | one | st.lists(one, max_size=3)


@given(
    st.dictionaries(st.sampled_from(sorted(FACTS)), values(), max_size=12),
    st.dictionaries(
        st.sampled_from(sorted({*FACTS, "victim.language", "unit"} - {f.fact for f in allowed().features})),
        values(),
    ),
)
def test_whatever_else_a_report_tells_changes_nothing(facts: dict[str, Any], beside: dict[str, Any]) -> None:
    features = allowed().features
    without = {name: value for name, value in facts.items() if name not in beside}
    assert vector({**facts, **beside}, features) == vector(without, features)


# How far it may go.


@given(st.integers(0, 100), st.floats(-1, 2), st.integers(1, 720))
def test_a_proposed_turn_is_never_later_than_the_rules_and_never_before_half(
    danger: int, chance: float, hours: int
) -> None:
    due = ARRIVED + timedelta(hours=hours)
    turn = proposed_turn(ARRIVED, due, danger, chance)
    assert ARRIVED + timedelta(hours=hours) / 2 <= turn <= turn_of(ARRIVED, due - ARRIVED, danger)


@given(st.integers(0, 99), st.integers(1, 100), st.floats(0, 1), st.floats(0, 1))
def test_more_danger_or_more_chance_is_never_later(
    danger: int, more: int, chance: float, other: float
) -> None:
    low, high = sorted((chance, other))
    assert strength(danger, low) <= strength(danger, high)
    assert strength(danger, low) <= strength(min(100, danger + more), low)


# Labels and drift.


@pytest.mark.parametrize(
    ("decision", "stage", "label"),
    [
        ("case_opened", "", True),
        ("case_joined", "", True),
        ("referred", "", True),
        ("closed", "no_offence", False),
        ("closed", "shared_widely", False),
        ("closed", "told_already", None),
        ("closed", "too_little", None),
        ("closed", "out_of_reach", None),
        ("closed", "", None),
    ],
)
def test_what_an_outcome_teaches(decision: str, stage: str, label: bool | None) -> None:
    assert label_of(decision, stage) is label


def test_drift_is_small_for_the_same_reports_and_large_for_others(
    fitted: tuple[Model, list[Example]],
) -> None:
    profile = fitted[0].profile
    same = drift_of(
        profile,
        count=1000,
        features=[round(1000 * s) for s in profile.shares],
        bins=[round(1000 * s) for s in profile.bins],
    )
    assert same.worst < 0.01
    assert not same.look
    other = drift_of(
        profile,
        count=1000,
        features=[1000] + [round(1000 * s) for s in profile.shares[1:]],
        bins=[1000] + [0] * (len(profile.bins) - 1),
    )
    assert other.scores > REST
    assert other.features[0] > REST
    assert other.rest
    few = drift_of(
        profile, count=5, features=[5] * len(profile.shares), bins=[5] + [0] * (len(profile.bins) - 1)
    )
    assert not few.rest


def test_the_library_is_loaded_when_something_is_fitted_and_not_before() -> None:
    early = [
        where(path, node.lineno)
        for path, tree in modules().items()
        for node in tree.body
        if isinstance(node, ast.Import | ast.ImportFrom)
        and any(
            name.split(".")[0] in {"sklearn", "scipy", "joblib"}
            for name in (
                [node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
            )
        )
    ]
    assert early == []
