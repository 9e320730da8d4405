"""Reports as their senders know them: by entity, number and the facts of the newest telling."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import orjson
from django.db.models import F, Min

from amaan.reports.domain.facts import Facts
from amaan.reports.domain.preparing import entity_key
from amaan.reports.models import Entity, Report, Version


class Referred(NamedTuple):
    """A report as its sender knows it. `source` is the way that its newest telling came; `number` the sender's own."""

    report_id: int
    reference: str
    entity_id: int
    number: str
    unit_id: int
    unit: str
    source: str
    facts: Facts


def _referred(rows: Iterable[tuple[Any, ...]]) -> list[Referred]:
    return [Referred._make((*row[:-1], orjson.loads(row[-1]))) for row in rows]


_REFERRED: Final = (
    *("report_id", "report__reference", "report__entity_id", "report__number"),
    *("report__unit_id", "report__unit__code", "source", "facts"),
)


def referred(report_ids: Sequence[int]) -> list[Referred]:
    """These reports by their newest telling, in the order of ids. Unknown ids are left out."""
    rows = Version.objects.filter(report_id__in=list(report_ids), number=F("report__version"))
    return _referred(rows.order_by("report_id").values_list(*_REFERRED))


def referred_between(begin: datetime, end: datetime, *, after: int, limit: int) -> list[Referred]:
    """Reports received from `begin` on and before `end`, by their newest telling, in the order of ids after `after`."""
    rows = Version.objects.filter(
        number=F("report__version"),
        report__received_at__gte=begin,
        report__received_at__lt=end,
        report_id__gt=after,
    )
    return _referred(rows.order_by("report_id").values_list(*_REFERRED)[:limit])


def first_received() -> datetime | None:
    """When the oldest report came in."""
    first: datetime | None = Report.objects.aggregate(first=Min("received_at"))["first"]
    return first


def entity_named(name: str) -> int | None:
    """The row id of the reporting entity of that name, however it is spelt; None where nothing came from it."""
    return Entity.objects.filter(key=entity_key(name)).values_list("pk", flat=True).first()


def entity_names(entity_ids: Iterable[int]) -> dict[int, str]:
    return dict(Entity.objects.filter(pk__in=set(entity_ids)).values_list("pk", "name"))
