"""How well the lexicon reads labelled sentences: precision, recall and F1, by indicator and language. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from amaan.lexicon.domain.indicators import Indicator
from amaan.lexicon.domain.lexicon import LANGUAGES
from amaan.lexicon.domain.reading import read_text
from amaan.lexicon.domain.weights import DANGER

__all__ = ("DANGER", "Labelled", "Measured", "Score", "measured", "table")


class Labelled(NamedTuple):
    """A sentence with what a person says that it asserts."""

    lang: str
    text: str
    indicators: frozenset[str]


class Score(NamedTuple):
    """`found` rightly, `wrongly`, and `missed`."""

    found: int
    wrongly: int
    missed: int

    @property
    def precision(self) -> float:
        return self.found / (self.found + self.wrongly) if self.found + self.wrongly else 1.0

    @property
    def recall(self) -> float:
        return self.found / (self.found + self.missed) if self.found + self.missed else 1.0

    @property
    def f1(self) -> float:
        return 2 * self.found / (2 * self.found + self.wrongly + self.missed) if self.found else 0.0


@dataclass
class Measured:
    """Counts by (language, indicator)."""

    found: Counter[tuple[str, str]] = field(default_factory=Counter)
    wrongly: Counter[tuple[str, str]] = field(default_factory=Counter)
    missed: Counter[tuple[str, str]] = field(default_factory=Counter)

    def score(self, lang: str, indicators: Iterable[Indicator] = Indicator) -> Score:
        """Of one language, all these indicators together."""
        keys = [(lang, str(one)) for one in indicators]
        return Score(
            *(sum(counts[key] for key in keys) for counts in (self.found, self.wrongly, self.missed))
        )


def measured(sentences: Iterable[Labelled]) -> Measured:
    made = Measured()
    for one in sentences:
        read = {str(hit.indicator) for hit in read_text(one.text, one.lang)}
        made.found.update((one.lang, word) for word in read & one.indicators)
        made.wrongly.update((one.lang, word) for word in read - one.indicators)
        made.missed.update((one.lang, word) for word in one.indicators - read)
    return made


def table(made: Measured) -> str:
    """Rows of Markdown: an indicator a row, precision / recall / F1 a language."""
    lines = [
        "| indicator | English | Urdu | Roman Urdu |",
        "|---|---|---|---|",
        *(_row(f"`{one}`", made, [one]) for one in Indicator),
        _row("**all**", made, list(Indicator)),
        _row("**danger**", made, sorted(DANGER)),
    ]
    return "\n".join(lines) + "\n"


def _row(name: str, made: Measured, indicators: list[Indicator]) -> str:
    scores = (made.score(lang, indicators) for lang in _ORDER)
    return (
        f"| {name} | " + " | ".join(f"{s.precision:.2f} / {s.recall:.2f} / {s.f1:.2f}" for s in scores) + " |"
    )


_ORDER: Final = ("en", "ur", "roman")
assert set(_ORDER) == set(LANGUAGES)
