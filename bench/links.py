"""Linking: a rebuild of a large store, a new report in it, and what others would take for parts of it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from bench.links_store import SLOTS, fill_with_links
from bench.world import Installation, installation

_EDGES = 10_000_000
_NODES = 4_000_000
_EDGES_OF_NETWORKX = 1_000_000
"""Ten million would take it ten gigabytes."""

_SELF_JOIN = """
    WITH mine AS (
        SELECT DISTINCT m.identifier_id, m.report_id FROM reports_mention m
        JOIN reports_identifier i ON i.id = m.identifier_id
        WHERE i.links AND m.role <> 'reporter'
    ), shared AS (
        SELECT identifier_id FROM mine GROUP BY identifier_id HAVING count(*) BETWEEN 2 AND 400
    )
    SELECT count(*) FROM (
        SELECT a.report_id AS low, b.report_id AS high, count(*) AS shares
        FROM shared s JOIN mine a ON a.identifier_id = s.identifier_id
        JOIN mine b ON b.identifier_id = s.identifier_id AND b.report_id > a.report_id
        GROUP BY a.report_id, b.report_id
    ) pairs
"""


def run(folder: Path, database: str, chosen: Namespace) -> Iterator[dict[str, Any]]:
    """`--linked N` reports; without the self-join where `--no-self-join` is said."""
    with installation(database) as held:
        began = time.perf_counter()
        fill_with_links(held, chosen.linked)
        made = {"reports": chosen.linked, "mentions": chosen.linked * len(SLOTS)}
        yield {
            "database": database,
            "what": "a store to link, written",
            **made,
            "seconds": _since(began),
        }
        first = _rebuilt(held)
        yield {"database": database, "what": "rebuild, from nothing", **first}
        yield {"database": database, "what": "rebuild, nothing changed", **_rebuilt(held, "--same-snapshot")}
        out = subprocess.run(
            [sys.executable, "-m", "bench.links_new"],
            env=held.environment,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        yield {"database": database, "what": "a new report linked", **json.loads(out)}
        if chosen.self_join:
            began = time.perf_counter()
            ((pairs,),) = held.sql(_SELF_JOIN)
            seconds = _since(began)
            yield {
                "database": database,
                "what": "plain SQL self-join: pairs that share an identifier, unweighed and unwritten",
                "pairs": pairs,
                "seconds": seconds,
                "of the rebuild's reading and weighing": round(
                    seconds / (first["reading"] + first["weighing"]), 2
                ),
            }
    if database == "sqlite" or chosen.database == "postgres":  # once: it knows no database
        yield from _components()


def _rebuilt(held: Installation, *options: str) -> dict[str, Any]:
    began = time.perf_counter()
    told = json.loads(held.amaan("links", "rebuild", "--json", *options))
    told["peak memory GB"] = round(told.pop("peak_memory") / 2**30, 2)
    return {**told, "seconds with start": _since(began)}


def _since(began: float) -> float:
    return round(time.perf_counter() - began, 1)


# ---------------------------------------------------------------- connected components


def _components() -> Iterator[dict[str, Any]]:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    from amaan.linking.domain.kernels import components_of

    chance = np.random.default_rng(7)
    low = chance.integers(0, _NODES, _EDGES).astype(np.int32)
    high = chance.integers(0, _NODES, _EDGES).astype(np.int32)
    components_of(low[:10], high[:10], _NODES)  # compiled, or read from where it is kept

    def ours() -> int:
        return int((components_of(low, high, _NODES) == np.arange(_NODES)).sum())

    def scipy() -> int:
        ones = np.ones(_EDGES, np.int8)
        return int(connected_components(coo_array((ones, (low, high)), (_NODES, _NODES)), directed=False)[0])

    seconds, count = _timed(ours)
    yield {
        "what": "components, compiled union-find",
        "edges": _EDGES,
        "components": count,
        "seconds": seconds,
    }
    theirs, same = _timed(scipy)
    assert same == count
    yield {
        "what": "components, scipy",
        "edges": _EDGES,
        "seconds": theirs,
        "of ours": round(theirs / seconds, 1),
    }
    slow, _ = _timed(lambda: _networkx(low[:_EDGES_OF_NETWORKX], high[:_EDGES_OF_NETWORKX]))
    yield {
        "what": "components, networkx (graph and components)",
        "edges": _EDGES_OF_NETWORKX,
        "seconds": slow,
        "of ours, by edge": round(slow / _EDGES_OF_NETWORKX / (seconds / _EDGES), 1),
    }


def _networkx(low: Any, high: Any) -> int:
    import networkx as nx

    graph = nx.Graph()
    graph.add_edges_from(zip(low.tolist(), high.tolist(), strict=True))
    return nx.number_connected_components(graph)


def _timed(work: Callable[[], int]) -> tuple[float, int]:
    began = time.perf_counter()
    found = work()
    return round(time.perf_counter() - began, 3), found
