"""Any way through the questions reaches the check; nothing is asked that nobody should have to say."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from amaan.portal.domain.answers import (
    LEFT_OUT,
    Fault,
    Unreadable,
    clean_text,
    input_names,
    known_answers,
    read_field,
    read_question,
    typed_again,
    typed_into,
)
from amaan.portal.domain.codes import is_whole
from amaan.portal.domain.once import made_from, new_nonce
from amaan.portal.domain.questions import (
    DISTRICTS,
    FIELDS,
    NEEDED,
    ORDER,
    QUESTIONS,
    Answer,
    Field,
    FieldKind,
    Question,
    Way,
    fields_of,
    is_enough,
    next_question,
    options_of,
    question_before,
    questions_of,
    standing,
)
from amaan.portal.domain.told import NotTold, Told, read_told
from amaan.portal.words import WAY_WORDS, field_words, option_words, question_words
from amaan.reports.domain.references import read_reference

pytestmark = pytest.mark.pure
TODAY = date(2026, 11, 22)
WAYS = st.sampled_from(Way)


def typed_for(field: Field) -> st.SearchStrategy[dict[str, list[str]]]:
    """What a browser may send for a field, sensible or not."""
    if field.kind in {FieldKind.DATE, FieldKind.COMING}:
        parts = st.sampled_from(["", "0", "3", "12", "31", "2026", "۲۰۲۵", "1900", "x", "-1"])
        return st.fixed_dictionaries({name: parts.map(lambda part: [part]) for name in input_names(field)})
    if field.options:
        return st.lists(st.sampled_from([*field.options, "never offered"]), max_size=4).map(
            lambda chosen: {field.key: chosen}
        )
    if field.kind is FieldKind.DISTRICT:
        return st.sampled_from(["", "PK604", "abroad", "PK9"]).map(lambda code: {field.key: [code]})
    return st.text(max_size=40).map(lambda text: {field.key: [text]})


def typed(question: Question) -> st.SearchStrategy[dict[str, list[str]]]:
    return st.tuples(*map(typed_for, question.fields)).map(
        lambda parts: {name: values for part in parts for name, values in part.items()}
    )


@settings(max_examples=60)
@given(WAYS, st.data())
def test_any_answers_and_skips_reach_the_check_and_go_back_the_same_way(
    way: Way, data: st.DataObject
) -> None:
    told, seen = Told(way), []
    asked = next_question(way, None, told.answers)
    while asked is not None:
        seen.append(asked.key)
        assert len(seen) <= len(ORDER[way])
        if data.draw(st.booleans()):
            told = told.without(asked)
        else:
            said = data.draw(typed(asked))
            told = told.with_answers(asked, read_question(way, asked, said, TODAY), typed_into(asked, said))
        asked = next_question(way, asked.key, told.answers)
    assert seen == [one.key for one in questions_of(way, told.answers)]
    back = []
    before = question_before(way, None, told.answers)
    while before is not None:
        back.append(before.key)
        before = question_before(way, before.key, told.answers)
    assert back == seen[::-1]
    assert read_told(json.loads(json.dumps(told.as_json()))) == told
    sent = told.to_send()
    assert sent["way"] == way
    assert set(sent) <= {"way", "unread", *FIELDS}
    assert json.loads(json.dumps(sent)) == sent


@settings(max_examples=60)
@given(WAYS, st.sampled_from([one for one in QUESTIONS.values() if one.fields]), st.data())
def test_what_was_read_is_read_again_from_the_form_that_shows_it(
    way: Way, question: Question, data: st.DataObject
) -> None:
    read = read_question(way, question, data.draw(typed(question)), TODAY)
    again = read_question(way, question, typed_again(question, read.answers), TODAY)
    assert (again.answers, dict(again.faults)) == (read.answers, {})
    assert known_answers(json.loads(json.dumps(dict(read.answers)))) == read.answers


@pytest.mark.parametrize("key", NEEDED)
def test_one_thing_is_enough(key: str) -> None:
    answer: Answer = ("x",) if FIELDS[key].kind is FieldKind.LINES else "x"
    assert is_enough({key: answer})
    assert not is_enough({key: ""})


def test_nothing_else_is_enough_and_a_hash_is() -> None:
    rest: dict[str, Answer] = {key: "x" for key in FIELDS if key not in NEEDED}
    assert not is_enough(rest)
    assert is_enough({}, hashes=1)
    assert not Told(Way.ME, answers=rest).is_enough


def test_an_answer_whose_question_is_taken_back_is_not_sent() -> None:
    said: dict[str, Answer] = {"contact": "yes", "contact_to": "0300 1234567", "what_happened": "x"}
    assert Told(Way.ME, answers=said).to_send()["contact_to"] == "0300 1234567"
    assert "contact_to" not in Told(Way.ME, answers={**said, "contact": "no"}).to_send()
    assert not is_enough(standing(Way.SAW, {"find_child": "at the canal"}))


def test_danger_shows_help_before_anything_else() -> None:
    for way in Way:
        assert [one.key for one in questions_of(way, {"danger": ("threat_now",)})][:2] == [
            "danger",
            "danger_help",
        ]
        assert "danger_help" not in [one.key for one in questions_of(way, {"danger": ("none",)})]


def test_nobody_is_asked_for_a_name_a_guardian_or_a_life() -> None:
    """By the keys, and by the words of every page."""
    forbidden = (
        "name of the child",
        "your full name",
        "cnic",
        "religion",
        "guardian",
        "in love",
        "consent",
        "married",
    )
    with translation.override("en"):
        for way in Way:
            for key in ORDER[way]:
                fields = fields_of(way, QUESTIONS[key])
                said = " ".join(
                    str(words)
                    for words in (
                        *question_words(key, way),
                        *(part for field in fields for part in field_words(field.key, way)),
                        *(option_words(f.key, option, way) for f in fields for option in options_of(way, f)),
                    )
                ).lower()
                assert [word for word in forbidden if word in said] == []
    asked = " ".join(FIELDS)
    for word in ("name", "cnic", "guardian", "orientation", "consent", "religion"):
        assert word not in asked


def test_every_question_field_and_option_has_words() -> None:
    for way in Way:
        assert WAY_WORDS[way].title
        for key in ORDER[way]:
            assert question_words(key, way).title
            for field in fields_of(way, QUESTIONS[key]):
                assert field_words(field.key, way).title
                assert all(option_words(field.key, option, way) for option in options_of(way, field))
    with translation.override("ur"):
        assert [code for code in sorted(DISTRICTS) if not option_words("district", code, Way.ME)] == []
        assert option_words("district", "PK604", Way.ME) == "بھکر"


def test_every_field_can_be_left_empty() -> None:
    for way in Way:
        for key in ORDER[way]:
            assert read_question(way, QUESTIONS[key], {}, TODAY).answers == {}


WHEN, COMING = FIELDS["when_date"], FIELDS["meeting_date"]


@pytest.mark.parametrize(
    ("field", "parts", "told"),
    [
        (WHEN, ("3", "11", "2026"), "2026-11-03"),
        (WHEN, ("", "11", "26"), "2026-11"),
        (WHEN, ("", "", "۲۰۲۵"), "2025"),
        (WHEN, ("23", "11", "2026"), "2026-11-23"),  # tomorrow here is today elsewhere
        (WHEN, ("24", "11", "2026"), Fault.AHEAD),
        (WHEN, ("31", "2", "2026"), Fault.NO_DATE),
        (WHEN, ("3", "", "2026"), Fault.NO_DATE),
        (WHEN, ("3", "11", ""), Fault.NO_DATE),
        (WHEN, ("soon", "", ""), Fault.NO_DATE),
        (WHEN, ("", "", "1901"), Fault.NO_DATE),
        (COMING, ("24", "12", ""), "2026-12-24"),
        (COMING, ("2", "1", ""), "2027-01-02"),
        (COMING, ("", "12", "2026"), Fault.NO_DATE),
    ],
)
def test_dates_are_read_as_people_write_them(field: Field, parts: tuple[str, str, str], told: str) -> None:
    data = {name: [part] for name, part in zip(input_names(field), parts, strict=True)}
    if isinstance(told, Fault):
        with pytest.raises(Unreadable) as caught:
            read_field(field, data, TODAY)
        assert caught.value.fault is told
    else:
        assert read_field(field, data, TODAY) == told


@given(st.dates(date(1940, 1, 1), TODAY + timedelta(days=1)))
def test_every_whole_day_until_tomorrow_is_read(day: date) -> None:
    data = dict(zip(input_names(WHEN), ([str(day.day)], [str(day.month)], [str(day.year)]), strict=True))
    assert read_field(WHEN, data, TODAY) == day.isoformat()


def test_what_is_too_long_is_said_and_kept() -> None:
    question, long = QUESTIONS["what_happened"], "x" * 10_001
    said = {"what_happened": [long], "stranger": ["y"]}
    read = read_question(Way.ME, question, said, TODAY)
    assert read.faults["what_happened"].size == 10_001
    told = Told(Way.ME).with_answers(question, read, typed_into(question, said))
    assert told.to_send()["unread"] == [f"what_happened: {long}"]
    with pytest.raises(Unreadable) as caught:
        read_field(FIELDS["links"], {"links": ["a\n" * 31]}, TODAY)
    assert (caught.value.fault, caught.value.most, caught.value.size) == (Fault.TOO_MANY, 30, 31)


@given(st.text())
def test_text_is_cleaned_once(text: str) -> None:
    assert clean_text(clean_text(text)) == clean_text(text)
    assert not {"\0", "\r", "\x1b"} & set(clean_text(text))


@pytest.mark.parametrize(
    "written", ["image/png;base64", "IMAGE/jpeg", "video/mp4;codecs=avc1;base64", "image/svg+xml"]
)
def test_no_picture_comes_as_text(written: str) -> None:
    lines = "\n".join(["QUJD" * 19] * 50)
    told = clean_text(f"He sent data:{written},{lines}== and then asked for money.")
    assert told == f"He sent {LEFT_OUT} and then asked for money."
    unread = replace(Told(Way.ME), typed={"when": {"when_date-day": [f"data:{written},{lines}"]}})
    assert unread.to_send()["unread"] == [f"when_date-day: {LEFT_OUT}"]


def test_words_about_data_stay() -> None:
    said = "data: image/png, my data:image and https://example.org/?data:text/html,abc"
    assert clean_text(said) == said


def test_no_name_is_shown_backwards() -> None:
    assert clean_text("\u202eabc\u202c \u2066x\u2069") == "abc x"


def test_urdu_keeps_its_joiners() -> None:
    assert clean_text(" می\u200cخواہم\r\n") == "می\u200cخواہم"


def test_none_of_these_gives_way_to_what_is_there() -> None:
    danger = FIELDS["danger"]
    assert read_field(danger, {"danger": ["none", "meeting"]}, TODAY) == ("meeting",)
    assert read_field(danger, {"danger": ["none"]}, TODAY) == ("none",)


def test_the_same_form_is_the_same_report_and_any_change_another() -> None:
    nonce = new_nonce()
    said = ["report", {"way": "me", "what_happened": "x"}, []]
    first = made_from(b"s" * 32, nonce, said)
    assert made_from(b"s" * 32, nonce, json.loads(json.dumps(said))) == first
    assert is_whole(first.code)
    assert read_reference(first.submission, "S") == first.submission
    others = [
        made_from(b"t" * 32, nonce, said),
        made_from(b"s" * 32, new_nonce(), said),
        made_from(b"s" * 32, nonce, ["report", {"way": "me", "what_happened": "x."}, []]),
    ]
    for part in ("code", "submission", "number"):
        assert len({getattr(made, part) for made in (first, *others)}) == 4
    assert first.code not in repr(first)


def test_what_is_not_ours_is_refused() -> None:
    good = Told(Way.SAW, answers={"links": ("https://example.org",)}).as_json()
    assert read_told(good).answers == {"links": ("https://example.org",)}
    parts: list[dict[str, object]] = [{"v": 2}, {"way": "us"}, {"hashes": [{}]}, {"typed": 1}]
    spoilt: list[object] = [{**good, **part} for part in parts]
    for broken in (None, [], {}, *spoilt):
        with pytest.raises(NotTold):
            read_told(broken)
