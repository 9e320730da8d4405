"""What is planted, read from `rings.toml`, and how many reports of it a world of some size holds."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Shape:
    """`share` of all reports of the world; `size` of one instance and its `days`, from and to."""

    name: str
    share: float
    least: int
    size: tuple[int, int]
    days: tuple[int, int]
    doors: Mapping[str, int]

    def instances(self, reports: int) -> int:
        together = (self.size[0] + self.size[1]) / 2 * (2 if self.name == "carrier" else 1)
        return max(self.least, round(self.share * reports / together))


@cache
def plot() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("rings.toml").read_text(encoding="utf-8"))


@cache
def shapes() -> tuple[Shape, ...]:
    return tuple(
        Shape(name, one["share"], one["least"], tuple(one["size"]), tuple(one["days"]), one["doors"])
        for name, one in plot()["shape"].items()
    )


SUMS: Final = ("5,000", "8000", "10,000", "15000", "20,000", "3500", "12 hazar")


def compose(rng: Random, about: str, language: str) -> str:
    """A sentence about a `lure`, a `demand` or a `page`, with its fields still open."""
    told = plot()[about]
    parts = told.get(language) or told["en"]
    one, two, three = parts.get("between", (" ", " ", " "))
    who, what, ask, hush = (rng.choice(parts[part]) for part in ("who", "what", "ask", "hush"))
    return f"{who}{one}{what}{two}{ask}{three}{hush}{'۔' if language == 'ur' and language in told else '.'}"


def changed(rng: Random, text: str) -> str:
    """The same words as somebody passes them on: a greeting, a swap, another sum, a slip."""
    small = plot()["small"]
    for ours, theirs in small["swaps"]:
        if ours in text and rng.random() < 0.25:
            text = text.replace(ours, theirs, 1)
    words = text.split(" ")
    if len(words) > 8 and rng.random() < 0.3:
        at = rng.randrange(2, len(words) - 1)
        words[at] = words[at][:-1] or words[at]
    if rng.random() < 0.3:
        words.insert(0, rng.choice(small["greetings"]))
    if rng.random() < 0.3:
        words.append(rng.choice(small["closings"]))
    text = " ".join(word for word in words if word)
    return text.upper() if rng.random() < 0.05 else text


@dataclass(frozen=True, slots=True)
class Name:
    """Somebody's name, of a given name and an invented surname, and all the ways in which it is written."""

    given: tuple[str, ...]
    surname: tuple[str, ...]

    def written(self, rng: Random) -> str:
        """In Urdu one time in three, else in one of its Latin spellings."""
        if rng.random() < 0.33:
            return f"{self.given[0]} {self.surname[0]}"
        return f"{rng.choice(self.given[1:])} {rng.choice(self.surname[1:])}"


def a_name(rng: Random) -> Name:
    """The first ones of the lists are the most frequent, as names are."""
    words = plot()["words"]
    given, surnames = words["given"]["all"], words["surnames"]["all"]
    return Name(tuple(_skewed(rng, given)), tuple(_skewed(rng, surnames)))


def _skewed(rng: Random, choices: list[Any]) -> Any:
    return rng.choices(choices, [1 / (1 + place) for place in range(len(choices))])[0]
