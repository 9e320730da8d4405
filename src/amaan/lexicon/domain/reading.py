"""What a text asserts as true now, with the rule that says so and where. Pure, linear, and it never raises.

A sentence's words are looked up, patterns are found in it, and each hit is kept unless something withholds it: a "not"
before it (English) or at its verb (Urdu), or a guard (`lexicon.toml`'s kinds: hypothetical, settled, another speaker,
news …) within whose scope it lies. Then the words' weights are added up (`weights`): they raise what no pattern found,
and withhold what a pattern found where they speak clearly against it, but for what asks for somebody today. Nothing
here takes from what a field says.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from amaan.lexicon.domain.indicators import Indicator
from amaan.lexicon.domain.lexicon import RULE_OF_WEIGHTS, Guard, Lexicon, Negation, Pattern, Scope
from amaan.lexicon.domain.patterns import MOST_ELEMENTS, MOST_GAP, find
from amaan.lexicon.domain.shipped import shipped
from amaan.lexicon.domain.tokens import Text, cut
from amaan.lexicon.domain.weights import Place, Weighed, pieces

MOST_OF_A_RULE: Final = 8
"""Hits of one rule that a text keeps, the first ones; more tell nothing new."""
_BEFORE_EN, _BEFORE_UR, _AFTER_UR = 3, 2, 2
"""Words before a hit, and after its last word, at which a "not" denies it."""
_REACH: Final = 30
"""Words that a guard reaches within an endless sentence."""
_FARTHEST: Final = 80
"""Words that any guard reaches."""
_STRETCH: Final = MOST_ELEMENTS * (MOST_GAP + 1)
"""Words that one pattern or guard spans at most."""
_WINDOW: Final = 4 * _STRETCH
"""An endless sentence is looked through by windows of so many words, which overlap by a stretch."""
_FEW: Final = {Scope.BEFORE: (4, 0, 80), Scope.AROUND: (2, 2, 60)}
"""Sentences before and after, and words, that a guard reaches."""
_MIXED: Final = 3
"""How many times more marks of one language than of the other make a sentence one of that language alone."""


class Hit(NamedTuple):
    """`start` and `end` are offsets in the text as it came."""

    indicator: Indicator
    rule: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Withheld:
    """A hit that does not count, and the rule that withholds it: for explaining the lexicon to who edits it."""

    hit: Hit
    by: str


class _Raw(NamedTuple):
    pattern: Pattern
    first: int
    last: int
    sentence: int


class _Guarded(NamedTuple):
    guard: Guard
    first: int
    last: int
    sentence: int


def read_text(text: str, lang: str = "", *, lexicon: Lexicon | None = None) -> tuple[Hit, ...]:
    """What counts, in the order of the text. `lang` (en, ur, roman) decides where a sentence itself says nothing."""
    return _Reading(text, lang, lexicon or shipped()).hits()


def indicators_of(text: str, lang: str = "") -> list[Indicator]:
    """Without rules and offsets, in the order of `Indicator`."""
    found = {hit.indicator for hit in read_text(text, lang)}
    return [one for one in Indicator if one in found]


def explained(text: str, lang: str = "") -> tuple[tuple[Hit, ...], tuple[Withheld, ...]]:
    """What counts, and what was found and withheld."""
    reading = _Reading(text, lang, shipped())
    return reading.hits(), tuple(reading.withheld)


def _in_order(hit: Hit) -> tuple[int, int, str]:
    return hit.start, -hit.end, hit.rule


class _Reading:
    def __init__(self, text: str, lang: str, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.lang = lang
        self.text: Text = cut(text, lexicon.joins)
        self.withheld: list[Withheld] = []
        self.held: list[_Raw] = []
        self.pieces: list[int] = []
        mask = lexicon.wording.mask
        self.masks = [mask(word.form) for word in self.text.words]
        self.sentences = self._sentences()
        self.no: set[int] = set()
        """Positions of words that deny."""
        self.against: dict[str, list[int]] = {}
        """Of each guard that was met, where what takes its force begins."""

    def _sentences(self) -> list[tuple[int, int]]:
        """First and one past last word of each sentence that has any."""
        found: list[tuple[int, int]] = []
        begun = 0
        words = self.text.words
        for n in range(1, len(words) + 1):
            if n == len(words) or words[n].sentence != words[begun].sentence:
                found.append((begun, n))
                begun = n
        return found

    def hits(self) -> tuple[Hit, ...]:
        kept = self._matched()
        found = [self._hit(one) for one in kept]
        weights = self.lexicon.weights
        if weights is not None:
            places = [Place(one.pattern.indicator, one.first, True) for one in kept]
            places += {Place(one.pattern.indicator, one.first, False) for one in self.held}
            weighed = weights.weigh(self.text.words, places)
            found = [self._hit(one) for one in kept if self._bears(one, weighed)]
            found += (self._raised(indicator, at) for indicator, at in weighed.raised)
            found.sort(key=_in_order)
        return tuple(found)

    def _bears(self, one: _Raw, weighed: Weighed) -> bool:
        """Whether the weights of the words around let a pattern's hit stand."""
        indicator = one.pattern.indicator
        if self._piece(one.first) in weighed.passed.get(indicator, ()):
            return True
        self.withheld.append(Withheld(self._hit(one), f"{RULE_OF_WEIGHTS}{indicator}"))
        return False

    def _piece(self, at: int) -> int:
        """Which piece a word lies in."""
        if not self.pieces:
            self.pieces = [low for low, _ in pieces(self.text.words)]
        return bisect_right(self.pieces, at) - 1

    def _raised(self, indicator: Indicator, at: int) -> Hit:
        word = self.text.words[at]
        return Hit(indicator, f"{RULE_OF_WEIGHTS}{indicator}", word.start, word.end)

    def _matched(self) -> list[_Raw]:
        """What patterns find and nothing withholds, in the order of the text."""
        raw = list(
            dict.fromkeys(
                one for number, low, high in self._windows() for one in self._raw(number, low, high)
            )
        )
        if not raw:
            return []
        for _, low, high in self._windows():
            if any(self.masks[n] & self.lexicon.negators for n in range(low, high)):
                self._deny(low, high)
        guards = sorted(
            {one for number, low, high in self._windows() for one in self._guards(number, low, high)},
            key=lambda one: one.first,
        )
        begins = [one.first for one in guards]
        kept = self._beside([one for one in raw if not self._is_withheld(one, guards, begins)])
        found: list[_Raw] = []
        counts: dict[str, int] = {}
        ends: dict[str, int] = {}
        for hit, one in sorted(((self._hit(one), one) for one in kept), key=lambda both: _in_order(both[0])):
            # Of one rule's hits that overlap the widest is kept.
            if hit.start >= ends.get(hit.rule, 0) and counts.get(hit.rule, 0) < MOST_OF_A_RULE:
                ends[hit.rule] = hit.end
                counts[hit.rule] = counts.get(hit.rule, 0) + 1
                found.append(one)
        return found

    def _windows(self) -> Iterator[tuple[int, int, int]]:
        """Sentences by number, endless ones in parts: what is looked for must not take their length times itself."""
        for number, (low, high) in enumerate(self.sentences):
            while high - low > _WINDOW:
                yield number, low, low + _WINDOW
                low += _WINDOW - _STRETCH  # noqa: PLW2901 - the window moves on
            yield number, low, high

    def _hit(self, one: _Raw) -> Hit:
        words = self.text.words
        return Hit(one.pattern.indicator, one.pattern.id, words[one.first].start, words[one.last].end)

    def _languages(self, low: int, high: int) -> frozenset[str]:
        english = sum(1 for n in range(low, high) if self.masks[n] & self.lexicon.marks_english)
        urdu = sum(
            1
            for n in range(low, high)
            if self.masks[n] & self.lexicon.marks_urdu or self.text.words[n].form[0] >= "\u0600"
        )
        if not english and not urdu:
            return _SPOKEN.get(self.lang, _BOTH)
        if urdu > _MIXED * english:
            return _URDU
        return _ENGLISH if english > _MIXED * urdu else _BOTH

    def _raw(self, number: int, low: int, high: int) -> Iterable[_Raw]:
        languages: frozenset[str] | None = None
        assert self.lexicon.found is not None
        for pattern, first, last in self.lexicon.found.found_in(self.text.words, self.masks, low, high):
            if languages is None:
                languages = self._languages(low, high)
            if pattern.language in languages:
                yield _Raw(pattern, first, last, number)

    def _guards(self, number: int, low: int, high: int) -> Iterable[_Guarded]:
        asked = self.text.words[low].sentence in self.text.asked
        languages = self._languages(low, high)
        assert self.lexicon.guarded is not None
        for guard, first, last in self.lexicon.guarded.found_in(self.text.words, self.masks, low, high):
            foreign = (guard.urdu and languages == _ENGLISH) or (".en." in guard.id and languages == _URDU)
            if (asked or not guard.asked) and not foreign:
                yield _Guarded(guard, first, last, number)

    def _deny(self, low: int, high: int) -> None:
        """Note the words that deny, less those that stand where they deny nothing."""
        no = {n for n in range(low, high) if self.masks[n] & self.lexicon.negators}
        languages = self._languages(low, high)
        assert self.lexicon.neutral_found is not None
        for urdu, first, last in self.lexicon.neutral_found.found_in(self.text.words, self.masks, low, high):
            if not urdu or languages != _ENGLISH:
                no.difference_update(range(first, last + 1))
        self.no |= no

    def _is_withheld(self, one: _Raw, guards: Sequence[_Guarded], begins: Sequence[int]) -> bool:
        """`begins`: where each guard's first word is, sorted as the guards are."""
        if self._is_denied(one):
            self._withhold(one, "negation")
            return True
        near = bisect_left(begins, one.first - _FARTHEST - _STRETCH)
        for found in guards[near : bisect_right(begins, one.last + _FARTHEST)]:
            if one.pattern.indicator in found.guard.withholds and self._reaches(found, one):
                self._withhold(one, found.guard.id)
                return True
        return False

    def _withhold(self, one: _Raw, by: str) -> None:
        self.held.append(one)
        self.withheld.append(Withheld(self._hit(one), by))

    def _is_denied(self, one: _Raw) -> bool:
        if not self.no or one.pattern.negation is Negation.IGNORED:
            return False
        words = self.text.words
        low, high = self.sentences[one.sentence]
        english = one.pattern.language == "en" or (
            words[one.first].form.isascii() and self._languages(low, high) == _ENGLISH
        )
        before, after = (_BEFORE_EN, 0) if english else (_BEFORE_UR, _AFTER_UR)
        inside = range(one.first, one.last + 1) if one.pattern.negation is Negation.WITHHOLDS else ()
        ahead = (
            n
            for n in range(max(low, one.first - before), one.first)
            if words[n].clause == words[one.first].clause
        )
        behind = (
            n
            for n in range(one.last + 1, min(high, one.last + 1 + after))
            if words[n].clause == words[one.last].clause
        )
        return any(n in self.no for positions in (inside, ahead, behind) for n in positions)

    def _reaches(self, found: _Guarded, one: _Raw) -> bool:
        guard, words = found.guard, self.text.words
        few = _FEW.get(guard.scope)
        if few:
            before, after, reach = few
            if not found.sentence - before <= one.sentence <= found.sentence + after:
                return False
        elif found.sentence != one.sentence:
            return False
        else:
            reach = _REACH
        if one.last < found.first - reach or one.first > found.last + reach:
            return False
        if guard.scope is Scope.CLAUSE and words[one.first].clause != words[found.first].clause:
            return False
        if guard.scope is Scope.REST and (
            one.first < found.first or words[one.first].clause != words[found.last].clause
        ):
            return False
        return not (guard.unless and self._speaks_against(guard, found))

    def _speaks_against(self, guard: Guard, found: _Guarded) -> bool:
        """Whether a guard loses its force: in its own sentence after it, or in the two that follow."""
        if guard.id not in self.against:
            self.against[guard.id] = sorted(
                first
                for _, low, high in self._windows()
                for sequence in guard.unless
                for first, _ in find(sequence, self.text.words, self.masks, low, high)
            )
        places = self.against[guard.id]
        end = self.sentences[min(found.sentence + 2, len(self.sentences) - 1)][1]
        next_ = bisect_left(places, found.first)
        return next_ < len(places) and places[next_] < end

    def _beside(self, kept: Sequence[_Raw]) -> list[_Raw]:
        """Without those patterns that count only beside another one's hit, where there is none."""
        alone = [one for one in kept if not one.pattern.beside]
        found: dict[int, set[Indicator]] = {}
        for one in alone:
            found.setdefault(one.sentence, set()).add(one.pattern.indicator)
        return [
            one
            for one in kept
            if not one.pattern.beside or one.pattern.beside & found.get(one.sentence, set())
        ]


_ENGLISH: Final = frozenset({"en", "any"})
_URDU: Final = frozenset({"ur", "any"})
_BOTH: Final = frozenset({"en", "ur", "any"})
_SPOKEN: Final = {"en": _ENGLISH, "ur": _URDU, "roman": _URDU}
