"""Text as the lexicon compares it: letters and digits made plain, and every letter still knows where it stood. Pure.

A character is looked at alone, so the work is linear and nothing depends on what stands around it:

- Unicode NFKC (full width, mathematical letters, Arabic presentation forms), lower case;
- marks, zero-width and bidirectional characters, kashida and variation selectors are nothing;
- letters of other scripts that look Latin are Latin (Cyrillic, Greek, small capitals, letters in squares);
- Arabic and Urdu letter variants are one letter (ي ی, ك ک, ه ہ ھ ة, أ إ آ ا, ں ن), every digit is 0 to 9.

`key` then folds spelling: doubled letters, and for Latin words the classes of Roman Urdu (aa a, ee i, oo u, w v, q k,
z j, a last y or ay as e). `skeleton` leaves the consonants: tasveer, tasver, tsveer and tasaweer are one word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final, NamedTuple

_LOOKALIKES: Final = {
    **dict(
        zip(
            "аеорсухіјѕԁһкмтвнгпиӏӕԛԝбдзлфчшщыэюяйёґєїүұҝңәө",
            "aeopcyxijsdhkmtbhrnulaqwbdzlfcwwieuruereiyykheo",
            strict=True,
        )
    ),
    **dict(zip("αβγδεζηικλμνορτυχωϲϳ", "abydezniklmvoptuxwcj", strict=True)),
    **dict(zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnoprstuvwyz", strict=True)),
    **dict(zip("ıȷɑɡɩʋɐɾʂƅƙłøđħŧþßæœ", "ijagiuarsbklodhtpbao", strict=True)),
}
_ARABIC: Final = {
    **dict.fromkeys("يىېۍئ", "ی"),
    **dict.fromkeys("ةهھۀۂۃەہ", "ہ"),
    **dict.fromkeys("أإآٱٲٳ", "ا"),
    **dict.fromkeys("ؤۆۇۈۉ", "و"),
    **dict.fromkeys("كڪ", "ک"),
    **dict.fromkeys("ںڼݨ", "ن"),
    **dict(zip("ټډړګڳڵڕڤښځڅٿ", "ٹڈڑگگلروشجچت", strict=True)),
    "ۓ": "ے",
    "ء": "",
    "ـ": "",
}
_SQUARES: Final = ((0x1F130, 26), (0x1F150, 26), (0x1F170, 26), (0x1F1E6, 26))
"""Where letters in squares and circles, and the letters of flags, begin."""


def _plain(character: str) -> str:
    """One character made plain; "" where it is nothing to a reader."""
    code = ord(character)
    for first, count in _SQUARES:
        if first <= code < first + count:
            return chr(ord("a") + code - first)
    out = []
    for one in unicodedata.normalize("NFKC", character).lower():
        seen = _LOOKALIKES.get(one, _ARABIC.get(one, one))
        for base in unicodedata.normalize("NFD", seen):
            kind = unicodedata.category(base)
            if kind in {"Mn", "Me", "Cf", "Cc"} and base not in "\n\t\r":
                continue
            if kind == "Nd":
                out.append(str(unicodedata.digit(base)))
            else:
                out.append(_LOOKALIKES.get(base, _ARABIC.get(base, base)))
    return "".join(out)


_MOST_REMEMBERED: Final = 20_000
_remembered: dict[str, str] = {}


def _made_plain(character: str) -> str:
    found = _remembered.get(character)
    if found is None:
        if len(_remembered) >= _MOST_REMEMBERED:
            _remembered.clear()
        found = _remembered[character] = _plain(character)
    return found


class _AsCompared(dict[int, str]):
    def __missing__(self, code: int) -> str:
        return _made_plain(chr(code))


_AS_COMPARED: Final = _AsCompared()


def as_compared(text: str) -> str:
    """`plain` without where each character stood. Never raises, whatever the text."""
    if text.isascii() and not _CONTROLS.search(text):
        return text.lower()
    return text.translate(_AS_COMPARED)


_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class Plain(NamedTuple):
    """`text` is what is compared; character n of it stood at `at[n]` of the original, of `length` characters."""

    text: str
    at: Sequence[int]
    length: int

    def start(self, index: int) -> int:
        return self.at[index]

    def end(self, index: int) -> int:
        """Where the original of the character before `index` ends; invisible ones that follow it are left out."""
        return self.at[index - 1] + 1


def plain(text: str) -> Plain:
    """Never raises, whatever the text."""
    if text.isascii() and not _CONTROLS.search(text):
        return Plain(text.lower(), range(len(text)), len(text))
    out: list[str] = []
    at: list[int] = []
    for index, character in enumerate(text):
        made = _made_plain(character)
        if made:
            out.append(made)
            at.extend((index,) * len(made))
    return Plain("".join(out), at, len(text))


_DRAWN_OUT: Final = re.compile(r"(\D)\1{2,}")
_DOUBLED: Final = re.compile(r"(\D)\1+")
_LATIN: Final = re.compile(r"[a-z]")
_CLASSES: Final = (("aa", "a"), ("ee", "i"), ("oo", "u"))
_LETTERS: Final = str.maketrans("wqz", "vkj")
_LAST_E: Final = re.compile(r"(?:ay|ai|ey|y)$")
_LONG_ENOUGH: Final = 5
_LEET: Final = str.maketrans("@$013457!", "asoieasti")


def unmasked(word: str) -> str:
    """A word without the signs that stand for letters: p@ise is paise."""
    return word if word.isalpha() else word.translate(_LEET)


def key(word: str, *, whole: bool = True) -> str:
    """How a plain word is compared. `whole` is False for the beginning of a word, whose end isn't known."""
    if not _LATIN.match(word):
        return _DRAWN_OUT.sub(r"\1", word)
    word = _DRAWN_OUT.sub(r"\1\1", word)
    for two, one in _CLASSES:
        word = word.replace(two, one)
    word = _DOUBLED.sub(r"\1", word).translate(_LETTERS)
    return _LAST_E.sub("e", word) if whole and len(word) >= _LONG_ENOUGH else word


_VOWELS: Final = re.compile(r"(?<!^)[aeiouyh]")


def skeleton(word: str) -> str:
    """The consonants of a Latin word, and its first letter; "" for another script."""
    if not _LATIN.match(word):
        return ""
    return _DOUBLED.sub(r"\1", _VOWELS.sub("", word.translate(_LETTERS)))
