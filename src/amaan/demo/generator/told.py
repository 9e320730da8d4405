"""What people tell at the public's door: stories from `told.toml`, each time about another invented person."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any, Final

from amaan.demo.generator.identifiers import person, urdu_digits, write_phone
from amaan.demo.generator.plan import NONE

_FIRST: Final = 9_000_000
"""Persons from here on are the door's own, so that nobody of the documents is one of them by chance."""


@dataclass(frozen=True)
class Told:
    """One telling. `asks_back` is what an office asks, where anybody does; `later` what the reporter answers.

    `kind` and `danger` are labels, for people who check: what is told, and how bad it is (`now`, `serious`, `none`).
    """

    language: str
    answers: dict[str, Any]
    asks_back: str = ""
    later: str = ""
    kind: str = ""
    danger: str = NONE


@cache
def stories(*, hard: bool = False) -> tuple[Told, ...]:
    """Every story once; `hard` adds those that are told in words alone, or are none."""
    names = ("told.toml", "told_hard.toml") if hard else ("told.toml",)
    texts = (files("amaan.demo.generator").joinpath(name).read_text("utf-8") for name in names)
    return tuple(Told(**story) for text in texts for story in tomllib.loads(text)["story"])


def tellings(seed: int, count: int, *, hard: bool = False) -> Iterator[Told]:
    """`count` tellings, the stories in turn. The same arguments give the same."""
    known = stories(hard=hard)
    for number in range(count):
        rng = Random((seed << 20) + number)  # noqa: S311  a demo world, nothing secret
        who = person(seed, _FIRST + number)
        words = {
            "handle": who.handle,
            "phone": write_phone(rng, who.phone),
            "urdu_phone": urdu_digits(who.phone),
            # Two that follow each other name one wallet.
            "wallet": write_phone(rng, person(seed, _FIRST + number // 2).phone),
            "group": f"shop{rng.getrandbits(24):x}",
        }
        story = known[number % len(known)]
        yield replace(story, answers={key: _filled(value, words) for key, value in story.answers.items()})


def _filled(value: Any, words: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [_filled(one, words) for one in value]
    return value.format(**words)
