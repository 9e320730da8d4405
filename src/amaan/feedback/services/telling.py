"""Telling partners: numbers without gaps, each partner its own, and what they say arrived."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from amaan.authority.actors import Actor
from amaan.bundles.selectors import fronts_of
from amaan.feedback.domain.cursors import read_cursor, write_cursor
from amaan.feedback.models import Acknowledged, Feedback, Stream, Told
from amaan.feedback.permissions import require_system
from amaan.feedback.selectors import Item, stream_of
from amaan.ledger.services import Act, append
from amaan.referrals.domain.wire import Sender
from amaan.reports.selectors.referring import entity_named, referred
from amaan.store.rows import on_postgres

SLICE: Final = 200
ASKED_AGAIN: Final = timedelta(days=1)
"""So long a copy of a report waits further, whose own sender may not be told yet."""
MOST_A_PAGE: Final = 500
MOST_ACKNOWLEDGED: Final = 1000


@transaction.atomic
def tell_some(actor: Actor) -> int:
    """Put what is due and not held back into the streams of its entities; how many.

    An entity's stream is locked until this commits, so numbers become visible in their order and none is skipped.
    """
    require_system(actor)
    now = timezone.now()
    due = Feedback.objects.filter(withheld=False, revision__gt=F("told"), tell_from__lte=now)
    if not due.exists():
        return 0
    due = due.order_by("tell_from", "id")
    rows = list((due.select_for_update(skip_locked=True) if on_postgres() else due)[:SLICE])
    held = _with_their_fronts(rows, now)
    Feedback.objects.filter(pk__in=held).update(tell_from=now + ASKED_AGAIN)
    rows = [row for row in rows if row.pk not in held]
    known = {one.report_id: one for one in referred([row.report_id for row in rows])}
    by_entity: dict[int, list[Feedback]] = defaultdict(list)
    for row in rows:
        by_entity[row.entity_id].append(row)
    acts: list[Act] = []
    told: list[Told] = []
    for entity in sorted(by_entity):  # always in one order, so that no two wait for each other in a ring
        Stream.objects.get_or_create(entity_id=entity)
        streams = Stream.objects.filter(entity_id=entity)
        stream = (streams.select_for_update() if on_postgres() else streams).get()
        for number, row in enumerate(by_entity[entity], start=stream.last + 1):
            report = known[row.report_id]
            told.append(
                Told(
                    entity_id=entity,
                    number=number,
                    report_id=row.report_id,
                    report_number=report.number,
                    revision=row.revision,
                    code=row.code,
                    missing=row.missing,
                    at=now,
                )
            )
            body = {"code": row.code, "revision": row.revision, "number": number}
            acts.append(Act("feedback.told", report.reference, report.unit, body))
        stream.last += len(by_entity[entity])
        stream.save(update_fields=["last"])
    Told.objects.bulk_create(told)
    Feedback.objects.filter(pk__in=[row.pk for row in rows]).update(told=F("revision"))
    append(actor, acts)
    return len(rows)


def _with_their_fronts(rows: Sequence[Feedback], now: datetime) -> set[int]:
    """Of these rows, those that follow a decision upon another report that is held back or waits: a copy must not tell
    what its front may not. What a person said of the copy itself goes out."""
    fronts = fronts_of([row.report_id for row in rows if row.derived])
    silent = Feedback.objects.filter(report_id__in=set(fronts.values()))
    silent = silent.filter(Q(withheld=True) | Q(tell_from__gt=now))
    waiting = set(silent.values_list("report_id", flat=True))
    return {row.pk for row in rows if fronts.get(row.report_id) in waiting and row.derived}


@dataclass(frozen=True)
class Page:
    """A page of a partner's stream. `cursor` goes on after its last item; the same as was given where there is none."""

    items: list[Item]
    cursor: str
    more: bool


@transaction.atomic
def read_stream(sender: Sender, *, cursor: str, limit: int) -> Page:
    """What a partner has not read yet, of its own entity's reports and no other's. A page that is not empty is one
    entry in the ledger, written before the answer. Raises BadCursor."""
    after = read_cursor(cursor)
    limit = max(1, min(MOST_A_PAGE, limit))
    entity = entity_named(sender.entity)
    found = stream_of(entity, after=after, limit=limit + 1) if entity is not None else []
    items = found[:limit]
    if items:
        body = {"first": items[0].number, "last": items[-1].number, "user": sender.user}
        append(sender.actor, [Act("feedback.read", f"platform:{sender.id}", sender.unit, body)])
    last = items[-1].number if items else after
    return Page(items, write_cursor(last) if last else "", len(found) > limit)


@transaction.atomic
def acknowledge(sender: Sender, *, numbers: Sequence[int]) -> tuple[int, list[int]]:
    """Note that items of the partner's own stream arrived: how many of `numbers` stand as arrived now, and which of
    them are none of its items. Saying it again changes nothing."""
    wanted = set(numbers)
    entity = entity_named(sender.entity)
    rows = (
        Told.objects.filter(entity_id=entity, number__in=wanted)
        if entity is not None
        else Told.objects.none()
    )
    known = dict(rows.values_list("number", "pk"))
    standing = set(Acknowledged.objects.filter(told_id__in=known.values()).values_list("told_id", flat=True))
    fresh = sorted(set(known.values()) - standing)
    now = timezone.now()
    Acknowledged.objects.bulk_create(
        [Acknowledged(told_id=told, by=sender.actor.key, at=now) for told in fresh], ignore_conflicts=True
    )
    if fresh:
        body = {"count": len(fresh), "user": sender.user}
        append(sender.actor, [Act("feedback.acknowledged", f"platform:{sender.id}", sender.unit, body)])
    return len(known), sorted(wanted - known.keys())
