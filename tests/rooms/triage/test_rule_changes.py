"""What differs between two rule files, the small form's writing, and the arithmetic of a replay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rooms.triage.small_rules import RULES, SMALL, facts, heavier, texts, variant
from tests.rooms.triage.stories import STORIES
from tests.rooms.triage.test_rules import facts as every_fact

from amaan.triage.domain.conditions import Condition, Group, Leaf, holds, implies
from amaan.triage.domain.differences import Kind, compare, text_diff
from amaan.triage.domain.engine import assess
from amaan.triage.domain.placing import MORE, Placing, gates_of
from amaan.triage.domain.proposals import CannotRewrite, NoSuchRule
from amaan.triage.domain.replaying import (
    EXAMPLES,
    Comparison,
    Effect,
    Fate,
    Replay,
    effect_of,
    fate_of,
    replay_from,
)
from amaan.triage.domain.rewriting import Wish, next_version, rewrite_rule
from amaan.triage.domain.ruleset import Axis, BadRuleFile, Band, RuleSet, Words, load_ruleset
from amaan.triage.rulebook import SHIPPED

pytestmark = pytest.mark.pure

Story = dict[str, Any]


def read(text: str) -> RuleSet:
    return load_ruleset(text.encode())


OLD = read(SMALL)


def test_a_file_that_differs_in_words_for_people_only_moves_nothing() -> None:
    found = compare(OLD, read(variant().replace("Traces are deleted soon.", "Traces vanish.")))
    (change,) = found.rules
    assert (change.id, change.kind, [part.name for part in change.parts]) == (
        "old-news",
        Kind.CHANGED,
        ["reason"],
    )
    assert found.touched == ()
    assert not found.elsewhere


def test_comments_and_the_order_of_rules_are_no_difference() -> None:
    blocks = variant().split("[[rule]]")
    turned = "[[rule]]".join([blocks[0], *reversed(blocks[1:])])
    assert compare(OLD, read(turned)).nothing


def test_added_removed_and_changed_rules_are_told_apart() -> None:
    text = heavier().replace('id = "old-news"', 'id = "traces"').replace('floor = "one_week"\n', "")
    found = compare(OLD, read(text))
    assert {(change.id, change.kind) for change in found.rules} == {
        ("solicitation", Kind.CHANGED),
        ("child-known", Kind.CHANGED),
        ("traces", Kind.ADDED),
        ("old-news", Kind.REMOVED),
    }
    (weight,) = next(change for change in found.rules if change.id == "child-known").parts
    assert weight == ("weight", 30, 75)
    (floor,) = next(change for change in found.rules if change.id == "solicitation").parts
    assert floor == ("floor", Band.ONE_WEEK, None)
    assert [change.id for change in found.floors_lost] == ["solicitation"]
    assert not compare(read(text), OLD).floors_lost


_ASKED = 'when = { fact = "incident.annotations", any_of = ["csam_solicitation"] }'


@pytest.mark.parametrize(
    ("when", "lost"),
    [
        (
            (
                '{ all = [{ fact = "incident.annotations", any_of = ["csam_solicitation"] },'
                ' { fact = "victim.named", is = true }] }'
            ),
            True,
        ),
        ('{ fact = "incident.annotations", any_of = ["sadistic"] }', True),
        ('{ fact = "incident.annotations", any_of = ["csam_solicitation", "sadistic"] }', False),
        (
            (
                '{ any = [{ fact = "victim.named", is = true },'
                ' { fact = "incident.annotations", any_of = ["csam_solicitation"] }] }'
            ),
            False,
        ),
    ],
)
def test_a_floor_that_asks_for_more_is_a_floor_lost(when: str, lost: bool) -> None:
    found = compare(OLD, read(variant().replace(_ASKED, f"when = {when}")))
    assert [change.id for change in found.floors_lost] == ["solicitation"] * lost


def test_a_band_that_leaves_more_hours_is_said() -> None:
    short = read(variant().replace("hours = 24", "hours = 12"))
    assert not compare(OLD, short).hours_grown
    ((band, hours),) = compare(short, OLD).hours_grown
    assert (band, hours.before, hours.after) == ("one_day", 12, 24)


conditions = st.recursive(
    st.builds(lambda least: Leaf("victim.count", "at_least", least), st.integers(0, 3))
    | st.builds(lambda most: Leaf("victim.count", "at_most", most), st.integers(0, 3))
    | st.builds(
        lambda words: Leaf("content.annotations", "any_of", frozenset(words)),
        st.sets(st.sampled_from(["viral", "infant", "anime"]), min_size=1),
    ),
    lambda inner: st.builds(
        lambda how, parts: Group(how, tuple(parts[: 1 if how == "not" else None])),
        st.sampled_from(["all", "any", "not"]),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=4,
)


@given(
    conditions,
    conditions,
    st.integers(0, 3),
    st.lists(st.sampled_from(["viral", "infant", "anime"]), unique=True),
)
def test_what_a_condition_implies_holds_wherever_it_does(
    one: Condition, other: Condition, count: int, words: list[str]
) -> None:
    story: Story = {"victim.count": count, "content.annotations": words}
    assert implies(one, Group("any", (other, one)))
    if implies(one, other) and holds(one, story):
        assert holds(other, story)


@pytest.mark.parametrize(
    ("old", "new", "told", "elsewhere"),
    [
        ("danger = 70", "danger = 60", ("bands", "one_day", Kind.CHANGED), True),
        ("hours = 24", "hours = 12", ("bands", "one_day", Kind.CHANGED), True),
        ("What clock is.", "What is lost.", ("axes", "clock", Kind.CHANGED), False),
    ],
)
def test_bands_and_axes_are_compared_too(
    old: str, new: str, told: tuple[str, str, Kind], elsewhere: bool
) -> None:
    found = compare(OLD, read(variant().replace(old, new)))
    assert [(one.table, one.id, one.kind) for one in found.others] == [told]
    assert found.elsewhere is elsewhere


lines = st.lists(st.sampled_from(["a", "b", "", "weight = 5"]), max_size=12)


@given(lines, lines)
def test_the_text_diff_leads_from_one_text_to_the_other(old: list[str], new: list[str]) -> None:
    found = text_diff("\n".join(old), "\n".join(new), around=100)
    if "\n".join(old).splitlines() == "\n".join(new).splitlines():
        assert found == []
        return
    assert [line.text for line in found if line.sign in " -"] == "\n".join(old).splitlines()
    assert [line.text for line in found if line.sign in " +"] == "\n".join(new).splitlines()


sentences = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=40)


@given(
    st.sampled_from(RULES),
    st.integers(0, 100),
    st.sampled_from([None, *Band]),
    sentences.filter(str.strip),
)
def test_the_small_form_changes_one_rule_and_nothing_else(
    rule: str, weight: int, floor: Band | None, said: str
) -> None:
    wish = Wish(weight, floor, Words(said, said + " اردو"))
    try:
        body = rewrite_rule(OLD, rule, wish, version="small-9")
    except BadRuleFile:  # a floor on an axis that sets none, or a band that would be out of reach
        return
    new = read(body)
    assert new.version == "small-9"
    assert (new.rule(rule).weight, new.rule(rule).floor, new.rule(rule).reason) == (
        weight,
        floor,
        wish.reason,
    )
    assert {change.id for change in compare(OLD, new).rules} <= {rule}
    assert "# What drives a child to despair." in body


def test_what_the_small_form_cannot_write_is_left_to_the_text() -> None:
    rule = OLD.rule("child-known")
    with pytest.raises(NoSuchRule):
        rewrite_rule(OLD, "no-such-rule", Wish(1, None, rule.reason), version="small-2")
    tables = read(
        variant()
        .replace('reason = { en = "The child can be found.", ur = "بچے تک پہنچا جا سکتا ہے۔" }\n', "")
        .replace(
            'source = "test"\n\n[[rule]]\nid = "old-news"',
            'source = "test"\n[rule.reason]\nen = "Found."\nur = "ملا۔"\n\n[[rule]]\nid = "old-news"',
        )
    )
    with pytest.raises(CannotRewrite):
        rewrite_rule(tables, "child-known", Wish(30, None, Words("Other.", "اور۔")), version="small-3")


def test_every_shipped_rule_can_be_changed_by_the_small_form() -> None:
    shipped = load_ruleset(SHIPPED.read_bytes())
    for rule in shipped.rules[:: max(1, len(shipped.rules) // 7)]:
        wish = Wish(rule.weight, rule.floor, Words(f"{rule.reason.en} Now.", rule.reason.ur))
        changed = read(rewrite_rule(shipped, rule.id, wish, version="pk-test"))
        assert changed.rule(rule.id).reason.en.endswith(" Now.")


def test_the_next_version_is_free_short_enough_and_never_the_programs_own() -> None:
    assert next_version("pk-2026.3") == "pk-2026.3-local.1"
    taken = frozenset({"pk-2026.3-local.1", "pk-2026.3-local.2"})
    assert next_version("pk-2026.3-local.2", taken) == "pk-2026.3-local.3"
    assert len(next_version("x" * 32)) <= 32


@given(facts, texts)
def test_a_comparison_equals_banding_by_each_version(story: Story, text: str) -> None:
    new = read(text)
    found = Comparison(OLD, new).compare(story)
    before, after = assess(OLD, story), assess(new, story)
    assert (found.before, found.after) == (before.band, after.band)
    assert (found.danger_before, found.danger_after) == (before.axes[Axis.DANGER], after.axes[Axis.DANGER])


SHIPPED_RULES = load_ruleset(SHIPPED.read_bytes())
PLACING = Placing(SHIPPED_RULES)


def _placed_as_assessed(story: Mapping[str, Any]) -> None:
    found = assess(SHIPPED_RULES, story)
    assert PLACING.place(story) == (found.band, found.axes[Axis.DANGER])


@given(every_fact)
def test_placing_equals_the_engine(story: Story) -> None:
    _placed_as_assessed(story)


def test_placing_equals_the_engine_on_every_story() -> None:
    for fires, misses in STORIES.values():
        _placed_as_assessed(fires)
        _placed_as_assessed(misses)


@given(every_fact)
def test_no_rule_holds_behind_closed_gates(story: Story) -> None:
    told = {
        (fact, word)
        for fact, value in story.items()
        for word in [None, *([MORE] if value else []), *(value if isinstance(value, list) else [value])]
    }
    for rule in SHIPPED_RULES.rules:
        gates = gates_of(rule.when)
        if gates is not None and holds(rule.when, story):
            assert gates & told, rule.id


@given(st.lists(facts, max_size=8), st.sampled_from(Fate))
def test_replaying_the_version_in_force_moves_nothing(stories: list[Story], fate: Fate) -> None:
    replay, same = Replay(), Comparison(OLD, OLD)
    for number, story in enumerate(stories):
        assert replay.take(number, 1, same.compare(story), fate) is None
    assert (replay.reports, replay.moved, sum(replay.turned.values())) == (len(stories), 0, 0)
    assert replay.examples == {}


history = st.lists(st.tuples(facts, st.sampled_from(Fate), st.integers(1, 2)), max_size=12)


@given(history, texts, st.integers(0, 12), st.booleans())
def test_a_replay_in_parts_is_the_whole_replay(
    told: list[tuple[Story, Fate, int]], text: str, cut: int, turned: bool
) -> None:
    comparison = Comparison(OLD, read(text))

    def replayed(begin: int, end: int) -> Replay:
        replay = Replay()
        for number, (story, fate, unit) in enumerate(told[begin:end], begin):
            replay.take(number, unit, comparison.compare(story), fate)
        return replay

    whole, parts = replayed(0, len(told)), [replayed(0, cut), replayed(cut, len(told))]
    together = replay_from({})
    for part in reversed(parts) if turned else parts:
        together.add(replay_from(part.as_json()))
    assert together.as_json() == whole.as_json()
    assert sum(whole.table.values()) == whole.reports == len(told)
    assert whole.moved == sum(count for (a, b), count in whole.table.items() if a != b)


def test_examples_are_the_newest_of_each_unit() -> None:
    replay, comparison = Replay(), Comparison(OLD, read(heavier()))
    for number in range(2 * EXAMPLES):
        replay.take(number, number % 2, comparison.compare({"victim.named": True}), Fate.CASE)
    assert replay.examples == {"served": {0: [0, 2, 4, 6, 8], 1: [1, 3, 5, 7, 9]}}


@pytest.mark.parametrize(
    ("decision", "stage", "fate"),
    [
        ("", "", Fate.WAITING),
        ("case_opened", "", Fate.CASE),
        ("case_joined", "", Fate.CASE),
        ("closed", "no_offence", Fate.NOTHING),
        ("closed", "shared_widely", Fate.NOTHING),
        ("closed", "too_little", Fate.NEITHER),
        ("closed", "told_already", Fate.NEITHER),
        ("referred", "", Fate.REFERRED),
    ],
)
def test_what_became_of_a_report_says_what_it_was_worth(decision: str, stage: str, fate: Fate) -> None:
    assert fate_of(decision, stage) is fate


@pytest.mark.parametrize(
    ("fate", "sooner", "later"),
    [
        (Fate.CASE, Effect.SERVED, Effect.HURT),
        (Fate.REFERRED, Effect.SERVED, Effect.HURT),
        (Fate.NOTHING, Effect.COSTS, Effect.SPARES),
        (Fate.NEITHER, None, None),
        (Fate.WAITING, None, None),
    ],
)
def test_whom_a_move_serves_or_hurts(fate: Fate, sooner: Effect | None, later: Effect | None) -> None:
    assert effect_of(Band.ONE_WEEK, Band.ONE_DAY, fate) is sooner
    assert effect_of(Band.ONE_DAY, Band.THIRTY_DAYS, fate) is later
    assert effect_of(Band.ONE_DAY, Band.ONE_DAY, fate) is None
    replay = Replay()
    found = Comparison(OLD, read(heavier())).compare({"victim.named": True})
    replay.take(1, 1, found, fate)
    assert [one for one in Effect if replay.effect(one)] == ([sooner] if sooner else [])
