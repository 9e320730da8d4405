"""Much the same wording shares bands; other wording does not, and nobody without the key can tell."""

from __future__ import annotations

import random

import pytest

from amaan.lexicon.domain.wording import BANDS, BYTES_A_BAND, FEWEST_WORDS, Wording

pytestmark = pytest.mark.pure
WORDING = Wording(b"k" * 32)
LURE = (
    "Salam, we need models for a clothes shop in the city, good pay every week. Send your number to {} and a"
    " picture of your card, then {} rupees for the form by {} and you start on Monday morning with the others."
)
URDU = (
    "ہماری دکان کے لیے ماڈل چاہیے، ہر ہفتے اچھے پیسے ملیں گے، فارم کے {} روپے آج ہی {} پر بھیج دو"
    " ورنہ جگہ کسی اور کو دے دیں گے"
)


def shared(one: str, other: str, wording: Wording = WORDING) -> int:
    a, b = (told(text, wording) for text in (one, other))
    return sum(
        a[n : n + BYTES_A_BAND] == b[n : n + BYTES_A_BAND]
        for n in range(0, BANDS * BYTES_A_BAND, BYTES_A_BAND)
    )


def told(text: str, wording: Wording = WORDING, part: str = "incident.chat") -> bytes:
    made = wording.bands([(part, text)])
    assert made is not None
    assert len(made) == BANDS * BYTES_A_BAND <= 64
    return made


def test_numbers_and_accounts_do_not_count_and_neither_do_letters_forms() -> None:
    one = LURE.format("0300-0000001", "5,000", "@sample.one")
    other = LURE.format("+923450000002", "900", "https://example.org/pay")
    assert shared(one, other) == BANDS
    assert shared(one, one.upper().replace(" ", "  ")) == BANDS
    assert shared(one, one.replace("a", "а").replace("o", "o\u200b")) == BANDS
    assert (
        shared(URDU.format("500", "0345-0000001"), URDU.format("۹۰۰", "0300-0000002").replace("ی", "ي"))
        == BANDS
    )
    assert shared(one, URDU.format("500", "0345-0000001")) == 0


def test_how_often_texts_meet_follows_how_alike_they_are() -> None:
    """By Jaccard's measure over runs of five words, a thousand pairs; the numbers are drawn, not measured in time."""
    chance = random.Random(7)
    words = [f"{a}{b}{c}" for a in "bdfgk" for b in "aeiou" for c in "lmnprst"]
    met: dict[bool, list[bool]] = {True: [], False: []}
    for _ in range(1000):
        one = chance.choices(words, k=60)
        other = list(one)
        for _ in range(chance.choice([1, 2, 5, 7])):
            other[chance.randrange(60)] = chance.choice(words)
        runs = [{tuple(text[n : n + 5]) for n in range(56)} for text in (one, other)]
        alike = len(runs[0] & runs[1]) / len(runs[0] | runs[1])
        if alike >= 0.7 or alike <= 0.35:
            met[alike >= 0.7].append(shared(" ".join(one), " ".join(other)) > 0)
    for few in met.values():
        assert len(few) > 50
    assert sum(met[True]) / len(met[True]) >= 0.9
    assert sum(met[False]) / len(met[False]) <= 0.2


def test_another_key_makes_other_numbers() -> None:
    text = LURE.format("a", "b", "c")
    assert shared(text, text) == BANDS
    other = told(text, Wording(b"j" * 32))
    assert not any(other[n : n + 6] in told(text) for n in range(0, len(other), 6))


def test_a_short_text_and_a_childs_own_words_make_none() -> None:
    few = " ".join(["word"] * (FEWEST_WORDS - 1))
    assert WORDING.bands([("incident.chat", few)]) is None
    assert WORDING.bands([("incident.chat", f"{few} more")]) is not None
    assert WORDING.bands([("victim.text", LURE), ("recipient.text", LURE), ("reporter.text", LURE)]) is None
    assert WORDING.bands([]) is None


def test_a_masked_piece_is_not_remembered() -> None:
    wording = Wording(b"m" * 32)
    told(LURE.format("0300-0000001", "quill_fen", "@sample.one"), wording)
    remembered = " ".join(wording._pieces)
    assert "models" in remembered
    for named in ("0300", "quill_fen", "sample"):
        assert named not in remembered
