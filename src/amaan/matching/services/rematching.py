"""Match past reports again when a list changed: in bulk, in slices, from where it stopped.

What came into a list since the last round is held in memory and compared with every report once; a list that is new,
or whose thresholds changed, is searched whole. Then the reports of matches that no longer count, or count again, are
told too, so that triage forgets what was withdrawn and knows again what came back.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.utils import timezone

import signalmatch
from amaan.authority.actors import Actor
from amaan.ledger.services import Act, append
from amaan.matching.domain.comparing import Hits, InForce, words_of
from amaan.matching.domain.lists import MemberState, SignalType
from amaan.matching.models import Batch, Match, Rematch, Signal, SignalList
from amaan.matching.permissions import require_system
from amaan.matching.selectors.comparing import lists_in_force
from amaan.matching.services.matching import Source, search, write_matches
from amaan.outbox.services import publish
from amaan.reports.selectors import reports_after
from amaan.store.rows import on_postgres

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ROUND: Final = "matching.round"
MARGIN: Final = timedelta(hours=1)
"""A batch's end is written a moment before it is committed; what ended shortly before a round is compared again."""
MOST_IN_MEMORY: Final = 50_000
"""Signals of one round that are held in memory; of more, the whole list is searched by its indices."""
REPORTS_A_SLICE: Final = 1_000
MATCHES_A_SLICE: Final = 2_000


class Grown:
    """The signals of a few batches, in memory."""

    def __init__(self, rows: Sequence[tuple[int, int, bytes]]) -> None:
        """Rows of (signal's id, type, value)."""
        import numpy as np

        self._same: dict[tuple[int, bytes], list[int]] = {}
        for number, type_, value in rows:
            if type_ != SignalType.PDQ:
                self._same.setdefault((type_, value), []).append(number)
        near = [row for row in rows if row[1] == SignalType.PDQ]
        numbers = np.array([row[0] for row in near], dtype=np.int64)
        self._near = signalmatch.HammingIndex.build(words_of([row[2] for row in near]), numbers)

    def equal(self, type_: SignalType, values: Sequence[bytes]) -> dict[bytes, list[int]]:
        return {value: held for value in values if (held := self._same.get((type_, value)))}

    def near(self, values: NDArray[np.uint64], radius: int) -> Hits:
        query, signal, distance = self._near.search(values, radius)
        return Hits(query, signal, distance)


@transaction.atomic
def begin_rematch(actor: Actor, *, list_ids: Sequence[int]) -> None:
    """Have past reports matched again with these lists; what is under way ends first, and begins once more."""
    require_system(actor)
    now = timezone.now()
    for held in SignalList.objects.filter(pk__in=set(list_ids)).order_by("pk"):
        _, fresh = Rematch.objects.get_or_create(
            list=held, defaults={"revision": held.revision, "began_at": now}
        )
        if fresh:
            continue
        rows = Rematch.objects.filter(list=held)
        (round_,) = rows.select_for_update() if on_postgres() else rows
        if round_.ended_at is None:
            rows.update(again=True)
        else:
            _begin(round_, held.revision)


def _begin(round_: Rematch, revision: int) -> None:
    """The next round. It goes over what is new only, unless more than the list's members changed."""
    whole = round_.revision != revision
    round_.since = None if whole else round_.began_at - MARGIN
    round_.revision, round_.whole, round_.again = revision, whole, False
    round_.after_report, round_.after_match = 0, 0
    round_.compared, round_.matched = 0, 0
    round_.began_at, round_.ended_at = timezone.now(), None
    round_.save()


def rematch_some(actor: Actor, *, limit_ms: int = 100) -> int:
    """Go on with what was begun, for about `limit_ms`; how many slices were done. 0 when nothing is left to do.

    A round whose slice fails lets the others go first, so that one list doesn't stop them all.
    """
    require_system(actor)
    until = time.monotonic() + limit_ms / 1000
    done = 0
    while (round_ := _next_round()) is not None:
        try:
            written = _slice(actor, round_)
        except Exception:
            _failed[round_.pk] = _failed.get(round_.pk, 0) + 1
            raise
        if not written:
            break
        _failed.pop(round_.pk, None)
        done += 1
        if time.monotonic() > until:
            break
    return done


_failed: dict[int, int] = {}
"""How often a round's slice failed in this process since it last went on."""


def _next_round() -> Rematch | None:
    """The round that failed least, the oldest of them."""
    rounds = Rematch.objects.filter(ended_at=None).order_by("began_at", "pk")
    return min(rounds, key=lambda one: _failed.get(one.pk, 0), default=None)


def _slice(actor: Actor, round_: Rematch) -> bool:
    """One slice, searched ahead and written in one transaction with how far it came. False where somebody else did."""
    lists = lists_in_force(round_.list_id)
    reports = reports_after(round_.after_report, limit=REPORTS_A_SLICE) if lists else []
    searched = search(reports, lists, _source(round_, lists)) if reports else None
    with transaction.atomic():
        rows = Rematch.objects.filter(
            pk=round_.pk,
            began_at=round_.began_at,
            after_report=round_.after_report,
            after_match=round_.after_match,
            ended_at=None,
        )
        current = (rows.select_for_update(skip_locked=True) if on_postgres() else rows).first()
        if current is None:
            return False
        if searched is not None:
            if lists_in_force(round_.list_id) == lists:
                run = write_matches(actor, searched, always=False)
                current.compared += run.compared
                current.matched += run.matched
                current.after_report = reports[-1]
                current.save()
            return True
        _tell_matches(actor, current)
    return True


_grown: dict[tuple[int, object], Source | None] = {}
"""The part of a list that the round under way compares, by list and round."""


def _source(round_: Rematch, lists: tuple[InForce, ...]) -> Source | None:
    """What of the list is new since the last round, in memory; None where it is all of it, or too much."""
    if round_.since is None or not lists:
        return None
    key = (round_.list_id, round_.began_at)
    if key not in _grown:
        _grown.clear()
        batches = Batch.objects.filter(list=round_.list_id, ended_at__gte=round_.since)
        rows = Signal.objects.filter(batch__in=list(batches.values_list("pk", flat=True)))
        signals = list(rows.values_list("pk", "type", "value")[: MOST_IN_MEMORY + 1])
        few = len(signals) <= MOST_IN_MEMORY
        _grown[key] = (
            Grown([(number, type_, bytes(value)) for number, type_, value in signals]) if few else None
        )
    return _grown[key]


def _came_back(round_: Rematch, at: datetime, ended: datetime | None) -> bool:
    """Whether a match found `at` counts again since the last round: its member came back with a batch that `ended`
    later. No slice tells it as new, because its row stands."""
    return round_.since is not None and ended is not None and at < ended and ended >= round_.since


def _tell_matches(actor: Actor, round_: Rematch) -> None:
    """The reports of the list's matches whose standing may have changed; then the round ends, with one entry in the
    ledger, or begins again."""
    rows = Match.objects.filter(list=round_.list_id, pk__gt=round_.after_match).order_by("pk")
    asked = rows.values_list("pk", "report_id", "at", "member__state", "member__batch__ended_at")
    found = list(asked[:MATCHES_A_SLICE])
    if found:
        told = {
            report
            for _, report, at, state, ended in found
            if round_.whole or state == MemberState.WITHDRAWN or _came_back(round_, at, ended)
        }
        publish("report.matched", sorted(told))
        round_.after_match = found[-1][0]
        round_.save()
        return
    round_.ended_at = timezone.now()
    round_.save()
    body = {"revision": round_.revision, "compared": round_.compared, "matched": round_.matched}
    append(actor, [Act(ROUND, f"list/{round_.list.slug}", "", body)])
    if round_.again:
        _begin(round_, round_.list.revision)
