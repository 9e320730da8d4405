"""From answers to a draft: bands as the danger asks, nothing lost, and never an accusation of whoever tells it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from amaan.correspondence.domain.drafting import draft_of, entity_of
from amaan.correspondence.domain.words import Channel, Sender
from amaan.keyring.domain import IndexKeys, Sealer, blind_index, open_sealed
from amaan.portal.domain.envelopes import Kind, Telling
from amaan.portal.domain.questions import ABROAD, FIELDS, WAYS, FieldKind
from amaan.reports.domain.drafts import PartyRole, ReportDraft
from amaan.reports.domain.identifiers import NotUnderstood, clean
from amaan.reports.domain.preparing import Prepared, Seals, prepare_report
from amaan.triage.domain.engine import Assessment, assess
from amaan.triage.domain.facts import FACTS
from amaan.triage.domain.ruleset import Band, load_ruleset
from amaan.triage.rulebook import SHIPPED
from amaan.ui.templatetags.ui import sender
from amaan.vocabulary.domain.places import districts

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
KEY = b"k" * 32
SEALS = Seals(Sealer(1, KEY), IndexKeys(b"a" * 32, b"b" * 32, b"c" * 32, b"d" * 32))
RULES = load_ruleset(SHIPPED.read_bytes())
NUMBER = "S-0000-0000-0000"


def told(answers: dict[str, Any] | None = None, **more: Any) -> Telling:
    kind = more.pop("kind", Kind.REPORT)
    at = NOW.isoformat(timespec="seconds")
    return Telling(kind, at, "en", "00" * 16, "00" * 32, NUMBER, answers=answers or {}, **more)


def draft(*tellings: Telling) -> ReportDraft:
    return draft_of(tellings, number=NUMBER)


def rows(*tellings: Telling) -> Prepared:
    return prepare_report(
        draft(*tellings), seals=SEALS, digest=b"x" * 32, received_at=NOW, receipt=[], remainder=[]
    )


def judged(*tellings: Telling) -> Assessment:
    return assess(RULES, json.loads(rows(*tellings).facts))


@pytest.mark.parametrize(
    ("answers", "floor"),
    [
        ({"way": "threat"}, Band.ONE_DAY),
        ({"way": "threat", "demanded": ["money"], "what_happened": "he wants money"}, Band.ONE_DAY),
        ({"way": "me", "happening": ["threat"]}, Band.ONE_DAY),
        ({"way": "child", "danger": ["child_with_person"]}, Band.ONE_DAY),
        ({"way": "saw", "danger": ["live_now"]}, Band.ONE_DAY),
        ({"way": "saw", "happening": ["live"]}, Band.ONE_DAY),
        ({"way": "me", "danger": ["meeting"], "meeting_date": "2026-11-29"}, Band.ONE_DAY),
        ({"way": "me", "danger": ["self_harm"]}, Band.ONE_DAY),
        ({"way": "child", "danger": ["missing"]}, Band.ONE_DAY),
        ({"way": "me", "danger": ["threat_now"]}, Band.ONE_DAY),
        ({"way": "child", "happening": ["hurt"], "person": "parent"}, Band.ONE_DAY),
        ({"way": "child", "happening": ["hurt"], "district": "PK701"}, Band.ONE_DAY),
        ({"way": "child", "happening": ["asks_pictures"], "victim_age": "11-13"}, Band.ONE_DAY),
        ({"way": "child", "person": "religious_teacher"}, Band.ONE_WEEK),
        ({"way": "me", "happening": ["asks_pictures"], "danger": ["none"]}, Band.ONE_WEEK),
        ({"way": "me", "happening": ["sends_sexual"]}, Band.TWO_WEEKS),
        ({"way": "saw", "links": ["https://pictures.example/1"]}, None),
        (
            {
                "way": "saw",
                "happening": ["group"],
                "groups": ["https://chat.whatsapp.com/AbCdEfGhIjKlMnOpQrStUv"],
            },
            None,
        ),
    ],
)
def test_a_danger_that_is_told_sets_its_floor(answers: dict[str, Any], floor: Band | None) -> None:
    found = judged(told(answers))
    assert found.floor == floor
    if floor is None:
        assert found.band > Band.ONE_DAY


def test_a_wish_to_withdraw_lowers_nothing_and_no_safety_raises() -> None:
    seen = told({"way": "saw", "links": ["https://pictures.example/1"]})
    assert judged(seen, told(kind=Kind.WITHDRAW, safe="yes")).band <= judged(seen).band
    assert judged(seen, told(kind=Kind.WITHDRAW, safe="no")).floor is Band.ONE_DAY


def test_what_is_known_of_a_threat_stands_where_it_belongs() -> None:
    found = draft(
        told(
            {
                "way": "threat",
                "platforms": ["instagram"],
                "accounts": ["quiet_sparrow_99", "https://www.tiktok.com/@sample.name"],
                "phones": ["0300-1234567"],
                "groups": ["https://chat.whatsapp.com/AbCdEfGhIjKlMnOpQrStUv", "Class 9 boys"],
                "links": ["https://pictures.example/1"],
                "pay_ways": ["easypaisa"],
                "pay_numbers": ["0345 1234567", "PK36 SCBL 0000 0011 2345 6702"],
                "victim_age": "14-15",
                "victim_sex": "boy",
                "district": "PK701",
                "venue": "school",
                "person": "stranger_online",
                "contact": "yes",
                "contact_how": ["call"],
                "contact_to": "0311-7654321",
                "contact_care": "my brother reads this phone",
                "later": {"a question": ["of a later version"]},
            }
        )
    )
    victim, reported, reporter = found.parties
    assert (victim.role, victim.band, victim.sex) == (PartyRole.VICTIM, "14-15", "male")
    assert [(place.district, str(place.venue)) for place in victim.places] == [("PK701", "school")]
    assert [(one.type, one.platform) for one in reported.identifiers] == [
        ("handle", "instagram"),
        ("handle", ""),
        ("phone", ""),
        ("group_id", "instagram"),
        ("mobile_wallet", "easypaisa"),
        ("bank", ""),
    ]
    assert reported.relationship == "online"
    assert [(one.type, one.raw) for one in reporter.identifiers] == [("phone", "0311-7654321")]
    assert reporter.role is PartyRole.REPORTER
    assert [(one.type, one.raw) for one in found.incidents[0].identifiers] == [
        ("url", "https://pictures.example/1"),
        ("invitation", "https://chat.whatsapp.com/AbCdEfGhIjKlMnOpQrStUv"),
    ]
    assert found.details["not_known"] == {"later": {"a question": ["of a later version"]}}
    assert judged(told({"way": "threat", "victim_age": "14-15"})).floor is Band.ONE_DAY


def test_what_was_chosen_stands_in_the_facts_and_what_is_chosen_later_adds() -> None:
    first = told(
        {"way": "me", "happening": ["offer"], "paid": "no", "when": "week", "find_child": "blue gate"}
    )
    later = told(
        {
            "way": "threat",
            "demanded": ["money", "silence"],
            "paid": "yes",
            "when": "now",
            "platforms": ["imo", "game"],
        }
    )
    facts = json.loads(rows(first, later).facts)
    assert {name: value for name, value in facts.items() if name.startswith("told.")} == {
        "told.way": ["me", "threat"],
        "told.happening": ["offer"],
        "told.demanded": ["money", "silence"],
        "told.when": ["now", "week"],
        "told.paid": "yes",
        "told.platforms": 2,
        "told.find_child": True,
    }
    assert "blue gate" not in rows(first, later).facts


def test_hashes_become_content_once_each_and_a_malformed_one_does_no_harm() -> None:
    one = {"kind": "photo", "sha256": "ab" * 32, "pdq": "cd" * 32, "quality": 90, "frames": []}
    found = rows(told({"way": "me"}, hashes=(one, one, {"sha256": 7}, {"pdq": "x"})))
    assert [(row[4], row[5], row[6]) for row in found.contents] == [(b"\xab" * 32, b"\xcd" * 32, 90)]


ODD = st.text(max_size=40) | st.sampled_from(
    ["0300-1234567", "quiet_sparrow", "a@b.example", "https://x.example/@y"]
)


def _value(key: str) -> st.SearchStrategy[Any]:
    one = FIELDS[key]
    if one.kind is FieldKind.CHOICES:
        return st.lists(st.sampled_from(one.options), min_size=1, max_size=4, unique=True)
    if one.kind is FieldKind.CHOICE:
        return st.sampled_from(one.options)
    if one.kind is FieldKind.LINES:
        return st.lists(ODD, min_size=1, max_size=3)
    if one.kind is FieldKind.DISTRICT:
        return st.sampled_from([ABROAD, *(place.pcode for place in districts())])
    if one.kind in {FieldKind.DATE, FieldKind.COMING}:
        return st.sampled_from(["2026-11-22", "2026-12-24", "2026-11", "2025", "no day"])
    return ODD


answers = st.fixed_dictionaries(
    {"way": st.sampled_from([str(way) for way in WAYS])},
    optional={key: _value(key) for key in sorted(FIELDS)},
)
anything = st.dictionaries(
    st.sampled_from([*FIELDS, "way", "odd"]),
    st.recursive(st.none() | st.booleans() | ODD, lambda inner: st.lists(inner, max_size=3), max_leaves=4),
    max_size=8,
)


@settings(max_examples=80)
@given(answers)
def test_whoever_tells_is_never_the_one_who_is_reported(said: dict[str, Any]) -> None:
    found = rows(told(said))
    facts = json.loads(found.facts)
    assert all(value in FACTS[name].words for name in ("incident.type",) for value in [facts[name]])
    assert set(facts["incident.annotations"]) <= FACTS["incident.annotations"].words
    contact = said.get("contact_to", "")
    elsewhere = [
        line for key in ("accounts", "phones", "pay_numbers", "groups", "links") for line in said.get(key, [])
    ]
    for party in draft(told(said)).parties:
        if party.role is not PartyRole.REPORTER:
            assert all(one.raw in elsewhere for one in party.identifiers)
    if contact:
        normal = _normal(contact)
        as_party = {blind_index(SEALS.index.parties, kind, value) for kind, value in normal}
        mine = {blind_index(SEALS.index.reporters, kind, value) for kind, value in normal}
        held = {row[0]: row for row in found.identifiers}
        assert all(held[key][3] is None for key in mine & set(held))  # sealed, under the reporters' own key
        if not {term for line in elsewhere for term in _normal(line)} & normal:
            assert not as_party & set(held)


def _normal(text: str) -> set[tuple[str, str]]:
    found = set()
    for kind in ("phone", "email", "handle", "other", "mobile_wallet", "url", "group_id"):
        try:
            found.add((kind, clean(kind, text).normalised))
        except NotUnderstood:
            continue
    return found


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for one in value.values() for text in _strings(one)]
    return [text for one in value for text in _strings(one)] if isinstance(value, list) else []


@settings(max_examples=80)
@given(anything)
def test_nothing_that_was_answered_is_lost_whatever_it_is(said: dict[str, Any]) -> None:
    """Every text of the answers stands in the draft, so that sealing and the page can find it."""
    found = draft(told(said))
    whole = repr(found)
    for text in _strings(said):
        assert repr(text)[1:-1] in whole


@settings(max_examples=40)
@given(
    answers, st.lists(answers, max_size=2), st.text(max_size=30), st.sampled_from(["yes", "no", "not_said"])
)
def test_what_is_said_later_never_lowers_a_floor(
    first: dict[str, Any], later: Sequence[dict[str, Any]], text: str, safe: str
) -> None:
    before = judged(told(first))
    after = judged(
        told(first),
        *(told(one) for one in later),
        told(kind=Kind.MESSAGE, text=text),
        told(kind=Kind.WITHDRAW, safe=safe, text=text),
    )
    assert (after.floor or Band.THIRTY_DAYS) <= (before.floor or Band.THIRTY_DAYS)


def test_a_reporters_way_to_be_reached_is_sealed() -> None:
    found = rows(told({"way": "saw", "contact_to": "0311-7654321", "contact_care": "not at night"}))
    (party,) = found.parties
    assert party[1] == "reporter"
    sealed = party[-1]
    assert b"7654321" not in sealed
    kept = json.loads(open_sealed(KEY, f"reports_party/{found.place}.0/sealed", sealed))
    assert kept["details"]["contact"]["to"] == "0311-7654321"


@pytest.mark.parametrize(
    ("chosen", "typed", "platform"),
    [
        (["other"], "Kite Line", "Kite Line"),
        (["other"], "an app that my cousin has on his phone", ""),
        (["other", "instagram"], "Kite Line", ""),
    ],
)
def test_a_platform_that_was_typed_says_whose_the_name_is(
    chosen: list[str], typed: str, platform: str
) -> None:
    found = draft(
        told({"way": "saw", "platforms": chosen, "platform_other": typed, "accounts": ["quiet_sparrow_99"]})
    )
    (reported,) = found.parties
    assert [(one.type, one.platform) for one in reported.identifiers] == [("handle", platform)]


def test_every_way_in_has_a_name_in_both_languages() -> None:
    """What is stored as the reporting entity of Amaan's own ways in; a letter's office abroad keeps its name."""
    stored = {entity_of(Channel.DOOR, ""), entity_of(Channel.WALK_IN, "")}
    stored |= {entity_of(Channel.LETTER, str(kind)) for kind in Sender}
    with translation.override("ur"):
        shown = {name: sender(name) for name in stored}
    assert {name for name, said in shown.items() if name == said} == {"INTERPOL NCB"}
    assert sender("Pixboard") == "Pixboard"
