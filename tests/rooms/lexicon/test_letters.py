"""Letters made plain: every offset leads back, and what a reader doesn't see makes no difference."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amaan.lexicon.domain.letters import key, plain, skeleton

pytestmark = pytest.mark.pure
ANYTHING = st.text(max_size=200)


@given(ANYTHING)
def test_offsets_lead_back_to_the_original(text: str) -> None:
    made = plain(text)
    assert len(made.text) == len(made.at)
    assert list(made.at) == sorted(made.at)
    assert all(0 <= index < len(text) for index in made.at)
    for index, character in enumerate(made.text):
        assert character in plain(text[made.at[index]]).text


@given(ANYTHING)
def test_what_is_plain_already_stays_as_it_is(text: str) -> None:
    once = plain(text).text
    assert plain(once).text == once


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("рhоtо", "photo"),
        ("ＮＩＪＩ", "niji"),
        ("𝑠𝑡𝑖𝑙𝑙", "still"),
        ("S̲H̲O̲W̲S̲", "shows"),
        ("t\u200bo d\u202eay", "to day"),
        ("نجي تصويريں", "نجی تصویرین"),
        ("تـــصـــویر", "تصویر"),
        ("١٣ ۱۳ १३", "13 13 13"),
        ("🅿🅸🅲", "pic"),
        ("لړکي ډر ګيا ټيچر", "لڑکی ڈر گیا ٹیچر"),
    ],
)
def test_what_looks_alike_is_one(written: str, read: str) -> None:
    assert plain(written).text == read


@pytest.mark.parametrize(
    "spellings",
    [
        ("tasveer", "tasveeer", "tasweer", "tasvir"),
        ("paisay", "paisai", "paisey", "paise"),
        ("zindagi", "jindagi", "zindagee"),
        ("qabool", "kabool", "qabul"),
    ],
)
def test_spellings_of_roman_urdu_have_one_key(spellings: tuple[str, ...]) -> None:
    assert len({key(word) for word in spellings}) == 1


def test_consonants_are_what_stays_of_a_chat_spelling() -> None:
    assert {skeleton(key(word)) for word in ("tasveer", "tsveer", "tasaweer", "tasver")} == {"tsvr"}
    assert skeleton("تصویر") == ""


def test_a_drawn_out_urdu_word_is_the_word_and_gone_is_not_will() -> None:
    assert key(plain("دھمکییییی").text) == key(plain("دھمکی").text)
    assert key(plain("گئی").text) != key(plain("گی").text)
    assert key(plain("کئی").text) != key(plain("کی").text)
