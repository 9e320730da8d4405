"""The index: whatever the layout, it finds what comparing every hash finds."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signalmatch import HammingIndex
from signalmatch.errors import BadHashes, BadIndexFile
from signalmatch.index import cost, plan, rows, state, tables

Hashes = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.int64]
Found = list[tuple[int, int, int]]
MODES = ["plain", "fast", "lean"]
few = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def _tables_always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few hashes would never be asked for in tables; nor would a query be allowed to waste much."""
    monkeypatch.setattr(tables.Tables, "pays", lambda *_: True)
    monkeypatch.setattr(tables, "_budget", lambda *_: (1 << 40, 1 << 40))


def compared(hashes: Hashes, ids: Numbers, queries: Hashes, radius: int) -> Found:
    """Every hash with every query, in the plainest way."""
    found = []
    for number, query in enumerate(queries):
        distances = np.bitwise_count(hashes ^ query).sum(axis=1, dtype=np.int64)
        near = np.flatnonzero(distances <= radius)
        found += [(number, int(ids[row]), int(distances[row])) for row in near]
    return sorted(found)


def told(index: HammingIndex, queries: Hashes, radius: int, threads: int = 1) -> Found:
    return sorted(
        zip(*(column.tolist() for column in index.search(queries, radius, threads=threads)), strict=True)
    )


def flipped(random: np.random.Generator, hashes: Hashes, most: int) -> Hashes:
    """Each hash with up to `most` bits turned."""
    bits = np.unpackbits(hashes.astype(">u8").view(np.uint8).reshape(-1, 32), axis=1)
    for row in bits:
        row[random.choice(256, random.integers(0, most + 1), replace=False)] ^= 1
    return np.packbits(bits, axis=1).view(">u8").astype(np.uint64)


def uniform(random: np.random.Generator, count: int) -> Hashes:
    return random.integers(0, 2**64, (count, 4), dtype=np.uint64)


def world(kind: str, seed: int, count: int) -> tuple[Hashes, Hashes]:
    """(hashes, queries): half of the queries near one of the hashes."""
    random = np.random.default_rng(seed)
    hashes = uniform(random, count)
    if kind == "clustered":
        hashes = flipped(random, np.resize(hashes[: max(1, count // 50)], (count, 4)), 12)
    elif kind == "few values":
        hashes = np.resize(hashes[: max(1, count // 20)], (count, 4))
    elif kind == "zeros and ones":
        hashes = np.where(random.integers(0, 2, (count, 1)), np.uint64(0), np.uint64(2**64 - 1)) * np.ones(
            (1, 4), np.uint64
        )
    near = flipped(random, hashes[random.integers(0, count, 12)], 70) if count else uniform(random, 12)
    return hashes, np.concatenate([near, uniform(random, 12)])


KINDS = ["uniform", "clustered", "few values", "zeros and ones"]


@few
@given(
    kind=st.sampled_from(KINDS),
    seed=st.integers(0, 2**32),
    count=st.integers(0, 700),
    radius=st.integers(0, 63),
    mode=st.sampled_from(MODES),
    by_cell=st.booleans(),
)
@pytest.mark.usefixtures("_tables_always")
def test_every_layout_finds_what_comparing_finds(
    kind: str, seed: int, count: int, radius: int, mode: str, by_cell: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashes, queries = world(kind, seed, count)
    if mode == "lean":
        radius = min(radius, 43)  # more flips of an address would only take long here
    ids = np.random.default_rng(seed).integers(-(2**63), 2**63 - 1, count)
    monkeypatch.setattr(tables, "_BY_CELL", 0.0 if by_cell else 1e9)
    index = HammingIndex.build(hashes, ids, mode)
    assert told(index, queries, radius) == compared(hashes, ids, queries, radius)


@few
@given(
    kind=st.sampled_from(KINDS), seed=st.integers(0, 2**32), mode=st.sampled_from(MODES), waste=st.booleans()
)
@pytest.mark.usefixtures("_tables_always")
def test_changes_in_any_order(
    kind: str, seed: int, mode: str, waste: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Adds, removes, rebuilds, saving and opening; with `waste` every query is left to brute force half-way."""
    if waste:
        monkeypatch.setattr(tables, "_budget", lambda *_: (300, 3))
    monkeypatch.setattr(state, "_ADDED_MOST", 90)
    random = np.random.default_rng(seed)
    hashes, queries = world(kind, seed, 260)
    ids = random.integers(0, 100, 260)
    index = HammingIndex.build(hashes[:150], ids[:150], mode)
    kept_hashes, kept_ids = hashes[:150], ids[:150]
    for step in range(6):
        what = random.integers(0, 5)
        if what == 0:
            more = slice(150 + step * 10, 160 + step * 10)
            index.add(hashes[more], ids[more])
            kept_hashes, kept_ids = (
                np.concatenate([kept_hashes, hashes[more]]),
                np.concatenate([kept_ids, ids[more]]),
            )
        elif what == 1:
            gone = random.integers(0, 110, 6)
            left = ~np.isin(kept_ids, gone)
            assert index.remove(gone) == np.count_nonzero(~left)
            kept_hashes, kept_ids = kept_hashes[left], kept_ids[left]
        elif what == 2:
            index.save(tmp_path / f"{seed}.idx")
            index = HammingIndex.open(tmp_path / f"{seed}.idx", verify=True)
        elif what == 3:
            index.rebuild()
        assert len(index) == len(kept_ids)
        assert told(index, queries, 31) == compared(kept_hashes, kept_ids, queries, 31)
    left_over = sorted(zip(map(tuple, index.rows()[0].tolist()), index.rows()[1].tolist(), strict=True))
    assert left_over == sorted(zip(map(tuple, kept_hashes.tolist()), kept_ids.tolist(), strict=True))


@pytest.mark.parametrize("mode", [*MODES, "auto"])
@pytest.mark.parametrize("count", [0, 1])
def test_none_and_one(mode: str, count: int, tmp_path: Path) -> None:
    hashes = uniform(np.random.default_rng(1), 1)
    index = HammingIndex.build(hashes[:count], np.array([7] * count), mode)
    index.save(tmp_path / "a.idx")
    for one in (index, HammingIndex.open(tmp_path / "a.idx")):
        assert len(one) == count
        assert told(one, hashes, 0) == [(0, 7, 0)] * count
        assert told(one, hashes[:0], 31) == []
        assert one.explain()


@pytest.mark.usefixtures("_tables_always")
def test_lean_rows_in_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """Above 16.7 million rows a lean tail numbers groups of rows: which one of a group is met, is worked out."""
    monkeypatch.setattr(tables, "_group", lambda *_: 2)
    for kind in KINDS:
        hashes, queries = world(kind, 5, 600)
        index = HammingIndex.build(hashes, np.arange(600), "lean")
        assert told(index, queries, 31) == compared(hashes, np.arange(600), queries, 31)


def test_two_threads_find_the_same() -> None:
    hashes, queries = world("clustered", 3, 500)
    for mode in MODES:
        index = HammingIndex.build(hashes, np.arange(500), mode, threads=2)
        assert told(index, queries, 31, threads=2) == compared(hashes, np.arange(500), queries, 31)


def test_results_are_ordered_and_typed() -> None:
    hashes = np.zeros((3, 4), np.uint64)
    hashes[0, 3], hashes[1, 0] = 3, 1
    found = HammingIndex.build(hashes, [5, 9, 8]).search([b"\0" * 32, b"\xff" * 32], 31)
    assert [column.tolist() for column in found] == [[0, 0, 0], [8, 9, 5], [0, 1, 2]]
    assert {column.dtype for column in found} == {np.dtype(np.int64)}


def test_readers_keep_their_moment() -> None:
    """While one thread adds, removes and rebuilds, each search sees the untouched part whole."""
    hashes, queries = world("clustered", 9, 800)
    index = HammingIndex.build(hashes, np.arange(800), "fast")
    right = compared(hashes, np.arange(800), queries, 31)
    wrong: list[Found] = []
    over = threading.Event()

    def read() -> None:
        while not over.is_set():
            seen = [pair for pair in told(index, queries, 31) if pair[1] < 800]
            if seen != right:
                wrong.append(seen)

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(12):
        index.add(hashes[:50], np.arange(1000, 1050))
        index.remove(np.arange(1000, 1050))
        if number % 4 == 0:
            index.rebuild()
    over.set()
    reader.join()
    assert wrong == []


def test_wrong_kinds_are_named() -> None:
    good = np.zeros((2, 4), np.uint64)
    for hashes, ids in (
        (np.zeros((2, 3), np.uint64), [1, 2]),
        (good.astype(np.float64), [1, 2]),
        (good, [1]),
        (good, [0.5, 1.5]),
        ([b"short"], [1]),
    ):
        with pytest.raises(BadHashes):
            HammingIndex.build(hashes, ids)
    with pytest.raises(BadHashes, match="mode"):
        HammingIndex.build(good, [1, 2], "quick")
    for radius in (-1, 64):
        with pytest.raises(BadHashes, match="radius"):
            HammingIndex.build(good, [1, 2]).search(good, radius)


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.idx"
    hashes, _ = world("uniform", 2, 100)
    HammingIndex.build(hashes, np.arange(100), "lean").save(path)
    whole = path.read_bytes()
    for damaged in (
        b"", whole[:40], b"PICKLE" + whole[6:], whole[:8] + b"\2" + whole[9:], whole[:60] + b"?" + whole[61:],
        whole[: len(whole) // 2],
    ):  # fmt: skip
        path.write_bytes(damaged)
        with pytest.raises(BadIndexFile):
            HammingIndex.open(path)
    at = whole.index(hashes.astype(">u8").view(">u4")[0, 0].astype("<u4").tobytes())
    path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
    with pytest.raises(BadIndexFile, match=r"base\.front"):
        HammingIndex.open(path, verify=True)


def test_saving_leaves_no_half_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.idx"
    index = HammingIndex.build(np.zeros((2, 4), np.uint64), [1, 2])
    index.save(path)
    before = path.read_bytes()

    def refuse(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("os.fsync", refuse)
    index.add(np.ones((1, 4), np.uint64), [3])
    with pytest.raises(OSError, match="full"):
        index.save(path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["a.idx"]


@pytest.mark.parametrize(
    ("count", "free", "mode"),
    [
        (0, 1 << 40, "plain"),
        (5_000, 1 << 40, "plain"),
        (1_000_000, 1 << 40, "fast"),
        (10_000_000, 3 << 30, "lean"),
        (10_000_000, 1 << 30, "plain"),
    ],
)
def test_auto_chooses_by_number_and_memory(count: int, free: int, mode: str) -> None:
    layout, why = plan.choose("auto", count, 31, free)
    assert (layout.mode if layout else "plain") == mode
    assert "µs" in why
    assert ("GB" in why) == (count == 10_000_000)


def test_auto_sees_that_hashes_crowd() -> None:
    hashes = np.zeros((120_000, 4), np.uint64)
    index = HammingIndex.build(hashes, np.arange(120_000))
    assert index.plan.mode == "plain"
    assert "crowd" in index.plan.why
    assert len(index.search(hashes[:1])[0]) == 120_000


def test_a_query_at_a_cluster_goes_over_to_brute_force(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever fills a list with near-equal hashes slows nobody beyond comparing every hash."""
    random = np.random.default_rng(6)
    hashes = uniform(random, 4_000)
    hashes[1_000:] = flipped(random, np.repeat(hashes[:1], 3_000, axis=0), 2)
    monkeypatch.setattr(tables.Tables, "pays", lambda *_: True)
    calls = []
    whole = rows.Rows.compare_all
    monkeypatch.setattr(rows.Rows, "compare_all", lambda *asked: calls.append(1) or whole(*asked))
    for mode in ("fast", "lean"):
        index = HammingIndex.build(hashes, np.arange(4_000), mode)
        calls.clear()
        index.search(hashes[1:200])
        assert calls == []
        queries = hashes[[0, 5, 2_000]]
        assert told(index, queries, 31) == compared(hashes, np.arange(4_000), queries, 31)
        assert calls == [1]


def test_the_cost_of_bytes_is_what_is_taken() -> None:
    hashes, _ = world("uniform", 4, 6_400)
    for mode in ("fast", "lean"):
        index = HammingIndex.build(hashes, np.arange(6_400), mode)
        assert index.nbytes == cost.LAYOUTS[mode](6_400).bytes_for(6_400)
    assert cost.fast_layout(10**7).bytes_for(10**7) < 260 * 10**7
    assert cost.lean_layout(5 * 10**7).bytes_for(5 * 10**7) < 100 * 5 * 10**7


@given(radius=st.integers(0, 63), mode=st.sampled_from(["fast", "lean"]))
@settings(max_examples=40)
def test_shares_of_a_radius_leave_no_gap(radius: int, mode: str) -> None:
    """Pigeonhole: shares of (reach + 1) sum to radius + 1."""
    layout = cost.LAYOUTS[mode](1_000_000)
    assert sum(reach + 1 for reach in cost.limits(layout, radius).reach) == radius + 1
    assert sum(layout.chunks) == 256
