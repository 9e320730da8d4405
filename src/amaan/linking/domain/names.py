"""Names of reported adults, compared across Urdu script, Roman Urdu and English. Pure.

`name_key` is equal where two names are one name written differently: محمد علی, Muhammad Ali, Mohammed Aly, Ali
Muhammad. It keeps consonants, since Urdu writes no short vowel and Roman Urdu any; what sounds alike in Urdu is one
letter (س ص ث, ز ذ ض ظ, ت ط ٹ); h at the end, and w and y inside a word, are as often vowels as not, and are left out of
both. Titles are no names. One name alone says nothing: hundreds of thousands bear it.

`likeness` is for measuring, and for a person who looks: it also forgives a slip of the keyboard. No key is made by it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import permutations
from typing import Final

from rapidfuzz.distance import JaroWinkler

from amaan.lexicon.domain.letters import as_compared

_TITLES: Final = frozenset(
    {
        *(
            "mr",
            "mrs",
            "ms",
            "miss",
            "mister",
            "dr",
            "doctor",
            "prof",
            "professor",
            "engr",
            "engineer",
            "adv",
        ),
        *(
            "advocate",
            "sir",
            "madam",
            "ustad",
            "ustaad",
            "sahib",
            "sahab",
            "saab",
            "bhai",
            "baji",
            "api",
            "haji",
        ),
        *(
            "hajji",
            "hafiz",
            "hafez",
            "qari",
            "mufti",
            "maulana",
            "molana",
            "moulana",
            "molvi",
            "moulvi",
            "maulvi",
        ),
        *("allama", "janab", "mian", "syed", "sayed", "sayyed", "sayyid", "said", "chaudhry", "chaudhary"),
        *("choudhry", "ch", "jr", "sr", "official", "real", "the"),
        *(
            "جناب",
            "محترم",
            "محترمہ",
            "ڈاکٹر",
            "پروفیسر",
            "انجینیر",
            "ایڈووکیٹ",
            "استاد",
            "صاحب",
            "صاحبہ",
            "بھائی",
        ),
        *(
            "باجی",
            "حاجی",
            "حافظ",
            "قاری",
            "مفتی",
            "مولانا",
            "مولوی",
            "علامہ",
            "میاں",
            "سید",
            "سیدہ",
            "چوہدری",
        ),
        *("چودھری", "بیگم"),
    }
)
_LEFT_OUT: Final = frozenset(map(as_compared, _TITLES)) | {"bin", "ibn", "bint", "binte"}
_MUHAMMAD: Final = re.compile(r"m[aeou]?h+[aeou]m+[aeiou]?d|mohd|muhd|muhmd|mohmd")
_MUHAMMADS: Final = "MHMD"
_DIN: Final = "Aldn"
_BEGIN: Final = (
    (re.compile(r"عبد|abd[aeou]?[lrsz]?"), "Abd"),
    (re.compile(r"ابو|ab[uo]"), "Ab"),
    (re.compile(r"[aeu][lrsd]|un"), "Al"),
)
"""Words that are one with the next."""
_ABD_JOINED: Final = re.compile(r"(?:عبدال|abd[aeou][lrsz])(.{2,})")
_DIN_JOINED: Final = re.compile(r"(.{3,}?)(?:الدین|[aeou]dd?(?:in|een|yn))")
_DIN_ALONE: Final = re.compile(r"الدین|(?:[aeou]d)?d(?:in|een|yn)")
_WORD: Final = re.compile(r"[^\W\d_]+")
_ARABIC: Final = re.compile("[\u0600-\u06ff]")

_URDU: Final = str.maketrans(
    {
        **dict.fromkeys("تٹطۃ", "t"), **dict.fromkeys("سصث", "s"), **dict.fromkeys("زذضظژ", "z"),
        **dict.fromkeys("دڈ", "d"), **dict.fromkeys("رڑ", "r"), **dict.fromkeys("قک", "k"),
        **dict.fromkeys("غگ", "g"), **dict.fromkeys("نں", "n"), **dict.fromkeys("حہھ", "h"),
        **dict.fromkeys("اع", "a"), "و": "w", "ی": "y", "ے": "y",
        "ب": "b", "پ": "p", "ج": "j", "چ": "c", "خ": "K", "ش": "X", "ف": "f", "ل": "l", "م": "m",
    }
)  # fmt: skip
"""Letters as `as_compared` leaves them."""
_URDU_PAIRS: Final = (("پھ", "ف"), ("کھ", "خ"), *((f"{one}ھ", one) for one in "بتٹجچدڈرڑگلمن"))
_LATIN_PAIRS: Final = (
    ("tsch", "C"), ("sch", "X"), ("tch", "C"), ("sh", "X"), ("ch", "C"), ("kh", "K"), ("gh", "g"), ("ph", "f"),
    ("th", "t"), ("dh", "d"), ("bh", "b"), ("jh", "j"), ("rh", "r"), ("zh", "z"), ("ck", "k"), ("x", "ks"),
)  # fmt: skip
_SOFT_C: Final = re.compile(r"c(?=[eiy])")
_LATIN: Final = str.maketrans({"q": "k", "v": "w", "c": "k", "C": "c"})
_FIRST_VOWEL: Final = re.compile(r"^[aeiou]")
_INSIDE: Final = re.compile(r"(?<!^)[aeiouwy]|(?<=.)h$")
_DOUBLED: Final = re.compile(r"(.)\1+")
_FEWEST_LETTERS: Final = 4
_MOST_PARTS: Final = 6


def name_key(names: Sequence[str]) -> str | None:
    """Of a name's parts in any order, or the whole name as one. None: too little to say who is meant."""
    parts = set(_parts(" ".join(names)))
    if len(parts) > 2:
        parts.discard(_MUHAMMADS)  # said or left out as it falls
    if not 2 <= len(parts) <= _MOST_PARTS or sum(map(len, parts)) < _FEWEST_LETTERS:
        return None
    return " ".join(sorted(parts))


def name_keys(names: Sequence[str], shown: Iterable[str]) -> set[str]:
    """The keys of a person's name and of the names that their accounts show."""
    return {made for one in (names, *([name] for name in shown)) if (made := name_key(one)) is not None}


@lru_cache(maxsize=4096)
def skeleton(word: str) -> str:
    """The consonants of one word of a name, as `as_compared` leaves it; its first vowel is A."""
    if _MUHAMMAD.fullmatch(word) or word == "محمد":
        return _MUHAMMADS
    if _ARABIC.search(word):
        for pair, one in _URDU_PAIRS:
            # The second letter of these pairs only breathes on the first; `as_compared` writes it as any other h.
            word = word.replace(pair.replace("ھ", "ہ"), one)
        word = word.translate(_URDU)
    else:
        for pair, one in _LATIN_PAIRS:
            word = word.replace(pair, one)
        word = _SOFT_C.sub("s", word).translate(_LATIN)
    word = _INSIDE.sub("", _FIRST_VOWEL.sub("A", word))
    return _DOUBLED.sub(r"\1", word.removesuffix("h") if len(word) > 1 else word)


def _parts(name: str) -> list[str]:
    """The skeletons of a name's words, compounds as one: Abdul Rehman, عبدالرحمن."""
    words = [word for word in _WORD.findall(as_compared(name)) if word not in _LEFT_OUT]
    made: list[str] = []
    before = ""
    for word in words:
        if before:
            rest = skeleton(word.removeprefix("ال") or word).removeprefix("A")
            made.append(_DOUBLED.sub(r"\1", before + rest))
            before = ""
        elif not (before := next((part for form, part in _BEGIN if form.fullmatch(word)), "")):
            made += _compound(word)
    return [part for part in made if len(part) > 1]


def _compound(word: str) -> list[str]:
    if joined := _ABD_JOINED.fullmatch(word):
        return ["Abd" + skeleton(joined[1]).removeprefix("A")]
    if _DIN_ALONE.fullmatch(word):
        return [_DIN]
    if joined := _DIN_JOINED.fullmatch(word):
        return [skeleton(joined[1]), _DIN]
    return [skeleton(word)]


# ---------------------------------------------------------------- for measuring


_SAME_SOUND: Final = 0.95


def likeness(a: str, b: str) -> float:
    """How alike two names of people are, 0 to 1; the same whichever comes first, and whichever order their words have.

    1 where the words are the same but for letters' forms, 0.95 where they have one key, else Jaro and Winkler's
    measure of their letters, the mean over words. Words that one of the two lacks count against it by half. Two empty
    names are not alike. For FEBRL: give both names, given name and surname joined by a space; 0.9 is a good place to
    cut.
    """
    key = name_key([a])
    if key is not None and key == name_key([b]):
        return 1.0 if _words(a) == _words(b) else _SAME_SOUND
    one, other = _words(a), _words(b)
    if len(one) > len(other):
        one, other = other, one
    if not one:
        return 0.0
    table = [[_alike(x, y) for y in other] for x in one]
    best = max(
        sum(row[column] for row, column in zip(table, order, strict=False))
        for order in permutations(range(len(other)), len(one))
    )
    return best / (len(one) + (len(other) - len(one)) / 2)


def _words(name: str) -> list[str]:
    found = _WORD.findall(as_compared(name))
    return sorted([word for word in found if word not in _LEFT_OUT] or found)[:_MOST_PARTS]


@lru_cache(maxsize=65_536)
def _alike(a: str, b: str) -> float:
    if a == b:
        return 1.0
    same = skeleton(a)
    letters = float(JaroWinkler.similarity(a, b))
    if len(same) > 1 and same == skeleton(b):
        return max(_SAME_SOUND, letters)
    return letters
