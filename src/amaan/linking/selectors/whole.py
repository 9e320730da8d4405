"""All evidence of all reports, as a rebuild reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from amaan.linking.domain.evidence import Evidence
from amaan.linking.selectors.columns import columns
from amaan.linking.selectors.commonplace import commonplace
from amaan.linking.selectors.roles import KIND_SQL, NOT_READ_SQL, ROLE_SQL, rank_of, stance_of
from amaan.linking.selectors.rows import Rows, together, unsigned
from amaan.linking.selectors.tellings import Tellings, all_tellings
from amaan.linking.selectors.wallets import all_twins

_VERSION_BITS: Final = 28
_ROLE_BITS: Final = 3
_RANK_BITS: Final = 2
_MOST_VERSIONS: Final = 1 << _VERSION_BITS
_MOST_IDENTIFIERS: Final = 1 << 32


class TooManyRows(Exception):
    """Numbers no longer fit into one word of 63 bits; the packing in `selectors.whole` must become two."""

    def __init__(self, table: str, number: int) -> None:
        super().__init__(
            f"{table} holds the number {number:,}, more than a rebuild of links can pack. Links go on being made for"
            " new reports; ask the makers of Amaan for a wider reading before the next rebuild."
        )


def whole_evidence() -> Evidence:
    """Everything that at least two reports tell of, from the tellings that were noted. Raises TooManyRows."""
    tellings = all_tellings()
    return together(tellings, _mentions(tellings), _clues(tellings))


def _mentions(tellings: Tellings) -> Rows:
    twins = all_twins()
    kinds = _kinds_of_identifiers()
    position = np.full(_highest("reports_version", _MOST_VERSIONS) + 1, -1, dtype=np.int32)
    position[tellings.version] = np.arange(len(tellings.version), dtype=np.int32)
    of_child = np.zeros(len(position), dtype=np.bool_)
    for part in columns("reports_party", ["t.version_id"], where="t.role = 'associated' AND t.protected"):
        of_child[part[:, 0]] = True
    packed = list(_packed_mentions(kinds, position, of_child, twins))
    rows = np.concatenate(packed) if packed else np.empty(0, dtype=np.int64)
    del packed
    rows.sort()
    rows = _highest_rank_of_each(rows)
    identifier = rows >> (_VERSION_BITS + _RANK_BITS)
    shared = _in_several(identifier)
    rows, identifier = rows[shared], identifier[shared]
    return Rows(
        identifier.astype(np.uint64),
        (rows >> _RANK_BITS & (_MOST_VERSIONS - 1)).astype(np.int32),
        kinds[identifier] & 0x3F,
        stance_of(rows & 3),
    )


def _kinds_of_identifiers() -> NDArray[np.uint8]:
    """By number: the kind, and in the highest bit whether it links; 0: none."""
    kinds = np.zeros(_highest("reports_identifier", _MOST_IDENTIFIERS) + 1, dtype=np.uint8)
    told = f"t.id * 256 + CASE WHEN t.links THEN 128 ELSE 0 END + {KIND_SQL}"
    for part in columns("reports_identifier", [told]):
        number = part[:, 0]
        kinds[number >> 8] = number & 0xFF
    kinds[kinds & 0x3F == 0] = 0
    kinds[list(commonplace())] = 0
    return kinds


def _packed_mentions(
    kinds: NDArray[np.uint8],
    position: NDArray[np.int32],
    of_child: NDArray[np.bool_],
    twins: Mapping[int, int],
) -> Iterator[NDArray[np.int64]]:
    """identifier, report's position and rank in one number each."""
    told = (
        f"t.identifier_id * {1 << _VERSION_BITS + _ROLE_BITS} + t.version_id * {1 << _ROLE_BITS} + {ROLE_SQL}"
    )
    later = np.array(sorted(twins), dtype=np.int64)
    earlier = np.array([twins[number] for number in later.tolist()], dtype=np.int64)
    for part in columns("reports_mention", [told], where=NOT_READ_SQL):
        number = part[:, 0]
        identifier = number >> (_VERSION_BITS + _ROLE_BITS)
        if len(later):
            at = np.minimum(np.searchsorted(later, identifier), len(later) - 1)
            identifier = np.where(later[at] == identifier, earlier[at], identifier)
        version = number >> _ROLE_BITS & (_MOST_VERSIONS - 1)
        of, at = kinds[identifier], position[version]
        kept = (of != 0) & (at >= 0)
        number, identifier, version, of, at = (
            number[kept],
            identifier[kept],
            version[kept],
            of[kept],
            at[kept],
        )
        rank = rank_of(number & 7, of & 0x3F, of >= 128, of_child[version])
        yield identifier << (_VERSION_BITS + _RANK_BITS) | at.astype(np.int64) << _RANK_BITS | rank


def _highest_rank_of_each(rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Of ascending rows the last one of each identifier and report."""
    pairs = rows >> _RANK_BITS
    last = np.ones(len(rows), dtype=np.bool_)
    last[:-1] = pairs[:-1] != pairs[1:]
    return rows[last]


def _in_several(keys: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which of these ascending keys stand more than once."""
    shared = np.zeros(len(keys), dtype=np.bool_)
    same = keys[:-1] == keys[1:]
    shared[:-1] |= same
    shared[1:] |= same
    return shared


def _clues(tellings: Tellings) -> Rows:
    keys, codes = [], []
    for part in columns("linking_clue", ["t.key", "t.report_id * 256 + t.kind * 4 + t.stance"]):
        keys.append(part[:, 0])
        codes.append(part[:, 1])
    if not keys:
        return Rows.none()
    key, code = unsigned(np.concatenate(keys)), np.concatenate(codes)
    del keys, codes
    order = np.argsort(key)
    order = order[_in_several(key[order].view(np.int64))]
    key, code = key[order], code[order]
    order = np.lexsort((code, key))  # most stand in one report only, and are gone by now
    key, code = key[order], code[order]
    report = np.searchsorted(tellings.report, code >> 8).astype(np.int32)
    return Rows(key, report, (code >> 2 & 0x3F).astype(np.uint8), (code & 3).astype(np.uint8))


def _highest(table: str, most: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT coalesce(max(id), 0) FROM {table}")  # noqa: S608 - a table's name
        ((number,),) = cursor.fetchall()
    if number >= most:
        raise TooManyRows(table, number)
    return int(number)
