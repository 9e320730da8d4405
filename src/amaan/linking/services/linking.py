"""Link a few reports, at once: what comes of it is what a whole rebuild by the same snapshot would give."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from django.db import transaction

from amaan.authority.actors import Actor
from amaan.ledger.domain.merkle import leaf_hash, root_of
from amaan.ledger.services import Act, append
from amaan.linking.domain.evidence import Evidence, Trust
from amaan.linking.domain.frequency import Counts, is_crowded, is_hub, told_of
from amaan.linking.domain.weighing import sources_of, weigh
from amaan.linking.models import Hub, Late, Run
from amaan.linking.permissions import require_system
from amaan.linking.selectors.around import evidence_around
from amaan.linking.selectors.hubs import hubs_among, linked_before, noted_of, stored_keys, tellers_of_clues
from amaan.linking.selectors.snapshots import held_snapshot
from amaan.linking.services.noting import note_clues
from amaan.linking.services.turn import rebuild_runs, take_turn
from amaan.linking.services.writing import Rows, delete_links, difference, put_links, rows_held, rows_of
from amaan.outbox.services import publish
from amaan.reports.selectors import references_of
from amaan.store.rows import insert_rows, select_in

_log = logging.getLogger(__name__)
RUN: Final = "link.run"
_SELECT: Final = "SELECT id, low_id, high_id, weight, kinds FROM linking_link"


@dataclass(frozen=True)
class LinkRun:
    """`linked` reports were weighed against all others; `changed`: the reports whose links are others now."""

    linked: int
    changed: tuple[int, ...]


@transaction.atomic(savepoint=False)
def link_reports(actor: Actor, *, report_ids: Sequence[int]) -> LinkRun:
    """Note what these reports tell, and replace every link that touches those of which something new was noted.

    A value that becomes a hub by it, or is one no more, has all links that it had a part in weighed anew.
    `report.linked` tells of the reports whose links changed. One ledger entry a run that changed any.
    """
    require_system(actor)
    take_turn()
    ids = sorted(set(report_ids))
    if not ids:
        return LinkRun(0, ())
    open_run = Run.objects.filter(ended_at=None).order_by("-pk").values_list("pk", flat=True).first()
    touched, changed = link_now(actor, ids, anyway=open_run is not None)
    if open_run is not None:
        if rebuild_runs():
            _link_again_later(touched)
        else:  # nobody reads what it remembers: the next one reads these reports themselves
            _tell_of(open_run)
    return LinkRun(len(ids), tuple(changed))


def link_now(actor: Actor, ids: Sequence[int], *, anyway: bool) -> tuple[list[int], list[int]]:
    """The reports whose links were weighed, and those whose links changed. In the caller's transaction and turn.

    A report is noted and linked in one transaction, so one of which nothing new is noted has its links already; only a
    rebuild notes ahead, and while one is under way (or broke off) they are weighed `anyway`.
    """
    before = noted_of(ids)
    parted = note_clues(actor, report_ids=ids)
    after = noted_of(ids)
    fresh = [report for report in ids if anyway or before.get(report) != after.get(report)]
    if not fresh:
        return [], []
    held = {clue[:2] for one in after.values() for clue in one.clues}
    lost = {clue[:2] for one in before.values() for clue in one.clues} - held
    if parted:  # whoever told either of these values was linked with those who told the other one
        fresh = sorted(linked_before(sorted(parted)).union(fresh))
    touched, changed = _link(fresh, lost, len(before))
    publish("report.linked", changed)
    if changed:
        _record(actor, fresh, changed)
    return touched, changed


@cache
def _tell_of(run: int) -> None:
    """Once a process."""
    _log.warning(
        "Rebuild %d of links broke off, so links and rings may be half as they were until the next.",
        run,
    )


def _link(ids: Sequence[int], lost: Collection[tuple[int, int]], again: int) -> tuple[list[int], list[int]]:
    """`lost`: clues that these reports tell no more; `again`: how many of them had told something before."""
    snapshot = held_snapshot()
    evidence = evidence_around(ids)
    others = _move_hubs(evidence, snapshot.counts) | _free_lost(lost, snapshot.counts)
    others |= _part_public(evidence, ids, again) | _join_public(lost, again)
    touched = sorted(others.union(ids))
    if len(touched) > len(ids):
        evidence = evidence_around(touched)
    pairs = weigh(evidence, snapshot.counts, touching=np.isin(evidence.reports, touched))
    return touched, _replace(touched, rows_of(pairs, evidence.reports), snapshot.number)


# ---------------------------------------------------------------- hubs


def _move_hubs(evidence: Evidence, counts: Counts) -> set[int]:
    """Keep which values are hubs; the reports that tell a value which was none before, or is none now."""
    told = told_of(evidence)
    now = is_hub(told.kind, sources_of(told, counts), told.reports)
    keys = stored_keys(told.keys)
    before = np.isin(keys, sorted(hubs_among(keys.tolist())))
    fresh, gone = np.flatnonzero(now & ~before), np.flatnonzero(before & ~now)
    insert_rows(Hub, ("key", "kind"), [(int(keys[at]), int(told.kind[at])) for at in fresh])
    if len(gone):
        Hub.objects.filter(pk__in=keys[gone].tolist()).delete()
    touched = linked_before([int(told.keys[at]) for at in fresh]) if len(fresh) else set()
    for at in gone:
        positions = evidence.report[told.start[at] : told.start[at + 1]]
        touched.update(evidence.reports[positions].tolist())
    return touched


def _free_lost(lost: Collection[tuple[int, int]], counts: Counts) -> set[int]:
    """Of values that some reports tell no more: the other reports that tell one which was a hub, and is none now."""
    kinds = dict(lost)
    hubs = hubs_among(kinds)
    touched: set[int] = set()
    for key, reports in tellers_of_clues(sorted(hubs)).items():
        unsigned = np.array([key], np.int64).view(np.uint64)
        sources = np.maximum(counts.of(unsigned), 2)
        if not is_hub(np.array([kinds[key]], np.uint8), sources, np.array([len(reports)])).any():
            Hub.objects.filter(pk=key).delete()
            touched |= reports
    return touched


def _part_public(evidence: Evidence, ids: Sequence[int], again: int) -> set[int]:
    """The public's reports that tell a value which may have become crowded by these reports, or may be so no more.

    Nothing holds which values are crowded: it is reckoned from how many of these reports tell them, and rather once
    more than needed.
    """
    told = told_of(evidence)
    if not len(told.keys):
        return set()
    mine = np.isin(evidence.reports, list(ids))[evidence.report]
    fresh = np.add.reduceat(mine.astype(np.int64), told.start[:-1])
    now = is_crowded(told.reports)
    moved = np.where(now, ~is_crowded(told.reports - fresh), is_crowded(told.reports + again))
    public = (evidence.trust & Trust.PUBLIC > 0)[evidence.report]
    positions = evidence.report[np.repeat(moved, told.reports) & public]
    return set(evidence.reports[positions].tolist())


def _join_public(lost: Collection[tuple[int, int]], again: int) -> set[int]:
    """Of values that some reports tell no more: the reports that tell one which may have been crowded, and isn't."""
    kinds = dict(lost)
    touched: set[int] = set()
    for reports in tellers_of_clues(sorted(kinds.keys() - hubs_among(kinds))).values():
        one = np.array([len(reports)])
        if is_crowded(one + again).any() and not is_crowded(one).any():
            touched |= reports
    return touched


# ---------------------------------------------------------------- writing


def _replace(touched: Sequence[int], wanted: Rows, snapshot: int) -> list[int]:
    """Make the links that touch these reports the wanted ones; the reports whose links changed."""
    found = {
        row[0]: row
        for end in ("low_id", "high_id")
        for row in select_in(f"{_SELECT} WHERE {end} IN {{values}}", touched)
    }
    changes = difference(rows_held(list(found.values())), wanted)
    delete_links(changes.gone.id.tolist())
    put_links(changes.wanted, snapshot)
    ends = (changes.gone.low, changes.gone.high, changes.wanted.low, changes.wanted.high)
    changed: list[int] = np.unique(np.concatenate(ends)).tolist()
    return changed


def _link_again_later(touched: Sequence[int]) -> None:
    """A rebuild goes on, which read the evidence before: it links these again at its end."""
    known = {
        row[0] for row in select_in("SELECT report_id FROM linking_late WHERE report_id IN {values}", touched)
    }
    insert_rows(Late, ("report_id",), [(report,) for report in touched if report not in known])


def _record(actor: Actor, ids: Sequence[int], changed: Sequence[int]) -> None:
    references = sorted(references_of(ids).values())
    body: dict[str, object] = {
        "count": len(references),
        "references_root": root_of([leaf_hash(reference.encode()) for reference in references]).hex(),
        "changed": len(changed),
    }
    append(actor, [Act(RUN, "links", "", body)])
