"""What people tell at the public's door: stories from `told.toml`, each time about another invented person."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any, Final

from amaan.demo.generator.identifiers import person, urdu_digits, write_phone

_FIRST: Final = 9_000_000
"""Persons from here on are the door's own, so that nobody of the documents is one of them by chance."""


@dataclass(frozen=True)
class Told:
    """One telling. `asks_back` is what an office asks, where anybody does; `later` what the reporter answers."""

    language: str
    answers: dict[str, Any]
    asks_back: str = ""
    later: str = ""


@cache
def stories() -> tuple[Told, ...]:
    held = tomllib.loads(files("amaan.demo.generator").joinpath("told.toml").read_text("utf-8"))
    return tuple(Told(**story) for story in held["story"])


def tellings(seed: int, count: int) -> Iterator[Told]:
    """`count` tellings, the stories in turn. The same arguments give the same."""
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
        story = stories()[number % len(stories())]
        answers = {key: _filled(value, words) for key, value in story.answers.items()}
        yield Told(story.language, answers, story.asks_back, story.later)


def _filled(value: Any, words: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [_filled(one, words) for one in value]
    return value.format(**words)
