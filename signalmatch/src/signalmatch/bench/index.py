"""`signalmatch bench index`: beside FAISS in the same run, round by round, and beside the machine's limits."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from rich.console import Console

from signalmatch.bench import machine
from signalmatch.bench.hashes import make_hashes, make_queries
from signalmatch.index import HammingIndex
from signalmatch.index.cost import LAYOUTS, build_seconds, plain_nanoseconds, tables_nanoseconds, work

Hashes = npt.NDArray[np.uint64]
_MULTIHASH_MOST = 2_000_000
_SINGLES = 1000
_BATCH = 64
_WITHOUT_FAISS = (
    "faiss isn't installed: `pip install signalmatch[peers]` (faiss-cpu) gives the peers' figures"
)


def report(
    *,
    n: int,
    mode: str,
    threads: int,
    data: str,
    radius: int,
    queries: int,
    rounds: int,
    as_json: bool,
) -> None:
    console = Console(stderr=True)
    with console.status("Making hashes") as status:
        told = measure(
            n=n, mode=mode, threads=threads, data=data, radius=radius, queries=queries, rounds=rounds,
            tell=status.update,
        )  # fmt: skip
    if as_json:
        Console(soft_wrap=True).print_json(json.dumps(told))
        return
    out = Console(soft_wrap=True, highlight=False)
    out.print(f"{n:,} {data} hashes, radius {radius}, {threads} thread(s), {told['index']['plan']}")
    out.print(f"  built in {told['build']['seconds']} s, {told['index']['bytes_a_hash']} bytes a hash")
    for name in ("index", "plain", *told["peers"]):
        row = told["peers"].get(name) or told[name]
        ratio = f", {row['times_flat']} × flat" if "times_flat" in row else ""
        out.print(f"  {name:10} {row['queries_s']:>12,} queries/s{ratio}")
    single = told["single"]
    out.print(f"  one query: {single['median_us']} µs median, {single['p99_us']} µs p99")
    out.print(f"  the machine: {told['limits']}")
    if not told["peers"]:
        out.print(f"  {_WITHOUT_FAISS}")


def measure(
    *,
    n: int,
    mode: str = "auto",
    threads: int = 1,
    data: str = "realistic",
    radius: int = 31,
    queries: int = 4096,
    rounds: int = 5,
    tell: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Everything that is printed: figures of the index, of brute force, of the peers, their ratios, the limits."""
    about = machine.describe()
    hashes = make_hashes(data, n)
    wanted = make_queries(data, hashes, queries)
    tell("Building")
    HammingIndex.build(hashes[:70_000], mode=mode).search(wanted[:2])  # compiled, or loaded
    clock, processor = time.perf_counter(), time.process_time()
    index = HammingIndex.build(hashes, mode=mode, threads=threads)
    built, built_processor = time.perf_counter() - clock, time.process_time() - processor
    peers = _peers(hashes, wanted, radius, threads, tell)
    few = max(4, min(64, 2_000_000_000 // (n + 1) // 8))
    subjects: dict[str, tuple[Callable[[], object], int]] = {
        name: (search, size) for name, (search, size) in peers.items()
    }
    plain = HammingIndex(replace(index._state, tables=None))
    # A batch as a server would ask it: each tile that comes from memory is compared with all of them.
    some = wanted[: max(few * 4, _BATCH) * threads]
    subjects["plain"] = (lambda: plain.search(some, radius, threads=threads), len(some))
    subjects["index"] = (lambda: index.search(wanted, radius, threads=threads), len(wanted))
    hundred = wanted[:100]
    subjects["hundred"] = (lambda: index.search(hundred, radius), len(hundred))
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in subjects}
    singles: list[tuple[float, float]] = []
    singles_plain: list[tuple[float, float]] = []
    for number in range(rounds):
        tell(f"Round {number + 1} of {rounds}")
        for name, (search, size) in subjects.items():
            taken[name].append(_timed(search, size))
        share = range(number * _SINGLES // rounds, (number + 1) * _SINGLES // rounds)
        singles += [_timed(lambda at=at: index.search(wanted[at % queries], radius), 1) for at in share]  # type: ignore[misc]
        singles_plain += [
            _timed(lambda at=at: plain.search(wanted[at : at + 1], radius), 1)  # type: ignore[misc]
            for at in range(number, queries, max(1, queries // few))
        ]
    tell("Checking against brute force")
    exact = _same(index.search(wanted[:few], radius), plain.search(wanted[:few], radius))
    limit = machine.limits(threads)
    figures = {name: _figure(times, taken.get("flat")) for name, times in taken.items()}
    layout = LAYOUTS[index.plan.mode](n) if index.plan.mode in LAYOUTS else None
    rate = threads * 1e6 / figures["index"]["processor_microseconds"]
    compared = threads * 1e6 / figures["plain"]["processor_microseconds"] * n
    told: dict[str, Any] = {
        "machine": about,
        "limits": limit,
        "n": n,
        "data": data,
        "radius": radius,
        "threads": threads,
        "queries": queries,
        "rounds": rounds,
        "exact": exact,
        "build": {"seconds": round(built, 2), "processor_seconds": round(built_processor, 2)},
        "index": {
            **figures["index"],
            "plan": str(index.plan),
            "mode": index.plan.mode,
            "bytes_a_hash": round(index.nbytes / max(n, 1), 1),
        },
        "hundred": figures["hundred"],
        "plain": {**figures["plain"], "share_of_compares": _share(compared, limit["compares_m_s"])},
        "single": {**_spread(singles), "plain": _spread(singles_plain)},
        "peers": {name: figures[name] for name in peers},
        "predicted": {
            "queries_s": round(
                threads * 1e9 / (tables_nanoseconds(layout, n, radius) if layout else plain_nanoseconds(n))
            ),
            "build_processor_seconds": round(build_seconds(layout, n), 1),
            "bytes_a_hash": round(layout.bytes_for(n) / n, 1) if layout and n else 40,
        },
    }  # fmt: skip
    if layout:
        lines = work(layout, n, radius).lines
        told["index"] |= {
            "lines_a_query": round(lines),
            "share_of_random_lines": _share(rate * lines, limit["random_lines_m_s"]),
        }
    if not peers:
        told["without_peers"] = _WITHOUT_FAISS
    return told


def _peers(
    hashes: Hashes, wanted: Hashes, radius: int, threads: int, tell: Callable[[str], None]
) -> dict[str, tuple[Callable[[], object], int]]:
    """(search, number of queries) of FAISS's exact binary indices, where it is installed."""
    os.environ.setdefault("OMP_NUM_THREADS", str(threads))
    try:
        import faiss
    except ImportError:
        return {}
    faiss.omp_set_num_threads(threads)
    size = max(2 * threads, min(128, 400_000_000 // (len(hashes) + 1) // 8 * threads))
    asked = _octets(wanted[:size])
    flat = faiss.IndexBinaryFlat(256)
    octets = _octets(hashes)
    tell("FAISS: flat")
    flat.add(octets)
    # FAISS gives what is nearer than its radius, not what is at it.
    peers: dict[str, tuple[Callable[[], object], int]] = {
        "flat": (lambda: flat.range_search(asked, radius + 1), len(asked))
    }
    if len(hashes) <= _MULTIHASH_MOST and radius <= 31:
        tell("FAISS: MultiHash")
        multi = faiss.IndexBinaryMultiHash(256, 16, 16)
        multi.nflip = 1
        multi.add(octets)
        peers["multihash"] = (lambda: multi.range_search(asked, radius + 1), len(asked))
    return peers


def _octets(hashes: Hashes) -> npt.NDArray[np.uint8]:
    return np.ascontiguousarray(hashes.astype(">u8")).view(np.uint8).reshape(-1, 32)


def _timed(search: Callable[[], object], size: int) -> tuple[float, float]:
    """Seconds a query: by the clock, and of processor time, which other programs disturb less."""
    clock, processor = time.perf_counter(), time.process_time()
    search()
    return (time.perf_counter() - clock) / size, (time.process_time() - processor) / size


def _figure(times: list[tuple[float, float]], flat: list[tuple[float, float]] | None) -> dict[str, Any]:
    clock = [one for one, _ in times]
    told: dict[str, Any] = {
        "queries_s": round(1 / float(np.median(clock)), 1 if np.median(clock) > 0.01 else None),
        "microseconds": round(float(np.median(clock)) * 1e6, 2),
        "processor_microseconds": round(float(np.median([one for _, one in times])) * 1e6, 2),
    }
    if flat and flat is not times:
        told["times_flat"] = round(
            float(np.median([f[0] / t[0] for f, t in zip(flat, times, strict=True)])), 1
        )
        told["times_flat_by_processor"] = round(
            float(np.median([f[1] / t[1] for f, t in zip(flat, times, strict=True)])), 1
        )
    return told


def _spread(times: list[tuple[float, float]]) -> dict[str, float]:
    told = {}
    for number, prefix in enumerate(("", "processor_")):
        seconds = [one[number] for one in times]
        told[f"{prefix}median_us"] = round(float(np.median(seconds)) * 1e6, 1)
        told[f"{prefix}p99_us"] = round(float(np.percentile(seconds, 99)) * 1e6, 1)
    return told


def _share(rate: float, limit_millions: float) -> float:
    return round(rate / (limit_millions * 1e6), 3) if limit_millions else 0.0


def _same(found: tuple[Any, Any, Any], plain: tuple[Any, Any, Any]) -> bool:
    """Ids are row numbers here."""
    return sorted(zip(*(one.tolist() for one in found), strict=True)) == sorted(
        zip(*(one.tolist() for one in plain), strict=True)
    )
