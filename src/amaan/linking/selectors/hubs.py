"""Values that too many reports tell: what they were when links were made, and who tells them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from amaan.linking.domain.keys import identifier_of, stored
from amaan.linking.models import Hub
from amaan.linking.selectors.wallets import twins_of
from amaan.store.rows import select_in


def stored_keys(keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """As the database holds them."""
    return keys.view(np.int64)


def hubs_among(keys: Iterable[int]) -> set[int]:
    """Those of these keys (as stored) that were hubs when links were last made of them."""
    return {
        row[0]
        for row in select_in('SELECT "key" FROM linking_hub WHERE "key" IN {values}', sorted(set(keys)))
    }


def all_hubs() -> set[int]:
    return set(Hub.objects.values_list("key", flat=True))


def linked_before(keys: Sequence[int]) -> set[int]:
    """The reports that tell these values (unsigned keys) and were linked by them at some time, if only by half."""
    numbers = {number for key in keys if (number := identifier_of(key)) is not None}
    twins = twins_of(numbers)
    mentions = sorted(numbers.union(twins, twins.values()))
    clues = sorted(stored(key) for key in keys if identifier_of(key) is None)
    found = select_in(
        "SELECT DISTINCT m.report_id FROM reports_mention m JOIN linking_noted n ON n.report_id = m.report_id"
        " WHERE m.identifier_id IN {values}",
        mentions,
    )
    found += select_in('SELECT DISTINCT report_id FROM linking_clue WHERE "key" IN {values}', clues)
    return {row[0] for row in found}


class NotedOf(NamedTuple):
    """What was noted of a report. `telling`: version, source, trust; `clues`: key (as stored), kind and stance."""

    telling: tuple[int, ...]
    clues: frozenset[tuple[int, int, int]]


def noted_of(report_ids: Sequence[int]) -> dict[int, NotedOf]:
    """By report; those that nobody noted are left out. Where it stays as it was, so does the report's evidence."""
    clues: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for report, key, kind, stance in select_in(
        'SELECT report_id, "key", kind, stance FROM linking_clue WHERE report_id IN {values}', report_ids
    ):
        clues[report].append((key, kind, stance))
    tellings = select_in(
        "SELECT report_id, version_id, source, trust FROM linking_noted WHERE report_id IN {values}",
        report_ids,
    )
    return {report: NotedOf(tuple(told), frozenset(clues[report])) for report, *told in tellings}


def tellers_of_clues(keys: Sequence[int]) -> dict[int, set[int]]:
    """The reports that each of these clues (keys as stored) is noted of."""
    found: dict[int, set[int]] = {key: set() for key in keys}
    for key, report in select_in(
        'SELECT "key", report_id FROM linking_clue WHERE "key" IN {values}', list(keys)
    ):
        found[key].add(report)
    return found
