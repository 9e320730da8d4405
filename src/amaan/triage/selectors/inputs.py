"""What triage reads of a report: the facts of its telling, and those of its matches with known material."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import NamedTuple

from amaan.matching.selectors import facts_of_matches
from amaan.reports.selectors import TriageInput, triage_inputs
from amaan.triage.domain.facts import Facts


class Input(NamedTuple):
    """A report's newest telling with all its facts. `matches`: 8 bytes that change with the facts of its matches;
    None where it has none."""

    told: TriageInput
    facts: Facts
    matches: bytes | None


def inputs(report_ids: Sequence[int]) -> list[Input]:
    """In the order of ids; unknown ids are left out."""
    known = facts_of_matches(report_ids)
    return [
        Input(told, {**told.facts, **known.get(told.report_id, {})}, _digest(known.get(told.report_id)))
        for told in triage_inputs(report_ids)
    ]


def stamps(report_ids: Sequence[int]) -> dict[int, bytes]:
    """`Input.matches` of those reports that have matches."""
    return {
        report: stamp for report, facts in facts_of_matches(report_ids).items() if (stamp := _digest(facts))
    }


def _digest(facts: Facts | None) -> bytes | None:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).digest()[:8] if facts else None
