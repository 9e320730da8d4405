"""What every client of a list gives: pages, and a checkpoint behind each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

import orjson

from amaan.clients.asking import NotUnderstood
from amaan.formats.hash_lists import Invalid, ListEntry

NEXT_LIVES: Final = 12 * 3600
"""Seconds that a place inside a run of pages is used: neither service promises to keep it for longer."""
MOST_PAGES: Final = 100_000
"""Pages of one run. Who still has more turns in a circle."""
MOST_RESTARTS: Final = 3


@dataclass(frozen=True)
class Page:
    """Entries, and what to remember once they are stored. `more` says whether another page waits now.

    An entry may come again, also after its tombstone; what comes later holds.
    """

    entries: tuple[ListEntry | Invalid, ...]
    checkpoint: str
    more: bool
    window: str  # in words, for whoever reads where entries came from


class ListClient(Protocol):
    def page(self, checkpoint: str, now: datetime) -> Page:
        """What follows a checkpoint ("" is the very beginning). Raises ServiceFault."""
        ...


def held(checkpoint: str) -> dict[str, object]:
    """A checkpoint's parts. One that can't be read is the beginning: all comes again, and nothing is lost."""
    try:
        parts = orjson.loads(checkpoint or "{}")
    except orjson.JSONDecodeError:
        return {}
    return parts if isinstance(parts, dict) else {}


def kept(parts: Mapping[str, object]) -> str:
    """Those parts of a checkpoint that say something, as text."""
    return orjson.dumps(
        {key: value for key, value in parts.items() if value}, option=orjson.OPT_SORT_KEYS
    ).decode()


def number(parts: Mapping[str, object], key: str, default: int = 0) -> int:
    value = parts.get(key, default)
    return value if isinstance(value, int) and value >= 0 else default


def text(parts: Mapping[str, object], key: str) -> str:
    value = parts.get(key, "")
    return value if isinstance(value, str) else ""


def refuse_circle(before: str, after: str, pages: int) -> None:
    """Raises NotUnderstood where a service's pages lead nowhere new."""
    if after and (after == before or pages > MOST_PAGES):
        raise NotUnderstood("The service's pages turn in a circle.")
