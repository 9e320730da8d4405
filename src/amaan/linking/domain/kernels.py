"""Compiled inner loops, each with a plain twin: `<name>_reference` here, or `weighing.weigh_reference`.

numba keeps compiled code beside this file or in the user's cache folder; where neither can be written,
`signalmatch.kernels` has settled where it goes.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

import signalmatch.kernels  # noqa: F401 - see above
from amaan.linking.domain.strength import FURTHER, MOST_FURTHER

_KINDS: Final = 64
_MOST_SUM: Final = 1 << 30


@njit(cache=True, nogil=True)
def count_sources_of(
    begin: NDArray[np.int64], end: NDArray[np.int64], report: NDArray[np.int32], source: NDArray[np.int64]
) -> NDArray[np.uint32]:
    """Different sources among the reports of each range of rows: uint32[ranges]."""
    counts = np.zeros(len(begin), np.uint32)
    for group in range(len(begin)):
        size = end[group] - begin[group]
        if size == 0:
            continue
        told = np.empty(size, np.int64)
        for place in range(size):
            told[place] = source[report[begin[group] + place]]
        told.sort()
        different = 1
        for place in range(1, size):
            if told[place] != told[place - 1]:
                different += 1
        counts[group] = different
    return counts


def count_sources_of_reference(
    begin: NDArray[np.int64], end: NDArray[np.int64], report: NDArray[np.int32], source: NDArray[np.int64]
) -> NDArray[np.uint32]:
    told = [len({int(source[r]) for r in report[b:e]}) for b, e in zip(begin, end, strict=True)]
    return np.array(told, dtype=np.uint32)


@njit(cache=True, nogil=True)
def rows_by_report(member: NDArray[np.int32], reports: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Rows in the order of their reports: where each report's begin, int64[reports + 1], and the rows, int32[n]."""
    start = np.zeros(reports + 1, np.int64)
    for row in range(len(member)):
        start[member[row] + 1] += 1
    for report in range(reports):
        start[report + 1] += start[report]
    at = start[:-1].copy()
    rows = np.empty(len(member), np.int32)
    for row in range(len(member)):
        rows[at[member[row]]] = row
        at[member[row]] += 1
    return start, rows


def rows_by_report_reference(
    member: NDArray[np.int32], reports: int
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    counts = np.bincount(member, minlength=reports)
    return np.concatenate(([0], np.cumsum(counts))), np.argsort(member, kind="stable").astype(np.int32)


@njit(cache=True, nogil=True)
def widest_reach(
    chosen: NDArray[np.int32],
    own_start: NDArray[np.int64],
    own_row: NDArray[np.int32],
    group_of: NDArray[np.int32],
    start: NDArray[np.int64],
) -> int:
    """The most rows that any of the chosen reports meets through its values: no report has more partners."""
    widest = 0
    for report in chosen:
        met = 0
        for place in range(own_start[report], own_start[report + 1]):
            group = group_of[own_row[place]]
            met += start[group + 1] - start[group]
        widest = max(widest, met)
    return widest


def widest_reach_reference(
    chosen: NDArray[np.int32],
    own_start: NDArray[np.int64],
    own_row: NDArray[np.int32],
    group_of: NDArray[np.int32],
    start: NDArray[np.int64],
) -> int:
    sizes = np.diff(start)
    met = [
        int(sizes[group_of[own_row[own_start[report] : own_start[report + 1]]]].sum()) for report in chosen
    ]
    return max(met, default=0)


@njit(cache=True, nogil=True)
def _longer(held, room):  # type: ignore[no-untyped-def] # of any type
    grown = np.empty(room, held.dtype)
    grown[: len(held)] = held
    return grown


@njit(cache=True, nogil=True)
def pairs_of(
    chosen: NDArray[np.int32],
    touched: NDArray[np.bool_],
    start: NDArray[np.int64],
    member: NDArray[np.int32],
    links: NDArray[np.bool_],
    beside: NDArray[np.bool_],
    points: NDArray[np.int32],
    crowded: NDArray[np.bool_],
    of_account: NDArray[np.bool_],
    family: NDArray[np.uint8],
    kind: NDArray[np.uint8],
    group_of: NDArray[np.int32],
    own_start: NDArray[np.int64],
    own_row: NDArray[np.int32],
    source: NDArray[np.int64],
    public: NDArray[np.bool_],
    compromised: NDArray[np.bool_],
    families: int,
    reach: int,
    whole: bool,
    rules: NDArray[np.int64],
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32], NDArray[np.uint64]]:
    """Pairs of the chosen reports (int32, ascending), at or above the least weight: low, high, parts, kinds.

    A row is one report's telling of one value: `member`, `links` and `beside` by row, `points`, `crowded`,
    `of_account`, `family` and `kind` by value, whose rows are `start[g]:start[g + 1]` with members
    ascending. `rules` in parts: prior, the most of support, the most of the public, what compromise costs, the least
    weight that is kept; then the families of pages and of accounts. A pair of two touched reports comes
    once, with its lower one; `whole`: all are touched. Sorted by (chosen report, the other).
    """
    prior, most_support, most_public, lost, least = rules[0], rules[1], rules[2], rules[3], rules[4]
    web, account = rules[5], rules[6]
    slot_of = np.full(len(source), -1, np.int32)
    other = np.empty(reach, np.int32)
    top_all = np.zeros((reach, families), np.int32)
    sum_all = np.zeros((reach, families), np.int32)
    top_link = np.zeros((reach, families), np.int32)
    sum_link = np.zeros((reach, families), np.int32)
    one_all = np.zeros(reach, np.int64)  # the heaviest single piece, and its kind, the lowest first
    one_link = np.zeros(reach, np.int64)
    seen = np.zeros(reach, np.uint64)

    room = 1024
    low = np.empty(room, np.int32)
    high = np.empty(room, np.int32)
    weight = np.empty(room, np.int32)
    kinds = np.empty(room, np.uint64)
    count = 0

    for report in chosen:
        slots = 0
        for place in range(own_start[report], own_start[report + 1]):
            mine = own_row[place]
            group = group_of[mine]
            # Lower touched ones have made the pair already: where all are touched, half of the rows are passed over.
            for row in range(mine + 1 if whole else start[group], start[group + 1]):
                met = member[row]
                if met == report or (met < report and touched[met]):
                    continue
                if crowded[group] and public[report] and public[met]:
                    continue
                value = points[group]
                doubtful = of_account[group] and (
                    (compromised[report] and not beside[mine]) or (compromised[met] and not beside[row])
                )
                if doubtful:
                    value -= lost
                if value <= 0:
                    continue
                slot = slot_of[met]
                if slot < 0:
                    slot = slots
                    slots += 1
                    slot_of[met] = slot
                    other[slot] = met
                    top_all[slot, :] = 0
                    sum_all[slot, :] = 0
                    top_link[slot, :] = 0
                    sum_link[slot, :] = 0
                    one_all[slot] = 0
                    one_link[slot] = 0
                    seen[slot] = 0
                of = int(family[group])
                if of == web and links[mine] and links[row] and not (beside[mine] or beside[row]):
                    of = int(account)  # its own page says whose it is, as its name does
                single = value * _KINDS + (_KINDS - 1 - kind[group])
                top_all[slot, of] = max(top_all[slot, of], value)
                sum_all[slot, of] = min(sum_all[slot, of] + value, _MOST_SUM)
                one_all[slot] = max(one_all[slot], single)
                if links[mine] and links[row] and not doubtful:
                    top_link[slot, of] = max(top_link[slot, of], value)
                    sum_link[slot, of] = min(sum_link[slot, of] + value, _MOST_SUM)
                    one_link[slot] = max(one_link[slot], single)
                seen[slot] |= np.uint64(1) << np.uint64(kind[group])
        if slots == 0:
            continue
        order = np.argsort(other[:slots])
        for slot in order:
            met = other[slot]
            slot_of[met] = -1
            if source[met] == source[report]:
                linking = one_link[slot] // _KINDS
                everything = one_all[slot] // _KINDS
                total = prior + linking
                supported = min(prior + everything, most_support)
                heaviest = one_link[slot] if total >= supported else one_all[slot]
                seen[slot] = np.uint64(1) << np.uint64(_KINDS - 1 - heaviest % _KINDS)
            else:
                linking = 0
                everything = 0
                for of in range(families):
                    top = top_link[slot, of]
                    linking += top + min((sum_link[slot, of] - top) // FURTHER, top // MOST_FURTHER)
                    top = top_all[slot, of]
                    everything += top + min((sum_all[slot, of] - top) // FURTHER, top // MOST_FURTHER)
                total = prior + linking + min(everything - linking, linking)
                supported = min(prior + everything, most_support)
            total = max(total, supported)
            if public[report] and public[met]:
                total = min(total, most_public)
            if total < least:
                continue
            if count == room:
                room *= 2
                low, high = _longer(low, room), _longer(high, room)
                weight, kinds = _longer(weight, room), _longer(kinds, room)
            low[count] = min(report, met)
            high[count] = max(report, met)
            weight[count] = total
            kinds[count] = seen[slot]
            count += 1
    return low[:count], high[:count], weight[:count], kinds[:count]


@njit(cache=True, nogil=True)
def _root_of(root, node):  # type: ignore[no-untyped-def] # compiled with its callers
    while root[node] != node:
        root[node] = root[root[node]]
        node = root[node]
    return node


@njit(cache=True, nogil=True)
def components_of(low: NDArray[np.int32], high: NDArray[np.int32], nodes: int) -> NDArray[np.int32]:
    """Of each node the lowest node that the pairs connect it with: int32[nodes]. Any order of pairs gives the same."""
    root = np.arange(nodes, dtype=np.int32)
    for edge in range(len(low)):
        one, other = _root_of(root, low[edge]), _root_of(root, high[edge])
        if one < other:
            root[other] = one
        elif other < one:
            root[one] = other
    for node in range(nodes):  # a root is never higher than what it holds, so that it is settled before
        root[node] = root[root[node]]
    return root


def components_of_reference(low: NDArray[np.int32], high: NDArray[np.int32], nodes: int) -> NDArray[np.int32]:
    root = np.arange(nodes, dtype=np.int32)
    changed = True
    while changed:
        before = root.copy()
        np.minimum.at(root, low, before[high])
        np.minimum.at(root, high, before[low])
        changed = not np.array_equal(root, before)
    return root


@njit(cache=True, nogil=True)
def parts_apart(
    low: NDArray[np.int32],
    high: NDArray[np.int32],
    apart: NDArray[np.uint64],
    others: NDArray[np.uint64],
) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Of each node the lowest node that pairs, taken in their order, join it with, and which pairs joined two.

    `apart`, `others` uint64[nodes, words]: a bit for each split on whose one or other side a node stands, which never
    come together; both are changed. The plain twin is `communities.Parts`.
    """
    nodes, words = apart.shape
    root = np.arange(nodes, dtype=np.int32)
    joined = np.zeros(len(low), np.bool_)
    for edge in range(len(low)):
        one, other = _root_of(root, low[edge]), _root_of(root, high[edge])
        if one == other:
            continue
        refused = False
        for word in range(words):
            if apart[one, word] & others[other, word] or others[one, word] & apart[other, word]:
                refused = True
                break
        if refused:
            continue
        first, second = min(one, other), max(one, other)
        root[second] = first
        for word in range(words):
            apart[first, word] |= apart[second, word]
            others[first, word] |= others[second, word]
        joined[edge] = True
    for node in range(nodes):
        root[node] = root[root[node]]
    return root, joined
