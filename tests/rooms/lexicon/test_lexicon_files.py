"""A lexicon is refused with file, line and cause; the shipped one is whole."""

from __future__ import annotations

import pytest

from amaan.lexicon.domain.indicators import Indicator
from amaan.lexicon.domain.lexicon import BadLexicon, load_lexicon
from amaan.lexicon.domain.reading import read_text
from amaan.lexicon.domain.shipped import FOLDER, shipped

pytestmark = pytest.mark.pure

WORDS = """version = "t-1"
[class.NEG]
en = "not"
[class.MARK_EN]
en = "the"
[class.MARK_UR]
roman = "hai"
[class.PIC]
en = "pic pics"
"""
PATTERN = """
[[pattern]]
id = "threat"
indicator = "threat_to_share"
language = "en"
words = ["leak <2 PIC"]
note = "a note"
"""


def test_a_small_lexicon_reads() -> None:
    lexicon = load_lexicon({"words.toml": (WORDS + PATTERN).encode()})
    (hit,) = read_text("he will leak my pics", "en", lexicon=lexicon)
    assert (hit.rule, hit.start, hit.end) == ("threat", 8, 20)
    assert read_text("do not leak my pics", "en", lexicon=lexicon) == ()


def test_a_class_holds_what_its_classes_hold_in_whichever_order_they_stand() -> None:
    nested = '[class.A]\nof = "B"\n[class.B]\nof = "C"\n[class.C]\nen = "clip"\nof = "A"\n'
    pattern = PATTERN.replace("leak <2 PIC", "leak <2 A")
    lexicon = load_lexicon({"words.toml": (WORDS + nested + pattern).encode()})
    assert len(read_text("he will leak my clip", "en", lexicon=lexicon)) == 1


@pytest.mark.parametrize(
    ("wrong", "right", "cause"),
    [
        ("leak <2 PIC", "leak <2 PICS", "line 12: threat: 'leak <2 PICS': there is no class PICS"),
        ("leak <2 PIC", "leak <40 PIC", "a gap is"),
        ("leak <2 PIC", "leak & PIC", "how far apart"),
        ("leak <2 PIC", "leak <2", "ends with a word"),
        ("leak <2 PIC", "l-eak PIC", "neither a word nor a class"),
        ('"threat_to_share"', '"threat"', "'threat' is not a valid Indicator"),
        ('language = "en"', 'language = "pa"', "language is en, ur or any"),
        ('note = "a note"', "", "it lacks 'note'"),
        ('note = "a note"', 'note = "x"\nwieght = 3', "'wieght' is not known here"),
        ("[[pattern]]", "[[patern]]", "no table of that name"),
        ('id = "threat"', 'id = "threat', "words.toml: TOML"),
        ('version = "t-1"', "", "says the version"),
        ("[class.NEG]", "[class.NOT]", "the reading needs this class"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(wrong: str, right: str, cause: str) -> None:
    text = (WORDS + PATTERN).replace(wrong, right)
    with pytest.raises(BadLexicon, match=r"^words\.toml") as refused:
        load_lexicon({"words.toml": text.encode()})
    assert cause in str(refused.value)


def test_an_id_stands_once() -> None:
    with pytest.raises(BadLexicon, match="an id of its own"):
        load_lexicon({"words.toml": (WORDS + PATTERN + PATTERN).encode()})


def test_every_indicator_has_patterns_in_both_grammars_and_every_entry_a_note() -> None:
    lexicon = shipped()
    assert {(p.indicator, p.language) for p in lexicon.patterns} >= {
        (i, lang) for i in Indicator for lang in ("en", "ur")
    }
    assert all(one.note for one in (*lexicon.patterns, *lexicon.guards))
    changed = {path.name: path.read_bytes() for path in FOLDER.glob("*.toml")}
    changed["words.toml"] += b"\n# another\n"
    assert load_lexicon(changed).digest != lexicon.digest
