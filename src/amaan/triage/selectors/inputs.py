"""What triage reads of a report: the facts of its telling, and those that other rooms found.

`_FINDERS` is the list of those rooms; each gives facts for those reports that it found anything in.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from amaan.bundles.selectors import facts_of_bundles
from amaan.lexicon.selectors import facts_of_words
from amaan.matching.selectors import facts_of_matches, facts_of_matches_at
from amaan.reports.selectors import TriageInput, facts_of_many, triage_inputs
from amaan.triage.domain.facts import Facts, FactValue

_FINDERS: Final[Sequence[Callable[[Sequence[int]], Mapping[int, Facts]]]] = (
    facts_of_matches,
    facts_of_words,
    facts_of_bundles,
)


class Input(NamedTuple):
    """A report's newest telling with all its facts. `found`: 8 bytes that change with what other rooms found of it;
    None where they found nothing."""

    told: TriageInput
    facts: Facts
    found: bytes | None


def inputs(report_ids: Sequence[int]) -> list[Input]:
    """In the order of ids; unknown ids are left out."""
    known = _findings(report_ids)
    return [
        Input(told, {**told.facts, **known.get(told.report_id, {})}, _digest(known.get(told.report_id)))
        for told in triage_inputs(report_ids)
    ]


def facts_at(moments: Mapping[int, datetime]) -> dict[int, Facts]:
    """The facts of these reports' newest tellings as they were known at a moment each, as near as can be said: what a
    telling says and how its words read doesn't depend on when it is asked, what matches and who else told does."""
    matches, words = facts_of_matches_at(moments), facts_of_words(list(moments))
    return {
        told.report_id: {**told.facts, **words.get(told.report_id, {}), **matches.get(told.report_id, {})}
        for told in triage_inputs(list(moments))
    }


def facts_of_all(report_ids: Sequence[int]) -> Iterator[tuple[int, int, Facts]]:
    """Report, unit and the facts that `inputs` gives, one report after the other: for millions."""
    known = _findings(report_ids)
    for report_id, unit_id, facts in facts_of_many(report_ids):
        if report_id in known:
            facts.update(known[report_id])
        yield report_id, unit_id, facts


def stamps(report_ids: Sequence[int]) -> dict[int, bytes]:
    """`Input.found` of those reports in which anything was found."""
    return {report: stamp for report, facts in _findings(report_ids).items() if (stamp := _digest(facts))}


def _findings(report_ids: Sequence[int]) -> dict[int, dict[str, FactValue]]:
    found: dict[int, dict[str, FactValue]] = {}
    for finder in _FINDERS:
        for report, facts in finder(report_ids).items():
            found.setdefault(report, {}).update(facts)
    return found


def _digest(facts: Facts | None) -> bytes | None:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).digest()[:8] if facts else None
