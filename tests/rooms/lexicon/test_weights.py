"""Weights of words: what they add, what they never take, and where they come from."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tools.learn_weights import FILE, MOST_TERMS, digest

from amaan.lexicon.domain.indicators import Indicator
from amaan.lexicon.domain.lexicon import RULE_OF_WEIGHTS as RULE
from amaan.lexicon.domain.lexicon import WEIGHTS, BadLexicon, Lexicon, load_lexicon
from amaan.lexicon.domain.patterns import Index
from amaan.lexicon.domain.reading import Hit, explained, read_text
from amaan.lexicon.domain.shipped import FOLDER, rules, shipped
from amaan.lexicon.domain.tokens import Word, cut
from amaan.lexicon.domain.weights import DANGER, Weights, pieces, stretches, terms

pytestmark = pytest.mark.pure

SAID = (
    "he says he will leak my photos unless i pay 7000",
    "Tell her the rest of the fee is due tonight or the album goes to her uncle.",
    "wo keh raha hai 10 hazar do warna tumhari tasveerein sab ko bhej dun ga",
    "میری بیٹی دو دن سے لاپتہ ہے",
    "the teacher keeps him after class, and he cries at night",
    "Thank you for your help.",
)
TEXTS = st.one_of(
    st.text(max_size=200), st.lists(st.sampled_from(SAID), max_size=6).map(" \n".join), st.sampled_from(SAID)
)


@cache
def _alone() -> Lexicon:
    """Weights, and no pattern."""
    return replace(shipped(), found=Index([], shipped().wording))


@cache
def _without() -> Lexicon:
    """Patterns, and no weights."""
    return replace(shipped(), weights=None)


def _weights() -> Weights:
    made = shipped().weights
    assert made is not None
    return made


def _words(text: str) -> list[Word]:
    return cut(text, shipped().joins).words


def _by_weights(hits: tuple[Hit, ...]) -> set[Hit]:
    return {hit for hit in hits if hit.rule.startswith(RULE)}


@given(TEXTS)
def test_a_stretch_adds_what_its_terms_add(text: str) -> None:
    """`Weights` against its plain twin, which adds term by term."""
    words = _words(text)
    if not words:
        return
    cuts = pieces(words)
    sums, forms = _weights()._sums(words, cuts)
    for number, (first, last) in enumerate(stretches(len(cuts))):
        stretch = cuts[first : last + 1]
        counted = terms([[word.form for word in words[low:high]] for low, high in stretch])
        made: Counter[Indicator] = Counter()
        for term, times in counted.items():
            for one, weight in _weights().added_by(term).items():
                made[one] += times * weight
        assert [made[one] for one in Indicator] == sums[number].tolist()
        assert forms[number] >= 1


@given(TEXTS)
def test_a_sum_takes_only_what_it_says_that_it_takes(text: str) -> None:
    """Of what patterns found, all that is gone is told as withheld by the weights."""
    before = set(read_text(text, lexicon=_without()))
    hits, withheld = explained(text)
    assert before - set(hits) == {one.hit for one in withheld if one.by.startswith(RULE)} - set(hits)


@given(TEXTS)
def test_what_asks_for_somebody_today_is_never_withheld_by_a_sum(text: str) -> None:
    by_patterns = {hit for hit in read_text(text, lexicon=_without()) if hit.indicator in DANGER}
    assert by_patterns <= set(read_text(text))


@pytest.mark.parametrize("text", SAID[:4])
@pytest.mark.parametrize(
    "more", ["", "Thank you for your help. ", "My school is near the market. We like cricket. "]
)
def test_a_plain_threat_stands_whatever_is_said_before_it(text: str, more: str) -> None:
    found = {hit.indicator for hit in read_text(text) if hit.indicator in DANGER}
    assert found
    assert found <= {hit.indicator for hit in read_text(more + text)}


@given(TEXTS, TEXTS)
def test_what_is_appended_takes_nothing_from_a_sum(text: str, more: str) -> None:
    before = read_text(text + "\n.\n", lexicon=_alone())
    assert set(before) <= set(read_text(text + "\n.\n" + more, lexicon=_alone()))


@given(TEXTS)
def test_the_same_text_says_the_same_and_hits_lie_in_it(text: str) -> None:
    once = read_text(text)
    assert once == read_text(text)
    assert all(0 <= hit.start < hit.end <= len(text) for hit in once)
    assert all(text[hit.start : hit.end].strip() for hit in once)


@pytest.mark.parametrize(
    "text", ["please read all of this ok ", "bas yeh parh lein ji ", "یہ سب پڑھ لیں جی ", "ok. "]
)
def test_what_is_repeated_weighs_no_more(text: str) -> None:
    assert _by_weights(read_text(text)) == set()
    assert _by_weights(read_text(text * 400)) == set()


def test_a_sum_raises_what_no_pattern_finds_and_says_by_which_words() -> None:
    text = "He will send her photos to her uncle unless she pays."
    found = _by_weights(read_text(text, lexicon=_alone()))
    assert Indicator.THREAT_TO_SHARE in {hit.indicator for hit in found}
    assert {hit.rule for hit in found} <= set(rules()[1])
    assert all(rules()[1][hit.rule] == hit.indicator for hit in found)
    for one in Indicator:
        assert sum(hit.indicator is one for hit in found) <= 3


def test_a_pattern_that_slips_may_be_withheld_by_the_words_around_it() -> None:
    text = "the school sells books at a price of 500 rupees to all students of the channel"
    _, withheld = explained(text)
    kept = {hit for hit in read_text(text) if not hit.rule.startswith(RULE)}
    before = set(read_text(text, lexicon=_without()))
    assert kept <= before
    assert {one.hit for one in withheld if one.by.startswith(RULE)} == before - kept


def test_the_file_is_what_these_sentences_teach() -> None:
    """Learning takes half a minute, so that the file tells what it was learnt from; `python tools/learn_weights.py`."""
    assert json.loads(FILE.read_bytes())["learnt_from"] == digest()


def test_the_file_is_small_sorted_and_marked() -> None:
    data = FILE.read_bytes()
    table = json.loads(data)
    assert len(data) < 2_500_000
    assert "Not reviewed by a native reader" in table["note"]
    assert list(table["terms"]) == sorted(table["terms"])
    weighing = Counter(k for row in table["terms"].values() for k in row[::2])
    assert max(weighing.values()) <= MOST_TERMS


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"{}", b"\xff", b'{"indicators": {}, "terms": {}}', None],
)
def test_weights_that_are_wrong_are_refused(data: bytes | None) -> None:
    if data is None:
        table = json.loads(FILE.read_bytes())
        table["terms"]["x"] = [99, 1]
        data = json.dumps(table).encode()
    files = {path.name: path.read_bytes() for path in FOLDER.glob("*.toml")}
    with pytest.raises(BadLexicon, match=r"^weights\.json"):
        load_lexicon({**files, WEIGHTS: data})
