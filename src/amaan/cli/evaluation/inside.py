"""The half of the evaluation that runs in a process of its own, on an installation that is thrown away.

    python -m amaan.cli.evaluation.inside SEED REPORTS LABELS

`LABELS` is a folder outside the documents and the database. The result is one JSON object on standard output.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from amaan.cli.evaluation.baselines import BASELINES
from amaan.cli.evaluation.measures import found_by_kind, measure

if TYPE_CHECKING:
    from amaan.triage.domain.facts import Facts

ONE_TOLD_IN = 100
"""One report in so many comes in by the public's door."""
MOST_TOLD = 100
"""The door slows a crowd down on purpose; more than these would be one."""
_SLICE = 2000


class Read(NamedTuple):
    """A report as triage and the baselines read it, in the order of arrival, and what was planted in it."""

    report_id: int
    facts: Facts
    kind: str
    danger: str


def main(arguments: Sequence[str]) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amaan.config.settings")
    import django

    django.setup()
    from amaan.cli.prepare import prepare

    seed, reports, labels = int(arguments[0]), int(arguments[1]), Path(arguments[2])
    prepare()
    read = _planted(seed, reports, labels)
    orders = {"amaan": _queue(read)}
    for name, score in BASELINES.items():
        orders[name] = sorted(read, key=lambda one, score=score: -score(one.facts))  # type: ignore[misc]
    measured = {name: measure([one.danger for one in order]).as_json() for name, order in orders.items()}
    kinds = {
        name: [asdict(one) for one in found_by_kind([(one.kind, one.danger) for one in order])]
        for name, order in orders.items()
    }
    result = {"measured": measured, "kinds": kinds, "reports": len(read), "rules": _rules(read[0])}
    sys.stdout.write(json.dumps(result) + "\n")
    return 0


def _say(what: str) -> None:
    sys.stderr.write(f"{what}\n")
    sys.stderr.flush()


def _planted(seed: int, reports: int, labels: Path) -> list[Read]:
    """Write the world, take it in by the real doors, and put the labels beside what came of it."""
    from amaan.demo.services import load_world, tell_at_door

    told = min(reports // ONE_TOLD_IN, MOST_TOLD)
    until = datetime.now(UTC).replace(second=0, microsecond=0)
    _say(f"Writing {reports - told:,} documents of seed {seed}, and taking them in …")
    load_world(seed=seed, reports=reports - told, until=until, labels=labels / "labels.json")
    _say(f"Telling {told} more at the public's door …")
    at_door = tell_at_door(seed=seed, count=told)
    lines = [{"reference": told.reference, "kind": told.kind, "danger": told.danger} for told in at_door]
    (labels / "told.json").write_text(json.dumps(lines, indent=1) + "\n", encoding="utf-8")
    _say("Ordering …")
    return list(_read(labels))


def _read(folder: Path) -> Iterator[Read]:
    """Every report of the store with its label; none is left out."""
    from amaan.authority.actors import Actor
    from amaan.reports.selectors import reports_after, reports_among, triage_inputs

    world = json.loads((folder / "labels.json").read_text(encoding="utf-8"))["reports"]
    planted = {(one["entity"], str(one["number"])): (one["kind"], one["danger"]) for one in world}
    told = json.loads((folder / "told.json").read_text(encoding="utf-8"))
    by_reference = {one["reference"]: (one["kind"], one["danger"]) for one in told}
    actor, last = Actor.system("evaluate"), 0
    while ids := reports_after(last, limit=_SLICE):
        held = reports_among(actor, ids)
        for item in triage_inputs(ids):
            report = held[item.report_id]
            kind, danger = by_reference.get(report.reference) or planted[report.entity.name, report.number]
            yield Read(item.report_id, item.facts, kind, danger)
        last = ids[-1]


def _queue(read: Sequence[Read]) -> list[Read]:
    """The queue as an officer walks it. What is folded behind another report is read by nobody: it comes last."""
    from django.utils import timezone

    from amaan.authority.matrix import Units
    from amaan.triage.selectors import EVERYTHING
    from amaan.triage.selectors.queue import walk

    places = walk(Units(all=True), EVERYTHING, now=timezone.now(), limit=len(read))
    turn = {place.report_id: number for number, place in enumerate(places)}
    return sorted(read, key=lambda one: turn.get(one.report_id, len(read)))


def _rules(read: Read) -> str:
    """The version by which it was banded."""
    from amaan.reports.selectors import references_of
    from amaan.triage.selectors import explanation_of

    return explanation_of(references_of([read.report_id])[read.report_id]).rules_version


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
