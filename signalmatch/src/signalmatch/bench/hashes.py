"""Hashes and queries to measure with, made from a seed.

uniform: every bit by itself.
realistic: what PDQ gives for photographs and for what else people send. A PDQ bit says whether one of 16 × 16 DCT
coefficients lies above their median, so exactly half of the bits are set, and the signs of natural pictures'
coefficients are nearly independent. Hence 75 % are uniform bits balanced to 128 ones; 15 % belong to one of a thousand
families (templates, screens, stickers) and share a random half of its bits; 10 % are flat or striped and repeat one of
64 patterns in half of their sixteen rows, which crowds cells as low-quality pictures do; all balanced.
clustered: realistic, and 10,000 (at most a tenth) that differ from one another in a few bits.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]
KINDS = ("realistic", "uniform", "clustered")
CLUSTER = 10_000
_SLICE = 1 << 18


def make_hashes(kind: str, count: int, seed: int = 1) -> Hashes:
    """uint64[count, 4]."""
    random = np.random.default_rng(seed)
    hashes = np.empty((count, 4), np.uint64)
    families = _uniform(random, 1000)
    patterns = random.integers(0, 2**16, (64, 16), dtype=np.uint16)
    for start in range(0, count, _SLICE):
        part = _uniform(random, min(_SLICE, count - start))
        if kind != "uniform":
            _make_realistic(random, part, families, patterns)
        hashes[start : start + len(part)] = part
    if kind == "clustered":
        size = min(CLUSTER, count // 10)
        hashes[random.choice(count, size, replace=False)] = turned(
            random, np.repeat(hashes[:1], size, axis=0), 4
        )
    return hashes


def make_queries(kind: str, hashes: Hashes, count: int, seed: int = 2) -> Hashes:
    """Half near one of the hashes (up to 31 bits turned, most of them few), half of the same kind and unrelated.
    Of clustered ones the near half lies at the cluster."""
    random = np.random.default_rng(seed)
    queries = make_hashes("uniform" if kind == "uniform" else "realistic", count, seed + 1)
    near = random.integers(0, len(hashes), -(-count // 2))
    if kind == "clustered":
        differ = np.bitwise_count(hashes ^ hashes[0]).sum(axis=1)
        near = random.choice(np.flatnonzero(differ <= 8), len(near))
    queries[::2] = turned(random, hashes[near], 31)
    return queries


def turned(random: np.random.Generator, hashes: Hashes, most: int) -> Hashes:
    """Each with 0 to `most` bits turned: the square of a uniform number, so that few are usual."""
    bits = np.unpackbits(hashes.astype(">u8").view(np.uint8).reshape(-1, 32), axis=1)
    many = (random.random(len(hashes)) ** 2 * (most + 1)).astype(np.int64)
    order = np.argsort(random.random(bits.shape, dtype=np.float32), axis=1)[:, :most]
    rows, columns = np.nonzero(np.arange(most)[None, :] < many[:, None])
    bits[rows, order[rows, columns]] ^= 1
    return np.packbits(bits, axis=1).view(">u8").astype(np.uint64)


def _uniform(random: np.random.Generator, count: int) -> Hashes:
    return random.integers(0, 2**64, (count, 4), dtype=np.uint64)


def _make_realistic(
    random: np.random.Generator, part: Hashes, families: Hashes, patterns: npt.NDArray[np.uint16]
) -> None:
    kind = random.random(len(part))
    of_family = np.flatnonzero(kind < 0.15)
    shared = _uniform(random, len(of_family))
    family = families[random.integers(0, len(families), len(of_family))]
    part[of_family] = (part[of_family] & ~shared) | (family & shared)
    flat = np.flatnonzero(kind > 0.9)
    rows = part[flat].view(np.uint16).reshape(-1, 16)
    repeated = random.random(rows.shape) < 0.5
    rows[repeated] = patterns[random.integers(0, 64, rows.shape), np.arange(16)][repeated]
    part[flat] = rows.view(np.uint64)
    _balance(random, part)


def _balance(random: np.random.Generator, part: Hashes) -> None:
    """Turn random bits of the side that is too many, until 128 are set."""
    left = np.arange(len(part))
    for _ in range(400):
        excess = np.bitwise_count(part[left]).sum(axis=1, dtype=np.int64) - 128
        left, excess = left[excess != 0], excess[excess != 0]
        if not len(left):
            return
        word, shift = random.integers(0, 4, len(left)), random.integers(0, 64, len(left)).astype(np.uint64)
        bit = (part[left, word] >> shift) & np.uint64(1)
        hit = bit == (excess > 0)
        part[left[hit], word[hit]] ^= np.uint64(1) << shift[hit]
