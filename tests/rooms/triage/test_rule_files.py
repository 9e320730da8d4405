"""What a rule file must say, and how it is refused when it does not."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from amaan.referrals.domain.cybertipline import CHANNELS, FILE_ANNOTATIONS, REPORT_ANNOTATIONS
from amaan.reports.domain.drafts import ContentDraft, PartyDraft, PartyRole, ReportDraft, Said, Source
from amaan.reports.domain.fact_words import FACT_WORDS, SELDOM_WORDS
from amaan.reports.domain.facts import facts_of
from amaan.reports.domain.identifiers.registry import TYPES
from amaan.triage.domain.conditions import BadCondition, compile_condition, holds, leaves, parse, spell
from amaan.triage.domain.facts import FACTS, Kind
from amaan.triage.domain.promises import AT_ONCE
from amaan.triage.domain.ruleset import BadRuleFile, Band, load_ruleset, read_ruleset
from amaan.triage.rulebook import SHIPPED
from amaan.vocabulary.domain.ages import age_band

pytestmark = pytest.mark.pure

FILE = SHIPPED.read_text(encoding="utf-8")


def _rule(**changes: str | None) -> str:
    """The shipped file with one more rule at its end; `changes` replace that rule's lines."""
    lines: dict[str, str | None] = {
        "id": '"a-new-rule"',
        "axis": '"danger"',
        "weight": "5",
        "when": '{ fact = "victim.named", is = true }',
        "reason.en": '"Because."',
        "reason.ur": '"کیونکہ۔"',
        "source": '"a test"',
    }
    lines.update(changes)
    body = "\n".join(f"{key} = {value}" for key, value in lines.items() if value is not None)
    return f"{FILE}\n[[rule]]\n{body}\n"


def _refused(text: str) -> BadRuleFile:
    with pytest.raises(BadRuleFile) as caught:
        load_ruleset(text.encode())
    return caught.value


def test_the_helper_rule_is_sound() -> None:
    assert load_ruleset(_rule().encode()).rule("a-new-rule").weight == 5


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"when": '{ fact = "victim.nickname", is = true }'}, "unknown fact 'victim.nickname'"),
        ({"when": '{ fact = "victim.named", equals = true }'}, "unknown operator 'equals'"),
        ({"when": '{ fact = "victim.named", at_least = 1 }'}, "is a flag; at_least does not ask"),
        ({"when": '{ fact = "incident.type", is = "robbery" }'}, "never reads 'robbery'"),
        ({"when": '{ fact = "incident.type", is = "not_said" }'}, "said = false"),
        ({"when": '{ fact = "content.classes", any_of = [] }'}, "a list of words that is not empty"),
        ({"when": '{ fact = "victim.count", at_least = "two" }'}, "a whole number"),
        ({"when": '{ fact = "victim.count", at_least = 1, at_most = 2 }'}, "exactly one operator; found 2"),
        ({"when": "{ all = [] }"}, "not empty"),
        ({"when": '{ none = [{ fact = "victim.named", is = true }] }'}, "expected fact, all, any or not"),
        ({"when": None}, "a condition must be a table"),
        ({"axis": '"severity"'}, "axis must be one of"),
        ({"weight": "5.5"}, "weight must be a whole number"),
        ({"weight": "101"}, "between -100 and 100"),
        ({"weight": "-5"}, "nothing lowers danger"),
        ({"floor": '"at_once"'}, "floor must be one of"),
        ({"reason.ur": None}, "reason.ur is missing"),
        ({"reason.en": '""'}, "reason.en is missing"),
        ({"reason.ur": '"Because."'}, "not written in Urdu"),
        ({"source": None}, "source is missing"),
        ({"colour": '"red"'}, "unknown key colour"),
        ({"id": '"viral"'}, "stands twice"),
        ({"when": '{ fact = "victim.districts", any_of = ["PK701"] }'}, "where somebody lives is no reason"),
        ({"when": '{ fact = "victim.sexes", any_of = ["girl"] }'}, "a child's sex is no reason"),
        ({"axis": '"clock"', "floor": '"one_day"'}, "only a rule about danger may set a floor"),
        ({"when": '{ fact = "text.length", at_least = 5 }'}, "may not touch danger"),
        ({"when": '{ fact = "content.annotations", any_of = ["viral"] }'}, "may not touch danger"),
        ({"when": '{ fact = "victim.age_bands", said = false }'}, "may not rest on what was not told"),
        ({"when": '{ not = { fact = "reported.named", is = true } }'}, "may not rest on what was not told"),
        (
            {
                "axis": '"novelty"',
                "weight": "-5",
                "when": '{ fact = "content.annotations", any_of = ["generative_ai"] }',
            },
            "may never cost points",
        ),
        (
            {"axis": '"actionability"', "when": '{ not = { fact = "victim.named", is = true } }'},
            "may never cost points",
        ),
    ],
)
def test_a_bad_rule_is_refused_by_name_line_and_cause(changes: dict[str, str | None], cause: str) -> None:
    text = _rule(**changes)
    error = _refused(text)
    line = text.splitlines().index("[[rule]]", text.rindex("[[rule]]") and len(FILE.splitlines())) + 1
    assert cause in error.cause
    assert error.line == line
    assert str(line) in str(error)
    if "id" not in changes:
        assert error.where == "rule a-new-rule"


@pytest.mark.parametrize(
    ("old", "new", "cause"),
    [
        ("when = [{ danger = 28 }", "when = [{ danger = 101 }", "never gets to 101, at most 100"),
        ("when = [{ danger = 28 }", "when = [{ danger = 80 }", "is caught by one_day"),
        ("[axis.danger]", "colour = 1\n[axis.danger]", "unknown table colour"),
        ("cap = 100", "cap = 101", "cap ≤ 100 must hold"),
        ("when = [{ danger = 28 }", "when = [{ quality = 45 }", "completeness is not priority"),
        ("when = [{ danger = 28 }", "when = [{ hurry = 45 }", "each alternative is a table"),
        ("hours = 168", "hours = 12", "hours must grow"),
        ("hours = 168", "hours = 169", "hours may not exceed 168"),
        ("hours = 720", "hours = 721", "hours may not exceed 720"),
        ('id = "one_week"\nhours', 'id = "one_month"\nhours', "needs an id|the bands are"),
        ('version = "pk-2026.4"', "version = 1", "must be a word"),
        ("[axis.clock]", "[axis.hurry]", "the five axes"),
        ('ur = "1 دن" }', 'ur = "" }', "name.ur is missing"),
        ("[[rule]]", "[[rule", "not TOML"),
    ],
)
def test_a_bad_file_is_refused(old: str, new: str, cause: str) -> None:
    assert old in FILE
    assert re.search(cause, _refused(FILE.replace(old, new, 1)).cause)


@pytest.mark.parametrize(("fact", "word"), AT_ONCE)
def test_a_danger_that_happens_now_keeps_its_floor(fact: str, word: str) -> None:
    """Whoever takes the word out of every rule that sets the soonest floor is told which one is missing."""
    parts = FILE.split("[[rule]]")
    kept = [part for part in parts if f'"{fact}"' not in part or f'"{word}"' not in part]
    assert len(kept) < len(parts)
    cause = f"{fact} = {word}, told alone, must set the floor one_day; no rule does that"
    assert _refused("[[rule]]".join(kept)).cause == cause


def test_a_floor_that_asks_for_one_thing_more_is_no_floor() -> None:
    rule = 'when = { fact = "content.annotations", any_of = ["live_streaming"] }'
    narrow = f'when = {{ all = [{rule[7:]}, {{ fact = "reported.payment", is = true }}] }}'
    assert "live_streaming, told alone" in _refused(FILE.replace(rule, narrow, 1)).cause


def test_what_was_in_force_before_is_read_whatever_is_promised_today() -> None:
    old = FILE.replace("hours = 24\n", "hours = 25\n").replace('floor = "one_day"\n', "")
    assert _refused(old).cause.startswith("content.annotations = live_streaming")
    assert read_ruleset(old.encode()).bands[Band.ONE_DAY].hours == 25


def test_a_missing_last_band_is_refused() -> None:
    start, end = FILE.index('[[band]]\nid = "thirty_days"'), FILE.index("[[rule]]")
    assert "needs all of" in _refused(FILE[:start] + FILE[end:]).cause


def test_bytes_that_are_not_utf_8_are_refused() -> None:
    with pytest.raises(BadRuleFile, match="not UTF-8"):
        load_ruleset(b'version = "\xff"')


def test_the_digest_is_of_the_bytes() -> None:
    one, two = load_ruleset(FILE.encode()), load_ruleset(f"{FILE}# a word more\n".encode())
    assert one.digest != two.digest
    assert len(one.digest) == 64


def test_every_operator_compiles_as_it_reads() -> None:
    table = {
        "any": [
            {
                "all": [
                    {"fact": "victim.count", "at_least": 2},
                    {"fact": "victim.count", "at_most": 4},
                    {"fact": "victim.named", "is": True},
                ]
            },
            {"not": {"fact": "victim.age_bands", "said": True}},
            {"fact": "reported.relationship", "in": ["parent", "carer"]},
        ]
    }
    condition = parse(table)
    test = compile_condition(condition)
    for story, expected in (
        ({"victim.count": 3, "victim.named": True, "victim.age_bands": ["0-5"]}, True),
        ({"victim.count": 5, "victim.named": True, "victim.age_bands": ["0-5"]}, False),
        ({"victim.age_bands": ["not_said"]}, True),
        ({"victim.age_bands": ["0-5"], "reported.relationship": "carer"}, True),
        ({"victim.age_bands": ["0-5"], "reported.relationship": "not_said"}, False),
    ):
        assert test(story) is expected
        assert holds(condition, story) is expected
    assert spell(condition) == (
        "(victim.count ≥ 2 and victim.count ≤ 4 and victim.named) or not (victim.age_bands is said) "
        "or reported.relationship is any of carer, parent"
    )


def test_a_number_that_nobody_told_is_not_at_least_nothing() -> None:
    condition = parse({"fact": "reported.count", "at_least": 0})
    assert not compile_condition(condition)({})
    assert not holds(condition, {})


@pytest.mark.parametrize(
    ("fact", "words"),
    [
        ("source", {str(source) for source in Source}),
        ("content.annotations", set(FILE_ANNOTATIONS.values())),
        ("incident.annotations", set(REPORT_ANNOTATIONS.values())),
        ("incident.channels", set(CHANNELS.values())),
        ("law_enforcement.reported", {str(said) for said in Said}),
        ("victim.age_bands", {age_band(age, None, date(2026, 1, 1)) for age in (None, *range(90))}),
    ],
)
def test_rules_know_every_word_that_the_intake_uses(fact: str, words: set[str]) -> None:
    """A word of the intake that no rule may name would be a danger that nobody can weigh."""
    assert words <= FACTS[fact].words


def test_identifier_types_named_by_rules_exist() -> None:
    named = set()
    for rule in load_ruleset(SHIPPED.read_bytes()).rules:
        for leaf, _ in leaves(rule.when):
            if leaf.fact == "identifiers.types" and isinstance(leaf.value, frozenset):
                named |= leaf.value
    assert named
    assert named <= set(TYPES)


def test_the_facts_here_are_the_facts_of_the_intake() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    draft = ReportDraft(
        Source.LE_JSON,
        "x",
        "1",
        incident_at="2025-12-30T00:00:00Z",
        parties=[PartyDraft(PartyRole.VICTIM, age=12), PartyDraft(PartyRole.REPORTED, age=40)],
        contents=[ContentDraft(uploaded_at="2025-12-31T00:00:00Z", classification="A1")],
    )
    made = {**facts_of(draft, at, types={"ip"}, district_codes={}, remainder=0, country="PK"), "version": 1}
    assert set(made) == set(FACT_WORDS) - set(SELDOM_WORDS)
    kinds = {Kind.FLAG: bool, Kind.NUMBER: int, Kind.WORD: str, Kind.WORDS: list}
    for name, value in made.items():
        spec = FACTS[name]
        assert type(value) is kinds[spec.kind], name
        said = value if isinstance(value, list) else [value]
        assert not spec.words or set(said) <= spec.words, name


@given(st.text(max_size=30) | st.from_regex(r"(victim|reported|incident|text)\.[a-z_]{1,20}", fullmatch=True))
def test_nothing_but_the_listed_facts_can_be_asked(name: str) -> None:
    """The language reads facts of child sexual exploitation alone: the list is closed, and no path leads around it."""
    assume(name not in FACTS)
    with pytest.raises(BadCondition, match="unknown fact"):
        parse({"fact": name, "is": True})


@pytest.mark.parametrize(
    "name",
    [
        "reported.religion",
        "victim.race",
        "reported.languages",
        "reporter.named",
        "text.words",
        "party.name",
        "unit",
    ],
)
def test_who_somebody_is_can_not_be_asked(name: str) -> None:
    assert f"unknown fact '{name}'" in _refused(_rule(when=f'{{ fact = "{name}", is = true }}')).cause


@pytest.mark.parametrize("at", [1, 40, 400])
def test_every_refusal_names_a_line(at: int) -> None:
    """Whatever a person breaks, they are led to a line of the file."""
    lines = FILE.splitlines()
    for broken in ("[[rule", "[[rule]]", "[axis.danger]", 'colour = "red"', "[[missing]]\nid = 1", "\ud800"):
        text = "\n".join([*lines[:at], broken, *lines[at:]])
        with pytest.raises(BadRuleFile) as caught:
            load_ruleset(text.encode("utf-8", "surrogatepass"))
        assert caught.value.line, broken
        assert caught.value.cause
