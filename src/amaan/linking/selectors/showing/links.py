"""Links as somebody may see them: a link of which they may not see both reports is only counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from amaan.accounts.selectors import unit_ids
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, units_where
from amaan.linking.domain.decisions import PairState
from amaan.linking.domain.kinds import EvidenceKind
from amaan.linking.domain.strength import PLAIN_AT
from amaan.linking.models import Link, Member
from amaan.linking.selectors.showing.seen import SeenRing, units_of
from amaan.linking.selectors.states import LinkTold, links_of, state_of_pairs
from amaan.reports.selectors import ReportNotFound, access_report, reports_among
from amaan.store.rows import select_in

if TYPE_CHECKING:
    from amaan.reports.models import Report


_INSIDE: Final = (
    "FROM linking_member m JOIN linking_link l ON l.low_id = m.report_id"
    " JOIN linking_member h ON h.report_id = l.high_id AND h.ring_id = m.ring_id WHERE m.ring_id IN {values}"
)


class LinkNotFound(Exception):
    """No two such reports, or not both to be seen by this actor: the answer is the same."""


@dataclass(frozen=True)
class SeenLink:
    """Two reports, the lower id first, and how the pair counts now."""

    low: Report
    high: Report
    told: LinkTold


@dataclass(frozen=True)
class Beside:
    """The heaviest links of one report to reports that the actor may see, each with the other report; `standing`: how
    many such there are in all, `rejected`: how many more somebody rejected. `worded`: apart from all these, weak ones
    that rest on a wording alone (a platform's stock sentence makes thousands), and how many. `elsewhere`: how many lead
    to reports that the actor doesn't see, by the office's row id. Pairs of which nothing stands any more are left
    out."""

    links: tuple[tuple[LinkTold, Report], ...]
    standing: int
    worded: tuple[tuple[LinkTold, Report], ...]
    worded_in_all: int
    rejected: int
    elsewhere: Mapping[int, int]


class Linked(NamedTuple):
    """A link between two reports of a ring, by row ids. `kinds` as the link's bits."""

    low: int
    high: int
    weight: float
    kinds: int


def links_in(ring: SeenRing) -> list[Linked]:
    """Every link between two reports of a ring that are read, in no order. Ask `count_in` first: there may be many."""
    rows = select_in(f"SELECT l.low_id, l.high_id, l.weight, l.kinds {_INSIDE}", [ring.ring.pk])
    read = set(ring.ids)
    return [link for link in map(Linked._make, rows) if link.low in read and link.high in read]


def count_in(ring: SeenRing) -> int:
    """How many links there are between two reports of a ring."""
    return int(select_in(f"SELECT count(*) {_INSIDE}", [ring.ring.pk])[0][0])


def links_of_mine(ring: SeenRing, *, most: int | None = None) -> tuple[list[Linked], int]:
    """The heaviest links between two reports of a ring that its reader may open, the heaviest first; and how many."""
    units = {report.unit_id for report in ring.seen.values()}
    mine = Member.objects.filter(ring=ring.ring, unit_id__in=units, pk__gte=min(ring.seen)).values("pk")
    links = Link.objects.filter(low__in=mine, high__in=mine)
    rows = links.order_by("-weight", "low_id", "high_id").values_list("low_id", "high_id", "weight", "kinds")
    seen = [Linked._make(row) for row in rows[:most] if row[0] in ring.seen and row[1] in ring.seen]
    return seen, links.count() if most is not None and len(seen) == most else len(seen)


def seen_link(actor: Actor, one: str, other: str) -> SeenLink:
    """Of two references as typed by anybody. Raises LinkNotFound."""
    try:
        reports = [access_report(actor, one), access_report(actor, other)]
    except ReportNotFound as absent:
        raise LinkNotFound(str(absent)) from absent
    low, high = sorted(reports, key=lambda report: report.pk)
    if low.pk == high.pk:
        raise LinkNotFound("A report has no link to itself.")
    return SeenLink(low, high, state_of_pairs([(low.pk, high.pk)])[low.pk, high.pk])


def links_beside(actor: Actor, report: Report, *, most: int) -> Beside:
    """Of a report that the caller was given by `access_report`."""
    links = [
        (link, link.high if link.low == report.pk else link.low)
        for link in links_of([report.pk])
        if link.weight is not None or link.state is not PairState.PROPOSED
    ]
    units = units_of([other for _link, other in links])
    mine = set(unit_ids(units_where(actor, Action.VIEW_REPORT)))
    standing = [one for one in links if one[0].state is not PairState.REJECTED]
    every = [one for one in standing if units.get(one[1]) in mine]
    seen = [one for one in every if not _only_worded(one[0])]
    worded = [one for one in every if _only_worded(one[0])]
    shown = reports_among(actor, [other for _link, other in (*seen[:most], *worded[:most])])
    return Beside(
        links=tuple((link, shown[other]) for link, other in seen[:most] if other in shown),
        standing=len(seen),
        worded=tuple((link, shown[other]) for link, other in worded[:most] if other in shown),
        worded_in_all=len(worded),
        rejected=sum(units.get(other) in mine for _link, other in links) - len(every),
        elsewhere=Counter(
            units[other] for _link, other in standing if other in units and units[other] not in mine
        ),
    )


def _only_worded(link: LinkTold) -> bool:
    weak = link.weight is not None and link.weight < PLAIN_AT
    alone = link.kinds == 1 << EvidenceKind.WORDING
    return weak and alone and link.state is PairState.PROPOSED and link.split is None
