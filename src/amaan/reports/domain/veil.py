"""Covering what would name a protected party inside any text, so that the rest of the text can be read.

A text is compared in a plain form: without case, accents, harakat, zero-width characters, and with percent codes and
character references resolved; whatever matches there is covered in the text as it was written. It errs on the side
of covering: a word of a sentence that is also a child's name is lost to the reader, and the custodian can open it.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from urllib.parse import unquote

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
_HEAD = 8
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
    """A stretch of text; of a covered one nothing is kept."""

    text: str
    covered: bool = False


Told = tuple[Piece, ...]
"""A text as somebody may read it."""
HELD: Told = (Piece("", covered=True),)


def open_text(text: str) -> Told:
    """A text with nothing to cover."""
    return (Piece(text),) if text else ()


@dataclass(frozen=True, slots=True)
class _Plain:
    """A text in its plain form; character n of it comes from `starts[n]:ends[n]` of the original."""

    text: str
    starts: list[int] | range
    ends: list[int] | range


class _Squeezed:
    """Long values looked for in a text without its joints: people write them with and without dots and spaces."""

    def __init__(self, values: Iterable[str]) -> None:
        self._values = sorted(set(values))
        self._by_head: dict[str, list[str]] = {}
        for value in self._values if len(self._values) > _FEW else ():
            self._by_head.setdefault(value[:_SQUEEZED], []).append(value)

    def __bool__(self) -> bool:
        return bool(self._values)

    def found(self, plain: str) -> Iterator[tuple[int, int]]:
        places = [place for place, letter in enumerate(plain) if letter.isalnum()]
        text = "".join(plain[place] for place in places)
        for start, end in self._in(text):
            first, last = places[start], places[end - 1] + 1
            # A handle does not run over two words; a long number is written in groups.
            if not any(map(str.isspace, plain[first:last])) or _in_groups(text[start:end]):
                yield first, last

    def _in(self, text: str) -> Iterator[tuple[int, int]]:
        if self._by_head:
            for start in range(len(text)):
                for value in self._by_head.get(text[start : start + _SQUEEZED], ()):
                    if text.startswith(value, start):
                        yield start, start + len(value)
            return
        for value in self._values:
            start = text.find(value)
            while start >= 0:
                yield start, start + len(value)
                start = text.find(value, start + 1)


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
        patterns = dict(_name_patterns([*names, *short]))
        self._numbers = {digits for number in numbers if (digits := _compared(number))}
        self._number_lengths = sorted({len(number) for number in self._numbers})
        self._days = {(day.year, day.month, day.day) for day in days}
        self._days |= {(year % 100, month, day) for year, month, day in self._days}
        self._whole = re.compile("|".join(sorted(patterns, key=len, reverse=True))) if patterns else None
        # With thousands of names one expression would try each of them at each letter; then only those are
        # tried that begin as the text goes on.
        self._by_head: dict[str, list[re.Pattern[str]]] = {}
        if len(patterns) > _FEW:
            self._whole = None
            for pattern, head in patterns.items():
                self._by_head.setdefault(head, []).append(re.compile(pattern))
        self._head_lengths = sorted({len(head) for head in self._by_head}, reverse=True)

    def __bool__(self) -> bool:
        return bool(self._whole or self._by_head or self._values or self._numbers or self._days)

    def over(self, text: str) -> Told:
        """The text with everything covered that would name somebody protected."""
        if not text or not self:
            return open_text(text)
        stretches = sorted(set(self._stretches(text)))
        if not stretches:
            return open_text(text)
        pieces: list[Piece] = []
        at = 0
        for start, end in stretches:
            if end <= at:
                continue
            if start > at:
                pieces.append(Piece(text[at:start]))
                pieces.append(Piece("", covered=True))
            elif not pieces:
                pieces.append(Piece("", covered=True))
            at = end
        if at < len(text):
            pieces.append(Piece(text[at:]))
        return tuple(pieces)

    def names(self, text: str) -> bool:
        """Whether anything of a text would be covered."""
        return any(piece.covered for piece in self.over(text))

    def _stretches(self, text: str) -> Iterator[tuple[int, int]]:
        for plain in _plain_forms(text):
            for start, end in self._found(plain.text):
                yield plain.starts[start], plain.ends[end - 1]

    def _found(self, plain: str) -> Iterator[tuple[int, int]]:
        yield from self._found_names(plain)
        if self._values:
            yield from self._values.found(plain)
        if self._numbers:
            yield from self._found_numbers(plain)
        if self._days:
            for match in _DAYS.finditer(plain):
                if any(day in self._days for day in _days_of(match)):
                    yield match.span()

    def _found_names(self, plain: str) -> Iterator[tuple[int, int]]:
        if self._whole is not None:
            at = 0
            while match := self._whole.search(plain, at):
                yield match.span()
                at = match.start() + 1  # another name may begin inside this one
        elif self._by_head:
            for start in range(len(plain)):
                for length in self._head_lengths:
                    for pattern in self._by_head.get(plain[start : start + length], ()):
                        if match := pattern.match(plain, start):
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


def _name_patterns(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Expressions for plain texts, each with its first letters. A name's own joints may be any or none."""
    for name in names:
        for said in {name, unquote(name)}:
            parts = PARTS.findall(fold(said))
            letters = sum(map(len, parts))
            if letters < SHORTEST:
                continue
            pattern = _JOINT.join(map(re.escape, parts))
            if letters < INSIDE_WORDS:
                pattern = rf"(?<![^\W\d_]){pattern}(?![^\W\d_])"
            yield pattern, parts[0][:_HEAD]


def _compared(number: str) -> str:
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
