"""A store to link: reports with twenty mentions and six clues each, written straight into the tables.

How often values recur is drawn like the real thing: most are told once; accounts, devices and numbers in groups whose
sizes follow a power law; addresses of carriers and known sites by Zipf's law, the first of them in a tenth of all
reports; wallets in rings of 3 to 40; families' numbers by twos; viral files.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from amaan.linking.domain.evidence import Stance, Trust
from amaan.linking.domain.kinds import EvidenceKind
from bench.links_writing import Column, Postgres, Sqlite, Table
from bench.world import Installation

_A_BLOCK = 50_000
_ENTITIES = 40
_DAYS = 365
_DIGITS = 10


class Slot(NamedTuple):
    """One mention of every report. `shared`: the share of reports whose value others tell too; `how`: `groups` by a
    power law with this exponent, `rings`, or `zipf` over so many values a report."""

    type: str
    role: str
    how: str = "alone"
    shared: float = 0.0
    of: float = 0.0


SLOTS = (
    *[Slot("ip", "reported", "zipf", 1.0, 0.5)] * 6,
    Slot("domain", "content", "zipf", 1.0, 0.0025),
    Slot("email", "reported", "groups", 0.08, 2.5),
    Slot("phone", "reported", "groups", 0.08, 2.5),
    Slot("handle", "reported", "groups", 0.08, 2.5),
    Slot("platform_account", "reported", "groups", 0.08, 2.5),
    Slot("device", "reported", "groups", 0.04, 3.0),
    Slot("mobile_wallet", "reported", "rings", 0.05),
    *[Slot("url", "content")] * 5,
    Slot("phone", "victim", "groups", 0.02, 3.5),
    Slot("email", "reporter"),
)
ROLES = sorted({slot.role for slot in SLOTS})


def fill_with_links(held: Installation, reports: int, seed: int = 7) -> None:
    """Write `reports` reports behind the one that stands there, and the indices again."""
    write = Sqlite(held) if held.database is None else Postgres(held)
    with closing(write):
        for table in _tables(reports, np.random.default_rng(seed), write.first):
            write.put(table)
        write.settle()


# ---------------------------------------------------------------- what is told


def _tables(reports: int, chance: np.random.Generator, first: dict[str, int]) -> Iterator[Table]:
    entities = np.arange(_ENTITIES) + first["reports_entity"]
    names = _numbered(b"bench entity ", entities)
    yield Table("reports_entity", _of(id=("bigint", entities), key=("text", names), name=("text", names)))
    next_identifier = first["reports_identifier"]
    pools: list[NDArray[np.int64]] = []
    for slot in SLOTS:
        values, count = _shared(slot, reports, chance)
        yield from _identifiers(np.arange(count) + next_identifier, slot.type, chance)
        pools.append(np.where(values >= 0, values + next_identifier, -1))
        next_identifier += count
    viral = _log_uniform(reports, max(1, reports // 100), chance)
    files, _ = _groups(reports, 0.1, 2.5, chance)
    for start in range(0, reports, _A_BLOCK):
        block = np.arange(start, min(start + _A_BLOCK, reports))
        yield from _reports(block, chance, first, entities)
        told = np.empty((len(block), len(SLOTS)), np.int64)
        for place, slot in enumerate(SLOTS):
            told[:, place] = pools[place][block]
            alone = np.flatnonzero(told[:, place] < 0)
            numbers = np.arange(len(alone)) + next_identifier
            next_identifier += len(alone)
            told[alone, place] = numbers
            yield from _identifiers(numbers, slot.type, chance)
        yield from _mentions(block, told, first)
        yield _clues(block, viral[block], files[block], first, chance)


def _shared(slot: Slot, reports: int, chance: np.random.Generator) -> tuple[NDArray[np.int64], int]:
    """By report the number of a value that others tell too, -1 for none; and how many values there are."""
    if slot.how == "zipf":
        pool = max(10, int(reports * slot.of))
        return _log_uniform(reports, pool, chance), pool
    if slot.how == "groups":
        return _groups(reports, slot.shared, slot.of, chance)
    if slot.how == "rings":
        return _dealt(reports, chance.integers(3, 41, max(1, int(reports * slot.shared / 21))), chance)
    return np.full(reports, -1, np.int64), 0


def _log_uniform(reports: int, pool: int, chance: np.random.Generator) -> NDArray[np.int64]:
    """Zipf's law: of a pool of n values the first one is told 1 / ln n of the time."""
    return (pool ** chance.random(reports)).astype(np.int64) - 1


def _groups(
    reports: int, share: float, exponent: float, chance: np.random.Generator
) -> tuple[NDArray[np.int64], int]:
    sizes = np.minimum(chance.zipf(exponent, max(4, int(reports * share))), 2_000) + 1
    kept = np.searchsorted(np.cumsum(sizes), reports * share) + 1
    return _dealt(reports, sizes[:kept], chance)


def _dealt(
    reports: int, sizes: NDArray[np.int64], chance: np.random.Generator
) -> tuple[NDArray[np.int64], int]:
    values = np.full(reports, -1, np.int64)
    members = np.repeat(np.arange(len(sizes)), sizes)[:reports]
    values[chance.permutation(reports)[: len(members)]] = members
    return values, len(sizes)


def _reports(
    block: NDArray[np.int64], chance: np.random.Generator, first: dict[str, int], entities: NDArray[np.int64]
) -> Iterator[Table]:
    report, version = block + first["reports_report"], block + first["reports_version"]
    entity, day = chance.choice(entities, len(block)), chance.integers(0, _DAYS, len(block))
    public = chance.random(len(block)) < 0.1
    count = len(block)
    yield Table(
        "reports_report",
        _of(
            id=("bigint", report),
            reference=("text", _numbered(b"B-", report)),
            entity_id=("bigint", entity),
            number=("text", _numbered(b"", report)),
            unit_id=("bigint", np.full(count, first["unit"])),
            received_at=("time", day),
            version=("integer", np.ones(count, np.int64)),
            public_status=("text", np.full(count, b"received")),
        ),
    )
    for door, of in ((b"portal", public), (b"cybertipline_xml", ~public)):
        some = int(of.sum())
        empty = np.full(some, b"[]")
        yield Table(
            "reports_version",
            _of(
                id=("bigint", version[of]),
                report_id=("bigint", report[of]),
                number=("integer", np.ones(some, np.int64)),
                digest=("bytes", _random_bytes(some, 32, chance)),
                source=("text", np.full(some, door)),
                origin=("text", np.full(some, b"import:1")),
                received_at=("time", day[of]),
                exhibits=("text", empty),
                receipt=("text", empty),
                facts=("text", np.full(some, b"{}")),
                sealed=("bytes", _random_bytes(some, 32, chance)),
            ),
        )
    yield Table(
        "linking_noted",
        _of(
            report_id=("bigint", report),
            version_id=("bigint", version),
            source=("bigint", entity * 2 + public << 26 | day),
            trust=("smallint", np.where(public, int(Trust.PUBLIC), 0)),
        ),
    )


def _identifiers(numbers: NDArray[np.int64], type_: str, chance: np.random.Generator) -> Iterator[Table]:
    for start in range(0, len(numbers), 1_000_000):
        some = numbers[start : start + 1_000_000]
        yield Table(
            "reports_identifier",
            _of(
                id=("bigint", some),
                key=("bytes", _random_bytes(len(some), 16, chance)),
                type=("text", np.full(len(some), type_.encode())),
                links=("bool", np.full(len(some), type_ not in {"ip", "url", "domain"})),
                clear=("text", _numbered(b"https://site.example/", some)),
            ),
        )


def _mentions(block: NDArray[np.int64], told: NDArray[np.int64], first: dict[str, int]) -> Iterator[Table]:
    for role in ROLES:
        places = [place for place, slot in enumerate(SLOTS) if slot.role == role]
        count = len(block) * len(places)
        yield Table(
            "reports_mention",
            _of(
                identifier_id=("bigint", told[:, places].ravel()),
                report_id=("bigint", np.repeat(block + first["reports_report"], len(places))),
                version_id=("bigint", np.repeat(block + first["reports_version"], len(places))),
                role=("text", np.full(count, role.encode())),
                event=("text", np.full(count, b"")),
                verified=("text", np.full(count, b"not_said")),
            ),
        )


def _clues(
    block: NDArray[np.int64],
    viral: NDArray[np.int64],
    files: NDArray[np.int64],
    first: dict[str, int],
    chance: np.random.Generator,
) -> Table:
    """Two files and four moments of addresses; digests have the highest bit set, and are negative as they're stored."""
    keys = chance.integers(-(1 << 62), 0, (len(block), 6))
    seen = chance.random(len(block)) < 0.3
    keys[seen, 0] = -(1 << 63) + viral[seen]
    keys[files >= 0, 1] = -(1 << 63) + (1 << 40) + files[files >= 0]
    kinds = np.array([EvidenceKind.SAME_FILE] * 2 + [EvidenceKind.IP_MOMENT] * 4)
    return Table(
        "linking_clue",
        _of(
            report_id=("bigint", np.repeat(block + first["reports_report"], 6)),
            kind=("smallint", np.tile(kinds, len(block))),
            key=("bigint", keys.ravel()),
            stance=(
                "smallint",
                np.tile([int(Stance.SUPPORTS)] * 2 + [int(Stance.LINKS)] * 4, len(block)),
            ),
        ),
    )


def _of(**columns: tuple[str, NDArray[Any]]) -> dict[str, Column]:
    return {name: Column(kind, values) for name, (kind, values) in columns.items()}


def _numbered(prefix: bytes, numbers: NDArray[np.int64]) -> NDArray[np.bytes_]:
    """Texts of one width: the prefix and ten digits."""
    digits = numbers[:, None] // 10 ** np.arange(_DIGITS - 1, -1, -1) % 10 + ord("0")
    begun = np.tile(np.frombuffer(prefix, np.uint8), (len(numbers), 1))
    width = len(prefix) + _DIGITS
    return np.ascontiguousarray(np.hstack((begun, digits.astype(np.uint8)))).view(f"S{width}").ravel()


def _random_bytes(count: int, size: int, chance: np.random.Generator) -> NDArray[np.void]:
    return np.frombuffer(chance.bytes(count * size), np.dtype(f"V{size}"))
