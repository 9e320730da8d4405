"""What was chosen at the public's door, or told to staff in the same questions, as facts of a closed list. Pure.

Reports of platforms have none of these facts, and neither have reports that came before they were made: not said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

_SETS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "way": "me child saw threat",
        "happening": "threat asks_pictures asks_video asks_meeting sends_sexual pictures_shared hurt offer "
        "fake_pictures hidden_camera taken live group selling other",
        "demanded": "money more_pictures video_call meeting passwords other_child silence other",
        "promised": "job modelling study money gifts game_items help friendship travel other",
        "pay_ways": "easypaisa jazzcash bank crypto gift_cards top_up cash other",
        "person": "stranger_online acquaintance friend relative parent carer teacher religious_teacher employer "
        "official not_known other",
        "when": "now today week month year longer not_sure",
        "venue": "online home apartment school workplace worship shop hotel vehicle public other",
        "contact": "code no yes",
    }
)
TOLD_WORDS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {key: frozenset(words.split()) for key, words in _SETS.items()}
)
"""The answers of which a list of words is kept, by the key of their question's field, and those words."""
TOLD_ANSWERS: Final = ("paid", "others")
"""The answers that are yes, no, or not said."""

TOLD: Final = frozenset({*TOLD_WORDS, *TOLD_ANSWERS, "platforms"})
"""The fields whose chosen words a draft carries along."""

Told = Mapping[str, list[str]]


def told_facts(told: Told) -> Iterable[tuple[str, bool | int | str | list[str]]]:
    """Facts by name. `told`: every word that was chosen, by field; a word of no list is left out."""
    for key, known in TOLD_WORDS.items():
        if words := known.intersection(told.get(key, ())):
            yield f"told.{key}", sorted(words)
    for key in TOLD_ANSWERS:
        said = told.get(key, ())
        if answer := next((one for one in ("yes", "no") if one in said), None):
            yield f"told.{key}", answer
    if platforms := set(told.get("platforms", ())):
        yield "told.platforms", len(platforms)
    if any(told.get("find_child", ())):
        yield "told.find_child", True
