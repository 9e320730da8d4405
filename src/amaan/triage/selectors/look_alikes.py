"""The nearest past reports and what became of them.

Two reports can look nearly the same, and one leads to nothing, the other to a child in danger. So the past is shown
with what differs, and never as a forecast: what became of others decides nothing here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from amaan.authority.actors import Actor
from amaan.authority.matrix import Action
from amaan.reports.domain.outcomes import Decision
from amaan.reports.selectors import (
    StandingOutcome,
    access_report,
    decided_before,
    reports_among,
    standing_outcomes,
)
from amaan.triage.domain.facts import Facts
from amaan.triage.domain.likeness import Difference, Grade, differences, features, grade_of, likeness
from amaan.triage.selectors.inputs import inputs

COMPARED_WITH: Final = 600
"""The newest decided reports that a report is compared with: a page must not wait for all that ever came."""
MOST_SHOWN: Final = 5
_MOST_SOUGHT: Final = 200
"""Of the nearest, so many are looked at to find those that the reader may see."""
MOST_DIFFERENCES: Final = 6
LEAST: Final = 5
"""So many in other offices before they are counted: one alone would say what another office has, and its end."""


class Became(StrEnum):
    """What became of a report, as far as reports are counted by it."""

    CASE = "case"
    REFERRED = "referred"
    CLOSED = "closed"


_BECAME: Final[Mapping[str, Became]] = {
    Decision.CASE_OPENED: Became.CASE,
    Decision.CASE_JOINED: Became.CASE,
    Decision.REFERRED: Became.REFERRED,
    Decision.CLOSED: Became.CLOSED,
}


@dataclass(frozen=True)
class LookAlike:
    """A past report that the reader may see. `code` is a closed report's reason; `score` is 0 to 1.

    `more` differences are not listed.
    """

    reference: str
    score: float
    grade: Grade
    decision: str
    code: str
    at: datetime
    differ: tuple[Difference, ...]
    more: int


@dataclass(frozen=True)
class LookAlikes:
    """`nearest` are those that the reader may see; the counts are of every office, since a count names nobody.

    From `LEAST` on, that is: where fewer lie in other offices, only the reader's own are counted. `became` counts all
    that are alike, `codes` the reasons of those that were closed; `compared` is how many decided reports were seen.
    """

    nearest: tuple[LookAlike, ...]
    became: Mapping[Became, int]
    codes: Mapping[str, int]
    compared: int

    @property
    def alike(self) -> int:
        return sum(self.became.values())

    @property
    def cases(self) -> int:
        return self.became.get(Became.CASE, 0)


def look_alikes_of(actor: Actor, reference: str) -> LookAlikes:
    """The past reports that are most like this one. Raises ReportNotFound.

    A report that was told again since it was decided is left out: its decision was upon something else.
    """
    report = access_report(actor, reference, Action.EXPLAIN_TRIAGE)
    past = [one for one in decided_before(None, limit=COMPARED_WITH + 1) if one != report.pk][:COMPARED_WITH]
    outcomes = standing_outcomes(past)
    told = {one.told.report_id: one.facts for one in inputs([report.pk, *outcomes])}
    mine = told.pop(report.pk)
    decided = {one: facts for one, facts in told.items() if facts["version"] == outcomes[one].version}
    alike = _counted(actor, _alike(mine, decided))
    became = Counter(_BECAME[outcomes[one].decision] for one, _ in alike)
    codes = Counter(
        outcomes[one].stage for one, _ in alike if _BECAME[outcomes[one].decision] is Became.CLOSED
    )
    nearest = _nearest(actor, alike, outcomes, mine, decided)
    return LookAlikes(nearest, dict(became), dict(codes.most_common()), len(decided))


def _alike(mine: Facts, decided: Mapping[int, Facts]) -> list[tuple[int, float]]:
    """The nearest first; of those that are equally near, what came last."""
    told = features(mine)
    scores = ((one, likeness(told, features(facts))) for one, facts in decided.items())
    return sorted((pair for pair in scores if grade_of(pair[1])), key=lambda pair: (-pair[1], -pair[0]))


def _counted(actor: Actor, alike: list[tuple[int, float]]) -> list[tuple[int, float]]:
    """All of them, or those that the reader may see where the others are too few to be counted."""
    seen = reports_among(actor, [one for one, _ in alike])
    return alike if len(alike) - len(seen) >= LEAST else [pair for pair in alike if pair[0] in seen]


def _nearest(
    actor: Actor,
    alike: Sequence[tuple[int, float]],
    outcomes: Mapping[int, StandingOutcome],
    mine: Facts,
    decided: Mapping[int, Facts],
) -> tuple[LookAlike, ...]:
    seen = reports_among(actor, [one for one, _ in alike[:_MOST_SOUGHT]])
    shown = [(one, score) for one, score in alike if one in seen][:MOST_SHOWN]
    found = []
    for one, score in shown:
        grade, outcome = grade_of(score), outcomes[one]
        assert grade is not None
        differ = differences(mine, decided[one])
        found.append(
            LookAlike(
                reference=seen[one].reference,
                score=score,
                grade=grade,
                decision=outcome.decision,
                code=outcome.stage,
                at=outcome.at,
                differ=tuple(differ[:MOST_DIFFERENCES]),
                more=max(0, len(differ) - MOST_DIFFERENCES),
            )
        )
    return tuple(found)
