"""What is told twice counts once, what a text says only raises, and the soonest band tells one report from another."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rooms.triage.test_rule_files import _refused, _rule
from tests.rooms.triage.test_rules import RULES
from tests.rooms.triage.test_rules import facts as any_facts

from amaan.triage.domain.conditions import leaves
from amaan.triage.domain.engine import assess, strongest
from amaan.triage.domain.facts import FACTS
from amaan.triage.domain.ruleset import Axis, Band

pytestmark = pytest.mark.pure

Story = dict[str, Any]
INDICATORS = sorted(FACTS["text.indicators"].words)


def test_a_field_and_a_sentence_about_one_thing_count_once_and_both_are_shown() -> None:
    field = {"incident.annotations": ["sextortion"]}
    both = {**field, "text.indicators": ["threat_to_share"]}
    alone, found = assess(RULES, field), assess(RULES, both)
    assert found.axes[Axis.DANGER] == alone.axes[Axis.DANGER]
    assert found.axes[Axis.CLOCK] == alone.axes[Axis.CLOCK]
    weights = {reason.rule: reason.weight for reason in found.reasons}
    assert weights["sextortion"] == RULES.rule("sextortion").weight
    assert (weights["text-threat"], RULES.rule("text-threat").weight > 0) == (0, True)


def test_of_a_group_the_heavier_counts_and_every_floor_holds() -> None:
    told = {"told.demanded": ["money"], "text.indicators": ["money_demand", "already_paid"]}
    found = assess(RULES, told)
    money = [reason for reason in found.reasons if RULES.rule(reason.rule).once == "money"]
    assert [reason.weight for reason in money][1:] == [0] * (len(money) - 1)
    assert money[0].weight == max(RULES.rule(reason.rule).weight for reason in money)
    assert found.floor is Band.ONE_DAY
    assert {reason.rule for reason in strongest(found.reasons, 9)} >= {
        reason.rule for reason in money if reason.floor
    }


@given(any_facts, st.lists(st.sampled_from(INDICATORS), unique=True))
def test_what_a_text_says_only_raises(story: Story, said: list[str]) -> None:
    silent = {name: value for name, value in story.items() if name != "text.indicators"}
    before, after = assess(RULES, silent), assess(RULES, {**silent, "text.indicators": said})
    assert all(after.axes[axis] >= before.axes[axis] for axis in Axis)
    assert after.band <= before.band
    assert (after.floor or Band.THIRTY_DAYS) <= (before.floor or Band.THIRTY_DAYS)


@pytest.mark.parametrize(
    "word",
    [
        "threat_to_share",
        "self_harm_risk",
        "meeting_arranged",
        "child_with_suspect_now",
        "live_stream",
        "missing_child",
    ],
)
def test_a_sentence_sets_the_floor_that_a_field_sets(word: str) -> None:
    calm = {"content.annotations": ["viral", "anime", "generative_ai"], "incident.batched": True}
    assert assess(RULES, {**calm, "text.indicators": [word]}).floor is Band.ONE_DAY


def test_no_rule_about_a_text_reads_anything_else_than_the_text_or_the_same_thing_in_a_field() -> None:
    for rule in RULES.rules:
        read = {leaf.fact for leaf, _ in leaves(rule.when)}
        if "text.indicators" in read:
            assert rule.weight > 0
            assert read <= {"text.indicators", "told.when"}, rule.id


def test_a_group_of_two_axes_or_two_signs_is_refused_with_its_line() -> None:
    for changes in ({"axis": '"clock"'}, {"axis": '"novelty"', "once": '"threat"'}):
        text = _rule(**{"once": '"threat"', **changes})
        error = _refused(text)
        assert "stands for one axis" in error.cause
        assert error.line == text[: text.rindex("[[rule]]")].count("\n") + 1
    assert "must be a name" in _refused(_rule(once='"Threat!"')).cause


# What practice tells of the soonest band, each as many fields as such a report has.
_BOY = {"victim.age_bands": ["14-15"], "victim.count": 1, "incident.type": "enticement"}
_SEXTORTION = {**_BOY, "incident.annotations": ["sextortion"]}
SOONEST: dict[str, Story] = {
    "a threat and nothing else": {"incident.annotations": ["sextortion"]},
    "a threat, a boy of 14": _SEXTORTION,
    "a threat, money, a wallet": {**_SEXTORTION, "told.demanded": ["money"], "reported.payment": True},
    "a threat now, money after payment": {
        **_BOY,
        "incident.annotations": ["sextortion", "threat_now"],
        "told.demanded": ["money", "more_pictures"],
        "told.paid": "yes",
        "told.when": ["now"],
        "victim.possibly_coerced": "yes",
    },
    "a threat and self-harm": {**_BOY, "incident.annotations": ["sextortion", "self_harm", "threat_now"]},
    "self-harm in words": {"text.indicators": ["self_harm_risk"]},
    "a meeting with a girl of 12": {
        "incident.type": "enticement",
        "victim.age_bands": ["11-13"],
        "incident.annotations": ["meeting_arranged"],
        "incident.in_future": True,
    },
    "a meeting, the child's school known": {
        "incident.type": "enticement",
        "incident.annotations": ["meeting_arranged", "csam_solicitation"],
        "victim.school": True,
        "victim.named": True,
    },
    "a missing child": {"incident.annotations": ["child_missing"]},
    "a missing child of 9, met online": {
        "incident.type": "enticement",
        "incident.annotations": ["child_missing", "meeting_arranged"],
        "victim.age_bands": ["6-10"],
        "victim.named": True,
        "victim.located": True,
    },
    "live, an infant, paid": {
        "incident.type": "sex_trafficking",
        "content.annotations": ["live_streaming", "infant", "physical_harm"],
        "content.classes": ["A1"],
        "reported.payment": True,
        "victim.age_bands": ["0-5"],
        "reported.access_to_victim": "yes",
        "reported.relationship": "parent",
    },
    "live and nothing else": {"content.annotations": ["live_streaming"]},
    "a father at home": {
        "incident.type": "molestation",
        "reported.relationship": "parent",
        "reported.access_to_victim": "yes",
        "victim.age_bands": ["6-10"],
        "victim.count": 2,
    },
    "a teacher with access, convicted": {
        "incident.type": "molestation",
        "reported.relationship": "teacher",
        "reported.access_to_children": "yes",
        "reported.convicted": "yes",
        "victim.located": True,
    },
    "escalated, words alone": {"incident.escalated": True, "incident.type": "enticement"},
    "escalated, sadistic": {"incident.escalated": True, "incident.annotations": ["sadistic"]},
    "held somewhere": {"told.happening": ["taken"], "told.promised": ["job"], "told.others": "yes"},
    "a ring at a madrasa": {
        "incident.type": "molestation",
        "told.person": ["religious_teacher"],
        "reported.relationship": "teacher",
        "reported.works_with_children": "yes",
        "victim.count": 6,
        "victim.located": True,
        "told.venue": ["worship"],
        "text.indicators": ["group_or_ring", "trusted_position"],
    },
}


def test_the_soonest_band_tells_one_report_from_another() -> None:
    """Danger orders the turns inside a band, so few may stand at its end, and most must differ."""
    found = {name: assess(RULES, story) for name, story in SOONEST.items()}
    assert {one.band for one in found.values()} == {Band.ONE_DAY}
    danger = {name: one.axes[Axis.DANGER] for name, one in found.items()}
    assert sum(value == 100 for value in danger.values()) <= 3, danger
    assert len(set(danger.values())) >= 12, danger
    assert danger["a threat and nothing else"] < danger["a threat, a boy of 14"]
    assert danger["a threat, a boy of 14"] < danger["a threat, money, a wallet"]
    assert danger["a threat, money, a wallet"] < danger["a threat now, money after payment"]
    assert danger["a threat, a boy of 14"] < danger["a threat and self-harm"]
    assert danger["live and nothing else"] < danger["live, an infant, paid"]
