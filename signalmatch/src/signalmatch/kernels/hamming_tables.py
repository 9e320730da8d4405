"""Search by tables (`hamming_cells`): only the cells in which a near hash can lie are read."""

# mypy: disable-error-code="assignment,return-value,arg-type,no-any-return"
from __future__ import annotations

import numpy as np

from signalmatch.kernels.compiling import njit
from signalmatch.kernels.hamming_bits import add_distance, lowest, prefetch, within
from signalmatch.kernels.hamming_cells import (
    Bytes,
    Hashes,
    Sketches,
    finds,
    is_row,
    number_at,
    row_window,
    window,
)
from signalmatch.kernels.search import BLOCK, TAIL_FAST, Numbers, Words

LINE = 32
"""Sketches that are compared at once: a cache line. A cell is read from the line where it begins to where it ends."""
AHEAD = 16
"""Cells that are asked for before they are read; a power of two."""
PREFETCHED = 16
"""Lines of a cell that are asked for ahead; beyond, the processor has seen where this goes."""


@njit(cache=True, nogil=True)
def _gather(
    hashes: Hashes,
    query: int,
    table: int,
    place: int,
    bits: int,
    flips: Words,
    flips_end: Numbers,
    reach: int,
    slots: Numbers,
    probes: Hashes,
    k: int,
) -> int:
    """Append the probes of one query into one table; gives how many there are now.

    A slot is table * (2**bits + 1) + address; a probe is query << 32 | table << 24 | flipped bits << 16 | sketch.
    """
    here = window(hashes, query, place)
    address = np.uint32(here >> np.uint64(64 - bits))
    sketch = (here << np.uint64(bits)) >> np.uint64(48)
    fixed = (np.uint64(query) << np.uint64(32)) | (np.uint64(table) << np.uint64(24)) | sketch
    base = table * ((1 << bits) + 1)
    f = 0
    for x in range(reach + 1):
        probe = fixed | (np.uint64(x) << np.uint64(16))
        while f < flips_end[x]:
            slots[k] = base + np.int64(address ^ flips[f])
            probes[k] = probe
            k += 1
            f += 1
    return k


@njit(cache=True, nogil=True)
def _sort(
    slots: Numbers, probes: Hashes, count: int, base: int, cells: int, slots_to: Numbers, probes_to: Hashes
) -> None:
    """Probes of one table in the order of their cells (counting sort)."""
    starts = np.zeros(cells + 1, np.uint32)
    for k in range(count):
        starts[slots[k] - base + 1] += np.uint32(1)
    for cell in range(cells):
        starts[cell + 1] += starts[cell]
    for k in range(count):
        at = starts[slots[k] - base]
        starts[slots[k] - base] += np.uint32(1)
        slots_to[at] = slots[k]
        probes_to[at] = probes[k]


@njit(cache=True, nogil=True)
def _scan(
    slots: Numbers,
    probes: Hashes,
    count: int,
    k: int,
    resume: int,
    bits: int,
    starts: Words,
    sketches: Sketches,
    whole_limit: Numbers,
    part_mask: Words,
    part_limit: Numbers,
    lines_most: int,
    passing_most: int,
    lines_of: Numbers,
    passed_of: Numbers,
    hard: Bytes,
    passing: Numbers,
    passing_slot: Numbers,
    passing_probe: Hashes,
) -> tuple[int, int, int]:
    """Read cells from the k-th probe on, of it from the line at `resume` (or -1) on: (next probe, its line, passed)."""
    cells = (1 << bits) + 1
    entries = sketches.shape[0] // (starts.shape[0] // cells)
    everything = np.uint16(0xFFFF)
    begins = np.zeros(AHEAD, np.int64)
    ends = np.zeros(AHEAD, np.int64)
    room = passing.shape[0] - LINE
    passed = 0
    first = k
    for j in range(k, min(k + 2 * AHEAD, count)):
        prefetch(starts, slots[j])
    for j in range(k - AHEAD, count):
        if j + 2 * AHEAD < count:
            prefetch(starts, slots[j + 2 * AHEAD])
        begin, end = begins[j & (AHEAD - 1)], ends[j & (AHEAD - 1)]
        ahead = j + AHEAD
        if ahead < count:
            slot = slots[ahead]
            base = np.int64((probes[ahead] >> np.uint64(24)) & np.uint64(0xFF)) * entries
            low, high = np.int64(starts[slot]), np.int64(starts[slot + 1])
            low_line = base + (low & -LINE)
            high_line = base + high if high > low else low_line
            begins[j & (AHEAD - 1)] = low_line
            ends[j & (AHEAD - 1)] = high_line
            for at in range(low_line, min(high_line, low_line + PREFETCHED * LINE), LINE):
                prefetch(sketches, at)
        if j < first:
            continue
        probe = probes[j]
        query = np.int64(probe >> np.uint64(32))
        if hard[query]:
            if hard.shape[0] == 1:
                break
            continue
        table = np.int64((probe >> np.uint64(24)) & np.uint64(0xFF))
        x = np.int64((probe >> np.uint64(16)) & np.uint64(0xFF))
        wanted = np.uint16(probe & np.uint64(0xFFFF))
        whole = np.uint16(whole_limit[table] - x)
        if j == first and resume >= 0:
            begin = resume
        lines_of[query] += (end - begin + LINE - 1) // LINE
        if lines_of[query] > lines_most:
            hard[query] = 1
            continue
        for at in range(begin, end, LINE):
            near = within(sketches, at, wanted, everything, whole)
            if near == 0:
                continue
            near &= within(
                sketches, at, wanted, np.uint16(part_mask[table]), np.uint16(part_limit[table] - x)
            )
            if near == 0:
                continue
            if passed > room:
                return j, at, passed
            while near:
                passing[passed] = at + np.int64(lowest(near))
                passing_slot[passed] = slots[j]
                passing_probe[passed] = probe
                passed += 1
                passed_of[query] += 1
                near &= near - np.uint32(1)
            if passed_of[query] > passing_most:
                hard[query] = 1
                break
    return count, -1, passed


@njit(cache=True, nogil=True)
def _confirm(
    hashes: Hashes,
    words: Words,
    front: Words,
    back: Words,
    count: int,
    radius: int,
    places: Numbers,
    bits: int,
    group: int,
    starts: Words,
    sketches: Sketches,
    tails: Bytes,
    width: int,
    reach: Numbers,
    whole_limit: Numbers,
    part_mask: Words,
    part_limit: Numbers,
    far_limit: Numbers,
    passed: int,
    passing: Numbers,
    passing_slot: Numbers,
    passing_probe: Hashes,
    hard: Bytes,
    rows: Numbers,
    found: Numbers,
) -> int:
    """Compare what passed with the whole hash, and leave out what an earlier table finds too.

    Writes (query, row, distance) to found int64[3, room], which has room for `passed`; gives how many.
    """
    fast = width == TAIL_FAST
    zero = np.uint32(0)
    limit = np.uint32(radius)
    cells = (1 << bits) + 1
    entries = sketches.shape[0] // places.shape[0]
    # 1: the tails.
    kept = 0
    for p in range(min(AHEAD, passed)):
        prefetch(tails, passing[p] * width)
    for p in range(passed):
        if p + AHEAD < passed:
            prefetch(tails, passing[p + AHEAD] * width)
        at, probe, slot = passing[p], passing_probe[p], passing_slot[p]
        query = np.int64(probe >> np.uint64(32))
        if hard[query]:
            continue
        if fast:
            table = np.int64((probe >> np.uint64(24)) & np.uint64(0xFF))
            d = np.uint32((probe >> np.uint64(16)) & np.uint64(0xFF))
            far = np.uint32((window(hashes, query, places[table]) << np.uint64(bits + 16)) >> np.uint64(48))
            d = add_distance(d, sketches[at], np.uint32(probe & np.uint64(0xFFFF)))
            d = add_distance(
                d, np.uint32(tails[at * width + 4]) | (np.uint32(tails[at * width + 5]) << np.uint32(8)), far
            )
            if d > far_limit[table]:
                continue
        row = number_at(tails, width, at) << group
        if row >= count:
            continue
        passing[kept], passing_probe[kept], passing_slot[kept], rows[kept] = at, probe, slot, row
        kept += 1
    # 2: the hashes.
    found_count = 0
    for p in range(kept + AHEAD):
        if p < kept:
            base = (rows[p] // BLOCK) * (3 * BLOCK) + rows[p] % BLOCK
            prefetch(front, base)
            prefetch(front, base + BLOCK)
            prefetch(front, base + 2 * BLOCK)
        p -= AHEAD  # noqa: PLW2901 - a pipeline
        if p < 0:
            continue
        probe = passing_probe[p]
        query = np.int64(probe >> np.uint64(32))
        for row in range(rows[p], min(rows[p] + (1 << group), count)):
            base = (row // BLOCK) * (3 * BLOCK) + row % BLOCK
            d = add_distance(zero, front[base], words[query, 0])
            d = add_distance(d, front[base + BLOCK], words[query, 1])
            d = add_distance(d, front[base + 2 * BLOCK], words[query, 2])
            if d > limit:
                continue
            base = (row // BLOCK) * (5 * BLOCK) + row % BLOCK
            for w in range(5):
                d = add_distance(d, back[base + w * BLOCK], words[query, 3 + w])
            if d > limit:
                continue
            table = np.int64((probe >> np.uint64(24)) & np.uint64(0xFF))
            begin = table * entries + np.int64(starts[passing_slot[p]])
            cell = passing_slot[p] - table * cells
            if not is_row(
                front, back, row, places[table], bits, cell, group, tails, width, passing[p], begin
            ):
                continue
            told = False
            for i in range(table):
                if reach[i] >= 0 and finds(
                    window(hashes, query, places[i]), row_window(front, back, row, places[i]), bits, fast,
                    reach[i], whole_limit[i], part_mask[i], part_limit[i], far_limit[i],
                ):  # fmt: skip
                    told = True
                    break
            if not told:
                found[0, found_count] = query
                found[1, found_count] = row
                found[2, found_count] = d
                found_count += 1
    return found_count


@njit(cache=True, nogil=True)
def search_tables(
    hashes: Hashes,
    words: Words,
    front: Words,
    back: Words,
    count: int,
    radius: int,
    places: Numbers,
    bits: int,
    group: int,
    starts: Words,
    sketches: Sketches,
    tails: Bytes,
    width: int,
    flips: Words,
    flips_end: Numbers,
    reach: Numbers,
    whole_limit: Numbers,
    part_mask: Words,
    part_limit: Numbers,
    far_limit: Numbers,
    by_cell: bool,
    together: int,
    lines_most: int,
    passing_most: int,
    hard: Bytes,
) -> tuple[Numbers, int]:
    """All pairs within the radius, of queries not marked in `hard`: (int64[3, room] of query, row, distance; how many).

    hashes uint64[q, 4] and words uint32[q, 8] are the queries. starts uint32[tables * (2**bits + 1)], sketches
    uint16[tables * entries], tails uint8[tables * entries * width]. flips: differences of addresses, those of fewer
    bits first; flips_end[x]: how many have at most x bits. Of each table: reach, the bits by which an address may
    differ (-1: the table isn't asked); limits on the bits that differ in address and sketch (whole), in address and
    those of the sketch in part_mask (part), in address, sketch and what the tail holds of the hash (far).

    by_cell: a table after the other, probes of all queries in the order of cells, so that memory is read in its order
    and a cell once; otherwise `together` queries at a time. A query that would read more than lines_most lines, or of
    which more than passing_most entries pass, is marked in hard: it is for brute force.

    Its plain twin is `hamming.scan_reference`: what tables find is what comparing every hash finds.
    """
    total = hashes.shape[0]
    tables = places.shape[0]
    cells = (1 << bits) + 1
    a_query = 0
    most = 0
    for i in range(tables):
        if reach[i] >= 0:
            a_query += flips_end[reach[i]]
            most = max(most, flips_end[reach[i]])
    size = most * total if by_cell else a_query * together
    slots = np.empty(size, np.int64)
    probes = np.empty(size, np.uint64)
    slots_sorted = np.empty(size if by_cell else 0, np.int64)
    probes_sorted = np.empty(size if by_cell else 0, np.uint64)
    waiting = min(1 << 15, max(1 << 10, 64 * total))
    passing = np.empty(waiting, np.int64)
    passing_slot = np.empty(waiting, np.int64)
    passing_probe = np.empty(waiting, np.uint64)
    rows = np.empty(waiting, np.int64)
    lines_of = np.zeros(total, np.int64)
    passed_of = np.zeros(total, np.int64)
    found = np.empty((3, waiting), np.int64)
    confirmed = np.empty((3, waiting), np.int64)
    found_count = 0
    rounds = tables if by_cell else (total + together - 1) // together
    for number in range(rounds):
        k = 0
        if by_cell:
            if reach[number] < 0:
                continue
            for query in range(total):
                if not hard[query]:
                    k = _gather(
                        hashes, query, number, places[number], bits, flips, flips_end, reach[number],
                        slots, probes, k,
                    )  # fmt: skip
            _sort(slots, probes, k, number * cells, cells, slots_sorted, probes_sorted)
            slots, slots_sorted = slots_sorted, slots
            probes, probes_sorted = probes_sorted, probes
        else:
            for query in range(number * together, min(total, (number + 1) * together)):
                for i in range(tables):
                    if reach[i] >= 0 and not hard[query]:
                        k = _gather(
                            hashes, query, i, places[i], bits, flips, flips_end, reach[i], slots, probes, k
                        )
        at, resume = 0, -1
        while at < k:
            at, resume, passed = _scan(
                slots, probes, k, at, resume, bits, starts, sketches, whole_limit, part_mask, part_limit,
                lines_most, passing_most, lines_of, passed_of, hard, passing, passing_slot, passing_probe,
            )  # fmt: skip
            more = _confirm(
                hashes, words, front, back, count, radius, places, bits, group, starts, sketches, tails,
                width, reach, whole_limit, part_mask, part_limit, far_limit, passed, passing, passing_slot,
                passing_probe, hard, rows, confirmed,
            )  # fmt: skip
            if found_count + more > found.shape[1]:
                wider = np.empty((3, 2 * (found_count + more)), np.int64)
                for column in range(3):
                    for j in range(found_count):
                        wider[column, j] = found[column, j]
                found = wider
            for column in range(3):
                for j in range(more):
                    found[column, found_count + j] = confirmed[column, j]
            found_count += more
    return found, found_count
