"""Sections of the law: what fits is told with a reason, and never points at the child or at whoever tells."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from tests.rooms.triage.test_rules import facts as any_facts

from amaan.triage.domain.facts import FACTS
from amaan.triage.domain.rule_tables import BadRuleFile
from amaan.triage.domain.sections import DONE, NARROWING, fitting, load_sections
from amaan.triage.rulebook import SECTIONS
from amaan.vocabulary.domain import offences

pytestmark = pytest.mark.pure

FILE = SECTIONS.read_text(encoding="utf-8")
LAW = load_sections(FILE.encode())
Story = dict[str, Any]


def _told(key: str, *words: str) -> Story:
    return {f"told.{key}": list(words)}


def _marks(*words: str) -> Story:
    return {"incident.annotations": list(words)}


SOLD = {"incident.type": "sex_trafficking"}
# section: (fits, does not fit)
STORIES: dict[str, tuple[Story, Story]] = {
    "sextortion": (_marks("sextortion"), {"incident.type": "csam"}),
    "pictures-spread": (_told("happening", "pictures_shared"), _told("happening", "group")),
    "luring": ({"incident.type": "enticement"}, {"incident.type": "not_said"}),
    "material": ({"incident.type": "csam"}, {"match.near": ["csam"], "content.count": 3}),
    "material-live": (
        {"content.annotations": ["live_streaming"]},
        {"content.annotations": ["anime"]},
    ),
    "material-made": ({"content.annotations": ["generative_ai"]}, {"content.annotations": ["anime"]}),
    "paid": ({**SOLD, "reported.payment": True}, {"incident.type": "csam", "reported.payment": True}),
    "lured-away": (_told("promised", "job"), _told("promised", "friendship")),
    "missing": (_marks("child_missing"), {"victim.located": False}),
    "trafficking": (SOLD, _told("happening", "offer")),
    "sold": (SOLD, _told("happening", "taken")),
    "girl-procured": ({**SOLD, "victim.sexes": ["girl"]}, {**SOLD, "victim.sexes": ["boy"]}),
    "under-fourteen": (
        {**SOLD, "victim.age_bands": ["11-13"]},
        {**SOLD, "victim.age_bands": ["14-15", "not_said"]},
    ),
    "taken": (_told("happening", "taken"), SOLD),
    "kept": (_told("happening", "taken"), _marks("child_missing")),
    "hands-on": ({"incident.type": "molestation"}, {"incident.type": "csam"}),
    "hands-on-grave": ({"incident.type": "molestation"}, _told("happening", "hidden_camera")),
    "shown-to-a-child": (_told("happening", "sends_sexual"), _told("happening", "threat")),
    "extortion": (_told("demanded", "money"), _told("demanded", "silence")),
    "intimidation": (_marks("threat_now"), _marks("meeting_arranged")),
    "false-pictures": (
        _told("happening", "fake_pictures", "pictures_shared"),
        _told("happening", "fake_pictures"),
    ),
    "camera": (_told("happening", "hidden_camera"), _told("happening", "live")),
    "privacy": (_told("happening", "hidden_camera"), _told("happening", "hurt")),
    "cruelty": (_marks("sadistic"), _marks("sextortion")),
}
NOT_OFFERED = {
    "peca-16": "no fact tells that somebody used a false name",
    "peca-24a": "what it asks is told by 21 and 22A already, which are cognizable",
    "ppc-292b": "omitted in 2023",
    "ppc-369a": "omitted",
    "ppc-376a": "an offence of whoever tells of a victim, a reporter too",
    "ppc-292-294": "older, for obscene things in general; 22 and 292A fit a child",
    "ppc-354a": "the facts do not tell of it",
    "ppc-365b": "the purpose, a forced marriage, is told by no fact",
    "ppc-366b": "bringing somebody in from abroad is told by no fact",
    "ppc-367a": "the purpose is told by no fact",
    "ppc-377": "what was told does not say which act; 377A and 375 stand in its place",
    "kp-48": "provincial; read in secondary sources alone",
    "pb-40": "provincial; read in secondary sources alone",
}


def _ids(story: Story) -> set[str]:
    return {section.id for section in fitting(LAW, story).sections}


def test_every_section_has_a_story() -> None:
    assert set(STORIES) == {section.id for section in LAW.sections}


@pytest.mark.parametrize("section", sorted(STORIES))
def test_a_section_fits_its_story_and_not_a_near_miss(section: str) -> None:
    fits, misses = STORIES[section]
    offence = next(one.offence for one in LAW.sections if one.id == section)
    assert section in _ids(fits)
    assert section not in _ids(misses)
    assert offence.in_force
    assert offence.cognizable in {"yes", "no", "not_confirmed"}


def test_every_offence_of_the_vocabulary_is_offered_or_excused() -> None:
    offered = {section.offence.id for section in LAW.sections}
    assert offered.isdisjoint(NOT_OFFERED)
    assert offered | set(NOT_OFFERED) == set(offences())


def test_one_offence_stands_once_with_the_first_reason_that_holds() -> None:
    story = {"incident.type": "csam", "content.annotations": ["live_streaming", "generative_ai"]}
    assert [one.id for one in fitting(LAW, story).sections if one.offence.id == "peca-22"] == ["material"]


_OF_OTHERS = {name: value for name, value in FACTS.items() if name not in DONE}


@given(any_facts)
def test_what_the_child_or_the_reporter_did_brings_no_section(story: Story) -> None:
    """Everything but a deed of somebody else may be told, in any mixture, and nothing fits."""
    silent = {name: value for name, value in story.items() if name in _OF_OTHERS}
    for name, words in DONE.items():
        value = story.get(name)
        if isinstance(value, list):
            silent[name] = [word for word in value if word not in words]
    assert fitting(LAW, silent).sections == ()


@given(any_facts)
def test_where_a_child_may_stand_behind_it_no_section_speaks_of_the_material(story: Story) -> None:
    marked = {
        **story,
        "content.annotations": [*story.get("content.annotations", []), "possible_self_production"],
    }
    for one in (marked, {**story, "reported.minor": "yes"}, {**story, **_marks("minor_to_minor")}):
        found = fitting(LAW, one)
        assert not any(section.material for section in found.sections)
        assert found.children is not None
        assert "safeguarding first" in found.children.en


def test_what_an_adult_did_to_the_child_is_not_held_back() -> None:
    story = {
        **_marks("sextortion"),
        "incident.type": "csam",
        "content.annotations": ["possible_self_production"],
    }
    found = fitting(LAW, story)
    assert {one.offence.id for one in found.sections} >= {"peca-21", "ppc-503"}
    assert found.held_back


def _section(**changes: str) -> str:
    lines = {
        "id": '"another"',
        "offence": '"peca-21"',
        "about": '"conduct"',
        "when": '{ fact = "incident.annotations", any_of = ["sextortion"] }',
        "reason.en": '"Because."',
        "reason.ur": '"کیونکہ۔"',
        "source": '"a test"',
    } | changes
    return f"{FILE}\n[[section]]\n" + "".join(f"{key} = {value}\n" for key, value in lines.items())


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"offence": '"peca-99"'}, "unknown offence"),
        ({"offence": '"ppc-292b"'}, "not in force"),
        ({"offence": '"ppc-376a"'}, "may point at whoever tells"),
        ({"about": '"people"'}, "conduct or material"),
        ({"source": '""'}, "source is missing"),
        (
            {"when": '{ fact = "content.annotations", any_of = ["possible_self_production"] }'},
            "does not tell what somebody else did",
        ),
        ({"when": '{ fact = "told.paid", is = "yes" }'}, "does not tell what somebody else did"),
        ({"when": '{ fact = "told.way", any_of = ["me"] }'}, "does not tell what somebody else did"),
        ({"when": '{ fact = "victim.age_bands", any_of = ["0-5"] }'}, "each way in which it can hold"),
        (
            {
                "when": '{ any = [{ fact = "incident.type", is = "csam" }, '
                '{ fact = "victim.sexes", any_of = ["girl"] }] }'
            },
            "each way in which it can hold",
        ),
        ({"when": '{ not = { fact = "incident.type", is = "csam" } }'}, "may rest on what was not told"),
        ({"reason.ur": '"Because."'}, "not written in Urdu"),
    ],
)
def test_a_bad_section_is_refused_by_name_line_and_cause(changes: dict[str, str], cause: str) -> None:
    text = _section(**changes)
    with pytest.raises(BadRuleFile, match="section another") as caught:
        load_sections(text.encode())
    assert cause in caught.value.cause
    assert caught.value.line == len(FILE.splitlines()) + 2


def test_the_children_s_part_may_not_be_narrowed() -> None:
    with pytest.raises(BadRuleFile, match="where a child is reported"):
        load_sections(FILE.replace('{ fact = "reported.minor", is = "yes" },', "").encode())


def test_what_narrows_a_section_is_no_deed() -> None:
    assert NARROWING.isdisjoint(DONE)
    for name, words in DONE.items():
        assert words <= FACTS[name].words
