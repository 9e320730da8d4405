"""`signalmatch bench index` with few hashes: everything it tells is there, and true."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest
from tests.signalmatch.command import run

from signalmatch.bench import hashes, machine
from signalmatch.kernels.hamming_limits import (
    read_all,
    read_all_reference,
    read_lines,
    read_lines_reference,
)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = machine.limits
    monkeypatch.setattr(machine, "limits", lambda threads: whole(threads, megabytes=1, rounds=1))


@pytest.mark.parametrize(("mode", "data"), [("fast", "realistic"), ("plain", "clustered")])
def test_it_tells_figures_that_were_checked(mode: str, data: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "faiss", None)
    options = ["--n", "3000", "--mode", mode, "--data", data, "--queries", "100", "--rounds", "1", "--json"]
    done = run(["bench", "index", *options])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["exact"] is True
    assert told["index"]["mode"] == mode
    assert told["index"]["queries_s"] > 0
    assert told["single"]["p99_us"] >= told["single"]["median_us"] > 0
    assert set(told["limits"]) == {"read_gb_s", "random_lines_m_s", "compares_m_s"}
    assert told["peers"] == {}
    assert "pip install" in told["without_peers"]


def test_peers_are_asked_where_they_are() -> None:
    pytest.importorskip("faiss", reason="a peer; a fresh machine has none")
    done = run(["bench", "index", "--n", "3000", "--queries", "100", "--rounds", "1"])
    assert done.exit_code == 0, done.output
    assert "multihash" in done.stdout
    assert "× flat" in done.stdout


def test_realistic_hashes_are_balanced_and_queries_half_near() -> None:
    made = hashes.make_hashes("realistic", 4000)
    assert (np.bitwise_count(made).sum(axis=1) == 128).mean() > 0.99
    queries = hashes.make_queries("realistic", made, 40)
    nearest = [int(np.bitwise_count(made ^ query).sum(axis=1).min()) for query in queries]
    assert max(nearest[::2]) <= 31
    assert min(nearest[1::2]) > 31


def test_the_loops_that_only_read() -> None:
    random = np.random.default_rng(1)
    memory = random.integers(0, 2**64, 300, dtype=np.uint64)
    places = random.integers(0, 300, 90)
    assert read_all(memory) == read_all_reference(memory)
    assert read_lines(memory, places) == read_lines_reference(memory, places)


def test_the_command_offers_what_there_is() -> None:
    from signalmatch.cli import bench
    from signalmatch.index.plan import MODES

    assert (bench.MODES, bench.KINDS) == (MODES, hashes.KINDS)


@pytest.mark.parametrize(
    "wrong", [["--n", "-1"], ["--radius", "64"], ["--mode", "quick"], ["--queries", "many"], []]
)
def test_what_cannot_be_read_is_told_with_the_limits(wrong: list[str]) -> None:
    done = run(["bench", "index", *wrong] if wrong else [])
    assert done.exit_code == 2
    assert "usage: signalmatch" in done.stderr
