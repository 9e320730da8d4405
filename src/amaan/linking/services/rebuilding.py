"""Weigh all links anew, from all evidence: read into arrays, weighed, and written where they differ.

It may take minutes, and nobody waits for it: it writes in slices, and reports that come meanwhile are linked at once as
ever, by the old snapshot, and again at the run's end by the new one.
"""

from __future__ import annotations

import logging
import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Final, NamedTuple

import numpy as np
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from numpy.typing import NDArray

from amaan.authority.actors import Actor
from amaan.keyring.domain import KeysMissing
from amaan.ledger.domain.merkle import leaf_hash, root_of
from amaan.ledger.services import Act, append
from amaan.linking.domain.evidence import Evidence
from amaan.linking.domain.frequency import PARTS, Counts, count_sources, is_hub, told_of
from amaan.linking.domain.strength import PLAIN_AT, STRONG_AT
from amaan.linking.domain.weighing import sources_of, weigh
from amaan.linking.models import Crossing, Hub, Late, Member, Run, Snapshot
from amaan.linking.permissions import require_system
from amaan.linking.selectors.hands import stems_of_one_hand
from amaan.linking.selectors.hubs import all_hubs, stored_keys
from amaan.linking.selectors.snapshots import held_snapshot
from amaan.linking.selectors.tellings import not_noted, noted_among
from amaan.linking.selectors.whole import whole_evidence
from amaan.linking.selectors.whole_links import whole_links
from amaan.linking.services.counting import keep_snapshot, outgrown
from amaan.linking.services.linking import link_now
from amaan.linking.services.noting import note_clues
from amaan.linking.services.ringing import ring_all
from amaan.linking.services.turn import only_rebuild, take_turn
from amaan.linking.services.writing import (
    Changes,
    Rows,
    delete_links,
    difference,
    put_links,
    rows_of,
)
from amaan.store.rows import insert_rows

_log = logging.getLogger(__name__)
REBUILT: Final = "link.rebuilt"
MOST_CROSSINGS: Final = 10_000
"""Crossings that a run lists; more are counted."""
_A_LEAF: Final = 200_000
"""Links that one leaf of the Merkle tree holds."""
_WRITTEN: Final = {"sqlite": 4_000, "postgresql": 100_000}
"""Links that one transaction writes: on SQLite about 50 ms, with everybody waiting."""
_NOTED: Final = {"sqlite": 50, "postgresql": 500}
"""Reports that one transaction notes."""
_AGAIN: Final = {"sqlite": 20, "postgresql": 500}
"""Reports that one transaction links again."""


@dataclass(frozen=True)
class RebuildTold:
    """What a rebuild did. `seconds` of the whole, and of its parts; `peak_memory` of the process, in bytes; `changed`:
    links that were written or taken away; `crossed`: those of them that passed a threshold; `unnoted`: reports that
    failed when their clues were to be noted."""

    reports: int
    links: int
    changed: int
    rings: int
    crossed: int
    unnoted: int
    snapshot: int
    seconds: float
    peak_memory: int
    reading: float
    weighing: float
    writing: float
    ringing: float


def rebuild_links(actor: Actor, *, new_snapshot: bool | None = None) -> RebuildTold:
    """Weigh every link anew, then find the rings. `new_snapshot` None: values are counted anew where the held counts
    are outgrown. Outside a transaction. Raises RebuildUnderWay, and TooManyRows of the reading.

    A run is a row and one ledger entry: how many links, the snapshot's number, the Merkle root over all links, and how
    many crossed a threshold. What breaks off half-way is mended by the next run.
    """
    require_system(actor)
    with only_rebuild():
        return _rebuild(actor, new_snapshot)


def _rebuild(actor: Actor, new_snapshot: bool | None) -> RebuildTold:
    began = time.monotonic()
    run = _begin()
    unnoted = _note_the_rest(actor)
    evidence = whole_evidence()
    read = time.monotonic()
    held = held_snapshot()
    fresh = held.number == 0 or (outgrown(held) if new_snapshot is None else new_snapshot)
    counts = count_sources(evidence, stems_of_one_hand(evidence)) if fresh else held.counts
    number = _next_number() if fresh else held.number
    pairs = weigh(evidence, counts)
    hubs = _hubs(evidence, counts)
    links = rows_of(pairs, evidence.reports)
    reports = len(evidence.reports)
    del evidence, pairs
    weighed = time.monotonic()
    changed, crossed = _write(links, number, run)
    root = _root(links)
    count = len(links.low)
    del links
    _settle(hubs, counts if fresh else None, number, reports)
    written = time.monotonic()
    ring_all(actor)
    rung = time.monotonic()
    while not _link_late(actor, run):
        pass
    rings = Member.objects.values("ring").distinct().count()
    told = RebuildTold(
        reports=reports,
        links=count,
        changed=changed,
        rings=rings,
        crossed=crossed,
        unnoted=unnoted,
        snapshot=number,
        seconds=round(time.monotonic() - began, 2),
        peak_memory=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        reading=round(read - began, 2),
        weighing=round(weighed - read, 2),
        writing=round(written - weighed, 2),
        ringing=round(rung - written, 2),
    )
    _end(actor, run, told, root)
    return told


# ---------------------------------------------------------------- the run


def _begin() -> Run:
    """From here on reports that are linked are remembered. A run that broke off is ended by it."""
    with transaction.atomic():
        take_turn()  # whoever links now has not looked for a run, or is done
        now = timezone.now()
        Run.objects.filter(ended_at=None).update(ended_at=now)
        return Run.objects.create(began_at=now)


def _note_the_rest(actor: Actor) -> int:
    """Note what came before links were made, or before what is noted now was noted; how many can't be noted."""
    last = unnoted = 0
    while ids := not_noted(_NOTED[connection.vendor], after=last):
        last = ids[-1]
        unnoted += _note(actor, ids)
    return unnoted


def _note(actor: Actor, ids: Sequence[int]) -> int:
    """What fails is halved until the report that fails stands alone; how many did. They are weighed by what needs no
    clue, as they are while nobody noted them."""
    try:
        with transaction.atomic():
            take_turn()
            rest = sorted(set(ids) - noted_among(ids))  # a worker may have noted some since
            note_clues(actor, report_ids=rest)
            return len(set(rest) - noted_among(rest))
    except (OperationalError, KeysMissing):
        raise  # no report is to blame
    except Exception as fault:  # noqa: BLE001 - whatever one report holds, all others are linked
        if len(ids) == 1:
            _log.warning("What report %d tells can't be noted: %s.", ids[0], type(fault).__name__)
            return 1
    middle = len(ids) // 2
    return _note(actor, ids[:middle]) + _note(actor, ids[middle:])


def _next_number() -> int:
    newest = Snapshot.objects.order_by("-number").values_list("number", flat=True).first()
    return (newest or 0) + 1


def _settle(hubs: dict[int, int], counts: Counts | None, number: int, reports: int) -> None:
    """All links are written: from now on new reports are linked by the new snapshot, beside the same hubs."""
    with transaction.atomic():
        take_turn()
        held = all_hubs()
        gone = sorted(held - hubs.keys())
        for start in range(0, len(gone), 10_000):
            Hub.objects.filter(pk__in=gone[start : start + 10_000]).delete()
        insert_rows(Hub, ("key", "kind"), [(key, kind) for key, kind in hubs.items() if key not in held])
        if counts is not None:
            keep_snapshot(number, counts, reports)


def _link_late(actor: Actor, run: Run) -> bool:
    """Link some again that came meanwhile; True when there is none left, and from then on none is remembered."""
    with transaction.atomic():
        take_turn()
        ids = list(Late.objects.order_by("pk").values_list("pk", flat=True)[: _AGAIN[connection.vendor]])
        if not ids:
            Run.objects.filter(pk=run.pk).update(ended_at=timezone.now())
            return True
        link_now(actor, ids, anyway=True)
        Late.objects.filter(pk__in=ids).delete()
    return False


@transaction.atomic
def _end(actor: Actor, run: Run, told: RebuildTold, root: str) -> None:
    snapshot = Snapshot.objects.get(number=told.snapshot)
    Run.objects.filter(pk=run.pk).update(
        snapshot=snapshot,
        reports=told.reports,
        links=told.links,
        crossed=told.crossed,
        rings=told.rings,
        peak_memory=told.peak_memory,
    )
    body: dict[str, object] = {**asdict(told), "run": run.pk, "links_root": root, "weights": snapshot.weights}
    append(actor, [Act(REBUILT, "links", "", body)])


def _hubs(evidence: Evidence, counts: Counts) -> dict[int, int]:
    """Key (as stored) and kind of every hub."""
    told = told_of(evidence)
    many = np.flatnonzero(is_hub(told.kind, sources_of(told, counts), told.reports))
    return dict(zip(stored_keys(told.keys[many]).tolist(), told.kind[many].tolist(), strict=True))


def _root(links: Rows) -> str:
    """Hex of the Merkle root over slices of the links, as numbers: who has the same links finds the same root."""
    leaves = []
    for start in range(0, len(links.low), _A_LEAF):
        part = links.part(slice(start, start + _A_LEAF))
        columns = (part.low, part.high, part.weight.astype("<f8"), part.kinds)
        leaves.append(leaf_hash(b"".join(column.tobytes() for column in columns)))
    return root_of(leaves).hex()


# ---------------------------------------------------------------- writing


def _write(links: Rows, snapshot: int, run: Run) -> tuple[int, int]:
    """Make the table hold these links; how many changed, and how many of them crossed a threshold."""
    changes = difference(_held(), links)
    crossings = _crossings(changes)
    _in_slices(len(changes.gone.low), lambda part: delete_links(changes.gone.id[part].tolist()))
    _in_slices(len(changes.wanted.low), lambda part: put_links(changes.wanted.part(part), snapshot))
    with transaction.atomic():
        insert_rows(
            Crossing,
            ("run_id", "low_id", "high_id", "before", "after"),
            [(run.pk, *crossing) for crossing in crossings.listed],
        )
    return len(changes.gone.low) + len(changes.wanted.low), crossings.many


def _held() -> Rows:
    held = whole_links()
    return Rows(held[:, 0], held[:, 1], held[:, 2], held[:, 3] / PARTS, held[:, 4])


def _in_slices(count: int, write: Callable[[slice], None]) -> None:
    """In transactions of their own. What came meanwhile may have touched the same links, and is linked again."""
    size = _WRITTEN[connection.vendor]
    for start in range(0, count, size):
        with transaction.atomic(savepoint=False):
            take_turn()
            write(slice(start, start + size))


class _Crossings(NamedTuple):
    many: int
    listed: list[tuple[int, int, float | None, float | None]]


def _crossings(changes: Changes) -> _Crossings:
    """Of the links that passed a threshold the number, and of the first ones low, high, weight before and after."""
    before = np.concatenate((changes.gone.weight, changes.before))
    after = np.concatenate((np.full(len(changes.gone.low), np.nan), changes.wanted.weight))
    passed = np.flatnonzero(_level(before) != _level(after))
    count, passed = len(passed), passed[:MOST_CROSSINGS]
    low = np.concatenate((changes.gone.low, changes.wanted.low))[passed]
    high = np.concatenate((changes.gone.high, changes.wanted.high))[passed]
    listed = [
        (int(one), int(other), _or_none(was), _or_none(is_))
        for one, other, was, is_ in zip(low, high, before[passed], after[passed], strict=True)
    ]
    return _Crossings(count, listed)


def _level(weight: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.searchsorted([PLAIN_AT, STRONG_AT], np.nan_to_num(weight, nan=-np.inf), side="right")


def _or_none(weight: float) -> float | None:
    return None if np.isnan(weight) else float(weight)
