"""The compiled loops of the index, each held to its plain twin."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from signalmatch.index.rows import Rows, aligned, as_words
from signalmatch.kernels.hamming import scan_reference
from signalmatch.kernels.hamming_bits import lowest, within
from signalmatch.kernels.hamming_cells import fill_table, fill_table_reference, row_window, window

few = settings(max_examples=20)


@njit
def _within(array, wanted, kept, limit):  # type: ignore[no-untyped-def]
    return within(array, 0, wanted, kept, limit)


@njit
def _lowest(bits):  # type: ignore[no-untyped-def]
    return lowest(bits)


@few
@given(
    entries=st.lists(st.integers(0, 65535), min_size=32, max_size=32),
    wanted=st.integers(0, 65535),
    kept=st.integers(0, 65535),
    limit=st.integers(0, 20),
)
def test_within(entries: list[int], wanted: int, kept: int, limit: int) -> None:
    found = int(_within(np.array(entries, np.uint16), np.uint16(wanted), np.uint16(kept), np.uint16(limit)))
    for number, entry in enumerate(entries):
        assert bool(found >> number & 1) == (((entry ^ wanted) & kept).bit_count() <= limit)
    if found:
        assert _lowest(np.uint64(found)) == (found & -found).bit_length() - 1


@few
@given(seed=st.integers(0, 2**32), count=st.integers(1, 5_000), radius=st.integers(0, 120))
def test_scan(seed: int, count: int, radius: int) -> None:
    random = np.random.default_rng(seed)
    hashes = random.integers(0, 2**64, (count, 4), dtype=np.uint64)
    hashes[: count // 2] &= random.integers(0, 2**64, (1, 4), dtype=np.uint64)
    rows = Rows.of(hashes, np.arange(count))
    words = as_words(hashes[random.integers(0, count, 7)])
    found = sorted(zip(*(column.tolist() for column in rows.compare_all(words, radius)), strict=True))
    assert found == sorted(scan_reference(rows.front, rows.back, count, words, radius))
    assert (rows.hashes() == hashes).all()


@few
@given(
    seed=st.integers(0, 2**32),
    place=st.integers(0, 255),
    bits=st.integers(8, 12),
    width=st.sampled_from([6, 3]),
    group=st.integers(0, 2),
)
def test_fill_table(seed: int, place: int, bits: int, width: int, group: int) -> None:
    random = np.random.default_rng(seed)
    count = 90
    hashes = random.integers(0, 2**64, (count, 4), dtype=np.uint64)
    hashes[::3] = hashes[0]
    starts, sketches = aligned((1 << bits) + 1, np.uint32), aligned(count, np.uint16)
    tails = aligned(count * width, np.uint8)
    longest, crowd = fill_table(hashes, place, bits, group, starts, sketches, tails, width)
    right = fill_table_reference(hashes, place, bits, group, width)
    assert (starts.tolist(), sketches.tolist(), tails.tobytes()) == right
    lengths = np.diff(starts.astype(np.int64))
    assert (longest, crowd) == (lengths.max(), (lengths**2).sum())


@few
@given(seed=st.integers(0, 2**32), place=st.integers(0, 255))
def test_windows(seed: int, place: int) -> None:
    """64 bits from any place, of a hash and of the same hash in blocks."""
    hashes = np.random.default_rng(seed).integers(0, 2**64, (70, 4), dtype=np.uint64)
    rows = Rows.of(hashes, np.arange(70))
    whole = int.from_bytes(hashes[69].astype(">u8").tobytes(), "big")
    right = ((whole << place | whole >> (256 - place)) & (2**256 - 1)) >> 192
    assert int(window(hashes, 69, place)) == right
    assert int(row_window(rows.front.reshape(-1), rows.back.reshape(-1), 69, place)) == right
