"""The tree: official vectors, and our own."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amaan.ledger.domain import merkle
from amaan.ledger.domain.tiles import WIDTH, Frontier, edge_ranges, full_tiles, range_root

pytestmark = pytest.mark.pure

LEAVES = [merkle.leaf_hash(str(n).encode()) for n in range(700)]


def _root(start: int, end: int) -> bytes:
    """RFC 9162, 2.1.1, word for word."""
    if end - start == 1:
        return LEAVES[start]
    middle = start + merkle.split(end - start)
    return merkle.node_hash(_root(start, middle), _root(middle, end))


def _bytes(value: str | None) -> bytes:
    return base64.b64decode(value or "")


@pytest.mark.shared
@pytest.mark.parametrize("kind", ["inclusion", "consistency"])
def test_official_vectors(shared: Path, kind: str) -> None:
    vectors = json.loads((shared / "vectors/merkle/rfc6962-proof-vectors.json").read_text())[kind]
    assert len(vectors) == 98
    wrong = []
    for v in vectors:
        path = [_bytes(p) for p in v["proof"] or []]
        try:
            if kind == "inclusion":
                merkle.verify_inclusion(
                    _bytes(v["leafHash"]), v["leafIdx"], v["treeSize"], path, _bytes(v["root"])
                )
            else:
                merkle.verify_consistency(
                    v["size1"], v["size2"], _bytes(v["root1"]), _bytes(v["root2"]), path
                )
            failed = False
        except merkle.ProofFailed:
            failed = True
        if failed is not v["wantErr"]:
            wrong.append(v["id"])
    assert wrong == []


def test_roots_from_the_rfc() -> None:
    assert merkle.EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert merkle.leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"


@given(st.integers(1, 700), st.data())
def test_inclusion_proofs_verify_and_nothing_else_does(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    path, root = merkle.inclusion_path(index, size, _root), _root(0, size)
    merkle.verify_inclusion(LEAVES[index], index, size, path, root)
    other = data.draw(
        st.sampled_from(["leaf", "index", "root", "longer", *(["shorter", "bit"] if path else [])])
    )
    leaf, at = LEAVES[index], index
    if other == "leaf":
        leaf = merkle.leaf_hash(b"another")
    elif other == "index":
        at = data.draw(st.integers(-1, size).filter(lambda i: i != index))
    elif other == "root":
        root = merkle.leaf_hash(b"another")
    elif other == "longer":
        path = [*path, LEAVES[0]]
    elif other == "shorter":
        path = path[:-1]
    else:
        spot = data.draw(st.integers(0, len(path) - 1))
        path[spot] = bytes([path[spot][0] ^ 1]) + path[spot][1:]
    with pytest.raises(merkle.ProofFailed):
        merkle.verify_inclusion(leaf, at, size, path, root)


@given(st.integers(1, 700), st.data())
def test_consistency_proofs_verify_and_nothing_else_does(second: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(1, second))
    path = merkle.consistency_path(first, second, _root)
    old, new = _root(0, first), _root(0, second)
    merkle.verify_consistency(first, second, old, new, path)
    with pytest.raises(merkle.ProofFailed):
        merkle.verify_consistency(first, second, old, LEAVES[1] if second > 1 else LEAVES[3], path)
    with pytest.raises(merkle.ProofFailed):
        merkle.verify_consistency(first, second, merkle.leaf_hash(b"another"), new, path)
    with pytest.raises(merkle.ProofFailed):
        merkle.verify_consistency(first, second, old, new, [*path, LEAVES[0]])
    if path:
        spot = data.draw(st.integers(0, len(path) - 1))
        path[spot] = bytes([path[spot][0] ^ 1]) + path[spot][1:]
        with pytest.raises(merkle.ProofFailed):
            merkle.verify_consistency(first, second, old, new, path)


@given(st.integers(0, 700))
def test_the_frontier_has_the_rfc_root(size: int) -> None:
    frontier = Frontier()
    for leaf in LEAVES[:size]:
        frontier.append(leaf)
    assert frontier.root() == (_root(0, size) if size else merkle.EMPTY_ROOT) == merkle.root_of(LEAVES[:size])
    assert Frontier.from_edges(size, frontier.edges[: len(edge_ranges(size))]).root() == frontier.root()


def test_tiles_of_two_levels_give_the_same_proofs() -> None:
    frontier = Frontier()
    size = WIDTH * WIDTH + 3 * WIDTH + 5
    leaves = [merkle.leaf_hash(n.to_bytes(4, "big")) for n in range(size)]
    for leaf in leaves:
        frontier.append(leaf)
    tiles = {(t.level, t.n): t.hashes for t in frontier.full}
    assert [(level, sum(1 for t in tiles if t[0] == level)) for level in (0, 1)] == list(full_tiles(size))

    def hashes_at(level: int, start: int, end: int) -> list[bytes]:
        stored = tiles.get((level, start // WIDTH))
        if stored:
            return [stored[(i % WIDTH) * 32 : (i % WIDTH) * 32 + 32] for i in range(start, end)]
        return (
            leaves[start:end] if level == 0 else frontier.edges[level][start % WIDTH : (end - 1) % WIDTH + 1]
        )

    root = range_root(hashes_at)
    assert root(0, size) == frontier.root() == merkle.root_of(leaves)
    for index in (0, 255, 256, 65535, 65536, size - 1):
        merkle.verify_inclusion(
            leaves[index], index, size, merkle.inclusion_path(index, size, root), frontier.root()
        )
    with pytest.raises(ValueError, match="not those"):
        Frontier.from_edges(size - 1, frontier.edges)
