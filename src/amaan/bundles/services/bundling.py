"""Put reports where their material stands: many ids in, a fixed number of statements."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from django.db import connection, transaction

from amaan.authority.actors import Actor
from amaan.bundles.domain.binding import Bound, Evidence, Held, HeldKey, Placed, bind, key_numbers
from amaan.bundles.domain.fact_words import MOST_TOLD
from amaan.bundles.domain.folding import WIDE
from amaan.bundles.domain.keys import HUB, Kind
from amaan.bundles.models import Key, Member, Pile
from amaan.bundles.permissions import require_system
from amaan.bundles.selectors.evidence import Read, day_of, read
from amaan.bundles.selectors.splits import apart_pairs, ignored_keys
from amaan.bundles.services.nearness import near_to
from amaan.bundles.services.turn import take_turn
from amaan.ledger.domain.merkle import leaf_hash, root_of
from amaan.ledger.services import Act, append
from amaan.outbox.services import publish
from amaan.reports.selectors import told_of
from amaan.store.rows import allocate_ids, insert_rows, select_in

RUN: Final = "bundle.run"


@dataclass(frozen=True)
class BundleRun:
    """`bundled` reports were placed, `joined` of them with others; `merged` bundles became part of another."""

    bundled: int
    joined: int
    merged: int


class _PileRow(NamedTuple):
    sources: int
    wide: bool
    first: tuple[int, int, str]


class _Known(NamedTuple):
    """What the database holds of some reports: the keys, the piles with their bundles, and how accounts were told."""

    held: Held
    piles: dict[int, _PileRow]
    told: dict[int, int]


@transaction.atomic(savepoint=False)
def bundle_reports(actor: Actor, *, report_ids: Sequence[int]) -> BundleRun:
    """Place the newest tellings of these reports; what was placed already is left alone.

    `report.bundled` tells of those that stand with others now, and of those of which more is known. One ledger entry a
    run: how many, the Merkle root over their sorted references, how many joined others, how many bundles merged.
    """
    require_system(actor)
    take_turn()
    ids = sorted(set(report_ids))
    before = {
        report: (version, pile)
        for report, version, pile in select_in(
            "SELECT report_id, version_id, pile_id FROM bundles_member WHERE report_id IN {values}", ids
        )
    }
    fresh = [one for one in read(ids) if before.get(one.told.report_id, (None,))[0] != one.told.version_id]
    if not fresh:
        return BundleRun(0, 0, 0)
    piles = {
        one.told.report_id: before[one.told.report_id][1] for one in fresh if one.told.report_id in before
    }
    evidence, known = _prepared(fresh, piles)
    bound = bind(evidence, known.held)
    numbers = _write_piles(bound, known, fresh)
    _write_keys(bound, numbers)
    told = _count_tellings(fresh, bound, known)
    _write_members(bound, numbers, fresh, told)
    _raise_sources(bound, numbers, known, fresh)
    joined = [one.report for one in bound.placed if one.new and one.why]
    mine = {one.told.report_id for one in fresh}
    others = _raise_told(told.others, mine)
    publish(
        "report.bundled", sorted({*joined, *(one.report for one in bound.placed if not one.new), *others})
    )
    references = sorted(one.told.reference for one in fresh)
    body: dict[str, object] = {
        "count": len(references),
        "references_root": root_of([leaf_hash(reference.encode()) for reference in references]).hex(),
        "joined": len(joined),
        "merged": len(bound.merged),
    }
    append(actor, [Act(RUN, "bundles", "", body)])
    return BundleRun(len(fresh), len(joined), len(bound.merged))


# ---------------------------------------------------------------- reading


def _prepared(fresh: Sequence[Read], piles: dict[int, int]) -> tuple[list[Evidence], _Known]:
    ignored = ignored_keys([one.told.report_id for one in fresh])
    plain = [one.evidence({}) for one in fresh]
    keys, told = _read_keys(set().union(*map(key_numbers, plain)))
    pictures = {key: value for one in fresh for key, value in one.pdq.items()}
    near = {key: keys[key].other for key in pictures if key in keys and keys[key].other}
    unseen = near_to({key: value for key, value in pictures.items() if key not in keys})
    near |= unseen
    more, more_told = _read_keys(set(near.values()) - keys.keys())
    keys |= more
    evidence = [
        one.evidence(near, ignored.get(one.told.report_id, frozenset()))
        if one.told.report_id in ignored or not near.keys().isdisjoint(one.pdq)
        else ready
        for one, ready in zip(fresh, plain, strict=True)
    ]
    held = Held(keys=keys, piles=piles)
    rows = _read_piles({key.pile for key in keys.values()} | set(piles.values()), held)
    held.apart = apart_pairs(set(held.root.values()))
    return evidence, _Known(held, rows, told | more_told)


def _read_keys(numbers: Iterable[int]) -> tuple[dict[int, HeldKey], dict[int, int]]:
    keys, told = {}, {}
    for number, pile, count, other, times in select_in(
        "SELECT id, pile_id, count, other, told FROM bundles_key WHERE id IN {values}", sorted(numbers)
    ):
        keys[number], told[number] = HeldKey(pile, count, other), times
    return keys, told


def _read_piles(numbers: Iterable[int], held: Held) -> dict[int, _PileRow]:
    found = {}
    for number, bundle, size, sources, wide, *first in select_in(
        "SELECT p.id, p.bundle, b.size, p.sources, p.wide, p.entity_id, p.day, p.door"
        " FROM bundles_pile p JOIN bundles_pile b ON b.id = p.bundle WHERE p.id IN {values}",
        sorted(numbers),
    ):
        held.root[number], held.size[bundle] = bundle, size
        found[number] = _PileRow(sources, bool(wide), (first[0], first[1], first[2]))
    return found


# ---------------------------------------------------------------- writing


def _write_piles(bound: Bound, known: _Known, fresh: Sequence[Read]) -> dict[int, int]:
    """The numbers of the new piles, by the negative ones that `bind` gave."""
    held, reads = known.held, {one.told.report_id: one for one in fresh}
    ids = allocate_ids(Pile, bound.piles)
    numbers = {-n: pile for n, pile in enumerate(ids, start=1)}
    ended = dict(bound.merged)

    def bundle(pile: int) -> int:
        root = held.root.get(pile, pile)
        while root in ended:
            root = ended[root]
        return root

    counts = Counter(one.pile for one in bound.placed if one.new)
    sizes: Counter[int] = Counter()
    for pile, more in counts.items():
        sizes[bundle(pile)] += more
    for root, size in held.size.items():
        sizes[bundle(root)] += size
    first: dict[int, Read] = {}
    for one in bound.placed:
        first.setdefault(one.pile, reads[one.report])
    insert_rows(
        Pile,
        ("id", "bundle", "count", "size", "sources", "wide", "entity_id", "day", "door"),
        [
            (
                number,
                numbers.get(bundle(temporary), bundle(temporary)),
                counts[temporary],
                sizes[temporary] if bundle(temporary) == temporary else 0,
                1,
                first[temporary].wide,
                *first[temporary].source,
            )
            for temporary, number in numbers.items()
        ],
    )
    moved = [(numbers.get(bundle(old), bundle(old)), old) for old in ended if old > 0]
    changed = [(size, root) for root, size in sizes.items() if root > 0 and size != held.size.get(root, 0)]
    grown = [(more, pile) for pile, more in counts.items() if pile > 0]
    with connection.cursor() as cursor:
        if moved:
            cursor.executemany("UPDATE bundles_pile SET bundle = %s, size = 0 WHERE bundle = %s", moved)
        if changed:
            cursor.executemany("UPDATE bundles_pile SET size = %s WHERE id = %s", sorted(changed))
        if grown:
            cursor.executemany("UPDATE bundles_pile SET count = count + %s WHERE id = %s", sorted(grown))
    return numbers


def _write_keys(bound: Bound, numbers: Mapping[int, int]) -> None:
    insert_rows(
        Key,
        ("id", "pile_id", "count", "other", "told"),
        sorted(
            (key, numbers.get(one.pile, one.pile), one.reports, one.other, 1)
            for key, one in bound.keys.items()
        ),
    )
    if bound.counted:
        with connection.cursor() as cursor:
            cursor.executemany(
                "UPDATE bundles_key SET count = count + %s WHERE id = %s",
                sorted((more, key) for key, more in bound.counted.items()),
            )


class _Told(NamedTuple):
    """How often the accounts of reports were told independently: `mine` by report, `others` for those held before."""

    mine: dict[int, int]
    others: dict[int, int]


def _count_tellings(fresh: Sequence[Read], bound: Bound, known: _Known) -> _Told:
    """Count the independent sources of each account that more than one report names, as far as it is counted."""
    counts = {key: known.held.keys[key].reports + more for key, more in bound.counted.items()}
    counts |= {key: one.reports for key, one in bound.keys.items()}
    times = {key: known.told.get(key, 1) for one in fresh for key in one.accounts}
    identifiers = {
        number: key
        for one in fresh
        for key, number in one.accounts.items()
        if 1 < counts.get(key, 1) < HUB and times[key] < MOST_TOLD
    }
    sources: dict[int, set[tuple[int, int, str]]] = defaultdict(set)
    holders: dict[int, set[int]] = defaultdict(set)
    for row in told_of(sorted(identifiers)):
        key = identifiers[row.identifier_id]
        sources[key].add((row.entity_id, day_of(row.received_at), row.source))
        holders[key].add(row.report_id)
    risen = {key: n for key, held in sources.items() if (n := min(len(held), MOST_TOLD)) > times[key]}
    if risen:
        with connection.cursor() as cursor:
            cursor.executemany(
                "UPDATE bundles_key SET told = %s WHERE id = %s", sorted((n, key) for key, n in risen.items())
            )
    times |= risen
    hubs = {key for key in times if counts.get(key, 1) >= HUB and times[key] < MOST_TOLD}
    mine = {
        one.told.report_id: max((times[key] for key in one.accounts if key not in hubs), default=1)
        for one in fresh
    }
    others: dict[int, int] = {}
    for key, n in risen.items():
        for report in holders[key]:
            others[report] = max(n, others.get(report, 0))
    return _Told(mine, others)


def _write_members(bound: Bound, numbers: Mapping[int, int], fresh: Sequence[Read], told: _Told) -> None:
    reads = {one.told.report_id: one.told for one in fresh}
    insert_rows(
        Member,
        ("report_id", "version_id", "pile_id", "unit_id", "why", "told", "stands", "folded", "new"),
        [
            (
                one.report,
                reads[one.report].version_id,
                numbers.get(one.pile, one.pile),
                reads[one.report].unit_id,
                _why(one),
                told.mine[one.report],
                False,
                False,
                "",
            )
            for one in bound.placed
            if one.new
        ],
    )
    again = [
        (reads[one.report].version_id, told.mine[one.report], one.report)
        for one in bound.placed
        if not one.new
    ]
    if again:
        with connection.cursor() as cursor:
            cursor.executemany(
                "UPDATE bundles_member SET version_id = %s, told = %s WHERE report_id = %s", again
            )


def _why(one: Placed) -> str:
    return " ".join(Kind(kind).name.lower() for kind in one.why)


def _raise_told(others: Mapping[int, int], mine: set[int]) -> list[int]:
    """Those of other reports whose account is told more often now."""
    known = select_in(
        "SELECT report_id, told FROM bundles_member WHERE report_id IN {values}",
        sorted(set(others) - mine),
    )
    risen = [(others[report], report) for report, told in known if others[report] > told]
    if risen:
        with connection.cursor() as cursor:
            cursor.executemany("UPDATE bundles_member SET told = %s WHERE report_id = %s", risen)
    return [report for _, report in risen]


def _raise_sources(bound: Bound, numbers: Mapping[int, int], known: _Known, fresh: Sequence[Read]) -> None:
    """Count the independent sources of the piles that grew, and note who says that their material goes round."""
    reads = {one.told.report_id: one for one in fresh}
    firsts = {pile: row.first for pile, row in known.piles.items()}
    wide: set[int] = set()
    further: set[tuple[int, int, int, str]] = set()
    for one in bound.placed:
        read_ = reads[one.report]
        first = firsts.setdefault(one.pile, read_.source)
        row = known.piles.get(one.pile)
        number = numbers.get(one.pile, one.pile)
        if read_.wide and (row is None or not row.wide):
            wide.add(number)
        if one.new and read_.source != first and (row is None or row.sources < WIDE):
            further.add((number, *read_.source))
    with connection.cursor() as cursor:
        if wide:
            cursor.executemany(
                "UPDATE bundles_pile SET wide = %s WHERE id = %s", [(True, n) for n in sorted(wide)]
            )
        if not further:
            return
        cursor.executemany(
            "INSERT INTO bundles_source (pile_id, entity_id, day, door) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (pile_id, entity_id, day, door) DO NOTHING",
            sorted(further),
        )
        cursor.executemany(
            "UPDATE bundles_pile SET sources ="
            " (SELECT 1 + count(*) FROM bundles_source s WHERE s.pile_id = bundles_pile.id) WHERE id = %s",
            [(number,) for number in sorted({row[0] for row in further})],
        )
