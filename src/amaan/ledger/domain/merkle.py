"""The Merkle tree of RFC 6962 and RFC 9162: hashes, proofs made, proofs checked.

Hashes are 32 bytes, sizes and indices count leaves from 0. Checking raises a named error and never answers
False, so that no caller can forget to look.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Final

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = sha256(b"").digest()  # RFC 9162, 2.1.1

RangeRoot = Callable[[int, int], bytes]
"""`(start, end)` to the root of the leaves from start up to, not including, end."""


class ProofFailed(Exception):
    """A proof does not prove what it says. The message says which part."""


class IndexOutsideTree(ProofFailed):
    """The leaf's index is negative, or not smaller than the tree's size."""


class SizesOutOfOrder(ProofFailed):
    """A consistency proof leads from a tree of one or more leaves to a tree that is as large or larger."""


class WrongProofLength(ProofFailed):
    """The proof has more or fewer hashes than a tree of this size needs."""


class NotAHash(ProofFailed):
    """Something that should be a SHA-256 hash is not 32 bytes long."""


class RootMismatch(ProofFailed):
    """The hashes lead to another root than the one given."""


def leaf_hash(leaf: bytes) -> bytes:
    """RFC 9162, 2.1.1: SHA-256(0x00 ‖ leaf)."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 9162, 2.1.1: SHA-256(0x01 ‖ left ‖ right)."""
    return sha256(b"\x01" + left + right).digest()


def split(size: int) -> int:
    """RFC 9162, 2.1.1: the largest power of two smaller than `size`, which is at least 2."""
    return 1 << (size - 1).bit_length() - 1


def root_of(hashes: Sequence[bytes]) -> bytes:
    """RFC 9162, 2.1.1: the root over leaf hashes (or over the roots of equal perfect subtrees)."""
    if not hashes:
        return EMPTY_ROOT
    row = list(hashes)
    while len(row) > 1:
        # Pairing from the left and carrying an odd one up gives the RFC's tree.
        odd = [row[-1]] if len(row) % 2 else []
        row = [node_hash(row[i], row[i + 1]) for i in range(0, len(row) - 1, 2)] + odd
    return row[0]


def inclusion_path(index: int, size: int, root: RangeRoot) -> list[bytes]:
    """RFC 9162, 2.1.3.1 (PATH), sibling of the leaf first. Raises IndexOutsideTree."""
    if not 0 <= index < size:
        raise IndexOutsideTree(f"Leaf {index} is not in a tree of {size} leaves.")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + split(end - start)
        if index < middle:
            path.append(root(middle, end))
            end = middle
        else:
            path.append(root(start, middle))
            start = middle
    return path[::-1]


def consistency_path(first: int, second: int, root: RangeRoot) -> list[bytes]:
    """RFC 9162, 2.1.4.1 (PROOF). Raises SizesOutOfOrder."""
    if not 0 < first <= second:
        raise SizesOutOfOrder(f"There is no consistency proof from {first} to {second} leaves.")
    path: list[bytes] = []
    start, end, whole = 0, second, True
    while first != end:
        middle = start + split(end - start)
        if first <= middle:
            path.append(root(middle, end))
            end = middle
        else:
            path.append(root(start, middle))
            start, whole = middle, False
    if not whole:
        path.append(root(start, end))
    return path[::-1]


def _refuse_odd_hashes(*hashes: bytes) -> None:
    for value in hashes:
        if len(value) != HASH_BYTES:
            raise NotAHash(f"A SHA-256 hash has 32 bytes; here one has {len(value)}.")


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> None:
    """RFC 9162, 2.1.3.2: the leaf with this hash stands at `index` of the tree with this root. Raises
    ProofFailed."""
    if not 0 <= index < size:
        raise IndexOutsideTree(f"Leaf {index} is not in a tree of {size} leaves.")
    _refuse_odd_hashes(leaf, root, *path)
    node, last, found = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise WrongProofLength(f"The proof has {len(path)} hashes, too many for leaf {index} of {size}.")
        if node & 1 or node == last:
            found = node_hash(sibling, found)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        node, last = node >> 1, last >> 1
    if last:
        raise WrongProofLength(f"The proof has {len(path)} hashes, too few for leaf {index} of {size}.")
    if found != root:
        raise RootMismatch(
            f"Leaf {index} and its proof lead to another root than the tree of {size} leaves has."
        )


def verify_consistency(
    first: int, second: int, first_root: bytes, second_root: bytes, path: Sequence[bytes]
) -> None:
    """RFC 9162, 2.1.4.2: the tree of `first` leaves is the beginning of the tree of `second`. Raises
    ProofFailed."""
    if not 0 < first <= second:
        raise SizesOutOfOrder(f"There is no consistency proof from {first} to {second} leaves.")
    _refuse_odd_hashes(*path)
    if first == second:
        if path:
            raise WrongProofLength("Between trees of one size the proof is empty.")
        if first_root != second_root:
            raise RootMismatch(f"Two trees of {first} leaves have different roots.")
        return
    _refuse_odd_hashes(first_root, second_root)
    steps = list(path)
    if first & (first - 1) == 0:
        steps.insert(0, first_root)
    old, new = _fold_consistency(first, second, steps)
    if old != first_root:
        raise RootMismatch(f"The proof leads to another root than the tree of {first} leaves had.")
    if new != second_root:
        raise RootMismatch(f"The proof leads to another root than the tree of {second} leaves has.")


def _fold_consistency(first: int, second: int, steps: Sequence[bytes]) -> tuple[bytes, bytes]:
    """RFC 9162, 2.1.4.2, steps 3 to 6: the two roots that a proof leads to."""
    if not steps:
        raise WrongProofLength("The proof is empty.")
    node, last = first - 1, second - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            raise WrongProofLength(f"The proof has too many hashes to lead from {first} to {second} leaves.")
        if node & 1 or node == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, step)
        node, last = node >> 1, last >> 1
    if last:
        raise WrongProofLength(f"The proof has too few hashes to lead from {first} to {second} leaves.")
    return old, new
