"""Every rule of the shipped file, told by a story; and what the file must never do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rooms.triage.stories import MODEL_REPORT_OF_KNOWN_MATERIAL, STORIES, TEXT_ONLY_ENTICEMENT

from amaan.triage.domain.conditions import leaves
from amaan.triage.domain.engine import assess, assess_reference, gaps_of
from amaan.triage.domain.facts import FACTS, Kind
from amaan.triage.domain.ruleset import Axis, BadRuleFile, Band, RuleSet, load_ruleset
from amaan.triage.rulebook import SHIPPED

pytestmark = pytest.mark.pure

RULES = load_ruleset(SHIPPED.read_bytes())
Story = dict[str, Any]


def _value(name: str) -> st.SearchStrategy[Any]:
    spec = FACTS[name]
    words = sorted(spec.words) or ["PK701", "cnic", "known"]
    return {
        Kind.FLAG: st.booleans(),
        Kind.NUMBER: st.one_of(st.integers(0, 12), st.integers(270, 370)),
        Kind.WORD: st.sampled_from(words),
        Kind.WORDS: st.lists(st.sampled_from(words), unique=True, max_size=4),
    }[spec.kind]


facts = st.fixed_dictionaries({}, optional={name: _value(name) for name in FACTS})
_DANGERS = [(name, word) for name, spec in FACTS.items() for word in sorted(map(str, spec.danger))]
_QUALITY = [name for name, spec in FACTS.items() if True in spec.quiet]


def _fired(story: Mapping[str, Any]) -> set[str]:
    return {reason.rule for reason in assess(RULES, story).reasons}


def test_every_rule_has_a_story() -> None:
    assert set(STORIES) == {rule.id for rule in RULES.rules}


@pytest.mark.parametrize("rule", sorted(STORIES))
def test_a_rule_fires_on_its_story_and_not_on_a_near_miss(rule: str) -> None:
    fires, misses = STORIES[rule]
    assert rule in _fired(fires)
    assert rule not in _fired(misses)
    assert rule not in _fired({})


@pytest.mark.parametrize("rule", [rule for rule in RULES.rules if rule.floor], ids=lambda rule: rule.id)
def test_nothing_lowers_a_floor(rule: Any) -> None:
    calm = {
        "content.annotations": ["viral", "potential_meme", "anime", "generative_ai"],
        "incident.batched": True,
        "reported.compromised": "yes",
        "law_enforcement.reported": "yes",
        "reported.ip_proxy": True,
        "reported.in_country": "no",
        "receipt.not_understood": 99,
    }
    story = STORIES[rule.id][0]
    both = {**calm, **story}
    for name in ("content.annotations",):
        if name in story:
            both[name] = [*calm[name], *story[name]]  # type: ignore[misc]
    assert assess(RULES, both).band <= rule.floor


@given(facts)
def test_the_fast_engine_equals_its_slow_twin(story: Story) -> None:
    assert assess(RULES, story) == assess_reference(RULES, story)


@given(facts)
def test_the_same_facts_give_the_same_answer(story: Story) -> None:
    assert assess(RULES, story) == assess(load_ruleset(SHIPPED.read_bytes()), dict(reversed(story.items())))


@given(facts, st.randoms(use_true_random=False))
def test_the_order_of_rules_never_shows(story: Story, random: Any) -> None:
    shuffled = list(RULES.rules)
    random.shuffle(shuffled)
    other = RuleSet(
        RULES.version, RULES.digest, RULES.body, RULES.axes, RULES.bands, tuple(shuffled), RULES.gaps
    )
    assert assess(other, story) == assess(RULES, story)


def _with_danger(story: Story, name: str, word: str) -> Story:
    spec, held = FACTS[name], story.get(name)
    if spec.kind is Kind.WORDS:
        added: Any = [*(held or []), word] if word not in (held or []) else held
    elif spec.kind is Kind.NUMBER:
        added = (held or 0) + 1
    elif spec.kind is Kind.FLAG:
        added = True
    else:
        # Another word already said is another story, not more of this one.
        added = word if held in {None, "not_said", "no"} else held
    return {**story, name: added}


@given(facts, st.sampled_from(_DANGERS))
def test_telling_of_one_more_danger_never_lowers_danger_nor_the_band(
    story: Story, danger: tuple[str, str]
) -> None:
    before, after = assess(RULES, story), assess(RULES, _with_danger(story, *danger))
    assert after.axes[Axis.DANGER] >= before.axes[Axis.DANGER]
    assert after.band <= before.band


@given(facts, facts, st.sampled_from(_QUALITY))
def test_quality_never_touches_danger(story: Story, other: Story, name: str) -> None:
    changed = {**{key: value for key, value in story.items() if key != name}}
    if name in other:
        changed[name] = other[name]
    before, after = assess(RULES, story), assess(RULES, changed)
    assert before.axes[Axis.DANGER] == after.axes[Axis.DANGER]
    assert before.floor == after.floor


@given(facts, st.sampled_from(["viral", "potential_meme", "anime"]))
def test_spread_lowers_novelty_and_leaves_danger_alone(story: Story, word: str) -> None:
    base = {**story, "content.annotations": []}
    spread = {**story, "content.annotations": [word]}
    before, after = assess(RULES, base), assess(RULES, spread)
    assert after.axes[Axis.NOVELTY] <= before.axes[Axis.NOVELTY]
    assert after.axes[Axis.DANGER] == before.axes[Axis.DANGER]


@given(facts)
def test_made_with_ai_lowers_no_axis(story: Story) -> None:
    held = [word for word in story.get("content.annotations", []) if word != "generative_ai"]
    before = assess(RULES, {**story, "content.annotations": held})
    after = assess(RULES, {**story, "content.annotations": [*held, "generative_ai"]})
    assert all(after.axes[axis] >= before.axes[axis] for axis in Axis)


_MATCHES = sorted(name for name in FACTS if name.startswith("match."))


def test_no_rule_on_danger_reads_a_survivors_hash_and_no_file_with_such_a_rule_is_taken() -> None:
    read = {leaf.fact for rule in RULES.rules if rule.axis is Axis.DANGER for leaf, _ in leaves(rule.when)}
    assert "match.survivor" not in read
    assert {"match.exact", "match.near"} <= read
    rule = SHIPPED.read_text("utf-8").replace(
        'id = "like-a-survivors-own"\naxis = "novelty"\nweight = 0', _HARMFUL
    )
    with pytest.raises(BadRuleFile, match=r"match.survivor .* may not touch danger"):
        load_ruleset(rule.encode())


_HARMFUL = 'id = "like-a-survivors-own"\naxis = "danger"\nweight = 5'


@given(facts)
def test_a_survivors_hash_changes_no_axis_and_no_band(story: Story) -> None:
    before = assess(RULES, {**story, "match.survivor": False})
    after = assess(RULES, {**story, "match.survivor": True})
    assert (after.axes, after.band, after.floor) == (before.axes, before.band, before.floor)


def test_no_rule_about_a_match_sets_a_floor() -> None:
    for rule in RULES.rules:
        if any(leaf.fact in _MATCHES for leaf, _ in leaves(rule.when)):
            assert rule.floor is None, rule.id


@given(facts, facts)
def test_a_match_lowers_no_danger_and_no_floor(story: Story, matched: Story) -> None:
    calm = {name: value for name, value in story.items() if name not in _MATCHES}
    told = {**calm, **{name: value for name, value in matched.items() if name in _MATCHES}}
    before, after = assess(RULES, calm), assess(RULES, told)
    assert after.axes[Axis.DANGER] >= before.axes[Axis.DANGER]
    assert after.floor == before.floor


def test_known_material_stands_back_and_what_is_new_beside_it_comes_forward() -> None:
    alone = {**MODEL_REPORT_OF_KNOWN_MATERIAL, "match.exact": ["csam"], "match.known": 2, "match.unknown": 0}
    beside = {**alone, "match.unknown": 1}
    plain = assess(RULES, MODEL_REPORT_OF_KNOWN_MATERIAL)
    assert assess(RULES, alone).axes[Axis.NOVELTY] < plain.axes[Axis.NOVELTY]
    assert assess(RULES, beside).axes[Axis.NOVELTY] > assess(RULES, alone).axes[Axis.NOVELTY]


def test_completeness_is_not_priority() -> None:
    known = assess(RULES, MODEL_REPORT_OF_KNOWN_MATERIAL)
    words = assess(RULES, TEXT_ONLY_ENTICEMENT)
    assert known.axes[Axis.QUALITY] > words.axes[Axis.QUALITY]
    assert known.axes[Axis.ACTIONABILITY] > words.axes[Axis.ACTIONABILITY]
    assert known.band is Band.THIRTY_DAYS
    assert words.band is Band.ONE_WEEK


def test_new_facts_pop_out_of_a_flood() -> None:
    flood = {**MODEL_REPORT_OF_KNOWN_MATERIAL, "incident.batched": True}
    assert assess(RULES, flood).band is Band.THIRTY_DAYS
    assert (
        assess(RULES, {**flood, "victim.named": True, "incident.annotations": ["sextortion"]}).band
        is Band.ONE_DAY
    )


def test_a_compromised_account_and_police_already_told_lower_nothing() -> None:
    story = {"incident.type": "enticement", "reported.contact_verified": True}
    told = {**story, "reported.compromised": "yes", "law_enforcement.reported": "yes"}
    assert assess(RULES, story).axes == assess(RULES, told).axes
    assert _fired(told) - _fired(story) == {"account-compromised", "police-already-told"}


def test_an_empty_report_is_banded_and_says_what_is_missing() -> None:
    found = assess(RULES, {})
    assert found.band is Band.THIRTY_DAYS
    assert {"what-happened", "child-age", "access", "when-happened"} <= {gap.id for gap in gaps_of(RULES, {})}


def test_silence_is_not_a_no() -> None:
    """A rule that asks for "no" must not fire on silence, and the gap must be named."""
    assert "abroad" not in _fired({"reported.in_country": "not_said"})
    assert "country" in {gap.id for gap in gaps_of(RULES, {"reported.in_country": "not_said"})}
    assert "country" not in {gap.id for gap in gaps_of(RULES, {"reported.in_country": "no"})}


def test_reasons_never_accuse_a_child() -> None:
    for rule_id in ("child-made-the-picture", "children-alone-with-pictures", "between-children"):
        words = RULES.rule(rule_id).reason.en
        assert any(word in words for word in ("protect", "help", "safeguarding"))
        assert RULES.rule(rule_id).weight >= 0
