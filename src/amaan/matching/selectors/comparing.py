"""What known signals stand, for the comparison: set-based, many values at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from amaan.matching.domain.comparing import InForce, Known
from amaan.matching.domain.lists import ListKind, ListState, MemberState, SignalType
from amaan.matching.models import SignalList
from amaan.store.rows import select_in


def lists_in_force(only: int | None = None) -> tuple[InForce, ...]:
    """The lists that match: approved and enabled; or that one of them."""
    rows = SignalList.objects.filter(state=ListState.APPROVED, enabled=True).order_by("pk")
    if only is not None:
        rows = rows.filter(pk=only)
    return tuple(
        InForce(number, slug, ListKind(kind), distance, quality)
        for number, slug, kind, distance, quality in rows.values_list(
            "pk", "slug", "kind", "distance", "quality"
        )
    )


def signals_equal_to(type_: SignalType, values: Sequence[bytes]) -> dict[bytes, list[int]]:
    """The ids of the signals that hold a value, by value; through the index, whatever their state."""
    found: dict[bytes, list[int]] = {}
    for number, value in select_in(
        f"SELECT id, value FROM matching_signal WHERE type = {type_.value} AND value IN {{values}}",  # noqa: S608 - a number
        values,
    ):
        found.setdefault(bytes(value), []).append(number)
    return found


def known_signals(ids: Collection[int], lists: Mapping[int, InForce]) -> dict[int, Known]:
    """Those of the signals that count: their batch has ended, their member is active, their list is one of `lists`."""
    rows = select_in(
        "SELECT s.id, s.member_id, m.list_id, s.value, s.quality FROM matching_signal s"  # noqa: S608 - a word of ours
        " JOIN matching_member m ON m.id = s.member_id JOIN matching_batch b ON b.id = s.batch_id"
        f" WHERE m.state = '{MemberState.ACTIVE}' AND b.ended_at IS NOT NULL AND s.id IN {{values}}",
        sorted(ids),
    )
    return {
        signal: Known(signal, member, of_list, bytes(value), quality)
        for signal, member, of_list, value, quality in rows
        if of_list in lists
    }
