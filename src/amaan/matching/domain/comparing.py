"""Which hits are matches, and which of them are kept. Pure; arrays, because one picture may have ten thousand kin.

A hit is a signal whose value equals one of ours or lies near it. It is a match while its list is in force, its batch
has ended and its member is active, within that list's own distance, and where no quality that is known is below the
list's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from amaan.matching.domain.lists import ListKind, SignalType

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_NEAR: Final = 20
"""Rows that one content item gets of one list. A viral family has thousands of members; the rest is counted."""


STRONGER: Final[Mapping[SignalType, tuple[SignalType, ...]]] = {
    SignalType.MD5: (SignalType.SHA256, SignalType.SHA1),
    SignalType.SHA1: (SignalType.SHA256,),
}
"""By which digest an equal weak one is judged, the strongest first."""
WEAK: Final = frozenset(STRONGER)


class InForce(NamedTuple):
    """A list that matches: approved and enabled. `distance` in bits of 256, `quality` 0 to 100."""

    id: int
    slug: str
    kind: ListKind
    distance: int
    quality: int


class Hits(NamedTuple):
    """Parallel arrays, one row a hit: which of the values was asked, the signal's id, the distance in bits."""

    value: NDArray[np.int64]
    signal: NDArray[np.int64]
    distance: NDArray[np.int64]


class Known(NamedTuple):
    """A signal as it stands: its member and list, its value, its own quality where the source says it."""

    signal: int
    member: int
    list: int
    value: bytes
    quality: int | None


class Candidate(NamedTuple):
    """One member that a value meets, by one of its signals. `more` counts members of the same list that were as near
    and were cut off."""

    type: int
    distance: int
    member: int
    list: int
    theirs: bytes
    more: int
    signal: int = 0


class Content(NamedTuple):
    """A content item's own values by type. `quality` is that of its PDQ hash, None where nobody said it."""

    report: int
    version: int
    number: int
    values: Mapping[SignalType, bytes]
    quality: int | None


class Found(NamedTuple):
    """A match to be written: a content item and the nearest signal of one member."""

    content: Content
    candidate: Candidate


def words_of(values: Sequence[bytes]) -> NDArray[np.uint64]:
    """256-bit values as uint64[n, 4], the most significant word first."""
    import numpy as np

    words = np.frombuffer(b"".join(values), dtype=">u8").astype(np.uint64)
    return words.reshape(-1, 4)


def bits_apart(one: bytes, other: bytes) -> int:
    """The plain Hamming distance of two values of one size, in bits."""
    return (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).bit_count()


def near_enough(
    hits: Hits, qualities: Sequence[int | None], known: Mapping[int, Known], lists: Mapping[int, InForce]
) -> dict[int, list[Candidate]]:
    """For each asked value (by its row) the nearest members of each list, nearest first, `MOST_NEAR` a list.

    `qualities` are ours, one a value. Hits of signals that are not in `known` don't count.
    """
    if not len(hits.signal):
        return {}
    import numpy as np

    order = np.array(sorted(known), dtype=np.int64)
    if not len(order):
        return {}
    rows = [known[signal] for signal in order.tolist()]
    member = np.array([row.member for row in rows], dtype=np.int64)
    of_list = np.array([row.list for row in rows], dtype=np.int64)
    most = np.array([_reach(row, lists) for row in rows], dtype=np.int64)
    least = np.array([lists[row.list].quality if row.list in lists else 0 for row in rows], dtype=np.int64)
    ours = np.array([100 if one is None else one for one in qualities], dtype=np.int64)

    at = np.minimum(np.searchsorted(order, hits.signal), len(order) - 1)
    good = (order[at] == hits.signal) & (hits.distance <= most[at]) & (ours[hits.value] >= least[at])
    value, at, distance = hits.value[good], at[good], hits.distance[good]
    # Nearest first within a value and list; of one member only its nearest signal.
    by = np.lexsort((member[at], distance, of_list[at], value))
    value, at, distance = value[by], at[by], distance[by]
    once = _first_of_each(np.stack((value, member[at]), axis=1))
    value, at, distance = value[once], at[once], distance[once]
    groups = np.stack((value, of_list[at]), axis=1)
    begins = np.ones(len(groups), dtype=bool)
    begins[1:] = np.any(groups[1:] != groups[:-1], axis=1)
    start = np.flatnonzero(begins)
    ends = np.append(start, len(groups))[1:]
    found: dict[int, list[Candidate]] = {}
    for begin, end in zip(start, ends, strict=True):
        kept = min(int(end - begin), MOST_NEAR)
        for place in range(int(begin), int(begin) + kept):
            row = rows[int(at[place])]
            more = int(end - begin) - kept if place == begin else 0
            found.setdefault(int(value[place]), []).append(
                Candidate(
                    SignalType.PDQ, int(distance[place]), row.member, row.list, row.value, more, row.signal
                )
            )
    return found


def still_counting(found: Iterable[Candidate], known: Mapping[int, Known]) -> list[Candidate]:
    """Those of the candidates of one value whose signal is in `known`; what was counted with one that went stays
    counted with its list's next."""
    kept: list[Candidate] = []
    owed: dict[int, int] = {}
    for one in found:
        more = owed.pop(one.list, 0) + one.more
        if one.signal in known:
            kept.append(one._replace(more=more))
        else:
            owed[one.list] = more
    return kept


def contradicted(content: Content, one: Candidate, stronger: Mapping[tuple[int, int], set[bytes]]) -> bool:
    """Whether the equal digest is belied by a stronger one that both sides have, and that differs.

    Two files with one MD5 or SHA-1 can be made on purpose. `stronger`: member and type to the member's own values.
    """
    if one.type not in WEAK:
        return False
    for type_ in STRONGER[SignalType(one.type)]:
        theirs = stronger.get((one.member, type_))
        if theirs and type_ in content.values:
            return content.values[type_] not in theirs
    return False


def _reach(row: Known, lists: Mapping[int, InForce]) -> int:
    """The most bits that this signal may differ by; -1 where it can't be met at all."""
    rule = lists.get(row.list)
    if rule is None or (row.quality is not None and row.quality < rule.quality):
        return -1
    return rule.distance


def _first_of_each(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """Positions of the first row of each kind, in order."""
    import numpy as np

    _, first = np.unique(keys, axis=0, return_index=True)
    return np.sort(first)


def equal(
    values: Mapping[int, Iterable[Known]], type_: SignalType, lists: Mapping[int, InForce]
) -> dict[int, list[Candidate]]:
    """For each asked value (by its row) the members of lists in force that hold just that value."""
    found: dict[int, list[Candidate]] = {}
    for row, holders in values.items():
        of_list: dict[int, list[Known]] = {}
        for one in holders:
            if one.list in lists:
                of_list.setdefault(one.list, []).append(one)
        for held in of_list.values():
            held.sort(key=lambda one: one.member)
            for place, one in enumerate(held[:MOST_NEAR]):
                more = max(0, len(held) - MOST_NEAR) if place == 0 else 0
                found.setdefault(row, []).append(Candidate(type_, 0, one.member, one.list, one.value, more))
    return found


def best_of(candidates: Iterable[Candidate], held: Mapping[int, set[int]]) -> list[Candidate]:
    """The candidates of one content item that become rows: each member once, by its best signal.

    Equality of bytes comes before nearness. `held` says which members of which list the item has rows for already;
    together with them a list gets `MOST_NEAR`, but always the nearest of what is new.
    """
    of_member: dict[int, Candidate] = {}
    cut: dict[int, int] = {}
    for one in sorted(candidates, key=lambda one: (one.type, one.distance)):
        of_member.setdefault(one.member, one)
        cut[one.list] = cut.get(one.list, 0) + one.more
    of_list: dict[int, list[Candidate]] = {}
    for one in of_member.values():
        if one.member not in held.get(one.list, ()):
            of_list.setdefault(one.list, []).append(one)
    kept = []
    for number, new in of_list.items():
        new.sort(key=lambda one: (one.type, one.distance, one.member))
        room = max(1, MOST_NEAR - len(held.get(number, ())))
        more = cut[number] + max(0, len(new) - room)
        kept += [new[0]._replace(more=more), *(one._replace(more=0) for one in new[1:room])]
    return kept
