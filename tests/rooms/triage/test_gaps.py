"""What was not said, ranked by what an answer could change."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from tests.rooms.triage.test_rules import RULES
from tests.rooms.triage.test_rules import facts as any_facts

from amaan.triage.domain.conditions import holds
from amaan.triage.domain.engine import assess, gaps_of
from amaan.triage.domain.facts import FACTS, NOT_SAID, Kind
from amaan.triage.domain.gaps import answers, ranked_gaps
from amaan.triage.domain.ruleset import Axis, Band

pytestmark = pytest.mark.pure


def test_the_gap_that_could_bring_it_furthest_comes_first() -> None:
    found = ranked_gaps(RULES, {"incident.type": "csam", "reported.count": 1})
    assert (found[0].gap.id, found[0].fact, found[0].answer) == ("access", "reported.access_to_victim", "yes")
    assert found[0].band is Band.ONE_DAY
    assert found[0].danger == RULES.rule("access-to-victim").weight
    assert [one.band for one in found] == sorted(one.band for one in found)


@given(any_facts)
def test_what_a_gap_promises_is_what_the_answer_brings(story: dict[str, Any]) -> None:
    now, found = assess(RULES, story), ranked_gaps(RULES, story)
    assert {one.gap.id for one in found} == {gap.id for gap in gaps_of(RULES, story)}
    ranks = [(one.band, -one.danger, -one.points) for one in found]
    assert ranks == sorted(ranks)
    for one in found:
        then = assess(RULES, {**story, one.fact: one.answer})
        assert (then.band, then.axes[Axis.DANGER] - now.axes[Axis.DANGER]) == (one.band, one.danger)


def test_every_kind_of_fact_has_answers_and_silence_is_none_of_them() -> None:
    for name, spec in FACTS.items():
        found = list(answers(RULES, name, None))
        assert found, name
        assert NOT_SAID not in found
        assert [NOT_SAID] not in found
        if spec.words:
            assert all(set(one if isinstance(one, list) else [one]) <= spec.words for one in found), name


def test_a_word_is_added_to_those_that_were_told() -> None:
    assert ["sextortion", "threat_now"] in list(answers(RULES, "incident.annotations", ["sextortion"]))
    assert ["6-10"] in list(answers(RULES, "victim.age_bands", [NOT_SAID]))


def test_each_gap_can_be_filled() -> None:
    """For each gap some answer to one of its facts ends it: nobody is sent to ask in vain."""
    stories: dict[str, dict[str, Any]] = {
        "port-and-time": {"reported.ip_count": 1},
        "upload-time": {"content.count": 1},
        "still-public": {"content.count": 1},
        "viewed-or-not": {"content.viewed_not_said": 1},
        "danger-now": {"incident.type": "enticement"},
        "goes-on": {"source": "portal"},
        "other-children": {"source": "staff"},
        "paid": {"told.demanded": ["money"]},
        "recipient-age": {"recipient.count": 1},
        "account-state": {"reported.count": 1},
    }
    for gap in RULES.gaps:
        story = stories.get(gap.id, {})
        assert holds(gap.when, story), gap.id
        if gap.id == "viewed-or-not":  # of another file it may still not be said
            continue
        tried = [{**story, fact: one} for fact in gap.asks for one in answers(RULES, fact, story.get(fact))]
        assert any(not holds(gap.when, one) for one in tried), gap.id
    assert {FACTS[fact].kind for gap in RULES.gaps for fact in gap.asks} == set(Kind)
