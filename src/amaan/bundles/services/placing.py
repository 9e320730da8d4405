"""Say of reports whose material others tell too which stand in the queue and which fold, and what each adds."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from django.db import connection, transaction

from amaan.authority.actors import Actor
from amaan.bundles.domain.folding import (
    WIDE,
    Judged,
    New,
    Standing,
    Tells,
    in_order,
    what_is_new,
)
from amaan.bundles.permissions import require_system
from amaan.bundles.selectors.evidence import read
from amaan.bundles.services.turn import take_turn
from amaan.outbox.services import publish
from amaan.reports.selectors import decided_reports
from amaan.store.rows import select_in

DECIDED: Final = "bundle.decided"
Judge = Callable[[Collection[int]], Mapping[int, Judged]]


class _Member(NamedTuple):
    report: int
    pile: int
    unit: int
    stands: bool
    folded: bool
    new: str
    behind: int | None


@dataclass
class _Front:
    """`canonical` 0: nobody stands yet. `settled`: the canonical report was decided. `known`: as it is stored."""

    canonical: int
    standing: Standing
    settled: bool = False
    known: str = ""
    changed: bool = False

    def put(self, one: Judged) -> None:
        self.canonical, self.settled, self.changed = one.report, False, True
        self.standing.hold(one)


Place = tuple[int, int]
"""A pile and a unit: nobody's report folds behind one of another unit, whose people they are not."""


@transaction.atomic(savepoint=False)
def place_reports(actor: Actor, *, judged: Sequence[Judged], judge: Judge) -> dict[int, bool]:
    """Of each report whether it folds now, or stays settled; what is in no pile is left out.

    `judged` are reports that wait, or that were settled without a person; `judge` is asked of canonical reports, as
    they are now, and of those that a pile began with. Call it in one's turn. What folds behind a report that was
    decided is settled with it in a moment (`bundle.decided`); what folds behind one that fell is placed again
    (`report.bundled`).
    """
    require_system(actor)
    take_turn()
    members = _members([one.report for one in judged])
    places = {(one.pile, one.unit) for one in members.values()}
    fronts = _fronts(places)
    firsts = _firsts(places - fronts.keys(), members.keys())
    now = judge({*firsts.values(), *(front.canonical for front in fronts.values())}) if places else {}
    first = {report: now[report] for report in firsts.values() if report in now}
    fallen = [front.canonical for front in fronts.values() if _fell(front, now.get(front.canonical))]
    over = decided_reports(list(first))
    wide = _wide({pile for pile, _ in places})
    tells = _tells([*members, *first])
    groups: dict[Place, list[Judged]] = defaultdict(list)
    for one in judged:
        if one.report in members and one.report in tells:
            groups[members[one.report].pile, members[one.report].unit].append(one)
    rows: list[_Member] = []
    folds: dict[int, bool] = {}
    for place, group in groups.items():
        front = fronts.setdefault(place, _Front(0, Standing()))
        oldest = first.get(firsts.get(place, 0))
        if oldest is not None and oldest.report in tells:
            _stand(front, tells[oldest.report], oldest)
            front.settled = over.get(oldest.report) is True
            rows.append(_Member(oldest.report, *place, stands=True, folded=False, new="", behind=None))
        for one in in_order(group, tells):
            row = _placed(front, members[one.report], tells[one.report], one, wide=wide[place[0]])
            folds[one.report] = row.folded
            if one.settled and row.folded:
                continue  # it stays settled with the report that it was settled with
            rows.append(row)
    held = _members([row.report for row in rows]) if firsts else members
    _write(rows, held)
    _write_fronts(fronts)
    late = sorted({row.behind for row in rows if row.folded and row.behind and _settled(fronts, row)})
    if late:
        publish(DECIDED, late)
    place_behind(fallen)
    return folds


def place_behind(report_ids: Collection[int]) -> None:
    """Have those placed again that fold behind these, which tell less, or wait longer, than they did."""
    rows = select_in(
        "SELECT report_id FROM bundles_member WHERE folded AND behind IN {values}", sorted(report_ids)
    )
    if rows:
        publish("report.bundled", sorted(row[0] for row in rows))


def _fell(front: _Front, now: Judged | None) -> bool:
    """Hold the canonical report as it is now. One that has no band holds nobody back."""
    nothing = Judged(front.canonical, band=99, last=True, floor=False, dangers=frozenset(), free=True)
    return front.standing.hold(now or nothing)


def _settled(fronts: Mapping[Place, _Front], row: _Member) -> bool:
    return fronts[row.pile, row.unit].settled


def _placed(front: _Front, member: _Member, told: Tells, one: Judged, *, wide: bool) -> _Member:
    if member.stands or not front.canonical:
        # What stood once goes on standing: somebody may have seen it, and others fold behind it.
        _stand(front, told, one)
        return member._replace(stands=True, folded=False, behind=None)
    new = what_is_new(front.standing, told, one, wide=wide)
    if front.settled and not one.last and not one.settled:
        new = (
            *new,
            New.AFTER,
        )  # nobody knows yet whether it goes on: only the last band is settled with the past
    if new == (New.UNREAD,) and not one.settled:
        # It waits for its turn like any other, and may fold when its words are known (`place_read`).
        return member._replace(stands=False, folded=False, new=str(New.UNREAD), behind=None)
    if new:
        _stand(front, told, one)
        words = " ".join(new)
        return member._replace(stands=True, folded=False, new=words, behind=None)
    return member._replace(folded=True, new="", behind=front.canonical)


def _stand(front: _Front, told: Tells, one: Judged) -> None:
    """The most urgent of those that stand is the canonical one; while none waits, whoever comes next."""
    standing = front.standing
    sooner = (one.band, -len(one.dangers)) < (standing.band, -len(standing.dangers))
    if (
        not front.canonical
        or (sooner and (one.band < standing.band or one.dangers >= standing.dangers))
        or (front.settled and one.report != front.canonical)
    ):
        front.put(one)
    standing.take(told, one)


# ---------------------------------------------------------------- reading


def _members(report_ids: Sequence[int]) -> dict[int, _Member]:
    rows = select_in(
        "SELECT report_id, pile_id, unit_id, stands, folded, new, behind FROM bundles_member"
        " WHERE report_id IN {values}",
        list(report_ids),
    )
    return {
        row[0]: _Member(row[0], row[1], row[2], bool(row[3]), bool(row[4]), row[5], row[6]) for row in rows
    }


def _fronts(places: set[Place]) -> dict[Place, _Front]:
    rows = select_in(
        "SELECT pile_id, unit_id, report_id, known FROM bundles_front WHERE pile_id IN {values}",
        sorted({pile for pile, _ in places}),
    )
    found = {
        (pile, unit): _Front(report, _standing(json.loads(known)), known=known)
        for pile, unit, report, known in rows
        if (pile, unit) in places
    }
    decided = decided_reports([front.canonical for front in found.values()])
    for front in found.values():
        front.settled = decided.get(front.canonical) is True
    return found


def _firsts(places: Collection[Place], but: Collection[int]) -> dict[Place, int]:
    """The oldest report of a pile in a unit that nobody placed yet."""
    wanted = {pile for pile, _ in places}
    rows = select_in(
        "SELECT pile_id, unit_id, min(report_id) FROM bundles_member WHERE pile_id IN {values}"
        " GROUP BY pile_id, unit_id",
        sorted(wanted),
    )
    return {
        (pile, unit): report for pile, unit, report in rows if (pile, unit) in places and report not in but
    }


def _wide(piles: set[int]) -> dict[int, bool]:
    rows = select_in("SELECT id, wide, sources FROM bundles_pile WHERE id IN {values}", sorted(piles))
    return {pile: bool(wide) or sources >= WIDE for pile, wide, sources in rows}


def _tells(report_ids: Sequence[int]) -> dict[int, Tells]:
    reads = read(sorted(set(report_ids)))
    pictures = sorted({key for one in reads for key in one.pdq})
    near = dict(select_in("SELECT id, other FROM bundles_key WHERE other <> 0 AND id IN {values}", pictures))
    return {one.told.report_id: one.tells(near) for one in reads}


# ---------------------------------------------------------------- writing


def _write(rows: Sequence[_Member], held: Mapping[int, _Member]) -> None:
    changed = [
        (row.stands, row.folded, row.new, row.behind, row.report)
        for row in rows
        if held.get(row.report) != row
    ]
    if changed:
        with connection.cursor() as cursor:
            cursor.executemany(
                "UPDATE bundles_member SET stands = %s, folded = %s, new = %s, behind = %s WHERE report_id = %s",
                changed,
            )


def _write_fronts(fronts: Mapping[Place, _Front]) -> None:
    rows = [
        (*place, front.canonical, known)
        for place, front in sorted(fronts.items())
        if (known := json.dumps(_plain(front.standing))) != front.known or front.changed
    ]
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO bundles_front (pile_id, unit_id, report_id, known) VALUES (%s, %s, %s, %s)"
                " ON CONFLICT (pile_id, unit_id)"
                " DO UPDATE SET report_id = excluded.report_id, known = excluded.known",
                rows,
            )


def _plain(standing: Standing) -> dict[str, object]:
    return {
        name: sorted(value) if isinstance(value, set) else value for name, value in vars(standing).items()
    }


def _standing(known: Mapping[str, Any]) -> Standing:
    standing = Standing()
    for name, value in known.items():
        setattr(standing, name, set(value) if isinstance(value, list) else value)
    return standing


__all__ = ["DECIDED", "Judge", "place_behind", "place_reports"]
