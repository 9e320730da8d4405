"""Band reports by the rules in force."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import orjson
from django.db import transaction
from django.utils import timezone

from amaan.authority.actors import Actor
from amaan.bundles.selectors import with_others
from amaan.bundles.services import take_turn
from amaan.ledger.domain.merkle import leaf_hash, root_of
from amaan.ledger.services import Act, append
from amaan.outbox.services import publish
from amaan.reports.selectors import newest_versions
from amaan.store.rows import insert_rows, on_postgres, select_in, slices
from amaan.triage import models
from amaan.triage.domain import engine
from amaan.triage.domain.ruleset import RuleSet
from amaan.triage.domain.turns import turn_of
from amaan.triage.permissions import require_system
from amaan.triage.rulebook import in_force
from amaan.triage.selectors.inputs import Input, inputs, stamps
from amaan.triage.selectors.places import BESIDE, beside
from amaan.triage.services.adopting import prepare_rules
from amaan.triage.services.folding import fold_reports
from amaan.triage.services.tallying import keep_tally

_COLUMNS: Final = (
    *("report_id", "version_id", "unit_id", "received_at", "ruleset_id", "band"),
    *("danger", "actionability", "novelty", "quality", "clock"),
    *(
        "floor",
        "reasons",
        "due_at",
        "turn_at",
        "at",
        "found",
        "folded",
        "current",
        "waiting",
        "told_again",
        "settled_at",
    ),
    *BESIDE,
)


class Standing(NamedTuple):
    """The current assessment of a report, as far as the next one must know it."""

    id: int
    version_id: int
    ruleset_id: int
    unit_id: int
    band: int
    danger: int
    waiting: bool
    folded: bool
    told_again: bool
    settled_at: Any  # as the database gives it, to be handed back to it
    found: bytes | None

    @property
    def place(self) -> tuple[int, int]:
        return self.unit_id, self.band

    @property
    def counted(self) -> bool:
        """Whether the queue's tally counts it."""
        return bool(self.waiting and not self.folded)


@dataclass(frozen=True)
class TriageRun:
    """`banded` reports got a new assessment, `unchanged` had one of this version and findings by these rules."""

    rules_version: str
    banded: int
    unchanged: int


@transaction.atomic(savepoint=False)
def triage_reports(actor: Actor, *, report_ids: Sequence[int]) -> TriageRun:
    """Band reports by the rules in force. A report whose version and findings they banded already is left alone.

    One ledger entry for the run: rule version and digest, count, Merkle root over the sorted references.
    """
    require_system(actor)
    if in_force() is None:
        prepare_rules()
    adopted = in_force()
    assert adopted is not None
    ruleset_id, ruleset = adopted
    ids = sorted(set(report_ids))
    shared = with_others(ids)
    if shared:
        take_turn()  # before any row is locked here
    earlier = standing(ids)
    newest, found = newest_versions(ids), stamps(ids)
    wanted = [
        i for i in ids if i in newest and not _stands(earlier.get(i), newest[i], ruleset_id, found.get(i))
    ]
    fallen: list[int] = []
    if wanted:
        assessed = _assessed(wanted, newest, found, ruleset_id, ruleset)
        _write(actor, assessed, earlier, ruleset_id, ruleset)
        fallen = [
            item.told.report_id for item, now in assessed if _fell(earlier.get(item.told.report_id), now)
        ]
    if shared:
        fold_reports(actor, shared, again=set(wanted), fallen=shared.intersection(fallen))
    _ahead.clear()
    return TriageRun(ruleset.version, len(wanted), len(newest) - len(wanted))


def _fell(old: Standing | None, now: engine.Assessment) -> bool:
    """Whether a report waits longer than it did, or is in less danger."""
    return old is not None and (int(now.band) > old.band or now.axes["danger"] < old.danger)


Assessed = tuple[Input, engine.Assessment]
_ahead: dict[tuple[int, int], Assessed] = {}
"""What this process assessed before its turn to write, by report and rule set; used only if the version still fits."""


def assess_ahead(*, report_ids: Sequence[int]) -> None:
    """Assess without writing, so that the transaction that follows is short."""
    adopted = in_force()
    if adopted is not None:
        ruleset_id, ruleset = adopted
        for item in inputs(sorted(set(report_ids))):
            _ahead[item.told.report_id, ruleset_id] = (item, engine.assess(ruleset, item.facts))


def _assessed(
    report_ids: Sequence[int],
    newest: dict[int, int],
    found: dict[int, bytes],
    ruleset_id: int,
    ruleset: RuleSet,
) -> list[Assessed]:
    ready = [_ahead.get((report_id, ruleset_id)) for report_id in report_ids]
    fresh = [
        one
        for one in ready
        if one is not None
        and one[0].told.version_id == newest[one[0].told.report_id]
        and one[0].found == found.get(one[0].told.report_id)
    ]
    known = {one[0].told.report_id for one in fresh}
    rest = inputs([report_id for report_id in report_ids if report_id not in known])
    return sorted([*fresh, *((item, engine.assess(ruleset, item.facts)) for item in rest)], key=_by_report)


def _by_report(one: Assessed) -> int:
    return one[0].told.report_id


def _stands(current: Standing | None, version_id: int, ruleset_id: int, found: bytes | None) -> bool:
    return current is not None and (current.version_id, current.ruleset_id, current.found) == (
        version_id,
        ruleset_id,
        found,
    )


def standing(report_ids: Sequence[int]) -> dict[int, Standing]:
    """For each report that has one, its current assessment, locked."""
    # The lock makes a second worker wait and then see what the first wrote; SQLite has one writer anyway.
    lock = " FOR UPDATE" if on_postgres() else ""
    rows = select_in(
        "SELECT report_id, id, version_id, ruleset_id, unit_id, band, danger, waiting, folded, told_again,"  # noqa: S608
        " settled_at, found"
        f' FROM triage_assessment WHERE "current" AND report_id IN {{values}} ORDER BY report_id{lock}',
        report_ids,
    )
    return {row[0]: Standing._make(row[1:]) for row in rows}


def _write(
    actor: Actor,
    assessed: Sequence[Assessed],
    earlier: dict[int, Standing],
    ruleset_id: int,
    ruleset: RuleSet,
) -> None:
    now = timezone.now()
    spans = {band: timedelta(hours=spec.hours) for band, spec in ruleset.bands.items()}
    tally: Counter[tuple[int, int]] = Counter()
    places = beside([item for item, _ in assessed])
    superseded = []
    rows = []
    for item, found in assessed:
        told = item.told
        old = earlier.get(told.report_id)
        if old:
            superseded.append(old.id)
            tally[old.place] -= old.counted
        # What was decided stays decided when rules change; only something new brings a report back.
        settled = old is not None and not old.waiting and old.version_id == told.version_id
        tally[told.unit_id, int(found.band)] += not settled
        row = _row(item, found, ruleset_id, spans[found.band], now)
        rows.append(row + _wait(old, settled) + places[told.report_id])
    for part in slices(superseded, 10_000):
        models.Assessment.objects.filter(id__in=part).update(current=False, waiting=False, folded=False)
    insert_rows(models.Assessment, _COLUMNS, rows)
    keep_tally(tally)
    body = run_commitment(ruleset, [item.told.reference for item, _ in assessed])
    append(actor, [Act("triage.run", f"rules:{ruleset.version}", "", body)])
    publish("report.banded", [item.told.report_id for item, _ in assessed])


def _wait(old: Standing | None, settled: bool) -> tuple[bool, bool, Any]:
    """`waiting`, `told_again` and `settled_at` of the assessment that follows `old`."""
    if old is None:
        return True, False, None
    if settled:
        return False, old.told_again, old.settled_at
    return True, old.told_again or not old.waiting, None


def run_commitment(ruleset: RuleSet, references: Iterable[str]) -> dict[str, object]:
    """What the ledger keeps of a run: which rules, how many, and the Merkle root over the sorted references.

    With the references of a run anybody can compute it again (RFC 9162; a leaf is a reference's bytes).
    """
    leaves = [leaf_hash(reference.encode()) for reference in sorted(references)]
    return {
        "version": ruleset.version,
        "digest": ruleset.digest,
        "count": len(leaves),
        "references_root": root_of(leaves).hex(),
    }


def _row(
    item: Input, found: engine.Assessment, ruleset_id: int, span: timedelta, now: datetime
) -> tuple[Any, ...]:
    return (
        item.told.report_id,
        item.told.version_id,
        item.told.unit_id,
        item.told.received_at,
        ruleset_id,
        int(found.band),
        *found.axes.values(),
        None if found.floor is None else int(found.floor),
        orjson.dumps([(r.rule, r.weight, r.facts_used) for r in found.reasons]).decode(),
        item.told.received_at + span,
        turn_of(item.told.received_at, span, found.axes["danger"]),
        now,
        item.found,
        False,
        True,
    )
