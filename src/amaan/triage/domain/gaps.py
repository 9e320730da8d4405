"""What was not said, ranked by what saying it could change. Pure.

Each gap of the rule file is tried out: every answer that one of its facts could take is added to the report, alone, and
the report is assessed again. So nobody has to guess which question is worth a telephone call.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from amaan.triage.domain.conditions import leaves
from amaan.triage.domain.engine import Assessment, assess, gaps_of
from amaan.triage.domain.facts import FACTS, NOT_SAID, Facts, FactValue, Kind
from amaan.triage.domain.ruleset import Axis, Band, Gap, RuleSet

_DECIDING = (Axis.DANGER, Axis.ACTIONABILITY, Axis.NOVELTY, Axis.CLOCK)


class Reach(NamedTuple):
    """The gravest answer to a gap: which, of which fact, and what the report would be then.

    `danger` and `points` are gained: on danger, and on all the axes that decide bands.
    """

    gap: Gap
    fact: str
    answer: FactValue
    band: Band
    danger: int
    points: int


def ranked_gaps(ruleset: RuleSet, facts: Facts) -> tuple[Reach, ...]:
    """Every gap of the report, the one first whose answer could bring it furthest forward."""
    now = assess(ruleset, facts)
    found = [_furthest(ruleset, facts, now, gap) for gap in gaps_of(ruleset, facts)]
    return tuple(sorted(found, key=_rank))


def _rank(reach: Reach) -> tuple[int, int, int]:
    return reach.band, -reach.danger, -reach.points


def _furthest(ruleset: RuleSet, facts: Facts, now: Assessment, gap: Gap) -> Reach:
    tried = (
        _reach(gap, fact, answer, now, assess(ruleset, {**facts, fact: answer}))
        for fact in gap.asks
        for answer in answers(ruleset, fact, facts.get(fact))
    )
    return min(tried, key=_rank)


def _reach(gap: Gap, fact: str, answer: FactValue, now: Assessment, then: Assessment) -> Reach:
    points = sum(then.axes[axis] - now.axes[axis] for axis in _DECIDING)
    return Reach(gap, fact, answer, then.band, then.axes[Axis.DANGER] - now.axes[Axis.DANGER], points)


def answers(ruleset: RuleSet, fact: str, told: FactValue | None) -> Iterator[FactValue]:
    """Each answer that a fact could take; a word is added to those that were told."""
    spec = FACTS[fact]
    if spec.kind is Kind.FLAG:
        yield True
    elif spec.kind is Kind.NUMBER:
        yield from _thresholds(ruleset, fact)
    elif spec.kind is Kind.WORD:
        yield from sorted(spec.words - {NOT_SAID})
    else:
        held: Sequence[str] = [word for word in told if word != NOT_SAID] if isinstance(told, list) else []
        for word in sorted(spec.words - {NOT_SAID}) or [
            "told"
        ]:  # an open vocabulary: whatever it is, it is told
            yield [*held, word] if word not in held else [*held]


def _thresholds(ruleset: RuleSet, fact: str) -> list[int]:
    """The numbers at which a rule changes its mind, and 0 and 1."""
    asked = (leaf for rule in ruleset.rules for leaf, _ in leaves(rule.when) if leaf.fact == fact)
    found = {leaf.value for leaf in asked if isinstance(leaf.value, int) and not isinstance(leaf.value, bool)}
    return sorted(found | {0, 1})
