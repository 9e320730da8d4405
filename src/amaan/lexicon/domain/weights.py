"""Weights of words: a sum over a few sentences that raises an indicator, or withholds what a pattern found. Pure.

`weights.json` holds, for each term, what it adds to each indicator (hundredths), and for each indicator what it begins
with and what a pattern's hits there add. A term is a word's form, two neighbouring forms ("^" and "$" stand before the
first and after the last), or three to five neighbouring letters within a form ("<" and ">" are its ends). The terms'
weights of a piece, and of it with the two before it, a piece being a sentence or forty words of an endless one, are
added and divided by the square root of the number of forms; then come the begin and the hits. Nought is an even chance
that a reader would say it. What a pattern found stands unless the sum speaks clearly against it (`STANDS`; of what asks
for somebody today it always stands); what none found is raised from `RAISES` on. A form counts once in a stretch, and
so do two neighbours: what is repeated weighs no more.

Every such stretch is asked for itself, so what is appended to a text takes nothing from it. `tools/learn_weights.py`
makes the file.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from amaan.lexicon.domain.indicators import Indicator
from amaan.lexicon.domain.tokens import Word

MOST_WORDS: Final = 40
"""Words of a piece."""
MOST_PIECES: Final = 3
"""Pieces of a stretch."""
MOST_SHOWN: Final = 3
"""Words that are told as what carried a stretch: those that weigh most."""
LETTERS: Final = (3, 4, 5)
DANGER: Final = frozenset(
    {
        Indicator.THREAT_TO_SHARE,
        Indicator.MONEY_DEMAND,
        Indicator.MORE_IMAGES_DEMAND,
        Indicator.SELF_HARM_RISK,
        Indicator.MEETING_ARRANGED,
        Indicator.CHILD_WITH_SUSPECT_NOW,
        Indicator.LIVE_STREAM,
        Indicator.MISSING_CHILD,
    }
)
"""What asks for somebody today, and may not be missed."""
_ORDER: Final = tuple(Indicator)
RAISES: Final = -40
"""Hundredths from which on a stretch raises what no pattern found there: what is overlooked costs more than a look."""
DENIED: Final = 70
"""The same where a pattern's hit there is withheld, as denied, supposed or over; and of a sentence alone that has
others before it."""
STANDS: Final = np.array([-100_000_000 if one in DANGER else -80 for one in _ORDER])
"""Hundredths from which on what a pattern found stands; of what asks for somebody today always."""
_FEWEST_ALONE: Final = 4
"""Different words of a sentence that raises by itself though others stand before it: two or three say little."""
_MOST_REMEMBERED: Final = 50_000
_LONGEST: Final = 24
"""Letters of a form that are looked at."""
Numbers = NDArray[np.int64]
_BITS: Final = 32
_HALF: Final = 1 << (_BITS - 1)
_OFFSET: Final = sum(_HALF << (_BITS * k) for k in range(len(_ORDER)))
"""A row is what something adds to each indicator, in hundredths: one whole number of so many bits an indicator, for
fifteen sums at the price of one. With the offset no part is negative. A part can't run over: two thousand letters of a
stretch, a few terms a letter, and no weight past `_MOST`."""
_MOST: Final = 100_000


class BadWeights(Exception):
    """A file of weights that can't be used; says why."""


class Place(NamedTuple):
    """`count` hits of an indicator by patterns that begin at this word, kept or withheld."""

    indicator: Indicator
    word: int
    kept: bool


class Weighed(NamedTuple):
    """`raised`: (indicator, word), words from the first stretch that raises it. `passed`: of each indicator the pieces
    in which a pattern's hit stands."""

    raised: tuple[tuple[Indicator, int], ...]
    passed: dict[Indicator, frozenset[int]]


def pieces(words: Sequence[Word]) -> list[tuple[int, int]]:
    """First and one past last word of each piece."""
    found: list[tuple[int, int]] = []
    begun = 0
    for n in range(1, len(words) + 1):
        if n == len(words) or words[n].sentence != words[begun].sentence or n - begun >= MOST_WORDS:
            found.append((begun, n))
            begun = n
    return found


def plain_form(form: str) -> str:
    return "#" if form[:1].isdigit() else form[:_LONGEST]


def of_form(form: str) -> Iterator[str]:
    """The terms of one plain form."""
    yield form
    if len(form) > 1:
        ends = f"<{form}>"
        for length in LETTERS:
            for at in range(len(ends) - length + 1):
                yield ends[at : at + length] + "*"


def pairs(plain: Sequence[str]) -> Iterator[str]:
    """The terms of neighbours, of one piece."""
    both = ["^", *plain, "$"]
    return (f"{first} {second}" for first, second in pairwise(both))


def terms(stretch: Sequence[Sequence[str]]) -> Counter[str]:
    """Of the forms of a stretch's pieces: the slow, plain twin of what `Weights` adds up."""
    plain = [[plain_form(form) for form in piece] for piece in stretch]
    found = Counter(term for form in {form for piece in plain for form in piece} for term in of_form(form))
    found.update({pair for piece in plain for pair in pairs(piece)})
    return found


class Weights:
    """Read-only, but for what it remembers of forms that it met."""

    def __init__(self, data: bytes) -> None:
        """Raises BadWeights."""
        try:
            table = json.loads(data)
            of = [table["indicators"][str(one)] for one in _ORDER]
            self.begin, self.hit, self.more, self.withheld = (
                np.array([int(row[name]) for row in of]) for name in ("begin", "hit", "more_hits", "withheld")
            )
            self._terms: dict[str, list[int]] = table["terms"]
            if any(_wrong(weights) for weights in self._terms.values()):
                raise BadWeights("a term has numbers of indicators, each with its weight")
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            raise BadWeights(f"{type(error).__name__}: {error}") from None
        self._forms: dict[str, tuple[str, int]] = {}
        self._pairs: dict[str, int] = {}

    def of_indicator(self, one: Indicator) -> tuple[int, int, int]:
        """What it begins with, what a pattern's hit adds, and what more than one adds."""
        k = _NUMBER[one]
        return int(self.begin[k]), int(self.hit[k]), int(self.more[k])

    def heaviest(self, one: Indicator, most: int) -> list[tuple[str, int]]:
        """The whole words and neighbours that add most, heaviest first."""
        k = _NUMBER[one]
        rows = ((term, _part(_row(row), k)) for term, row in self._terms.items() if not term.endswith("*"))
        return sorted(rows, key=lambda both: (-both[1], both[0]))[:most]

    def added_by(self, term: str) -> dict[Indicator, int]:
        """What one term of the file adds to each indicator."""
        row = _row(self._terms.get(term, []))
        return {one: part for k, one in enumerate(_ORDER) if (part := _part(row, k))}

    def _of_form(self, form: str) -> tuple[str, int]:
        """Its plain form, and the row of it and its letters."""
        if len(self._forms) >= _MOST_REMEMBERED:
            self._forms.clear()
        plain = plain_form(form)
        row = sum(_row(self._terms[term]) for term in of_form(plain) if term in self._terms)
        self._forms[form] = found = (plain, row)
        return found

    def _of_pair(self, pair: str) -> int:
        """Only of what the file holds, so there is an end to what is remembered."""
        found = self._pairs.get(pair)
        if found is None:
            found = self._pairs[pair] = _row(self._terms[pair])
        return found

    def _found(self, words: Sequence[Word], low: int, high: int) -> tuple[dict[str, int], dict[str, int]]:
        """Of a piece: the rows of its forms, and of those neighbours that weigh."""
        forms: dict[str, int] = {}
        both: dict[str, int] = {}
        known, weighing = self._forms, self._terms
        before = "^"
        for n in range(low, high):
            form = words[n].form
            plain, forms[plain] = known.get(form) or self._of_form(form)
            pair = f"{before} {plain}"
            if pair in weighing:
                both[pair] = self._of_pair(pair)
            before = plain
        pair = f"{before} $"
        if pair in weighing:
            both[pair] = self._of_pair(pair)
        return forms, both

    def _sums(self, words: Sequence[Word], cuts: Sequence[tuple[int, int]]) -> tuple[Numbers, Numbers]:
        """Of each stretch of `stretches`: what its terms add, and how many forms it has."""
        within = [self._found(words, low, high) for low, high in cuts]
        made: list[bytes] = []
        counts: list[int] = []
        for first, last in stretches(len(cuts)):
            forms, both = within[last]
            if first < last:
                forms, both = dict(forms), dict(both)
                for more, pairs_ in within[first:last]:
                    forms |= more
                    both |= pairs_
            total = sum(forms.values()) + sum(both.values()) + _OFFSET
            made.append(total.to_bytes(_BITS // 8 * len(_ORDER), "little"))
            counts.append(len(forms))
        rows = np.frombuffer(b"".join(made), dtype="<u4").astype(np.int64).reshape(len(made), -1)
        return rows - _HALF, np.array(counts)

    def weigh(self, words: Sequence[Word], places: Sequence[Place]) -> Weighed:
        """Linear in the words."""
        if not words:
            return Weighed((), {})
        cuts = pieces(words)
        sums, forms = self._sums(words, cuts)
        value = sums / np.sqrt(forms)[:, None] + self.begin
        if not places and value.max() < RAISES:
            return Weighed((), {})
        kept, held = self._counted(cuts, len(words), places)
        first, last = np.array(stretches(len(cuts))).T
        alone = (first == last) & (last > 0)
        needs = (np.where(alone, DENIED, RAISES) + 100 * _surer(last))[:, None]
        needs[alone & (forms < _FEWEST_ALONE)] = np.inf
        if places:
            hits = _over(kept, first, last)
            value += (hits > 0) * self.hit + (hits > 1) * self.more
            denied = (_over(held, first, last) > 0) & (hits == 0)
            value += denied * self.withheld
            needs = np.where(denied, np.maximum(needs, DENIED), needs)
        passing = value >= STANDS
        surely = value >= needs
        raised: list[tuple[Indicator, int]] = []
        passed: dict[Indicator, frozenset[int]] = {}
        for k in np.flatnonzero(passing.any(axis=0)):
            if places:
                at = np.flatnonzero(passing[:, k])
                passed[_ORDER[k]] = frozenset(n for w in at for n in range(first[w], last[w] + 1))
            at = np.flatnonzero(surely[:, k])
            if len(at):
                low, high = int(first[at[0]]), int(last[at[0]])
                if not kept[low : high + 1, k].any():
                    raised += ((_ORDER[k], n) for n in self._heaviest(words, cuts[low : high + 1], int(k)))
        return Weighed(tuple(raised), passed)

    @staticmethod
    def _counted(
        cuts: Sequence[tuple[int, int]], count: int, places: Sequence[Place]
    ) -> tuple[Numbers, Numbers]:
        """By piece and indicator: hits that are kept, hits that are withheld."""
        both = np.zeros((2, len(cuts), len(_ORDER)), dtype=np.int64)
        if places:
            of = np.repeat(np.arange(len(cuts)), [high - low for low, high in cuts])
            assert len(of) == count
            for one in places:
                both[0 if one.kept else 1, of[one.word], _NUMBER[one.indicator]] += 1
        return both[0], both[1]

    def _heaviest(self, words: Sequence[Word], cuts: Sequence[tuple[int, int]], k: int) -> list[int]:
        """The words that add most to one indicator, in their order; at least one."""
        added: dict[int, int] = {}
        seen: set[str] = set()
        for low, high in cuts:
            before = "^"
            for n in range(low, high):
                form = words[n].form
                plain, row = self._forms.get(form) or self._of_form(form)
                for term in (plain, f"{before} {plain}", *([f"{plain} $"] if n == high - 1 else ())):
                    if term not in seen:
                        seen.add(term)
                        weight = row if term == plain else self._of_pair(term) if term in self._terms else 0
                        added[n] = added.get(n, 0) + _part(weight, k)
                before = plain
        best = sorted(added, key=lambda n: (-added[n], n))[:MOST_SHOWN]
        return sorted([n for n in best if added[n] > 0] or best[:1])


_NUMBER: Final = {one: k for k, one in enumerate(_ORDER)}


def _wrong(weights: Any) -> bool:
    return (
        not isinstance(weights, list)
        or len(weights) % 2 != 0
        or not all(isinstance(one, int) for one in weights)
        or not all(0 <= k < len(_ORDER) for k in weights[::2])
        or not all(abs(weight) <= _MOST for weight in weights[1::2])
    )


def _row(weights: Sequence[int]) -> int:
    """From [indicator's number, hundredths, …]."""
    return sum(weight << (_BITS * k) for k, weight in zip(weights[::2], weights[1::2], strict=True))


def _part(row: int, k: int) -> int:
    return ((row + _OFFSET) >> (_BITS * k)) % (1 << _BITS) - _HALF


def stretches(count: int) -> list[tuple[int, int]]:
    """First and last piece of each: one by itself, and it with the two before it. None ends where a text happens to, so
    what is appended changes none of them; and what is said before takes nothing from what a piece says by itself."""
    return [
        (first, last)
        for last in range(count)
        for first in dict.fromkeys((max(0, last - MOST_PIECES + 1), last))
    ]


def _surer(last: Numbers) -> NDArray[np.float64]:
    """What each stretch needs to raise by itself: who looks a hundred times finds something, so a long text's later
    stretches need more (the logarithm of how many came before)."""
    made: NDArray[np.float64] = np.log(np.maximum(last - MOST_PIECES + 2, 1.0))
    return made


def _over(rows: Numbers, first: Numbers, last: Numbers) -> Numbers:
    """Sums of rows, of each stretch."""
    up_to = np.vstack([np.zeros((1, rows.shape[1]), dtype=np.int64), np.cumsum(rows, axis=0)])
    made: Numbers = up_to[last + 1] - up_to[first]
    return made
