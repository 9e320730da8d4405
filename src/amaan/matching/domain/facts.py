"""What triage may know of a report's matches: facts that name no list's member and nobody. Pure.

They are made anew whenever triage reads them, from the matches of the newest telling whose list is in force and whose
member counts: what was withdrawn is forgotten. docs/reference/facts.md lists them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from amaan.matching.domain.lists import MAY_RAISE_DANGER, Category, ListKind, SignalType

MatchFacts = dict[str, bool | int | list[str]]
WIDELY_KNOWN: Final = frozenset({"viral", "meme", "potential_meme"})
"""A source's own tags for what goes round everywhere: it tells nothing of a child in danger now."""


class Standing(NamedTuple):
    """A match that counts: the file's number, what was compared, whose list, the member's category and tags."""

    content: int
    type: SignalType
    list: int
    kind: ListKind
    category: Category
    tags: frozenset[str]


def match_facts(matches: Iterable[Standing], contents: Iterable[int]) -> MatchFacts:
    """The facts of one report. `contents`: the numbers of its files that can be compared. {} where nothing matches.

    A survivor's own hash is told by `match.survivor` alone: it adds to no other fact, so that no other fact can carry
    it to danger. Widely known material is told as such, and does not lend its category.
    """
    found = list(matches)
    if not found:
        return {}
    said = [one for one in found if one.kind in MAY_RAISE_DANGER and one.category is not Category.SURVIVOR]
    facts: MatchFacts = {"match.survivor": len(said) < len(found)}
    if not said:
        return facts
    exact = [one for one in said if one.type.cryptographic]
    files = {one.content for one in exact}
    near = [one for one in said if not one.type.cryptographic and one.content not in files]
    return facts | {
        "match.exact": sorted({str(one.category) for one in exact if not one.tags & WIDELY_KNOWN}),
        "match.near": sorted({str(one.category) for one in near if not one.tags & WIDELY_KNOWN}),
        "match.known": len(files),
        "match.alike": len({one.content for one in near}),
        "match.unknown": len(set(contents) - {one.content for one in said}),
        "match.viral": any(one.tags & WIDELY_KNOWN for one in said),
        "match.lists": len({one.list for one in said}),
        "match.own": any(one.kind is ListKind.OWN for one in said),
    }
