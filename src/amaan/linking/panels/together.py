"""Decisions that somebody took in one act: one line in a ring's history, and a page that lists them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from amaan.authority.actors import Actor
from amaan.linking.panels.history import decisions_of
from amaan.linking.panels.values import Decided
from amaan.linking.selectors.states import DecisionTold, decisions_told, firsts_of, taken_together


@dataclass(frozen=True, slots=True)
class ActLine:
    """A link of the act. `counts`: the act's decision about it does."""

    low: str
    high: str
    counts: bool


@dataclass(frozen=True, slots=True)
class ActPanel:
    """An act, as far as its reader may open the reports. `left`: how many of its decisions count. `undoable`: the
    reader may undo all that do."""

    number: int
    what: str
    by: str
    at: datetime
    reason: str
    lines: tuple[ActLine, ...]
    left: int
    undoable: bool


def folded(decided: Iterable[Decided], told: Iterable[DecisionTold]) -> tuple[Decided, ...]:
    """Each act once, in the place of the first of its decisions that the reader is told of."""
    acts = {one.number: one.together for one in told if one.together is not None}
    every = list(decided)
    size = Counter(acts[one.number] for one in every if one.number in acts)
    counting = {acts[one.number] for one in every if one.number in acts and one.counts}
    first: dict[int, int] = {}
    for one in every:
        if one.number in acts:
            first[acts[one.number]] = min(one.number, first.get(acts[one.number], one.number))
    found = []
    for one in every:
        act = acts.get(one.number)
        undoes = first.get(acts.get(one.undoes, 0), one.undoes)
        if act is None:
            found.append(replace(one, undoes=undoes))
        elif first[act] == one.number:
            whole = replace(one, low="", high="", undoable=False, counts=act in counting)
            found.append(replace(whole, undoes=undoes, together=act, links=size[act]))
    return tuple(found)


def act_panel(actor: Actor, act: int) -> ActPanel | None:
    """None where there is no such act, or none of whose reports the actor may open both of a pair."""
    numbers = taken_together(act)
    firsts = firsts_of(numbers)
    # With each comes whatever undid it, and so whatever of this act undoes.
    told = decisions_told(numbers={first.number for first in firsts.values()})
    readable = {one.number: one for one in decisions_of(actor, told)}
    mine = [readable[number] for number in numbers if number in readable]
    if not mine:
        return None
    one, left = mine[0], [decided for decided in mine if decided.counts]
    pairs = [readable[firsts[decided.number].number] for decided in mine]
    return ActPanel(
        number=act,
        what=one.what,
        by=one.by,
        at=one.at,
        reason=one.reason,
        lines=tuple(ActLine(pair.low, pair.high, its.counts) for pair, its in zip(pairs, mine, strict=True)),
        left=len(left),
        undoable=bool(left) and len(mine) == len(numbers) and all(decided.undoable for decided in left),
    )
