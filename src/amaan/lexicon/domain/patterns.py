"""Patterns over words: what they say, how they are compiled, how they are found. Pure.

A pattern is a line such as `PIC <8 SPREAD FUT3`:

    word|other*|*end|~cnsnnts   the next word is one of these: whole, by its beginning, its end, or its consonants
    PIC                         … or one of a class of words (capitals)
    bhej*+FUT                   … and both at once
    <8                          up to eight other words may stand before the next one
    /8                          the same, and both in one clause; /0 right after it in its clause
    !X                          the next word is not X          -X   none of the two words before is X
    X?                          X may be missing
    ^                           a clause begins here
    A & B & C <6                these in any order, at most six words between two of them

Finding is linear: from each first word the reachable positions are walked element by element, and a gap is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import permutations
from typing import Final, Generic, NamedTuple, TypeVar

from amaan.lexicon.domain.letters import key, plain, skeleton
from amaan.lexicon.domain.tokens import Word

MOST_GAP: Final = 12
MOST_ELEMENTS: Final = 8
_CLASS: Final = re.compile(r"[A-Z][A-Z0-9_]*$")
_WORD: Final = re.compile(r"\*?[^\W_]+\*?$|~[a-z]+\*?$|#$")


class BadPattern(Exception):
    """A line that can't be read; says which part."""


class Element(NamedTuple):
    """`is_`: bits of the sets to which the word belongs; `not_before`, `not_next`: of those it may not follow or
    precede, or 0."""

    is_: int
    gap: int
    within: bool
    optional: bool
    begins: bool
    not_before: int
    not_next: int


@dataclass(slots=True)
class Wording:
    """Sets of words by their bit. A word's mask tells which sets it belongs to; masks of some words are remembered."""

    classes: Mapping[str, frozenset[str]]
    roman: Mapping[str, frozenset[str]] = field(default_factory=dict)
    bits: dict[str, int] = field(default_factory=dict)
    whole: dict[str, list[int]] = field(default_factory=dict)
    begins: dict[str, list[int]] = field(default_factory=dict)
    ends: dict[str, list[int]] = field(default_factory=dict)
    consonants: dict[str, list[int]] = field(default_factory=dict)
    consonants_begin: dict[str, list[int]] = field(default_factory=dict)
    loose: dict[str, list[int]] = field(default_factory=dict)
    loose_begin: dict[str, list[int]] = field(default_factory=dict)
    common: frozenset[str] = frozenset()
    """Words that nearly every text holds."""
    reads_urdu: bool = False
    sizes: dict[int, int] = field(default_factory=dict)
    """How many words a set holds, about: what is rare in a lexicon is rare in a text."""
    numbers: list[int] = field(default_factory=list)
    masks: dict[str, int] = field(default_factory=dict)

    def bits_of(self, part: str) -> int:
        """The bits of sets to which a word belongs at once: `bhej*|send+FUT`. Raises BadPattern."""
        made = 0
        for one in part.split("+"):
            made |= self.bit(one)
        return made

    def bit(self, alternatives: str) -> int:
        """The bit of a set such as `bhej*|send`. Raises BadPattern."""
        if (known := self.bits.get(alternatives)) is not None:
            return known
        number = len(self.bits)
        bit = self.bits[alternatives] = 1 << number
        size = 0
        for one, roman in self._words_of(alternatives):
            size += self._weight(one)
            self._add(one, number)
            if roman:
                self._add_loosely(one, number)
        self.sizes[bit] = size
        return bit

    def _weight(self, one: str) -> int:
        """How often a text holds such a word, about."""
        return _COMMON if one in self.common else _WEIGHT.get(one[0], 3 if one.endswith("*") else 1)

    def _words_of(self, alternatives: str) -> Iterator[tuple[str, bool]]:
        """Each word, and whether it is Urdu in Latin letters."""
        for one in alternatives.split("|"):
            if _CLASS.match(one):
                if one not in self.classes:
                    raise BadPattern(f"there is no class {one}")
                roman = self.roman.get(one, frozenset())
                yield from ((word, word in roman) for word in self.classes[one])
            elif _WORD.match(one):
                yield one, self.reads_urdu
            else:
                raise BadPattern(f"{one!r} is neither a word nor a class")

    def _add_loosely(self, one: str, number: int) -> None:
        """Urdu has no settled spelling in Latin letters: a word that nothing else knows is read by its consonants."""
        if one.startswith(("~", "*", "#")):
            return
        bones = _bones_of(one)
        if len(bones) >= _FEWEST_CONSONANTS:
            table = self.loose_begin if one.endswith("*") else self.loose
            table.setdefault(bones, []).append(number)

    def _add(self, one: str, number: int) -> None:
        if one == "#":
            self.numbers.append(number)
        elif one.startswith("~"):
            table = self.consonants_begin if one.endswith("*") else self.consonants
            made = one[1:].rstrip("*")
            table.setdefault(made, []).append(number)
        else:
            table = self.begins if one.endswith("*") else self.ends if one.startswith("*") else self.whole
            made = _key_of(one)
            table.setdefault(made, []).append(number)

    def mask(self, form: str) -> int:
        """The sets that a word's form belongs to."""
        found = self.masks.get(form)
        if found is None:
            if len(self.masks) >= _MOST_REMEMBERED:
                self.masks.clear()
            found = self.masks[form] = self._mask(form)
        return found

    def _mask(self, form: str) -> int:
        if form[:1].isdigit():
            return self._joined([self.numbers, self.whole.get(form, ())])
        found = [self.whole.get(form, ())]
        known = bool(found[0])
        for length in range(1, min(len(form), _LONGEST) + 1):
            begins = self.begins.get(form[:length], ())
            known = known or bool(begins)
            found += (begins, self.ends.get(form[-length:], ()))
        bones = skeleton(form[:_LONGEST])
        if bones:
            found.append(self.consonants.get(bones, ()))
            found += (self.consonants_begin.get(bones[:length], ()) for length in range(2, len(bones) + 1))
        if not known and len(bones) >= _FEWEST_CONSONANTS:
            found.append(self.loose.get(bones, ()))
            found += (
                self.loose_begin.get(bones[:length], ())
                for length in range(_FEWEST_CONSONANTS, len(bones) + 1)
            )
        return self._joined(found)

    def _joined(self, found: Iterable[Sequence[int]]) -> int:
        """One mask of the sets of these numbers."""
        mask = bytearray(len(self.bits) // 8 + 1)
        for numbers in found:
            for number in numbers:
                mask[number >> 3] |= 1 << (number & 7)
        return int.from_bytes(mask, "little")


@cache
def _key_of(one: str) -> str:
    """How a word of the lexicon is compared. It stands in many sets: asked each time, that is a second of a start."""
    made = one.strip("*")
    return key(made if made.isascii() else plain(made).text, whole="*" not in {one[0], one[-1]})


@cache
def _bones_of(one: str) -> str:
    return skeleton(key(plain(one.rstrip("*")).text, whole=False))


_MOST_REMEMBERED: Final = 50_000
_FEWEST_CONSONANTS: Final = 3
_WEIGHT: Final = {"#": 60, "*": 8}
_COMMON: Final = 40
_LONGEST: Final = 24


Sequence_ = tuple[Element, ...]


def compiled(line: str, wording: Wording) -> list[Sequence_]:
    """The sequences that a line stands for. Raises BadPattern."""
    if "&" in line:
        parts = [part.strip() for part in line.split("&")]
        last, _, gap = parts[-1].partition(" <")
        if not gap.isdigit() or not 2 <= len(parts) <= 4:
            raise BadPattern("words in any order are two to four, and say how far apart: A & B <6")
        sets = [*parts[:-1], last]
        return [_sequence(f" <{gap} ".join(order), wording) for order in permutations(sets)]
    return [_sequence(line, wording)]


def _sequence(line: str, wording: Wording) -> Sequence_:
    elements: list[Element] = []
    gap, within, begins, not_before, last = 0, False, False, 0, ""
    for part in line.split():
        last = part
        if part.startswith(("<", "/")):
            within = part.startswith("/")
            if not part[1:].isdigit() or not elements or not 1 - within <= int(part[1:]) <= MOST_GAP:
                raise BadPattern(f"a gap is <1 to <{MOST_GAP} and stands between two words, not {part!r}")
            gap = int(part[1:])
        elif part == "^":
            begins = True
        elif part.startswith("-"):
            not_before |= wording.bit(part[1:])
        elif part.startswith("!"):
            if not elements:
                raise BadPattern(f"{part!r} says what doesn't follow a word, so a word stands before it")
            elements[-1] = elements[-1]._replace(not_next=elements[-1].not_next | wording.bit(part[1:]))
        else:
            optional = part.endswith("?")
            is_ = wording.bits_of(part.rstrip("?"))
            elements.append(Element(is_, gap, within, optional, begins, not_before, 0))
            gap, within, begins, not_before = 0, False, False, 0
    if not elements or elements[0].optional or last.startswith(("<", "/")):
        raise BadPattern("a pattern begins with a word that must be there, and ends with a word")
    if len(elements) > MOST_ELEMENTS:
        raise BadPattern(f"a pattern has at most {MOST_ELEMENTS} words")
    return tuple(elements)


def find(
    sequence: Sequence_, words: Sequence[Word], masks: Sequence[int], low: int, high: int
) -> Iterator[tuple[int, int]]:
    """Every stretch [first, last] of words low to high that a sequence fits; none overlaps an earlier one."""
    first = sequence[0]
    at = low
    while at < high:
        if masks[at] & first.is_ == first.is_ and _fits(first, words, masks, at, low, high):
            end = _end(sequence, words, masks, at, low, high)
            if end >= 0:
                yield at, end
                at = end
        at += 1


def _fits(  # noqa: PLR0917 - the innermost step
    one: Element, words: Sequence[Word], masks: Sequence[int], at: int, low: int, high: int
) -> bool:
    if one.begins and at > low and words[at - 1].clause == words[at].clause:
        return False
    if one.not_before and any(masks[n] & one.not_before for n in range(max(low, at - 2), at)):
        return False
    return not (one.not_next and at + 1 < high and masks[at + 1] & one.not_next)


def _end(  # noqa: PLR0917 - the innermost step
    sequence: Sequence_, words: Sequence[Word], masks: Sequence[int], at: int, low: int, high: int
) -> int:
    """The nearest last word, or -1."""
    reached = {at}
    for one in sequence[1:]:
        found = {
            n
            for p in reached
            for n in range(p + 1, min(p + 2 + one.gap, high))
            if masks[n] & one.is_ == one.is_
            and (not one.within or words[n].clause == words[p].clause)
            and _fits(one, words, masks, n, low, high)
        }
        reached = found | reached if one.optional else found
        if not reached:
            return -1
    return min(reached)


def needs(sequence: Sequence_) -> list[int]:
    """The sets of which a stretch must hold a word each."""
    return [one.is_ for one in sequence if not one.optional]


Owner = TypeVar("Owner")
Row = tuple[int, int, int, Sequence_, Owner]
"""Which byte of a mask, and which bit of it, its second rarest word sets; all bits that a stretch needs; the sequence;
whose it is."""


class Index(Generic[Owner]):
    """Sequences by their rarest word, so that a sentence is asked only for those that it may hold."""

    def __init__(self, rows: Iterable[tuple[Sequence_, Owner]], wording: Wording) -> None:
        self._wording = wording
        self._groups: dict[int, list[Row[Owner]]] = {}
        for sequence, owner in rows:
            wanted = 0
            for bits in needs(sequence):
                wanted |= bits
            rare = sorted(needs(sequence), key=self._size)
            byte, bit = divmod(rare[min(1, len(rare) - 1)].bit_length() - 1, 8)
            self._groups.setdefault(rare[0], []).append((byte, 1 << bit, wanted, sequence, owner))
        self._known: dict[str, tuple[list[Row[Owner]], ...]] = {}

    def _size(self, bits: int) -> int:
        sizes = self._wording.sizes
        return sizes[bits] if bits in sizes else min(size for bit, size in sizes.items() if bits & bit)

    def _of(self, form: str, mask: int) -> tuple[list[Row[Owner]], ...]:
        found = self._known.get(form)
        if found is None:
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
            found = tuple(rows for anchor, rows in self._groups.items() if mask & anchor == anchor)
            self._known[form] = found
        return found

    def found_in(
        self, words: Sequence[Word], masks: Sequence[int], low: int, high: int
    ) -> Iterator[Found[Owner]]:
        """Every stretch of the words from low to high that a sequence fits, with its owner."""
        every = 0
        for n in range(low, high):
            every |= masks[n]
        held = every.to_bytes(len(self._wording.bits) // 8 + 1, "little")
        seen: set[int] = set()
        for n in range(low, high):
            for rows in self._of(words[n].form, masks[n]):
                if id(rows) in seen:
                    continue
                seen.add(id(rows))
                for byte, bit, wanted, sequence, owner in rows:
                    if held[byte] & bit and every & wanted == wanted:
                        for first, last in find(sequence, words, masks, low, high):
                            yield Found(owner, first, last)


class Found(NamedTuple, Generic[Owner]):
    """What fits, from its first to its last word."""

    owner: Owner
    first: int
    last: int
