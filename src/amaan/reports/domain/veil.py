"""Covering what would name a protected party inside any text, so that the rest of the text can be read.

A text is compared in a plain form: without case, accents, harakat, zero-width characters, and with percent codes and
character references resolved; whatever matches there is covered in the text as it was written. It errs on the side
of covering: a word of a sentence that is also a child's name is lost to the reader, and the custodian can open it.
"""

from __future__ import annotations

import html
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Final
from urllib.parse import unquote

from amaan.reports.domain.known import Known, pieces_of
from amaan.reports.domain.marking import Mark, cut_at

MOST_TOLD: Final = 20_000
"""Characters of one text that are shown. Covering ten million at once would take gigabytes."""
_BEYOND: Final = 4096
"""Characters that are read and never shown: a name that the cut goes through is seen, and covered as a whole."""
_MOST_NAME: Final = 4096
"""Characters of what somebody is called. Its single words are names of their own."""
GOES_ON: Final = "…"
SHORTEST = 3
"""Letters. A shorter name alone stands in every sentence; together with the other names it is long enough."""
INSIDE_WORDS = 4
"""From this length on a name is also found inside a longer word, such as a handle."""
_SQUEEZED = 6
"""Letters and digits from which a handle, address or number is found however it is joined."""
_SHORTEST_NUMBER = 7
_COMPARED_DIGITS = 9
"""Of a phone number: what stays whatever stands before it (0, 92, 0092, +92)."""
_FEW = 60
_ROUNDS = 3
_JOINT = r"[\W_]*"
PARTS = re.compile(r"[^\W_]+")
_MONTH_NAMES = (
    *("january جنوری", "february فروری", "march مارچ", "april اپریل", "may مئی", "june جون"),
    *("july جولائی", "august اگست", "september ستمبر", "october اکتوبر", "november نومبر", "december دسمبر"),
)
# Letters that keyboards exchange, as in `vocabulary.domain.places`.
_LETTERS = str.maketrans(
    {"ي": "ی", "ى": "ی", "ې": "ی", "ك": "ک", "ه": "ہ", "ة": "ہ", "ۃ": "ہ", "ھ": "ہ", "ە": "ہ", "ـ": ""}
)
_CODED = re.compile(
    r"(?:%[0-9A-Fa-f]{2})+|&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,8});|\\u[0-9A-Fa-f]{4}"
)
_DIGITS = re.compile(r"[0-9](?:[\W_]{0,3}[0-9]){6,}")
_DAYS = re.compile(
    r"(?<![0-9])(?:(?P<run>[0-9]{8})|(?P<one>[0-9]{1,4})[\W_]{1,3}(?P<two>[0-9]{1,2})[\W_]{1,3}(?P<three>[0-9]{1,4})"
    r"|(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?[\W_]{0,3}(?:of[\W_]{1,3})?(?P<name>[^\W\d_]{3,9})[\W_]{0,3}(?P<year>[0-9]{2,4})"
    r"|(?P<name2>[^\W\d_]{3,9})[\W_]{1,3}(?P<day2>[0-9]{1,2})(?:st|nd|rd|th)?[\W_]{1,3}(?P<year2>[0-9]{2,4}))(?![0-9])"
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text; of a covered one nothing is kept. `says`: what somebody marked it for."""

    text: str
    says: str = ""
    covered: bool = False


Told = tuple[Piece, ...]
"""A text as somebody may read it."""
HELD: Told = (Piece("", covered=True),)


def compared(text: str) -> str:
    """What two spellings of one value have in common; a text too long to be a value is compared as it stands."""
    return fold(text) if len(text) <= _MOST_NAME else text


def open_text(text: str) -> Told:
    """A text with nothing to cover."""
    return (Piece(text),) if text else ()


@dataclass(frozen=True, slots=True)
class _Plain:
    """A text in its plain form; character n of it comes from `starts[n]:ends[n]` of the original."""

    text: str
    starts: list[int] | range
    ends: list[int] | range


def _squeezed(plain: str) -> tuple[str, list[int]]:
    """A plain text's letters and digits alone, and where each of them stands."""
    places = [place for place, letter in enumerate(plain) if letter.isalnum()]
    return "".join(plain[place] for place in places), places


class _Squeezed:
    """Long values looked for in a text without its joints: people write them with and without dots and spaces."""

    def __init__(self, values: Iterable[str]) -> None:
        self._values = sorted({piece for value in values for _, piece in pieces_of(value)})
        self._many = Known(self._values if len(self._values) > _FEW else (), _SQUEEZED)

    def __bool__(self) -> bool:
        return bool(self._values)

    def found(self, plain: str) -> Iterator[tuple[int, int]]:
        text, places = _squeezed(plain)
        for start, end in self._many.found_in(text) if self._many else self._in(text):
            first, last = places[start], places[end - 1] + 1
            # A handle does not run over two words; a long number is written in groups.
            if not any(map(str.isspace, plain[first:last])) or _in_groups(text[start:end]):
                yield first, last

    def _in(self, text: str) -> Iterator[tuple[int, int]]:
        for value in self._values:
            start = text.find(value)
            while start >= 0:
                yield start, start + len(value)
                start = text.find(value, start + 1)


class _Names:
    """Names looked for as words: between two words of one its joints may be any or none, inside a word none."""

    def __init__(self, names: Iterable[str]) -> None:
        self._joints = _joints_of(names)
        self._whole: re.Pattern[str] | None = None
        self._many = Known((), SHORTEST)
        if len(self._joints) > _FEW:
            # One expression would try each of them at each letter.
            self._many = Known(self._joints, SHORTEST)
        elif self._joints:
            longest_first = sorted(self._joints.items(), key=lambda held: (-len(held[0]), held[0]))
            self._whole = re.compile("|".join(_pattern(*held) for held in longest_first))

    def __bool__(self) -> bool:
        return bool(self._joints)

    def found(self, plain: str) -> Iterator[tuple[int, int]]:
        if self._whole is None:
            yield from self._found_many(plain)
            return
        at = 0
        while match := self._whole.search(plain, at):
            yield match.span()
            at = match.start() + 1  # another name may begin inside this one

    def _found_many(self, plain: str) -> Iterator[tuple[int, int]]:
        text, places = _squeezed(plain)
        for start, end in self._many.found_in(text):
            first, last = places[start], places[end - 1] + 1
            joints = self._joints[text[start:end]]
            if last - first > end - start and not all(
                n - start in joints for n in range(start + 1, end) if places[n] - places[n - 1] > 1
            ):
                continue
            if end - start < INSIDE_WORDS and (
                _letter(plain[first - 1 : first]) or _letter(plain[last : last + 1])
            ):
                continue
            yield first, last


def _joints_of(names: Iterable[str]) -> dict[str, set[int]]:
    """Each name's letters, in pieces, and after how many of them one of its words ends."""
    found: dict[str, set[int]] = {}
    for name in names:
        cut = name[:_MOST_NAME]
        for said in {cut, unquote(cut)}:
            parts = PARTS.findall(fold(said))
            letters = "".join(parts)
            if len(letters) < SHORTEST:
                continue
            ends = list(accumulate(map(len, parts)))
            for start, piece in pieces_of(letters):
                inside = ends[bisect_right(ends, start) : bisect_left(ends, start + len(piece))]
                found.setdefault(piece, set()).update(end - start for end in inside)
    return found


def _pattern(letters: str, joints: set[int]) -> str:
    """The same as an expression for plain texts."""
    bounds = [0, *sorted(joints), len(letters)]
    pattern = _JOINT.join(re.escape(letters[a:b]) for a, b in pairwise(bounds))
    if len(letters) < INSIDE_WORDS:
        pattern = rf"(?<![^\W\d_]){pattern}(?![^\W\d_])"
    return pattern


def _letter(character: str) -> bool:
    return character.isalnum() and not character.isdecimal()


def _in_groups(value: str) -> bool:
    return sum(map(str.isdecimal, value)) >= _SQUEEZED


class Veil:
    """The words, numbers and days of a report's protected parties, ready to be looked for."""

    def __init__(
        self,
        names: Iterable[str] = (),
        values: Iterable[str] = (),
        numbers: Iterable[str] = (),
        days: Iterable[date] = (),
    ) -> None:
        letters = {
            value: "".join(PARTS.findall(fold(value)))
            for given in values
            for value in {given, unquote(given)}
        }
        self._values = _Squeezed(held for held in letters.values() if len(held) >= _SQUEEZED)
        # Short ones, and those that are several words themselves, are looked for as names are.
        short = [
            value
            for value, held in letters.items()
            if len(held) >= INSIDE_WORDS and (len(held) < _SQUEEZED or len(value.split()) > 1)
        ]
        self._names = _Names([*names, *short])
        self._numbers = {digits for number in numbers if (digits := _digits_of(number))}
        self._number_lengths = sorted({len(number) for number in self._numbers})
        self._days = {(day.year, day.month, day.day) for day in days}
        self._days |= {(year % 100, month, day) for year, month, day in self._days}

    def __bool__(self) -> bool:
        return bool(self._names or self._values or self._numbers or self._days)

    def over(self, text: str, most: int = MOST_TOLD, marks: Sequence[Mark] = ()) -> Told:
        """The text with everything covered that would name somebody protected; what it leaves of `marks` is marked.

        Of a long one its first `most` characters: it ends in GOES_ON, and what stands behind is not read.
        """
        shown = min(most, len(text))
        pieces: list[Piece] = []
        at = 0
        for start, end in sorted(set(self._stretches(text[: most + _BEYOND]))) if self else ():
            if start >= shown:
                break
            if end <= at:
                continue
            if start > at:
                pieces += (Piece(*part) for part in cut_at(text, at, start, marks))
                pieces.append(Piece("", covered=True))
            elif not pieces:
                pieces.append(Piece("", covered=True))
            at = end
        if at < shown:
            pieces += (Piece(*part) for part in cut_at(text, at, shown, marks))
        if shown < len(text):
            pieces.append(Piece(GOES_ON))
        return tuple(pieces)

    def names(self, text: str) -> bool:
        """Whether anything of a text would be covered. What is too long for what it is said to be is taken to."""
        return len(text) > _MOST_NAME or any(piece.covered for piece in self.over(text))

    def _stretches(self, text: str) -> Iterator[tuple[int, int]]:
        for plain in _plain_forms(text):
            for start, end in self._found(plain.text):
                yield plain.starts[start], plain.ends[end - 1]

    def _found(self, plain: str) -> Iterator[tuple[int, int]]:
        if self._names:
            yield from self._names.found(plain)
        if self._values:
            yield from self._values.found(plain)
        if self._numbers:
            yield from self._found_numbers(plain)
        if self._days:
            for match in _DAYS.finditer(plain):
                if any(day in self._days for day in _days_of(match)):
                    yield match.span()

    def _found_numbers(self, plain: str) -> Iterator[tuple[int, int]]:
        for run in _DIGITS.finditer(plain):
            places = [place for place in range(*run.span()) if plain[place].isdecimal()]
            digits = "".join(plain[place] for place in places)
            for length in self._number_lengths:
                for first in range(len(digits) - length + 1):
                    if digits[first : first + length] in self._numbers:
                        # Its country and network code stand before it.
                        begin = places[max(0, first - 5)]
                        begin -= plain[begin - 1 : begin] == "+"
                        yield begin, places[first + length - 1] + 1


def _plain_forms(text: str) -> Iterator[_Plain]:
    """The text's plain form, and the one in which codes are resolved, where it holds any."""
    first = (
        _folded([(character, n, n + 1) for n, character in enumerate(text)]) if not text.isascii() else None
    )
    if first is None:
        yield _Plain(text.lower(), range(len(text)), range(1, len(text) + 1))
    else:
        yield first
    if not _CODED.search(text):
        return
    held = [(character, n, n + 1) for n, character in enumerate(text)]
    for _ in range(_ROUNDS):
        resolved = _resolved(held)
        if resolved is None:
            break
        held = resolved
    yield _folded(held)


_Character = tuple[str, int, int]


def _resolved(held: list[_Character]) -> list[_Character] | None:
    text = "".join(character for character, _, _ in held)
    found: list[_Character] = []
    at = 0
    for match in _CODED.finditer(text):
        start, end = match.span()
        found += held[at:start]
        code = match[0]
        if code[0] == "%":
            said = unquote(code, errors="replace")
        elif code[0] == "&":
            said = html.unescape(code)
        else:
            said = chr(int(code[2:], 16))
        found += [(character, held[start][1], held[end - 1][2]) for character in said]
        at = end
    return [*found, *held[at:]] if at else None


def _folded(held: list[_Character]) -> _Plain:
    letters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for character, start, end in held:
        folded = _fold_one(character)
        for letter in folded:
            letters.append(letter)
            starts.append(start)
            ends.append(end)
        if ends and not folded:
            ends[-1] = end  # a mark belongs to the letter before it
    return _Plain("".join(letters), starts, ends)


@lru_cache(maxsize=8192)
def _fold_one(character: str) -> str:
    return fold(character)


def fold(text: str) -> str:
    """Without case, accents and characters that nobody sees; digits of every script as 0-9."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    kept = [
        str(unicodedata.decimal(c)) if c.isdecimal() else c
        for c in unicodedata.normalize("NFKD", decomposed.casefold())
        if unicodedata.category(c) not in {"Mn", "Cf"}
    ]
    return "".join(kept).translate(_LETTERS)


def _digits_of(number: str) -> str:
    digits = "".join(character for character in fold(number) if character.isdecimal())
    return digits[-_COMPARED_DIGITS:] if len(digits) >= _SHORTEST_NUMBER else ""


_MONTHS = {
    fold(name)[:3]: number for number, names in enumerate(_MONTH_NAMES, start=1) for name in names.split()
}


def _days_of(match: re.Match[str]) -> Iterator[tuple[int, int, int]]:
    """Every day that a match of `_DAYS` may mean, as (year, month, day); a year of two digits as 1..99."""
    said = match.groupdict()
    if (run := said["run"]) is not None:
        yield int(run[:4]), int(run[4:6]), int(run[6:])
        yield int(run[4:]), int(run[2:4]), int(run[:2])
    elif said["name"] is not None or said["name2"] is not None:
        month = _MONTHS.get((said["name"] or said["name2"])[:3], 0)
        yield int(said["year"] or said["year2"]), month, int(said["day"] or said["day2"])
    else:
        one, two, three = int(said["one"]), int(said["two"]), int(said["three"])
        yield from ((one, two, three), (three, two, one), (three, one, two))
